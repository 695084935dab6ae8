"""Claim, send, mark: a claim is committed before anything leaves, and no letter is ever without a state that leads on."""

import json
import threading
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from alertd.core.errors import LockedError, UsageError
from alertd.core.letters import Attempt, Letter, LetterState, Outcome
from alertd.store import Store, delivery_lock, open_store
from tests.edges.store.make import NOW, keep, letter

DELIVERED = Attempt(outcome=Outcome.DELIVERED, detail="DATA: 250 ok")
LATER = Attempt(outcome=Outcome.RETRY, detail="RCPT: 451 later")
REFUSED = Attempt(outcome=Outcome.REFUSED, detail="RCPT: 550 no such user")
UNKNOWN = Attempt(outcome=Outcome.UNKNOWN, detail="no answer")


def claim(store: Store, epoch: int, **more) -> list[Letter]:
    return store.claim(**({"now": NOW, "limit": 10, "epoch": epoch} | more))


def test_a_claim_counts_the_attempt_before_anything_is_sent(store: Store) -> None:
    made = letter()
    keep(store, [made])
    with delivery_lock(store) as epoch:
        (claimed,) = claim(store, epoch)
        assert (claimed.state, claimed.attempts, claimed.epoch) == (LetterState.SENDING, 1, epoch)
        assert claimed.message == made.message
        (attempt,) = store.attempts(made.id)
        assert (attempt.number, attempt.epoch, attempt.outcome) == (1, epoch, None)
        assert claim(store, epoch) == []


def test_a_delivered_letter_is_sent_and_its_attempt_says_what_the_server_said(store: Store) -> None:
    keep(store, [letter()])
    with delivery_lock(store) as epoch:
        (claimed,) = claim(store, epoch)
        assert store.mark(claimed, DELIVERED, NOW).state is LetterState.SENT
        assert claim(store, epoch, now=NOW + timedelta(days=9), ignore_backoff=True) == []
    (attempt,) = store.attempts(claimed.id)
    assert (attempt.outcome, attempt.detail) == (Outcome.DELIVERED, "DATA: 250 ok")
    (listed,) = store.listed(LetterState.SENT)
    assert (listed.finished_at, listed.last_error) == (NOW, None)


@pytest.mark.parametrize("attempt", [LATER, UNKNOWN])
def test_a_letter_that_was_not_delivered_comes_again_after_a_while_with_the_same_bytes(
    store: Store, attempt: Attempt
) -> None:
    made = letter()
    keep(store, [made])
    with delivery_lock(store) as epoch:
        for turn in range(1, 6):
            now = NOW + timedelta(days=turn)
            (claimed,) = claim(store, epoch, now=now)
            assert (claimed.message, claimed.message_id, claimed.attempts) == (made.message, made.message_id, turn)
            marked = store.mark(claimed, attempt, now)
            assert marked.next_attempt_at is not None
            assert now < marked.next_attempt_at <= now + timedelta(hours=1)
            assert claim(store, epoch, now=now) == []
    assert store.listed()[0].last_error == attempt.detail


def test_ignoring_the_backoff_tries_every_unfinished_letter_once_an_epoch(store: Store) -> None:
    """`run --once` sends every unfinished letter, whatever its backoff."""
    keep(store, [letter(), letter()])
    for _ in range(3):
        with delivery_lock(store) as epoch:
            claimed = claim(store, epoch, ignore_backoff=True)
            assert len(claimed) == 2
            for one in claimed:
                store.mark(one, LATER, NOW)
            assert claim(store, epoch, ignore_backoff=True) == []


def test_letters_that_failed_together_do_not_come_back_together(store: Store) -> None:
    keep(store, [letter() for _ in range(20)])
    with delivery_lock(store) as epoch:
        marked = [store.mark(one, LATER, NOW) for one in claim(store, epoch, limit=20)]
    assert len({one.next_attempt_at for one in marked}) > 15


def test_a_new_epoch_voids_older_claims_and_retries_them_at_once(store: Store) -> None:
    made = letter()
    keep(store, [made])
    with delivery_lock(store) as old:
        claim(store, old)
    with delivery_lock(store) as new:
        assert new > old
        assert store.listed()[0].state is LetterState.UNKNOWN
        (again,) = claim(store, new)
        assert (again.message, again.attempts) == (made.message, 2)
        first, second = store.attempts(made.id)
        assert (first.outcome, second.outcome) == (Outcome.UNKNOWN, None)


def test_a_void_claim_cannot_be_marked_but_its_attempt_is_noted(store: Store) -> None:
    keep(store, [letter()])
    with delivery_lock(store) as old:
        (mine,) = claim(store, old)
    with delivery_lock(store) as new:
        (theirs,) = claim(store, new)
        assert store.mark(mine, DELIVERED, NOW).state is LetterState.SENDING
        assert store.mark(theirs, LATER, NOW).state is LetterState.RETRY
    assert [attempt.outcome for attempt in store.attempts(mine.id)] == [Outcome.DELIVERED, Outcome.RETRY]
    assert [entry.event for entry in store.audit_entries()] == ["told"]


def test_an_older_epoch_may_not_claim(store: Store) -> None:
    keep(store, [letter()])
    with delivery_lock(store) as old:
        assert store.holds(old)
    with delivery_lock(store) as new:
        assert not store.holds(old)
        with pytest.raises(LockedError, match="took over"):
            claim(store, old)
        with pytest.raises(LockedError, match="took over"):
            store.void_claims(old, NOW)
        assert len(claim(store, new)) == 1


def test_claims_that_nobody_works_on_any_more_are_given_up_with_backoff(store: Store) -> None:
    keep(store, [letter()])
    with delivery_lock(store) as epoch:
        claim(store, epoch)
        assert store.void_claims(epoch, NOW) == 1
        assert claim(store, epoch) == []
        assert len(claim(store, epoch, now=NOW + timedelta(hours=2))) == 1


def test_a_claim_given_back_leaves_no_attempt(store: Store) -> None:
    keep(store, [letter()])
    with delivery_lock(store) as epoch:
        (claimed,) = claim(store, epoch)
        store.unclaim([claimed])
        assert store.attempts(claimed.id) == []
        (again,) = claim(store, epoch)
        assert again.attempts == 1


def test_claims_keep_to_their_channel_and_their_limit_and_begin_with_the_oldest(store: Store) -> None:
    mails = [letter(made_at=NOW - timedelta(minutes=minute)) for minute in range(5)]
    keep(store, [*mails, letter(channel="file")])
    with delivery_lock(store) as epoch:
        oldest = claim(store, epoch, channel="email", limit=2)
        assert [one.id for one in oldest] == [mails[4].id, mails[3].id]
        assert [one.channel for one in claim(store, epoch, channel="file")] == ["file"]
        assert store.unfinished() == {"email": 5, "file": 1}


def test_a_refused_letter_ends_and_what_goes_out_instead_is_queued_with_it(store: Store) -> None:
    made, copy, word = letter(), letter(recipient="deputy@example.org"), letter(recipient="ops@example.org", keys=())
    keep(store, [made])
    (case,) = store.all_cases()
    with delivery_lock(store) as epoch:
        (claimed,) = claim(store, epoch)
        assert store.mark(claimed, REFUSED, NOW, instead=[copy, word]).state is LetterState.REFUSED
        assert {one.id for one in claim(store, epoch)} == {copy.id, word.id}
        assert store.first_message_ids([case.id])[case.id, "deputy@example.org"] == copy.message_id
    assert store.listed(LetterState.REFUSED)[0].last_error == REFUSED.detail


def test_nothing_goes_out_instead_of_a_letter_that_somebody_resolved_meanwhile(store: Store) -> None:
    keep(store, [letter()])
    with delivery_lock(store) as epoch:
        (claimed,) = claim(store, epoch)
        store.resolve(claimed.id, "told by telephone", who="an analyst", now=NOW)
        assert store.mark(claimed, REFUSED, NOW, instead=[letter()]).state is LetterState.RESOLVED
        assert len(store.listed()) == 1


def test_held_letters_stay_until_they_are_released(store: Store) -> None:
    keep(store, [letter(state=LetterState.HELD), letter(state=LetterState.HELD), letter()])
    with delivery_lock(store) as epoch:
        assert len(claim(store, epoch, ignore_backoff=True)) == 1
        assert store.outbox_summary().unfinished == 1
        assert store.release_held(who="ops", now=NOW) == 2
        assert len(claim(store, epoch)) == 2
        assert store.release_held(who="ops", now=NOW) == 0


def test_a_letter_can_be_made_due_at_once_by_hand(store: Store) -> None:
    keep(store, [letter()])
    with delivery_lock(store) as epoch:
        (claimed,) = claim(store, epoch)
        with pytest.raises(UsageError, match="being sent now"):
            store.retry(claimed.id, who="ops", now=NOW)
        store.mark(claimed, LATER, NOW)
        store.retry(claimed.id, who="ops", now=NOW)
        (again,) = claim(store, epoch)
        store.mark(again, REFUSED, NOW)
        store.retry(claimed.id, who="ops", now=NOW)
        (third,) = claim(store, epoch)
        store.mark(third, DELIVERED, NOW)
        with pytest.raises(UsageError, match="sent already"):
            store.retry(claimed.id, who="ops", now=NOW)


def test_only_resolving_ends_a_letter_and_the_audit_says_who_did(store: Store) -> None:
    keep(store, [letter()])
    (listed,) = store.listed()
    store.resolve(listed.id, "told by telephone", who="A Analyst", now=NOW)
    with delivery_lock(store) as epoch:
        assert claim(store, epoch, ignore_backoff=True) == []
    (entry,) = store.audit_entries()
    assert entry.event == "resolved"
    assert json.loads(entry.people)["who"] == "A Analyst"
    assert json.loads(entry.people)["reason"] == "told by telephone"
    with pytest.raises(UsageError, match="resolved already"):
        store.resolve(listed.id, "again", who="x", now=NOW)
    with pytest.raises(UsageError, match="no letter"):
        store.resolve("nothing", "x", who="x", now=NOW)


def test_the_summary_counts_states_and_finds_the_oldest_unfinished_letter(store: Store) -> None:
    assert store.outbox_summary().oldest is None
    old, new = letter(made_at=NOW - timedelta(hours=3)), letter()
    keep(store, [old, new, letter(state=LetterState.HELD, made_at=NOW - timedelta(days=1))])
    summary = store.outbox_summary()
    assert summary.counts == {LetterState.PENDING: 2, LetterState.HELD: 1}
    assert summary.oldest == old.made_at


def test_two_claimers_never_get_the_same_letter(store: Store) -> None:
    keep(store, [letter() for _ in range(60)])
    taken: list[str] = []
    with delivery_lock(store) as epoch:

        def work() -> None:
            while some := claim(store, epoch, limit=3):
                taken.extend(one.id for one in some)

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        # Rows that another claimer had locked were skipped; they are there for the next look.
        work()
    assert set(Counter(taken).values()) == {1}
    assert len(taken) == 60


class OutboxMachine(RuleBasedStateMachine):
    """Whatever happens, in whatever order, each letter is on its way, delivered, refused with word, or resolved by hand."""

    def __init__(self) -> None:
        super().__init__()
        self.delivered: set[str] = set()
        self.resolved: set[str] = set()
        self.refused: set[str] = set()
        self.in_hand: list[Letter] = []
        self.time = NOW

    @initialize(folder=st.builds(TemporaryDirectory))
    def begin(self, folder) -> None:
        self.folder = folder
        self.store = open_store("sqlite:///state.db", root=Path(folder.name))
        self.lock = delivery_lock(self.store)
        self.epoch = self.lock.__enter__()
        self.all = [letter() for _ in range(4)]
        keep(self.store, self.all)

    @rule(limit=st.integers(1, 3), ignore=st.booleans())
    def claim(self, limit: int, ignore: bool) -> None:
        claimed = claim(self.store, self.epoch, now=self.time, limit=limit, ignore_backoff=ignore)
        in_hand = {one.id for one in self.in_hand if one.epoch == self.epoch}
        assert not in_hand & {one.id for one in claimed}
        self.in_hand += claimed

    @rule(attempt=st.sampled_from([DELIVERED, LATER, REFUSED, UNKNOWN]), data=st.data())
    def mark(self, attempt: Attempt, data) -> None:
        if not self.in_hand:
            return
        one = self.in_hand.pop(data.draw(st.integers(0, len(self.in_hand) - 1)))
        marked = self.store.mark(one, attempt, self.time)
        if marked.state is LetterState.SENT:
            self.delivered.add(one.id)
        if marked.state is LetterState.REFUSED:
            self.refused.add(one.id)

    @rule()
    def give_back(self) -> None:
        self.store.unclaim(self.in_hand)
        self.in_hand = []

    @rule()
    def die_and_begin_anew(self) -> None:
        """Claims in hand stay in hand: a process that lost its epoch may still try to mark them."""
        self.lock.__exit__(None, None, None)
        self.lock = delivery_lock(self.store)
        self.epoch = self.lock.__enter__()

    @rule()
    def time_passes(self) -> None:
        self.time += timedelta(hours=2)

    @rule(data=st.data())
    def resolve(self, data) -> None:
        one = data.draw(st.sampled_from(self.all))
        if one.id not in self.delivered | self.resolved:
            self.store.resolve(one.id, "by hand", who="me", now=self.time)
            self.resolved.add(one.id)
            self.refused.discard(one.id)

    @invariant()
    def no_letter_is_lost(self) -> None:
        if not hasattr(self, "store"):
            return
        ended = {
            LetterState.SENT: self.delivered,
            LetterState.REFUSED: self.refused,
            LetterState.RESOLVED: self.resolved,
        }
        listed = self.store.listed()
        assert {one.id for one in listed} == {one.id for one in self.all}
        for one in listed:
            assert one.state not in ended or one.id in ended[one.state]
        self._all_attempts_are_counted(listed)

    def _all_attempts_are_counted(self, listed: Sequence) -> None:
        assert sum(one.attempts for one in listed) == sum(len(self.store.attempts(one.id)) for one in listed)

    def teardown(self) -> None:
        if not hasattr(self, "store"):
            return
        # Whatever went before: a process that lives and a server that takes mail get every other letter delivered.
        self.die_and_begin_anew()
        for one in claim(self.store, self.epoch, now=self.time, limit=100, ignore_backoff=True):
            self.store.mark(one, DELIVERED, self.time)
            self.delivered.add(one.id)
        assert self.delivered | self.refused | self.resolved == {one.id for one in self.all}
        self.lock.__exit__(None, None, None)
        assert self.store.verify_audit() is None
        self.store.close()
        self.folder.cleanup()


TestReplayedClaims = OutboxMachine.TestCase
TestReplayedClaims.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
