"""What was known when: rows loaded later than a date, or corrected by then, at a fixed age; how far a feed is complete."""

from datetime import datetime

import numpy as np

from alertd.core.measures import Measure
from alertd.core.periods import Grain, Period
from alertd.core.rows import UNREAD, Rows
from alertd.core.series import Bools


def visible(rows: Rows, last: int, local: datetime) -> Rows:
    """The rows that were there at a naive local moment, up to those of the period `last`."""
    hidden = rows.slot > last
    if rows.loaded_at is not None:
        hidden |= rows.loaded_at > np.datetime64(local)
    return rows.take(~hidden) if hidden.any() else rows


def standing(rows: Rows, local: datetime) -> Rows:
    """The rows that had not been corrected or withdrawn at a naive local moment."""
    if rows.until is None:
        return rows
    gone: Bools = rows.until <= np.datetime64(local)  # False where it is NaT
    return rows.take(~gone) if gone.any() else rows


def at_age(measure: Measure, rows: Rows) -> Rows:
    """Of each series and period the row that was the newest when the period had reached the measure's age.

    Rows that say nothing of when they were loaded count as the oldest; two that were loaded at once both stay.
    """
    if measure.at_age is None or rows.loaded_at is None or not len(rows):
        return rows
    slots, place = np.unique(rows.slot, return_inverse=True)
    due = [
        np.datetime64("NaT")
        if slot == UNREAD
        else np.datetime64(measure.at_age.after(Period(measure.grain, slot).end, measure.grain, ()))
        for slot in slots.tolist()
    ]
    late: Bools = rows.loaded_at > np.array(due, dtype="M8[us]")[place]
    rows = rows.take(~late)
    assert rows.loaded_at is not None
    loaded = rows.loaded_at.astype("M8[us]").astype(np.int64)  # NaT is the lowest number
    order = np.lexsort((loaded, rows.slot, rows.series))
    changes: Bools = (np.diff(rows.slot[order]) != 0) | (np.diff(rows.series[order]) != 0)
    group = np.append(0, np.cumsum(changes))[: len(order)]
    newest = loaded[order][np.append(np.flatnonzero(changes), len(order) - 1)] if len(order) else loaded
    keep = np.zeros(len(rows), dtype=np.bool_)
    keep[order] = loaded[order] == newest[group]
    keep |= (rows.slot == UNREAD) | (rows.series < 0)
    return rows.take(keep)


def complete_slot(rows: Rows, grain: Grain) -> int | None:
    """The last period that the feed says it covers whole; None where it says nothing."""
    if rows.complete_to is None:
        return None
    known = rows.complete_to[~np.isnat(rows.complete_to)]
    if not len(known):
        return None
    latest = min(known.max().astype("M8[us]"), np.datetime64("9999-01-01", "us"))
    return Period.containing(latest.astype(datetime), grain).slot - 1
