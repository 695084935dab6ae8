"""Real SMTP servers on loopback that misbehave in the ways that servers do."""

import asyncio
import contextlib
import email
import ssl
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.policy import default
from typing import Any

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


@dataclass
class Sink:
    """What a server took, and how it answers."""

    answer_rcpt: Callable[[str], str | None] = lambda address: None
    answer_data: Callable[[int], str] = lambda number: "250 taken"
    answer_mail: str | None = None
    delay: float = 0
    enough: int = 1000
    """So many letters at once, and none of them waits out the delay."""
    port: int = 0
    mails: list[tuple[str, str, bytes]] = field(default_factory=list)
    """Sender, recipient, bytes of each letter that was taken."""
    data_seen: int = 0
    commands: list[str] = field(default_factory=list)
    logins: list[bytes] = field(default_factory=list)
    connections: int = 0
    closed: threading.Event = field(default_factory=threading.Event)
    """Set once a connection has ended."""
    hang_up: Callable[[], object] = lambda: None
    """Ends the newest connection."""
    most_at_once: int = 0
    at_once: int = 0

    async def handle_MAIL(self, server, session, envelope, address, options) -> str:
        self.commands.append(f"MAIL {' '.join(options)}")
        if self.answer_mail:
            return self.answer_mail
        envelope.mail_from = address
        return "250 ok"

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:
        answer = self.answer_rcpt(address)
        if answer is not None:
            return answer
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server, session, envelope) -> str:
        self.data_seen += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        until = asyncio.get_running_loop().time() + self.delay
        while self.most_at_once < self.enough and asyncio.get_running_loop().time() < until:
            await asyncio.sleep(0.01)
        self.at_once -= 1
        answer = self.answer_data(self.data_seen)
        if answer.startswith("2"):
            self.mails.append((envelope.mail_from, envelope.rcpt_tos[0], envelope.original_content))
        if "drop" in answer:  # with `2`, after the letter was taken: the worst moment
            server.transport.abort()
        return answer

    @property
    def recipients(self) -> list[str]:
        return [recipient for _, recipient, _ in self.mails]

    def parsed(self, number: int = 0) -> Any:
        return email.message_from_bytes(self.mails[number][2], policy=default)


class _Server(SMTP):
    def __init__(self, sink: Sink, *, hide_starttls: bool, **options: Any) -> None:
        super().__init__(sink, enable_SMTPUTF8=False, decode_data=False, **options)
        self._sink = sink
        self._hide_starttls = hide_starttls
        sink.connections += 1
        sink.hang_up = lambda: self.loop.call_soon_threadsafe(self.transport.close)

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self._sink.closed.set()

    async def push(self, status: Any) -> None:
        if self._hide_starttls and b"STARTTLS" in (status if isinstance(status, bytes) else str(status).encode()):
            status = "250-SIZE 33554432"
        await super().push(status)


@contextmanager
def smtp_server(
    sink: Sink | None = None,
    *,
    certificate: trustme.LeafCert | None = None,
    from_the_start: bool = False,
    hide_starttls: bool = False,
    password: str | None = None,
    oldest_tls: bool = False,
    **options: Any,
) -> Iterator[Sink]:
    """A server in a thread: in clear, with STARTTLS, or with TLS from the start; its port is in the sink."""
    taken = sink or Sink()
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        if oldest_tls:
            with warnings.catch_warnings(action="ignore"):
                context.minimum_version = ssl.TLSVersion.TLSv1
                context.maximum_version = ssl.TLSVersion.TLSv1_1
            context.set_ciphers("ALL:@SECLEVEL=0")

    def check(server, session, envelope, mechanism, data) -> AuthResult:
        assert isinstance(data, LoginPassword)
        taken.logins.append(data.password)
        return AuthResult(success=data.password == (password or "").encode(), handled=False)

    if password is not None:
        options |= {"authenticator": check, "auth_require_tls": False, "auth_required": True}
    if context is not None and not from_the_start:
        options["tls_context"] = context
        options["require_starttls"] = not hide_starttls

    loop = asyncio.new_event_loop()
    listener = loop.run_until_complete(
        loop.create_server(
            lambda: _Server(taken, hide_starttls=hide_starttls, loop=loop, hostname="localhost", **options),
            host="127.0.0.1",
            port=0,
            ssl=context if from_the_start else None,
        )
    )
    taken.port = listener.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield taken
    finally:
        asyncio.run_coroutine_threadsafe(_close(listener), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _close(listener: asyncio.Server) -> None:
    listener.close()
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


@contextmanager
def raw_server(talk: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Any]) -> Iterator[int]:
    """A server that says exactly what `talk` says; gives its port."""
    loop = asyncio.new_event_loop()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await talk(reader, writer)
        writer.close()

    listener = loop.run_until_complete(_start(serve))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield listener.sockets[0].getsockname()[1]
    finally:
        asyncio.run_coroutine_threadsafe(_close(listener), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _start(serve: Any) -> asyncio.Server:
    return await asyncio.start_server(serve, "127.0.0.1", 0)
