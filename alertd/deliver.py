"""Draining the outbox: claim, commit, send, mark; several letters at a time, each channel at its own pace."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from alertd.channels.base import Channel
from alertd.channels.readdress import instead_of
from alertd.core.errors import DeliveryError, LockedError
from alertd.core.letters import Attempt, Letter, Outcome, allowed
from alertd.store.records import OutboxSummary

_LONGEST_ATTEMPT = 1200.0
"""Seconds after which an attempt counts as unknown, whatever its channel waits for; longer than RFC 5321 asks anywhere."""

_LOOK_AGAIN = 2.0
"""Seconds after which the outbox is looked at again while slow letters are still under way."""


class Outbox(Protocol):
    """What delivery needs of the state database; each call is one committed transaction."""

    def claim(
        self, now: datetime, *, limit: int, epoch: int, channel: str | None = None, ignore_backoff: bool = False
    ) -> list[Letter]: ...

    def unclaim(self, letters: Sequence[Letter]) -> None: ...

    def mark(self, letter: Letter, attempt: Attempt, now: datetime, *, instead: Sequence[Letter] = ()) -> Letter: ...

    def void_claims(self, epoch: int, now: datetime) -> int: ...

    def holds(self, epoch: int) -> bool: ...

    def unfinished(self) -> dict[str, int]: ...

    def outbox_summary(self) -> OutboxSummary: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReport:
    """What one drain of the outbox did, in attempts, and what it left."""

    delivered: int = 0
    retrying: int = 0
    refused: int = 0
    unknown: int = 0
    undelivered: int = 0
    """Letters in the outbox that nobody has got: those still to be sent, and `refused_for_good`; held ones apart."""
    refused_for_good: int = 0
    """Letters in the outbox that were refused, now or earlier, that nobody got instead, and that nobody resolved."""
    errors: tuple[str, ...] = ()
    """Why whole channels could not be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drain:
    """What every letter of one drain shares."""

    outbox: Outbox
    clock: Callable[[], datetime]
    allowed: Callable[[str], bool]
    epoch: int
    ignore_backoff: bool
    ops_address: str
    on_outcome: Callable[[str, str, float], None] | None
    stop: asyncio.Event = field(default_factory=asyncio.Event)


async def drain(
    store: Outbox,
    channels: Mapping[str, Channel],
    *,
    clock: Callable[[], datetime],
    allow: Sequence[str],
    epoch: int,
    ops_address: str,
    ignore_backoff: bool = False,
    on_outcome: Callable[[str, str, float], None] | None = None,
) -> DeliveryReport:
    """Send every letter that is due, and with `ignore_backoff` every unfinished one once.

    The caller holds the delivery lock that gave `epoch`, and drains once at a time. When cancelled, letters under way
    are finished first and the others given back; a second cancellation does not wait. Raises `StateError` where the
    state database cannot be used: then nothing unclaimed is sent. `on_outcome` hears of every attempt: channel,
    outcome, seconds.
    """
    work = _Drain(
        outbox=store,
        clock=clock,
        allowed=lambda address: allowed(address, allow),
        epoch=epoch,
        ignore_backoff=ignore_backoff,
        ops_address=ops_address,
        on_outcome=on_outcome,
    )
    running = asyncio.ensure_future(_drain_all(work, channels))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        work.stop.set()
        await running
        raise


async def _drain_all(work: _Drain, channels: Mapping[str, Channel]) -> DeliveryReport:
    await asyncio.to_thread(work.outbox.void_claims, work.epoch, work.clock())
    waiting = await asyncio.to_thread(work.outbox.unfinished)
    ended = await asyncio.gather(
        *(_drain_channel(work, name, channels.get(name), number) for name, number in sorted(waiting.items())),
        return_exceptions=True,
    )
    for result in ended:
        if isinstance(result, BaseException):
            raise result
    reports = [result for result in ended if isinstance(result, DeliveryReport)]
    left = await asyncio.to_thread(work.outbox.outbox_summary)
    return DeliveryReport(
        delivered=sum(report.delivered for report in reports),
        retrying=sum(report.retrying for report in reports),
        refused=sum(report.refused for report in reports),
        unknown=sum(report.unknown for report in reports),
        undelivered=left.unfinished + left.refused_for_good,
        refused_for_good=left.refused_for_good,
        errors=tuple(error for report in reports for error in report.errors),
    )


async def _drain_channel(work: _Drain, name: str, channel: Channel | None, number: int) -> DeliveryReport:
    letters = f"{number} letter{'s' if number != 1 else ''}"
    if channel is None:
        return DeliveryReport(errors=(f"there is no channel `{name}` for {letters}; add it to channels/",))
    try:
        async with channel:
            return await _send_all(work, name, channel)
    except DeliveryError as error:
        return DeliveryReport(errors=(f"{letters} cannot be sent: {error}",))


async def _send_all(work: _Drain, name: str, channel: Channel) -> DeliveryReport:
    """Claim a few letters ahead of the senders until none is due; a slow letter holds nobody up."""
    room, pace = asyncio.Semaphore(channel.at_once), _Pace(channel.per_second)
    running: set[asyncio.Task[DeliveryReport]] = set()
    report = DeliveryReport()
    try:
        while not work.stop.is_set():
            claimed = await asyncio.to_thread(
                work.outbox.claim,
                work.clock(),
                limit=2 * channel.at_once,
                epoch=work.epoch,
                channel=name,
                ignore_backoff=work.ignore_backoff,
            )
            running |= {asyncio.create_task(_send_one(work, channel, letter, room, pace)) for letter in claimed}
            if not running:
                break
            done, running = await asyncio.wait(
                running, timeout=None if claimed else _LOOK_AGAIN, return_when=asyncio.FIRST_COMPLETED
            )
            report = _sum(report, done)
            while len(running) > channel.at_once:
                done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                report = _sum(report, done)
        if running:
            done, _ = await asyncio.wait(running)
            report = _sum(report, done)
    except asyncio.CancelledError:
        for task in running:
            task.cancel()
        raise
    except BaseException:
        work.stop.set()  # no channel goes on over a state database that failed
        await asyncio.gather(*running, return_exceptions=True)
        raise
    return report


def _sum(report: DeliveryReport, done: set[asyncio.Task[DeliveryReport]]) -> DeliveryReport:
    for task in done:
        one = task.result()
        report = DeliveryReport(
            delivered=report.delivered + one.delivered,
            retrying=report.retrying + one.retrying,
            refused=report.refused + one.refused,
            unknown=report.unknown + one.unknown,
        )
    return report


async def _send_one(
    work: _Drain, channel: Channel, letter: Letter, room: asyncio.Semaphore, pace: "_Pace"
) -> DeliveryReport:
    async with room:
        if not await pace.turn(work.stop):
            await asyncio.to_thread(work.outbox.unclaim, [letter])
            return DeliveryReport()
        # A process that was stopped for a while must not send what another one took over meanwhile.
        if not await asyncio.to_thread(work.outbox.holds, work.epoch):
            work.stop.set()
            raise LockedError("another process took over delivery, so this one stops")
        began = asyncio.get_running_loop().time()
        attempt = await _attempt(work, channel, letter)
        seconds = asyncio.get_running_loop().time() - began
        # Still inside its turn: so many letters as are sent at once, and no more, can be taken and not yet noted.
        await _note(work, letter, attempt)
    if work.on_outcome is not None:
        work.on_outcome(letter.channel, attempt.outcome.value, seconds)
    return DeliveryReport(
        delivered=int(attempt.outcome is Outcome.DELIVERED),
        retrying=int(attempt.outcome is Outcome.RETRY),
        refused=int(attempt.outcome is Outcome.REFUSED),
        unknown=int(attempt.outcome is Outcome.UNKNOWN),
    )


async def _note(work: _Drain, letter: Letter, attempt: Attempt) -> None:
    """Write down what became of a letter, and queue what goes out instead of a refused one."""
    instead: list[Letter] = []
    if attempt.outcome is Outcome.REFUSED:
        instead = instead_of(
            letter, attempt.detail, ops_address=work.ops_address, allowed=work.allowed, now=work.clock()
        )
    await asyncio.to_thread(work.outbox.mark, letter, attempt, work.clock(), instead=instead)


async def _attempt(work: _Drain, channel: Channel, letter: Letter) -> Attempt:
    if not work.allowed(letter.recipient):
        said = f"{letter.recipient} is not among allow_recipients"
        return Attempt(outcome=Outcome.REFUSED, detail=said)
    try:
        async with asyncio.timeout(_LONGEST_ATTEMPT):
            return await channel.send(letter)
    except TimeoutError:
        return Attempt(outcome=Outcome.UNKNOWN, detail=f"no answer in {_LONGEST_ATTEMPT:.0f} s; it may have been taken")
    except Exception as error:  # noqa: BLE001  a fault in a channel's code must not stop the letters of the others
        return Attempt(
            outcome=Outcome.UNKNOWN, detail=f"the channel failed ({type(error).__name__}); it may have been taken"
        )


class _Pace:
    """Turns at an even rate; the first comes at once."""

    __slots__ = ("_gap", "_next")

    def __init__(self, per_second: float) -> None:
        self._gap = 1.0 / per_second
        self._next = 0.0

    async def turn(self, stop: asyncio.Event) -> bool:
        """Wait for the next turn; False where everything stops first."""
        now = asyncio.get_running_loop().time()
        mine = max(now, self._next)
        self._next = mine + self._gap
        if mine > now:
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), mine - now)
        return not stop.is_set()
