"""The quick way from Arrow batches to a block: for plain measures, as long as every row is as it should be."""

from collections.abc import Iterable, Sequence
from datetime import datetime

import numpy as np
import pyarrow as pa

from alertd.core.filling import Filling, are_usable, filled_block, is_plain
from alertd.core.measures import Measure
from alertd.core.periods import Grain, Period
from alertd.core.person_rows import names_of_persons
from alertd.core.places import Places
from alertd.core.rows import UNREAD, Codes
from alertd.core.series import Floats, Ints, SeriesBlock
from alertd.core.settling import is_complete
from alertd.warehouse.columns import ArrowColumn
from alertd.warehouse.texts import TextCodes
from alertd.warehouse.words import slot_of, slots_of

_MOST_PAIRS = 50_000_000
"""A table of more combinations of two columns than this is not made."""


def quick_block(
    measure: Measure, batches: Iterable[Sequence[pa.Array]], *, now: datetime, places: Places, as_of: bool
) -> SeriesBlock | None:
    """The block of a measure's rows, in the order of `measure.columns`, the same as `classify` would make of them.

    None as soon as anything is not as it should be, and for a measure without rows: the careful way finds out what it is.
    """
    if not is_plain(measure):
        return None
    local = now.replace(tzinfo=None)
    current = Period.containing(local, measure.grain)
    newest = current.slot if is_complete(current, local) else current.slot - 1
    place = {name: i for i, name in enumerate(measure.columns)}
    filling, series = Filling(len(measure.figures)), _Series(len(measure.by))
    for batch in batches:
        slots = _slots(batch[place[measure.period]], measure.grain, now)
        figures = [_numbers(batch[place[name]]) for name in measure.figures]
        if slots is None or not len(slots) or any(numbers is None for numbers in figures):
            return None
        known = [numbers for numbers in figures if numbers is not None]
        latest = int(slots.max())
        if latest > current.slot and not as_of:
            return None
        columns = [batch[place[name]] for name in measure.by]
        if latest > newest:  # those of a period that is still running say nothing yet, not even that there is a series
            kept = slots <= newest
            slots, known = slots[kept], [numbers[kept] for numbers in known]
            columns = [column.filter(pa.array(kept)) for column in columns]
            if not len(slots):
                continue
        codes = series.add(columns, len(slots))
        if codes is None or not are_usable(measure, known) or not filling.add(slots, codes, known, series.count):
            return None
    if not filling.rows or names_of_persons(measure, series.keys, places):
        return None
    return filled_block(measure, filling, series.keys, now.tzinfo, places)


def _slots(array: pa.Array, grain: Grain, now: datetime) -> Ints | None:
    if array.null_count:
        return None
    column = ArrowColumn(array)
    direct = column.moments(now.tzinfo)
    if direct is not None:
        codes, moments = direct
        known = slots_of(moments, grain)
    else:
        codes, values = column.encoded()
        known = np.array([slot_of(value, grain, now.tzinfo)[0] for value in values], dtype=np.int64)
    slots: Ints = known[codes]
    return None if len(slots) and int(slots.min()) == UNREAD else slots


def _numbers(array: pa.Array) -> Floats | None:
    if array.null_count:
        return None
    found = ArrowColumn(array).numbers()
    return None if found is None else found[0]


class _Series:
    """The columns of `by` joined to one number a series, in the order in which the series first came."""

    def __init__(self, columns: int) -> None:
        self._texts = [TextCodes() for _ in range(columns)]
        self._table = np.full((0,) * columns, -1, dtype=np.int32)
        self._combinations: list[Ints] = []
        self._joined = 0

    @property
    def count(self) -> int:
        """How many series have come."""
        return self._joined if len(self._texts) > 1 else len(self._texts[0].texts) if self._texts else 1

    @property
    def keys(self) -> list[tuple[str, ...]]:
        """The series in the order of their numbers."""
        if len(self._texts) < 2:
            return list(zip(*(column.texts for column in self._texts), strict=True)) if self._texts else [()]
        places = np.concatenate(self._combinations, axis=1)
        words = [[column.texts[i] for i in place] for column, place in zip(self._texts, places.tolist(), strict=True)]
        return list(zip(*words, strict=True))

    def add(self, columns: Sequence[pa.Array], rows: int) -> Codes | None:
        """The number of each row's series; None where a row names none, or they are too many combinations."""
        coded = []
        for known, column in zip(self._texts, columns, strict=True):
            codes = known.add(column)
            if codes is None:
                return None
            coded.append(codes)
        if not coded:
            return np.zeros(rows, dtype=np.int32)
        return coded[0] if len(coded) == 1 else self._join(coded)

    def _join(self, coded: list[Codes]) -> Codes | None:
        sizes = tuple(len(column.texts) for column in self._texts)
        if any(size > there for size, there in zip(sizes, self._table.shape, strict=True)):
            larger = tuple(max(size, there * 3 // 2) for size, there in zip(sizes, self._table.shape, strict=True))
            if np.prod(larger, dtype=np.float64) > _MOST_PAIRS:
                return None
            table = np.full(larger, -1, dtype=np.int32)
            table[tuple(slice(there) for there in self._table.shape)] = self._table
            self._table = table
        cell = coded[0].astype(np.int64)
        for codes, size in zip(coded[1:], self._table.shape[1:], strict=True):
            cell *= size
            cell += codes
        flat = self._table.reshape(-1)
        found = flat[cell]
        new = cell[found < 0]
        if len(new):
            cells, first = np.unique(new, return_index=True)
            cells = cells[np.argsort(first)]
            flat[cells] = np.arange(self._joined, self._joined + len(cells), dtype=np.int32)
            self._combinations.append(np.array(np.unravel_index(cells, self._table.shape)))
            self._joined += len(cells)
            found = flat[cell]
        return found
