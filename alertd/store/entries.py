"""Entries that people recorded: only ever added, each with a link of the audit whose number is its own."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping, and_, delete, insert, select, update

from alertd.core.errors import UsageError
from alertd.core.recording import Decided, Entry, Kind, Recorded
from alertd.store import audit
from alertd.store.tables import entries

Decide = Callable[[Sequence[Recorded]], Decided]
"""From what is known of some measures, in the order in which it was recorded, to what is to be added."""


def recorded(connection: Connection, measures: Collection[str] | None = None) -> list[Recorded]:
    """Every entry of some measures, or of all, corrected and withdrawn ones among them, in the order of recording."""
    query = select(entries).order_by(entries.c.number)
    if measures is not None:
        query = query.where(entries.c.measure.in_(measures))
    return [_recorded(row) for row in connection.execute(query).mappings()]


def record(
    connection: Connection, measures: Collection[str], decide: Decide, *, source: str, who: str, at: datetime
) -> range:
    """Add what `decide` finds to be new among entries of some measures, with a link of the audit for each; their numbers."""
    last, _ = audit.head(connection)  # from here on nobody else records, so that what is known stays so
    new = decide(recorded(connection, measures)).new
    _add(connection, new, last, source=source, who=who, at=at)
    return range(last + 1, last + 1 + len(new))


def withdraw(connection: Connection, number: int, reason: str, *, who: str, at: datetime) -> Recorded:
    """Take an entry away; raises `UsageError` for one that is not there, or does not stand."""
    last, _ = audit.head(connection)
    query = select(entries).where(entries.c.number == number)
    row = connection.execute(query).mappings().one_or_none()
    if row is None:
        raise UsageError(f"there is no entry {number}; `alertd record list` shows them")
    one = _recorded(row)
    for later in recorded(connection, [one.entry.measure]):
        if later.number >= number and later.entry.identity == one.entry.identity:
            if later.withdrawn is not None:
                raise UsageError(f"entry {number} was withdrawn already: {later.withdrawn}")
            if later.number > number:
                raise UsageError(f"entry {number} was corrected by {later.number}; withdraw that one")
    _add(connection, [(one.entry, number)], last, source="", who=who, at=at, withdrawn=reason)
    return one


def forget(connection: Connection, before: datetime) -> int:
    """Delete entries that were corrected or withdrawn before a moment, and who recorded what is older; gives how many went.

    What stands is kept, however old: rules compare with it.
    """
    later, old = entries.alias(), entries.c.recorded_at < before
    same = and_(
        later.c.measure == entries.c.measure,
        later.c.series == entries.c.series,
        later.c.day == entries.c.day,
        later.c.reference == entries.c.reference,
        later.c.number > entries.c.number,
        later.c.recorded_at < before,
    )
    gone = 0
    # Withdrawals go last: an entry whose withdrawal was gone before it would stand again.
    for over in (select(later.c.number).where(same).exists(), and_(entries.c.withdrawn.is_not(None), old)):
        gone += connection.execute(delete(entries).where(over)).rowcount
    connection.execute(update(entries).where(old, entries.c.recorded_by != "").values({"recorded_by": ""}))
    return gone


def _add(
    connection: Connection,
    new: Sequence[tuple[Entry, int | None]],
    number: int,
    *,
    source: str,
    who: str,
    at: datetime,
    withdrawn: str | None = None,
) -> None:
    """Add entries, each with the number of the one that it takes the place of, after the link `number` of the audit."""
    if not new:
        return
    rows = [
        {
            "number": number + position,
            "kind": entry.kind.value,
            "measure": entry.measure,
            "series": dict(entry.series),
            "day": entry.day,
            "began": entry.began,
            "ended": entry.ended,
            "grade": entry.grade,
            "by": entry.by,
            "finding": entry.finding,
            "reference": entry.reference,
            "withdrawn": withdrawn,
            "source": source,
            "recorded_by": who,
            "recorded_at": at,
        }
        for position, (entry, _) in enumerate(new, start=1)
    ]
    connection.execute(insert(entries), rows)
    links = []
    for row, (entry, before) in zip(rows, new, strict=True):
        days = {name: str(day) for name in ("day", "began", "ended") if (day := row[name]) is not None}
        told = {name: row[name] for name in ("kind", "measure", "series", "grade", "reference", "source")}
        earlier = {} if before is None else {"withdraws" if withdrawn is not None else "corrects": before}
        people = {"who": who, "by": entry.by} | ({} if withdrawn is None else {"reason": withdrawn})
        links.append(({"entry": row["number"], **told, **days, **earlier}, people))
    audit.append_all(connection, "recorded" if withdrawn is None else "withdrawn", "", links, at)


def _recorded(row: RowMapping) -> Recorded:
    entry = Entry(
        kind=Kind(row["kind"]),
        measure=row["measure"],
        series=row["series"],
        day=row["day"],
        began=row["began"],
        ended=row["ended"],
        grade=row["grade"],
        by=row["by"],
        finding=row["finding"],
        reference=row["reference"],
    )
    return Recorded(
        number=row["number"],
        entry=entry,
        recorded_at=row["recorded_at"],
        recorded_by=row["recorded_by"],
        source=row["source"],
        withdrawn=row["withdrawn"],
    )
