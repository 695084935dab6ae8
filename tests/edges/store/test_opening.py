"""What cannot hold the state is refused with exit code 4, and with words that say what to do."""

import os
import resource
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import text

from alertd.core.errors import StateError, UsageError
from alertd.store import Store, delivery_lock, open_store
from alertd.store.engine import reading, writing
from alertd.store.records import SlotRun
from alertd.store.schema import HEAD
from tests.edges.store.make import NOW, keep, letter


def test_an_empty_place_becomes_a_state_database_and_opens_again(state_url: str, tmp_path: Path) -> None:
    first = open_store(state_url, root=tmp_path)
    keep(first, [letter()])
    first.close()
    second = open_store(state_url, root=tmp_path, upgrade=False)
    assert second.schema_version() == HEAD
    assert len(second.letters()) == 1
    second.ping()
    second.close()


def test_a_relative_path_is_taken_from_the_home(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    open_store("sqlite:///data/state.db", root=tmp_path).close()
    assert (tmp_path / "data" / "state.db").is_file()
    open_store(f"sqlite:///{tmp_path}/absolute.db", root=Path("/nowhere")).close()
    assert (tmp_path / "absolute.db").is_file()


def test_sqlite_is_set_up_to_lose_nothing_in_a_power_cut(tmp_path: Path) -> None:
    store = open_store("sqlite:///state.db", root=tmp_path)
    with reading(store.engine) as connection:
        settings = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert settings == ["wal", 2, 1]
    store.close()


def test_a_postgresql_that_may_lose_commits_is_refused(postgres_url: str, tmp_path: Path) -> None:
    store = open_store(postgres_url, root=tmp_path)
    with writing(store.engine) as connection:
        name = connection.execute(text("SELECT current_database()")).scalar_one()
        connection.execute(text(f"ALTER DATABASE {name} SET synchronous_commit = off"))
    store.close()
    with pytest.raises(StateError, match="synchronous_commit = off"):
        open_store(postgres_url, root=tmp_path)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "state.db").write_bytes(b"this is no database" * 100)
    with pytest.raises(StateError, match="no SQLite database; move it away") as refused:
        open_store("sqlite:///state.db", root=tmp_path)
    assert refused.value.exit_code == 4


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("sqlite://", "must outlive the process"),
        ("sqlite:///:memory:", "must outlive the process"),
        ("sqlite:///file:state?mode=memory&uri=true", "must outlive the process"),
        ("mysql://localhost/state", "cannot hold the state; write a URL of SQLite or PostgreSQL"),
        ("nonsense", "is no database URL; write for example sqlite:///state.db"),
        ("nonsense://x/y", "cannot hold the state"),
        ("sqlite:///no/such/folder/state.db", "the folder must exist"),
        ("postgresql://nobody:hush@127.0.0.1:1/none", "the server does not answer"),
    ],
)
def test_a_url_that_cannot_work_is_refused(url: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(StateError, match=says) as refused:
        open_store(url, root=tmp_path)
    assert "hush" not in str(refused.value)


@pytest.mark.parametrize("url", ["postgres://u@h/d", "postgresql://u@h/d", "postgresql+psycopg://u@h/d"])
def test_every_spelling_of_postgresql_means_psycopg(url: str, tmp_path: Path) -> None:
    from alertd.store.engine import state_url

    assert state_url(url, tmp_path).drivername == "postgresql+psycopg"


def test_a_schema_of_a_newer_alertd_is_refused(state_url: str, tmp_path: Path) -> None:
    store = open_store(state_url, root=tmp_path)
    with writing(store.engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    store.close()
    for upgrade in (True, False):
        with pytest.raises(StateError, match="a newer alertd has used it"):
            open_store(state_url, root=tmp_path, upgrade=upgrade)


def test_without_upgrading_an_empty_database_is_refused_with_the_command_that_helps(
    state_url: str, tmp_path: Path
) -> None:
    with pytest.raises(StateError, match="alertd db upgrade"):
        open_store(state_url, root=tmp_path, upgrade=False)


def test_a_database_of_something_else_is_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "state.db") as other:
        other.execute("CREATE TABLE customers (name)")
    with pytest.raises(StateError, match=r"not alertd's \(customers\)"):
        open_store("sqlite:///state.db", root=tmp_path)


def test_two_processes_may_open_a_new_database_at_once(state_url: str, tmp_path: Path) -> None:
    arguments = f"{state_url!r}, root=Path({str(tmp_path)!r})"
    program = f"from alertd.store import open_store; from pathlib import Path; open_store({arguments})"
    both = [subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE) for _ in range(2)]
    assert [process.communicate()[1] for process in both] == [b"", b""]
    open_store(state_url, root=tmp_path, upgrade=False).close()


def test_opening_again_takes_no_time_to_speak_of(tmp_path: Path) -> None:
    """`alertd` starts in about 0.3 s; Alembic alone would take longer than that, so it stays unloaded."""
    open_store("sqlite:///state.db", root=tmp_path).close()
    program = (
        "import sys; from pathlib import Path; from alertd.store import open_store; "
        f"open_store('sqlite:///state.db', root=Path({str(tmp_path)!r})); print('alembic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_opening_leaves_the_users_logging_alone(tmp_path: Path) -> None:
    program = (
        "import logging; from pathlib import Path; from alertd.store import open_store; "
        "mine = logging.StreamHandler(); logging.basicConfig(level='ERROR', handlers=[mine]); "
        f"open_store('sqlite:///state.db', root=Path({str(tmp_path)!r})); "
        "root = logging.getLogger(); print(root.handlers == [mine], root.level == logging.ERROR)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert (done.stdout.strip(), done.stderr) == ("True True", "")


def test_a_database_that_stays_locked_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alertd.store.engine._BUSY_SECONDS", 0.05)
    store = open_store("sqlite:///state.db", root=tmp_path)
    other = sqlite3.connect(tmp_path / "state.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StateError, match="another process kept it locked"):
        keep(store, [letter()])
    assert store.letters() == []  # reading goes on
    other.execute("ROLLBACK")
    keep(store, [letter()])
    other.close()
    store.close()


_CLAIM = """
import os
import sys
from pathlib import Path
from alertd.core.errors import AlertdError
from alertd.store import delivery_lock, open_store
from tests.edges.store.make import NOW
try:
    if sys.argv[2:]:  # everything is loaded while that is still allowed
        open_store("sqlite:///state.db", root=Path(sys.argv[1]), upgrade=False).close()
        os.setuid(int(sys.argv[2]))
    store = open_store("sqlite:///state.db", root=Path(sys.argv[1]), upgrade=False)
    with delivery_lock(store) as epoch:
        print(len(store.claim(NOW, limit=10, epoch=epoch)))
except AlertdError as error:
    print(error)
    sys.exit(error.exit_code)
"""


def _claim_in_a_process(folder: Path, *more: str, preexec_fn=None) -> subprocess.CompletedProcess[str]:
    root, command = Path(__file__).resolve().parents[3], [sys.executable, "-c", _CLAIM, str(folder), *more]
    return subprocess.run(command, capture_output=True, text=True, cwd=root, check=False, preexec_fn=preexec_fn)


def test_on_a_full_disk_nothing_is_claimed_so_nothing_is_sent(tmp_path: Path) -> None:
    store = open_store("sqlite:///state.db", root=tmp_path)
    keep(store, [letter() for _ in range(10)])
    store.close()

    def full() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    done = _claim_in_a_process(tmp_path, preexec_fn=full)
    assert done.returncode == 4, done.stderr
    assert "nothing more is sent until" in done.stdout
    assert _claim_in_a_process(tmp_path).stdout == "10\n"


def test_a_database_that_may_not_be_written_is_refused() -> None:
    if os.geteuid() != 0:
        pytest.skip("needs to become another user")
    with TemporaryDirectory() as name:  # pytest's own folders are closed to other users
        folder = Path(name)
        store = open_store("sqlite:///state.db", root=folder)
        keep(store, [letter()])
        store.close()
        folder.chmod(0o755)
        done = _claim_in_a_process(folder, "65534")
    assert done.returncode == 4, done.stderr
    assert "it cannot be written; give the user that runs alertd write permission" in done.stdout


def test_a_database_that_was_taken_away_is_an_error_and_not_an_empty_outbox(tmp_path: Path) -> None:
    store = open_store("sqlite:///state.db", root=tmp_path)
    keep(store, [letter()])
    store.close()
    for file in tmp_path.glob("state.db*"):
        file.unlink()
    with pytest.raises(StateError, match="not a database of alertd"):
        store.letters()


def test_a_missing_driver_is_named_with_the_extra_that_brings_it(tmp_path: Path) -> None:
    program = (
        "import sys; sys.modules['psycopg'] = None; from pathlib import Path; from alertd.store import open_store\n"
        "from alertd.core.errors import StateError\n"
        "try: open_store('postgresql://u@h/d', root=Path('.'))\n"
        "except StateError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "install alertd[postgresql]" in done.stdout


def test_a_claim_by_a_process_that_ended_is_void_for_the_next(tmp_path: Path) -> None:
    store = open_store("sqlite:///state.db", root=tmp_path)
    keep(store, [letter()])
    assert _claim_in_a_process(tmp_path).stdout == "1\n"
    began = time.monotonic()
    with delivery_lock(store) as epoch:
        assert len(store.claim(NOW, limit=1, epoch=epoch)) == 1
    assert time.monotonic() - began < 10
    store.close()


def test_people_are_not_asked_for_words_that_an_error_should_not_have(store: Store) -> None:
    """A refused value never stands in an error: parameters are hidden."""
    made = letter(subject="a private subject")
    keep(store, [made])
    with pytest.raises(StateError) as refused:
        keep(store, [made])
    assert "private" not in str(refused.value)
    assert not isinstance(refused.value, UsageError)


@pytest.mark.parametrize("replaced", [False, True])
def test_a_database_that_was_removed_or_replaced_in_use_is_not_written_to(tmp_path: Path, *, replaced: bool) -> None:
    """SQLite would go on in a file that nobody else sees, and every notice would go out twice."""
    store = open_store("sqlite:///state.db", root=tmp_path)
    store.record_slots([SlotRun("a", "2022-01-01T07:00", "ran", NOW)])
    for file in tmp_path.glob("state.db*"):
        file.unlink()
    if replaced:
        open_store("sqlite:///state.db", root=tmp_path).close()
    with pytest.raises(StateError, match="was replaced" if replaced else "is gone"):
        store.record_slots([SlotRun("a", "2022-01-02T07:00", "ran", NOW)])
    store.close()


@pytest.mark.parametrize(
    "url", ["postgresql://u:S3cr3tPW@127.0.0.1:notaport/db", "postgresql://127.0.0.1:1/db?user=u&password=S3cr3tPW"]
)
def test_no_message_repeats_a_password(tmp_path: Path, url: str) -> None:
    with pytest.raises(StateError) as raised:
        open_store(url, root=tmp_path)
    assert "S3cr3tPW" not in str(raised.value)
