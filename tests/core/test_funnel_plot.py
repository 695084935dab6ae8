"""The lines of a funnel plot are those that the detector judges its places by."""

from dataclasses import replace

import numpy as np
import pytest

from alertd.core.funnel_plot import limits_over
from alertd.core.parameters.funnel import Funnel
from tests.core.make import block, measure, rule, verdicts

SHARE = {"numerator": "n", "denominator": "d"}
RATE = {"count": "n", "denominator": {"column": "d", "kind": "exposure"}}


@pytest.mark.parametrize("how", [SHARE, RATE], ids=["share", "rate"])
@pytest.mark.parametrize("overdispersion", ["adjusted", "none"])
def test_the_lines_pass_through_the_limits_of_every_place(how, overdispersion):
    random = np.random.default_rng(3)
    whole = np.array([[40.0, 90.0, 160.0, 300.0, 700.0, 1500.0]])
    cases = random.binomial(whole.astype(int), random.uniform(0.2, 0.4, whole.shape)).astype(float)
    given = replace(block(*(cases / whole).T.tolist()), numerator=cases, denominator=whole)
    of, asked = measure(**how), {"min_peers": 3, "overdispersion": overdispersion}
    found = verdicts(rule(funnel=asked), given, of=of)
    target, lower, upper = limits_over(Funnel(**asked), of.is_share, cases[0], whole[0], whole[0])
    assert of.factor * target == pytest.approx(found.centre[0, 0])
    assert of.factor * lower == pytest.approx(found.lower[0])
    assert of.factor * upper == pytest.approx(found.upper[0])
