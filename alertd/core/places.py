"""The hierarchy of places, with dates, and which of them are not places at all."""

from datetime import date, timedelta
from typing import Annotated

from pydantic import Field

from alertd.core.model import Authored, Day


class Formerly(Authored):
    """What a place belonged to before."""

    parent: str
    """The place one level up, then."""
    to: Day
    """The last day on which it belonged there."""


class Place(Authored):
    """One place: its level, what it belongs to, and from when to when it exists."""

    level: str
    """The column that names it in measures: district, division, force."""
    parent: str | None = None
    """The place one level up."""
    formerly: tuple[Formerly, ...] = ()
    """Where it belonged before, each until when: on the next day it belongs to the next of them, or to `parent`."""
    from_: Annotated[Day | None, Field(alias="from")] = None
    """First day; left out, always."""
    to: Day | None = None
    """Last day; left out, still there."""
    expected: bool = True
    """Whether every measure by this level should have rows for it (the roster)."""

    def exists_on(self, day: date) -> bool:
        """Whether the place exists on that day; both ends are inclusive."""
        return (self.from_ is None or self.from_ <= day) and (self.to is None or day <= self.to)

    def parent_on(self, day: date) -> str | None:
        """The place one level up on a day."""
        earlier = [one for one in self.formerly if day <= one.to]
        return min(earlier, key=lambda one: one.to).parent if earlier else self.parent

    @property
    def changes(self) -> frozenset[date]:
        """The days on which it begins, is no more, or belongs elsewhere than on the day before."""
        ends = [one.to for one in self.formerly] + ([self.to] if self.to is not None else [])
        begins = [self.from_] if self.from_ is not None else []
        return frozenset([*begins, *(end + timedelta(days=1) for end in ends if end < date.max)])

    @property
    def parents(self) -> tuple[str, ...]:
        """Every place one level up that it has ever belonged to."""
        return tuple(dict.fromkeys((*filter(None, (self.parent,)), *(one.parent for one in self.formerly))))


class Places(Authored):
    """All places, and the names in the data that stand for no place."""

    places: dict[str, Place] = Field(default_factory=dict)
    """Name to place."""
    unallocated: tuple[str, ...] = ()
    """Names such as `Not located` whose series go to the data steward, never to a leader (R26)."""

    def roster(self, level: str, day: date) -> tuple[str, ...]:
        """The places of a level that every feed should have on that day."""
        return tuple(
            name
            for name, place in self.places.items()
            if place.level == level and place.expected and place.exists_on(day)
        )

    @property
    def levels(self) -> frozenset[str]:
        """Every level of the hierarchy."""
        return frozenset(place.level for place in self.places.values())

    def ancestor(self, name: str, level: str, day: date) -> str | None:
        """The place of a level that a place belonged to on a day, itself where it is of that level; None where to none."""
        seen: set[str] = set()
        here: str | None = name
        while here is not None and here in self.places and here not in seen:
            place = self.places[here]
            if not place.exists_on(day):
                return None
            if place.level == level:
                return here
            seen.add(here)
            here = place.parent_on(day)
        return None

    def ever_above(self, name: str) -> frozenset[str]:
        """Every place that a place has ever belonged to, itself included."""
        found: set[str] = set()
        left = [name]
        while left:
            here = left.pop()
            if here in self.places and here not in found:
                found.add(here)
                left += self.places[here].parents
        return frozenset(found)
