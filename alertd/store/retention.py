"""Forgetting what is older than the instance keeps: ended cases, sent letters, rounds, slots, and names in the audit.

What is open or unfinished is never forgotten, nor is the newest round or the newest slot of a schedule. The audit's links
stay, so that its chain still verifies; only the people in them go. Entries stay while they stand; see `entries.forget`.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Table, delete, func, or_, select

from alertd.core.cases import CaseState
from alertd.core.letters import LetterState
from alertd.store import entries
from alertd.store.tables import audit, audit_people, cases, findings, letters, rounds, slots

_ENDED = [state.value for state in CaseState if state is not CaseState.OPEN]
_OVER = [LetterState.SENT.value, LetterState.RESOLVED.value]  # a refused letter waits for somebody to resolve it


def forget(connection: Connection, before: datetime) -> dict[str, int]:
    """Delete what ended before an aware moment; gives how many rows of each table went."""
    told = select(findings.c.letter_id).where(findings.c.letter_id.is_not(None))
    newest_round = select(func.max(rounds.c.finished_at)).scalar_subquery()
    refused = select(letters.c.origin).where(letters.c.state == LetterState.REFUSED.value)
    other = slots.alias()
    newest_slot = select(func.max(other.c.slot)).where(other.c.name == slots.c.name).scalar_subquery()
    old_links = select(audit.c.seq).where(audit.c.at < before)
    # Cases go first: their findings go with them, and a letter may go once no finding is in it.
    recently_told = (
        select(findings.c.case_id)
        .join(letters, letters.c.origin == findings.c.letter_id, isouter=True)
        .where(or_(letters.c.finished_at.is_(None), letters.c.finished_at >= before))
    )
    conditions: tuple[tuple[Table, list[ColumnElement[bool]]], ...] = (
        (cases, [cases.c.state.in_(_ENDED), cases.c.closed_at < before, cases.c.id.not_in(recently_told)]),
        (
            letters,
            [
                letters.c.state.in_(_OVER),
                letters.c.finished_at < before,
                letters.c.origin.not_in(told),
                letters.c.origin.not_in(refused),  # the copy of a refused letter shows that somebody got it
            ],
        ),
        (rounds, [rounds.c.finished_at < before, rounds.c.finished_at < newest_round]),
        (slots, [slots.c.at < before, slots.c.slot < newest_slot]),
        (audit_people, [audit_people.c.seq.in_(old_links)]),
    )
    gone = {table.name: connection.execute(delete(table).where(*where)).rowcount for table, where in conditions}
    return {**gone, "entries": entries.forget(connection, before)}
