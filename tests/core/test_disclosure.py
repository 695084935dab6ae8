"""Which figures may not be shown (R31), however a series' neighbours are judged."""

from dataclasses import replace

import numpy as np
import pytest

from alertd.core.disclosure import disclosed, is_hidden
from alertd.core.evaluate import verdict_at
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


@pytest.mark.parametrize("worse_by", ["1 percent", "5 percent", "50 percent", "3"])
def test_limits_about_one_hidden_figure_are_not_shown_for_it_is_their_middle(worse_by):
    change = {"versus": "previous period", "worse_by": worse_by}
    found = verdicts(rule(change=change, accept_noise="yes"), block([12.0, 14.0, 7.0, 20.0]), of=measure(count="n"))
    for row, bare in ((1, False), (3, True)):
        seen = disclosed(
            verdict_at(found, row, 0, None),
            rule(change=change, accept_noise="yes"),
            measure(count="n"),
            found,
            range(row),
            SmallNumbers(fewer_than=10),
        ).verdict
        assert np.isnan([seen.centre, seen.lower, seen.upper]).tolist() == [bare] * 3
        assert seen.value == (20 if bare else 14)


def test_limits_between_which_one_whole_number_lies_are_not_shown():
    chart = rule(spc={"chart": "xmr", "rules": "three-sigma", "baseline": "first 12 periods"})
    found = verdicts(chart, block([7.0] * 12 + [20.0]), of=measure(count="n"))
    narrow = replace(verdict_at(found, 12, 0, None), lower=6.6, upper=7.4)
    seen = disclosed(narrow, chart, measure(count="n"), found, range(12), SmallNumbers(fewer_than=10))
    assert seen.rounded
    assert np.isnan([seen.verdict.lower, seen.verdict.upper]).all()
