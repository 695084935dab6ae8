"""What the components of a rule that joins others say of one of its series, in words."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from alertd.core.baseline_rows import baseline_rows
from alertd.core.calendar import Calendar
from alertd.core.composites.join import part_of, place_in
from alertd.core.disclosure import disclosed
from alertd.core.evaluate import since_when, verdict_at
from alertd.core.measures import Measure, SmallNumbers
from alertd.core.model import Key
from alertd.core.rules import Rule
from alertd.core.series import SeriesBlock, series_words
from alertd.core.summary import summary
from alertd.core.verdicts import State, Verdict, Verdicts

_TRUE = (State.EXCEPTION.code, State.CHANGED.code)


class JudgedComponent(NamedTuple):
    """A component with what it was judged from."""

    rule: Rule
    measure: Measure
    block: SeriesBlock
    history: Verdicts
    newest: int | None
    """The slot of its newest settled period."""


class Columns(NamedTuple):
    """Where the series of a component stand, so that none is searched for."""

    columns: Mapping[Key, Sequence[int]]
    """Of a series of the whole, the columns of the component's verdicts that bear on it."""
    block: Mapping[Key, int]
    """Of a series of the component, its column in the figures."""


def columns_of(part: JudgedComponent, by: Sequence[str]) -> Columns:
    """Where the series of a component stand, for a whole whose series are by some of its columns."""
    columns: dict[Key, list[int]] = {}
    for column, key in enumerate(part.history.keys):
        columns.setdefault(part_of(key, part.history.by, by), []).append(column)
    return Columns(columns, {key: column for column, key in enumerate(part.block.keys)})


def sentence_of(
    part: JudgedComponent,
    places: Columns,
    whole: Verdict,
    slot: int,
    within: int,
    calendar: Calendar,
    small: SmallNumbers | None,
) -> str:
    """What a component says of the series of `whole` in the `within` periods of the joined grain up to `slot`.

    Where several of its periods or series bear on it, that is the newest one that stands out, at the series that does most.
    Small numbers are hidden as in a notice (R31).
    """
    history = part.history
    columns = places.columns.get(whole.key, ())
    rows = _rows(part, whole, slot, within)
    name = f"{part.measure.name}, {series_words(whole.series)}"
    if not columns or not rows:
        return f"{name}: nothing is known."
    notable = np.isin(history.state[np.ix_(rows, columns)], _TRUE)
    others = 0
    if notable.any():
        at = int(np.flatnonzero(notable.any(axis=1))[-1])
        row, those = rows[at], [column for column, so in zip(columns, notable[at], strict=True) if so]
        column = max(those, key=lambda j: float(np.nan_to_num(history.excess[row, j])))
        others = len(those) - 1
    elif len(columns) > 1:
        return f"{name}: none of its {len(columns)} series stands out."
    else:
        row, column = rows[-1], columns[0]
    verdict = verdict_at(history, row, column, since_when(history, row, column))
    alone = history.take([column])
    where = places.block.get(verdict.key)
    block = part.block.take([] if where is None else [where])
    baseline = baseline_rows(part.rule, part.measure, block, calendar, verdict.period) if block.keys else range(0)
    seen = disclosed(verdict, part.rule, part.measure, alone, baseline, small)
    shown = None
    if seen.small is not None:
        shown = f"{'all but ' if seen.small_rest else ''}fewer than {seen.small}"
    said = summary(seen.verdict, part.rule, part.measure, shown=shown, in_a_notice=True)
    return (
        said if not others else f"{said[:-1]}; {others} more of its series {'stand' if others > 1 else 'stands'} out."
    )


def _rows(part: JudgedComponent, whole: Verdict, slot: int, within: int) -> Sequence[int]:
    """The rows of a component that bear on the joined period: those that end in it or in one of the few before it."""
    history, grain = part.history, whole.period.grain
    if part.rule.judged_now:
        return [history.periods - 1] if history.periods else []
    newest = -1 if part.newest is None else part.newest - history.first
    return [row for row in range(newest + 1) if slot - within < place_in(history.period(row), grain) <= slot]
