"""The running daemon: which tasks it has, what the failure of each means, and how it ends."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import structlog

from alertd.app import Application
from alertd.core.errors import AlertdError
from alertd.daemon.background import in_thread
from alertd.daemon.due import lines
from alertd.daemon.inforce import InForce
from alertd.daemon.judging import what_is_due
from alertd.daemon.leading import Leadership
from alertd.daemon.pulse import Pulse
from alertd.daemon.reloading import Reloading
from alertd.daemon.systemd import notify
from alertd.daemon.ticker import Ticker
from alertd.daemon.upkeep import Upkeep
from alertd.daemon.watching import changes
from alertd.daemon.work import Work
from alertd.web.pages import pages
from alertd.web.server import listening_socket, serving

TICK_SECONDS = 5.0
GRACE_SECONDS = 30.0
"""How long letters in flight, and a round, may take to end after SIGTERM."""
_log = structlog.get_logger("alertd.daemon")
_SIGNAL_AGAIN = "send SIGHUP again: without it a change that takes something away is held"


class Daemon:
    """One instance at work, from its start to its end."""

    def __init__(self, app: Application, *, tick_seconds: float = TICK_SECONDS) -> None:
        self._tick_seconds = tick_seconds
        self._in_force = InForce(app)
        self._pulse = Pulse()
        # On SQLite a second process would wait for ever beside a live one; on PostgreSQL it is a standby.
        may_wait = not app.home.settings.state.url.startswith("sqlite")
        self._leadership = Leadership(app.memory, app.metrics, may_wait=may_wait)
        self._upkeep = Upkeep(self._in_force, self._leadership, self._pulse)
        self._work = Work(self._in_force, self._leadership, self._pulse, self._upkeep)
        self._reloading = Reloading(self._in_force, self._upkeep)
        self._stop = asyncio.Event()
        self._passes: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Work until SIGTERM or SIGINT; raises `AlertdError` where the daemon cannot start or go on."""
        loop = asyncio.get_running_loop()
        handlers: dict[int, Callable[[], None]] = {
            signal.SIGTERM: self._stop.set,
            signal.SIGINT: self._stop.set,
            signal.SIGHUP: lambda: self._begin(
                "confirmed reload", lambda: self._reloading.look(confirmed=True), after_failure=_SIGNAL_AGAIN
            ),
        }
        for number, handler in handlers.items():
            loop.add_signal_handler(number, handler)
        bind = self._in_force.app.home.settings.web.bind
        try:
            with listening_socket(bind) as listener:
                host, port = listener.getsockname()[:2]  # the port 0 stands for any that is free
                _log.info("listening", web=f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
                await self._leadership.seek()
                await in_thread(self._recall, "start")
                await self._upkeep.once()
                async with serving(pages(self._upkeep), listener):
                    await self._work_until_stopped()
        finally:
            await self._leadership.resign()
            for number in handlers:
                loop.remove_signal_handler(number)
        _log.info("stopped")

    async def _work_until_stopped(self) -> None:
        async with Ticker(self._tick, self._tick_seconds):
            await self._tick()
            notify("READY=1")
            _log.info("ready", home=str(self._in_force.app.home.root))
            try:
                await self._until_stopped()
            finally:
                notify("STOPPING=1")
        await self._finish()

    def _recall(self) -> None:
        app, now = self._in_force.app, self._in_force.app.now()
        for round_ in reversed(app.memory.last_rounds(50)):
            app.metrics.recall_round(round_)
        app.metrics.vacant(len(app.memory.vacancies()))
        self._in_force.count_rules()
        app.metrics.record_reload(ok=True, at=now)
        if self._leadership.epoch is not None:
            what_is_due(app, now)  # schedules that were never seen begin now
        for line in lines(app.home):
            upcoming = line.schedule.next_slot(now, app.home.settings.zone, app.home.calendar.holidays)
            _log.info("next run", schedule=str(line.schedule), at=upcoming.text, measures=len(line.measures))

    async def _tick(self) -> None:
        self._pulse.beat("tick")
        if self._stop.is_set():
            return
        if self._leadership.epoch is None:
            self._pulse.beat("sender")  # a standby sends nothing, and that is well
            return
        self._begin("round", self._round)
        self._begin("sender", self._work.send)

    async def _round(self) -> None:
        if await self._work.round() and not self._stop.is_set():
            self._begin("sender", self._work.send)  # its letters need not wait for the next tick

    def _begin(
        self, name: str, work: Callable[[], Awaitable[None]], *, after_failure: str = "it is tried again"
    ) -> None:
        running = self._passes.get(name)
        if running is None or running.done():
            self._passes[name] = asyncio.create_task(_guarded(name, work, after_failure), name=name)

    async def _watch_files(self) -> None:
        async for _ in changes(self._in_force.app.home.root):
            self._begin("reload", self._reloading.look)

    async def _until_stopped(self) -> None:
        """Wait for a signal; a lasting task that ends by an error ends the daemon with it."""
        lasting: list[Coroutine[Any, Any, object]] = [
            self._stop.wait(),
            self._leadership.keep(),
            self._upkeep.forever(),
            self._watch_files(),
        ]
        tasks = [asyncio.create_task(work) for work in lasting]
        watchdog = asyncio.create_task(self._upkeep.feed_watchdog())
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            self._stop.set()
            for task in (*tasks, watchdog):
                task.cancel()
            await asyncio.gather(*tasks, watchdog, return_exceptions=True)

    async def _finish(self) -> None:
        """Take no new work; give what is under way 30 s."""
        running = [task for task in self._passes.values() if not task.done()]
        _log.info("stopping", waits_for=[task.get_name() for task in running])
        sender = self._passes.get("sender")
        if sender is not None:
            sender.cancel()  # the first time, this lets letters in flight finish and gives the others back
        if not running:
            return
        _, late = await asyncio.wait(running, timeout=GRACE_SECONDS)
        for task in late:
            _log.warning("left unfinished", task=task.get_name())
            task.cancel()
        await asyncio.wait(running, timeout=1)


async def _guarded(name: str, work: Callable[[], Awaitable[None]], after_failure: str) -> None:
    try:
        await work()
    except AlertdError as error:
        _log.error("failed", task=name, then=after_failure, error=str(error))
    except Exception:  # noqa: BLE001  a fault of one pass must neither end the daemon nor go unseen
        _log.exception("failed unexpectedly", task=name, then=after_failure)
