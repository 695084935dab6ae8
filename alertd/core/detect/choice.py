"""Which control chart fits what is measured, where the author chose none; and which ones cannot be drawn of it."""

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from alertd.core.detect.base import Look, Rows
from alertd.core.detect.baselines import plan
from alertd.core.measures import Measure
from alertd.core.parameters.baseline import Window
from alertd.core.parameters.spc import ChartKind, Spc
from alertd.core.series import Bools, Floats

CHART_NAMES: Mapping[ChartKind, str] = MappingProxyType(
    {
        "xmr": "XmR chart",
        "p": "p chart",
        "pp": "p' chart (Laney)",
        "u": "u chart",
        "up": "u' chart (Laney)",
        "c": "c chart",
        "g": "g chart (cases between events)",
        "t": "t chart (time between events)",
        "g_3sigma": "g chart with three-sigma limits",
        "run": "run chart",
    }
)
"""What people call each chart."""

_COUNTED = ("count", "numerator", "event")
RARE_BELOW = 1.0
"""Counts of fewer than this a period are rare: the time between them tells more (R9)."""


def default_chart(measure: Measure) -> ChartKind:
    """The chart of a measure where none is written; series of rare counts take `rare_chart` instead."""
    if measure.event is not None:
        return "t"
    if {"standard_error", "lower"} & measure.beside.keys():
        return "xmr"  # a survey knows how sure its figure is, and only this chart asks
    if measure.is_share:
        return "pp"
    if measure.count is not None or measure.numerator is not None:
        return "up"
    return "xmr"


def rare_chart(measure: Measure) -> ChartKind:
    """The chart of a series of rare counts: cases between events where there is a denominator, else time between them."""
    return "t" if measure.denominator is None else "g"


def choice_words(spc: Spc, measure: Measure) -> str:
    """The chart by its name; where the author chose none, why it is the one."""
    if spc.chart is not None:
        return CHART_NAMES[spc.chart]
    chart = default_chart(measure)
    name = CHART_NAMES[chart]
    match chart:
        case "t":
            return f"{name}, for single events"
        case "pp":
            return f"{name}, for a share"
        case "up":
            kind = "count" if measure.denominator is None else "rate"
            return f"{name}, for a {kind}, or {CHART_NAMES[rare_chart(measure)]} where fewer than one is usual"
        case _:
            return f"{name}, for a figure that varies about a level"


def misfit(chart: ChartKind, measure: Measure) -> str | None:
    """Why a chart cannot be drawn of a measure, and what to write instead; None where it can."""
    fitting = f"write `chart: {default_chart(measure)}`, or leave `chart` out"
    if chart in ("p", "pp") and not measure.is_share:
        return f"a {chart} chart needs a `numerator` that is a part of its `denominator`; {fitting}"
    if chart in ("u", "up") and measure.figure_key not in _COUNTED:
        return f"a {chart} chart needs a `count`, or a `numerator` and its `denominator`; {fitting}"
    if chart == "c" and measure.figure_key not in (*_COUNTED, "value"):
        return f"a c chart needs a `count`; {fitting}"
    return None


def rare_counts(spc: Spc, look: Look) -> Bools:
    """Where counts are rare, as an array of the judged rows x series.

    The first `min_baseline` usable figures of a series' segment decide, once: their mean is below 1. Until then nothing is
    rare, and the series is learning anyway, so that a later figure never changes an earlier verdict.
    """
    cases = look.block.value if look.block.numerator is None else look.block.numerator
    chosen = plan(spc, look.block.grain)
    found = np.zeros((len(look.rows), cases.shape[1]), dtype=np.bool_)
    if not cases.size:
        return found
    cases = np.where(np.isnan(look.usable), np.nan, cases)
    segments = look.known.segment
    for index, row in enumerate(look.rows.tolist()):
        if not index or not np.array_equal(segments[row], segments[row - 1]):
            decided_by, rare = _decided(cases, segments, segments[row], chosen.min_points)
        found[index] = rare if chosen.window is Window.ALL else rare & (decided_by <= row)
    return found


def _decided(cases: Floats, segments: Rows, segment: Rows, wanted: int) -> tuple[Rows, Bools]:
    """The row by which each series' segment has as many figures as are wanted, and whether those are rare.

    A row beyond the last one, and not rare, where it never has.
    """
    total, count = np.zeros(len(segment)), np.zeros(len(segment), dtype=np.int64)
    decided_by = np.full(len(segment), len(cases))
    for row in range(len(cases)):
        counted = (segments[row] == segment) & (count < wanted) & ~np.isnan(cases[row])
        np.add(total, cases[row], out=total, where=counted)
        count += counted
        decided_by[counted & (count == wanted)] = row
    return decided_by, (count == wanted) & (total < RARE_BELOW * wanted)
