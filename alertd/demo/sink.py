"""A mail server of the demonstration's own: accepts every letter on loopback, keeps it as `.eml` and `.html`."""

import base64
import email
import email.policy
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from email.message import EmailMessage
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One letter as it arrived."""

    day: date
    """The local day in its `Date` header."""
    to: str
    name: str
    """The recipient's name in the `To` header."""
    subject: str
    keys: tuple[str, ...]
    """Its `X-Alertd-Key`s: one for each finding; a letter to ops has one that names no rule, or none."""
    path: Path


@dataclass(slots=True)
class MailSink:
    """The handler of the embedded server; `mails` grows as letters arrive."""

    folder: Path
    port: int = 0
    mails: list[Mail] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: ARG002, N802 - named by aiosmtpd
        """Keep one letter, and accept it."""
        for address in envelope.rcpt_tos:
            self._keep(address, envelope.content)
        return "250 OK"

    def _keep(self, address: str, content: bytes) -> None:
        message = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)  # the policy makes it so
        day = message["Date"].datetime.date()
        stem = f"{len(self.mails) + 1:03d}-{day}-{re.sub(r'[^a-z0-9.]+', '-', address.partition('@')[0].lower())}"
        path = self.folder / f"{stem}.eml"
        path.write_bytes(content)
        page = viewable(message)
        if page is not None:
            path.with_suffix(".html").write_text(page, encoding="utf-8")
        addresses = message["To"].addresses
        keys = tuple(key.strip() for key in re.split(r",\s+|,", str(message["X-Alertd-Key"] or "")) if key.strip())
        name = addresses[0].display_name if addresses else ""
        self.mails.append(
            Mail(
                day=day, to=address, name=name or address, subject=str(message["Subject"]).strip(), keys=keys, path=path
            )
        )


def viewable(message: EmailMessage) -> str | None:
    """The HTML part of a letter with its pictures put in, so that a browser shows it; None where it has no HTML part."""
    body = message.get_body(("html",))
    if body is None:
        return None
    page = str(body.get_content())
    for part in message.walk():
        identity = part["Content-ID"]
        if identity is not None and part.get_content_maintype() == "image":
            picture = base64.b64encode(part.get_payload(decode=True) or b"").decode()  # type: ignore[arg-type]
            page = page.replace(f"cid:{str(identity).strip('<> ')}", f"data:{part.get_content_type()};base64,{picture}")
    return page


@contextmanager
def mail_sink(folder: Path) -> Iterator[MailSink]:
    """Run the server on a free loopback port for as long as the block lasts."""
    folder.mkdir(parents=True, exist_ok=True)
    sink = MailSink(folder)
    with smtp_server(sink) as sink.port:
        yield sink


@contextmanager
def smtp_server(handler: object) -> Iterator[int]:
    """Run an SMTP server for one of aiosmtpd's handlers on loopback; gives the port, which the system chose."""
    from aiosmtpd.controller import Controller  # noqa: PLC0415 - not needed before a demonstration runs

    class OnFreePort(Controller):
        def _trigger_server(self) -> None:
            # A port that was chosen before could be taken by another before it is bound.
            server: Any = self.server
            self.port = server.sockets[0].getsockname()[1]
            super()._trigger_server()  # type: ignore[no-untyped-call]

    controller = OnFreePort(handler, hostname="127.0.0.1", port=0)
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()
