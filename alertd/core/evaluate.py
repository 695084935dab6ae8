"""Judging: a rule and a block of series become verdicts, on whole arrays."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial

import numpy as np

from alertd.core.calendar import Calendar
from alertd.core.detect.base import Known, Look, Rows, Signals
from alertd.core.detect.baselines import plan
from alertd.core.detect.dispatch import COMPARES_SERIES, detect
from alertd.core.detect.freshness import judge_freshness
from alertd.core.detect.rating import judge_overdue
from alertd.core.detect.shaping import detect_shaped
from alertd.core.durations import Span
from alertd.core.known import known_of, matches, only_where
from alertd.core.measures import Improvement, Measure, Towards
from alertd.core.model import Key
from alertd.core.overlapping import is_judged, judge_apart
from alertd.core.parameters.baseline import Limited
from alertd.core.periods import Period
from alertd.core.recording import Kind
from alertd.core.rules import Rule
from alertd.core.rulesets import signal_names
from alertd.core.series import Floats, SeriesBlock
from alertd.core.settling import is_settled, newest_settled
from alertd.core.states import states
from alertd.core.verdicts import STATES, State, Verdict, Verdicts

ALL_SERIES = frozenset(("freshness", *COMPARES_SERIES))
"""Detectors that look at all of a measure's series at once, whatever the rule's `where`."""
_FOLLOWED_AT_FIRST = 6
"""So many periods beyond those that `for` counts are looked at first; four times as many where these do not tell."""
_FEWEST_JUDGED = 1  # the newest figure alone leaves no earlier period that an exception could stand from


def judge(
    rule: Rule,
    measure: Measure,
    block: SeriesBlock,
    calendar: Calendar,
    now: datetime,
    *,
    every_period: bool = False,
    from_row: int = 0,
) -> Verdicts:
    """Judge a block by a rule at its newest settled period, or at every period from the first to the last.

    `now` is aware, in the home's zone. Periods that are not settled yet are left out, or are `unsettled` where every
    period was asked for. A block without a settled period gives verdicts of no periods. With a `from_row` periods before
    that row of the block are left out where the later ones do not follow from them.
    """
    local = now.replace(tzinfo=None)
    if rule.freshness is not None:
        # A series is missing where others are there, so all of the feed is judged, and then the part that was asked for.
        whole = _judge_freshness(rule, measure, block, calendar, local, every_period=every_period)
        return whole.take([j for j, key in enumerate(whole.keys) if matches(_named(block, key), rule.where)])
    if rule.rating is not None and rule.rating.overdue is not None:
        chosen = only_where(block, rule.where)
        return _judge_overdue(rule, measure, chosen, rule.rating.overdue, calendar, local, every_period=every_period)
    if rule.kind in COMPARES_SERIES:
        whole = _judge_series(rule, measure, block, calendar, local, every_period=every_period, from_row=from_row)
        return whole.take([j for j, key in enumerate(whole.keys) if matches(_named(block, key), rule.where)])
    chosen = only_where(block, rule.where)
    return _judge_series(rule, measure, chosen, calendar, local, every_period=every_period, from_row=from_row)


def _judge_series(
    rule: Rule,
    measure: Measure,
    block: SeriesBlock,
    calendar: Calendar,
    local: datetime,
    *,
    every_period: bool,
    from_row: int,
) -> Verdicts:
    """Judge every series of a block, at the newest settled period or at every one."""
    known = known_of(measure, block, calendar)
    settled = settled_rows(measure, block, calendar, local)
    from_quiet = rule.for_ is not None and rule.clear is None and measure.window is None
    follows = (rule.for_ is not None or rule.clear is not None) and not from_quiet
    if every_period:
        start = 0 if follows else min(from_row, block.periods)
        judge_from = _following if from_quiet else _judge_rows
        judged = judge_from(rule, measure, block, known, np.arange(start, block.periods))
        return _unsettled_after(judged, max(settled - start, 0))
    if settled == 0:
        return _judge_rows(rule, measure, block, known, np.arange(0))
    if from_quiet:
        return _following(rule, measure, block, known, np.arange(settled - 1, settled))
    if follows:
        return _judge_rows(rule, measure, block, known, np.arange(settled)).rows(settled - 1, settled)
    newest = _judge_rows(rule, measure, block, known, np.arange(settled - 1, settled))
    return _remember_open(newest, rule, measure, block, known, settled)


def look_back(
    rule: Rule, measure: Measure, block: SeriesBlock, keys: Iterable[Key], calendar: Calendar, now: datetime
) -> Iterator[tuple[Verdict, Verdicts]]:
    """For some series of a block: the verdict at the newest settled period, and the series judged at every period.

    Series that the rule does not judge, and blocks without a settled period, give nothing.
    """
    wanted = set(keys)
    if wanted.isdisjoint(block.keys):
        return
    if rule.kind not in ALL_SERIES:
        block = block.take([j for j, key in enumerate(block.keys) if key in wanted])
    newest = judge(rule, measure, block, calendar, now)
    if newest.periods == 0:
        return
    history = judge(rule, measure, block, calendar, now, every_period=True)
    row = newest.first - history.first
    for column, key in enumerate(newest.keys):
        if key in wanted:
            yield verdict_at(newest, 0, column, since_when(history, row, column)), history.take([column])


def verdict_at(verdicts: Verdicts, row: int, column: int, since: Period | None) -> Verdict:
    """One point of verdicts as a record."""

    def figure(array: np.ndarray | None) -> float:
        return float("nan") if array is None else float(array[row, column])

    return Verdict(
        rule=verdicts.rule,
        measure=verdicts.measure,
        by=verdicts.by,
        key=verdicts.keys[column],
        period=verdicts.period(row),
        state=STATES[int(verdicts.state[row, column])],
        high=signal_names(int(verdicts.high[row, column])),
        low=signal_names(int(verdicts.low[row, column])),
        value=figure(verdicts.value),
        numerator=figure(verdicts.numerator),
        denominator=figure(verdicts.denominator),
        centre=figure(verdicts.centre),
        lower=figure(verdicts.lower),
        upper=figure(verdicts.upper),
        excess=figure(verdicts.excess),
        gap=verdicts.gap is not None and bool(verdicts.gap[row, column]),
        ahead=0 if verdicts.ahead is None else int(verdicts.ahead[row, column]),
        since=since,
    )


def since_when(history: Verdicts, row: int, column: int) -> Period | None:
    """The first period of the unbroken stretch in the state of a point; periods that are not judged do not break it."""
    state = STATES[int(history.state[row, column])]
    if not state.notable:
        return None
    first = row
    for earlier in range(row - 1, -1, -1):
        code = STATES[int(history.state[earlier, column])]
        if code is state:
            first = earlier
        elif code not in (State.UNKNOWN, State.UNSETTLED):
            break
    return history.period(first)


def settled_rows(measure: Measure, block: SeriesBlock, calendar: Calendar, local: datetime) -> int:
    """How many rows of a block, from the first, there are up to the newest that is settled, and one that is judged."""
    count = block.periods
    while count and not (
        is_settled(block.period(count - 1), local, measure.settles_after, calendar.holidays)
        and is_judged(measure, block.first + count - 1)
    ):
        count -= 1
    return count


def _named(block: SeriesBlock, key: Key) -> dict[str, str]:
    return dict(zip(block.by, key, strict=True))


def _judge_rows(rule: Rule, measure: Measure, block: SeriesBlock, known: Known, rows: Rows) -> Verdicts:
    if measure.window is None:
        return _judge_plainly(rule, measure, block, known, rows)
    waiting = np.full((len(rows), len(block.keys)), State.UNSETTLED.code, dtype=np.uint8)
    unjudged = _verdicts(rule, block, rows, Signals.blank(*waiting.shape), waiting)
    return judge_apart(measure, block, known, rows, partial(_judge_plainly, rule), unjudged)


def _judge_plainly(rule: Rule, measure: Measure, block: SeriesBlock, known: Known, rows: Rows) -> Verdicts:
    found = detect_shaped(rule.detector, Look(measure=measure, block=block, known=known, rows=rows), detect)
    figure = block.value[rows] if found.figure is None else found.figure
    state = states(rule, _improvement(rule, measure), found, figure, known.at(rows))
    return _verdicts(rule, block, rows, found, state)


def _improvement(rule: Rule, measure: Measure) -> Improvement | Towards:
    """Which way is better; a scale runs from its worst grade to its best one, whatever else the measure says.

    More demand than capacity is a concern, whichever way the measure improves.
    """
    if rule.forecast is not None:
        return Improvement.DECREASE
    turned = rule.rating is not None and measure.improvement is Improvement.DECREASE
    return Improvement.INCREASE if turned else measure.improvement


def _verdicts(rule: Rule, block: SeriesBlock, rows: Rows, found: Signals, state: np.ndarray) -> Verdicts:
    return Verdicts(
        rule=rule.id,
        measure=block.measure,
        grain=block.grain,
        by=block.by,
        keys=block.keys,
        first=block.first + (int(rows[0]) if len(rows) else 0),
        state=state,
        high=found.high,
        low=found.low,
        value=block.value[rows] if found.figure is None else found.figure,
        numerator=_shown(found.numerator, block.numerator, rows),
        denominator=_shown(found.denominator, block.denominator, rows),
        centre=found.centre,
        lower=found.lower,
        upper=found.upper,
        excess=found.excess,
        statistic=found.statistic,
        gap=found.gap,
        ahead=found.ahead,
    )


def _shown(judged: Floats | None, given: Floats | None, rows: Rows) -> Floats | None:
    """What was judged where a detector says so, else what the block has."""
    return given[rows] if judged is None and given is not None else judged


def _judge_overdue(
    rule: Rule,
    measure: Measure,
    block: SeriesBlock,
    overdue: Span,
    calendar: Calendar,
    local: datetime,
    *,
    every_period: bool,
) -> Verdicts:
    """An overdue grade is judged at `now`, so it looks past the last one in the data, as freshness does."""
    due = newest_settled(measure.grain, local, overdue, calendar.holidays)
    if block.periods == 0:
        block = replace(block, first=due.slot)
    wanted = max(block.periods, due.slot - block.first + 1, 1)
    rows = np.arange(wanted) if every_period else np.arange(wanted - 1, wanted)
    padded = _padded(block, wanted)
    known = known_of(measure, padded, calendar)
    graded = ~np.isnan(padded.value)
    asked = padded.present if measure.recorded is Kind.SELF_ASSESSMENT else None
    found = judge_overdue(
        overdue, graded, padded.present, block.grain, block.first, rows, local, calendar.holidays, asked=asked
    )
    # That a grade does not come is a concern whichever way the measure improves.
    state = states(rule, Improvement.INCREASE, found, padded.value[rows], known.at(rows))
    return _verdicts(rule, padded, rows, found, state)


def _judge_freshness(
    rule: Rule, measure: Measure, block: SeriesBlock, calendar: Calendar, local: datetime, *, every_period: bool
) -> Verdicts:
    """Freshness judges periods that ought to be there, so it looks past the last one in the data."""
    assert rule.freshness is not None
    due = newest_settled(measure.grain, local, rule.freshness.late_after or measure.settles_after, calendar.holidays)
    if block.periods == 0:
        block = replace(block, first=due.slot)
    wanted = max(block.periods, due.slot - block.first + 1, 1)
    rows = np.arange(wanted) if every_period else np.arange(wanted - 1, wanted)
    padded = _padded(block, wanted)
    # Where no row means none, a figure is there without a row.
    there = padded.present | ~np.isnan(padded.value) if measure.zeros else padded.present
    found = judge_freshness(rule.freshness, there, block.grain, block.first, rows, local, calendar.holidays)
    known = known_of(measure, padded, calendar)
    here = known.at(rows)
    # Lateness is a concern whichever way the measure improves; the detector puts it on the lower side.
    state = states(rule, Improvement.INCREASE, found, padded.value[rows], here)
    return _verdicts(rule, padded, rows, found, state)


def _following(rule: Rule, measure: Measure, block: SeriesBlock, known: Known, rows: Rows) -> Verdicts:
    """Judge some rows by a rule with `for`, and as many before them as their states follow from.

    Nothing stands or is pending after a quiet period, whatever came before it; only the figures that `for` counts still do.
    Most series were quiet a few periods ago, so that few are followed further back.
    """
    assert rule.for_ is not None
    every = columns = np.arange(len(block.keys))
    if not len(rows):
        return _judge_rows(rule, measure, block, known, rows)
    first, stop = int(rows[0]), int(rows[-1]) + 1
    before = rule.for_.of + _FOLLOWED_AT_FIRST
    found: Verdicts | None = None
    while found is None or len(columns):
        start = max(first - before, 0)
        # Places that are compared keep their peers.
        there = every if rule.kind in COMPARES_SERIES else columns
        some, of_some = (block, known) if len(there) == len(every) else (block.take(there), known.take(there))
        judged = _judge_rows(rule, measure, some, of_some, np.arange(start, stop))
        if found is None:
            found = judged.rows(first - start, stop - start)
        place = np.searchsorted(there, columns)
        found.state[:, columns] = judged.state[first - start :, place]
        quiet = (judged.state[rule.for_.of - 1 : first - start + 1, place] == State.QUIET.code).any(axis=0)
        columns = columns[~quiet & (start > 0)]
        before *= 4
    return found


def _remember_open(
    newest: Verdicts, rule: Rule, measure: Measure, block: SeriesBlock, known: Known, settled: int
) -> Verdicts:
    """Look back over the series that are learning: too few figures now never replaces an exception that stands."""
    columns = np.flatnonzero(newest.state[0] == State.LEARNING.code)
    there = np.count_nonzero(~np.isnan(block.value[:settled, columns]), axis=0)
    fewest = (
        plan(rule.detector, measure.judged_grain).min_points if isinstance(rule.detector, Limited) else _FEWEST_JUDGED
    )
    columns = columns[there > fewest]
    if not len(columns):
        return newest
    # Places that are compared keep their peers, those that have no figure now among them.
    judged = np.arange(len(block.keys)) if rule.kind in COMPARES_SERIES else columns
    history = _judge_rows(rule, measure, block.take(judged), known.take(judged), np.arange(settled))
    state = newest.state.copy()
    state[0, columns] = history.state[-1, np.searchsorted(judged, columns)]
    return replace(newest, state=state)


def _unsettled_after(verdicts: Verdicts, settled: int) -> Verdicts:
    """Later periods are `unsettled` and signal nothing, whatever their figures say."""
    state, high, low = verdicts.state.copy(), verdicts.high.copy(), verdicts.low.copy()
    state[settled:] = State.UNSETTLED.code
    high[settled:] = 0
    low[settled:] = 0
    return replace(verdicts, state=state, high=high, low=low)


def _padded(block: SeriesBlock, periods: int) -> SeriesBlock:
    """The block with rows of nothing at its end, up to that many periods."""
    more = periods - block.periods
    if more <= 0:
        return block

    def pad(array: np.ndarray, *, filler: float) -> np.ndarray:
        return np.concatenate([array, np.full((more, array.shape[1]), filler, dtype=array.dtype)])

    return replace(
        block,
        value=pad(block.value, filler=np.nan),
        numerator=None if block.numerator is None else pad(block.numerator, filler=np.nan),
        denominator=None if block.denominator is None else pad(block.denominator, filler=np.nan),
        present=pad(block.present, filler=False),
    )
