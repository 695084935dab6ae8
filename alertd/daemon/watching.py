"""Noticing that a home's files may have changed: at once where the system tells, within a minute where it does not."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import structlog
from watchfiles import awatch

from alertd.config.files import WATCHED

_PERIOD = 60.0
_SETTLE_MS = 400
_log = structlog.get_logger("alertd.reload")


async def changes(root: Path) -> AsyncIterator[None]:
    """Yield whenever the files should be looked at: after any event below the root's folders, and every minute.

    Events are a hint and no more: the swap of a ConfigMap reports no file as changed, and a network share nothing.
    """
    while True:
        folders = [root / folder for folder in WATCHED if (root / folder).is_dir()]
        try:
            async for _ in awatch(
                *folders,
                watch_filter=None,
                debounce=_SETTLE_MS,
                rust_timeout=int(_PERIOD * 1000),
                yield_on_timeout=True,
            ):
                yield
                if not all(folder.is_dir() for folder in folders):
                    break  # the watch dies with its folder and does not say so
        except (OSError, RuntimeError) as error:  # the latter is what the watcher's own faults are
            _log.warning("files cannot be watched; they are read every minute instead", error=str(error))
        await asyncio.sleep(_PERIOD)
        yield
