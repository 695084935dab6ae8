"""What each tick begins: the round that is due, and a pass over the outbox."""

import asyncio

import structlog

from alertd.daemon.background import in_thread
from alertd.daemon.inforce import InForce
from alertd.daemon.judging import judge_due, what_is_due
from alertd.daemon.leading import Leadership
from alertd.daemon.pulse import Pulse
from alertd.daemon.upkeep import Upkeep

_FIRST_BACKOFF = 5.0
_LONGEST_BACKOFF = 300.0
_log = structlog.get_logger("alertd.work")


class Work:
    """Judges what is due and sends what waits, for as long as this process leads."""

    def __init__(self, in_force: InForce, leadership: Leadership, pulse: Pulse, upkeep: Upkeep) -> None:
        self._in_force = in_force
        self._leadership = leadership
        self._pulse = pulse
        self._upkeep = upkeep
        self._failures = 0
        self._not_before = 0.0
        self._told: tuple[str, ...] = ()

    async def round(self) -> None:
        """Run the round that is due, if any; raises `AlertdError` with its slots left to be tried again."""
        loop = asyncio.get_running_loop()
        if loop.time() < self._not_before:
            return
        self._failures += 1
        self._not_before = loop.time() + min(_LONGEST_BACKOFF, _FIRST_BACKOFF * (2 ** min(self._failures, 10) - 2))
        async with self._in_force.pinned:
            app, now = self._in_force.app, self._in_force.app.now()
            waiting = await in_thread(lambda: what_is_due(app, now), "due")
            if waiting:
                report = await in_thread(lambda: judge_due(app, waiting, now), "round")
                self._upkeep.warehouse_answered(answered=report.warehouse_reachable)
        self._failures, self._not_before = 0, 0.0

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
