"""Warehouse rows placed on the grid of periods and series, with every row that cannot be used named (R11 to R13, R19).

Every row ends in the grid, in a fault, or in neither for one of three said reasons: its period is still running, the feed
is not complete there yet, or `--as-of` or the measure's age hides it. The order of the rows changes nothing.
"""

import hashlib
from dataclasses import replace
from datetime import datetime, tzinfo

import numpy as np

from alertd.core.absent import settle_absent
from alertd.core.arrivals import at_age, complete_slot, standing, visible
from alertd.core.checksums import column_checksums
from alertd.core.clock_changes import with_repeated_hours_joined
from alertd.core.entries import Entries
from alertd.core.faults import Problem, roster_problems, row_problems, settle_faults
from alertd.core.grid import MAX_CELLS, Grid, grid_of
from alertd.core.grouping import Grouped, grouped
from alertd.core.measures import Measure
from alertd.core.periods import Grain, Period
from alertd.core.person_rows import without_persons
from alertd.core.places import Places
from alertd.core.rows import UNREAD, Rows
from alertd.core.series import Bools, Events, FaultKind, Floats, SeriesBlock
from alertd.core.settling import is_complete
from alertd.core.unusable import UNBOUNDED, logs_of, unusable_rows, values_of
from alertd.core.withholding import withheld

__all__ = ["MAX_CELLS", "classify", "sealed"]

PLANNED_AHEAD = 60
"""Rows so many periods after the running one may be plans; of later ones the year is more probably wrong."""
_NOT_OF_PLANS = frozenset(
    (
        FaultKind.EMPTY,
        FaultKind.MISSING_PERIOD,
        FaultKind.MISSING_SERIES,
        FaultKind.VANISHED,
        FaultKind.UNEXPECTED_PLACE,
    )
)


def classify(measure: Measure, rows: Rows, *, now: datetime, places: Places, as_of: bool = False) -> SeriesBlock:
    """The block of a measure's rows at `now` (aware, in the home's zone), up to the last complete period in the data.

    Under `as_of`, rows of periods after `now` and rows loaded after it are hidden; otherwise the former are faults.
    Raises `WarehouseError` where the grid would be absurdly large.
    """
    local = now.replace(tzinfo=None)
    current = Period.containing(local, measure.grain)
    newest = current.slot if is_complete(current, local) else current.slot - 1
    last = current.slot + (PLANNED_AHEAD if measure.planned else 0)
    if as_of:
        rows = visible(rows, last, local)
    rows = at_age(measure, standing(rows, local))
    rows, problems = without_persons(measure, rows, places)
    problems += row_problems(measure, rows, last)
    if measure.planned:
        coming = (rows.slot > newest) & (rows.slot <= last)
        plan = _planned(measure, rows.take(coming), last, now.tzinfo, places, problems)
        block = _placed(measure, rows, newest, None, problems, now.tzinfo, places)
        version = hashlib.sha256(f"{block.data_version}/{plan.data_version}".encode()).hexdigest()[:12]
        return replace(block, plan=plan, data_version=version)
    return _placed(measure, rows, newest, complete_slot(rows, measure.grain), problems, now.tzinfo, places)


def _planned(
    measure: Measure, rows: Rows, last: int, zone: tzinfo | None, places: Places, problems: list[Problem]
) -> SeriesBlock:
    """The block of the rows that are plans, up to the slot `last`; what is wrong with such a row is added to `problems`.

    A plan may leave out any series and period.
    """
    found: list[Problem] = []
    block = _placed(measure, rows, last, None, found, zone, places)
    problems += [one for one in found if one.kind not in _NOT_OF_PLANS]
    return block


def _placed(
    measure: Measure,
    rows: Rows,
    newest: int,
    complete: int | None,
    problems: list[Problem],
    zone: tzinfo | None,
    places: Places,
) -> SeriesBlock:
    """The block of the usable rows up to the slot `newest`, or to the one that the feed is `complete` to."""
    if complete is not None:
        newest = min(newest, complete)
    usable = (rows.series >= 0) & (rows.slot != UNREAD) & (rows.slot <= newest)
    if not usable.any():
        if len(rows) == 0 and measure.recorded is None:
            problems.append(Problem.single(FaultKind.EMPTY))
        return sealed(_nothing(measure, newest), problems)
    cases = rows if usable.all() else rows.take(usable)
    together = None
    if measure.aggregate is not None or measure.event is not None:
        together = grouped(measure, cases, problems)
        figures = together.rows
    else:
        figures = with_repeated_hours_joined(measure, cases, zone)
    grid = grid_of(measure, figures, places, newest if complete is not None and measure.zeros else None)
    problems += roster_problems(measure, places, grid.keys, grid.expected)
    block = _filled(measure, grid, together, problems, zone, places, complete=complete is not None)
    if measure.event is not None:
        block = replace(block, events=_events(measure, grid, cases))
    if cases.finding is not None:
        block = replace(block, entries=_entries(measure, grid, cases, block.value))
    return sealed(block, problems)


def _filled(
    measure: Measure,
    grid: Grid,
    cases: Grouped | None,
    problems: list[Problem],
    zone: tzinfo | None,
    places: Places,
    *,
    complete: bool,
) -> SeriesBlock:
    """The block of a grid; adds what is wrong with its figures, and its gaps, to `problems`."""
    present = np.zeros(grid.shape, dtype=np.bool_)
    present.reshape(-1)[grid.cell] = True
    single = _reject_duplicates(grid, int(np.count_nonzero(present)), problems)
    values = values_of(measure, grid.rows)
    unusable = _judge_figures(measure, grid, values, single if cases is None else ~cases.void, problems)
    value = grid.scattered(values, unusable)
    numerator = denominator = None
    if measure.denominator is not None:
        numerator, denominator = (grid.scattered(column.number, unusable) for column in grid.rows.figures)
    if not present.all():
        settle_absent(measure, grid, present, (value, numerator), problems, zone, complete=complete)
    block = SeriesBlock(
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
    block = _with_more(measure, block, grid, cases, unusable)
    people = grid.rows.beside.get("group")
    if people is None:
        return block
    group = grid.scattered(people.number, unusable)
    several = len(block.keys) // max(1, len(grid.keys))  # series of several quantiles, of the same people
    return withheld(block, np.repeat(group, several, axis=1), measure, places)


def _with_more(measure: Measure, block: SeriesBlock, grid: Grid, cases: Grouped | None, unusable: Bools) -> SeriesBlock:
    """The block with what only some measures have: errors, grades, logarithms, a moving reference, several quantiles."""
    beside = {what: grid.scattered(figures.number, unusable) for what, figures in grid.rows.beside.items()}
    error = beside.get("standard_error")
    if "lower" in beside:
        error = (beside["upper"] - beside["lower"]) / (2 * measure.standard_errors)
    if cases is not None and cases.standard_error is not None:
        error = grid.scattered(cases.standard_error, unusable)
    grades = None
    if cases is not None and cases.grades is not None:
        grades = np.stack([grid.scattered(column, unusable) for column in cases.grades.T])
    block = replace(
        block,
        standard_error=error,
        grades=grades,
        log_value=grid.scattered(logs_of(grid.rows), unusable) if measure.ratio is not None else None,
        reference=beside.get("reference"),
    )
    if cases is None or cases.quantiles is None or measure.series_by == measure.by:
        return block
    assert measure.quantile is not None
    names = [name for name, _ in measure.quantile.named]
    matrices = np.stack([grid.scattered(column, unusable) for column in cases.quantiles.T], axis=-1)
    width = len(names)
    return replace(
        block,
        by=measure.series_by,
        keys=tuple((*key, name) for key in block.keys for name in names),
        value=matrices.reshape(block.periods, -1),
        present=np.repeat(block.present, width, axis=1),
        reference=None if block.reference is None else np.repeat(block.reference, width, axis=1),
    )


def _events(measure: Measure, grid: Grid, cases: Rows) -> Events:
    """Single events on the grid's columns; one whose time is unknown stands at the beginning of its period."""
    assert cases.at is not None
    at = cases.at.astype("M8[us]")
    untimed = np.flatnonzero(np.isnat(at))
    if untimed.size:
        starts = {slot: Period(measure.grain, slot).start for slot in np.unique(cases.slot[untimed]).tolist()}
        at = at.copy()
        at[untimed] = [np.datetime64(starts[slot], "us") for slot in cases.slot[untimed].tolist()]
    days = at.astype(np.int64) / 86_400_000_000
    column = grid.column[cases.series]
    order = np.lexsort((days, column))
    return Events(at=days[order], column=column[order])


def _entries(measure: Measure, grid: Grid, cases: Rows, value: Floats) -> Entries:
    """What was written beside the rows that a figure was made of; a day that is only the head of its period is none."""
    assert cases.finding is not None
    assert cases.assessed_on is not None
    number = cases.figures[0].number
    row, column = cases.slot - grid.first, grid.column[cases.series]
    used = (cases.finding.code >= 0) & ~np.isnan(number) & ~np.isnan(value[row, column])
    if measure.aggregate is not None and measure.count is not None:
        used &= number > 0
    order = np.flatnonzero(used)
    order = order[np.lexsort((row[order], column[order]))]
    day = cases.assessed_on[order].astype("M8[D]")
    if measure.assessed_on is None and measure.grain not in (Grain.HOUR, Grain.DAY):
        starts = [np.datetime64(Period(measure.grain, slot).start, "D") for slot in cases.slot[order].tolist()]
        day = np.where(day == np.array(starts, dtype="M8[D]"), np.datetime64("NaT"), day)
    by = cases.assessed_by
    return Entries(
        row=row[order],
        column=column[order],
        figure=number[order],
        day=day,
        words=tuple(cases.finding.texts[code] for code in cases.finding.code[order].tolist()),
        by=("",) * len(order)
        if by is None
        else tuple(by.texts[code] if code >= 0 else "" for code in by.code[order].tolist()),
    )


def _reject_duplicates(grid: Grid, cells: int, problems: list[Problem]) -> Bools:
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


def _judge_figures(measure: Measure, grid: Grid, values: Floats, told: Bools, problems: list[Problem]) -> Bools:
    """Whether each row's figures are unusable; why is added to `problems` for rows of which nothing has been said yet.

    `told` is False where it has.
    """
    unusable = ~told
    for reason in unusable_rows(measure, grid.rows):
        if reason.rows.any():
            np.logical_or(unusable, reason.rows, out=unusable)
            if reason.kind is None:
                continue
            named = np.flatnonzero(reason.rows & told)
            period, column = np.divmod(grid.cell[named], len(grid.keys))
            found = reason.found(named)
            problems.append(
                Problem(kind=reason.kind, keys=grid.keys, column=column, slot=period + grid.first, found=found)
            )
    boundless = ~unusable & ~(np.abs(values) < UNBOUNDED)
    if measure.pool is not None:
        boundless &= grid.rows.figures[1].number != 0
    if boundless.any():
        unusable |= boundless
        period, column = np.divmod(grid.cell[boundless], len(grid.keys))
        found = "the ratio is beyond 1e300" if measure.quantile is None else "it is beyond 1e300"
        problems.append(
            Problem(kind=FaultKind.INFINITE, keys=grid.keys, column=column, slot=period + grid.first, found=found)
        )
    return unusable


def _nothing(measure: Measure, newest: int) -> SeriesBlock:
    empty = np.empty((0, 0))
    ratio = measure.denominator is not None
    errors = bool({"standard_error", "lower"} & measure.beside.keys()) or (measure.weight and measure.value)
    return SeriesBlock(
        measure=measure.id,
        grain=measure.grain,
        by=measure.series_by,
        keys=(),
        first=newest + 1,
        value=empty,
        numerator=empty if ratio else None,
        denominator=empty if ratio else None,
        present=np.empty((0, 0), dtype=np.bool_),
        standard_error=empty if errors else None,
        grades=np.empty((len(measure.scale), 0, 0)) if measure.scale and measure.aggregate else None,
        events=None if measure.event is None else Events(at=np.empty(0), column=np.empty(0, dtype=np.int64)),
        log_value=empty if measure.ratio is not None else None,
        reference=empty if "reference" in measure.beside else None,
    )


def sealed(block: SeriesBlock, problems: list[Problem]) -> SeriesBlock:
    """The block with its faults in order, and a digest of its figures."""
    digest = hashlib.sha256(repr((block.measure, block.grain.value, block.by, block.first, block.value.shape)).encode())
    digest.update("\x1e".join(map("\x1f".join, block.keys)).encode("utf-8", "surrogatepass"))
    figures = (block.numerator, block.denominator) if block.numerator is not None else (block.value,)
    for matrix in (*figures, block.standard_error, *(() if block.grades is None else block.grades)):
        if matrix is not None:
            digest.update(column_checksums(matrix).data)
    if block.events is not None:
        digest.update(np.ascontiguousarray(block.events.at).data)
    digest.update(np.packbits(block.present, axis=1).data)
    return replace(block, faults=settle_faults(problems, block.grain), data_version=digest.hexdigest()[:12])
