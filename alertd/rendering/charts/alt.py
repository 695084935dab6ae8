"""A chart in one sentence, for those who do not see it (R35)."""

from alertd.core.findings import Finding
from alertd.rendering.figures import known
from alertd.rendering.judged import shown_value, style_of, usual_range
from alertd.rendering.phrases import the_period, units
from alertd.rendering.signs import standing

MOST_PERIODS = 60
_SAID_OF_A_FIGURE = (
    "rising",
    "falling",
    "no",
    "drifting",
    "up",
    "down",
    "varying",
    "more",
    "unusually",
    "far",
    "expected",
)
"""How phrases begin that say what a figure is, and not where it lies."""


def alt_text(finding: Finding) -> str:
    """`Line chart of 24 months; March 2022 at 73.8% lies below the usual range 80.9% to 99.5%`."""
    chart = finding.chart
    if chart is None or finding.small is not None:
        return ""
    points = chart.points[-MOST_PERIODS:]
    text = f"Line chart of {units(chart.grain, len(points))}"
    value, style = known(finding.value), style_of(finding)
    low, high = usual_range(finding)
    ranged = finding.detector == "spc" and low is not None and high is not None
    span = style.span(low, high) if ranged and low is not None and high is not None else ""
    if value is not None:
        stands = _stands(finding, value).replace("its usual range", f"the usual range {span}".strip(), 1)
        lies = "is" if stands.startswith(_SAID_OF_A_FIGURE) else "lies"
        text += f"; {the_period(finding.period, finding.grain)} at {style.say(value)}"
        text += f" {lies} {stands}" if stands else ""
        if span and span not in text:
            text += f"; the usual range is {span}"
    missing = sum(shown_value(point) is None and not point.hidden for point in points)
    hidden = sum(point.hidden for point in points)
    if missing:
        text += f"; {units(chart.grain, missing)} without a figure"
    if hidden:
        text += f"; {units(chart.grain, hidden)} with a number too small to show"
    return text


def _stands(finding: Finding, value: float) -> str:
    """Where the figure stands; of an exception that has ended, only what is so now."""
    ended = finding.transition.ends
    if finding.components:
        return ""  # what stands out is said of each by itself
    if finding.detector == "threshold":
        return standing(finding) if not ended else "no longer past the agreed level"
    if finding.detector == "forecast":
        return standing(finding) if not ended else "no longer expected to pass capacity"
    low, high = known(finding.lower), known(finding.upper)
    inside = "" if low is None or high is None else "inside the usual range" if low <= value <= high else ""
    return inside if ended else standing(finding) or inside
