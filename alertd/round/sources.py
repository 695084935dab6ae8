"""Where measures are read from: the warehouse, or the entries that people record in the state database."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np

from alertd.core.cases import Case
from alertd.core.classify import classify
from alertd.core.measures import Measure
from alertd.core.owners import Owner
from alertd.core.periods import Period
from alertd.core.places import Places
from alertd.core.recording import Recorded, columns_of, entry_rows, was_withdrawn
from alertd.core.rows import UNREAD, Rows
from alertd.core.series import SeriesBlock
from alertd.warehouse import Warehouse
from alertd.warehouse.coding import rows_of
from alertd.warehouse.columns import ObjectColumn
from alertd.warehouse.words import key_text

Entries = Callable[[str], Sequence[Recorded]]
"""Everything that was ever recorded of a measure, in that order; raises `StateError`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Answers questions about measures, each from where its rows are; may be used from several threads."""

    warehouse: Warehouse
    entries: Entries

    def read(self, measure: Measure, *, now: datetime, places: Places, as_of: bool = False) -> SeriesBlock:
        """A measure's series at `now` (aware, in the home's zone); `as_of` hides what came later.

        Raises `WarehouseError` and `StateError`.
        """
        if measure.recorded is None:
            return self.warehouse.read(measure, now=now, places=places, as_of=as_of)
        return classify(measure, self._recorded(measure, now), now=now, places=places, as_of=as_of)

    def rows(self, measure: Measure, *, now: datetime) -> Rows:
        """A measure's rows up to `now`, each with when it was loaded, for `classify` to place as they were known earlier."""
        return self.warehouse.rows(measure, now=now) if measure.recorded is None else self._recorded(measure, now)

    def columns(self, measure: Measure) -> dict[str, str]:
        """The columns that a measure's rows have, each with its type as a database calls it."""
        if measure.recorded is None:
            return self.warehouse.columns(measure)
        return {**dict.fromkeys(measure.by, "VARCHAR"), **columns_of(measure.recorded)}

    def values(self, measure: Measure, column: str) -> set[str]:
        """The different values of one of a measure's columns, as text."""
        if measure.recorded is None:
            return self.warehouse.values(measure, column)
        found = (row.values.get(column) for row in entry_rows(self.entries(measure.id), self._now()))
        return {text for text in map(key_text, found) if text is not None}

    def span(self, measure: Measure) -> tuple[Period, Period] | None:
        """The first and the last period that a measure has rows of; None where there are none, or none can be read."""
        if measure.recorded is None:
            return self.warehouse.span(measure)
        slots = self._recorded(measure, self._now()).slot
        slots = slots[slots != UNREAD]
        if not len(slots):
            return None
        return Period(measure.grain, int(slots.min())), Period(measure.grain, int(slots.max()))

    def withdrawn(self, measure: Measure, cases: Sequence[Case], *, now: datetime) -> set[str]:
        """Which cases of a measure, by their ids, rest on what people recorded and withdrew since; raises `StateError`."""
        kind, own = measure.recorded, [case for case in cases if case.by == measure.by]
        if kind is None or not own:
            return set()
        known = self.entries(measure.id)
        if measure.loaded_at is not None:  # as the rows are read
            known = [one for one in known if one.recorded_at <= now]
        return {case.id for case in own if was_withdrawn(known, kind, case.series, case.told_period)}

    def postings(self, owner: Owner) -> list[dict[str, Any]]:
        """The rows of an owner's postings in the warehouse; raises `WarehouseError`."""
        return self.warehouse.postings(owner)

    def _now(self) -> datetime:
        return datetime.now(self.warehouse.zone)

    def _recorded(self, measure: Measure, now: datetime) -> Rows:
        found = list(entry_rows(self.entries(measure.id), now))
        if measure.loaded_at is None:  # without a word on when rows were loaded, what stands today always stood
            found = [row for row in found if row.until is None]
        columns = [ObjectColumn([row.values.get(name) for row in found]) for name in measure.columns]
        until = [None if row.until is None else row.until.astimezone(now.tzinfo).replace(tzinfo=None) for row in found]
        return replace(rows_of(measure, [columns], now.tzinfo), until=np.array(until, dtype="M8[us]"))
