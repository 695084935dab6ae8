"""Which local slots of which schedule have run, as rows; the truth from which the scheduler is rebuilt."""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from alertd.store.records import SlotRun
from alertd.store.rows import insert_all
from alertd.store.tables import slots


def slot_done(connection: Connection, name: str, slot: str) -> bool:
    """Whether a slot was dealt with, whichever way."""
    query = select(slots.c.slot).where(slots.c.name == name, slots.c.slot == slot)
    return connection.execute(query).first() is not None


def record_slots(connection: Connection, runs: Sequence[SlotRun]) -> None:
    """Note slots as dealt with; one that already was is an error, so that no slot runs twice."""
    insert_all(connection, slots, [run._asdict() for run in runs])


def last_slot(connection: Connection, name: str) -> str | None:
    """The newest slot of a schedule that was dealt with; slots are written so that text order is time order."""
    query = select(slots.c.slot).where(slots.c.name == name).order_by(slots.c.slot.desc()).limit(1)
    return connection.execute(query).scalar_one_or_none()


def slot_runs(connection: Connection, name: str | None, limit: int) -> list[SlotRun]:
    """The newest slots that were dealt with, newest first."""
    query = select(slots).order_by(slots.c.at.desc(), slots.c.slot.desc()).limit(limit)
    if name is not None:
        query = query.where(slots.c.name == name)
    return [SlotRun(row["name"], row["slot"], row["how"], row["at"]) for row in connection.execute(query).mappings()]
