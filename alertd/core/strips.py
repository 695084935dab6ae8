"""States over time as plain data to draw: of a feed's series, or of a rule that joins others and each of its parts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from alertd.core.composites.join import part_of, place_in
from alertd.core.model import Key
from alertd.core.periods import Grain, Period
from alertd.core.verdicts import STATES, State, Verdicts

MOST_PERIODS = 120
_TELLING = (
    *(State.EXCEPTION, State.CHANGED, State.IMPROVEMENT, State.PENDING, State.MUTED),
    *(State.UNKNOWN, State.LEARNING, State.UNSETTLED, State.QUIET),
)
"""States by how much they tell, where several of a part's series or periods fall together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One period of a row; None of it where nothing is known."""

    period: Period
    state: State
    signals: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StripRow:
    """One line of states."""

    label: str
    main: bool
    """It is what the others are parts of."""
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """Lines of states over the same periods."""

    title: str
    grain: Grain
    first: Period
    last: Period
    rows: tuple[StripRow, ...]


def strip_row(label: str, history: Verdicts, column: int, *, main: bool = False) -> StripRow:
    """The states of one series of a rule, newest periods only."""
    start = max(0, history.periods - MOST_PERIODS)
    cells = tuple(
        Cell(
            period=history.period(row),
            state=STATES[int(history.state[row, column])],
            signals=history.signals(row, column),
        )
        for row in range(start, history.periods)
    )
    return StripRow(label=label, main=main, cells=cells)


def part_row(label: str, part: Verdicts, by: Sequence[str], key: Key, grain: Grain, first: int, last: int) -> StripRow:
    """The states of a part, put together to the series and the periods of the rule that joins it."""
    columns = [column for column, own in enumerate(part.keys) if part_of(own, part.by, by) == key]
    found: dict[int, Cell] = {}
    for row in range(part.periods):
        slot = place_in(part.period(row), grain)
        if not first <= slot <= last or not columns:
            continue
        here = [STATES[int(code)] for code in part.state[row, columns]]
        best = int(np.argmin([_TELLING.index(state) for state in here]))
        before = found.get(slot)
        if before is None or _TELLING.index(here[best]) <= _TELLING.index(before.state):
            signals = part.signals(row, columns[best])
            found[slot] = Cell(period=Period(grain, slot), state=here[best], signals=signals)
    return StripRow(label=label, main=False, cells=tuple(found[slot] for slot in sorted(found)))


def strip_of(title: str, rows: Sequence[StripRow], grain: Grain) -> Strip:
    """Rows over the periods that any of them has."""
    slots = [cell.period.slot for row in rows for cell in row.cells] or [0]
    first, last = max(min(slots), max(slots) - MOST_PERIODS + 1), max(slots)
    return Strip(title=title, grain=grain, first=Period(grain, first), last=Period(grain, last), rows=tuple(rows))


def worst(rows: Mapping[Key, StripRow]) -> list[Key]:
    """The series by how often something was wrong, the newest counting first."""

    def wrong(key: Key) -> tuple[bool, int]:
        cells = rows[key].cells
        return bool(cells) and cells[-1].state.notable, sum(cell.state.notable for cell in cells)

    return sorted(rows, key=lambda key: (*(-int(one) for one in wrong(key)), key))
