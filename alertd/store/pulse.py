"""A sign of life of whoever delivers: a row that is really written, so that a full disk shows before a letter is due."""

from datetime import datetime

from sqlalchemy import delete, insert, select, update

from alertd.store.engine import reading, writing
from alertd.store.store import Store
from alertd.store.tables import meta

_NAME = "last sign of life"


def beat(store: Store, now: datetime) -> None:
    """Write down that the process that delivers is alive; raises `StateError` where nothing can be written."""
    with writing(store.engine) as connection:
        values = {"value": now.isoformat()}
        if not connection.execute(update(meta).where(meta.c.name == _NAME).values(values)).rowcount:
            connection.execute(insert(meta).values({"name": _NAME} | values))


def farewell(store: Store) -> None:
    """Take the sign of life away at an orderly end, so that nobody takes the process for alive."""
    with writing(store.engine) as connection:
        connection.execute(delete(meta).where(meta.c.name == _NAME))


def last_beat(store: Store) -> datetime | None:
    """When the process that delivers last wrote; None where none ever did."""
    with reading(store.engine) as connection:
        found = connection.execute(select(meta.c.value).where(meta.c.name == _NAME)).scalar_one_or_none()
    return None if found is None else datetime.fromisoformat(found)
