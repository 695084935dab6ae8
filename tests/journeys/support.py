"""A home in a temporary folder, the product run as a user runs it, and a mail server that keeps what it gets."""

import asyncio
import email
import email.policy
import os
import socket
import subprocess
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime, time
from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from alertd.demo.sink import smtp_server
from tests.journeys import starts

if TYPE_CHECKING:
    from alertd.app import Application

SHARED = Path(__file__).resolve().parents[3] / "shared"
"""Public data sets that are too large to be part of the project; tests that need them skip where they are not."""


class Sink:
    """A real SMTP server on the loopback interface that keeps every message."""

    def __init__(self) -> None:
        self.mails: list[tuple[list[str], EmailMessage]] = []
        self.port = 0
        self._running = ExitStack()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.mails.append((envelope.rcpt_tos, email.message_from_bytes(envelope.content, policy=email.policy.default)))
        return "250 OK"

    def __enter__(self) -> "Sink":
        self.port = self._running.enter_context(smtp_server(self))
        return self

    def __exit__(self, *exc: object) -> None:
        self._running.close()

    def to(self, address: str) -> list[EmailMessage]:
        """The messages that went to an address."""
        return [mail for recipients, mail in self.mails if address in recipients]

    @property
    def recipients(self) -> list[str]:
        """Every address that something went to, once a message."""
        return [address for recipients, _ in self.mails for address in recipients]


@contextmanager
def dead_port() -> Iterator[int]:
    """A port that nothing listens on, and that nobody can take meanwhile."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


_READ_AT_START = ("PYTHON", "LANG", "LC_", "OMP_", "OPENBLAS_")
"""How variables begin that Python, or a library as it loads, reads once."""


def alertd(
    *args: object,
    home: Path | None = None,
    code: int | None = 0,
    env: Mapping[str, str] | None = None,
    afresh: bool = False,
) -> subprocess.CompletedProcess[str]:
    """Run the command line as a user does; fails where the exit code is another or a traceback shows.

    Each run is a process of its own, forked from one that has alertd loaded: a tenth of the time. `afresh` starts an
    interpreter instead, for what depends on how alertd starts or loads; tests/journeys/test_init.py does so for each command.
    """
    given = [*map(str, args), *(["--home", str(home)] if home else [])]
    environ = {**os.environ, "NO_COLOR": "1", "COLUMNS": "200", **(env or {})}
    early = any(name.startswith(_READ_AT_START) for name in env or {})
    done = (starts.afresh if afresh or early else starts.forked)(given, cwd=home or Path.cwd(), environ=environ)
    assert "Traceback" not in done.stdout + done.stderr, done.stderr[-2000:]
    assert code is None or done.returncode == code, (done.returncode, done.stdout[-1500:], done.stderr[-1500:])
    return done


def write_home(
    root: Path,
    rules: str,
    *,
    smtp_port: int = 9,
    owners: str | None = None,
    routes: str = "routes:\n  default: {to: owner, channel: email}\n",
    extra: Mapping[str, str] | None = None,
    settings: str = "",
) -> Path:
    """A small home over `warehouse.duckdb`; `extra` holds more files by their path in the home."""
    files = {
        "config/alertd.yaml": textwrap.dedent("""\
            instance: journey
            warehouse: {url: "duckdb:///warehouse.duckdb"}
            state: {url: "sqlite:///state.db"}
            schedule: "weekdays 07:00"
            allow_recipients: ["*@example.org"]
            ops: {email: ops@example.org}
            """)
        + settings,
        "config/owners.yaml": owners
        or "owners:\n  data_steward: {email: steward@example.org}\n  lead: {email: lead@example.org}\n",
        "config/routes.yaml": routes,
        "channels/email.yaml": (
            "channels:\n"
            f'  email: {{kind: email, smtp: "127.0.0.1:{smtp_port}", security: none, from: "Alerts <alerts@example.org>"}}\n'
        ),
        "rules/rules.yaml": textwrap.dedent(rules),
        **(extra or {}),
    }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def told_on(app: "Application", sink: Sink, days: Iterable[str]) -> list[list[str]]:
    """Judge and deliver at the end of some days; gives the addresses that something went to on each."""
    from alertd.store import delivery_lock

    told = []
    with delivery_lock(app.memory) as epoch:
        for day in days:
            before = len(sink.mails)
            end = datetime.combine(datetime.fromisoformat(day), time.max, tzinfo=app.home.settings.zone)
            app.judge(end, as_of=True)
            asyncio.run(app.deliver(epoch=epoch))
            told.append(sorted(to for recipients, _ in sink.mails[before:] for to in recipients))
    return told


def fill(root: Path, table: str, columns: str, rows: Iterable[Sequence[object]]) -> None:
    """Put rows into a table of the home's warehouse, in place of what it held."""
    with duckdb.connect(str(root / "warehouse.duckdb")) as connection:
        connection.execute(f"create or replace table {table} ({columns})")
        given = list(rows)
        for first in range(0, len(given), 500):  # a row at a time takes fifty times as long
            part = given[first : first + 500]
            places = ", ".join(f"({', '.join('?' * len(row))})" for row in part)
            connection.execute(f"insert into {table} values {places}", [value for row in part for value in row])
