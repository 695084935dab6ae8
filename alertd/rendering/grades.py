"""Grades by their names, and how a judgement of grades ended."""

from alertd.core.findings import Finding
from alertd.rendering.clean import clean
from alertd.rendering.figures import known


def grade_name(finding: Finding, position: float | None) -> str | None:
    """The grade at a position of the finding's scale, counted from 1; between two grades, the lower one; None where unknown."""
    place = known(position)
    if place is None or not 1 <= int(place) <= len(finding.scale):
        return None
    return clean(finding.scale[int(place) - 1], 40)


def grade_over(finding: Finding) -> tuple[str, str] | None:
    """What ended an exception of grades: (at the end of a sentence, in three words); None where that is not known.

    A fall is over where the grade stays as low, and that is no return to what is usual.
    """
    now, told = known(finding.value), known(finding.told_value)
    grade = grade_name(finding, now)
    if finding.detector != "rating" or finding.small is not None or now is None or grade is None:
        return None
    if "overdue" in finding.told_signals:
        return "no longer overdue", "no longer overdue"
    if finding.poor is not None:
        return "the share of poor grades is no longer too large", "fewer poor grades"
    if "failed" in finding.told_signals:
        return "", f"now {grade.lower()}"
    if told is None or now < told:
        return None
    if now == told:
        return "no further fall", "no further fall"
    return f"up from {grade_name(finding, told)}", f"up to {grade}"
