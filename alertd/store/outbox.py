"""Letters and their attempts, as rows: claim, send, mark, in that order (nothing here sends)."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    LargeBinary,
    RowMapping,
    case,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)

from alertd.core.errors import LockedError, StateError
from alertd.core.letters import Attempt, Letter, LetterState, Outcome, next_attempt
from alertd.store import audit
from alertd.store.cases import queued_from
from alertd.store.records import CLAIMABLE, UNFINISHED, AttemptRecord, Listed, OutboxSummary, Queued
from alertd.store.rows import chunks, columns_of, fields_from, insert_all
from alertd.store.tables import attempts, findings, leadership, letters

_AFTER = {
    Outcome.DELIVERED: LetterState.SENT,
    Outcome.RETRY: LetterState.RETRY,
    Outcome.UNKNOWN: LetterState.UNKNOWN,
    Outcome.REFUSED: LetterState.REFUSED,
}


_HEADERS = 8192
"""Bytes of a letter that hold its `Date`, which stands among the first headers."""


def add_letters(connection: Connection, new: Sequence[Letter], *, origin: str | None = None) -> None:
    """Insert letters; `origin` is the letter whose findings they carry, where it is not they themselves."""
    rows = [columns_of(letter) | {"state": letter.state.value, "origin": origin or letter.id} for letter in new]
    insert_all(connection, letters, rows)


def waiting(connection: Connection, due_by: datetime) -> list[Queued]:
    """Findings that are due and in no letter yet, oldest first."""
    query = select(findings).where(findings.c.letter_id.is_(None), findings.c.due_at <= due_by).order_by(findings.c.id)
    return [queued_from(row) for row in connection.execute(query).mappings()]


def compose(connection: Connection, new: Sequence[Letter], numbers_by_letter: Mapping[str, Sequence[str]]) -> None:
    """Insert letters and put the waiting findings of those numbers into them; `StateError` where one is gone."""
    add_letters(connection, new)
    for letter in new:
        numbers = list(numbers_by_letter.get(letter.id, ()))
        placed = 0
        for some in chunks(numbers):
            statement = update(findings).where(
                findings.c.number.in_(some),
                func.lower(findings.c.address) == letter.recipient.lower(),
                findings.c.letter_id.is_(None),
            )
            placed += connection.execute(statement.values(letter_id=letter.id)).rowcount
        if placed < len(set(numbers)):
            raise StateError(
                "another process put the same findings into a letter first; nothing was written, so try again"
            )


def first_message_ids(connection: Connection, case_ids: Sequence[str]) -> dict[tuple[str, str], str]:
    """For each case and address, the Message-ID of the first letter about it."""
    first: dict[tuple[str, str], str] = {}
    for some in chunks(case_ids):
        query = (
            select(findings.c.case_id, letters.c.recipient, letters.c.message_id)
            .join(letters, letters.c.origin == findings.c.letter_id)
            .where(findings.c.case_id.in_(some))
            .order_by(findings.c.id, letters.c.made_at)
        )
        for case_id, address, message_id in connection.execute(query):
            first.setdefault((case_id, address), message_id)
    return first


def current_epoch(connection: Connection, *, share: bool = False) -> int:
    """The epoch that delivers."""
    query = select(leadership.c.epoch)
    epoch: int = connection.execute(query.with_for_update(read=True) if share else query).scalar_one()
    return epoch


def require_epoch(connection: Connection, epoch: int) -> None:
    """Refuse to go on where another process took over delivery; raises `LockedError`."""
    # The share lock makes a takeover wait until this transaction has ended, and so see what it claimed.
    current = current_epoch(connection, share=True)
    if current != epoch:
        raise LockedError(f"another process took over delivery (epoch {current}, ours is {epoch})")


def claim(
    connection: Connection, now: datetime, *, limit: int, epoch: int, channel: str | None, ignore_backoff: bool
) -> list[Letter]:
    """Take letters that are due, count the attempt and note it. To be committed before anything is sent."""
    require_epoch(connection, epoch)
    due = or_(letters.c.next_attempt_at.is_(None), letters.c.next_attempt_at <= now)
    if ignore_backoff:
        due = or_(due, letters.c.epoch < epoch)
    query = select(letters).where(letters.c.state.in_([state.value for state in CLAIMABLE]), due)
    if channel is not None:
        query = query.where(letters.c.channel == channel)
    # Letters that may have arrived come last: a process that is killed again and again then doubles others first.
    rank = case({LetterState.PENDING.value: 0, LetterState.RETRY.value: 1}, value=letters.c.state, else_=2)
    query = query.order_by(rank, letters.c.made_at, letters.c.id).limit(limit).with_for_update(skip_locked=True)
    taken = [letter_from(row) for row in connection.execute(query).mappings()]
    if not taken:
        return []
    connection.execute(
        update(letters)
        .where(letters.c.id.in_([letter.id for letter in taken]))
        .values(
            {
                "state": LetterState.SENDING.value,
                "attempts": letters.c.attempts + 1,
                "epoch": epoch,
                "next_attempt_at": None,
            }
        )
    )
    claimed = [
        replace(letter, state=LetterState.SENDING, attempts=letter.attempts + 1, epoch=epoch, next_attempt_at=None)
        for letter in taken
    ]
    insert_all(
        connection,
        attempts,
        [{"letter_id": letter.id, "number": letter.attempts, "epoch": epoch, "started_at": now} for letter in claimed],
    )
    return claimed


def overtaken(connection: Connection, before: datetime, due_by: datetime | None) -> list[Letter]:
    """Letters that were written before a moment, are to be tried by `due_by` (None: whenever), and cannot have arrived.

    Once an attempt may have got through, a letter's bytes stay as they are: a second copy is then the same letter.
    """
    arrived = exists().where(
        attempts.c.letter_id == letters.c.id,
        or_(attempts.c.outcome.is_(None), attempts.c.outcome == Outcome.UNKNOWN.value),
    )
    unsent = letters.c.state.in_([LetterState.PENDING.value, LetterState.RETRY.value])
    head = func.substr(letters.c.message, 1, _HEADERS, type_=LargeBinary)  # charts follow, which are large
    query = select(letters.c.id, head.label("head")).where(unsent, letters.c.made_at < before, ~arrived)
    if due_by is not None:
        query = query.where(or_(letters.c.next_attempt_at.is_(None), letters.c.next_attempt_at <= due_by))
    old = [row.id for row in connection.execute(query) if _written_before(before, bytes(row.head))]
    found = (letter_by_id(connection, letter_id) for letter_id in old)
    return [letter for letter in found if letter is not None]


def rewrite(connection: Connection, letter: Letter) -> None:
    """Put other words into a letter, over the state that it was read in: one that a daemon claimed meanwhile stays as it is."""
    connection.execute(
        update(letters)
        .where(letters.c.id == letter.id, letters.c.state == letter.state.value, letters.c.attempts == letter.attempts)
        .values({"subject": letter.subject, "message": letter.message, "keys": letter.keys})
    )


def _written_before(moment: datetime, head: bytes) -> bool:
    date = BytesHeaderParser().parsebytes(head)["Date"]
    return date is not None and parsedate_to_datetime(date) < moment


def unclaim(connection: Connection, claimed: Sequence[Letter]) -> None:
    """Give letters back that were claimed and never begun, as if they had not been."""
    for letter in claimed:
        state = LetterState.RETRY if letter.attempts > 1 else LetterState.PENDING
        given_back = connection.execute(
            update(letters).where(_mine(letter)).values({"state": state.value, "attempts": letter.attempts - 1})
        )
        if given_back.rowcount:
            connection.execute(delete(attempts).where(_attempt_of(letter)))


def mark(connection: Connection, letter: Letter, attempt: Attempt, now: datetime, instead: Sequence[Letter]) -> Letter:
    """Write down what became of a claimed letter, and queue what goes out instead of a refused one.

    Where the claim is void meanwhile (a new epoch, or somebody resolved it), the attempt alone is noted.
    """
    connection.execute(
        update(attempts)
        .where(_attempt_of(letter))
        .values({"finished_at": now, "outcome": attempt.outcome.value, "detail": attempt.detail})
    )
    if attempt.outcome is Outcome.DELIVERED:
        audit.told(connection, letter, now)
    state = _AFTER[attempt.outcome]
    again = None if state.finished else next_attempt(letter.attempts, now, random.random())
    marked = connection.execute(
        update(letters)
        .where(_mine(letter))
        .values(
            {
                "state": state.value,
                "next_attempt_at": again,
                "last_error": None if attempt.outcome is Outcome.DELIVERED else attempt.detail,
                "finished_at": now if state.finished else None,
            }
        )
    )
    if not marked.rowcount:
        return letter_by_id(connection, letter.id) or letter
    if attempt.outcome is Outcome.REFUSED:
        copies = [copy.id for copy in instead]
        details = {"message_id": letter.message_id, "keys": letter.keys, "instead": copies}
        audit.append(connection, "refused", letter.id, details, audit.people_of(letter, said=attempt.detail), now)
        origin = connection.execute(select(letters.c.origin).where(letters.c.id == letter.id)).scalar_one()
        for copy in instead:
            add_letters(connection, [copy], origin=origin if copy.keys else None)
    return replace(letter, state=state, next_attempt_at=again)


def void(connection: Connection, now: datetime, *, before: int | None = None, epoch: int | None = None) -> int:
    """Give up claims whose process is gone: of epochs `before` one, to be retried at once, or of `epoch`, with backoff."""
    stuck = letters.c.state == LetterState.SENDING.value
    stuck &= letters.c.epoch < before if before is not None else letters.c.epoch == epoch
    said = "the process ended before it could note the answer"
    lost = [letter_from(row) for row in connection.execute(select(letters).where(stuck)).mappings()]
    for letter in lost:
        again = None if before is not None else next_attempt(letter.attempts, now, random.random())
        connection.execute(
            update(letters)
            .where(_mine(letter))
            .values({"state": LetterState.UNKNOWN.value, "next_attempt_at": again, "last_error": said})
        )
        connection.execute(
            update(attempts)
            .where(_attempt_of(letter), attempts.c.outcome.is_(None))
            .values({"finished_at": now, "outcome": Outcome.UNKNOWN.value, "detail": said})
        )
    return len(lost)


def letter_by_id(connection: Connection, letter_id: str) -> Letter | None:
    """One letter with its bytes."""
    row = connection.execute(select(letters).where(letters.c.id == letter_id)).mappings().first()
    return None if row is None else letter_from(row)


def letters_in(connection: Connection, state: LetterState | None, limit: int | None) -> list[Letter]:
    """Letters with their bytes, newest first."""
    query = select(letters).order_by(letters.c.made_at.desc(), letters.c.id).limit(limit)
    if state is not None:
        query = query.where(letters.c.state == state.value)
    return [letter_from(row) for row in connection.execute(query).mappings()]


def listed(connection: Connection, state: LetterState | None, limit: int | None) -> list[Listed]:
    """Letters without their bytes, newest first."""
    query = select(*(column for column in letters.c if column.name != "message"))
    query = query.order_by(letters.c.made_at.desc(), letters.c.id).limit(limit)
    if state is not None:
        query = query.where(letters.c.state == state.value)
    found = connection.execute(query).mappings()
    return [Listed(**{**fields_from(Listed, row), "state": LetterState(row["state"])}) for row in found]


def attempts_at(connection: Connection, letter_id: str) -> list[AttemptRecord]:
    """Every attempt at a letter, oldest first."""
    query = select(attempts).where(attempts.c.letter_id == letter_id).order_by(attempts.c.number)
    return [
        AttemptRecord(
            **{
                **fields_from(AttemptRecord, row),
                "outcome": None if row["outcome"] is None else Outcome(row["outcome"]),
            }
        )
        for row in connection.execute(query).mappings()
    ]


def summary(connection: Connection) -> OutboxSummary:
    """How many letters stand where, and since when the oldest unfinished one waits."""
    counts = select(letters.c.state, func.count()).group_by(letters.c.state)
    oldest = select(func.min(letters.c.made_at, type_=letters.c.made_at.type)).where(
        letters.c.state.in_([state.value for state in UNFINISHED])
    )
    other = letters.alias()
    copy = exists().where(other.c.origin == letters.c.origin, other.c.state != LetterState.REFUSED.value)
    # A letter and its copies have one origin, so that a copy which was refused in turn is not counted again.
    refused = (
        select(letters.c.origin)
        .where(letters.c.state == LetterState.REFUSED.value, ~copy.correlate(letters))
        .distinct()
        .subquery()
    )
    return OutboxSummary(
        counts={LetterState(state): number for state, number in connection.execute(counts)},
        oldest=connection.execute(oldest).scalar_one(),
        refused_for_good=connection.execute(select(func.count()).select_from(refused)).scalar_one(),
    )


def unfinished_by_channel(connection: Connection) -> dict[str, int]:
    """How many letters are still to be sent by each channel, held ones apart."""
    query = select(letters.c.channel, func.count()).where(letters.c.state.in_([state.value for state in UNFINISHED]))
    return {row[0]: row[1] for row in connection.execute(query.group_by(letters.c.channel))}


def letter_from(row: RowMapping) -> Letter:
    """A letter's row as a record."""
    values = fields_from(Letter, row)
    return Letter(**{**values, "state": LetterState(values["state"]), "message": bytes(values["message"])})


def _mine(letter: Letter) -> ColumnElement[bool]:
    return (
        (letters.c.id == letter.id) & (letters.c.epoch == letter.epoch) & (letters.c.state == LetterState.SENDING.value)
    )


def _attempt_of(letter: Letter) -> ColumnElement[bool]:
    return (
        (attempts.c.letter_id == letter.id)
        & (attempts.c.number == letter.attempts)
        & (attempts.c.epoch == letter.epoch)
    )
