"""One process delivers at a time, a dead one never for long."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from alertd.core.errors import LockedError, StateError
from alertd.core.letters import Attempt, LetterState, Outcome
from alertd.store import Store, delivery_lock, open_store
from tests.edges.store.make import NOW, keep, letter

_HOLD = """
import sys
from pathlib import Path
from alertd.store import delivery_lock, open_store
from tests.edges.store.make import NOW
store = open_store(sys.argv[1], root=Path(sys.argv[2]))
with delivery_lock(store) as epoch:
    store.claim(NOW, limit=1, epoch=epoch)
    print(epoch, flush=True)
    sys.stdin.readline()
    print("holds" if store.holds(epoch) else "lost", flush=True)
    sys.stdin.readline()
"""


@contextmanager
def _holder(url: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLD, url, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).resolve().parents[3],
    )
    assert process.stdout is not None
    process.epoch = int(process.stdout.readline())  # type: ignore[attr-defined]
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_live_holder_keeps_others_out(state_url: str, tmp_path: Path) -> None:
    store = open_store(state_url, root=tmp_path)
    with _holder(state_url, tmp_path) as process:
        with (
            pytest.raises(LockedError, match=f"process {process.pid} on .* is delivering") as refused,
            delivery_lock(store),
        ):
            pass
        assert refused.value.exit_code == 4
        keep(store, [letter()])  # what people and rounds do goes on beside it
        store.retry(store.listed()[0].id, who="me", now=NOW)
    store.close()


def test_within_a_process_too(store: Store) -> None:
    with delivery_lock(store), pytest.raises(LockedError), delivery_lock(store, wait=False):
        pass
    with delivery_lock(store) as epoch:
        assert epoch == 2


def test_a_killed_holder_is_followed_within_ten_seconds_and_its_claim_is_void(state_url: str, tmp_path: Path) -> None:
    store = open_store(state_url, root=tmp_path)
    made = letter()
    keep(store, [made])
    with _holder(state_url, tmp_path) as process:
        process.kill()
        process.wait()
        began = time.monotonic()
        with delivery_lock(store) as epoch:
            assert time.monotonic() - began < 10
            assert epoch == process.epoch + 1  # type: ignore[attr-defined]
            assert store.listed()[0].state is LetterState.UNKNOWN
            assert [one.id for one in store.claim(NOW, limit=1, epoch=epoch)] == [made.id]
    store.close()


def test_a_stopped_leader_loses_its_lease_and_finds_out(postgres_url: str, tmp_path: Path) -> None:
    """On PostgreSQL a stopped or cut-off holder cannot keep the others out, as it could with an advisory lock."""
    store = open_store(postgres_url, root=tmp_path)
    keep(store, [letter()])
    with _holder(postgres_url, tmp_path) as process:
        os.kill(process.pid, signal.SIGSTOP)
        began = time.monotonic()
        with delivery_lock(store) as epoch:
            assert time.monotonic() - began < 10
            (claimed,) = store.claim(NOW, limit=1, epoch=epoch)
            os.kill(process.pid, signal.SIGCONT)
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write("\n")
            process.stdin.flush()
            assert process.stdout.readline() == "lost\n"
            assert store.mark(claimed, Attempt(outcome=Outcome.DELIVERED, detail=""), NOW).state is LetterState.SENT
    store.close()


def test_a_lease_is_kept_for_as_long_as_its_holder_lives(postgres_url: str, tmp_path: Path, monkeypatch) -> None:
    from datetime import timedelta

    monkeypatch.setattr("alertd.store.lock.LEASE", timedelta(seconds=2))
    monkeypatch.setattr("alertd.store.lock.RENEWAL", timedelta(seconds=0.1))
    store = open_store(postgres_url, root=tmp_path)
    with delivery_lock(store) as epoch:
        began = time.monotonic()
        with pytest.raises(LockedError), delivery_lock(store):
            pass
        while time.monotonic() - began < 2.5:  # more than a lease
            with pytest.raises(LockedError), delivery_lock(store, wait=False):
                pass
        assert store.holds(epoch)
    with delivery_lock(store, wait=False) as next_epoch:  # given back, so nobody waits for it to run out
        assert next_epoch == epoch + 1
    store.close()


def test_a_lock_file_that_cannot_be_made_is_a_state_error(tmp_path: Path) -> None:
    store = open_store("sqlite:///state.db", root=tmp_path)
    (tmp_path / "state.db.delivering").mkdir()
    with pytest.raises(StateError, match="delivery lock cannot be opened"), delivery_lock(store):
        pass
    store.close()
