"""What is planted: where, when, what it is, and what has to follow from it. The figures are drawn from these entries."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from alertd.demo.star.schema import ALL
from alertd.demo.star.spans import Span, day_of

NOTICE, DATA, NOTHING = "notice", "data", "nothing"
FAULTS = frozenset(
    {
        "missing",
        "late",
        "null",
        "negative",
        "above_denominator",
        "duplicate",
        "future",
        "unreadable_period",
        "unknown_place",
        "vanished",
        "zero_variance",
        "revision",
    }
)
"""Kinds that are made in the finished rows, not in the level that figures vary about."""
GRADED = frozenset({"grade_drop", "grade_poor", "failed_check", "overdue"})
"""Kinds that are made among assessments, checks, self-assessments and actions."""
COUNTED = frozenset({"cluster", "one_event"})
"""Kinds whose factor is a number of events, which are added on days spread over the time."""
_PLACES = ("force", "division", "district", "team")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plant:
    """One thing planted; `where` says at which series, by column, and empty for all of them."""

    framework: str
    component: str
    table: str
    column: str
    kind: str
    first: str
    last: str
    note: str
    factor: float | None = None
    expected: str = NOTICE
    direction: str = ""
    where: Mapping[str, str] = field(default_factory=dict)

    @property
    def category(self) -> tuple[str, str] | None:
        """The further column and value, besides places, that name the series."""
        return next(((name, value) for name, value in self.where.items() if name not in _PLACES), None)


def plant(place: str, what: str, when: str, note: str, **more: object) -> Plant:
    """A plant in short: `district=Brunford;grade=Grade 1`, `M2 fact_x.column step_up 1.4 worse`, `2021-07..2021-12`."""
    framework, target, kind, factor, *ending = what.split()
    table, column = target.split(".")
    first, _, last = when.partition("..")
    where = dict(pair.split("=", 1) for pair in place.split(";") if pair)
    expected = {"worse": NOTICE, "better": NOTICE, "changed": NOTICE, "data": DATA, "nothing": NOTHING}[ending[0]]
    return Plant(
        framework=framework,
        component=str(more.get("component") or ALL[table].component),
        table=table,
        column=column,
        kind=kind,
        first=first,
        last=last or first,
        factor=None if factor == "-" else float(factor),
        expected=expected,
        direction=ending[0] if expected == NOTICE else "",
        where=where,
        note=note,
    )


def effect(
    plants: tuple[Plant, ...], column: str, span: Span, series: Mapping[str, NDArray[np.str_]], width: int
) -> NDArray[np.float64] | None:
    """How many times its usual level each period x series stands at; None where nothing is planted."""
    factors: NDArray[np.float64] | None = None
    for one in plants:
        if one.column != column or one.factor is None or one.kind in FAULTS | COUNTED | GRADED:
            continue
        mask = np.ones(width, dtype=np.bool_)
        for name, value in one.where.items():
            mask &= series[name] == value
        if not mask.any():
            continue
        if factors is None:
            factors = np.ones((len(span), width))
        factors[:, mask] *= _course(one, span)[:, None]
    return factors


def _course(one: Plant, span: Span) -> NDArray[np.float64]:
    """The factor of each period: from the first period to the last, growing where it is a drift, fading where a shock."""
    first, last = day_of(one.first), day_of(one.last, last=True)
    inside = (span.first >= first) & (span.first <= last)
    strength = inside.astype(np.float64)
    if one.kind.startswith("drift"):
        strength = np.clip((span.first - first).astype(np.float64) / max(1, (last - first).astype(int)), 0, 1)
    elif one.kind == "shock":  # as it came: at once, and gone by halves
        since = (span.first - last).astype(np.float64)
        strength = np.where(since > 0, 0.5 ** (since / 30) * (since < 120), strength)
    course: NDArray[np.float64] = np.asarray(one.factor) ** strength
    return course
