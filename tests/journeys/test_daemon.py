"""The daemon from outside: a process on a home, its pages, its signals, and what it leaves behind."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from alertd.core.periods import Grain, Period
from alertd.store import open_store
from alertd.store.pulse import last_beat
from alertd.store.records import SlotRun
from tests.journeys.starts import Forked
from tests.journeys.support import Sink, alertd, dead_port, fill, write_home

STARTED = datetime.now(ZoneInfo("Europe/London"))
TODAY = STARTED.date()
SCHEDULE = f"weekdays {(STARTED.hour + 12) % 24:02d}:00"
"""Half a day away from whenever the tests run."""
MONTHS = [str((Period.containing(TODAY, Grain.MONTH) + back).start.date()) for back in range(-36, 1)]
"""Whole months, and the one that is under way: should it end while the tests run, it stands out as the last one does."""
MEASURE = "m: {name: Complaints, table: t, grain: month, period: period, value: v, improvement: decrease, owner: lead}"
HIGH = "high: {measure: m, threshold: {above: 50}}"
LOW = "low: {measure: m, threshold: {below: 1}}"


def rules(*lines: str) -> str:
    return "\n  ".join(["measures:", MEASURE]) + "\n" + "\n  ".join(["rules:", *lines]) + "\n"


def home(root: Path, sink_port: int, *lines: str) -> Path:
    """A home whose last whole month stands out, on whichever web port is free, with no slot due soon."""
    made = write_home(
        root,
        rules(*(lines or (HIGH,))),
        smtp_port=sink_port,
        settings='web: {bind: "127.0.0.1:0"}\n',
    )
    settings = made / "config/alertd.yaml"
    settings.write_text(settings.read_text().replace("weekdays 07:00", SCHEDULE))
    fill(made, "t", "period date, v double", [(month, 99.0 if month in MONTHS[-2:] else 10.0) for month in MONTHS])
    return made


def was_running(root: Path, days: int) -> None:
    """Leave behind what a daemon that stopped so many days ago would."""
    began = datetime.now(UTC) - timedelta(days=days)
    store = open_store("sqlite:///state.db", root=root)
    store.record_slots([SlotRun(f"measures {SCHEDULE}", began.strftime("%Y-%m-%dT%H:%M"), "began", began)])
    store.close()


class Running:
    """A daemon process on a home."""

    def __init__(self, root: Path, process: Forked | subprocess.Popen[bytes], log: Path) -> None:
        self.root, self.process, self.log = root, process, log
        self.web = ""

    def get(self, path: str) -> tuple[int, str]:
        try:
            answer = urllib.request.urlopen(f"http://{self.web}{path}", timeout=60)
        except urllib.error.HTTPError as error:
            answer = error
        except OSError:
            return 0, ""
        with answer:
            return answer.status, answer.read().decode()

    def metric(self, line: str) -> float | None:
        for found in self.get("/metrics")[1].splitlines():
            if found.startswith(line + " "):
                return float(found.split()[-1])
        return None

    def until(self, holds: Callable[[], Any], seconds: float = 120) -> Any:
        """Look until something holds, as long as the process lives."""
        deadline = time.monotonic() + seconds
        while not (found := holds()):
            assert self.process.poll() is None, f"ended with {self.process.returncode}: {self.log.read_text()[-3000:]}"
            assert time.monotonic() < deadline, f"not in {seconds} s; log: {self.log.read_text()[-3000:]}"
            threading.Event().wait(0.05)
        return found

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines(keepends=True) if line.endswith("\n")]

    def listens_at(self) -> str:
        return next((event["web"] for event in self.events() if event["event"] == "listening"), "")

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def end(self) -> int:
        self.signal(signal.SIGTERM)
        return self.process.wait(120)


@contextmanager
def daemon(root: Path, *, afresh: bool = False) -> Iterator[Running]:
    log = root / "daemon.log"
    command, environ = ["run", "--home", str(root)], {**os.environ, "NO_COLOR": "1"}
    log.write_text("")
    if afresh:
        with log.open("a") as stream:
            process: Forked | subprocess.Popen[bytes] = subprocess.Popen(
                [sys.executable, "-m", "alertd", *command], stdout=subprocess.DEVNULL, stderr=stream, env=environ
            )
    else:
        process = Forked(command, environ=environ, err=log)
    running = Running(root, process, log)
    try:
        running.web = running.until(running.listens_at)
        running.until(lambda: running.get("/livez")[0] == 200)
        yield running
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
    assert "Traceback" not in log.read_text()


def test_a_daemon_that_was_down_catches_up_once_tells_it_and_ends_in_order(tmp_path):
    with Sink() as sink:
        root = home(tmp_path, sink.port)
        was_running(root, days=8)
        with daemon(root, afresh=True) as running:
            running.until(lambda: sink.to("lead@example.org"))
            running.until(lambda: running.metric('alertd_outbox_letters{state="sent"}'))
            assert running.metric('alertd_deliveries_total{channel="email",outcome="delivered"}') == 1
            assert running.metric('alertd_exceptions{rule="high",state="exception"}') == 1
            assert running.metric('alertd_notices_total{transition="opened"}') == 1
            assert [running.metric(f"alertd_{name}") for name in ("leader", "warehouse_up", "rules")] == [1, 1, 1]
            code, body = running.get("/readyz")
            ready = json.loads(body)
            assert (code, ready["ready"]) == (200, True)
            assert ready["checks"]["missed"]["says"].startswith("nothing ran at")

            status = json.loads(alertd("status", "--format", "json", home=root).stdout)
            assert status["ready"] is True
            assert {check["check"]: check["ok"] for check in status["checks"]} == {
                name: check["ok"] for name, check in ready["checks"].items()
            }
            assert len(status["missed_slots"]) >= 4
            assert "Last rounds" in alertd("status", home=root).stdout

            alertd("run", "--once", home=root, code=4)  # a live process delivers
            assert running.end() == 0
        again = [event["event"] for event in running.events()]
        assert again[-1] == "stopped"

        with daemon(root) as running:
            running.until(lambda: running.get("/readyz")[0] == 200)
            running.until(lambda: running.metric("alertd_leader") == 1)
            assert running.metric('alertd_exceptions{rule="high",state="exception"}') == 1, "known from the store"
            assert running.end() == 0
        assert "round begins" not in [event["event"] for event in running.events()]
        assert len(sink.to("lead@example.org")) == 1


def test_a_good_file_is_taken_up_a_broken_one_is_not_and_a_vanished_rule_waits_for_sighup(tmp_path):
    with Sink() as sink:
        root = home(tmp_path, sink.port)
        file = root / "rules/rules.yaml"
        with daemon(root) as running:
            assert running.metric("alertd_rules") == 1
            file.write_text(rules(HIGH, LOW))
            running.until(lambda: running.metric("alertd_rules") == 2)

            file.write_text(rules(HIGH, "low: {measure: m, treshold: {below: 1}}"))
            running.until(lambda: running.metric("alertd_config_last_reload_successful") == 0)
            assert running.metric("alertd_rules") == 2
            code, body = running.get("/readyz")
            assert code == 503
            assert json.loads(body)["checks"]["config"]["ok"] is False
            running.until(lambda: sink.to("ops@example.org"))

            running.signal(signal.SIGHUP)  # a broken file cannot be confirmed
            file.write_text(rules(HIGH, LOW))
            running.until(lambda: running.metric("alertd_config_last_reload_successful") == 1)
            running.until(lambda: running.get("/readyz")[0] == 200)

            file.write_text(rules(HIGH.replace("50", "60")))
            running.until(lambda: running.metric("alertd_config_last_reload_successful") == 0)
            assert running.metric("alertd_rules") == 2
            running.signal(signal.SIGHUP)
            running.until(lambda: running.metric("alertd_rules") == 1)
            assert running.metric("alertd_config_last_reload_successful") == 1
            running.until(lambda: len(sink.to("ops@example.org")) == 2)
            assert "gone without being withdrawn" in sink.to("ops@example.org")[1].get_body(("plain",)).get_content()
            assert running.end() == 0


def test_a_rule_changed_while_it_runs_is_logged_at_the_reload_judged_at_the_next_slot_and_linked_once(tmp_path):
    with Sink() as sink:
        root = home(tmp_path, sink.port, HIGH, LOW)
        was_running(root, days=8)
        file = root / "rules/rules.yaml"

        def logged(event: str) -> list[dict[str, Any]]:
            return [line for line in running.events() if line["event"] == event]

        with daemon(root) as running:
            running.until(lambda: len(sink.to("lead@example.org")) == 1)
            assert len(logged("rules changed since the last round")) == 1
            file.write_text(rules(HIGH.replace("50", "200"), LOW.replace("}}", "}, enabled: false}")))
            (line,) = running.until(lambda: logged("home reloaded"))
            assert (line["added"], line["changed"], line["withdrawn"]) == ([], ["high"], ["low"])
            assert line["files"] == ["rules/rules.yaml"]
            assert running.end() == 0
        alertd("run", "--once", "--as-of", TODAY, home=root)
        assert len(sink.to("lead@example.org")) == 2
        alertd("run", "--once", "--as-of", TODAY, home=root)
        store = open_store("sqlite:///state.db", root=root)
        links = [json.loads(entry.details) for entry in store.audit_entries() if entry.event == "rules changed"]
        assert store.verify_audit() is None
        store.close()
    first, second = links
    assert second["home_before"] == first["home_after"] == line["digest_before"]
    assert second["home_after"] == line["digest"]
    assert {rule["rule"]: rule["change"] for rule in second["rules"]} == {"high": "changed", "low": "withdrawn"}


class SlowSink(Sink):
    """A server that answers the data of a letter only when told to."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.answer = threading.Event(), threading.Event()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.begun.set()
        await asyncio.to_thread(self.answer.wait, 120)
        return await super().handle_DATA(server, session, envelope)


def test_a_letter_in_flight_is_finished_before_the_daemon_ends(tmp_path):
    with SlowSink() as sink:
        root = home(tmp_path, sink.port)
        was_running(root, days=8)
        with daemon(root) as running:
            assert sink.begun.wait(120)
            running.signal(signal.SIGTERM)
            running.until(lambda: "stopping" in [event["event"] for event in running.events()])
            assert running.process.poll() is None
            sink.answer.set()
            assert running.process.wait(120) == 0
        store = open_store("sqlite:///state.db", root=root)
        assert [letter.state.value for letter in store.listed()] == ["sent"]
        assert last_beat(store) is None, "at an orderly end nobody is taken for alive"
        store.close()


def test_a_warehouse_that_is_away_makes_the_instance_unready_and_never_quiet(tmp_path):
    with Sink() as sink:
        root = home(tmp_path, sink.port)
        (root / "warehouse.duckdb").unlink()
        was_running(root, days=8)
        with daemon(root) as running:
            running.until(lambda: running.get("/readyz")[0] == 503)
            running.until(lambda: sink.to("ops@example.org"))
            assert running.metric("alertd_warehouse_up") == 0
            assert running.metric('alertd_rule_last_success_timestamp_seconds{rule="high"}') is None
            assert "high" in json.loads(running.get("/readyz")[1])["checks"]["rules"]["says"]
            assert running.end() == 0


def test_the_daemon_does_not_start_where_it_could_be_reached_from_outside(tmp_path):
    root = home(tmp_path, 9)
    said = alertd("run", home=root, code=2, env={"ALERTD_WEB__BIND": "0.0.0.0:9464"}).stderr
    assert "0.0.0.0:9464" in said
    assert "loopback" in said


def test_a_daemon_takes_no_date(tmp_path):
    assert "--once" in alertd("run", "--as-of", TODAY, home=home(tmp_path, 9), code=2).stderr


@pytest.mark.parametrize(
    ("trouble", "code", "said"),
    [
        ("nothing", 0, "1 exception"),
        ("no mail server", 5, "stay in the outbox"),
        ("no warehouse", 3, "could not be judged"),
        ("no column", 1, "could not be judged"),
        ("no database", 4, "state"),
    ],
)
def test_run_once_says_by_its_exit_code_what_was_wrong(tmp_path, trouble, code, said):
    with Sink() as sink, dead_port() as dead:
        root = home(tmp_path, dead if trouble == "no mail server" else sink.port)
        if trouble == "no warehouse":
            (root / "warehouse.duckdb").unlink()
        if trouble == "no column":
            fill(root, "t", "period date, w double", [(month, 1.0) for month in MONTHS])
        if trouble == "no database":
            (root / "state.db").write_bytes(b"this is no database" * 100)
        done = alertd("run", "--once", "--as-of", TODAY, home=root, code=code)
        assert said in done.stdout + done.stderr
        assert ("lead@example.org" in sink.recipients) == (trouble == "nothing")
    if trouble == "no mail server":
        assert "lead@example.org" in alertd("outbox", "list", "--format", "json", home=root).stdout


def test_a_letter_that_nobody_may_get_is_said_apart_and_at_every_round_until_it_is_resolved(tmp_path):
    with Sink() as sink:
        root = home(tmp_path, sink.port)
        settings = root / "config/alertd.yaml"
        settings.write_text(settings.read_text().replace("*@example.org", "*@elsewhere.net"))
        for _ in range(2):
            said = alertd("run", "--once", "--as-of", TODAY, home=root, code=5).stderr
            assert "1 letter refused, nobody got a copy, and nothing more is tried" in said
            assert "tried again" not in said
        letter = json.loads(alertd("outbox", "list", "--state", "refused", "--format", "json", home=root).stdout)
        alertd("outbox", "resolve", letter["id"], "--reason", "told by telephone", home=root)
        assert "refused" not in alertd("run", "--once", "--as-of", TODAY, home=root).stderr
        assert sink.mails == []


def test_status_of_a_home_that_never_ran_says_what_is_missing_and_fails_only_when_asked_to(tmp_path):
    root = home(tmp_path, 9)
    shown = alertd("status", home=root).stdout
    assert "not ready" in shown
    assert "no process judges and delivers; no round has been run by the clock yet" in shown
    assert "not judged yet: " in shown
    assert "Last rounds: none" in shown
    status = json.loads(alertd("status", "--format", "json", "--exit-code", home=root, code=1).stdout)
    assert [check["check"] for check in status["checks"] if not check["ok"]] == ["leader", "rules", "feeds"]
    assert status["schedules"][0]["next_run"].endswith(f"T{SCHEDULE[-5:]}")
