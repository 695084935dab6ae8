"""Warehouse rows as arrays, before anything about them has been judged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from alertd.core.model import Key
from alertd.core.series import Bools, Floats, Ints

UNREAD = int(np.iinfo(np.int64).min)
"""The slot of a row whose period could not be read."""

Codes = NDArray[np.int32]
Moments = NDArray[np.datetime64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """Texts of rows, most of them what stands where something else belongs: per row an index into `texts`, -1 for none."""

    code: Codes
    texts: tuple[str, ...]

    def take(self, chosen: Bools | Ints) -> "Texts":
        """The same for some rows."""
        return Texts(code=self.code[chosen], texts=self.texts)

    def sorted(self) -> "Texts":
        """The same with `texts` in order, each once."""
        if not self.texts:
            return self
        texts, rank = np.unique(np.array(self.texts, dtype=object), return_inverse=True)
        code = np.where(self.code < 0, -1, rank.astype(np.int32)[self.code])
        return Texts(code=code, texts=tuple(texts.tolist()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One column of figures, a number per row."""

    column: str
    """What the warehouse calls it."""
    number: Floats
    """NaN where there is no number."""
    null: Bools
    """True where the warehouse had NULL."""
    unread: Texts | None = None
    """Text that is no number; None where there is none in any row."""

    def take(self, chosen: Bools | Ints) -> "Figures":
        """The same for some rows."""
        unread = None if self.unread is None else self.unread.take(chosen)
        return Figures(column=self.column, number=self.number[chosen], null=self.null[chosen], unread=unread)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """A measure's rows: where each belongs on the grid, and what it holds. All arrays have one item a row."""

    slot: Ints
    """The slot of the row's period on the measure's grain, or `UNREAD`."""
    unread: Texts | None
    """What the period column held where it could not be read; None where every row reads well."""
    series: Codes
    """An index into `keys`, or -1 where the row names no series."""
    keys: tuple[Key, ...]
    """The series that the rows name, sorted, each once; some may have no row."""
    figures: tuple[Figures, ...]
    """What the figure is made of: itself, numerator and denominator, or the four of a ratio."""
    beside: Mapping[str, Figures] = field(default_factory=dict)
    """What belongs to a figure without being part of it, by the names of `Measure.beside`."""
    loaded_at: Moments | None = None
    """When each row was loaded, in naive local time; NaT where unknown."""
    at: Moments | None = None
    """When each event happened, in naive local time; NaT where only its period is known."""
    complete_to: Moments | None = None
    """The moment up to which the feed was complete, by each row, in naive local time; NaT where unknown."""
    finding: Texts | None = None
    """The words that stand beside each figure."""
    assessed_by: Texts | None = None
    """Who wrote them."""
    assessed_on: Moments | None = None
    """When they were written, or of when they are, in naive local time; NaT where unknown."""
    until: Moments | None = None
    """Until when each row stood, in naive local time, before it was corrected or withdrawn; NaT where it stands."""

    def __len__(self) -> int:
        return int(self.slot.shape[0])

    def take(self, chosen: Bools | Ints) -> "Rows":
        """Some of the rows, by mask or by position."""
        return Rows(
            slot=self.slot[chosen],
            unread=None if self.unread is None else self.unread.take(chosen),
            series=self.series[chosen],
            keys=self.keys,
            figures=tuple(column.take(chosen) for column in self.figures),
            beside={what: column.take(chosen) for what, column in self.beside.items()},
            loaded_at=None if self.loaded_at is None else self.loaded_at[chosen],
            at=None if self.at is None else self.at[chosen],
            complete_to=None if self.complete_to is None else self.complete_to[chosen],
            finding=None if self.finding is None else self.finding.take(chosen),
            assessed_by=None if self.assessed_by is None else self.assessed_by.take(chosen),
            assessed_on=None if self.assessed_on is None else self.assessed_on[chosen],
            until=None if self.until is None else self.until[chosen],
        )


def combine(columns: Sequence[tuple[Codes, Sequence[str]]], rows: int) -> tuple[Codes, tuple[Key, ...]]:
    """Join the `by` columns, each coded as (code per row or -1, texts), to one code per row and the sorted keys.

    Without columns every row belongs to the force-wide series.
    """
    if not columns:
        return np.zeros(rows, dtype=np.int32), ((),)
    (series, texts), *others = [_ranked(code, texts) for code, texts in columns]
    if not others:
        return series, tuple((text,) for text in texts)
    series, used = _compress(series.astype(np.int64), len(texts))
    parts, names = [used], [texts]
    for code, texts in others:
        width = max(len(texts), 1)
        joined = np.where((series < 0) | (code < 0), -1, series.astype(np.int64) * width + code)
        series, used = _compress(joined, len(parts[0]) * width)
        parts = [part[used // width] for part in parts] + [used % width]
        names.append(texts)
    words = [[known[i] for i in part.tolist()] for known, part in zip(names, parts, strict=True)]
    return series, tuple(zip(*words, strict=True))


def _compress(joined: Ints, cells: int) -> tuple[Codes, Ints]:
    """Number the values that occur, in order: (number per row, the values); -1 stays -1."""
    named = joined >= 0
    if cells > max(4 * joined.size, 1_000_000):
        used = np.unique(joined[named])
        return np.where(named, np.searchsorted(used, joined), -1).astype(np.int32), used
    seen = np.zeros(cells + 1, dtype=np.bool_)  # a table of all combinations beats sorting the rows
    seen[joined] = True  # -1 marks the extra last cell
    seen[-1] = False
    number = np.cumsum(seen, dtype=np.int32) - 1
    number[-1] = -1
    return number[joined].astype(np.int32, copy=False), np.flatnonzero(seen)


def _ranked(code: Codes, texts: Sequence[str]) -> tuple[Codes, list[str]]:
    """The same column with its texts sorted."""
    order = sorted(range(len(texts)), key=texts.__getitem__)
    rank = np.empty(len(texts) + 1, dtype=np.int32)
    rank[order] = np.arange(len(texts), dtype=np.int32)
    rank[-1] = -1  # so that code -1 stays -1
    return rank[code], [texts[i] for i in order]
