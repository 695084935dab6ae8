"""Odd figures: whatever a series holds, a model is fitted or the series is named, and no simulated figure is without bound."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alertd.core.incontrol import InControl, simulate
from alertd.core.measures import Measure
from alertd.core.series import Events, SeriesBlock
from tests.core.incontrol import fitted, series_of
from tests.core.make import measure

KINDS = {
    "value": {"value": "v"},
    "value-from-nought": {"value": "v", "minimum": 0, "maximum": 100, "resolution": 0.1},
    "count": {"count": "n"},
    "share": {"numerator": "n", "denominator": "d", "unit": "percent"},
    "rate": {"count": "n", "denominator": {"column": "d", "kind": "exposure", "per": 1000}},
    "pooled": {"numerator": "n", "denominator": "d", "pool": {"until_denominator": 60, "at_most": "3 periods"}},
    "survey": {"value": "v", "standard_error": "e"},
    "ratio": {"ratio": {"of": ["a", "b"], "to": ["c", "d"]}},
    "event": {"event": {"date": "period"}},
    "grade": {"grade": "g", "scale": ["Poor", "Fair", "Good"]},
    "grades": {"grade": "g", "scale": ["Poor", "Fair", "Good"], "aggregate": "rows"},
    "rolling": {"value": "v", "window": {"length": "12 months", "judge_every": "12 months"}},
    "sparse": {"count": "n", "absent": "zero"},
}
FIGURES = st.sampled_from([0.0, 1.0, 2.0, 0.1, 5e-324, 1e-300, 7.0, 1e6, 1e15, 1e150, 9e299, -1.0, -1e299])
COLUMNS = st.one_of(
    st.just("nothing"),
    st.just("noughts"),
    st.just("plain"),
    st.tuples(st.sampled_from(["constant", "one", "last", "few"]), FIGURES),
    st.lists(st.one_of(st.none(), FIGURES), min_size=1, max_size=50),
)


def column(what: object, periods: int, rng: np.random.Generator) -> np.ndarray:
    made = np.full(periods, np.nan)
    match what:
        case "noughts":
            made[:] = 0
        case "plain":
            made[:] = rng.poisson(6, periods)
        case ("constant", figure):
            made[:] = figure
        case ("one", figure):
            made[periods // 2] = figure
        case ("last", figure):
            made[-1] = figure
        case ("few", figure):
            made[-4:] = figure
        case list():
            for row, figure in enumerate(what[:periods]):
                made[row] = np.nan if figure is None else figure
    return made


def odd_block(of: Measure, value: np.ndarray, rng: np.random.Generator) -> SeriesBlock:
    """A block that the warehouse could have given: its figures are of the measure's kind."""
    if of.value is None and of.ratio is None:
        value = np.abs(value)
    if of.grade is not None:
        value = np.where(np.isnan(value), np.nan, 1 + value % 3 // 1)
    if of.ratio is not None:
        value = np.abs(value)
        logs = np.log(np.where(value > 0, value, 0.5))
        return series_of(value, log_value=logs)
    if of.denominator is not None:
        whole = np.where(np.isnan(value), np.nan, rng.choice([1.0, 3.0, 250.0, 1e9, 1e299], value.shape))
        if of.pool is not None:
            whole = np.where(rng.random(value.shape) < 0.2, 0.0, whole)
        cases = np.minimum(value, whole) if of.is_share else value
        with np.errstate(all="ignore"):
            figure = cases * of.factor / whole
        bad = ~(np.abs(figure) < 1e300) & (whole > 0)
        cases, whole = np.where(bad, np.nan, cases), np.where(bad, np.nan, whole)
        return series_of(np.where(bad, np.nan, figure), numerator=cases, denominator=whole)
    if of.event is not None:
        value = np.minimum(value, 9)
        empty = Events(at=np.empty(0), column=np.empty(0, dtype=np.int64))
        return series_of(value, events=empty)
    if of.standard_error is not None:
        error = rng.choice([0.0, 1.0, 1e150, np.nan], value.shape)
        return series_of(value, standard_error=error)
    if of.aggregate is not None:
        grades = rng.choice([0.0, 1.0, 4.0], (3, *value.shape))
        return series_of(value, grades=np.where(np.isnan(value), np.nan, grades))
    return series_of(value)


def arrays(block: SeriesBlock) -> list[np.ndarray]:
    named = ("value", "numerator", "denominator", "standard_error", "grades", "log_value")
    return [array for name in named if (array := getattr(block, name)) is not None]


def holds(model: InControl, real: SeriesBlock) -> None:
    again = simulate(model, 30, np.random.default_rng(5))
    assert again.keys == real.keys
    for array in arrays(again):
        assert not np.isinf(array).any()
    unknown = np.isnan(model.level)
    assert {real.keys[j] for j in np.flatnonzero(unknown)} == set(model.left_out)
    assert np.isnan(again.value[:, unknown]).all()
    assert not again.present[:, unknown].any()
    if real.numerator is not None and real.denominator is not None and model.measure.is_share:
        there = ~np.isnan(again.value)
        assert (again.numerator[there] <= again.denominator[there]).all()
    if model.measure.value is None and model.measure.ratio is None:
        assert not (again.value < 0).any()


@pytest.mark.parametrize("kind", KINDS)
@given(columns=st.lists(COLUMNS, min_size=1, max_size=5), periods=st.integers(1, 50), seed=st.integers(0, 1_000))
@settings(max_examples=40, deadline=None)
def test_no_block_is_too_odd(kind, columns, periods, seed):
    of, rng = measure(**KINDS[kind]), np.random.default_rng(seed)
    real = odd_block(of, np.stack([column(what, periods, rng) for what in columns], axis=1), rng)
    holds(fitted(of, real), real)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_at_all_is_no_error(kind):
    of, rng = measure(**KINDS[kind]), np.random.default_rng(1)
    whole = odd_block(of, np.stack([rng.poisson(6, 40).astype(float)] * 2, axis=1), rng)
    model = fitted(of, whole, settled=0)
    assert set(model.left_out) == set(whole.keys)
    holds(model, whole)
    nobody = whole.take([])
    assert simulate(fitted(of, nobody), 12, rng).value.shape == (12, 0)
    assert fitted(of, nobody).left_out == {}


@pytest.mark.parametrize("kind", ["value", "survey", "rolling"])
def test_a_constant_series_stays_constant_unless_its_survey_is_unsure(kind):
    real = odd_block(measure(**KINDS[kind]), np.full((40, 2), 7.0), np.random.default_rng(1))
    if real.standard_error is not None:
        real = replace(real, standard_error=np.zeros((40, 2)))
    np.testing.assert_array_equal(
        simulate(fitted(measure(**KINDS[kind]), real), 20, np.random.default_rng(1)).value, 7.0
    )
