"""Draining the outbox into real servers: everything that is due is tried, nothing is lost, little is doubled."""

import asyncio
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from alertd.channels.base import Channel
from alertd.channels.email import EmailChannel
from alertd.channels.email_settings import EmailSettings
from alertd.core.cases import CaseState
from alertd.core.errors import DeliveryError, LockedError, StateError
from alertd.core.letters import Attempt, Letter, LetterState, Outcome, allowed
from alertd.deliver import DeliveryReport, drain
from alertd.store import Store, delivery_lock, open_store
from tests.edges.channels.servers import Sink, smtp_server
from tests.edges.store.make import NOW, keep, letter, round_of

OPS = "ops@example.org"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store("sqlite:///state.db", root=tmp_path)
    yield opened
    opened.close()


def mail(port: int, **more: Any) -> EmailChannel:
    values = {"id": "email", "smtp": f"127.0.0.1:{port}", "security": "none", "from": "alerts@example.org"}
    return EmailChannel(EmailSettings(**(values | more)), Path(), {})


def deliver(store: Store, channels: Mapping[str, Channel], epoch: int, **more: Any) -> DeliveryReport:
    options: dict[str, Any] = {"clock": lambda: NOW, "allow": ["*@example.org"], "ops_address": OPS} | more
    return asyncio.run(drain(store, channels, epoch=epoch, **options))


class Slow:
    """A channel whose letters wait until the test lets them go."""

    per_second = 1000.0

    def __init__(self, at_once: int = 2) -> None:
        self.at_once = at_once
        self.begun = asyncio.Event()
        self.go_on = asyncio.Event()
        self.sent: list[str] = []

    async def __aenter__(self) -> "Slow":
        return self

    async def __aexit__(self, *exc: object) -> None:
        return None

    async def send(self, letter: Letter) -> Attempt:
        self.begun.set()
        await self.go_on.wait()
        self.sent.append(letter.id)
        return Attempt(outcome=Outcome.DELIVERED, detail="")


class Broken(Slow):
    """A channel with a fault: in its set-up, or in its code."""

    def __init__(self, *, entering: Exception | None = None, sending: Exception | None = None) -> None:
        super().__init__()
        self._entering = entering
        self._sending = sending

    async def __aenter__(self) -> "Broken":
        if self._entering is not None:
            raise self._entering
        return self

    async def send(self, letter: Letter) -> Attempt:
        assert self._sending is not None
        raise self._sending


def test_every_letter_arrives_once(store: Store) -> None:
    keep(store, [letter(recipient=f"lead{n}@example.org") for n in range(30)])
    heard: list[tuple[str, str]] = []

    def hear(channel: str, outcome: str, seconds: float) -> None:
        assert seconds >= 0
        heard.append((channel, outcome))

    with smtp_server() as sink, delivery_lock(store) as epoch:
        report = deliver(store, {"email": mail(sink.port, per_second=1000)}, epoch, on_outcome=hear)
        assert deliver(store, {"email": mail(sink.port)}, epoch) == DeliveryReport()
    assert report == DeliveryReport(delivered=30)
    assert Counter(sink.recipients) == {f"lead{n}@example.org": 1 for n in range(30)}
    assert Counter(heard) == {("email", "delivered"): 30}
    assert sink.connections <= 4
    assert store.outbox_summary().unfinished == 0


def test_it_drains_a_postgresql_too(postgres_url: str, tmp_path: Path) -> None:
    store = open_store(postgres_url, root=tmp_path)
    made = [letter(deputy="deputy@example.org"), *(letter(recipient="ok@example.org") for _ in range(15))]
    keep(store, made)
    with (
        smtp_server(Sink(answer_rcpt=lambda a: "550 gone" if a.startswith("lead") else None)) as sink,
        delivery_lock(store) as epoch,
    ):
        report = deliver(store, {"email": mail(sink.port, per_second=1000)}, epoch)
    assert report == DeliveryReport(delivered=17, refused=1)
    assert Counter(sink.recipients) == {"ok@example.org": 15, "deputy@example.org": 1, OPS: 1}
    assert store.verify_audit() is None
    store.close()


def test_failures_are_counted_and_stay_in_the_outbox(store: Store) -> None:
    answers = {"busy@example.org": "451 later", "gone@example.org": "550 gone", "ok@example.org": None, OPS: None}
    keep(store, [letter(recipient=address) for address in answers if address != OPS])
    with smtp_server(Sink(answer_rcpt=lambda address: answers[address])) as sink, delivery_lock(store) as epoch:
        report = deliver(store, {"email": mail(sink.port)}, epoch)
    assert report == DeliveryReport(delivered=2, retrying=1, refused=1, undelivered=1)
    assert sorted(sink.recipients) == ["ok@example.org", OPS]


def test_a_retried_letter_is_the_same_message(store: Store) -> None:
    """Stable Message-ID and bytes over retries, so that a double can be known as one."""
    keep(store, [letter()])
    sink = Sink(answer_data=lambda number: "2drop" if number == 1 else "250 ok")
    with smtp_server(sink), delivery_lock(store) as epoch:
        assert deliver(store, {"email": mail(sink.port)}, epoch).unknown == 1
        assert deliver(store, {"email": mail(sink.port)}, epoch).delivered == 0  # not before its time
        later = {"clock": lambda: NOW + timedelta(hours=1)}
        assert deliver(store, {"email": mail(sink.port)}, epoch, **later).delivered == 1
    first, second = (taken for _, _, taken in sink.mails)
    assert first == second


def test_run_once_tries_each_letter_exactly_once_whatever_its_backoff(store: Store) -> None:
    keep(store, [letter() for _ in range(10)])
    for _ in range(2):
        with (
            smtp_server(Sink(answer_rcpt=lambda address: "451 later")) as sink,
            delivery_lock(store) as epoch,
        ):
            report = deliver(store, {"email": mail(sink.port)}, epoch, ignore_backoff=True)
            assert report == DeliveryReport(retrying=10, undelivered=10)
    with smtp_server() as sink, delivery_lock(store) as epoch:
        assert deliver(store, {"email": mail(sink.port)}, epoch, ignore_backoff=True) == DeliveryReport(delivered=10)


def test_a_refused_letter_goes_to_the_deputy_and_ops_hear_of_it(store: Store) -> None:
    keep(store, [letter(deputy="deputy@example.org")])
    with (
        smtp_server(Sink(answer_rcpt=lambda a: "550 gone" if a.startswith("lead") else None)) as sink,
        delivery_lock(store) as epoch,
    ):
        report = deliver(store, {"email": mail(sink.port)}, epoch)
    assert report == DeliveryReport(delivered=2, refused=1)
    assert sorted(sink.recipients) == ["deputy@example.org", OPS]


def test_refusals_by_everybody_end_and_count_as_undelivered(store: Store) -> None:
    keep(store, [letter(deputy="deputy@example.org")])
    with smtp_server(Sink(answer_rcpt=lambda address: "550 gone")) as sink, delivery_lock(store) as epoch:
        report = deliver(store, {"email": mail(sink.port)}, epoch)
    assert report.delivered == 0
    assert report.undelivered > 0
    assert {one.state for one in store.listed()} == {LetterState.REFUSED}
    assert Counter(one.recipient for one in store.listed()) == {"lead@example.org": 1, "deputy@example.org": 1, OPS: 2}


def test_a_recipient_outside_the_list_gets_no_connection_and_ops_are_told(store: Store) -> None:
    """R30: a recipient outside the allow-list is refused, and the ops told."""
    keep(store, [letter(recipient="somebody@elsewhere.net")])
    with smtp_server() as sink, delivery_lock(store) as epoch:
        report = deliver(store, {"email": mail(sink.port)}, epoch)
    assert sink.recipients == [OPS]
    assert (report.refused, report.delivered) == (1, 1)
    (refused,) = store.listed(LetterState.REFUSED)
    assert refused.last_error == "somebody@elsewhere.net is not among allow_recipients"


def test_where_not_even_ops_are_allowed_it_is_only_recorded(store: Store) -> None:
    keep(store, [letter()])
    with smtp_server() as sink, delivery_lock(store) as epoch:
        report = deliver(store, {"email": mail(sink.port)}, epoch, allow=["*@elsewhere.net"])
    assert sink.connections == 0
    assert report == DeliveryReport(refused=1, undelivered=1, refused_for_good=1)


def test_a_letter_that_nobody_got_counts_as_undelivered_until_somebody_resolves_it(store: Store) -> None:
    keep(store, [letter(), letter(deputy="deputy@elsewhere.net")])

    def drained() -> DeliveryReport:
        with smtp_server() as sink, delivery_lock(store) as epoch:
            return deliver(store, {"email": mail(sink.port)}, epoch, allow=["*@elsewhere.net"])

    first = drained()
    assert (first.delivered, first.refused, first.undelivered, first.refused_for_good) == (1, 2, 1, 1)
    assert drained() == DeliveryReport(undelivered=1, refused_for_good=1)
    for one in store.listed(LetterState.REFUSED):
        store.resolve(one.id, "told by telephone", who="analyst", now=NOW)
    assert drained() == DeliveryReport()


def test_the_copy_of_a_refused_letter_is_kept_as_long_as_it_so_that_it_never_seems_lost(store: Store) -> None:
    keep(store, [letter(deputy="deputy@example.org")])
    with (
        smtp_server(Sink(answer_rcpt=lambda a: "550 gone" if a.startswith("lead") else None)) as sink,
        delivery_lock(store) as epoch,
    ):
        deliver(store, {"email": mail(sink.port)}, epoch)
        for case in store.all_cases():
            closed = replace(case, state=CaseState.CLEARED, closed_at=NOW)
            store.commit_round(round_of(), [(case, closed)], [], [])
        store.forget(NOW + timedelta(days=3650))
        assert store.all_cases() == []
        assert sorted(one.recipient for one in store.listed()) == ["deputy@example.org", "lead@example.org"]
        assert deliver(store, {"email": mail(sink.port)}, epoch) == DeliveryReport()


@pytest.mark.parametrize(
    ("address", "patterns", "may"),
    [
        ("a@example.org", ["*@example.org"], True),
        ("A@EXAMPLE.ORG", ["*@example.org"], True),
        ("a@example.org", ["*@EXAMPLE.org"], True),
        ("a@example.org.evil.net", ["*@example.org"], False),
        ("a@sub.example.org", ["*@example.org"], False),
        ("a@example.org", ["b@example.org", "a@example.org"], True),
        ("a@example.org", [], False),
        ("anybody@anywhere", ["*"], True),
    ],
)
def test_patterns_of_recipients(address: str, patterns: list[str], may: bool) -> None:
    assert allowed(address, patterns) is may


def test_letters_of_a_channel_that_is_gone_stay_and_are_named(store: Store) -> None:
    keep(store, [letter(channel="pager"), letter(channel="pager"), letter()])
    with smtp_server() as sink, delivery_lock(store) as epoch:
        report = deliver(store, {"email": mail(sink.port)}, epoch)
    assert (report.delivered, report.undelivered) == (1, 2)
    assert report.errors == ("there is no channel `pager` for 2 letters; add it to channels/",)
    assert {one.attempts for one in store.listed(LetterState.PENDING)} == {0}


def test_a_channel_that_is_set_up_wrongly_leaves_the_others_alone(store: Store) -> None:
    keep(store, [letter(channel="teams"), letter()])
    broken = Broken(entering=DeliveryError("channel teams: Apprise is not installed"))
    with smtp_server() as sink, delivery_lock(store) as epoch:
        report = deliver(store, {"email": mail(sink.port), "teams": broken}, epoch)
    assert (report.delivered, report.undelivered) == (1, 1)
    assert report.errors == ("1 letter cannot be sent: channel teams: Apprise is not installed",)


def test_a_fault_in_a_channels_code_loses_no_letter(store: Store) -> None:
    keep(store, [letter()])
    with delivery_lock(store) as epoch:
        report = deliver(store, {"email": Broken(sending=ZeroDivisionError("oh"))}, epoch)
    assert report == DeliveryReport(unknown=1, undelivered=1)
    assert store.listed()[0].last_error == "the channel failed (ZeroDivisionError); it may have been taken"


def test_a_channel_goes_no_faster_than_it_is_told(store: Store) -> None:
    keep(store, [letter() for _ in range(6)])

    async def work(port: int, epoch: int) -> float:
        began = asyncio.get_running_loop().time()
        channels = {"email": mail(port, per_second=10)}
        await drain(store, channels, clock=lambda: NOW, allow=["*"], epoch=epoch, ops_address=OPS)
        return asyncio.get_running_loop().time() - began

    with smtp_server() as sink, delivery_lock(store) as epoch:
        assert asyncio.run(work(sink.port, epoch)) >= 0.5  # five gaps of 0.1 s
    assert len(sink.mails) == 6


def test_cancelled_it_finishes_what_is_under_way_and_gives_back_the_rest(store: Store) -> None:
    keep(store, [letter() for _ in range(20)])
    slow = Slow(at_once=2)

    async def work(epoch: int) -> None:
        task = asyncio.create_task(
            drain(store, {"email": slow}, clock=lambda: NOW, allow=["*"], epoch=epoch, ops_address=OPS)
        )
        await slow.begun.wait()
        task.cancel()
        await asyncio.sleep(0)
        slow.go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await task

    with delivery_lock(store) as epoch:
        asyncio.run(work(epoch))
    summary = store.outbox_summary().counts
    assert summary[LetterState.SENT] == len(slow.sent) <= 2
    assert summary == {LetterState.SENT: len(slow.sent), LetterState.PENDING: 20 - len(slow.sent)}
    assert sum(one.attempts for one in store.listed()) == len(slow.sent)


def test_cancelled_twice_it_does_not_wait(store: Store) -> None:
    keep(store, [letter()])
    slow = Slow()

    async def work(epoch: int) -> None:
        task = asyncio.create_task(
            drain(store, {"email": slow}, clock=lambda: NOW, allow=["*"], epoch=epoch, ops_address=OPS)
        )
        await slow.begun.wait()
        task.cancel()
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    with delivery_lock(store) as epoch:
        asyncio.run(asyncio.wait_for(work(epoch), 60))
    with smtp_server() as sink, delivery_lock(store) as epoch:  # and the letter is not lost
        assert deliver(store, {"email": mail(sink.port)}, epoch).delivered == 1


def test_a_process_that_lost_its_epoch_sends_nothing_more(store: Store) -> None:
    keep(store, [letter() for _ in range(10)])
    with delivery_lock(store) as old:
        pass
    with smtp_server() as sink, delivery_lock(store):
        with pytest.raises(LockedError):
            deliver(store, {"email": mail(sink.port)}, old)
        assert sink.connections == 0


def test_it_stops_in_the_middle_when_another_takes_over(store: Store) -> None:
    keep(store, [letter() for _ in range(10)])
    slow = Slow(at_once=1)

    async def work(epoch: int) -> None:
        task = asyncio.create_task(
            drain(store, {"email": slow}, clock=lambda: NOW, allow=["*"], epoch=epoch, ops_address=OPS)
        )
        await slow.begun.wait()
        await asyncio.to_thread(_take_over, store)
        slow.go_on.set()
        with pytest.raises(LockedError):
            await task

    with delivery_lock(store) as epoch:
        asyncio.run(work(epoch))
    assert len(slow.sent) == 1


def _take_over(store: Store) -> None:
    from sqlalchemy import text

    from alertd.store.engine import writing

    with writing(store.engine) as connection:
        connection.execute(text("UPDATE leadership SET epoch = epoch + 1"))


def test_over_a_state_database_that_cannot_be_written_nothing_is_sent(store: Store, tmp_path: Path) -> None:
    keep(store, [letter() for _ in range(5)])
    with delivery_lock(store) as epoch, smtp_server() as sink:
        with sqlite3.connect(tmp_path / "state.db") as other:
            other.execute("CREATE TRIGGER full BEFORE UPDATE ON letters BEGIN SELECT RAISE(ABORT, 'disk is full'); END")
        with pytest.raises(StateError, match="the disk is full"):
            deliver(store, {"email": mail(sink.port)}, epoch)
        assert sink.connections == 0


def test_where_the_answer_cannot_be_noted_it_stops_and_the_letter_comes_again(store: Store, tmp_path: Path) -> None:
    keep(store, [letter() for _ in range(30)])
    trigger = "CREATE TRIGGER full BEFORE UPDATE ON attempts BEGIN SELECT RAISE(ABORT, 'disk is full'); END"
    with delivery_lock(store) as epoch, smtp_server() as sink:
        with sqlite3.connect(tmp_path / "state.db") as other:
            other.execute(trigger)
        with pytest.raises(StateError, match="the disk is full"):
            deliver(store, {"email": mail(sink.port)}, epoch)
        assert len(sink.mails) <= 8  # what was under way, and not one copy a second of each
        with sqlite3.connect(tmp_path / "state.db") as other:
            other.execute("DROP TRIGGER full")
        for hours in (2, 4):  # the first look finds the claims that nobody works on any more
            deliver(store, {"email": mail(sink.port)}, epoch, clock=lambda: NOW + timedelta(hours=hours))  # noqa: B023
    assert len({email for _, _, email in sink.mails}) == 30
    assert store.outbox_summary().counts == {LetterState.SENT: 30}


def test_a_slow_letter_does_not_hold_up_the_others(store: Store) -> None:
    keep(store, [letter(recipient="slow@example.org"), *(letter() for _ in range(20))])

    class OneSlow(Slow):
        async def send(self, letter: Letter) -> Attempt:
            if letter.recipient.startswith("slow"):
                return await super().send(letter)
            self.sent.append(letter.id)
            if len(self.sent) == 20:
                self.go_on.set()
            return Attempt(outcome=Outcome.DELIVERED, detail="")

    with delivery_lock(store) as epoch:
        assert deliver(store, {"email": OneSlow()}, epoch).delivered == 21


_DRAIN = """
import asyncio, os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from sqlalchemy import event
from alertd.channels.email import EmailChannel
from alertd.channels.email_settings import EmailSettings
from alertd.deliver import drain
from alertd.store import delivery_lock, open_store

folder, port, step = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
store = open_store("sqlite:///state.db", root=folder)

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

class Outbox:
    def __getattr__(self, name):
        return getattr(store, name)
    def claim(self, *args, **more):
        if step == "before the claim is committed":
            event.listen(store.engine, "commit", die)
        claimed = store.claim(*args, **more)
        if step == "after the claim":
            die()
        return claimed
    def mark(self, *args, **more):
        if step == "after it was accepted":
            die()
        if step == "before the mark is committed":
            event.listen(store.engine, "commit", die)
        marked = store.mark(*args, **more)
        if step == "after the mark":
            die()
        return marked

settings = EmailSettings(**{"id": "email", "smtp": f"127.0.0.1:{port}", "security": "none", "from": "a@example.org",
                            "connections": 1, "per_second": 1000})
with delivery_lock(store) as epoch:
    print("delivering", flush=True)
    asyncio.run(drain(Outbox(), {"email": EmailChannel(settings, folder, {})}, clock=lambda: datetime.now(UTC),
                      allow=["*"], epoch=epoch, ignore_backoff=True, ops_address="ops@example.org"))
"""
STEPS = {
    "before the claim is committed": 0,
    "after the claim": 0,
    "after it was accepted": 1,
    "before the mark is committed": 1,
    "after the mark": 0,
}
"""Where the process is killed, and how many letters may come twice for it."""


def _start(folder: Path, port: int, step: str) -> subprocess.Popen[str]:
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-c", _DRAIN, str(folder), str(port), step]
    return subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize("step", STEPS)
def test_a_process_killed_at_any_step_loses_nothing_and_doubles_at_most_one(
    step: str, store: Store, tmp_path: Path
) -> None:
    made = [letter(made_at=NOW - timedelta(minutes=n)) for n in range(6)]
    keep(store, made)
    with smtp_server() as sink:
        killed = _start(tmp_path, sink.port, step)
        assert killed.wait() == -signal.SIGKILL
        assert _start(tmp_path, sink.port, "never").wait() == 0
        taken = Counter(message for _, _, message in sink.mails)
    assert taken.keys() == {one.message for one in made}
    assert taken.total() - len(made) == STEPS[step]
    assert store.outbox_summary().counts == {LetterState.SENT: 6}
    assert store.verify_audit() is None


def test_kills_at_any_moment_lose_nothing(store: Store, tmp_path: Path) -> None:
    made = [letter() for _ in range(150)]
    keep(store, made)
    kills = 5
    with smtp_server() as sink:
        for number in range(kills):
            process = _start(tmp_path, sink.port, "never")
            assert process.stdout is not None
            process.stdout.readline()
            enough = len(sink.mails) + 7 * number + 1
            while process.poll() is None and len(sink.mails) < enough:
                pass
            process.kill()
            process.wait()
        assert _start(tmp_path, sink.port, "never").wait() == 0
        taken = Counter(message for _, _, message in sink.mails)
    assert taken.keys() == {one.message for one in made}
    assert taken.total() - len(made) <= kills
    assert store.outbox_summary().counts == {LetterState.SENT: 150}


def test_moments_are_the_clocks(store: Store) -> None:
    """One clock, passed in: nothing reads another."""
    keep(store, [letter()])
    moment = datetime(2031, 5, 6, 7, 8, tzinfo=NOW.tzinfo)
    with smtp_server(Sink(answer_rcpt=lambda address: "451 later")) as sink, delivery_lock(store) as epoch:
        deliver(store, {"email": mail(sink.port)}, epoch, clock=lambda: moment)
    (attempt,) = store.attempts(store.listed()[0].id)
    assert (attempt.started_at, attempt.finished_at) == (moment, moment)
