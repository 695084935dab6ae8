"""Posts that nobody holds, and that ops were told of, as rows."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import Connection, delete, select

from alertd.core.owners import Vacancy
from alertd.store.rows import insert_all
from alertd.store.tables import vacancies


def known(connection: Connection) -> tuple[Vacancy, ...]:
    """The posts that nobody holds, by owner and place."""
    rows = connection.execute(select(vacancies).order_by(vacancies.c.owner, vacancies.c.place)).mappings()
    return tuple(
        Vacancy(
            owner=row["owner"], place=row["place"], since=date.fromisoformat(row["since"]) if row["since"] else None
        )
        for row in rows
    )


def write(connection: Connection, found: Collection[Vacancy]) -> None:
    """Keep these posts, and no others, as held by nobody."""
    connection.execute(delete(vacancies))
    insert_all(
        connection,
        vacancies,
        [
            {"owner": one.owner, "place": one.place, "since": one.since.isoformat() if one.since is not None else None}
            for one in found
        ],
    )
