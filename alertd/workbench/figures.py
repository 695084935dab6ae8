"""The figures that a replay is made from: as they are at its end, and as they were known at each round before."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import numpy as np

from alertd.core.classify import classify
from alertd.core.measures import Measure
from alertd.core.periods import Period
from alertd.core.places import Places
from alertd.core.rows import UNREAD, Rows
from alertd.core.series import SeriesBlock


class Source(Protocol):
    """Where measures are read from."""

    def read(self, measure: Measure, *, now: datetime, places: Places, as_of: bool = False) -> SeriesBlock:
        """A measure's series; raises `WarehouseError`."""
        ...

    def rows(self, measure: Measure, *, now: datetime) -> Rows:
        """A measure's rows, each with when it was loaded; raises `WarehouseError`."""
        ...


class Figures:
    """Reads each measure once, as it is known at `end`, and says what was known of it at any earlier moment."""

    def __init__(self, source: Source, places: Places, end: datetime) -> None:
        self._source, self._places, self.end = source, places, end
        self._blocks: dict[str, SeriesBlock] = {}
        self._rows: dict[str, Rows] = {}

    def at_end(self, measure: Measure) -> SeriesBlock:
        """The figures as they are known at the end; raises `WarehouseError`."""
        if measure.id not in self._blocks:
            if measure.loaded_at is None:
                block = self._source.read(measure, now=self.end, places=self._places, as_of=True)
            else:
                block = self.at(measure, self.end)
            self._blocks[measure.id] = block
        return self._blocks[measure.id]

    def at(self, measure: Measure, moment: datetime) -> SeriesBlock:
        """The figures as they were known at an aware moment; raises `WarehouseError`."""
        if measure.loaded_at is None:
            return self._source.read(measure, now=moment, places=self._places, as_of=True)
        return classify(measure, self._loaded(measure), now=moment, places=self._places, as_of=True)

    def live(self, measure: Measure) -> SeriesBlock:
        """The figures as a round at the end would read them: rows of a time to come are faults, not hidden."""
        return self._source.read(measure, now=self.end, places=self._places)

    def arrivals(self, measure: Measure, first_judging: Callable[[Period], datetime]) -> list[datetime]:
        """The naive local moments at which rows came after their period had first been judged, each once, in order.

        Empty where all came in time, or where nothing says when they came: the figures at the end are then those that
        every round knew.
        """
        if measure.loaded_at is None:
            return []
        rows = self._loaded(measure)
        assert rows.loaded_at is not None
        known = (rows.slot != UNREAD) & ~np.isnat(rows.loaded_at)
        slots, place = np.unique(rows.slot[known], return_inverse=True)
        judged = [first_judging(Period(measure.grain, slot)).replace(tzinfo=None) for slot in slots.tolist()]
        loaded = rows.loaded_at[known]
        late = loaded > np.array(judged, dtype="M8[us]")[place]
        minutes = np.unique(loaded[late].astype("M8[m]")) + np.timedelta64(1, "m")
        found: list[datetime] = minutes.astype("M8[us]").astype(object).tolist()
        return found

    def _loaded(self, measure: Measure) -> Rows:
        if measure.id not in self._rows:
            self._rows[measure.id] = self._source.rows(measure, now=self.end)
        return self._rows[measure.id]
