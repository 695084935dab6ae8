"""Exceptions at a level above that explain those of the places below, and hold them back (R27)."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from alertd.core.cases import Case
from alertd.core.periods import Period
from alertd.core.places import Places
from alertd.core.verdicts import State, Verdict


class Standing(NamedTuple):
    """A series that stands out in a round."""

    state: State
    period: Period
    series: Mapping[str, str]


def holds_back(above: Sequence[Standing], verdict: Verdict, case: Case | None, places: Places) -> bool:
    """Whether what stands at a level above explains a verdict: it stands out in the same way at the same period.

    An exception that was told already goes on by itself: nobody who was told of it is left without its end.
    """
    if not verdict.state.notable or (case is not None and not case.muted):
        return False
    return any(
        one.state is verdict.state and one.period == verdict.period and lies_above(one.series, verdict, places)
        for one in above
    )


def lies_above(series: Mapping[str, str], verdict: Verdict, places: Places) -> bool:
    """Whether a series is that of a level above a verdict's, of the same figures otherwise; a series is not above itself."""
    if dict(series) == verdict.series or len(series) > len(verdict.by):
        return False
    day = verdict.period.start.date()
    for name, value in series.items():
        below = verdict.series.get(name)
        if below is not None:
            if below != value:
                return False
        elif not any(places.ancestor(part, name, day) == value for part in verdict.key):
            return False
    return True
