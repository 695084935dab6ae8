"""What rules say of simulated figures: at the published false rates, of every kind of measure, and no more for a real step."""

import csv
from pathlib import Path

import numpy as np
import pytest

from alertd.core.incontrol import simulate
from alertd.core.rules import Rule
from alertd.core.verdicts import NOTABLE, State
from tests.core.incontrol import fitted, series_of
from tests.core.make import measure, rule, verdicts
from tests.core.test_every_detector import CASES, block_of

REFERENCE = Path(__file__).resolve().parents[3] / "shared" / "reference" / "noise_budget" / "false_alarm_rates.csv"
LIVE = 12


def false_rates(one: Rule, periods: int, *, step: float = 0.0, draws: int = 6) -> tuple[float, float]:
    """The share of live months with a sign, and openings a series and year, over simulated normal figures."""
    past = np.random.default_rng(1).normal(50, 5, (60, 1_500))
    past[-6:] += 5 * step
    model = fitted(measure(), series_of(past))
    months, openings = [], []
    for seed in range(draws):
        found = verdicts(one, simulate(model, periods, np.random.default_rng(seed)))
        told = (found.high | found.low) > 0
        live, before = told[-LIVE:], told[-LIVE - 1 : -1]
        months.append(live.mean())
        openings.append((live & ~before).sum(axis=0).mean() * 12 / LIVE)
    return float(np.mean(months)), float(np.mean(openings))


def test_normal_figures_tell_as_often_as_the_default_baseline_is_known_to():
    """Simulated elsewhere: 3.5 percent of months, and .30 openings a series and year."""
    months, openings = false_rates(rule(spc="mdc"), 72)
    assert months == pytest.approx(0.035, rel=0.15)
    assert openings == pytest.approx(0.30, rel=0.15)


@pytest.mark.skipif(
    not REFERENCE.is_file(), reason="the published rates are not beside the project (../shared/reference)"
)
@pytest.mark.parametrize(("rules", "of", "within"), [("three-sigma", "s3", 0.05), ("mdc", "mdc", 0.16)])
def test_false_rates_of_frozen_limits_are_the_published_ones(rules, of, within):
    """Our runs reach back into the baseline, theirs do not, so that ours are somewhat more often complete."""
    with REFERENCE.open(newline="") as file:
        (cell,) = [
            row for row in csv.DictReader(file)
            if (row["model"], row["mode"], row["n"], row["rules"]) == ("gauss", "fixed", "24", of)
        ]  # fmt: skip
    chart = rule(spc={"baseline": "first 24 periods", "screen": True, "rules": rules})
    months, openings = false_rates(chart, 24 + LIVE)
    assert months == pytest.approx(float(cell["far_pt"]), rel=within)
    assert openings == pytest.approx(float(cell["openings_year"]), rel=within)


def test_a_real_step_of_late_makes_no_series_noisier():
    past = np.random.default_rng(1).normal(50, 5, (60, 300))
    stepped = past.copy()
    stepped[-6:] += 15
    before, after = (fitted(measure(), series_of(value)) for value in (past, stepped))
    assert after.spread.mean() < 1.06 * before.spread.mean()
    assert after.autocorrelation == before.autocorrelation == 0
    plain, moved = (false_rates(rule(spc="mdc"), 60, step=step, draws=3) for step in (0, 3))
    assert moved == pytest.approx(plain, rel=0.08)


def test_one_month_that_stood_out_makes_no_series_noisier():
    past = np.random.default_rng(1).poisson(20, (60, 50)).astype(float)
    spoilt = past.copy()
    spoilt[np.arange(50) % 30 + 28, np.arange(50)] = 90
    of = measure(count="n")
    before, after = (fitted(of, series_of(value)) for value in (past, spoilt))
    assert after.spread.mean() == pytest.approx(before.spread.mean(), abs=0.05)
    np.testing.assert_allclose(after.level, before.level, rtol=0.05)


SEVERAL = {
    "grades-of-a-period": ({"grade": "g", "scale": ["Poor", "Fair", "Good"], "aggregate": "rows"},
                           {"rating": {"share_above": {"grade": "Poor", "share": "60 percent"}}}),
    "quantiles": ({"quantile": {"of": "t", "at": [0.5]}, "aggregate": "rows"}, {"spc": "mdc"}),
    "rolling-year": ({"value": "v", "grain": "month", "window": {"length": "12 months", "judge_every": "12 months"}},
                     {"threshold": {"above": 70}}),
    "ewma-of-shares": (CASES["p"][0], {"drift": {"method": "ewma", "lambda": 0.2, "width": 2.9}}),
}  # fmt: skip
KINDS = {**{name: case for name, case in CASES.items() if "forecast" not in case[1]}, **SEVERAL}
"""Forecasts are left out: they hold two measures against each other, which tests/journeys/test_forecast.py simulates."""
NEEDS_MORE = {"min_denominator", "change"}
"""Rules that do not know more than where there is no figure."""


@pytest.mark.parametrize("name", KINDS)
def test_rules_judge_simulated_figures_as_they_judge_real_ones(name):
    figures, detector = KINDS[name]
    of, one = measure(**figures), rule(**detector)
    real = block_of(figures, 3)
    if name == "grades-of-a-period":
        grades = np.random.default_rng(4).multinomial(12, [0.2, 0.3, 0.5], real.value.shape).astype(float)
        real = series_of(np.full(real.value.shape, 2.0), grades=np.moveaxis(grades, -1, 0))
    if name == "events":
        real = real.take(range(4))  # so many events a day are not rare
    model = fitted(of, real)
    block = simulate(model, 66, np.random.default_rng(1))
    assert (block.measure, block.grain, block.by, block.keys) == (real.measure, real.grain, real.by, real.keys)
    assert (block.first, block.periods) == (real.first, real.periods)
    for part in ("numerator", "denominator", "standard_error", "grades", "events", "log_value", "reference"):
        assert (getattr(block, part) is None) == (getattr(real, part) is None), part
    found = verdicts(one, block, of=of)
    assert found.keys == real.keys
    unknown = found.state == State.UNKNOWN.code
    if found.gap is None and of.pool is None and not NEEDS_MORE & set(str(detector).split("'")):
        np.testing.assert_array_equal(unknown, np.isnan(block.value) & (found.state != State.UNSETTLED.code))
    judged = ~unknown & ~np.isin(found.state, (State.LEARNING.code, State.UNSETTLED.code))
    assert judged.any()
    by_chance = "threshold" not in detector and "rating" not in detector and "change" not in detector
    if by_chance:  # what a level is held against says nothing of chance
        assert np.isin(found.state, NOTABLE)[judged].mean() < 0.2
