"""The chunks of a query's answer as `Rows`: periods as slots, series as numbers, figures as floats."""

import math
from collections.abc import Iterable, Sequence
from datetime import tzinfo
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from alertd.core.measure_parts import EVERY_ROW, folded
from alertd.core.measures import Measure
from alertd.core.periods import Grain
from alertd.core.rows import UNREAD, Codes, Figures, Moments, Rows, Texts, combine
from alertd.core.series import Bools, Floats, Ints
from alertd.warehouse.columns import Column
from alertd.warehouse.words import completeness_of, end_of_day, key_text, moment_of, number, shown, slot_of, slots_of

Kind = TypeVar("Kind", bound=np.generic)
MOST_CHARACTERS = 2_400
"""More of a text than this is not read: eight times what is printed, for words among much that is not."""


def rows_of(measure: Measure, chunks: Iterable[Sequence[Column]], zone: tzinfo | None) -> Rows:
    """Code chunks of columns, in the order of `measure.columns`; a chunk may be dropped once it has been read."""
    place = {name: i for i, name in enumerate(measure.columns)}
    periods = _Periods(measure.grain, zone)
    names = [_Names() for _ in measure.by]
    figures = [_reader(measure, name, position) for position, name in enumerate(measure.figures)]
    beside = {what: _Numbers(name) for what, name in measure.beside.items()}
    loaded, at, complete, assessed = _Moments(zone), _Moments(zone), _Moments(zone, ends=True), _Moments(zone)
    finding, assessor = _Words(), _Words()
    others: tuple[tuple[str | None, _Moments | _Words], ...] = (
        (measure.loaded_at, loaded),
        (measure.period if measure.event is not None else None, at),
        (measure.complete_to_column, complete),
        (measure.day_column, assessed),
        (measure.finding, finding),
        (measure.assessed_by, assessor),
    )
    for chunk in chunks:
        periods.add(chunk[place[measure.period]])
        for column, series in zip(measure.by, names, strict=True):
            series.add(chunk[place[column]])
        for numbers in (*figures, *beside.values()):
            # Every row counts for one whatever stands in it, so that any column says how many there are.
            numbers.add(chunk[0 if numbers.name == EVERY_ROW else place[numbers.name]])
        for name, reader in others:
            if name is not None:
                reader.add(chunk[place[name]])
    slot, unread = periods.joined()
    series_code, keys = combine([series.joined() for series in names], len(slot))
    return Rows(
        slot=slot,
        unread=unread,
        series=series_code,
        keys=keys,
        figures=tuple(numbers.joined() for numbers in figures),
        beside={what: numbers.joined() for what, numbers in beside.items()},
        loaded_at=loaded.joined() if measure.loaded_at is not None else None,
        at=at.joined() if measure.event is not None else None,
        complete_to=complete.joined() if measure.complete_to_column is not None else None,
        finding=finding.joined() if measure.finding is not None else None,
        assessed_by=assessor.joined() if measure.assessed_by is not None else None,
        assessed_on=assessed.joined() if measure.day_column is not None else None,
    )


def _reader(measure: Measure, name: str, position: int) -> "_Numbers":
    """What reads a column that the figure is made of."""
    if name == EVERY_ROW:
        return _EveryRow(name)
    if measure.scale is not None:
        return _Grades(name, measure.scale)
    counted = measure.aggregate is not None and measure.count is not None and position == 0
    return _Occurrences(name) if counted else _Numbers(name)


class _Moments:
    """A column of dates or times, chunk by chunk; `ends` takes each for the end of what a feed covers."""

    def __init__(self, zone: tzinfo | None, *, ends: bool = False) -> None:
        self._zone, self._ends = zone, ends
        self._moments: list[Moments] = []

    def add(self, column: Column) -> None:
        direct = column.moments(self._zone)
        if direct is not None:
            codes, found = direct
            known = found.astype("M8[us]")
            if self._ends:
                known = end_of_day(known)
        else:
            codes, values = column.encoded()
            read = completeness_of if self._ends else moment_of
            known = np.array([*(read(value, self._zone) for value in values), np.datetime64("NaT")], dtype="M8[us]")
        self._moments.append(known[codes])

    def joined(self) -> Moments:
        return _concatenated(self._moments, np.datetime64)


class _Words:
    """A column of free text, chunk by chunk; of each text only as much is kept as could ever be printed."""

    def __init__(self) -> None:
        self._codes: list[Codes] = []
        self._known: dict[str, int] = {}

    def add(self, column: Column) -> None:
        codes, values = column.encoded()
        texts = [(key_text(value) or "")[:MOST_CHARACTERS] for value in values]
        known = [self._known.setdefault(text, len(self._known)) if text else -1 for text in texts]
        self._codes.append(np.array([*known, -1], dtype=np.int32)[codes])

    def joined(self) -> Texts:
        return Texts(code=_concatenated(self._codes, np.int32), texts=tuple(self._known))


class _Misread:
    """What could not be read in a column, chunk by chunk; most columns have nothing."""

    def __init__(self) -> None:
        self._codes: list[Codes] = []
        self._known: dict[str, int] = {}

    def add(self, codes: Codes, texts: Sequence[str]) -> None:
        """Add a chunk: a code per row, and for each code what could not be read, or nothing."""
        if not self._known and not any(texts):
            self._codes.append(np.broadcast_to(np.int32(-1), codes.shape))
            return
        known = [self._known.setdefault(text, len(self._known)) if text else -1 for text in texts]
        self._codes.append(np.array(known, dtype=np.int32)[codes])

    def skip(self, rows: int) -> None:
        """Add a chunk that was read altogether."""
        self._codes.append(np.broadcast_to(np.int32(-1), (rows,)))

    def joined(self) -> Texts | None:
        return Texts(code=_concatenated(self._codes, np.int32), texts=tuple(self._known)) if self._known else None


class _Periods:
    """The period column, chunk by chunk."""

    def __init__(self, grain: Grain, zone: tzinfo | None) -> None:
        self._grain, self._zone = grain, zone
        self._slots: list[Ints] = []
        self._misread = _Misread()

    def add(self, column: Column) -> None:
        direct = column.moments(self._zone)
        if direct is not None:
            codes, moments = direct
            slots = slots_of(moments, self._grain)
            texts = [
                "" if slot != UNREAD else text
                for slot, text in zip(slots.tolist(), _moment_texts(moments), strict=True)
            ]
        else:
            codes, values = column.encoded()
            read = [*(slot_of(value, self._grain, self._zone) for value in values), (UNREAD, "NULL")]
            slots = np.array([slot for slot, _ in read], dtype=np.int64)
            texts = [text for _, text in read]
        missing = len(codes) > 0 and int(codes.min()) < 0
        self._slots.append(slots[codes])
        self._misread.add(codes, texts if missing else [*texts[:-1], ""])

    def joined(self) -> tuple[Ints, Texts | None]:
        return _concatenated(self._slots, np.int64), self._misread.joined()


def _moment_texts(moments: Moments) -> list[str]:
    written = np.datetime_as_string(moments, unit="D" if moments.dtype == np.dtype("M8[D]") else "s")
    return ["NULL" if text == "NaT" else text.replace("T", " ") for text in written.tolist()]


class _Names:
    """One column of `by`, chunk by chunk."""

    def __init__(self) -> None:
        self._codes: list[Codes] = []
        self._known: dict[str, int] = {}

    def add(self, column: Column) -> None:
        codes, values = column.encoded()
        texts = [key_text(value) for value in values]
        known = [-1 if text is None else self._known.setdefault(text, len(self._known)) for text in texts]
        self._codes.append(np.array([*known, -1], dtype=np.int32)[codes])

    def joined(self) -> tuple[Codes, list[str]]:
        return _concatenated(self._codes, np.int32), list(self._known)


class _Numbers:
    """One column of numbers, chunk by chunk."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._numbers: list[Floats] = []
        self._nulls: list[Bools] = []
        self._misread = _Misread()

    def add(self, column: Column) -> None:
        direct = self._direct(column)
        if direct is not None:
            numbers, nulls = direct
            self._misread.skip(len(numbers))
        else:
            codes, values = column.encoded()
            values.append(None)  # for code -1
            read = [self._read(value) for value in values]
            empty = [self._is_empty(value) for value in values]
            numbers = np.array([figure for figure, _ in read], dtype=np.float64)[codes]
            nulls = np.array(empty, dtype=np.bool_)[codes]
            self._misread.add(codes, ["" if null else text for (_, text), null in zip(read, empty, strict=True)])
        self._numbers.append(numbers)
        self._nulls.append(nulls)

    def joined(self) -> Figures:
        return Figures(
            column=self.name,
            number=_concatenated(self._numbers, np.float64),
            null=_concatenated(self._nulls, np.bool_),
            unread=self._misread.joined(),
        )

    def _direct(self, column: Column) -> tuple[Floats, Bools] | None:
        return column.numbers()

    def _read(self, value: Any) -> tuple[float, str]:
        return number(value)

    def _is_empty(self, value: Any) -> bool:
        return value is None


class _EveryRow(_Numbers):
    """No column: each row counts for one."""

    def _direct(self, column: Column) -> tuple[Floats, Bools] | None:
        return np.ones(len(column)), np.zeros(len(column), dtype=np.bool_)


class _Occurrences(_Numbers):
    """A column whose rows count for one where it holds something, and for none where it is empty, no or 0."""

    def _direct(self, column: Column) -> tuple[Floats, Bools] | None:
        direct = column.numbers()
        if direct is None:
            return None
        numbers, nulls = direct
        there = ~nulls & ~np.isnan(numbers) & (numbers != 0)
        return there.astype(np.float64), np.zeros(len(numbers), dtype=np.bool_)

    def _read(self, value: Any) -> tuple[float, str]:
        text = key_text(value)
        return (0.0 if text is None or text.strip().casefold() in _NOTHING else 1.0), ""

    def _is_empty(self, value: Any) -> bool:  # noqa: ARG002  an empty one is no case, and nothing is wrong with it
        return False


_NOTHING = frozenset(("0", "false", "f", "no", "n"))


class _Grades(_Numbers):
    """A column of grades, as their places in the scale."""

    def __init__(self, name: str, scale: Sequence[str]) -> None:
        super().__init__(name)
        self._place = {folded(grade): float(place) for place, grade in enumerate(scale, start=1)}

    def _direct(self, column: Column) -> tuple[Floats, Bools] | None:  # noqa: ARG002  a grade is a text
        return None

    def _read(self, value: Any) -> tuple[float, str]:
        place = self._place.get(folded(key_text(value) or ""), math.nan)
        return place, shown(value) if math.isnan(place) else ""

    def _is_empty(self, value: Any) -> bool:
        return key_text(value) is None


def _concatenated(chunks: list[NDArray[Kind]], kind: type[Kind]) -> NDArray[Kind]:
    if len(chunks) == 1:
        return chunks[0]
    return np.concatenate(chunks) if chunks else np.empty(0, dtype=kind)
