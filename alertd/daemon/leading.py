"""Being the one process that judges and delivers, or waiting to become it."""

import asyncio
from contextlib import AbstractContextManager

import structlog

from alertd.app import delivery_lock
from alertd.core.errors import LockedError, StateError
from alertd.daemon.background import in_thread
from alertd.metrics import Metrics
from alertd.store import Store
from alertd.store.pulse import farewell

_LOOK_AGAIN = 2.0
_log = structlog.get_logger("alertd.leader")


class Leadership:
    """The delivery lock over the life of a daemon; `epoch` is None while another process leads."""

    def __init__(self, store: Store, metrics: Metrics, *, may_wait: bool) -> None:
        self._store = store
        self._metrics = metrics
        self._may_wait = may_wait
        self._lock: AbstractContextManager[int] | None = None
        self._told = False
        self.epoch: int | None = None

    async def seek(self) -> None:
        """Look once: take the lock if it is free, let go of it if another process has taken over.

        Raises `LockedError` where a live process holds it and this one may not wait (SQLite: one process, one file).
        """
        if self.epoch is None:
            await self._try()
        elif not await in_thread(lambda: self._store.holds(self.epoch or 0), "leader"):
            _log.warning("another process has taken over", epoch=self.epoch)
            await self.release()

    async def keep(self) -> None:
        """Look again and again until cancelled; a database that does not answer is waited for."""
        while True:
            await asyncio.sleep(_LOOK_AGAIN)
            try:
                await self.seek()
            except LockedError:
                raise
            except StateError as error:
                _log.error("the state database does not answer", error=str(error))

    async def release(self) -> None:
        """Let another process lead."""
        lock, self._lock, self.epoch = self._lock, None, None
        self._metrics.leads(leader=False)
        if lock is not None:
            await in_thread(lambda: lock.__exit__(None, None, None), "leader")

    async def resign(self) -> None:
        """Let another process lead, at an orderly end: who leads says goodbye first."""
        if self.epoch is not None:
            try:
                await in_thread(lambda: farewell(self._store), "leader")
            except StateError as error:
                _log.error("the end could not be written down", error=str(error))
        await self.release()

    async def _try(self) -> None:
        lock = delivery_lock(self._store, wait=False)
        try:
            self.epoch = await in_thread(lock.__enter__, "leader")
        except LockedError as error:
            if not self._may_wait:
                raise
            if not self._told:
                _log.info("standing by", error=str(error))
            self._told = True
            return
        self._lock, self._told = lock, False
        self._metrics.leads(leader=True)
        _log.info("leads", epoch=self.epoch)
