"""What was written beside figures: the words of assessments, reality checks and focus groups, an entry each."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entries:
    """Entries of a block, sorted by series and then period: one item an entry. None has empty words."""

    row: Ints
    """The period of each, as a row of the block."""
    column: Ints
    """The series of each, as a column of the block."""
    figure: NDArray[np.float64]
    """The grade of each as its place on the scale, or what else its row counts for."""
    day: NDArray[np.datetime64]
    """The day of each; NaT where only its period is known."""
    words: tuple[str, ...]
    by: tuple[str, ...]
    """Who wrote it; empty where that is not known."""

    def take(self, columns: Ints) -> "Entries":
        """The entries of only these columns, in this order."""
        chosen, column = items_of(self.column, columns)
        return self._chosen(chosen, column)

    def at(self, row: int, column: int) -> "Entries":
        """The entries of one period of one series."""
        chosen = np.flatnonzero((self.row == row) & (self.column == column))
        return self._chosen(chosen, self.column[chosen])

    def days(self) -> list[date | None]:
        """The day of each."""
        known: list[date | None] = self.day.astype("M8[D]").tolist()  # NaT becomes None
        return known

    def _chosen(self, chosen: Ints, column: Ints) -> "Entries":
        places = chosen.tolist()
        return Entries(
            row=self.row[chosen],
            column=column,
            figure=self.figure[chosen],
            day=self.day[chosen],
            words=tuple(self.words[place] for place in places),
            by=tuple(self.by[place] for place in places),
        )


def items_of(column: Ints, columns: Ints) -> tuple[Ints, Ints]:
    """Of items that are sorted by their column, those of some columns: their places, and each one's new column."""
    begin = np.searchsorted(column, columns, side="left")
    size = np.searchsorted(column, columns, side="right") - begin
    before = np.cumsum(size) - size
    return np.arange(int(size.sum())) + np.repeat(begin - before, size), np.repeat(np.arange(len(columns)), size)
