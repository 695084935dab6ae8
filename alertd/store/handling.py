"""What people do to letters by hand: retry, resolve, release; each with a line in the audit that says who did it."""

from datetime import datetime

from sqlalchemy import Connection, select, update

from alertd.core.errors import UsageError
from alertd.core.letters import Letter, LetterState
from alertd.store import audit
from alertd.store.outbox import letter_by_id, letter_from
from alertd.store.tables import letters


def release_held(connection: Connection, who: str, now: datetime) -> int:
    """Let every held letter go; returns how many."""
    query = select(letters).where(letters.c.state == LetterState.HELD.value).order_by(letters.c.made_at, letters.c.id)
    held = [letter_from(row) for row in connection.execute(query).mappings()]
    for letter in held:
        _move(connection, letter, LetterState.PENDING)
        audit.append(connection, "released", letter.id, {"message_id": letter.message_id}, {"who": who}, now)
    return len(held)


def retry(connection: Connection, letter_id: str, who: str, now: datetime) -> Letter:
    """Make a letter due at once; raises `UsageError` for one that was sent or is being sent."""
    letter = _known(connection, letter_id)
    if letter.state is LetterState.SENT:
        raise UsageError(f"letter {letter_id} was sent already, so there is nothing to retry")
    if letter.state is LetterState.SENDING:
        raise UsageError(f"letter {letter_id} is being sent now; look again with `alertd outbox show {letter_id}`")
    state = LetterState.RETRY if letter.attempts else LetterState.PENDING
    moved = _move(connection, letter, state)
    audit.append(connection, "retried by hand", letter.id, {"message_id": letter.message_id}, {"who": who}, now)
    return moved


def resolve(connection: Connection, letter_id: str, reason: str, who: str, now: datetime) -> Letter:
    """End a letter that shall not be sent; raises `UsageError` for one that has ended already."""
    letter = _known(connection, letter_id)
    if letter.state in (LetterState.SENT, LetterState.RESOLVED):
        raise UsageError(f"letter {letter_id} is {letter.state.value} already")
    moved = _move(connection, letter, LetterState.RESOLVED, finished_at=now)
    people = audit.people_of(letter, who=who, reason=reason)
    audit.append(connection, "resolved", letter.id, {"message_id": letter.message_id, "keys": letter.keys}, people, now)
    return moved


def _known(connection: Connection, letter_id: str) -> Letter:
    letter = letter_by_id(connection, letter_id)
    if letter is None:
        raise UsageError(f"there is no letter `{letter_id}`; `alertd outbox list` shows them")
    return letter


def _move(connection: Connection, letter: Letter, state: LetterState, finished_at: datetime | None = None) -> Letter:
    # Over the state that was read: a letter that a daemon claimed or finished in between is left as it is.
    moved = connection.execute(
        update(letters)
        .where(letters.c.id == letter.id, letters.c.state == letter.state.value)
        .values({"state": state.value, "next_attempt_at": None, "finished_at": finished_at})
    )
    if not moved.rowcount:
        raise UsageError(f"letter {letter.id} changed just now; look again with `alertd outbox show {letter.id}`")
    found = letter_by_id(connection, letter.id)
    return letter if found is None else found
