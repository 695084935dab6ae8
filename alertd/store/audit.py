"""Who was told what, when, by which version of which rule over which data (R34): append-only, each link hashed over the last.

Names, addresses and reasons stand in a table of their own, and the chain holds only a salted hash of them, so that they
can be erased without breaking it.
"""

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, update

from alertd.core.letters import Letter
from alertd.store.records import AuditEntry
from alertd.store.tables import audit, audit_people, findings, letters, meta

_HEAD = "audit_head"
_TOLD = ("number", "rule", "rule_version", "measure", "series", "period", "transition", "data_version")


def append(
    connection: Connection,
    event: str,
    letter_id: str,
    details: Mapping[str, Any],
    people: Mapping[str, str],
    at: datetime,
) -> None:
    """Add one link to the chain, in the caller's transaction."""
    append_all(connection, event, letter_id, [(details, people)], at)


def append_all(
    connection: Connection,
    event: str,
    letter_id: str,
    links: Sequence[tuple[Mapping[str, Any], Mapping[str, str]]],
    at: datetime,
) -> None:
    """Add a link for each pair of details and people, as `append` does; quick for many."""
    seq, previous = head(connection)
    rows, apart = [], []
    for details, people in links:
        seq += 1
        salt, people_text = secrets.token_hex(16), _json(people)
        row = {
            "seq": seq,
            "at": at,
            "event": event,
            "letter_id": letter_id,
            "details": _json(details),
            "people_hash": _people_hash(salt, people_text),
            "prev_hash": previous,
        }
        row["hash"] = previous = _link(row)
        rows.append(row)
        apart.append({"seq": seq, "salt": salt, "people": people_text})
    if rows:
        connection.execute(insert(audit), rows)
        connection.execute(insert(audit_people), apart)
        connection.execute(update(meta).where(meta.c.name == _HEAD).values({"value": f"{seq}:{previous}"}))


def head(connection: Connection) -> tuple[int, str]:
    """The number and the hash of the last link, which stays the last one until the caller's transaction ends."""
    # The row is locked, so that two processes on PostgreSQL cannot both continue from the same link.
    query = select(meta.c.value).where(meta.c.name == _HEAD).with_for_update()
    last, _, previous = connection.execute(query).scalar_one().partition(":")
    return int(last), previous


def told(connection: Connection, letter: Letter, at: datetime) -> None:
    """Add that a letter was accepted for its recipient, with what it told."""
    query = (
        select(findings.c.finding)
        .join(letters, letters.c.origin == findings.c.letter_id)
        .where(letters.c.id == letter.id)
        .order_by(findings.c.id)
    )
    found = [json.loads(text) for text in connection.execute(query).scalars()]
    details = {
        "message_id": letter.message_id,
        "channel": letter.channel,
        "keys": letter.keys,
        "findings": [_told(finding) for finding in found],
    }
    append(connection, "told", letter.id, details, people_of(letter), at)


def _told(finding: Mapping[str, Any]) -> dict[str, Any]:
    """What of a finding the chain holds, with the impact assessment that it rests on where there is one."""
    said = {name: finding.get(name) for name in _TOLD}
    return {**said, "dpia": finding["dpia"]} if finding.get("dpia") else said


def people_of(letter: Letter, **more: str) -> dict[str, str]:
    """The personal part of a link about a letter."""
    return {"address": letter.recipient, "name": letter.recipient_name, "owner": letter.owner, **more}


def entries(connection: Connection, limit: int | None) -> list[AuditEntry]:
    """The links, oldest first; with a limit, the newest so many."""
    query = (
        select(audit, audit_people.c.people)
        .join(audit_people, audit_people.c.seq == audit.c.seq, isouter=True)
        .order_by(audit.c.seq.desc())
        .limit(limit)
    )
    return [
        AuditEntry(
            seq=row["seq"],
            at=row["at"],
            event=row["event"],
            letter_id=row["letter_id"],
            details=row["details"],
            people=row["people"] or "",
            hash=row["hash"],
        )
        for row in reversed(connection.execute(query).mappings().all())
    ]


def first_broken(connection: Connection) -> int | None:
    """The first link that was changed, taken out or put in; None where the chain holds, erased people included."""
    query = (
        select(audit, audit_people.c.salt, audit_people.c.people)
        .join(audit_people, audit_people.c.seq == audit.c.seq, isouter=True)
        .order_by(audit.c.seq)
    )
    seq, previous = 0, ""
    for row in connection.execute(query).mappings():
        seq += 1
        kept = row["people"] is not None
        if (
            row["seq"] != seq
            or row["prev_hash"] != previous
            or row["hash"] != _link(row)
            or (kept and row["people_hash"] != _people_hash(row["salt"], row["people"]))
        ):
            return seq
        previous = row["hash"]
    known = connection.execute(select(meta.c.value).where(meta.c.name == _HEAD)).scalar_one()
    return None if known == f"{seq}:{previous}" else seq + 1


def _link(row: Mapping[str, Any] | RowMapping) -> str:
    at = row["at"].astimezone(UTC).isoformat()
    parts = [row["seq"], at, row["event"], row["letter_id"], row["details"], row["people_hash"], row["prev_hash"]]
    return hashlib.sha256(_json(parts).encode()).hexdigest()


def _people_hash(salt: str, people: str) -> str:
    return hashlib.sha256(f"{salt}:{people}".encode()).hexdigest()


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
