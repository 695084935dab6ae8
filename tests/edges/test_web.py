"""The pages of a running instance, over real HTTP on the loopback interface."""

import asyncio
import json
import os
import signal
import urllib.error
import urllib.request
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from alertd.core.errors import UsageError
from alertd.core.health import Facts, Health, assess
from alertd.metrics import Metrics
from alertd.web.pages import pages
from alertd.web.server import listening_socket, serving

NOW = datetime(2026, 6, 1, 7, tzinfo=UTC)
GOOD = Facts(config="", state="", warehouse="", leader=True)


@dataclass
class Instance:
    facts: Facts = GOOD
    alive: bool = True

    def exposition(self) -> bytes:
        return Metrics().exposition()

    def lives(self) -> bool:
        return self.alive

    async def health(self) -> Health:
        return assess(self.facts, NOW)


def get(instance: Instance, path: str, method: str = "GET") -> tuple[int, str, str]:
    """Status, content type and body of one request to the pages of an instance."""

    def fetch(port: int) -> tuple[int, str, str]:
        request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", method=method)
        try:
            answer = urllib.request.urlopen(request, timeout=60)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            return answer.status, answer.headers["Content-Type"], answer.read().decode()

    async def ask() -> tuple[int, str, str]:
        listener = listening_socket("127.0.0.1:0")
        async with serving(pages(instance), listener):
            return await asyncio.to_thread(fetch, listener.getsockname()[1])

    return asyncio.run(ask())


def test_metrics_are_served_at_the_path_itself_in_prometheus_own_type():
    status, kind, body = get(Instance(), "/metrics")
    assert (status, kind) == (200, "text/plain; version=0.0.4; charset=utf-8")
    assert "alertd_build_info" in body


@pytest.mark.parametrize(("alive", "expected"), [(True, 200), (False, 503)])
def test_livez_says_whether_the_work_goes_on(alive, expected):
    assert get(Instance(alive=alive), "/livez")[0] == expected


def test_readyz_is_ready_when_everything_essential_is():
    status, kind, body = get(Instance(), "/readyz")
    assert (status, kind) == (200, "application/json")
    assert json.loads(body)["ready"] is True


@pytest.mark.parametrize(
    ("trouble", "check", "said"),
    [
        ({"config": "the home has errors"}, "config", "the home has errors"),
        ({"state": "the disk is full"}, "state", "the disk is full"),
        ({"warehouse": "does not answer"}, "warehouse", "does not answer"),
        ({"leader": False}, "leader", "no process judges and delivers"),
        (
            {"leader": False, "without_leader": "the last sign of life was at 2026-05-31 07:00"},
            "leader",
            "no process judges and delivers; the last sign of life was at 2026-05-31 07:00",
        ),
    ],
)
def test_readyz_names_what_keeps_the_instance_from_being_ready(trouble, check, said):
    status, _, body = get(Instance(replace(GOOD, **trouble)), "/readyz")
    told = json.loads(body)
    assert (status, told["ready"]) == (503, False)
    assert told["checks"][check] == {"ok": False, "says": said}
    assert all(other["ok"] for name, other in told["checks"].items() if name != check)


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        ({"oldest_letter": NOW - timedelta(hours=2)}, "the oldest unfinished letter waits since 2026-06-01 05:00"),
        ({"held": 3}, "3 held until `alertd outbox release`"),
        ({"refused": 1}, "1 refused; see `alertd outbox list`"),
        ({"missed": ("2026-05-29T07:00",)}, "nothing ran at: 2026-05-29T07:00"),
        ({"waiting": ("2026-06-01T07:00",)}, "due and not run: 2026-06-01T07:00"),
        ({"unjudged": tuple(f"rule-{n}" for n in range(7))}, "rule-4 and 2 more"),
        ({"stale": ("response",)}, "stale: response"),
        ({"not_yet": ("high",)}, "not judged yet: high"),
        ({"unjudged": ("low",), "not_yet": ("high",)}, "could not be judged: low; not judged yet: high"),
        ({"unread": ("response",)}, "not known yet: response"),
    ],
)
def test_lesser_troubles_are_told_while_the_instance_stays_ready(trouble, said):
    status, _, body = get(Instance(replace(GOOD, **trouble)), "/readyz")
    told = json.loads(body)
    assert (status, told["ready"], told["well"]) == (200, True, False)
    assert [said in check["says"] for check in told["checks"].values() if not check["ok"]] == [True]


def test_a_rule_that_no_round_has_judged_keeps_readyz_red_once_a_slot_has_gone_by():
    facts = replace(GOOD, not_yet=("high",), waiting=("2026-06-01T07:00",))
    status, _, body = get(Instance(facts), "/readyz")
    assert (status, json.loads(body)["ready"]) == (503, False)


def test_rounds_from_outside_stand_in_for_a_process_that_stays():
    facts = replace(GOOD, leader=False, outside="run from outside (`run --once`): the last round")
    status, _, body = get(Instance(facts), "/readyz")
    assert (status, json.loads(body)["well"]) == (200, True)
    assert json.loads(body)["checks"]["leader"]["says"].startswith("run from outside")


def test_nothing_is_claimed_of_a_state_database_that_cannot_be_read():
    status, _, body = get(Instance(replace(GOOD, state="cannot be read", readable=False)), "/readyz")
    checks = json.loads(body)["checks"]
    assert status == 503
    for name in ("slots", "missed", "rules", "feeds", "outbox"):
        assert checks[name] == {"ok": False, "says": "not known, because the state database cannot be read"}


def test_nothing_can_be_changed_over_http():
    assert get(Instance(), "/readyz", method="POST")[0] == 405


@pytest.mark.parametrize("bind", ["0.0.0.0:9464", "192.0.2.1:9464", "[::]:9464", "example.org:9464"])
def test_a_bind_that_others_can_reach_is_refused(bind):
    with pytest.raises(UsageError, match=r"reachable from outside.*write 127\.0\.0\.1:9464"):
        listening_socket(bind)


@pytest.mark.parametrize("bind", ["9464", "127.0.0.1", ":9464", "127.0.0.1:http", "127.0.0.1:99999"])
def test_a_bind_that_cannot_be_read_is_refused_with_an_example(bind):
    with pytest.raises(UsageError, match=r"write for example 127\.0\.0\.1:9464"):
        listening_socket(bind)


def test_a_port_in_use_is_named():
    with listening_socket("127.0.0.1:0") as taken, pytest.raises(UsageError, match="cannot be used"):
        listening_socket(f"127.0.0.1:{taken.getsockname()[1]}")


def test_signals_stay_with_the_daemon():
    async def run() -> bool:
        seen = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, seen.set)
        async with serving(pages(Instance()), listening_socket("127.0.0.1:0")):
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.wait_for(seen.wait(), 60)
        return True

    assert asyncio.run(run())
