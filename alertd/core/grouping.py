"""Rows that are single cases become one row a series and period: counts, sums, quantiles, grades, weighted answers.

The same rows give the same figures whatever order they come in. A case that cannot be used is left out of its figure and
told, with how many there were. Source of the effective number of answers: Kish, "Survey Sampling" (1965), section 11.7.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from alertd.core.faults import Problem
from alertd.core.measure_parts import EVERY_ROW
from alertd.core.measures import Measure
from alertd.core.rows import Figures, Rows
from alertd.core.series import Bools, FaultKind, Floats, Ints
from alertd.core.unusable import Reason, unusable_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouped:
    """One row for each series and period that has any, and what comes of its cases beside the figure."""

    rows: Rows
    void: Bools
    """Rows of which no case could be used; why has been told."""
    grades: Floats | None = None
    """How many cases have each grade: rows x grades."""
    quantiles: Floats | None = None
    """The quantiles in the order of `Quantile.named`: rows x quantiles."""
    standard_error: Floats | None = None
    """The standard error of a weighted mean, a row each."""


@dataclass(frozen=True, slots=True)
class _Cases:
    """Usable cases: the group of each, and how many groups there are."""

    group: Ints
    groups: int

    def sums(self, numbers: Floats) -> Floats:
        """The sum of each group; sorted first where rounding would otherwise depend on the order of the rows."""
        group = self.group
        if not (np.all(numbers == np.trunc(numbers)) and float(np.abs(numbers).sum()) < 2**53):
            order = np.lexsort((numbers, group))
            group, numbers = group[order], numbers[order]
        totals: Floats = np.bincount(group, weights=numbers, minlength=self.groups).astype(np.float64, copy=False)
        return totals

    def quantiles(self, numbers: Floats, at: Sequence[float]) -> Floats:
        """Quantiles of each group, interpolated linearly (groups x quantiles); NaN for a group without a case."""
        ordered = numbers[np.lexsort((numbers, self.group))]
        sizes = np.bincount(self.group, minlength=self.groups)
        starts = np.cumsum(sizes) - sizes
        found = np.full((self.groups, len(at)), np.nan)
        there = np.flatnonzero(sizes)
        for position, share in enumerate(at):
            place = share * (sizes[there] - 1)
            below = np.floor(place).astype(np.int64)
            above = np.minimum(below + 1, sizes[there] - 1)
            low, high = ordered[starts[there] + below], ordered[starts[there] + above]
            found[there, position] = low + (high - low) * (place - below)
        return found

    def lower_medians(self, numbers: Floats) -> Floats:
        """The middle figure of each group, the lower one of two; NaN for a group without a case."""
        ordered = numbers[np.lexsort((numbers, self.group))]
        sizes = np.bincount(self.group, minlength=self.groups)
        starts = np.cumsum(sizes) - sizes
        found = np.full(self.groups, np.nan)
        there = np.flatnonzero(sizes)
        found[there] = ordered[starts[there] + (sizes[there] - 1) // 2]
        return found

    def tables(self, places: Floats, grades: int) -> Floats:
        """How many cases of each group have each grade: groups x grades."""
        cells = self.group * grades + (places.astype(np.int64) - 1)
        return np.bincount(cells, minlength=self.groups * grades).reshape(self.groups, grades).astype(np.float64)


def grouped(measure: Measure, rows: Rows, problems: list[Problem]) -> Grouped:
    """Take together the cases of each series and period; what is wrong with single cases is added to `problems`.

    Every row must name a series and a period.
    """
    first = int(rows.slot.min())
    span = int(rows.slot.max()) - first + 1
    cells, group = np.unique(rows.series.astype(np.int64) * span + (rows.slot - first), return_inverse=True)
    usable = np.ones(len(rows), dtype=np.bool_)
    reasons = [reason for reason in unusable_rows(measure, rows, cases=True) if reason.rows.any()]
    if reasons:
        sizes = np.bincount(group)
        for reason in reasons:
            usable &= ~reason.rows
            if reason.kind is not None:
                problems.append(_problem(reason.kind, reason, rows, group, sizes))
        rows_used = rows.take(usable)
        chosen = _Cases(group[usable], len(cells))
    else:
        rows_used, chosen = rows, _Cases(group, len(cells))
    figures, standard_error = _figures(measure, rows_used, chosen)
    void: Bools = np.bincount(chosen.group, minlength=len(cells)) == 0
    quantiles = grades = None
    if measure.quantile is not None:
        quantiles = chosen.quantiles(rows_used.figures[0].number, [share for _, share in measure.quantile.named])
        figures = (quantiles[:, 0],)
    if measure.scale is not None:
        grades = chosen.tables(rows_used.figures[0].number, len(measure.scale))
    together = Rows(
        slot=cells % span + first,
        unread=None,
        series=(cells // span).astype(np.int32),
        keys=rows.keys,
        figures=tuple(_column(of.column, numbers) for of, numbers in zip(rows.figures, figures, strict=True)),
        beside={**dict(_lines(rows, group, len(cells))), **dict(_people(measure, rows_used, chosen))},
    )
    return Grouped(rows=together, void=void, grades=grades, quantiles=quantiles, standard_error=standard_error)


def _figures(measure: Measure, rows: Rows, cases: _Cases) -> tuple[tuple[Floats, ...], Floats | None]:
    """The figures of each group, and their standard error where it follows from the cases."""
    numbers = [figures.number for figures in rows.figures]
    if measure.scale is not None:
        return (cases.lower_medians(numbers[0]),), None
    weight = rows.beside.get("weight")
    if weight is None:
        return tuple(cases.sums(column) for column in numbers), None
    weights = weight.number
    with np.errstate(invalid="ignore", divide="ignore"):
        if measure.value is None:
            # Part and whole are those of so many equally weighted answers as would say as much.
            whole = cases.sums(weights * numbers[1])
            effective = np.nan_to_num(whole**2 / cases.sums((weights * numbers[1]) ** 2))
            return (np.nan_to_num(cases.sums(weights * numbers[0]) / whole) * effective, effective), None
        total = cases.sums(weights)
        mean = cases.sums(weights * numbers[0]) / total
        effective = total**2 / cases.sums(weights**2)
        spread = cases.sums((weights * (numbers[0] - mean[cases.group])) ** 2)
        return (mean,), np.sqrt(spread * effective / (effective - 1)) / total


def _column(name: str, numbers: Floats) -> Figures:
    return Figures(column=name, number=numbers, null=np.zeros(len(numbers), dtype=np.bool_))


def _lines(rows: Rows, group: Ints, groups: int) -> Iterator[tuple[str, Figures]]:
    """Where a reference line stands in each group: the highest that any of its rows says."""
    line = rows.beside.get("reference")
    if line is not None:
        known = np.flatnonzero(~np.isnan(line.number))
        order = known[np.lexsort((line.number[known], group[known]))]
        numbers = np.full(groups, np.nan)
        numbers[group[order]] = line.number[order]  # the last one written stays
        yield "reference", _column(line.column, numbers)


def _people(measure: Measure, rows: Rows, cases: _Cases) -> Iterator[tuple[str, Figures]]:
    """How many people stand behind each group: its rows where each is one person, else the fewest that any row says."""
    if measure.group_size == EVERY_ROW:
        sizes = np.bincount(cases.group, minlength=cases.groups).astype(np.float64)
        yield "group", _column(EVERY_ROW, sizes)
    elif measure.group_size is not None:
        fewest = np.full(cases.groups, np.inf)
        np.minimum.at(fewest, cases.group, rows.beside["group"].number)
        yield "group", _column(measure.group_size, fewest)


def _problem(kind: FaultKind, reason: Reason, rows: Rows, group: Ints, sizes: Ints) -> Problem:
    """One fault for each series and period, with the number of its cases and one of those that were found."""
    named = np.flatnonzero(reason.rows)
    texts = reason.found(named)
    said = np.array([texts] * len(named) if isinstance(texts, str) else texts, dtype=object)
    order = np.lexsort((np.unique(said, return_inverse=True)[1], group[named]))
    named, said = named[order], said[order]
    groups, start, count = np.unique(group[named], return_index=True, return_counts=True)
    found = [
        f"{bad:,} of {all_there:,} {'row' if all_there == 1 else 'rows'}: {text}"
        for bad, all_there, text in zip(count.tolist(), sizes[groups].tolist(), said[start].tolist(), strict=True)
    ]
    column: Ints = rows.series[named[start]].astype(np.int64)
    return Problem(kind=kind, keys=rows.keys, column=column, slot=rows.slot[named[start]], found=found)
