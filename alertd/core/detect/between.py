"""Charts of rare events: the time between them (t), the cases between them (g), and the textbook's g chart for comparison.

A gap is judged when it closes and, while it is open, at every period's end: a long silence is news before it ends. Limits
are those of a wait whose usual length is known from m gaps only (see `waiting`). One gap can hardly be too short, so four in
a row are judged together: five events within too short a time. That holds at the period in which the fifth falls, and on
until the five lie further back than that time. Source of the textbook's limits: Benneyan, Lloyd and Plsek (2003); its tail is
1.8% and not .135%, and short gaps can never be seen.
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from alertd.core.detect.base import Look, Rows, Signals
from alertd.core.detect.exact import tail_of
from alertd.core.detect.gaps import Gaps, counts_events, gaps_of
from alertd.core.detect.runs import slack
from alertd.core.detect.usual_gaps import UsualGaps, usual_gaps
from alertd.core.detect.waiting import FOUR, chance_of_four, chance_of_wait, sigmas
from alertd.core.parameters.spc import Spc
from alertd.core.rulesets import signal_bit
from alertd.core.series import Bools, Floats, Ints
from alertd.core.verdicts import Masks

SERIES_AT_ONCE = 8192
"""The gaps of so many series stay in the processor's cache."""
_ASTRONOMICAL, _SHIFT = np.uint32(signal_bit("astronomical")), np.uint32(signal_bit("shift"))


class _Seen(NamedTuple):
    """What there is to judge at one row, by series; NaN or infinite where there is nothing."""

    fell: Bools
    """Whether a gap closed in the period."""
    last: Rows
    """The record of the last gap that has closed; of another series where there is none."""
    oldest: Rows
    """The first record of the series' unbroken stretch."""
    figure: Floats
    """The last gap that closed in the period, else the open one."""
    open: Floats
    longest: Floats
    """The longest gap that closed in the period or is open at its end."""
    four: Floats
    """The shortest four gaps in a row that ended in the period; where none did, the last four and the open one."""


class _Judged(NamedTuple):
    """What is found of one row, by series: as in `Signals`, by sides of the gap."""

    centre: Floats
    lower: Floats
    upper: Floats
    excess: Floats
    long: Masks
    short: Masks
    learning: Bools
    missing: Bools
    figure: Floats


def judge_between(spc: Spc, look: Look) -> Signals:
    """Judge a block by a t chart, a g chart or the textbook's g chart (`g_3sigma`), as `spc.chart` says.

    The figure is the last gap that closed in the period, else the open one; the one beyond the limit where there is one.
    A long gap is `low` (fewer events than usual) and short ones are `high`, except where the measure's figures are gaps
    themselves: then the sides are those of the gap. There is no lower limit, since one gap alone cannot be too short.
    """
    shape = len(look.rows), look.usable.shape[1]
    found = replace(Signals.blank(*shape), figure=np.full(shape, np.nan))
    if counts_events(look.measure):
        counted = look.block.value[look.rows] if look.block.numerator is None else None
        found = replace(found, numerator=counted, gap=np.ones(shape, dtype=np.bool_))
    for begin in range(0, shape[1], SERIES_AT_ONCE):
        here = np.arange(begin, min(begin + SERIES_AT_ONCE, shape[1]))
        part = look if len(here) == shape[1] else look.take(here)
        for name, array in _judged(spc, part).items():
            getattr(found, name)[:, here] = array
    return found


def _judged(spc: Spc, look: Look) -> dict[str, np.ndarray]:
    """The arrays of the signals of a block that stays in the processor's cache, by name."""
    chart = spc.chart or "t"
    gaps = gaps_of(look, chart)
    textbook = chart == "g_3sigma"
    found: list[_Judged] = []
    for row in look.rows.tolist():
        seen = _seen(gaps, row)
        four_began = np.where(seen.fell, gaps.upto[row], seen.last) - (FOUR - 1)
        usual = usual_gaps(spc, gaps, look, row, four_began, textbook=textbook)
        found.append(_judge_row(spc, gaps, seen, usual, gaps.known[row], textbook=textbook))
    if not found:
        return {}
    whole = {name: np.stack(rows) for name, *rows in zip(_Judged._fields, *found, strict=True)}
    sides = ("high", "low") if gaps.given else ("low", "high")
    return {**{sides[k]: whole.pop(name) for k, name in enumerate(("long", "short"))}, **whole}


def _judge_row(spc: Spc, gaps: Gaps, seen: _Seen, usual: UsualGaps, known: Bools, *, textbook: bool) -> _Judged:
    """Hold what was seen up to one row against what is usual there."""
    judged, wanted = known & ~usual.learning, spc.signals or spc.rule_set.signals
    with np.errstate(invalid="ignore"):
        too_long = judged & (seen.longest > usual.upper + slack(usual.centre, usual.upper))
    too_short = np.zeros_like(known) if textbook else judged & _too_short(spc, gaps, seen, usual)
    long, short = (np.zeros(len(known), dtype=np.uint32) for _ in range(2))
    excess = np.zeros(len(known))
    if "astronomical" in wanted:
        long[too_long] |= _ASTRONOMICAL
        short[too_short] |= _ASTRONOMICAL
        excess = _excess(spc, gaps, seen, usual, too_long, too_short, textbook=textbook)
    if "shift" in wanted:
        long_run, short_run = _runs(spc.rule_set.shift, gaps, seen, usual.median)
        long[judged & long_run] |= _SHIFT
        short[judged & short_run] |= _SHIFT
    return _Judged(
        centre=usual.centre,
        lower=np.where(usual.learning | (not textbook), np.nan, 0.0),
        upper=usual.upper,
        excess=excess,
        long=long,
        short=short,
        learning=usual.learning,
        missing=~known,
        figure=np.where(known, np.where(too_long, seen.longest, seen.figure), np.nan),
    )


def _seen(gaps: Gaps, row: int) -> _Seen:
    """What has happened up to the end of a row."""
    begin, end = gaps.upto[row], gaps.upto[row + 1]
    fell, last = end > begin, end - 1
    stretch = gaps.start[row]
    oldest = np.take_along_axis(gaps.upto, stretch[None], axis=0)[0]
    began = _clock_at(gaps, stretch)
    since = np.where(end > oldest, gaps.at[last], began)
    waiting = np.full(len(end), np.nan) if gaps.given else _clock_at(gaps, np.full(len(end), row + 1)) - since
    four = np.where(fell, _extreme(np.minimum, gaps.four, begin, end), np.inf)
    with np.errstate(invalid="ignore"):
        lasting = np.where(~fell & (end > oldest), gaps.four[last] + waiting, np.inf)
    return _Seen(
        fell=fell,
        last=last,
        oldest=oldest,
        figure=np.where(fell, gaps.gap[last], waiting),
        open=waiting,
        longest=np.fmax(np.where(fell, _extreme(np.maximum, gaps.gap, begin, end), np.nan), waiting),
        four=np.where(fell, four, lasting),
    )


def _clock_at(gaps: Gaps, rows: Rows) -> Floats:
    """Where each series' clock stands at the beginning of its own row."""
    return gaps.clock[rows, 0] if gaps.clock.shape[1] == 1 else gaps.clock[rows, np.arange(len(rows))]


def _extreme(which: np.ufunc, of: Floats, begin: Ints, end: Ints) -> Floats:
    """The largest or smallest record of each series from `begin` to before `end`; any record where there is none."""
    found: Floats = of[begin]
    many = np.flatnonzero(end - begin > 1)
    if len(many):
        edges = np.stack([begin[many], end[many]], axis=1).ravel()
        found[many] = which.reduceat(of, edges)[::2]
    return found


def _too_short(spc: Spc, gaps: Gaps, seen: _Seen, usual: UsualGaps) -> Bools:
    """Where four gaps in a row are shorter together than chance would have it."""
    close = np.flatnonzero(np.isfinite(seen.four))
    found = np.zeros(len(seen.four), dtype=np.bool_)
    found[close] = _chance_of_four(gaps, seen, usual, close) < tail_of(spc.multiplier) * (1 - 1e-12)
    return found


def _chance_of_four(gaps: Gaps, seen: _Seen, usual: UsualGaps, columns: Ints) -> Floats:
    four = seen.four[columns] + FOUR * gaps.uncounted
    return chance_of_four(four, usual.earlier_total[columns], usual.earlier_number[columns], trials=gaps.trials)


def _excess(
    spc: Spc, gaps: Gaps, seen: _Seen, usual: UsualGaps, too_long: Bools, too_short: Bools, *, textbook: bool
) -> Floats:
    """How many sigma beyond the limits, as sigma are for a normal figure of the same chance."""
    found = np.zeros(len(too_long))
    columns = np.flatnonzero(too_long)
    wait = seen.longest[columns]
    if textbook:
        mean = usual.total[columns] / usual.number[columns] - gaps.uncounted
        found[columns] = (wait - usual.upper[columns]) / np.sqrt(mean * (mean + 1))
        return found
    chance = chance_of_wait(wait + gaps.uncounted, usual.total[columns], usual.number[columns], trials=gaps.trials)
    found[columns] = sigmas(chance) - spc.multiplier
    columns = np.flatnonzero(too_short)
    found[columns] = np.fmax(found[columns], sigmas(_chance_of_four(gaps, seen, usual, columns)) - spc.multiplier)
    return np.maximum(found, 0.0)


def _runs(length: int, gaps: Gaps, seen: _Seen, median: Floats) -> tuple[Bools, Bools]:
    """Where the last gaps, so many, are all longer than the median, and all shorter.

    An open gap counts once it is longer than the median: it then belongs to a run of long ones, and ends one of short ones.
    """
    near = slack(median, median)
    with np.errstate(invalid="ignore"):
        waiting = seen.open > median + near
        longer, shorter = waiting.astype(np.int64), np.zeros(len(median), dtype=np.int64)
        all_longer, all_shorter = np.ones(len(median), dtype=np.bool_), ~waiting
        for lag in range(length):
            record = np.maximum(seen.last - lag, 0)
            there = (seen.last - lag >= seen.oldest) & gaps.whole[record]
            all_longer &= there & (gaps.gap[record] > median + near)
            all_shorter &= there & (gaps.gap[record] < median - near)
            longer, shorter = longer + all_longer, shorter + all_shorter
    return longer >= length, shorter >= length
