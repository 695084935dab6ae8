"""Charts of rare events: gaps between them, how long one may be, and how short four together may be (R9)."""

import warnings
from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import fdtr, fdtri

from alertd.core.calendar import Annotation, Calendar, Suppression
from alertd.core.detect.base import Known, Look, Signals
from alertd.core.detect.between import judge_between
from alertd.core.detect.gaps import clock_of, gaps_of
from alertd.core.detect.usual_gaps import FEWEST_GAPS
from alertd.core.detect.waiting import chance_of_four, chance_of_wait, longest_wait, sigmas
from alertd.core.measures import Measure
from alertd.core.parameters.spc import Spc
from alertd.core.periods import Grain, Period, parse_period
from alertd.core.series import Events, SeriesBlock
from tests.core.make import block, measure, rule, timeline, verdicts

EVENTS = measure(event={"date": "period", "complete_to": "c"})
TAIL = 0.00135


def events_block(*series: Sequence[float], periods: int, first: str = "2020-01") -> SeriesBlock:
    """A block of single events, given series by series as days since its first day."""
    start = parse_period(first)
    clock = clock_of(start.grain, start.slot, periods)
    at = np.array([clock[0] + day for one in series for day in sorted(one)])
    column = np.repeat(np.arange(len(series)), [len(one) for one in series])
    counts = np.zeros((periods, len(series)))
    np.add.at(counts, (np.searchsorted(clock, at, side="right") - 1, column), 1)
    return replace(block(*counts.T.tolist(), first=first), events=Events(at=at, column=column))


def look(series: SeriesBlock, of: Measure = EVENTS, excluded: Any = False, segment: Any = 0, rows: Any = None) -> Look:
    shape = series.value.shape
    known = Known(np.broadcast_to(excluded, shape), np.zeros(shape, bool), np.broadcast_to(np.asarray(segment), shape))
    return Look(measure=of, block=series, known=known, rows=np.arange(len(series.value)) if rows is None else rows)


def figures(found: Signals, column: int = 0) -> list[float]:
    assert found.figure is not None
    return found.figure[:, column].tolist()


def flags(mask: np.ndarray, column: int = 0) -> list[int]:
    return np.flatnonzero(mask[:, column]).tolist()


# How long and how short


@pytest.mark.parametrize("gaps", [1, 4, 12, 60])
def test_the_longest_wait_for_time_is_the_f_quantile_over_the_mean(gaps):
    total = np.array([30.0 * gaps])
    found = longest_wait(total, np.array([float(gaps)]), TAIL, trials=False)
    np.testing.assert_allclose(found, 30 * fdtri(2, 2 * gaps, 1 - TAIL), rtol=1e-9)
    np.testing.assert_allclose(chance_of_wait(found, total, np.array([float(gaps)]), trials=False), TAIL, rtol=1e-9)


def test_the_chance_of_four_gaps_in_time_is_the_f_distribution():
    found = chance_of_four(np.array([14.0]), np.array([600.0]), np.array([10.0]), trials=False)
    np.testing.assert_allclose(found, fdtr(8, 20, 14 / 4 / 60), rtol=1e-12)


def test_the_chances_of_cases_are_those_of_counting_every_arrangement():
    """Three events among seven trials came first; what the next wait or the next four do is counted out by hand."""
    total, count = 7, 3
    for wait in (1, 2, 5):
        # All m + 1 gaps take total + wait trials, the last of them an event: in how many is the last gap as long?
        trials = total + wait
        ways = [(0, *(place + 1 for place in places), trials) for places in combinations(range(trials - 1), count)]
        long = sum(one[-1] - one[-2] >= wait for one in ways) / len(ways)
        found = chance_of_wait(np.array([float(wait)]), np.array([7.0]), np.array([3.0]), trials=True)
        np.testing.assert_allclose(found, long, rtol=1e-12)
    for four in (4, 5, 7):
        trials = total + four
        ways = [(*places, trials - 1) for places in combinations(range(trials - 1), count + 3)]
        short = sum(one[3] + 1 <= four for one in ways) / len(ways)
        found = chance_of_four(np.array([float(four)]), np.array([7.0]), np.array([3.0]), trials=True)
        np.testing.assert_allclose(found, short, rtol=1e-12)


@pytest.mark.parametrize(
    ("total", "gaps"), [(6.0, 6.0), (7.0, 6.0), (14.5, 12.0), (200.0, 6.0), (40_000.0, 24.0), (1e7, 7.0)]
)
@pytest.mark.parametrize("tail", [0.5, 0.02275, TAIL, 3e-7])
def test_the_longest_wait_in_cases_has_just_that_chance(total, gaps, tail):
    longest = longest_wait(np.array([total]), np.array([gaps]), tail, trials=True)
    chance = chance_of_wait(longest, np.array([total]), np.array([gaps]), trials=True)
    assert longest == 1.0 or chance == pytest.approx(tail, rel=1e-6)


def test_cases_become_time_where_they_are_many():
    total, gaps = np.array([60_000.0]), np.array([12.0])
    for tail in (0.5, TAIL):
        ours = longest_wait(total, gaps, tail, trials=True)
        np.testing.assert_allclose(ours, longest_wait(total, gaps, tail, trials=False), rtol=1e-3)
    four = np.array([3000.0])
    np.testing.assert_allclose(
        chance_of_four(four, total, gaps, trials=True), chance_of_four(four, total, gaps, trials=False), rtol=0.02
    )


@pytest.mark.parametrize(("chart", "lowest"), [("t", 0.00105), ("g", 0.00085)])
def test_chance_alone_is_called_unusual_about_once_in_740_on_each_side(chart, lowest):
    """Eight gaps to learn from, four more to judge; the textbook's limit would be passed ten times as often."""
    rng = np.random.default_rng(1)
    draw = rng.exponential(30, (12, 100_000)) if chart == "t" else rng.geometric(1 / 30, (12, 100_000)) - 1.0
    values = replace(block([0.0]), keys=(("A",),) * draw.shape[1], value=draw, present=draw >= 0)
    one = look(values, measure(), rows=np.arange(8, 12))
    found = judge_between(Spc(chart=chart, baseline="first 8 periods"), one)
    for rate in ((found.high[0] != 0).mean(), (found.low[3] != 0).mean()):
        assert lowest < rate < 0.00165
    textbook = judge_between(Spc(chart="g_3sigma", baseline="first 8 periods"), one)
    assert (textbook.high[0] != 0).mean() > 0.015
    assert not textbook.low.any()


def test_open_gaps_are_called_too_long_no_more_often_than_closed_ones():
    """Judged at every month's end, each gap has one chance, whether it is seen open or closed."""
    rng = np.random.default_rng(2)
    periods, series = 72, 4000
    clock = clock_of(Grain.MONTH, 600, periods)
    counts = rng.poisson(0.03 * (clock[-1] - clock[0]), series)
    column = np.repeat(np.arange(series), counts)
    at = rng.uniform(clock[0], clock[-1], len(column))
    order = np.lexsort((at, column))
    at, row = at[order], np.searchsorted(clock, at[order], side="right") - 1
    value = np.bincount(row * series + column, minlength=periods * series).reshape(periods, series).astype(float)
    many = replace(block([0.0]), first=600, value=value, present=value >= 0, events=Events(at=at, column=column))
    found = judge_between(Spc(chart="t", baseline="first 36 periods"), look(many, rows=np.arange(36, periods)))
    began = (found.low[1:] != 0) & (found.low[:-1] == 0)
    assert 0.0008 < began.sum() / (row > 36).sum() < 0.0019
    bursts = (found.high[1:] != 0) & (found.high[:-1] == 0)
    assert 0.0003 < bursts.sum() / (row > 36).sum() < 0.0019, "neighbouring fours overlap, and are seen once"


# What a gap is


def test_a_period_shows_the_gap_that_closed_in_it_else_how_long_it_has_been():
    series = events_block([10, 40, 45], periods=4)  # 11 January, 10 and 15 February; leap year
    found = judge_between(Spc(chart="t"), look(series))
    assert figures(found) == [10, 5, 91 - 45, 121 - 45], "at first the wait from the beginning of the data"
    assert found.learning.all()
    gaps = gaps_of(look(series), "t")
    assert gaps.whole[:-1].tolist() == [False, True, True], "and that wait is no gap between two events"


def test_figures_of_events_on_the_same_day_are_gaps_of_nought():
    found = judge_between(Spc(chart="t"), look(events_block([3, 3, 3.25], periods=1)))
    assert figures(found) == [0.25]


def test_the_events_of_a_counted_period_lie_evenly_in_it():
    series = block([1, 0, 2], first="2021-02")
    gaps = gaps_of(look(series, measure(count="n")), "t")
    assert gaps.gap[:-1].tolist() == [14, 14 + 31 + 7.5, 15]
    found = judge_between(Spc(chart="t"), look(series, measure(count="n")))
    assert figures(found) == [14, 14 + 31, 15]


def test_cases_between_events_are_counted_through_the_denominators():
    series = block([0.01, 0, 0.02])
    series = replace(series, numerator=np.array([[1.0], [0], [2]]), denominator=np.array([[100.0], [60], [100]]))
    share = measure(numerator="n", denominator="d")
    assert figures(judge_between(Spc(chart="g"), look(series, share))) == [50, 110, 50]
    assert figures(judge_between(Spc(chart="t"), look(series, share)))[1] == 15.5 + 29, (
        "a t chart counts days all the same"
    )
    plain = replace(series, numerator=None, denominator=None, value=np.array([[1.0], [0], [2]]))
    assert figures(judge_between(Spc(chart="g"), look(plain, share)))[1] == 15.5 + 29, "so does g without a denominator"


def test_many_events_in_a_period_cost_no_more_than_a_few():
    series = block([3, 100_000, 2], first="2021-01")
    gaps = gaps_of(look(series, measure(count="n")), "t")
    assert len(gaps.gap) - 1 == 3 + 10 + 2
    assert gaps.count[:, 0].tolist() == [0, 2, 100_002, 100_004]
    np.testing.assert_allclose(gaps.total[-1, 0], 31 + 28 + 31 - 31 / 6 - 31 / 4)
    assert gaps.four[12] == pytest.approx(4 * 28 / 100_000)


def test_a_missing_period_starts_the_clock_anew():
    series = events_block([10, 20, 70, 80], periods=4)  # January and March; February is not known
    series.value[1] = np.nan
    found = judge_between(Spc(chart="t"), look(series))
    assert np.isnan(figures(found)[1])
    assert found.missing[:, 0].tolist() == [False, True, False, False]
    gaps = gaps_of(look(series), "t")
    assert gaps.gap[:-1].tolist() == [10, 10, 10, 10], "20 to 70 would span what nobody knows; 60 is the first of March"
    assert gaps.whole[:-1].tolist() == [False, True, False, True]


def test_events_of_an_excluded_period_count_for_nothing():
    days = [5, 15, 25, 32, 33, 34, 35, 65, 75]
    excluded = np.array([[False], [True], [False]])
    gaps = gaps_of(look(events_block(days, periods=3), excluded=excluded), "t")
    assert gaps.gap[:-1].tolist() == [5, 10, 10, 5, 10]
    assert gaps.count[-1, 0] == 3


def test_a_rebase_starts_the_clock_and_the_baseline_anew():
    days = np.arange(5, 700, 10.0)
    segment = np.where(np.arange(24) < 12, 0, 12)[:, None]
    found = judge_between(
        Spc(chart="t", baseline="first 12 periods"), look(events_block(days, periods=24), segment=segment)
    )
    assert found.learning[:, 0].tolist() == [True] * 3 + [False] * 9 + [True] * 3 + [False] * 9
    assert figures(found)[11] == 10


@pytest.mark.parametrize("grain", list(Grain))
def test_the_clock_agrees_with_the_calendar(grain):
    clock = clock_of(grain, 401, 5)
    expected = [(Period(grain, 401 + k).start - Period(Grain.DAY, 0).start).total_seconds() / 86_400 for k in range(6)]
    np.testing.assert_allclose(clock, expected)


# What is judged


def test_limits_come_from_the_gaps_that_closed_in_the_baseline():
    days = [*range(5, 366, 30)]
    found = judge_between(Spc(chart="t", baseline="first 12 periods"), look(events_block(days, periods=14)))
    assert found.centre[13, 0] == 30
    assert found.upper[13, 0] == pytest.approx(30 * fdtri(2, 24, 1 - TAIL), rel=1e-9)
    assert np.isnan(found.lower).all(), "one gap alone is never too short"


@pytest.mark.parametrize(("multiplier", "tail"), [(2, 0.02275013), (3, 0.00135), (4, 3.167124e-05)])
def test_another_multiplier_is_another_tail(multiplier, tail):
    series = block([30.0] * 14)
    found = judge_between(Spc(chart="t", baseline="first 12 periods", multiplier=multiplier), look(series, measure()))
    assert found.upper[13, 0] == pytest.approx(30 * fdtri(2, 24, 1 - tail), rel=1e-6)


def test_a_gap_on_its_limit_is_not_beyond_it():
    limit = 30 * fdtri(2, 24, 1 - TAIL)
    one, spc = block([30.0] * 12 + [limit, limit * 1.0001]), Spc(chart="t", baseline="first 12 periods")
    assert flags(judge_between(spc, look(one, measure())).high) == [13]


def test_a_figure_that_is_a_gap_has_its_own_sides_and_a_gap_between_events_those_of_the_events():
    spc = Spc(chart="t", baseline="first 12 periods")
    given = judge_between(spc, look(block([30.0] * 12 + [400, 30, 1, 1, 1, 1]), measure()))
    assert (flags(given.high), flags(given.low)) == ([12], [17])
    days = [*range(5, 366, 30)]
    counted = judge_between(spc, look(events_block([*days, 640, 641, 642, 643, 644], periods=24)))
    assert flags(counted.low) == [20, 21]
    assert flags(counted.high) == [21]


def test_a_silence_is_news_before_it_ends():
    days = [*range(5, 366, 30)]
    found = judge_between(Spc(chart="t", baseline="first 12 periods"), look(events_block(days, periods=30)))
    beyond = [row for row, gap in enumerate(figures(found)) if row > 11 and gap > found.upper[row, 0]]
    assert flags(found.low) == beyond == list(range(20, 30))
    assert 0 < found.excess[20, 0] < found.excess[29, 0] < 3


def test_a_long_gap_is_seen_though_a_short_one_closed_after_it_in_the_same_period():
    days = [*range(5, 366, 30), 640, 642]
    found = judge_between(Spc(chart="t", baseline="first 12 periods"), look(events_block(days, periods=24)))
    assert flags(found.low) == [20, 21]
    assert figures(found)[21] == 640 - 365, "and it is the one that is shown"


def test_five_events_hold_until_the_first_of_them_lies_further_back_than_would_be_unusual():
    """Daily: not news for one day and over the next, nor until the next event, however long that takes."""
    days = [*range(0, 720, 60), 800, 803, 806, 809, 812]
    found = judge_between(
        Spc(chart="t", baseline="first 700 periods"), look(events_block(days, periods=900, first="2020-01-01"))
    )
    low = 4 * 60 * fdtri(8, 22, TAIL)
    assert flags(found.high) == [day for day in range(900) if day >= 812 and day + 1 - 800 < low]
    assert 813 < max(flags(found.high)) < 850


def test_no_limits_below_six_gaps_unless_the_author_says_so():
    series = block([30.0] * 9)
    spc = Spc(chart="t", baseline="all")
    assert not judge_between(spc, look(series, measure())).learning.any()
    short = look(block([30.0] * (FEWEST_GAPS - 1)), measure())
    assert judge_between(spc, short).learning.all()
    assert not judge_between(Spc(chart="t", baseline="all", min_baseline=5), short).learning.any()
    frozen = judge_between(Spc(chart="t", baseline="first 4 periods"), look(series, measure()))
    assert frozen.learning[:, 0].tolist() == [True] * 4 + [False] * 5, "a baseline of four can be learned from four"


def test_six_gaps_are_the_fewest_that_do_not_double_the_wait():
    def times_as_long(gaps: int) -> float:
        return float(fdtri(2, 2 * gaps, 1 - TAIL)) / -np.log(TAIL)

    assert times_as_long(FEWEST_GAPS) < 2 < times_as_long(FEWEST_GAPS - 1)


def test_gaps_without_any_length_say_nothing():
    found = judge_between(Spc(chart="t", baseline="first 8 periods"), look(block([0.0] * 8 + [1, 1]), measure()))
    assert found.learning.all()
    assert not (found.high | found.low).any()
    days = judge_between(Spc(chart="g", baseline="first 8 periods"), look(block([-1.0] * 8 + [1, 1]), measure()))
    assert days.missing[:8].all(), "a gap below nought is none"


def test_four_gaps_are_judged_by_what_came_before_them():
    """With a short gap of the rolling baseline the four lie in it too, and would otherwise excuse themselves."""
    values = block([30.0] * 12 + [0.5] * 4)
    found = judge_between(
        Spc(chart="t", baseline="last 12 periods", gap=1), look(values, measure(), rows=np.array([15]))
    )
    assert found.low[0, 0]
    chance = chance_of_four(np.array([2.0]), np.array([270.0]), np.array([9.0]), trials=False)
    assert found.excess[0, 0] == pytest.approx(float(sigmas(chance)[0]) - 3, rel=1e-9)


def test_four_gaps_in_a_row_are_not_joined_over_a_missing_one():
    values = [30.0] * 12 + [0.1, 0.1, None, 0.1, 0.1, 0.1, 0.1]
    found = judge_between(Spc(chart="t", baseline="first 12 periods"), look(block(values), measure()))
    assert flags(found.low) == [18]


def test_a_shift_is_a_run_of_gaps_on_one_side_of_what_half_of_them_exceed():
    spc = Spc(chart="t", rules="mdc", signals=["shift"], baseline="first 12 periods")
    values = [10.0, 20] * 6 + [14] * 8 + [16] * 7 + [15]
    found = judge_between(spc, look(block(values), measure()))
    assert flags(found.low) == [18, 19]
    assert flags(found.high) == [26]
    assert not found.excess.any()
    skewed = [80.0] * 5 + [10.0] * 7 + [15.0] * 8
    found = judge_between(spc, look(block(skewed), measure()))
    assert flags(found.high) == [18, 19], "39 is the mean, and 10 the median"


def test_an_open_gap_belongs_to_a_run_of_long_ones_and_ends_one_of_short_ones():
    spc = Spc(chart="t", rules="mdc", signals=["shift"], baseline="first 12 periods")
    short = [*range(0, 361, 30), *range(375, 466, 15)]
    found = judge_between(spc, look(events_block(short, periods=20)))
    assert flags(found.high) == [15], "the seventh short gap closes on 10 April; by the end of May it is long again"
    long = [*range(0, 361, 30), *range(410, 700, 50)]
    assert flags(judge_between(spc, look(events_block(long, periods=24))).low) == [22, 23]


def test_other_patterns_say_nothing_of_gaps():
    values = [30.0] * 12 + [31, 32, 33, 34, 35, 36, 37, 38, 100, 100]
    spc = Spc(chart="t", rules="mdc", signals=["trend", "two_in_three"], baseline="first 12 periods")
    found = judge_between(spc, look(block(values), measure()))
    assert not (found.high | found.low).any()


# The textbook's chart


def test_the_textbook_chart_has_three_sigma_of_a_geometric_gap_about_the_mean():
    values = [4.0, 8, 6, 2, 10, 6, 6, 6, 60]
    found = judge_between(Spc(chart="g_3sigma", baseline="first 8 periods"), look(block(values), measure()))
    assert (found.centre[8, 0], found.lower[8, 0]) == (6, 0)
    assert found.upper[8, 0] == pytest.approx(6 + 3 * np.sqrt(6 * 7))
    assert flags(found.high) == [8]
    assert found.excess[8, 0] == pytest.approx((60 - found.upper[8, 0]) / np.sqrt(42))


def test_its_centre_line_is_the_median_of_the_gaps():
    days = [0, 10, 30, 60, 100, 150, 210]
    found = judge_between(Spc(chart="g_3sigma", baseline="all"), look(events_block(days, [3], days[:-1], periods=8)))
    assert found.centre[7, 0] == 35
    assert found.learning[7].tolist() == [False, True, True]


# Against plain arithmetic, one series and one period after the other


def by_hand(
    series: SeriesBlock, column: int, row: int, known: np.ndarray, rebased: np.ndarray, length: int
) -> dict[str, Any]:
    """What the chart should say of one period, worked out event by event."""
    assert series.events is not None
    clock = clock_of(series.grain, series.first, series.periods)
    all_at = series.events.at[series.events.column == column]

    def row_of(at: float) -> int:
        return int(np.searchsorted(clock, at, side="right")) - 1

    def stretch(of: int) -> int:
        begin = of
        while begin > rebased[of] and known[begin - 1]:
            begin -= 1
        return begin

    at = [a for a in all_at if row_of(a) <= row and known[row_of(a)]]
    gaps = []  # (row, gap, whole)
    for k, a in enumerate(at):
        begin = stretch(row_of(a))
        whole = k > 0 and row_of(at[k - 1]) >= begin
        gaps.append((row_of(a), a - (at[k - 1] if whole else clock[begin]), whole))
    inside = [g for r, g, whole in gaps if whole and rebased[row] <= r < min(rebased[row] + length, row)]
    here = [g for r, g, _ in gaps if r == row]
    begin = stretch(row)
    recent = [a for a in at if row_of(a) >= begin]
    open_gap = clock[row + 1] - (recent[-1] if recent else clock[begin])
    mean = float(np.mean(inside)) if len(inside) >= FEWEST_GAPS else np.nan
    upper = mean * float(fdtri(2, 2 * len(inside), 1 - TAIL)) if len(inside) >= FEWEST_GAPS else np.nan
    longest = max([*here, open_gap])
    fours = []
    for k, (r, _, _) in enumerate(gaps):
        newest = k == len(gaps) - 1 and not here and recent
        if k >= 3 and (r == row or newest) and all(whole for _, _, whole in gaps[k - 3 : k + 1]):
            fours.append(sum(g for _, g, _ in gaps[k - 3 : k + 1]) + (0 if here else open_gap))
    return {
        "mean": mean, "upper": upper, "figure": longest if longest > upper else (here[-1] if here else open_gap),
        "long": longest > upper, "fours": fours, "gaps": inside,
    }  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_whole_arrays_say_what_plain_arithmetic_says(seed):
    rng = np.random.default_rng(seed)
    periods, series, length = 40, 3, 20
    days = [np.sort(rng.uniform(0, 1216, rng.poisson(rate))) for rate in (10, 40, 90)]
    days[2] = np.sort(np.concatenate([days[2], rng.uniform(900, 912, 6)]))
    made = events_block(
        *[[d for d in one if not 500 < d < 700 or j != 1] for j, one in enumerate(days)], periods=periods
    )
    lost = rng.random((periods, series)) < 0.04
    made.value[lost] = np.nan
    segment = np.zeros((periods, series), dtype=np.int64)
    segment[22:, 2] = 22
    spc = Spc(chart="t", baseline=f"first {length} periods")
    found = judge_between(spc, look(made, segment=segment))
    for column in range(series):
        for row in range(periods):
            assert found.missing[row, column] == lost[row, column]
            if lost[row, column]:
                continue
            hand = by_hand(made, column, row, ~lost[:, column], segment[:, column], length)
            np.testing.assert_allclose(found.centre[row, column], hand["mean"], rtol=1e-9)
            np.testing.assert_allclose(found.upper[row, column], hand["upper"], rtol=1e-9)
            np.testing.assert_allclose(figures(found, column)[row], hand["figure"], rtol=1e-9)
            assert bool(found.low[row, column]) == hand["long"]
            if row >= segment[row, column] + length + 12 and not np.isnan(hand["mean"]):
                limit = 4 * hand["mean"] * fdtri(8, 2 * len(hand["gaps"]), TAIL)
                clear_of_it = not hand["fours"] or abs(min(hand["fours"]) - limit) > 1e-9
                if clear_of_it and not _fours_reach_back(made, column, row, segment[row, column] + length):
                    assert bool(found.high[row, column]) == any(four < limit for four in hand["fours"])


def _fours_reach_back(series: SeriesBlock, column: int, row: int, baseline_end: int) -> bool:
    """Whether the last four gaps may lie in part in the baseline, which is then cut short for them."""
    assert series.events is not None
    clock = clock_of(series.grain, series.first, series.periods)
    at = series.events.at[(series.events.column == column) & (series.events.at < clock[row])]
    return len(at) < 6 or at[-6] < clock[baseline_end]


# R9: rare events as a leader would have them


def homicides(*days: float, periods: int) -> str:
    """The states of a place by a plain t chart, a letter a month."""
    return timeline(verdicts(rule(spc={"chart": "t"}), events_block(days, periods=periods), of=EVENTS))


def test_a_single_homicide_in_a_borough_with_a_low_rate_never_fires():
    assert set(homicides(400, periods=60)) == {"L"}
    usual = [*range(20, 1500, 240)]
    assert "X" not in homicides(*usual, periods=48)
    often = [*range(20, 1500, 75)]
    assert "X" not in homicides(*often, 1501, periods=60), "nor does a second one on the day after"


def test_five_homicides_within_a_fortnight_where_one_in_two_months_is_usual_fire():
    usual = [*range(20, 1000, 60)]
    seen = homicides(*usual, 1040, 1043, 1047, 1050, 1053, periods=36)
    assert seen[-2:] == "X.", "in the month of the fifth; a month later it is over"
    assert set(seen[:-2]) == {"L", "."}
    assert "X" not in homicides(*usual, 1040, 1043, 1047, 1050, periods=36), "four do not, so near the fourth before"


def test_two_years_of_silence_where_one_a_month_is_usual_is_an_improvement():
    usual = [*range(10, 1100, 30)]
    seen = homicides(*usual, periods=60)
    assert seen[36:] == "......." + "i" * 17, "it stands though the baseline has run empty meanwhile"
    calendar = Calendar()
    newest = verdicts(
        rule(spc={"chart": "t"}), events_block(usual, periods=60), calendar, of=EVENTS, every_period=False
    )
    assert timeline(newest) == "i"


def test_events_judged_with_the_calendar_of_the_home():
    days = [*range(5, 1090, 12)]
    calendar = Calendar(
        annotations={"a": Annotation.model_validate(
            {"id": "a", "effect": "rebase", "measures": "m", "from": "2021-07", "reason": "r", "agreed_by": "a"}
        )},
        suppressions={"s": Suppression.model_validate(
            {"id": "s", "effect": "exclude", "measures": "m", "from": "2020-04", "to": "2020-06", "reason": "r"}
        )},
    )  # fmt: skip
    seen = timeline(verdicts(rule(spc={"chart": "t", "gap": 1}), events_block(days, periods=36), calendar, of=EVENTS))
    assert (seen[:3], seen[3:6], seen[18:21]) == ("LLL", "mmm", "LLL")
    assert set(seen[6:18]) <= {"L", "."}
    assert set(seen[22:]) == {"."}


def test_a_count_that_no_integer_holds_is_many_events_and_not_none():
    counts = [1.0] * 20 + [1e30] + [1.0] * 3
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = verdicts(rule(spc={"chart": "t"}), block(counts), of=measure(count="n"))
    assert found.signals(20, 0) == ("astronomical",)
