"""The state database as the other parts see it: each method is one transaction."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine, text

from alertd.core.cases import Case, CaseState
from alertd.core.errors import StateError
from alertd.core.letters import Attempt, Letter, LetterState
from alertd.core.model import Key
from alertd.core.owners import Vacancy
from alertd.core.recording import Recorded
from alertd.core.rule_changes import RuleDifference, RuleReading
from alertd.store import audit, cases, entries, handling, outbox, readings, retention, rounds, schema
from alertd.store import lock as locks
from alertd.store import slots as slot_rows
from alertd.store import vacancies as vacant
from alertd.store.engine import make_engine, reading, state_url, writing
from alertd.store.records import (
    AttemptRecord,
    AuditEntry,
    LastOutcome,
    Listed,
    OutboxSummary,
    Queued,
    Round,
    RuleOutcome,
    SlotRun,
)


@dataclass(frozen=True, slots=True)
class Store:
    """Rounds, cases, letters and the audit; every method raises `StateError` where the database cannot be used."""

    engine: Engine

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    def ping(self) -> None:
        """Ask the database for an answer."""
        with reading(self.engine) as connection:
            connection.execute(text("SELECT 1"))

    def schema_version(self) -> str | None:
        """The schema's revision; None for an empty database."""
        return schema.schema_version(self.engine)

    # Cases and rounds

    def open_cases(self, rules: Collection[str] | None = None) -> dict[tuple[str, Key], Case]:
        """Every open case, or those of `rules`, by rule and series."""
        with reading(self.engine) as connection:
            return cases.open_cases(connection, rules)

    def all_cases(self, *, state: CaseState | None = None, limit: int | None = None) -> list[Case]:
        """Cases, newest first."""
        with reading(self.engine) as connection:
            return cases.all_cases(connection, state, limit)

    def case(self, case_id: str) -> Case | None:
        """One case; None where there is none of that id."""
        with reading(self.engine) as connection:
            return cases.case_by_id(connection, case_id)

    def told_of(self, case_id: str) -> list[Queued]:
        """What was told, or is about to be told, of a case, and to whom, oldest first."""
        with reading(self.engine) as connection:
            return cases.told_of(connection, case_id)

    def judged_rules(self) -> dict[str, RuleReading]:
        """Rule id to how it read when it was last judged; empty on a new database."""
        with reading(self.engine) as connection:
            return readings.judged(connection)

    def last_rounds(self, number: int) -> list[Round]:
        """The last rounds that finished, newest first."""
        with reading(self.engine) as connection:
            return rounds.last_rounds(connection, number)

    def last_outcomes(self, rules: Collection[str] | None = None) -> list[LastOutcome]:
        """The newest outcome of each of `rules`, or of every rule, with when it was, oldest first.

        It is found however many rounds ago it was, so that a rule that cannot be judged is never lost from sight.
        """
        with reading(self.engine) as connection:
            return rounds.last_outcomes(connection, rules)

    def latest_outcomes(self, rules: Collection[str] | None = None) -> dict[str, RuleOutcome]:
        """Rule id to its newest outcome, of each of `rules`, or of every rule that was ever judged."""
        return {last.outcome.rule: last.outcome for last in self.last_outcomes(rules)}

    def commit_round(
        self,
        round: Round,
        changes: Sequence[tuple[Case | None, Case]],
        queued: Sequence[Queued],
        letters: Sequence[Letter],
        slots: Sequence[SlotRun] = (),
        *,
        in_force: Mapping[str, RuleReading] | None = None,
        people: Mapping[str, str] | None = None,
        vacancies: Collection[Vacancy] | None = None,
    ) -> tuple[RuleDifference, ...]:
        """Write a round, what it changed, what is to be told and the letters that tell it, all or nothing.

        `in_force` is how the home's rules read (None: not known); what differs from the last round becomes one link of the
        audit, with `people` apart, and is given back. `vacancies` are the posts that nobody holds now (None: as before).
        Raises `StateError` where another process changed one of the cases, or ran one of the slots, meanwhile.
        """
        found: tuple[RuleDifference, ...] = ()
        with writing(self.engine) as connection:
            slot_rows.record_slots(connection, slots)
            rounds.write_round(connection, round)
            readings.note_judged(connection, round, in_force or {})
            if in_force is not None:
                found = readings.take_over(connection, round, in_force, people or {})
            cases.take_back(connection, changes)
            cases.write_changes(connection, changes)
            outbox.add_letters(connection, letters)
            cases.queue(connection, queued)
            if vacancies is not None:
                vacant.write(connection, vacancies)
        return found

    def vacancies(self) -> tuple[Vacancy, ...]:
        """The posts that nobody holds, as far as notices met them."""
        with reading(self.engine) as connection:
            return vacant.known(connection)

    # The outbox

    def waiting(self, due_by: datetime) -> list[Queued]:
        """Findings that are due and in no letter yet, oldest first."""
        with reading(self.engine) as connection:
            return outbox.waiting(connection, due_by)

    def findings_of(self, letter_id: str) -> list[Queued]:
        """What a letter tells, oldest first; nothing of a letter to ops, or of a copy of another letter."""
        with reading(self.engine) as connection:
            return cases.findings_of(connection, letter_id)

    def overtaken(self, before: datetime, *, due_by: datetime | None) -> list[Letter]:
        """Letters to be tried by `due_by` (None: all to be sent) that were written before, and cannot have arrived."""
        with reading(self.engine) as connection:
            return outbox.overtaken(connection, before, due_by)

    def rewrite(self, letter: Letter) -> None:
        """Put other words into a letter that no attempt was made at since it was read."""
        with writing(self.engine) as connection:
            outbox.rewrite(connection, letter)

    def commit_letters(self, letters: Sequence[Letter], numbers_by_letter: Mapping[str, Sequence[str]]) -> None:
        """Write letters, and that the findings of those numbers (letter id to numbers) are told by them."""
        with writing(self.engine) as connection:
            outbox.compose(connection, letters, numbers_by_letter)

    def add_letters(self, letters: Sequence[Letter]) -> None:
        """Write letters that carry no findings: to ops, tests of a channel."""
        with writing(self.engine) as connection:
            outbox.add_letters(connection, letters)

    def first_message_ids(self, case_ids: Collection[str]) -> dict[tuple[str, str], str]:
        """For each case and address, the Message-ID of the first letter about it."""
        with reading(self.engine) as connection:
            return outbox.first_message_ids(connection, list(case_ids))

    def claim(
        self, now: datetime, *, limit: int, epoch: int, channel: str | None = None, ignore_backoff: bool = False
    ) -> list[Letter]:
        """Take letters that are due and count the attempt; committed when this returns, so they may be sent.

        With `ignore_backoff`, also letters that are not due, once an epoch. Raises `LockedError` in an older epoch.
        """
        with writing(self.engine) as connection:
            return outbox.claim(
                connection, now, limit=limit, epoch=epoch, channel=channel, ignore_backoff=ignore_backoff
            )

    def unclaim(self, letters: Sequence[Letter]) -> None:
        """Give back letters that were claimed and never begun."""
        with writing(self.engine) as connection:
            outbox.unclaim(connection, letters)

    def mark(self, letter: Letter, attempt: Attempt, now: datetime, *, instead: Sequence[Letter] = ()) -> Letter:
        """Write down what became of a claimed letter; `instead` is queued in the same transaction if it was refused."""
        with writing(self.engine) as connection:
            return outbox.mark(connection, letter, attempt, now, instead)

    def void_claims(self, epoch: int, now: datetime) -> int:
        """Give up claims of this epoch that nobody works on any more; to be called while nothing is being sent."""
        with writing(self.engine) as connection:
            outbox.require_epoch(connection, epoch)
            return outbox.void(connection, now, epoch=epoch)

    def holds(self, epoch: int) -> bool:
        """Whether this epoch is still the one that delivers."""
        with reading(self.engine) as connection:
            return outbox.current_epoch(connection) == epoch

    def unfinished(self) -> dict[str, int]:
        """How many letters are still to be sent by each channel, held ones apart."""
        with reading(self.engine) as connection:
            return outbox.unfinished_by_channel(connection)

    def outbox_summary(self) -> OutboxSummary:
        """How many letters stand where, and since when the oldest unfinished one waits."""
        with reading(self.engine) as connection:
            return outbox.summary(connection)

    def letters(self, state: LetterState | None = None, limit: int | None = None) -> list[Letter]:
        """Letters with their bytes, newest first."""
        with reading(self.engine) as connection:
            return outbox.letters_in(connection, state, limit)

    def listed(self, state: LetterState | None = None, limit: int | None = None) -> list[Listed]:
        """Letters without their bytes, newest first."""
        with reading(self.engine) as connection:
            return outbox.listed(connection, state, limit)

    def letter(self, letter_id: str) -> Letter | None:
        """One letter with its bytes; None where there is none of that id."""
        with reading(self.engine) as connection:
            return outbox.letter_by_id(connection, letter_id)

    def attempts(self, letter_id: str) -> list[AttemptRecord]:
        """Every attempt at a letter, oldest first."""
        with reading(self.engine) as connection:
            return outbox.attempts_at(connection, letter_id)

    def release_held(self, *, who: str, now: datetime) -> int:
        """Let every held letter go; returns how many."""
        with writing(self.engine) as connection:
            return handling.release_held(connection, who, now)

    def retry(self, letter_id: str, *, who: str, now: datetime) -> Letter:
        """Make a letter due at once; raises `UsageError` for one that was sent, is being sent, or is not there."""
        with writing(self.engine) as connection:
            return handling.retry(connection, letter_id, who, now)

    def resolve(self, letter_id: str, reason: str, *, who: str, now: datetime) -> Letter:
        """End a letter that shall not be sent; raises `UsageError` for one that has ended, or is not there."""
        with writing(self.engine) as connection:
            return handling.resolve(connection, letter_id, reason, who, now)

    # Entries that people record

    def recorded(self, measures: Collection[str] | None = None) -> list[Recorded]:
        """Every entry of some measures, or of all, corrected and withdrawn ones among them, in the order of recording."""
        with reading(self.engine) as connection:
            return entries.recorded(connection, measures)

    def record(
        self, measures: Collection[str], decide: entries.Decide, *, source: str = "", who: str, at: datetime
    ) -> range:
        """Add what `decide` finds to be new among the entries of some measures, all or nothing; gives their numbers."""
        with writing(self.engine) as connection:
            return entries.record(connection, measures, decide, source=source, who=who, at=at)

    def withdraw(self, number: int, reason: str, *, who: str, at: datetime) -> Recorded:
        """Take an entry away; raises `UsageError` for one that is not there, or does not stand."""
        with writing(self.engine) as connection:
            return entries.withdraw(connection, number, reason, who=who, at=at)

    # Slots, the lock and the audit

    def slot_done(self, name: str, slot: str) -> bool:
        """Whether a slot was dealt with, whichever way."""
        with reading(self.engine) as connection:
            return slot_rows.slot_done(connection, name, slot)

    def record_slots(self, runs: Sequence[SlotRun]) -> None:
        """Note slots as dealt with. One that already was is a `StateError`."""
        with writing(self.engine) as connection:
            slot_rows.record_slots(connection, runs)

    def last_slot(self, name: str) -> str | None:
        """The newest slot of a schedule that was dealt with."""
        with reading(self.engine) as connection:
            return slot_rows.last_slot(connection, name)

    def slot_runs(self, name: str | None = None, limit: int = 50) -> list[SlotRun]:
        """The newest slots that were dealt with, newest first."""
        with reading(self.engine) as connection:
            return slot_rows.slot_runs(connection, name, limit)

    def forget(self, before: datetime) -> dict[str, int]:
        """Delete what ended before a moment, and the people in the audit; gives how many rows of each table went."""
        with writing(self.engine) as connection:
            return retention.forget(connection, before)

    def audit_entries(self, limit: int | None = None) -> list[AuditEntry]:
        """Who was told what, oldest first; with a limit, the newest so many."""
        with reading(self.engine) as connection:
            return audit.entries(connection, limit)

    def verify_audit(self) -> int | None:
        """The first link of the audit's chain that does not hold; None where all do."""
        with reading(self.engine) as connection:
            return audit.first_broken(connection)


def delivery_lock(store: Store, *, wait: bool = True) -> AbstractContextManager[int]:
    """Be the one process that delivers; gives the epoch. Raises `LockedError` where another live process is."""
    return locks.delivery_lock(store.engine, wait=wait)


def open_store(url: str, *, root: Path, upgrade: bool = True) -> Store:
    """Open the state database and bring its schema up to date, or, without `upgrade`, refuse an older one.

    Raises `StateError` where it cannot be used: no such server, no database, a newer schema, no driver, not durable.
    """
    engine = make_engine(state_url(url, root))
    try:
        if not upgrade:
            schema.require_head(engine)
        elif schema.schema_version(engine) != schema.HEAD:
            schema.upgrade_schema(engine)
    except StateError:
        engine.dispose()
        raise
    return Store(engine)


def peek_store(url: str, *, root: Path) -> Store | None:
    """Open the state database only to look at it, without making or upgrading it; None where there is none yet.

    Raises `StateError` where it cannot be used, and for an older schema.
    """
    where = state_url(url, root)
    if where.get_backend_name() == "sqlite" and not Path(str(where.database)).exists():
        return None
    engine = make_engine(where)
    try:
        if schema.schema_version(engine) is not None:
            schema.require_head(engine)
            return Store(engine)
    except StateError:
        engine.dispose()
        raise
    engine.dispose()
    return None


def recorded_at(url: str, root: Path, measure: str) -> list[Recorded]:
    """What was ever recorded of a measure in the state database at a URL, which is only looked at; raises `StateError`."""
    store = peek_store(url, root=root)
    if store is None:
        return []
    try:
        return store.recorded([measure])
    finally:
        store.close()
