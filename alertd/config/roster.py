"""The hierarchy of places by itself: every place has its own time, its own level and nothing above it that is below it."""

from collections import Counter
from collections.abc import Iterator, Mapping

from alertd.config.parts import Parts
from alertd.config.problems import Problem
from alertd.config.suggest import did_you_mean, nearest
from alertd.core.places import Place


def place_problems(parts: Parts) -> Iterator[Problem]:
    """Places that lie in themselves, that end before they begin, and levels that one place alone spells so."""
    places: Mapping[str, Place] = parts.models["places"]
    levels = Counter(place.level for name, place in places.items() if parts.sure("places", name, "level"))
    for name, place in places.items():
        entry = parts.entries["places"][name]
        if place.from_ is not None and place.to is not None and place.to < place.from_:
            yield entry.problem("A103", f"{entry.what} ends ({place.to}) before it begins ({place.from_})", "to")
        if parts.sure("places", name, "parent"):
            way = _circle(places, name)
            if way:
                shown = " -> ".join(f"`{one}`" for one in way)
                yield entry.problem("A123", f"{entry.what} lies in itself: {shown}", "parent")
        others = [level for level, count in levels.items() if level != place.level and count > 1]
        if levels[place.level] == 1 and nearest(place.level, others) is not None and _unused(parts, place.level):
            message = f"{entry.what} is the only one of level `{place.level}`, and no measure is by it"
            hint = did_you_mean(place.level, others)
            yield entry.problem("W217", message, "level", hint=hint, note="it is on no roster of another level")
    for name, place in places.items():
        if name in parts.unallocated and place.expected:
            message = f"place `{name}` stands under `unallocated` too, so that its figures never reach its leader"
            yield parts.entries["places"][name].problem("W217", message, hint="remove it from one of them")


def _unused(parts: Parts, level: str) -> bool:
    return not any(level in measure.by for measure in parts.measures.values())


def _circle(places: Mapping[str, Place], name: str) -> tuple[str, ...]:
    """The way from a place up to itself; empty where there is none."""
    way = [name]
    while True:
        place = places.get(way[-1])
        above = place.parent if place is not None else None
        if above is None or (above in way and above != name):
            return ()
        way.append(above)
        if above == name:
            return tuple(way)
