"""Letters as files, letters by Apprise, and the one list of kinds."""

import asyncio
import json
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from alertd.channels.apprise import AppriseChannel, AppriseSettings
from alertd.channels.base import Channel
from alertd.channels.file import FileChannel, FileSettings
from alertd.channels.registry import KINDS, build_channels
from alertd.core.errors import DeliveryError
from alertd.core.letters import Attempt, Letter, Outcome
from tests.edges.store.make import letter


def send(channel: Channel, *letters: Letter) -> list[Attempt]:
    async def work() -> list[Attempt]:
        async with channel:
            return [await channel.send(one) for one in letters]

    return asyncio.run(work())


def _file_channel(root: Path, folder: str = "outgoing") -> FileChannel:
    return FileChannel(FileSettings(id="file", folder=folder), root, {})


def test_a_letter_becomes_a_file_of_exactly_its_bytes(tmp_path: Path) -> None:
    made = letter(id="abc")
    (attempt,) = send(_file_channel(tmp_path), made)
    assert attempt.outcome is Outcome.DELIVERED
    (file,) = (tmp_path / "outgoing").iterdir()
    assert file.name == "20230105T070000Z-lead@example.org-abc.eml"
    assert file.read_bytes() == made.message


def test_a_second_attempt_writes_the_same_file(tmp_path: Path) -> None:
    made = letter()
    send(_file_channel(tmp_path), made, made, letter())
    assert len(list((tmp_path / "outgoing").iterdir())) == 2


def test_no_address_can_lead_out_of_the_folder(tmp_path: Path) -> None:
    made = letter()
    odd = Letter(**{name: getattr(made, name) for name in made.__slots__} | {"recipient": "../../x@y", "id": "a/../b"})
    send(_file_channel(tmp_path), odd)
    (file,) = (tmp_path / "outgoing").iterdir()
    assert "/" not in file.name


def test_a_folder_that_cannot_be_written_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "outgoing").write_text("a file stands here")
    (attempt,) = send(_file_channel(tmp_path), letter())
    assert attempt.outcome is Outcome.RETRY
    assert "outgoing" in attempt.detail


class _Hook(BaseHTTPRequestHandler):
    taken: list[dict[str, Any]]
    status = 200

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        type(self).taken.append(json.loads(body))
        self.send_response(type(self).status)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        return


@pytest.fixture
def hook() -> Iterator[tuple[type[_Hook], str]]:
    handler = type("Hook", (_Hook,), {"taken": []})
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield handler, f"json://127.0.0.1:{server.server_port}/hook"
    server.shutdown()
    thread.join()
    server.server_close()


def _apprise(url: str) -> AppriseChannel:
    return AppriseChannel(AppriseSettings(id="teams", urls=({"env": "URL"},)), Path(), {"URL": url})


def test_apprise_gets_the_subject_and_the_text_part(hook: tuple[type[_Hook], str]) -> None:
    handler, url = hook
    made = letter()
    (attempt,) = send(_apprise(url), made)
    assert attempt.outcome is Outcome.DELIVERED
    (sent,) = handler.taken
    assert sent["title"] == made.subject
    assert "Burnley reached 93 of 126" in sent["message"]
    assert "<p>" not in sent["message"]


def test_a_service_that_shows_html_gets_the_text_escaped(hook: tuple[type[_Hook], str]) -> None:
    """R33: the text part holds words from the warehouse, and is escaped by nobody else."""
    handler, url = hook
    made = letter()
    hostile = replace(made, message=made.message.replace(b"Burnley", b"<b>Burnley</b>"))
    assert hostile.message != made.message
    send(_apprise(f"{url}?format=html"), hostile)
    (sent,) = handler.taken
    assert "&lt;b&gt;Burnley&lt;/b&gt;" in sent["message"]


def test_a_service_that_does_not_take_it_is_tried_again(hook: tuple[type[_Hook], str]) -> None:
    handler, url = hook
    handler.status = 500
    (attempt,) = send(_apprise(url), letter())
    assert attempt.outcome is Outcome.RETRY
    assert url not in attempt.detail


def test_a_url_that_apprise_does_not_know_is_a_fault_of_the_channel_and_stays_secret() -> None:
    with pytest.raises(DeliveryError, match="channel teams, urls, entry 1") as refused:
        send(_apprise("nosuch://token-in-the-url/"), letter())
    assert "token" not in str(refused.value)


def test_without_apprise_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(DeliveryError, match=r"install alertd\[apprise\]"):
        send(_apprise("json://127.0.0.1/"), letter())


def test_apprise_urls_are_secrets() -> None:
    with pytest.raises(ValidationError, match="a secret never stands in a file"):
        AppriseSettings.model_validate({"id": "teams", "urls": ["json://token@host"]})


def test_every_kind_is_built_from_its_settings(tmp_path: Path) -> None:
    written: dict[str, dict[str, Any]] = {
        "email": {"smtp": "localhost:25", "security": "none", "from": "a@example.org"},
        "file": {"folder": "out"},
        "apprise": {"urls": [{"env": "URL"}]},
    }
    settings = {
        kind: KINDS[kind].settings.model_validate({"id": kind, "kind": kind} | keys) for kind, keys in written.items()
    }
    channels = build_channels(settings, tmp_path, {})
    assert channels.keys() == KINDS.keys()
    assert all(channel.at_once >= 1 and channel.per_second == 20 for channel in channels.values())


def test_reading_settings_does_not_load_any_client() -> None:
    """`alertd check` must start in about 0.3 s."""
    import subprocess

    program = (
        "import sys; import alertd.channels.registry; "
        "print([name for name in ('aiosmtplib', 'apprise') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
