"""What each tick begins: the round that is due, and a pass over the outbox."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog

from alertd.daemon.background import in_thread
from alertd.daemon.inforce import InForce
from alertd.daemon.judging import due_from, judge_again, judge_due, what_is_due
from alertd.daemon.leading import Leadership
from alertd.daemon.pulse import Pulse
from alertd.daemon.upkeep import Upkeep
from alertd.round import RoundReport

_FIRST_BACKOFF = 5.0
_LONGEST_BACKOFF = 300.0
_FIRST_AGAIN = 300.0
_LONGEST_AGAIN = 3_600.0
_log = structlog.get_logger("alertd.work")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Again:
    """Measures that the last slot's round could not judge, and when they are tried once more (monotonic)."""

    measures: frozenset[str]
    stands_for: datetime
    tries: int
    at: float


class Work:
    """Judges what is due and sends what waits, for as long as this process leads."""

    def __init__(
        self,
        in_force: InForce,
        leadership: Leadership,
        pulse: Pulse,
        upkeep: Upkeep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._in_force = in_force
        self._leadership = leadership
        self._pulse = pulse
        self._upkeep = upkeep
        self._failures = 0
        self._not_before = 0.0
        self._again: _Again | None = None
        self._told: tuple[str, ...] = ()

    async def round(self) -> bool:
        """Run the round that is due; gives whether one was. Raises `AlertdError` with its slots left to be tried again."""
        if self._clock() < self._not_before:
            return False
        ran = False
        self._failures += 1
        self._not_before = self._clock() + min(_LONGEST_BACKOFF, _FIRST_BACKOFF * (2 ** min(self._failures, 10) - 2))
        async with self._in_force.pinned:
            app, now = self._in_force.app, self._in_force.app.now()
            again = self._again
            waiting = await in_thread(lambda: what_is_due(app, now), "due")
            if waiting:
                report = await in_thread(lambda: judge_due(app, waiting, now), "round")
                self._judged(report, due_from(waiting), 0)
                ran = True
            elif again is not None and self._clock() >= again.at:
                report = await in_thread(lambda: judge_again(app, again.measures, again.stands_for, now), "round")
                self._judged(report, again.stands_for, again.tries)
                ran = True
        self._failures, self._not_before = 0, 0.0
        return ran

    def _judged(self, report: RoundReport, stands_for: datetime, tries: int) -> None:
        """Remember what could not be judged, so that an outage at the one slot of a day does not cost the day."""
        self._upkeep.warehouse_answered(answered=report.warehouse_reachable)
        outcomes, again = report.round.outcomes, self._again
        failed = {outcome.measure for outcome in outcomes if outcome.status != "ok"}
        if again is not None:
            failed |= again.measures - {outcome.measure for outcome in outcomes}
            stands_for = min(stands_for, again.stands_for)
        at = self._clock() + min(_LONGEST_AGAIN, _FIRST_AGAIN * 2 ** min(tries, 10))
        left = _Again(measures=frozenset(failed), stands_for=stands_for, tries=tries + 1, at=at)
        self._again = left if failed else None

    async def send(self) -> None:
        """Compose the letters whose time has come and drain the outbox once; cancelling lets letters in flight finish."""
        app, epoch = self._in_force.app, self._leadership.epoch
        if epoch is None:
            return
        now = app.now()
        composed = await in_thread(lambda: app.compose(now), "compose")
        if (await in_thread(app.memory.outbox_summary, "outbox")).unfinished:
            report = await app.deliver(epoch=epoch)
            if composed or report.delivered or report.refused:
                _log.info(
                    "letters",
                    composed=composed,
                    delivered=report.delivered,
                    refused=report.refused,
                    undelivered=report.undelivered,
                )
            if report.errors != self._told:
                self._told = report.errors
                for error in report.errors:
                    _log.error("a channel cannot be used", error=error)
            await self._upkeep.refresh_outbox()
        self._pulse.beat("sender")
