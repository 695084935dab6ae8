"""Grades by their names."""

from alertd.core.findings import Finding
from alertd.rendering.clean import clean
from alertd.rendering.figures import known


def grade_name(finding: Finding, position: float | None) -> str | None:
    """The grade at a position of the finding's scale, counted from 1; between two grades, the lower one; None where unknown."""
    place = known(position)
    if place is None or not 1 <= int(place) <= len(finding.scale):
        return None
    return clean(finding.scale[int(place) - 1], 40)
