"""The chunks of a query's answer as `Rows`: periods as slots, series as numbers, figures as floats."""

from collections.abc import Iterable, Sequence
from datetime import tzinfo
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from alertd.core.measures import Measure
from alertd.core.periods import Grain
from alertd.core.rows import UNREAD, Codes, Figures, Moments, Rows, Texts, combine
from alertd.core.series import Bools, Floats, Ints
from alertd.warehouse.columns import Column
from alertd.warehouse.words import key_text, moment_of, number, slot_of, slots_of

Kind = TypeVar("Kind", bound=np.generic)


def rows_of(measure: Measure, chunks: Iterable[Sequence[Column]], zone: tzinfo | None) -> Rows:
    """Code chunks of columns, in the order of `measure.columns`; a chunk may be dropped once it has been read."""
    place = {name: i for i, name in enumerate(measure.columns)}
    periods = _Periods(measure.grain, zone)
    names = [_Names() for _ in measure.by]
    wanted = (measure.value, measure.numerator or measure.count, measure.denominator_column)
    figures = [_Numbers(name) for name in wanted if name is not None]
    loaded: list[Moments] = []
    for chunk in chunks:
        periods.add(chunk[place[measure.period]])
        for column, series in zip(measure.by, names, strict=True):
            series.add(chunk[place[column]])
        for numbers in figures:
            numbers.add(chunk[place[numbers.name]])
        if measure.loaded_at is not None:
            loaded.append(_moments(chunk[place[measure.loaded_at]], zone))
    slot, unread = periods.joined()
    series_code, keys = combine([series.joined() for series in names], len(slot))
    return Rows(
        slot=slot,
        unread=unread,
        series=series_code,
        keys=keys,
        figures=tuple(numbers.joined() for numbers in figures),
        loaded_at=_concatenated(loaded, np.datetime64) if measure.loaded_at is not None else None,
    )


def _moments(column: Column, zone: tzinfo | None) -> Moments:
    direct = column.moments(zone)
    if direct is not None:
        codes, moments = direct
        return moments.astype("M8[us]")[codes]
    codes, values = column.encoded()
    return np.array([*(moment_of(value, zone) for value in values), np.datetime64("NaT")], dtype="M8[us]")[codes]


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
    """One column of figures, chunk by chunk."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._numbers: list[Floats] = []
        self._nulls: list[Bools] = []
        self._misread = _Misread()

    def add(self, column: Column) -> None:
        direct = column.numbers()
        if direct is not None:
            numbers, nulls = direct
            self._misread.skip(len(numbers))
        else:
            codes, values = column.encoded()
            values.append(None)  # for code -1
            read = [number(value) for value in values]
            empty = [value is None for value in values]
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


def _concatenated(chunks: list[NDArray[Kind]], kind: type[Kind]) -> NDArray[Kind]:
    if len(chunks) == 1:
        return chunks[0]
    return np.concatenate(chunks) if chunks else np.empty(0, dtype=kind)
