"""What holds for every detector: the future changes nothing, neither does the order of series; what is missing never signals."""

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alertd.core.calendar import Annotation, Calendar
from alertd.core.measures import Measure
from alertd.core.periods import Grain, Period
from alertd.core.rules import DETECTORS, Rule
from alertd.core.series import Capacity, Events, SeriesBlock
from alertd.core.verdicts import State, Verdicts
from tests.core.make import measure, rule, verdicts

QUICK = settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)

VALUE = {"value": "v"}
COUNT = {"count": "n"}
SHARE = {"numerator": "n", "denominator": "d", "unit": "percent"}
RATE = {"count": "n", "denominator": {"column": "d", "kind": "exposure", "per": 1000}}
POOLED = {**SHARE, "pool": {"until_denominator": 60, "at_most": "3 periods"}}
SURVEY = {"value": "v", "standard_error": "e"}
RATIO = {"ratio": {"of": ["a", "b"], "to": ["c", "d"]}}
EVENT = {"event": {"date": "period"}}
GRADE = {"grade": "g", "scale": ["Inadequate", "Requires improvement", "Good", "Outstanding"]}

CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "threshold": (VALUE, {"threshold": {"above": 60}}),
    "threshold-for": (VALUE, {"threshold": {"above": 55}, "for": "2 of 3 periods", "clear": {"below": 50}}),
    "xmr": (VALUE, {"spc": "mdc"}),
    "xmr-screened": (VALUE, {"spc": {"chart": "xmr", "screen": True, "rules": "western-electric-1956"}}),
    "xmr-nelson": (VALUE, {"spc": {"chart": "xmr", "rules": "nelson-1984", "baseline": "first 18 periods"}}),
    "xmr-plotthedots": (
        VALUE,
        {"spc": {"rules": "nhsr-plotthedots", "baseline": {"from": "2015-01", "to": "2016-12"}}},
    ),
    "run": (VALUE, {"spc": {"chart": "run"}}),
    "p": (SHARE, {"spc": {"chart": "p"}}),
    "pp": (SHARE, {"spc": {"chart": "pp", "min_denominator": 20}}),
    "share-default": (SHARE, {"spc": "mdc"}),
    "u": (RATE, {"spc": {"chart": "u"}}),
    "up": (RATE, {"spc": {"chart": "up", "exact_below": 0}}),
    "c": (COUNT, {"spc": {"chart": "c"}}),
    "count-default": (COUNT, {"spc": "mdc"}),
    "t": (COUNT, {"spc": {"chart": "t"}}),
    "g": (RATE, {"spc": {"chart": "g"}}),
    "g-textbook": (VALUE, {"spc": {"chart": "g_3sigma"}}),
    "cusum": (VALUE, {"drift": {"method": "cusum", "h": 4.5}}),
    "ewma": (VALUE, {"drift": {"method": "ewma", "lambda": 0.2, "width": 2.9}}),
    "farrington": (COUNT, {"seasonal": {"method": "farrington_flexible", "years": 3}}),
    "farrington-rate": (
        RATE,
        {"seasonal": {"method": "farrington_flexible", "years": 3, "noperiods": 1, "threshold": "delta"}},
    ),
    "ears_c1": (COUNT, {"seasonal": {"method": "ears_c1"}}),
    "ears_c2": (COUNT, {"seasonal": {"method": "ears_c2"}}),
    "adjusted": (VALUE, {"seasonal": {"method": "adjusted_xmr"}}),
    "funnel": (SHARE, {"funnel": {"min_peers": 3, "last": "3 periods"}}),
    "funnel-plain": (RATE, {"funnel": {"min_peers": 3, "overdispersion": "none"}}),
    "change": (VALUE, {"change": {"versus": "previous period", "worse_by": "10 percent"}, "accept_noise": "wanted"}),
    "change-year": (VALUE, {"change": {"versus": "same period last year", "worse_by": "5"}, "accept_noise": "wanted"}),
    "pooled": (POOLED, {"spc": "mdc"}),
    "pooled-threshold": (POOLED, {"threshold": {"above": 60}}),
    "survey": (SURVEY, {"spc": "mdc"}),
    "survey-threshold": (SURVEY, {"threshold": {"above": 55}}),
    "ratio": (RATIO, {"spc": "mdc"}),
    "ratio-ewma": (RATIO, {"drift": {"method": "ewma", "lambda": 0.2, "width": 2.9}}),
    "events": (EVENT, {"spc": {"chart": "t"}}),
    "rating": (GRADE, {"rating": {"dropped": "1 grade"}}),
    "forecast": (VALUE, {"forecast": {"capacity": "c"}}),
    "forecast-count": (COUNT, {"forecast": {"capacity": "c", "within": "6 periods", "confidence": 60}}),
    "rating-poor": (GRADE, {"rating": {"at_or_below": "Requires improvement"}}),
}
ALONE = [name for name, (_, detector) in CASES.items() if "funnel" not in detector]
"""Detectors that judge a series by itself."""


ARRAYS = ("value", "numerator", "denominator", "present", "standard_error", "log_value")


def block_of(figures: dict[str, Any], seed: int, periods: int = 66, series: int = 6, gaps: float = 0.06) -> SeriesBlock:
    """A block of plausible figures of a kind, with gaps, a surge and a series that hardly varies."""
    rng = np.random.default_rng(seed)
    shape = (periods, series)
    numerator = denominator = None
    if "grade" in figures:
        value = rng.integers(1, 5, shape).astype(float)
    elif "denominator" in figures:
        denominator = rng.integers(8, 400, shape).astype(float)
        numerator = rng.binomial(denominator.astype(int), 0.3).astype(float)
    elif "count" in figures or "event" in figures:
        value = rng.poisson(np.array([0.3, 0.6, 2, 9, 40, 300])[:series], shape).astype(float)
    elif "ratio" in figures:
        value = np.exp(rng.normal(0, 0.2, shape))
    else:
        value = np.round(rng.normal(50, 5, shape), 3)
        value[:, 1] = 50
        value[40:, 2] += 12
        value[-1, 3] = 95
    if numerator is not None and denominator is not None:
        numerator[-2, 0] = denominator[-2, 0]
        value = numerator * (100 if figures.get("unit") else 1000) / denominator
    lost = rng.random(shape) < gaps
    first = Period.containing(date(2015, 1, 1), Grain.MONTH).slot
    return SeriesBlock(
        measure="m", grain=Grain.MONTH, by=("place",), keys=tuple((f"P{j}",) for j in range(series)), first=first,
        value=np.where(lost, np.nan, value),
        numerator=None if numerator is None else np.where(lost, np.nan, numerator),
        denominator=None if denominator is None else np.where(lost, np.nan, denominator),
        present=~lost,
        standard_error=np.where(lost, np.nan, 2.0) if "standard_error" in figures else None,
        log_value=np.where(lost, np.nan, np.log(value)) if "ratio" in figures else None,
        events=events_of(np.where(lost, 0, value), first, rng) if "event" in figures else None,
        capacity=capacity_of(np.tile(np.array([52.0, 51, 60, 70, np.nan, 290])[:series], (periods, 1))),
    )  # fmt: skip


def capacity_of(figures: np.ndarray) -> Capacity:
    return Capacity(figures=figures, of=np.zeros(figures.shape, dtype=np.int64))


def events_of(counts: np.ndarray, first: int, rng: np.random.Generator) -> Events:
    """So many events a period, each on some day of it; common ones are left to counts."""
    placed = []
    for row, column in zip(*np.nonzero(counts), strict=True):
        begin = Period(Grain.MONTH, first + int(row)).start.date().toordinal() - date(1970, 1, 1).toordinal()
        placed += [(int(column), float(begin + day)) for day in np.sort(rng.integers(0, 28, int(counts[row, column])))]
    ordered = np.array(sorted(placed), dtype=float).reshape(-1, 2)
    return Events(at=ordered[:, 1], column=ordered[:, 0].astype(np.int64))


def parts(name: str) -> tuple[Rule, Measure, dict[str, Any]]:
    figures, detector = CASES[name]
    return rule(**detector), measure(**figures), figures


def cut(block: SeriesBlock, periods: int, start: int = 0) -> SeriesBlock:
    """The block as it was when it had only so many periods, or began only at one of them."""
    arrays = {name: getattr(block, name) for name in ARRAYS if getattr(block, name) is not None}
    begin, end = (
        (block.period(0) + row).start.date().toordinal() - date(1970, 1, 1).toordinal() for row in (start, periods)
    )
    events = block.events
    if events is not None:
        there = (events.at >= begin) & (events.at < end)
        events = Events(at=events.at[there], column=events.column[there])
    return replace(
        block,
        first=block.first + start,
        events=events,
        capacity=capacity_of(block.capacity.figures[start:periods]) if block.capacity is not None else None,
        **{name: array[start:periods] for name, array in arrays.items()},
    )


def same(one: Verdicts, other: Verdicts, *, rows: int | None = None) -> None:
    """Both say the same, limits to the last digits."""
    for name in ("state", "high", "low"):
        np.testing.assert_array_equal(getattr(one, name)[:rows], getattr(other, name)[:rows], err_msg=name)
    for name in ("value", "centre", "lower", "upper", "statistic"):
        ours, theirs = getattr(one, name), getattr(other, name)
        if ours is not None:
            np.testing.assert_allclose(ours[:rows], theirs[:rows], rtol=1e-9, atol=1e-9, err_msg=name)


def test_every_detector_is_looked_at_here() -> None:
    apart = {"freshness", "all_of", "any_of"}
    assert {name for _, detector in CASES.values() for name in detector} & set(DETECTORS) == set(DETECTORS) - apart


@pytest.mark.parametrize("name", CASES)
@given(seed=st.integers(0, 10_000), kept=st.integers(1, 65))
@QUICK
def test_a_later_figure_never_changes_an_earlier_verdict(name: str, seed: int, kept: int) -> None:
    one, what, figures = parts(name)
    block = block_of(figures, seed)
    same(verdicts(one, cut(block, kept), of=what), verdicts(one, block, of=what), rows=kept)


@pytest.mark.parametrize("name", CASES)
@given(seed=st.integers(0, 10_000))
@QUICK
def test_the_order_of_series_changes_nothing(name: str, seed: int) -> None:
    one, what, figures = parts(name)
    block = block_of(figures, seed)
    order = np.random.default_rng(seed + 1).permutation(len(block.keys))
    same(verdicts(one, block.take(order), of=what), verdicts(one, block, of=what).take(order.tolist()))


@pytest.mark.parametrize("name", ALONE)
@given(seed=st.integers(0, 10_000), column=st.integers(0, 5))
@QUICK
def test_a_series_alone_is_judged_as_among_others(name: str, seed: int, column: int) -> None:
    one, what, figures = parts(name)
    block = block_of(figures, seed)
    same(verdicts(one, block.take([column]), of=what), verdicts(one, block, of=what).take([column]))


@pytest.mark.parametrize("name", CASES)
@given(seed=st.integers(0, 10_000))
@QUICK
def test_the_newest_verdict_is_the_last_of_all_verdicts(name: str, seed: int) -> None:
    one, what, figures = parts(name)
    block = block_of(figures, seed)
    newest = verdicts(one, block, of=what, every_period=False)
    whole = verdicts(one, block, of=what)
    same(newest, whole.rows(whole.periods - 1, whole.periods))


@pytest.mark.parametrize("name", CASES)
@given(seed=st.integers(0, 10_000))
@QUICK
def test_what_is_missing_never_signals(name: str, seed: int) -> None:
    one, what, figures = parts(name)
    block = block_of(figures, seed, gaps=0.3)
    found = verdicts(one, block, of=what)
    missing = np.isnan(found.value)
    assert missing.any() or "t" in name or name == "g"
    assert not (found.high | found.low)[missing].any()
    assert set(found.state[missing].tolist()) <= {State.UNKNOWN.code}


@pytest.mark.parametrize("name", CASES)
def test_an_empty_block_and_a_single_figure_are_judged_without_complaint(name: str) -> None:
    one, what, figures = parts(name)
    block = block_of(figures, 5)
    for periods, series in ((1, 6), (66, 0), (2, 1)):
        found = verdicts(one, cut(block, periods).take(range(series)), of=what)
        assert found.state.shape == (periods, series)
    nothing = verdicts(one, replace(block, **{
        key: None if getattr(block, key) is None else np.full_like(getattr(block, key), np.nan)
        for key in ("value", "numerator", "denominator", "standard_error", "log_value")
    }), of=what)  # fmt: skip
    assert not (nothing.high | nothing.low).any()


@pytest.mark.parametrize("name", [name for name in CASES if name != "events"])  # single days lie unevenly by nature
def test_equal_figures_never_signal(name: str) -> None:
    """A series that never varies has nothing to tell, whatever its level."""
    one, what, figures = parts(name)
    block = block_of(figures, 7, gaps=0)
    level = 3.0 if "grade" in figures else 50.0
    block = replace(block, value=np.full_like(block.value, level))
    if block.log_value is not None:
        block = replace(block, log_value=np.log(block.value))
    if block.numerator is not None:
        block = replace(
            block, numerator=np.full_like(block.value, 100.0), denominator=np.full_like(block.value, 200.0),
            value=np.full_like(block.value, 50.0 if figures.get("unit") else 500.0),
        )  # fmt: skip
    found = verdicts(one, block, of=what)
    assert not (found.high | found.low).any()


@pytest.mark.parametrize(
    "name",
    [
        name
        for name, (figures, _) in CASES.items()
        if figures is VALUE
        and name not in ("threshold", "threshold-for", "g-textbook", "change", "change-year", "adjusted", "forecast")
    ],
)
@given(seed=st.integers(0, 10_000), shift=st.integers(-300, 300), scale=st.sampled_from((0.25, 2.0, 16.0)))
@QUICK
def test_shifting_and_scaling_a_series_shifts_and_scales_its_limits(
    name: str, seed: int, shift: int, scale: float
) -> None:
    one, what, figures = parts(name)
    block = block_of(figures, seed)
    before = verdicts(one, block, of=what)
    after = verdicts(one, replace(block, value=block.value * scale + shift), of=what)
    np.testing.assert_array_equal(after.state, before.state)
    np.testing.assert_array_equal(after.high, before.high)
    if before.statistic is None:
        for line in ("centre", "lower", "upper"):
            np.testing.assert_allclose(
                getattr(after, line), getattr(before, line) * scale + shift, rtol=1e-7, atol=1e-6
            )


@pytest.mark.parametrize(
    "name", [name for name in ALONE if "first" not in str(CASES[name]) and "from" not in str(CASES[name])]
)
def test_a_rebase_hides_the_past_from_every_detector(name: str) -> None:
    """After a rebase the same figures are judged as if the series began there."""
    one, what, figures = parts(name)
    block = block_of(figures, 11, gaps=0)
    start = block.period(20)
    calendar = Calendar(annotations={"a": Annotation.model_validate(
        {"id": "a", "effect": "rebase", "measures": "m", "from": str(start), "reason": "r", "agreed_by": "a"}
    )})  # fmt: skip
    rebased = verdicts(one, block, calendar, of=what)
    begun = cut(block, 66, start=20)
    fresh = verdicts(one, begun, of=what)
    same(rebased.rows(20, 66), fresh)


@pytest.mark.parametrize("name", [name for name in ALONE if CASES[name][0] in (COUNT, VALUE)])
def test_the_first_row_of_a_sparse_feed_changes_no_verdict_of_the_zeros_before_it(name: str) -> None:
    """An expected place has zeros from the beginning on, without a row: its first event must not start it anew."""
    one, what, _ = parts(name)
    figures = np.zeros((45, 1))
    figures[40] = 9
    sparse = SeriesBlock(
        measure="m", grain=Grain.MONTH, by=("place",), keys=(("A",),), first=540, value=figures, numerator=None,
        denominator=None, present=figures > 0,
    )  # fmt: skip
    same(verdicts(one, cut(sparse, 40), of=what), verdicts(one, sparse, of=what), rows=40)
