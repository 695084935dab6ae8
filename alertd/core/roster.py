"""Which series a measure ought to have, from the list of places (R19)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from alertd.core.measures import Measure
from alertd.core.model import Key
from alertd.core.periods import Grain, Period
from alertd.core.places import Place, Places
from alertd.core.series import Bools, Ints

_ALWAYS = int(np.iinfo(np.int64).max)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What the list of places says about a measure's series."""

    grain: Grain
    places: tuple[tuple[int, dict[str, Place]], ...]
    """For each column of `by` that is a level: its position, and the places of that level."""
    roster: tuple[frozenset[str], ...]
    """For each of those columns, the places that every feed should have in the newest period."""
    absent: tuple[Key, ...]
    """Expected series without any row; only known where `by` is one column."""

    @property
    def dated(self) -> bool:
        """Whether any of the places opened or closed on a known day."""
        return any(place.from_ or place.to for _, known in self.places for place in known.values())

    def rostered(self, keys: Sequence[Key]) -> Bools:
        """Whether each series is the whole of an expected place."""
        if len(self.roster) != 1 or not keys or len(keys[0]) != 1:
            return np.zeros(len(keys), dtype=np.bool_)
        return np.array([key[0] in self.roster[0] for key in keys], dtype=np.bool_)

    def bounds(self, keys: Sequence[Key]) -> tuple[Ints, Ints]:
        """The first and last slot in which each series' places exist to the end of the period."""
        opened = np.full(len(keys), -_ALWAYS, dtype=np.int64)
        closed = np.full(len(keys), _ALWAYS, dtype=np.int64)
        for position, known in self.places:
            spans = {name: self._span(place) for name, place in known.items()}
            always = (-_ALWAYS, _ALWAYS)
            pairs = np.array([spans.get(key[position], always) for key in keys], dtype=np.int64).reshape(-1, 2)
            np.maximum(opened, pairs[:, 0], out=opened)
            np.minimum(closed, pairs[:, 1], out=closed)
        return opened, closed

    def _span(self, place: Place) -> tuple[int, int]:
        opened, closed = -_ALWAYS, _ALWAYS
        if place.from_ is not None:
            opened = Period.containing(place.from_, self.grain).slot
        if place.to is not None:
            last = Period.containing(place.to, self.grain)
            closed = last.slot if last.last_day <= place.to else last.slot - 1
        return opened, closed


def expected_series(measure: Measure, places: Places, keys: Sequence[Key], newest: Period) -> Expected:
    """Compare the series in the data with the places that should be there on the last day of the newest period."""
    levels = {place.level for place in places.places.values()}
    positions = [(i, name) for i, name in enumerate(measure.by) if name in levels]
    listed = tuple((i, {n: p for n, p in places.places.items() if p.level == level}) for i, level in positions)
    roster = tuple(frozenset(places.roster(level, newest.last_day)) for _, level in positions)
    absent: tuple[Key, ...] = ()
    if len(measure.by) == 1 and roster:
        there = {key[0] for key in keys}
        absent = tuple((name,) for name in sorted(roster[0] - there))
    return Expected(grain=measure.grain, places=listed, roster=roster, absent=absent)
