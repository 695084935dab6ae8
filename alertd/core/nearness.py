"""How near one series is to a signal that it does not give, and how far its detector has come, in sentences.

Signals themselves come from the detectors; this only counts what leads up to them, by the limits of the judged period.
"""

import math
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise

import numpy as np

from alertd.core.baseline_rows import baseline_rows
from alertd.core.calendar import Calendar
from alertd.core.detect.run import fewest_crossings_allowed, longest_run_allowed
from alertd.core.durations import Span
from alertd.core.known import known_of
from alertd.core.measures import Measure
from alertd.core.periods import day_words, in_sentence
from alertd.core.rules import Rule
from alertd.core.series import Floats, SeriesBlock
from alertd.core.summary import expectation, figure
from alertd.core.verdicts import State, Verdict, Verdicts


def nearness(
    rule: Rule, measure: Measure, block: SeriesBlock, history: Verdicts, verdict: Verdict, calendar: Calendar
) -> tuple[str, ...]:
    """What leads up to a signal of one series (alone in `block` and `history`) at its judged period; sentences.

    `measure` is as the figure is to be read. Empty where nothing can be said, as where there is no usable figure.
    """
    row = verdict.period.slot - history.first
    if verdict.state in (State.UNKNOWN, State.UNSETTLED) and not rule.judged_now:
        return ()
    kinds: dict[str, Callable[[], Iterator[str]]] = {
        "threshold": lambda: _threshold(rule, measure, history, verdict, row),
        "spc": lambda: _chart(rule, measure, block, history, verdict, row, calendar),
        "drift": lambda: _drift(rule, measure, history, row),
        "seasonal": lambda: _share_of_the_way(measure, verdict),
        "funnel": lambda: _share_of_the_way(measure, verdict),
        "change": lambda: _change(measure, verdict),
        "forecast": lambda: _forecast(rule, measure, verdict),
        "rating": lambda: _rating(rule, measure, history, verdict, row, calendar),
        "freshness": lambda: _freshness(rule, measure, block, calendar),
    }
    return tuple(kinds[rule.kind]()) if rule.kind in kinds else ()


def _threshold(rule: Rule, measure: Measure, history: Verdicts, verdict: Verdict, row: int) -> Iterator[str]:
    fired = (history.high[: row + 1, 0] | history.low[: row + 1, 0]) != 0
    if rule.for_ is not None:
        recent = fired[max(0, row - rule.for_.of + 1) :]
        stretch = f"the last {rule.for_.of} {measure.grain.words}s"
        yield f"Its condition held in {int(recent.sum())} of {stretch}; it fires at {rule.for_.need}."
    if fired[-1] or math.isnan(verdict.value) or rule.threshold is None:
        return
    given = rule.threshold.model_dump(exclude_none=True)
    bounds = [float(one) for bound in given.values() for one in (bound if isinstance(bound, tuple) else (bound,))]
    nearest = min(bounds, key=lambda bound: abs(bound - verdict.value))
    yield f"It lies {_points(abs(nearest - verdict.value), measure)} from {figure(nearest, measure)}."


def _chart(
    rule: Rule,
    measure: Measure,
    block: SeriesBlock,
    history: Verdicts,
    verdict: Verdict,
    row: int,
    calendar: Calendar,
) -> Iterator[str]:
    spc = rule.spc
    assert spc is not None
    if math.isnan(verdict.centre):
        return
    known = known_of(measure, block, calendar)
    first = int(known.segment[row, 0]) if row < len(known.segment) else 0
    figures = history.value[: row + 1, 0].copy()
    figures[:first] = np.nan
    figures[known.excluded[: row + 1, 0]] = np.nan
    if history.gap is not None:
        figures[~history.gap[: row + 1, 0] if verdict.gap else history.gap[: row + 1, 0]] = np.nan
    wanted = spc.signals or spc.rule_set.signals
    if measure.overlapping and spc.chart != "run":
        wanted = ("astronomical",)
    if spc.chart == "run":
        rows = baseline_rows(rule, measure, block, calendar, verdict.period)
        yield from _run_chart(figures[(rows[0] if rows else first) :], verdict.centre)
        return
    if verdict.gap:
        yield from _share_of_the_way(measure, verdict)
        return
    if "astronomical" not in verdict.signals:
        yield from _share_of_the_way(measure, verdict)
    grain = measure.grain.words
    side, count = _side_run(figures, verdict.centre)
    if "shift" in wanted and "shift" not in verdict.signals and count > 1:
        need = spc.rule_set.shift
        yield f"{count} of the {need} {grain}s in a row that would be a run lie {side} its usual level."
    way, count = _trend(figures)
    if "trend" in wanted and "trend" not in verdict.signals and count > 2:
        yield f"{count} of the {spc.rule_set.trend} {grain}s in a row that would be a trend, {way}."
    if "two_in_three" in wanted and not {"two_in_three", "astronomical"} & set(verdict.signals):
        limit = verdict.upper if verdict.value > verdict.centre else verdict.lower
        if abs(verdict.value - verdict.centre) > 2 / 3 * abs(limit - verdict.centre):
            yield f"It lies in the outer third of its range: another such {grain} within the next two is a signal."


def _side_run(figures: Floats, centre: float) -> tuple[str, int]:
    """On which side of the centre line the newest figures run, and how many of them."""
    count, above = 0, False
    for value in figures[::-1].tolist():
        if math.isnan(value) or value == centre or (count and (value > centre) is not above):
            break
        above = value > centre
        count += 1
    return ("above" if above else "below"), count


def _trend(figures: Floats) -> tuple[str, int]:
    """Which way the newest figures move, and how many of them do all the way."""
    count, rising = 1, False
    for newer, older in pairwise(figures[::-1].tolist()):
        if math.isnan(newer) or math.isnan(older) or newer == older or (count > 1 and (newer > older) is not rising):
            break
        rising = newer > older
        count += 1
    return ("each above the one before" if rising else "each below the one before"), count


def _run_chart(figures: Floats, centre: float) -> Iterator[str]:
    """The two tests of a run chart, by how much they were passed or failed."""
    longest = length = useful = crossings = chances = side = 0
    for value in figures.tolist():
        if math.isnan(value):
            side = length = 0
            continue
        here = (value > centre) - (value < centre)
        if here == 0:
            continue
        chances += side != 0
        crossings += side == -here
        length = length + 1 if side == here else 1
        useful, side, longest = useful + 1, here, max(longest, length)
    if useful:
        allowed = int(longest_run_allowed(np.array([useful]))[0])
        fewest = int(fewest_crossings_allowed(np.array([chances]))[0])
        yield f"The longest run on one side is {longest} and may be {allowed}."
        yield f"It crosses its median {crossings} times and should do so at least {fewest} times."


def _drift(rule: Rule, measure: Measure, history: Verdicts, row: int) -> Iterator[str]:
    assert rule.drift is not None
    if history.statistic is None or math.isnan(history.statistic[row, 0]):
        return
    now, low, high = (float(array[row, 0]) for array in (history.statistic, history.lower, history.upper))
    if rule.drift.method == "cusum":
        yield f"Its CUSUM stands at {now:.1f} sigma; it fires beyond {abs(low if now < 0 else high):.1f}."
    else:
        yield f"Its EWMA stands at {figure(now, measure)}; it fires outside {figure(low, measure)} to {figure(high, measure)}."


def _share_of_the_way(measure: Measure, verdict: Verdict) -> Iterator[str]:
    """How much of the way from the centre line to its limit a figure has gone."""
    limit, side = (verdict.upper, "upper") if verdict.value >= verdict.centre else (verdict.lower, "lower")
    way = abs(limit - verdict.centre)
    if verdict.signals or math.isnan(verdict.value) or not math.isfinite(way) or way == 0:
        return
    gone = abs(verdict.value - verdict.centre) / way
    if gone <= 1:
        yield f"It has gone {gone:.0%} of the way from {figure(verdict.centre, measure)} to its {side} limit."


def _change(measure: Measure, verdict: Verdict) -> Iterator[str]:
    if math.isnan(verdict.centre) or math.isnan(verdict.value):
        return
    moved, needed = verdict.value - verdict.centre, verdict.upper - verdict.centre
    way = "more" if moved > 0 else "less"
    share = f" ({abs(moved / verdict.centre):.1%})" if verdict.centre else ""
    yield f"That is {_points(abs(moved), measure)} {way}{share}; a change of {_points(needed, measure)} fires."


def _forecast(rule: Rule, measure: Measure, verdict: Verdict) -> Iterator[str]:
    assert rule.forecast is not None
    if verdict.ahead and not verdict.signals:
        yield f"It comes nearest to its capacity so: {expectation(verdict, rule.forecast, measure)}."


def _rating(
    rule: Rule, measure: Measure, history: Verdicts, verdict: Verdict, row: int, calendar: Calendar
) -> Iterator[str]:
    assert rule.rating is not None
    graded = [at for at in range(row + 1) if not math.isnan(history.value[at, 0])]
    if rule.rating.overdue is not None:
        if graded:
            last = history.period(graded[-1])
            due = _due(rule.rating.overdue, (last + 1).end, measure, calendar)
            grade = figure(float(history.value[graded[-1], 0]), measure)
            after = f"; the next one is overdue after {due}" if measure.recorded is None else ""
            yield f"The last grade is {grade}, for {in_sentence(last)}{after}."
        return
    before = [at for at in graded if at < row]
    if before:
        grade = figure(float(history.value[before[-1], 0]), measure)
        yield f"The grade before was {grade}, for {in_sentence(history.period(before[-1]))}."
    share = rule.rating.share_above
    if share is not None and not math.isnan(verdict.numerator) and verdict.denominator > 0:
        poor, of = verdict.numerator, verdict.denominator
        yield (
            f"{poor:,.0f} of the last {of:,.0f} grades ({poor / of:.0%}) are {share.grade} or lower; "
            f"it fires above {share.share:.0%}."
        )


def _freshness(rule: Rule, measure: Measure, block: SeriesBlock, calendar: Calendar) -> Iterator[str]:
    assert rule.freshness is not None
    there: list[int] = np.flatnonzero(block.present[:, 0]).tolist()
    if not there:
        yield "It has no row at all."
        return
    newest = block.period(there[-1])
    said = f"Its newest row is for {in_sentence(newest)}"
    if rule.freshness.late_after is None:
        yield f"{said}."
        return
    due = _due(rule.freshness.late_after, (newest + 1).end, measure, calendar)
    yield f"{said}; the one for {in_sentence(newest + 1)} is late after {due}."


def _due(span: Span, end: datetime, measure: Measure, calendar: Calendar) -> str:
    """The last day on which something is not late yet."""
    return day_words((span.after(end, measure.grain, calendar.holidays) - timedelta(microseconds=1)).date())


def _points(size: float, measure: Measure) -> str:
    """A distance between two figures: of percentages it is percentage points."""
    if measure.unit == "percent":
        return f"{size:.1f} percentage points"
    return figure(size, measure)
