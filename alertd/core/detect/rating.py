"""The rating detector: grades that fall, that are poor, too many poor ones, and grades that do not come when due.

A figure is a grade's place on the measure's scale, 1 for the worst. Where a period has several grades (`aggregate: rows`)
it is their lower median, and `block.grades` counts them.
"""

from collections.abc import Set
from dataclasses import replace
from datetime import date, datetime

import numpy as np

from alertd.core.detect.base import Look, Rows, Signals
from alertd.core.durations import Span
from alertd.core.measure_parts import folded
from alertd.core.measures import Measure
from alertd.core.parameters.rating import Rating
from alertd.core.periods import Grain, Period
from alertd.core.rulesets import signal_bit
from alertd.core.series import Bools, Floats
from alertd.core.settling import newest_settled

GRADE = np.uint32(signal_bit("grade"))
OVERDUE = np.uint32(signal_bit("overdue"))
FAILED = np.uint32(signal_bit("failed"))
GRADES_OF_A_SHARE = 12
"""How many of a series' newest grades a share is taken over, where each period has one."""
_FEWEST_OF_A_SHARE = 4  # grades, one a period, without which a share says nothing
_SLACK = 1e-9  # so that 29 of 100 is not above 29 percent


def judge_rating(rating: Rating, look: Look) -> Signals:
    """Judge the grades of some rows; every key of `rating` must hold. `overdue` is for `judge_overdue`.

    Signals lie on the low side, since a lower grade is a worse one. `lower` is the highest grade that fires by `dropped`,
    `at_or_below` and `failed`. `excess` counts the grades up to the best one where it fires. With `share_above`,
    `numerator` of `denominator` grades are poor and `statistic` is their share; below 4 single grades it is `learning`.
    """
    here = look.usable[look.rows]
    found = Signals.blank(*here.shape)
    found.missing[:] = np.isnan(here)
    bound = np.full(here.shape, np.inf)
    if rating.dropped is not None:
        np.minimum(bound, _grades_before(look) - rating.dropped, out=bound)
    if rating.at_or_below is not None:
        np.minimum(bound, place_of(rating.at_or_below, look.measure), out=bound)
    if rating.failed:
        np.minimum(bound, 1.0, out=bound)
    fires = here <= bound  # without a figure, or without a grade before, a comparison is false
    found.lower[:] = np.where(np.isinf(bound), np.nan, bound)
    numerator, denominator, statistic = None, None, None
    if rating.share_above is not None:
        numerator, denominator = _poor(look, place_of(rating.share_above.grade, look.measure))
        with np.errstate(invalid="ignore", divide="ignore"):
            statistic = numerator / denominator
        enough = denominator >= (1 if look.block.grades is not None else _FEWEST_OF_A_SHARE)
        found.learning[:] = fires & ~enough
        fires &= enough & (statistic > rating.share_above.share + _SLACK)
    elif look.block.grades is not None:
        denominator = _denominator(look)
    signal = FAILED if rating.failed else np.uint32(0)
    if rating.dropped is not None or rating.at_or_below is not None or rating.share_above is not None:
        signal |= GRADE
    found.low[fires] = signal
    found.excess[:] = np.where(fires, len(look.measure.scale or ()) - here, 0.0)
    return replace(found, numerator=numerator, denominator=denominator, statistic=statistic)


def judge_overdue(
    overdue: Span,
    graded: Bools,
    present: Bools,
    grain: Grain,
    first_slot: int,
    rows: Rows,
    now: datetime,
    holidays: Set[date],
    *,
    asked: Bools | None = None,
) -> Signals:
    """Judge which series have no new grade so long after one was due: the end of the period after the last graded one.

    `graded` and `present` (periods x series) say where there is a usable grade, and a row; `rows` may lie beyond the data.
    A row is judged at the moment when its own grade is overdue, by the periods that were complete then; rows that are not
    due yet are judged at `now`, naive local time. Rows before a series' first are `missing`. `asked` says for which periods
    a grade was asked for at all; without it every period is to have one.
    """
    found = Signals.blank(len(rows), graded.shape[1])
    numbers = np.arange(len(graded), dtype=np.int32)[:, None]
    newest = np.maximum.accumulate(np.where(graded, numbers, np.int32(-1)), axis=0)
    begins = np.where(present.any(axis=0), present.argmax(axis=0), len(present))
    latest = None if asked is None else np.maximum.accumulate(np.where(asked, numbers, np.int32(-1)), axis=0)
    due = newest_settled(grain, now, overdue, holidays).slot - first_slot
    for index, row in enumerate(rows.tolist()):
        wanted, seen = due, len(graded) - 1
        if row <= due:
            deadline = overdue.after(Period(grain, first_slot + row).end, grain, holidays)
            wanted, seen = row, Period.containing(deadline, grain).slot - 1 - first_slot
        last = newest[min(seen, len(graded) - 1)]
        found.missing[index] = row < begins
        due_last = wanted if latest is None else latest[min(max(wanted, 0), len(latest) - 1)]
        found.low[index, (last < due_last) & (begins <= wanted)] = OVERDUE
    return found


def place_of(grade: str, measure: Measure) -> int:
    """The place of a grade on the measure's scale, counted from 1; raises `ValueError` for one that is not on it."""
    scale = [folded(one) for one in measure.scale or ()]
    if folded(grade) not in scale:
        known = ", ".join(measure.scale or ()) or "no scale"
        raise ValueError(f"`{grade}` is no grade of measure `{measure.id}`; it has {known}")
    return scale.index(folded(grade)) + 1


def _grades_before(look: Look) -> Floats:
    """The last grade before each row, in the row's own segment; NaN where there is none (rows x series)."""
    before = np.full((len(look.rows), look.usable.shape[1]), np.nan)
    for index, row in enumerate(look.rows.tolist()):
        begins, wanted = look.known.segment[row], before[index]
        for earlier in range(row - 1, -1, -1):
            open_ = np.isnan(wanted) & (begins <= earlier)
            if not open_.any():
                break
            wanted[open_] = look.usable[earlier, open_]
    return before


def _poor(look: Look, place: int) -> tuple[Floats, Floats]:
    """How many grades are at that place or below, of how many (rows x series): of the period, or of the series' newest."""
    if look.block.grades is not None:
        known = ~np.isnan(look.usable[look.rows])
        poor = np.nansum(look.block.grades[:place, look.rows], axis=0)
        return np.where(known, poor, np.nan), _denominator(look)
    shape = (len(look.rows), look.usable.shape[1])
    poor, total = np.zeros(shape), np.zeros(shape)
    for index, row in enumerate(look.rows.tolist()):
        begins = look.known.segment[row]
        for earlier in range(row, -1, -1):
            open_ = (total[index] < GRADES_OF_A_SHARE) & (begins <= earlier)
            if not open_.any():
                break
            figure = look.usable[earlier]
            total[index] += open_ & ~np.isnan(figure)
            poor[index] += open_ & (figure <= place)
    return poor, total


def _denominator(look: Look) -> Floats:
    """How many grades there are at each row."""
    assert look.block.grades is not None
    total = np.nansum(look.block.grades[:, look.rows], axis=0)
    return np.where(np.isnan(look.usable[look.rows]), np.nan, total)
