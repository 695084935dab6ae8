"""A measure's figures as arrays, and what was wrong with the rows that they came from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from alertd.core.entries import Entries, items_of
from alertd.core.model import Key
from alertd.core.periods import Grain, Period
from alertd.core.printable import is_unprintable, on_one_line

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


class FaultKind(StrEnum):
    """What can be wrong with warehouse rows, found before any rule sees them (R13). The value is how people read it."""

    EMPTY = "no rows at all"
    STALE = "no newer figures have arrived"
    MISSING_PERIOD = "no figures for any series"
    MISSING_SERIES = "no figures where others have them"
    VANISHED = "an expected place that is not in the data"
    UNEXPECTED_PLACE = "a place that is not in the list of places"
    NULL = "no figure in the row"
    NOT_A_NUMBER = "text or NaN where a figure belongs"
    INFINITE = "a figure without bound"
    NEGATIVE_COUNT = "a count below zero"
    ZERO_DENOMINATOR = "a denominator of zero"
    NEGATIVE_DENOMINATOR = "a denominator below zero"
    NUMERATOR_ABOVE_DENOMINATOR = "a part larger than its whole"
    UNKNOWN_GRADE = "a grade that is not in the scale"
    BAD_INTERVAL = "a margin of error that cannot be"
    BAD_WEIGHT = "a weight that is not above zero"
    DUPLICATE = "more than one row for a series and period"
    FUTURE = "a period that has not begun"
    BAD_PERIOD = "a period that cannot be read"
    NO_SERIES = "a row that names no series"
    ONE_PERSON = "a series that is named like one person, and is left out"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Fault:
    """One fault in a measure's data: which series (None: all of them), which period, what was found."""

    kind: FaultKind
    key: Key | None
    period: str
    """The period in contract form, or the text that could not be read; empty where none applies."""
    found: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Events:
    """Single events, sorted by series and then by time: one item an event."""

    at: Floats
    """When each happened, in days since the first of January 1970, local time; whole where only the day is known."""
    column: Ints
    """The series of each, as a column of the block."""

    def take(self, columns: Ints) -> "Events":
        """The events of only these columns, in this order."""
        chosen, column = items_of(self.column, columns)
        return Events(at=self.at[chosen], column=column)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Unseen:
    """The figures of all groups of people, the small ones too: only ever added up for the levels above, never shown.

    Arrays of periods x series, as those of the block.
    """

    value: Floats
    numerator: Floats | None
    denominator: Floats | None
    above: Mapping[str, Mapping[Key, Bools]]
    """Level to series to the periods in which the sum there is withheld too."""

    def take(self, columns: Ints) -> "Unseen":
        """The figures of only these columns, in this order."""
        return replace(
            self,
            value=self.value[:, columns],
            numerator=None if self.numerator is None else self.numerator[:, columns],
            denominator=None if self.denominator is None else self.denominator[:, columns],
        )


ARRAYS = (
    *("value", "numerator", "denominator", "present"),
    *("standard_error", "grades", "log_value", "reference"),
)
"""The arrays of a block, whose last two axes are periods and series."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """What the figures of a block are held against, figures of another measure: arrays of periods x series."""

    figures: Floats
    """The figure of each period, or the newest one before it; NaN where there is none yet."""
    of: Ints
    """The slot of the period that each is the figure of."""
    ahead: int = 0
    """For how many periods after the block's last there are rows, as the coming ones are planned; 0 where none is."""

    def known_at(self, row: int, steps: Ints) -> tuple[Floats, Ints]:
        """What is known at a row of the periods so many steps after it, and of which period each is the figure."""
        rows = row + np.minimum(steps, self.ahead)
        return self.figures[rows], self.of[rows]

    def take(self, columns: Ints) -> "Capacity":
        """The same of these columns, in this order."""
        return replace(self, figures=self.figures[:, columns], of=self.of[:, columns])


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesBlock:
    """The series of one measure: arrays of periods x series, period-major, NaN where there is no usable figure.

    Row i holds slot `first + i` of the grain; column j the series `keys[j]`. `value` is in the measure's unit.
    `present` is True where the warehouse had a row, usable or not.
    """

    measure: str
    grain: Grain
    by: tuple[str, ...]
    keys: tuple[Key, ...]
    first: int
    value: Floats
    numerator: Floats | None
    denominator: Floats | None
    present: Bools
    standard_error: Floats | None = None
    """The standard error of each figure, in the measure's unit, where a survey says so."""
    grades: Floats | None = None
    """How many cases have each grade: grades x periods x series; NaN where a period has no figure."""
    events: Events | None = None
    """The events that `value` counts. Every one up to the end of the last row is there."""
    log_value: Floats | None = None
    """The natural logarithm of `value`, where charts judge on that scale; a ratio of zero counts as half a case."""
    reference: Floats | None = None
    """Where the reference line stands, where a column says so."""
    capacity: Capacity | None = None
    """What the figures are held against."""
    plan: "SeriesBlock | None" = None
    """What is planned for the periods that are not complete yet, of a measure that has plans; its series are its own."""
    entries: Entries | None = None
    """What was written beside the figures, where the measure names a column of words."""
    unseen: Unseen | None = None
    """What small groups of people withhold from `value` and the others; None where nothing is."""
    faults: tuple[Fault, ...] = ()
    data_version: str = ""
    """A short digest of the figures, for the small print and the audit."""

    def withholds(self, row: int, column: int) -> bool:
        """Whether there is a figure that is withheld, for a group that is too small or for its sake."""
        unseen = self.unseen
        return unseen is not None and bool(np.isnan(self.value[row, column]) & ~np.isnan(unseen.value[row, column]))

    @property
    def periods(self) -> int:
        """How many periods the block spans."""
        return int(self.value.shape[0])

    @property
    def last(self) -> int:
        """The slot of the last row."""
        return self.first + self.periods - 1

    def period(self, row: int) -> Period:
        """The period of a row."""
        return Period(self.grain, self.first + row)

    def series(self, column: int) -> dict[str, str]:
        """The series of a column, by name."""
        return dict(zip(self.by, self.keys[column], strict=True))

    def take(self, columns: Sequence[int] | Ints) -> "SeriesBlock":
        """The block with only these columns, in this order."""
        chosen = np.asarray(columns, dtype=np.int64)

        return replace(
            self,
            keys=tuple(self.keys[int(j)] for j in chosen),
            events=None if self.events is None else self.events.take(chosen),
            capacity=None if self.capacity is None else self.capacity.take(chosen),
            entries=None if self.entries is None else self.entries.take(chosen),
            unseen=None if self.unseen is None else self.unseen.take(chosen),
            **{name: array[..., chosen] for name, array in self.arrays().items()},
        )

    def arrays(self) -> dict[str, Any]:
        """The arrays that are there, by name; the last two axes of each are periods and series."""
        given = {name: getattr(self, name) for name in ARRAYS}
        return {name: array for name, array in given.items() if array is not None}


def side_by_side(blocks: Sequence[SeriesBlock]) -> SeriesBlock:
    """Blocks of one measure, of the same periods and with the same parts, as one: their columns in this order.

    They have no capacity beside them. A key may come more than once, which only detectors that judge each series by itself
    may see.
    """
    first, *others = blocks
    if not others:
        return first

    def joined(name: str) -> Any:
        parts = [getattr(block, name) for block in blocks]
        return None if parts[0] is None else np.concatenate(parts, axis=-1)

    events = None
    if first.events is not None:
        before = np.cumsum([0, *(len(block.keys) for block in blocks)]).tolist()
        given = [(block.events, start) for block, start in zip(blocks, before, strict=False) if block.events]
        events = Events(
            at=np.concatenate([one.at for one, _ in given]),
            column=np.concatenate([one.column + start for one, start in given]),
        )
    arrays = {name: joined(name) for name in ARRAYS}
    return replace(first, keys=tuple(key for block in blocks for key in block.keys), events=events, **arrays)


def series_text(series: Mapping[str, str]) -> str:
    """A series in one cell of csv: `k=v;k=v`; force-wide is empty.

    Percent-encoded are `;`, `=`, `%` and what is no printable character, so that a cell is one line that says what it holds.
    """
    return ";".join(f"{_escape(name)}={_escape(value)}" for name, value in series.items())


def _escape(text: str) -> str:
    text = text.replace("%", "%25").replace(";", "%3B").replace("=", "%3D")
    if text.isprintable():
        return text
    return "".join(quote(one, safe="", errors="replace") if is_unprintable(one) else one for one in text)


def series_words(series: Mapping[str, str]) -> str:
    """A series as people read it, on one line: `Burnley, Burglary`; force-wide is `the whole force`."""
    return ", ".join(on_one_line(value) for value in series.values()) if series else "the whole force"
