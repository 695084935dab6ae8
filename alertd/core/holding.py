"""Exceptions at a level above that explain those of the places below, and hold them back (R27)."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from alertd.core.cases import Case
from alertd.core.periods import Period
from alertd.core.places import Places
from alertd.core.verdicts import State, Verdict

_FEWEST = 2
"""So many places must stand out for the level above to explain them: one alone is what explains the level above."""


class Standing(NamedTuple):
    """A series that stands out in a round."""

    state: State
    period: Period
    series: Mapping[str, str]

    @classmethod
    def of(cls, verdict: Verdict) -> "Standing":
        """The series of a notable verdict."""
        return cls(verdict.state, verdict.period, verdict.series)

    def like(self, other: "Standing") -> bool:
        """Whether both stand out in the same way at the same period."""
        return (self.state, self.period) == (other.state, other.period)


def holds_back(
    above: Sequence[Standing], here: Sequence[Standing], verdict: Verdict, case: Case | None, places: Places
) -> bool:
    """Whether what stands out at levels `above` explains a verdict, one of those that stand out `here`.

    It does where it stands out in the same way at the same period, and several of its places do. An exception that was
    told already goes on by itself: nobody who was told of it is left without its end.
    """
    if not verdict.state.notable or (case is not None and not case.muted):
        return False
    own = Standing.of(verdict)
    for one in above:
        if one.like(own) and lies_above(one.series, own, places):
            alike = sum(one.like(other) and lies_above(one.series, other, places) for other in here)
            if alike >= _FEWEST:
                return True
    return False


def lies_above(series: Mapping[str, str], below: Standing, places: Places) -> bool:
    """Whether a series is that of a level above another's, of the same figures otherwise; a series is not above itself.

    Nothing lies above what is no place ("Not located"): it says how places were recorded, which is the steward's (R26).
    """
    if dict(series) == dict(below.series) or len(series) > len(below.series):
        return False
    if any(value in places.unallocated for value in below.series.values()):
        return False
    day = below.period.start.date()
    for name, value in series.items():
        same = below.series.get(name)
        if same is not None:
            if same != value:
                return False
        elif not any(places.ancestor(part, name, day) == value for part in below.series.values()):
            return False
    return True
