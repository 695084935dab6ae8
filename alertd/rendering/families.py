"""What each family of detectors holds a figure against, and what it says when that is over."""

from dataclasses import dataclass

from alertd.core.findings import Finding
from alertd.core.summary import RANGED


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The words of one family of detectors."""

    against: str = ""
    """What the figure is held against, for a heading that tells two rules apart."""
    over: str = "back to usual"
    """What is so when the exception has ended."""
    inside: str = ""
    """What another figure would have done, with `{period}` for the period."""


_USUAL = Terms(against="usual range", inside="put {period} in its usual range")
_TERMS = {
    "spc": _USUAL,
    "threshold": Terms(against="agreed level", over="no longer past the agreed level", inside="met the agreed level"),
    "seasonal": Terms(
        against="usual for the season",
        over="back to what the season makes usual",
        inside="made {period} usual for the season",
    ),
    "drift": Terms(against="slow moves", over="no further drift; moves are counted anew after each notice"),
    "funnel": Terms(
        against="other places", over="back in the range of the others", inside="put it in the range of the others"
    ),
    "change": Terms(
        against="an earlier figure",
        over="no longer so far from the earlier figure",
        inside="been too small a change to tell",
    ),
    "rating": Terms(against="grades", over="no longer so"),
    "forecast": Terms(against="capacity", over="no longer expected to pass capacity"),
    "all_of": Terms(against="rules together", over="no longer all so"),
    "any_of": Terms(against="rules together", over="no longer so"),
}


_RECENT = Terms(against="the periods just before", inside="made {period} usual")
_GAPS = Terms(against="time between events")


def terms_of(finding: Finding) -> Terms:
    """The words of the finding's detector."""
    if finding.recent:
        return _RECENT
    return _GAPS if finding.gap else _TERMS.get(finding.detector, Terms())


def is_agreed(finding: Finding) -> bool:
    """Whether it ends with what was agreed or asked no longer being so, and not with a return to what is usual."""
    return finding.detector in ("threshold", "change", "rating", "forecast", "all_of", "any_of")


def has_range(finding: Finding) -> bool:
    """Whether its limits are a range for the figure itself."""
    return finding.detector in RANGED


def range_words(finding: Finding) -> str:
    """What the legend of its chart calls the band: that of a season or of peers says so, as other periods have another."""
    if finding.detector == "funnel":
        return "range of the others"
    return "usual for this time of year" if finding.detector == "seasonal" and not finding.recent else "usual range"
