"""The daemon's tick: APScheduler calls it, and a watch on the monotonic clock revives it after a clock step.

APScheduler waits for a moment on the wall clock, so a step of two hours back would stop it for two hours. What is due
is never its business: it only says "look again", and the store's slots decide.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC
from types import TracebackType

import structlog
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

_log = structlog.get_logger("alertd.tick")


class Ticker:
    """Calls `tick` every `seconds` while it is entered; a call that still runs is never overlapped."""

    def __init__(self, tick: Callable[[], Awaitable[None]], seconds: float) -> None:
        self._tick = tick
        self._seconds = seconds
        self._scheduler = AsyncIOScheduler(jobstores={"default": MemoryJobStore()}, timezone=UTC)
        self._seen = 0.0
        self._watch: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "Ticker":
        self._seen = asyncio.get_running_loop().time()
        self._scheduler.add_job(
            self._run, self._trigger(), id="tick", coalesce=True, misfire_grace_time=None, max_instances=1
        )
        self._scheduler.start()
        self._watch = asyncio.create_task(self._revive(), name="tick watch")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._watch is not None:
            self._watch.cancel()
        self._scheduler.shutdown(wait=False)

    def _trigger(self) -> IntervalTrigger:
        return IntervalTrigger(seconds=self._seconds, timezone=UTC)

    async def _run(self) -> None:
        self._seen = asyncio.get_running_loop().time()
        await self._tick()

    async def _revive(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(self._seconds)
            if loop.time() - self._seen > 3 * self._seconds:
                _log.warning("tick was late and is started again; has the clock been set?")
                self._seen = loop.time()
                self._scheduler.reschedule_job("tick", trigger=self._trigger())
