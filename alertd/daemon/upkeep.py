"""Looking after the instance every minute, and telling how it is: state, warehouse, outbox, watchdog, health."""

import asyncio
from datetime import date, timedelta

import structlog

from alertd.core.errors import StateError, WarehouseError
from alertd.core.health import Facts, Health, assess
from alertd.daemon.background import in_thread
from alertd.daemon.facts import gather
from alertd.daemon.inforce import InForce
from alertd.daemon.leading import Leadership
from alertd.daemon.pulse import Pulse
from alertd.daemon.systemd import notify, watchdog_seconds
from alertd.store.pulse import beat

_EVERY_SECONDS = 60.0
_log = structlog.get_logger("alertd.upkeep")


class Upkeep:
    """What is known of the instance beside its rounds and letters. Troubles are in words that hold no data."""

    def __init__(self, in_force: InForce, leadership: Leadership, pulse: Pulse) -> None:
        self._in_force = in_force
        self._leadership = leadership
        self._pulse = pulse
        self.config_trouble = ""
        self._forgotten_on: date | None = None
        self._state_trouble = ""
        self._warehouse_trouble = "has not been asked yet"

    def exposition(self) -> bytes:
        """Every metric in Prometheus' text format."""
        return self._in_force.app.metrics.exposition()

    def lives(self) -> bool:
        """Whether the tick is fresh."""
        return "tick" not in self._pulse.stale()

    async def health(self) -> Health:
        """Everything that silence rests on, told as `alertd status` tells it."""
        app, now = self._in_force.app, self._in_force.app.now()
        config, warehouse = self.config_trouble, self._warehouse_trouble
        leader = self._leadership.epoch is not None
        state = self._state_trouble
        try:
            facts = await in_thread(
                lambda: gather(
                    app.home, app.memory, now, config=config, state=state, warehouse=warehouse, leader=leader
                ),
                "health",
            )
        except StateError as error:
            _log.error("the state database cannot be used", error=str(error))
            facts = Facts(config=config, state="cannot be read", warehouse=warehouse, leader=leader, readable=False)
        return assess(facts, now)

    async def forever(self) -> None:
        """Look after the instance until cancelled."""
        while True:
            await asyncio.sleep(_EVERY_SECONDS)
            try:
                await self.once()
            except Exception:  # noqa: BLE001  a fault here must neither end the daemon nor go unseen
                _log.exception("upkeep failed unexpectedly and is tried again")

    async def once(self) -> None:
        """Write a sign of life, count the outbox, ask the warehouse."""
        app, leads = self._in_force.app, self._leadership.epoch is not None
        try:
            await in_thread(lambda: beat(app.memory, app.now()) if leads else app.memory.ping(), "state")
            if leads:
                await self._forget_once_a_day()
            await self.refresh_outbox()
            self._state_trouble = ""
            self._pulse.beat("state")
        except StateError as error:
            self._state_trouble = "cannot be written"
            _log.error("the state database cannot be used", error=str(error))
        if self._in_force.pinned.locked():
            return  # a round asks the warehouse itself
        try:
            await in_thread(app.warehouse.ping, "warehouse")
            self.warehouse_answered(answered=True)
        except WarehouseError as error:
            self.warehouse_answered(answered=False)
            _log.error("the warehouse does not answer", error=str(error))

    async def _forget_once_a_day(self) -> None:
        app = self._in_force.app
        today = app.now().date()
        if self._forgotten_on == today:
            return
        gone = await in_thread(app.forget_old, "retention")
        self._forgotten_on = today
        if any(gone.values()):
            _log.info("forgot what is older than the retention", **gone)

    def warehouse_answered(self, *, answered: bool) -> None:
        """Take down whether the warehouse answered."""
        self._warehouse_trouble = "" if answered else "does not answer"
        self._in_force.app.metrics.warehouse_up(answered)

    async def refresh_outbox(self) -> None:
        """Tell the metrics how the outbox stands; raises `StateError`."""
        app = self._in_force.app
        summary = await in_thread(app.memory.outbox_summary, "outbox")
        age = app.now() - summary.oldest if summary.oldest else timedelta()
        counts = {state.value: number for state, number in summary.counts.items()}
        app.metrics.refresh_outbox(counts, max(0.0, age.total_seconds()))

    async def feed_watchdog(self) -> None:
        """Tell systemd that all is well, as often as it asks, and only while every part is fresh."""
        every = watchdog_seconds()
        while every is not None:
            stale = self._pulse.stale()
            if stale:
                _log.error("the watchdog is not fed", stale=stale)
            else:
                notify("WATCHDOG=1")
            await asyncio.sleep(every / 3)
