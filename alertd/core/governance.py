"""The tiers that a lasting exception climbs: from its place to the division, the force and strategic scrutiny (R25)."""

from collections.abc import Iterator, Mapping
from datetime import date

from alertd.core.framework import Tier
from alertd.core.places import Places

GOVERNANCE = "governance"  # reserved in `escalate.to:`; means the framework's tiers


def tiers_above(
    tiers: Mapping[str, Tier], series: Mapping[str, str], owned_by: str | None, day: date, places: Places
) -> tuple[str, ...]:
    """The tiers above the one that a series stands at on a day, the nearest first; none for figures of no place (R26).

    It stands at the tier that looks at its own level; figures of no place, at the highest that looks at a level.
    `owned_by` is the column that its owner is chosen by: one that no tier looks at, such as a team, lies below its place.
    """
    if any(value in places.unallocated for value in series.values()):
        return ()
    order = list(tiers)
    levels = {name: tier.level for name, tier in tiers.items() if tier.level is not None}
    own = [order.index(name) for name, level in levels.items() if level in series]
    reached = [order.index(name) for name, level in levels.items() if _lies_in(series, level, day, places)]
    below = owned_by in series and owned_by not in levels.values()
    if own and not below:
        first = min(own) + 1
    elif reached:
        first = min(reached)
    else:
        highest = [order.index(name) for name, level in levels.items() if level == [*levels.values()][-1]]
        first = 0 if below else min(highest, default=-1) + 1
    return tuple(_answering(order[first:], levels, series, day, places))


def _answering(
    names: list[str], levels: Mapping[str, str], series: Mapping[str, str], day: date, places: Places
) -> Iterator[str]:
    """The tiers that look at a level where the series has a place, or at none."""
    for name in names:
        level = levels.get(name)
        alone = sum(place.level == level for place in places.places.values()) == 1
        if level is None or alone or _lies_in(series, level, day, places):
            yield name


def _lies_in(series: Mapping[str, str], level: str, day: date, places: Places) -> bool:
    return level in series or any(places.ancestor(value, level, day) is not None for value in series.values())
