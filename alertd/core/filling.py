"""Figures put on the grid of periods and series as they come, for rows that are all as they should be.

Nothing is held but the grid: a million series of 60 periods are read within the memory of their figures. The first row
that is not as it should be ends this; the careful way (`classify`) then reads everything anew and names what is wrong.
"""

from collections.abc import Sequence
from datetime import tzinfo

import numpy as np

from alertd.core.absent import settle_absent
from alertd.core.classify import sealed
from alertd.core.faults import roster_problems
from alertd.core.grid import MAX_CELLS, Grid
from alertd.core.measures import Measure
from alertd.core.model import Key
from alertd.core.periods import Grain, Period
from alertd.core.places import Places
from alertd.core.roster import expected_series
from alertd.core.rows import Codes, Rows
from alertd.core.series import Floats, Ints, SeriesBlock
from alertd.core.unusable import UNBOUNDED

_MORE_PERIODS = 120
"""When the grid grows, there is room for so many periods more than twice what it needs."""


class Filling:
    """A grid that grows in both directions: matrices of periods x series, NaN where nothing has come."""

    def __init__(self, matrices: int) -> None:
        self._matrices = [np.empty((0, 0))] * matrices
        self._base = 0  # the slot of the matrices' row 0
        self._first = self._stop = 0  # slots that are in use
        self._series = 0
        self._rows = 0

    def add(self, slots: Ints, codes: Codes, figures: Sequence[Floats], series: int) -> bool:
        """Put rows on the grid, unless it would be absurdly large; `series` is how many are known, these rows' included."""
        if not len(slots):
            return True
        first, stop = int(slots.min()), int(slots.max()) + 1
        if (max(stop, self._stop) - min(first, self._first)) * series > MAX_CELLS and self._rows:
            return False
        if (stop - first) * series > MAX_CELLS:
            return False
        self._make_room(first, stop, series)
        cell = (slots - self._base) * self._matrices[0].shape[1]
        cell += codes
        for matrix, numbers in zip(self._matrices, figures, strict=True):
            matrix.reshape(-1)[cell] = numbers
        self._rows += len(slots)
        return True

    @property
    def first(self) -> int:
        """The slot of the first period."""
        return self._first

    @property
    def rows(self) -> int:
        """How many rows were put on the grid."""
        return self._rows

    @property
    def shape(self) -> tuple[int, int]:
        """How many periods and series the grid has."""
        return self._stop - self._first, self._series

    def matrices(self, order: Ints | None) -> list[Floats]:
        """The grids, their columns in this order (None: as they are); the filling is used up."""
        used = slice(self._first - self._base, self._stop - self._base)
        found = [matrix[used, : self._series] for matrix in self._matrices]
        if order is not None:
            for matrix in found:
                for row in matrix:  # in place: a second grid might not fit
                    row[:] = row[order]
        return found

    def _make_room(self, first: int, stop: int, series: int) -> None:
        """Room for the slots [first, stop) and so many series, NaN wherever nothing has been put.

        Room that is not used yet takes no memory: nothing is written to it.
        """
        if not self._rows:
            self._first = self._stop = first
        top, bottom = min(first, self._first), max(stop, self._stop)
        periods, width = self._matrices[0].shape
        if series > width or first < self._base or stop > self._base + periods:
            before = 0 if first >= self._base or not self._rows else max(periods, _MORE_PERIODS)
            wide = width if series <= width else max(series, width * 3 // 2)
            room = max(bottom - top, min(2 * (bottom - top) + _MORE_PERIODS, MAX_CELLS // wide - before))
            self._move(top - before, before + room, wide)
        for matrix in self._matrices:
            used = matrix[self._first - self._base : self._stop - self._base]
            used[:, self._series : series] = np.nan
            matrix[top - self._base : self._first - self._base, :series] = np.nan
            matrix[self._stop - self._base : bottom - self._base, :series] = np.nan
        self._first, self._stop, self._series = top, bottom, series

    def _move(self, base: int, periods: int, wide: int) -> None:
        """Larger matrices from slot `base` on, with what the others hold."""
        for position, matrix in enumerate(self._matrices):
            larger = np.empty((periods, wide))
            used = matrix[self._first - self._base : self._stop - self._base, : self._series]
            larger[self._first - base : self._stop - base, : self._series] = used
            self._matrices[position] = larger
            del matrix
        self._base = base


def is_plain(measure: Measure) -> bool:
    """Whether each row of a measure is a figure by itself: nothing is grouped, aged, joined or read beside it."""
    asks_for_more = (
        measure.aggregate,
        measure.event,
        measure.quantile,
        measure.ratio,
        measure.grade,
        measure.loaded_at,
        measure.complete_to_column,
        measure.finding,
        measure.planned,
    )
    # Rows of an hour that the clocks repeat are joined.
    return not any(asks_for_more) and not measure.beside and measure.grain is not Grain.HOUR


def are_usable(measure: Measure, figures: Sequence[Floats]) -> bool:
    """Whether nothing is wrong with any figure of some rows: none of the faults of `unusable`."""
    for position, numbers in enumerate(figures):
        least, most = float(numbers.min()), float(numbers.max())  # NaN where one of them is, and no comparison holds
        if measure.value is not None:
            lowest_is_fine = least > -UNBOUNDED
        else:
            lowest_is_fine = least > 0 if position else least >= 0
        if not (lowest_is_fine and most < UNBOUNDED):
            return False
    if len(figures) == 1:
        return True
    upper, lower = figures
    if measure.is_share and bool((upper > lower).any()):
        return False
    with np.errstate(all="ignore"):
        return bool((upper * measure.factor / lower < UNBOUNDED).all())


def filled_block(
    measure: Measure, filling: Filling, texts: Sequence[Key], zone: tzinfo | None, places: Places
) -> SeriesBlock | None:
    """The block of a filling, whose series are numbered in the order of `texts`; None where a cell had more than one row."""
    order = sorted(range(len(texts)), key=texts.__getitem__)
    in_order = order == list(range(len(texts)))
    keys = tuple(texts) if in_order else tuple(texts[j] for j in order)
    matrices = filling.matrices(None if in_order else np.array(order))
    present = ~np.isnan(matrices[0])
    if int(np.count_nonzero(present)) != filling.rows:
        return None
    periods, _ = filling.shape
    expected = expected_series(measure, places, keys, Period(measure.grain, filling.first + periods - 1))
    if expected.absent:
        wider = tuple(sorted({*keys, *expected.absent}))
        place = {key: j for j, key in enumerate(wider)}
        columns = np.array([place[key] for key in keys], dtype=np.int64)
        matrices = [_spread(matrix, columns, len(wider), np.nan) for matrix in matrices]
        present, keys = _spread(present, columns, len(wider), 0), wider
    problems = roster_problems(measure, places, keys, expected)
    value, numerator, denominator = matrices[0], None, None
    if len(matrices) == 2:
        numerator, denominator = matrices
        value = numerator * measure.factor
        with np.errstate(all="ignore"):
            value /= denominator
    if not present.all():
        nothing = np.empty(0, dtype=np.int64)
        rows = Rows(slot=nothing, unread=None, series=nothing.astype(np.int32), keys=keys, figures=())
        grid = Grid(
            rows=rows, keys=keys, expected=expected, first=filling.first, periods=periods, cell=nothing, column=nothing
        )
        settle_absent(measure, grid, present, (value, numerator), problems, zone, complete=False)
    return sealed(
        SeriesBlock(
            measure=measure.id,
            grain=measure.grain,
            by=measure.by,
            keys=keys,
            first=filling.first,
            value=value,
            numerator=numerator,
            denominator=denominator,
            present=present,
        ),
        problems,
    )


def _spread(matrix: np.ndarray, columns: Ints, width: int, filler: float) -> np.ndarray:
    spread = np.full((len(matrix), width), filler, dtype=matrix.dtype)
    spread[:, columns] = matrix
    return spread
