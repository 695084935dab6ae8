"""`alertd outbox` and `alertd db`: what people see of the letters, and what they may do about them."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from alertd.cli import main
from alertd.core.letters import Attempt, LetterState, Outcome
from alertd.store import Store, delivery_lock, open_store
from alertd.store.schema import HEAD
from tests.edges.store.make import NOW, keep, letter

Command = Callable[..., str]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    for folder in ("rules", "channels", "templates", "config"):
        (tmp_path / folder).mkdir()
    (tmp_path / "config" / "alertd.yaml").write_text(
        'instance: test\nwarehouse: {url: "duckdb:///warehouse.duckdb"}\nops: {email: ops@example.org}\n'
    )
    return tmp_path


@pytest.fixture
def kept(home: Path) -> Store:
    return open_store("sqlite:///state.db", root=home)


@pytest.fixture
def alertd(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command as a user runs it, in this process: what it prints, or, where it fails, what it says of that."""
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: str, code: int = 0) -> str:
        monkeypatch.setattr("sys.argv", ["alertd", *arguments, "--home", str(home)])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        assert ended.value.code == code, printed.err
        return printed.out if code == 0 else printed.err

    return run


def test_the_list_is_one_json_object_a_line(alertd: Command, kept: Store) -> None:
    made = letter(id="abc", keys=("r/d=Burnley/2022-12/opened", "r/d=Fylde/2022-12/opened"))
    keep(kept, [made, letter(state=LetterState.HELD)])
    with delivery_lock(kept) as epoch:
        (claimed,) = kept.claim(NOW, limit=1, epoch=epoch)
        kept.mark(claimed, Attempt(outcome=Outcome.RETRY, detail="RCPT: 451 later"), NOW)
    rows = [json.loads(line) for line in alertd("outbox", "list", "--format", "json").splitlines()]
    assert len(rows) == 2
    (row,) = (row for row in rows if row["id"] == "abc")
    assert row.pop("next_attempt_at").startswith("2023-01-05T07:00:")
    assert row == {
        "id": "abc",
        "state": "retry",
        "channel": "email",
        "recipient": "lead@example.org",
        "subject": made.subject,
        "keys": list(made.keys),
        "attempts": 1,
        "made_at": "2023-01-05T07:00:00+00:00",
        "last_error": "RCPT: 451 later",
    }
    held = alertd("outbox", "list", "--state", "held", "--format", "json").splitlines()
    assert [json.loads(line)["next_attempt_at"] for line in held] == [None]


def test_csv_runs_nothing_in_a_spreadsheet(alertd: Command, kept: Store) -> None:
    keep(kept, [letter(subject='=HYPERLINK("http://evil")'), letter(subject="@SUM(A1)"), letter(subject="plain, text")])
    rows = list(csv.DictReader(io.StringIO(alertd("outbox", "list", "--format", "csv"))))
    assert {row["subject"] for row in rows} == {'\'=HYPERLINK("http://evil")', "'@SUM(A1)", "plain, text"}
    assert {row["attempts"] for row in rows} == {"0"}


def test_the_table_is_for_people(alertd: Command, kept: Store) -> None:
    assert alertd("outbox", "list") == "No letters yet.\n"
    keep(kept, [letter()])
    shown = alertd("outbox", "list")
    assert "lead@example.org" in shown
    assert "2023-01-05 07:00" in shown
    assert "\x1b" not in shown
    assert alertd("outbox", "list", "--state", "refused") == "No letters are refused.\n"


def test_show_has_the_headers_the_text_and_every_attempt(alertd: Command, kept: Store) -> None:
    keep(kept, [letter(id="abcdef")])
    with delivery_lock(kept) as epoch:
        (claimed,) = kept.claim(NOW, limit=1, epoch=epoch)
        kept.mark(claimed, Attempt(outcome=Outcome.RETRY, detail="RCPT: 451 later"), NOW)
    shown = alertd("outbox", "show", "abc")
    assert "Letter abcdef: retry, by email" in shown
    assert "Message-ID: <letter-" in shown
    assert "X-Alertd-Key: response-low/district=Burnley" in shown
    assert "In December, Burnley reached 93 of 126 – naïvely." in shown
    assert "<p>" not in shown
    assert "Attempt 1, 2023-01-05 07:00:00 UTC: retry. RCPT: 451 later" in shown
    assert "Next attempt from 2023-01-05 07:00:" in shown


def test_a_letter_that_is_not_there_is_a_wrong_use(alertd: Command, kept: Store) -> None:
    keep(kept, [letter(id="aa1"), letter(id="aa2")])
    for command in (["show", "zz"], ["retry", "zz"], ["resolve", "zz", "--reason", "x"]):
        assert "no letter begins with `zz`" in alertd("outbox", *command, code=2)
    assert "2 letters begin with `aa`" in alertd("outbox", "show", "aa", code=2)


def test_resolving_needs_a_reason_and_ends_the_letter(alertd: Command, kept: Store) -> None:
    keep(kept, [letter(id="abc")])
    assert "--reason" in alertd("outbox", "resolve", "abc", code=2)
    assert "--reason is empty" in alertd("outbox", "resolve", "abc", "--reason", " ", code=2)
    assert "is resolved" in alertd("outbox", "resolve", "abc", "--reason", "told by telephone")
    assert kept.listed()[0].state is LetterState.RESOLVED
    assert json.loads(kept.audit_entries()[0].people)["reason"] == "told by telephone"
    assert "is resolved already" in alertd("outbox", "resolve", "abc", "--reason", "x", code=2)


def test_held_letters_are_released_and_late_ones_made_due_beside_a_daemon(alertd: Command, kept: Store) -> None:
    keep(kept, [letter(id="abc", state=LetterState.HELD), letter(id="def")])
    with delivery_lock(kept) as epoch:  # as a daemon holds it
        assert "1 letter is released" in alertd("outbox", "release")
        assert "No letters are held" in alertd("outbox", "release")
        for claimed in kept.claim(NOW, limit=5, epoch=epoch):
            kept.mark(claimed, Attempt(outcome=Outcome.RETRY, detail="451"), NOW)
        assert "is due" in alertd("outbox", "retry", "def")
        assert [one.id for one in kept.claim(NOW, limit=5, epoch=epoch)] == ["def"]


def test_db_upgrade_says_where_the_schema_stands(alertd: Command) -> None:
    assert alertd("db", "upgrade") == f"The state database is at schema {HEAD}.\n"
    assert alertd("db", "upgrade") == f"The state database is at schema {HEAD}.\n"


def test_a_state_database_that_cannot_be_used_is_exit_code_4(alertd: Command, home: Path) -> None:
    (home / "state.db").write_bytes(b"this is no database" * 100)
    for command in (["outbox", "list"], ["outbox", "release"], ["db", "upgrade"]):
        assert "no SQLite database" in alertd(*command, code=4)
