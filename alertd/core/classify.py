"""Warehouse rows placed on the grid of periods and series, with every row that cannot be used named (R11 to R13, R19).

Every row ends in the grid, in a fault, or in neither for one of two said reasons: its period is still running, or
`--as-of` hides it. The order of the rows changes nothing.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from alertd.core.errors import WarehouseError
from alertd.core.faults import Problem, roster_problems, row_problems, settle_faults
from alertd.core.measures import Measure
from alertd.core.model import Key
from alertd.core.periods import Period
from alertd.core.places import Places
from alertd.core.roster import Expected, expected_series
from alertd.core.rows import UNREAD, Figures, Rows
from alertd.core.series import Bools, FaultKind, Floats, Ints, SeriesBlock
from alertd.core.settling import is_complete

MAX_CELLS = 150_000_000
"""More cells than this (periods x series) is an error: one stray year would otherwise take all memory."""

UNBOUNDED = 1e300
"""A figure as large as this is an overflow, not a measurement."""


def classify(measure: Measure, rows: Rows, *, now: datetime, places: Places, as_of: bool = False) -> SeriesBlock:
    """The block of a measure's rows at `now` (aware, in the home's zone), up to the last complete period in the data.

    Under `as_of`, rows of periods after `now` and rows loaded after it are hidden; otherwise the former are faults.
    Raises `WarehouseError` where the grid would be absurdly large.
    """
    local = now.replace(tzinfo=None)
    current = Period.containing(local, measure.grain)
    newest = current.slot if is_complete(current, local) else current.slot - 1
    if as_of:
        rows = _visible(rows, current.slot, local)
    problems = row_problems(measure, rows, current.slot)
    usable = (rows.series >= 0) & (rows.slot != UNREAD) & (rows.slot <= newest)
    if not usable.any():
        if len(rows) == 0:
            problems.append(Problem.single(FaultKind.EMPTY))
        return _sealed(_nothing(measure, newest), problems)
    grid = _grid(measure, rows if usable.all() else rows.take(usable), places)
    problems += roster_problems(measure, places, grid.keys, grid.expected)
    return _sealed(_filled(measure, grid, problems), problems)


def _visible(rows: Rows, current: int, local: datetime) -> Rows:
    hidden = rows.slot > current
    if rows.loaded_at is not None:
        hidden |= rows.loaded_at > np.datetime64(local)
    return rows.take(~hidden) if hidden.any() else rows


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grid:
    """Usable rows with their cell: `cell = (slot - first) * len(keys) + series`."""

    rows: Rows
    keys: tuple[Key, ...]
    expected: Expected
    first: int
    periods: int
    cell: Ints

    @property
    def shape(self) -> tuple[int, int]:
        return self.periods, len(self.keys)


def _grid(measure: Measure, rows: Rows, places: Places) -> _Grid:
    first, last = int(rows.slot.min()), int(rows.slot.max())
    seen = np.zeros(len(rows.keys), dtype=np.bool_)
    seen[rows.series] = True
    named = tuple(key for key, used in zip(rows.keys, seen.tolist(), strict=True) if used)
    newest = Period(measure.grain, last)
    expected = expected_series(measure, places, named, newest)
    keys = tuple(sorted({*named, *expected.absent})) if expected.absent else named
    series: Ints = rows.series.astype(np.int64)
    if keys != rows.keys:
        column = {key: j for j, key in enumerate(keys)}
        place = np.full(len(rows.keys), -1, dtype=np.int64)
        place[seen] = [column[key] for key in named]
        series = place[series]
    periods = last - first + 1
    if periods * len(keys) > MAX_CELLS:
        raise WarehouseError(
            f"measure `{measure.id}` spans {periods:,} periods of {len(keys):,} series, from {Period(measure.grain, first)} to "
            f"{newest}: too many to hold; is the oldest period real? Leave it out in the measure's SQL"
        )
    cell = (rows.slot - first) * len(keys) + series
    return _Grid(rows=rows, keys=keys, expected=expected, first=first, periods=periods, cell=cell)


def _filled(measure: Measure, grid: _Grid, problems: list[Problem]) -> SeriesBlock:
    """The block of a grid; adds what is wrong with its figures, and its gaps, to `problems`."""
    present = np.zeros(grid.shape, dtype=np.bool_)
    present.reshape(-1)[grid.cell] = True
    single = _reject_duplicates(grid, int(np.count_nonzero(present)), problems)
    values = _values(measure, grid.rows)
    unusable = _judge_figures(measure, grid, values, single, problems)
    value = _scattered(grid, values, unusable)
    numerator = denominator = None
    if measure.denominator is not None:
        numerator, denominator = (_scattered(grid, column.number, unusable) for column in grid.rows.figures)
    if not present.all():
        _judge_gaps(measure, grid, present, (value, numerator), problems)
    return SeriesBlock(
        measure=measure.id,
        grain=measure.grain,
        by=measure.by,
        keys=grid.keys,
        first=grid.first,
        value=value,
        numerator=numerator,
        denominator=denominator,
        present=present,
    )


def _values(measure: Measure, rows: Rows) -> Floats:
    """The figure of each row in the measure's unit, whatever comes of dividing."""
    if measure.denominator is None:
        return rows.figures[0].number
    upper, lower = rows.figures
    with np.errstate(all="ignore"):
        # Scaled first: whole counts then divide into the very percentage that a threshold names (57 of 100 is 57).
        return upper.number * measure.factor / lower.number


def _scattered(grid: _Grid, numbers: Floats, unusable: Bools) -> Floats:
    matrix = np.full(grid.shape, np.nan)
    matrix.reshape(-1)[grid.cell] = numbers
    if unusable.any():
        matrix.reshape(-1)[grid.cell[unusable]] = np.nan
    return matrix


def _reject_duplicates(grid: _Grid, cells: int, problems: list[Problem]) -> Bools:
    """Whether each row is the only one of its cell; the others are named once a cell, with their number."""
    if cells == len(grid.rows):
        return np.ones(len(grid.rows), dtype=np.bool_)
    cell, inverse, count = np.unique(grid.cell, return_inverse=True, return_counts=True)
    twice = count > 1
    period, column = np.divmod(cell[twice], len(grid.keys))
    found = [f"{number} rows" for number in count[twice].tolist()]
    problems.append(
        Problem(kind=FaultKind.DUPLICATE, keys=grid.keys, column=column, slot=period + grid.first, found=found)
    )
    single: Bools = ~twice[inverse]
    return single


def _judge_figures(measure: Measure, grid: _Grid, values: Floats, single: Bools, problems: list[Problem]) -> Bools:
    """Whether each row's figures are unusable; why is added to `problems` for rows that are not duplicates anyway."""
    unusable = ~single

    def reject(kind: FaultKind, mask: Bools, found: str) -> None:
        if mask.any():
            np.logical_or(unusable, mask, out=unusable)
            named = np.flatnonzero(mask & single)
            problems.append(_problem(grid, kind, named, found))

    for position, figures in enumerate(grid.rows.figures):
        number, name = figures.number, f"`{figures.column}`"
        reject(FaultKind.NULL, figures.null, f"{name} is empty")
        odd = np.isnan(number) & ~figures.null
        if odd.any():
            np.logical_or(unusable, odd, out=unusable)
            named = np.flatnonzero(odd & single)
            problems.append(_problem(grid, FaultKind.NOT_A_NUMBER, named, _odd_texts(figures, named)))
        reject(FaultKind.INFINITE, np.abs(number) >= UNBOUNDED, f"{name} is infinite, or beyond 1e300")
        is_denominator = position == 1
        if measure.value is None and not is_denominator:
            reject(FaultKind.NEGATIVE_COUNT, number < 0, f"{name} is below zero")
        if is_denominator:
            reject(FaultKind.NEGATIVE_DENOMINATOR, number < 0, f"{name} is below zero")
            reject(FaultKind.ZERO_DENOMINATOR, number == 0, f"{name} is zero")
    if measure.is_share:
        upper, lower = grid.rows.figures
        above = (upper.number > lower.number) & (lower.number > 0) & (upper.number < UNBOUNDED)
        reject(FaultKind.NUMERATOR_ABOVE_DENOMINATOR, above, f"`{upper.column}` is above `{lower.column}`")
    reject(FaultKind.INFINITE, ~unusable & ~(np.abs(values) < UNBOUNDED), "the ratio is beyond 1e300")
    return unusable


def _problem(grid: _Grid, kind: FaultKind, rows: Ints, found: Sequence[str] | str) -> Problem:
    period, column = np.divmod(grid.cell[rows], len(grid.keys))
    return Problem(kind=kind, keys=grid.keys, column=column, slot=period + grid.first, found=found)


def _odd_texts(figures: Figures, rows: Ints) -> Sequence[str] | str:
    if figures.unread is None:
        return f"`{figures.column}` is NaN"
    known = (*figures.unread.texts, "NaN")  # code -1, a plain NaN, picks the last
    return [f"`{figures.column}` is {known[code]}" for code in figures.unread.code[rows].tolist()]


def _judge_gaps(
    measure: Measure, grid: _Grid, present: Bools, matrices: tuple[Floats, Floats | None], problems: list[Problem]
) -> None:
    """Name missing periods, and name or (for `absent: zero`) fill missing series; `matrices` are filled in place."""
    fed: Bools = np.any(present, axis=1)
    silent = np.flatnonzero(np.logical_not(fed))
    if silent.size:
        problems.append(
            Problem(kind=FaultKind.MISSING_PERIOD, keys=(), column=None, slot=silent + grid.first, found="")
        )
    begun = np.where(present.any(axis=0), present.argmax(axis=0), grid.periods)
    if measure.absent == "zero":
        begun[grid.expected.rostered(grid.keys)] = 0
    row = np.arange(grid.periods)[:, None]
    gap: Bools = ~present & fed[:, None] & (row >= begun)
    if grid.expected.dated:
        opened, closed = grid.expected.bounds(grid.keys)
        gap &= (row + grid.first >= opened) & (row + grid.first <= closed)
    if measure.absent == "zero":
        for matrix in matrices:
            if matrix is not None:
                matrix[gap] = 0.0
    elif gap.any():
        column, period = np.divmod(np.flatnonzero(gap.T), grid.periods)
        problems.append(
            Problem(kind=FaultKind.MISSING_SERIES, keys=grid.keys, column=column, slot=period + grid.first, found="")
        )


def _nothing(measure: Measure, newest: int) -> SeriesBlock:
    empty = np.empty((0, 0))
    ratio = measure.denominator is not None
    return SeriesBlock(
        measure=measure.id,
        grain=measure.grain,
        by=measure.by,
        keys=(),
        first=newest + 1,
        value=empty,
        numerator=empty if ratio else None,
        denominator=empty if ratio else None,
        present=np.empty((0, 0), dtype=np.bool_),
    )


def _sealed(block: SeriesBlock, problems: list[Problem]) -> SeriesBlock:
    """The block with its faults in order, and a digest of its figures."""
    digest = hashlib.sha256(repr((block.measure, block.grain.value, block.by, block.first, block.value.shape)).encode())
    digest.update("\x1e".join("\x1f".join(key) for key in block.keys).encode("utf-8", "surrogatepass"))
    for matrix in (block.numerator, block.denominator) if block.numerator is not None else (block.value,):
        if matrix is not None:
            digest.update(np.ascontiguousarray(matrix).data)
    digest.update(np.ascontiguousarray(block.present).data)
    return replace(block, faults=settle_faults(problems, block.grain), data_version=digest.hexdigest()[:12])
