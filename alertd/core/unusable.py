"""Which rows hold figures that cannot be used, and why (R13)."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from alertd.core.measures import Measure
from alertd.core.recording import Kind
from alertd.core.rows import Figures, Rows
from alertd.core.series import Bools, FaultKind, Floats, Ints

UNBOUNDED = 1e300
"""A figure as large as this is an overflow, not a measurement."""


class Reason(NamedTuple):
    """Rows with one thing wrong."""

    kind: FaultKind | None
    """None where nothing is wrong: the figure is only not there yet."""
    rows: Bools
    words: str
    """What was found, in words; empty where each row has its own."""
    figures: Figures | None = None
    """The column whose texts say what was found."""

    def found(self, rows: Ints) -> Sequence[str] | str:
        """What was found in some of the rows."""
        if self.figures is None:
            return self.words
        name, unread = self.figures.column, self.figures.unread
        if unread is None:
            return f"`{name}` is NaN"
        known = (*unread.texts, "NaN")  # code -1, a plain NaN, picks the last
        return [f"`{name}` is {known[code]}" for code in unread.code[rows].tolist()]


def unusable_rows(measure: Measure, rows: Rows, *, cases: bool = False) -> Iterator[Reason]:
    """Everything that makes rows unusable, a reason at a time; `cases` where rows are not figures yet but single cases."""
    wholes = (1, 3) if measure.ratio is not None else (1,)
    signed = measure.value is not None or measure.quantile is not None
    for position, figures in enumerate(rows.figures):
        number, name = figures.number, f"`{figures.column}`"
        odd = FaultKind.NOT_A_NUMBER if measure.grade is None else FaultKind.UNKNOWN_GRADE
        awaited = measure.recorded is Kind.SELF_ASSESSMENT
        yield from _unreadable(figures, odd, awaited=awaited, quoted=measure.floor is None)
        if position in wholes:
            yield Reason(FaultKind.NEGATIVE_DENOMINATOR, number < 0, f"{name} is below zero")
        elif not signed:
            yield Reason(FaultKind.NEGATIVE_COUNT, number < 0, f"{name} is below zero")
        # A comparison with a rate of nothing has no answer either. A sample of none adds nothing to a pool, and is no fault.
        if not cases and measure.pool is None and (position in wholes or (measure.ratio is not None and position == 2)):
            yield Reason(FaultKind.ZERO_DENOMINATOR, number == 0, f"{name} is zero")
    if measure.is_share:
        upper, lower = rows.figures
        positive = (lower.number > 0) | cases | (measure.pool is not None)
        above = (upper.number > lower.number) & positive & (upper.number < UNBOUNDED)
        yield Reason(FaultKind.NUMERATOR_ABOVE_DENOMINATOR, above, f"`{upper.column}` is above `{lower.column}`")
    yield from _beside(rows)


def _unreadable(
    figures: Figures, odd_kind: FaultKind, *, awaited: bool = False, quoted: bool = True
) -> Iterator[Reason]:
    """Figures that are empty, which is no fault of one that is `awaited`, or no numbers, or boundless.

    `quoted` says what stands there instead, which may be the figure of a group too small to show.
    """
    name = f"`{figures.column}`"
    yield Reason(None if awaited else FaultKind.NULL, figures.null, f"{name} is empty")
    odd = np.isnan(figures.number) & ~figures.null
    yield Reason(odd_kind, odd, "" if quoted else f"{name} is no number", figures if quoted else None)
    infinite: Bools = np.abs(figures.number) >= UNBOUNDED
    yield Reason(FaultKind.INFINITE, infinite, f"{name} is infinite, or beyond 1e300")


def _beside(rows: Rows) -> Iterator[Reason]:
    """What is wrong with errors, intervals and weights; a reference line is only drawn, and spoils nothing."""
    for what, figures in rows.beside.items():
        if what == "reference":
            continue
        yield from _unreadable(figures, FaultKind.NOT_A_NUMBER)
        if what == "group":
            yield Reason(FaultKind.NEGATIVE_COUNT, figures.number < 0, f"`{figures.column}` is below zero")
        if what in ("standard_error", "weight"):
            kind = FaultKind.BAD_WEIGHT if what == "weight" else FaultKind.BAD_INTERVAL
            yield Reason(kind, figures.number < 0, f"`{figures.column}` is below zero")
    lower, upper = rows.beside.get("lower"), rows.beside.get("upper")
    if lower is not None and upper is not None:
        words = f"`{lower.column}` is above `{upper.column}`"
        yield Reason(FaultKind.BAD_INTERVAL, lower.number > upper.number, words)


def values_of(measure: Measure, rows: Rows) -> Floats:
    """The figure of each row in the measure's unit, whatever comes of dividing."""
    numbers = [figures.number for figures in rows.figures]
    with np.errstate(all="ignore"):
        if measure.ratio is not None:
            return (numbers[0] / numbers[1]) / (numbers[2] / numbers[3])
        if measure.denominator is None:
            return numbers[0]
        # Scaled first: whole counts then divide into the very percentage that a threshold names (57 of 100 is 57).
        return numbers[0] * measure.factor / numbers[1]


def logs_of(rows: Rows) -> Floats:
    """The natural logarithm of each row's ratio; no case at all counts as half a case, so that it has one."""
    first, whole, second, other = (figures.number for figures in rows.figures)
    with np.errstate(all="ignore"):
        logs: Floats = np.log(np.maximum(first, 0.5) / whole) - np.log(second / other)
    return logs
