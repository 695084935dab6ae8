"""Which figures may not be shown (R31), however a series' neighbours are judged."""

import numpy as np

from alertd.core.disclosure import is_hidden
from alertd.core.measures import SmallNumbers
from tests.core.make import block, measure, rule, verdicts


def test_a_count_is_hidden_also_beside_series_that_are_judged_by_the_gaps_between_events():
    """A rule chooses a chart for each series; of rare ones the number of events is shown apart, and of others not."""
    random = np.random.default_rng(1)
    common, rare = random.poisson(6, 40).astype(float), random.poisson(0.3, 40).astype(float)
    found = verdicts(rule(spc="mdc"), block(common.tolist(), rare.tolist()), of=measure(count="n"))
    assert found.gap is not None
    assert found.gap.any(axis=0).tolist() == [False, True]
    alone = found.take([0])
    hidden = [is_hidden(measure(count="n"), alone, row, SmallNumbers(fewer_than=5)) for row in range(40)]
    assert hidden == [bool(0 < count < 5) for count in common]
    gaps = [is_hidden(measure(count="n"), found.take([1]), row, SmallNumbers(fewer_than=5)) for row in range(40)]
    assert gaps == [bool(0 < count < 5) for count in rare], "a gap of three days is no small number"
