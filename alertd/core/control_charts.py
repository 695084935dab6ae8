"""Control charts by name: which fits what is measured, where the author chose none, and which cannot be drawn of it."""

from collections.abc import Mapping
from types import MappingProxyType

from alertd.core.measures import Measure
from alertd.core.parameters.spc import ChartKind, Spc

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
            return f"{name}, for a share, or {CHART_NAMES[rare_chart(measure)]} where fewer than one case is usual"
        case "up":
            kind = "count" if measure.denominator is None else "rate"
            return f"{name}, for a {kind}, or {CHART_NAMES[rare_chart(measure)]} where fewer than one is usual"
        case _:
            return f"{name}, for a figure that varies about a level"


def chart_used(spc: Spc, measure: Measure, *, gap: bool) -> str:
    """The name of the chart that judged a series; `gap` says that its figure was a gap between events."""
    chart = spc.chart or default_chart(measure)
    return CHART_NAMES[rare_chart(measure) if gap and spc.chart is None and measure.event is None else chart]


def misfit(chart: ChartKind, measure: Measure) -> str | None:
    """Why a chart cannot be drawn of a measure, and what to write instead; None where it can."""
    fitting = f"write `chart: {default_chart(measure)}`, or leave `chart` out"
    if chart in ("p", "pp") and not measure.is_share:
        return f"a {chart} chart needs a `numerator` that is a part of its `denominator`; {fitting}"
    if chart in ("u", "up") and measure.figure_key not in _COUNTED:
        return f"a {chart} chart needs a `count`, or a `numerator` and its `denominator`; {fitting}"
    if chart == "c" and measure.figure_key not in (*_COUNTED, "value"):
        return f"a c chart needs a `count`; {fitting}"
    if chart in ("g", "t", "g_3sigma") and measure.figure_key in ("ratio", "quantile"):
        return f"a {chart} chart needs an `event`, a `count`, or gaps as the `value`; {fitting}"
    return None
