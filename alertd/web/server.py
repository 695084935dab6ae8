"""Serving the pages inside the daemon's event loop; signals stay with the daemon."""

import asyncio
import ipaddress
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from starlette.types import ASGIApp

from alertd.core.errors import UsageError

_GRACE_SECONDS = 5


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        # uvicorn would take SIGTERM for itself, stop, and raise it again while letters are still in flight.
        yield


def listening_socket(bind: str) -> socket.socket:
    """A socket that listens at `host:port`; raises `UsageError` where that is not a free port of the loopback interface."""
    host, _, port = bind.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise UsageError(f"web.bind: `{bind}` is no host and port; write for example 127.0.0.1:9464")
    if not _is_loopback(host):
        raise UsageError(
            f"web.bind: `{host}` is reachable from outside, and these pages ask nobody who they are; "
            f"write 127.0.0.1:{port}, with an authenticating proxy in front where others must see them"
        )
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, int(port)))
        listener.listen()  # from now on a request waits instead of being refused
    except OSError as error:
        listener.close()
        raise UsageError(
            f"web.bind: {bind} cannot be used ({error.strerror}); stop what listens there or write another port"
        ) from error
    return listener


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@asynccontextmanager
async def serving(application: ASGIApp, listener: socket.socket) -> AsyncIterator[None]:
    """Serve an application on a socket while the block runs, then let open requests end."""
    server = _Server(
        uvicorn.Config(
            application,
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )
    )
    task = asyncio.create_task(server.serve(sockets=[listener]), name="web")
    try:
        yield
    finally:
        server.should_exit = True
        await task
