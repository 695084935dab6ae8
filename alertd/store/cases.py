"""Cases and what was told of them, as rows."""

from collections.abc import Collection, Sequence
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, RowMapping, Select, bindparam, delete, select, update

from alertd.core.cases import Case, CaseState, Direction
from alertd.core.errors import StateError
from alertd.core.findings import Finding
from alertd.core.model import Key
from alertd.core.owners import Recipient
from alertd.store.records import Queued
from alertd.store.rows import chunks, columns_of, fields_from, insert_all
from alertd.store.tables import cases, findings

_RECIPIENT = TypeAdapter(Recipient)


def open_cases(connection: Connection, rules: Collection[str] | None) -> dict[tuple[str, Key], Case]:
    """Every open case, or those of `rules`, by rule and series."""
    wanted = None if rules is None else frozenset(rules)
    rows = connection.execute(select(cases).where(cases.c.state == CaseState.OPEN.value)).mappings()
    found = [_case(row) for row in rows if wanted is None or row["rule"] in wanted]
    return {(case.rule, case.key): case for case in found}


def all_cases(connection: Connection, state: CaseState | None, limit: int | None) -> list[Case]:
    """Cases, newest first; those of one round by rule and series."""
    query = select(cases).order_by(cases.c.opened_at.desc(), cases.c.rule, cases.c.key, cases.c.id)
    if state is not None:
        query = query.where(cases.c.state == state.value)
    return _cases(connection, query.limit(limit))


def case_by_id(connection: Connection, case_id: str) -> Case | None:
    """One case."""
    return next(iter(_cases(connection, select(cases).where(cases.c.id == case_id))), None)


def write_changes(connection: Connection, changes: Sequence[tuple[Case | None, Case]]) -> None:
    """Insert new cases and change known ones, each only over the version that the change was decided on.

    Changes come first, so that a case that closes makes room for the one that opens in its place. Raises `StateError`
    where another process changed one of them meanwhile.
    """
    changed = [(before, after) for before, after in changes if before is not None and _row(before) != _row(after)]
    if changed:
        values: dict[str, Any] = {
            column.name: bindparam(f"new_{column.name}") for column in cases.c if column.name != "id"
        }
        statement = update(cases).where(cases.c.id == bindparam("old_id"), cases.c.version == bindparam("old_version"))
        written = connection.execute(statement.values(values), [_change(before, after) for before, after in changed])
        if written.rowcount != len(changed):
            raise StateError(
                f"{len(changed) - written.rowcount} of {len(changed)} cases were changed by another process meanwhile; "
                "nothing of this round was written, so run it again"
            )
    insert_all(connection, cases, [_row(after) for before, after in changes if before is None])


def queue(connection: Connection, queued: Sequence[Queued]) -> None:
    """Insert findings that somebody is to be told of."""
    insert_all(
        connection,
        findings,
        [
            {
                "number": item.finding.number,
                "case_id": item.finding.case,
                "rule": item.finding.rule,
                "period": item.finding.period,
                "transition": item.finding.transition.value,
                "address": item.recipient.email,
                "recipient": _RECIPIENT.dump_json(item.recipient).decode(),
                "channel": item.channel,
                "due_at": item.due_at,
                "letter_id": item.letter_id,
                "finding": item.finding.model_dump_json(),
            }
            for item in queued
        ],
    )


def take_back(connection: Connection, changes: Sequence[tuple[Case | None, Case]]) -> None:
    """Delete what still waits to be told of cases that are withdrawn: nobody has heard of it, and it holds no longer."""
    withdrawn = [after.id for _, after in changes if after.state is CaseState.WITHDRAWN]
    for some in chunks(withdrawn):
        connection.execute(delete(findings).where(findings.c.case_id.in_(some), findings.c.letter_id.is_(None)))


def queued_from(row: RowMapping) -> Queued:
    """A finding's row as a record."""
    return Queued(
        finding=Finding.model_validate_json(row["finding"]),
        recipient=_RECIPIENT.validate_json(row["recipient"]),
        channel=row["channel"],
        due_at=row["due_at"],
        letter_id=row["letter_id"],
    )


def told_of(connection: Connection, case_id: str) -> list[Queued]:
    """What was told, or is about to be told, of a case, and to whom, oldest first."""
    query = select(findings).where(findings.c.case_id == case_id).order_by(findings.c.id)
    return [queued_from(row) for row in connection.execute(query).mappings()]


def findings_of(connection: Connection, letter_id: str) -> list[Queued]:
    """What a letter tells, oldest first."""
    query = select(findings).where(findings.c.letter_id == letter_id).order_by(findings.c.id)
    return [queued_from(row) for row in connection.execute(query).mappings()]


def _cases(connection: Connection, query: Select[Any]) -> list[Case]:
    return [_case(row) for row in connection.execute(query).mappings()]


def _case(row: RowMapping) -> Case:
    values = fields_from(Case, row)
    return Case(**{**values, "direction": Direction(values["direction"]), "state": CaseState(values["state"])})


def _row(case: Case) -> dict[str, Any]:
    """The row of a case; NaN, which no figure equals, as None, so that rows can be compared."""
    values = columns_of(case) | {"direction": case.direction.value, "state": case.state.value}
    return {name: None if value != value else value for name, value in values.items()}


def _change(before: Case, after: Case) -> dict[str, Any]:
    row = _row(after) | {"version": before.version + 1}
    return {"old_id": before.id, "old_version": before.version} | {
        f"new_{name}": row[name] for name in row if name != "id"
    }
