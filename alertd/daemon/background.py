"""Blocking work beside the event loop, on threads that never hold up the end of the process."""

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


async def in_thread(work: Callable[[], Result], name: str) -> Result:
    """Run blocking work on a thread of its own and wait for it.

    `asyncio.to_thread` would keep the process alive until the work ends; a query may run for minutes, and what it was
    for is not committed yet, so at the end of the process it is simply left.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Result] = loop.create_future()

    def settle(result: Result | None, error: BaseException | None) -> None:
        if done.cancelled():
            return
        if error is not None:
            done.set_exception(error)
        else:
            done.set_result(result)  # type: ignore[arg-type]

    def run() -> None:
        result, error = None, None
        try:
            result = work()
        except BaseException as caught:  # noqa: BLE001  carried over to whoever waits, whatever it is
            error = caught
        try:
            loop.call_soon_threadsafe(settle, result, error)
        except RuntimeError:
            return  # the loop has ended, and with it everybody who waited

    threading.Thread(target=run, name=name, daemon=True).start()
    return await done
