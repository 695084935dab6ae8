"""`alertd record` as people use it: one entry, files of them, what is refused, and what stays of it."""

import csv
import io
import json
import os
import shutil
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alertd.app import read_home
from alertd.cli import main
from alertd.cli.recording import Reader
from alertd.cli.recording_csv import read_csv
from alertd.config.home import Home
from alertd.core.errors import UsageError
from alertd.core.recording import Entry
from alertd.store import Store, open_store
from tests.edges.test_recording import LONDON
from tests.journeys.support import write_home

Command = Callable[..., str]

RULES = """\
measures:
  check: {name: A, recorded: reality_check, grain: month, period: checked_on, by: [district], grade: result,
          scale: [failed, passed], owner: lead}
  quality: {name: B, recorded: assessment, grain: quarter, period: assessed_on, by: [district, theme], aggregate: rows,
            grade: grade, scale: [Inadequate, Good], owner: lead}
  self: {name: C, recorded: self_assessment, grain: quarter, period: due_on, grade: grade, scale: [Inadequate, Good], owner: lead}
  actions: {name: D, recorded: action, grain: month, period: month, by: [plan], aggregate: rows, count: overdue,
            improvement: decrease, owner: lead}
  heard: {name: E, recorded: focus_group, grain: quarter, period: held_on, grade: grade, scale: [Inadequate, Good], owner: lead}
  figures: {name: F, table: t, grain: month, period: p, value: v, improvement: decrease, owner: lead}
rules:
  failed: {measure: check, rating: {failed: true}}
"""
PLACES = """\
places:
  Preston: {level: district}
  Burnley: {level: district}
  Pendle: {level: district, to: 2020-03-31}
"""
HEADER = "measure,district,theme,plan,date,due,set,returned,done,grade,by,finding,reference\n"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_home(tmp_path_factory.mktemp("home"), RULES, extra={"config/places.yaml": PLACES})


@pytest.fixture
def home(files: Path, state_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ALERTD_STATE__URL", state_url)
    monkeypatch.setenv("COLUMNS", "200")
    return files


@pytest.fixture(scope="module")
def empty_state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A state database that nothing was ever written to; a copy is quicker than making another."""
    folder = tmp_path_factory.mktemp("state")
    open_store("sqlite:///state.db", root=folder).close()
    return folder / "state.db"


@pytest.fixture
def state_url(request: pytest.FixtureRequest, tmp_path: Path, empty_state: Path) -> str:
    if getattr(request, "param", "sqlite") == "sqlite":
        return f"sqlite:///{shutil.copy(empty_state, tmp_path)}"
    url: str = request.getfixturevalue("postgres_url")
    return url


BOTH = pytest.mark.parametrize("state_url", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def record(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """`alertd record` in this process: what it prints, and, where it fails or warns, what it says of that."""

    def run(*arguments: str, code: int = 0) -> str:
        monkeypatch.setattr("sys.argv", ["alertd", "record", *arguments, "--home", str(home)])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        assert ended.value.code == code, printed.err
        return printed.out + printed.err

    return run


@pytest.fixture
def store(home: Path) -> Store:
    return open_store(os.environ["ALERTD_STATE__URL"], root=home)


CHECK = (
    "reality-check",
    "check",
    "--where",
    "district=Preston",
    "--date",
    "2022-04-03",
    "--by",
    "Insp A",
    "--finding",
    "Words",
)


def write(folder: Path, text: str | bytes, header: str = HEADER) -> str:
    path = folder / "entries.csv"
    path.write_bytes(text if isinstance(text, bytes) else (header + text).encode())
    return str(path)


@BOTH
def test_an_entry_is_recorded_corrected_and_withdrawn_with_who_and_when_in_the_audit(
    record: Command, store: Store
) -> None:
    assert "recorded 1: reality check of `check`, Preston, 3 April 2022: failed" in record(*CHECK, "--result", "Failed")
    assert "recorded already, so nothing was added" in record(*CHECK, "--result", "failed")
    assert "recorded 2, which corrects 1" in record(*CHECK, "--grade", "passed")
    assert "corrected by 2" in record("withdraw", "1", "--reason", "no", code=2)
    assert "withdrawn 2" in record("withdraw", "2", "--reason", "wrong district")
    assert "withdrawn already: wrong district" in record("withdraw", "2", "--reason", "no", code=2)
    assert "no entry 9" in record("withdraw", "9", "--reason", "no", code=2)
    assert "No entries are recorded." in record("list")
    rows = [json.loads(line) for line in record("list", "--all", "--format", "json").splitlines()]
    assert [(row["number"], row["grade"], row["standing"]) for row in rows] == [
        (2, "passed", "withdrawn: wrong district"),
        (1, "failed", "corrected by 2"),
    ]
    assert rows[0]["series"] == {"district": "Preston"}
    first, second, third = store.audit_entries()
    assert [link.event for link in (first, second, third)] == ["recorded", "recorded", "withdrawn"]
    assert json.loads(first.people) == {"who": rows[0]["recorded_by"], "by": "Insp A"}
    assert json.loads(first.details)["series"] == {"district": "Preston"}
    assert json.loads(second.details)["corrects"] == 1
    assert json.loads(third.people)["reason"] == "wrong district"
    assert first.at.isoformat() == rows[1]["recorded_at"]
    assert store.verify_audit() is None


def test_what_is_wrong_with_an_entry_is_said_at_once_with_what_to_write_instead(
    record: Command, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALERTD_AS_OF", "2022-07-05")
    wrong = ("--where", "district=Prestn", "--date", "2999-01-01", "--result", "faled", "--where", "team=A")
    said = record("reality-check", "check", *wrong, code=2)
    for words in (
        "no district `Prestn`; did you mean `Preston`?",
        "2999-01-01, which is yet to come; write a day up to 2022-07-05, and record it when it has been",
        "`faled` is no grade of measure `check`; did you mean `failed`?",
        "`by` is missing",
        "not by `team`",
    ):
        assert words in said
    said = record("reality-check", "check", "--where", "district=Prestn", "--date", "3/1/2022", code=2)
    assert "write for example 2022-01-03" in said
    assert "did you mean `Preston`?" in said, "though the day cannot be read"
    assert store.recorded() == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("assessment", "chek"), "there is no measure `chek`; did you mean `check`?"),
        (("assessment", "figures"), "reads the warehouse (`table: t`), and no entries"),
        (
            ("assessment", "check"),
            "measure `check` reads entries of kind reality check, and this is of kind assessment",
        ),
        (("reality-check",), "name the measure"),
        ((), "name a kind of entry"),
        (("--csv", "nowhere.csv"), "nowhere.csv: No such file"),
        ((*CHECK, "--result", "failed", "--where", "district=Burnley"), "given twice"),
        ((*CHECK, "--result", "failed", "--date", "3 April"), "`3 April` is no date; write for example 2022-10-03"),
        ((*CHECK, "--result", "failed", "--date", "2022-02-30"), "there is no day 2022-02-30"),
        ((*CHECK, "--result", "failed", "--where", "district"), "write for example --where district=Burnley"),
        (
            ("reality-check", "check", "--where", "district=Pendle", *CHECK[4:], "--result", "failed"),
            "is there to 31 March 2020",
        ),
        (("self-assessment", "self", "--due", "2022-03-31", "--grade", "Good"), "`returned` is missing"),
        (("self-assessment", "self", "--due", "2022-03-31", "--returned", "2022-04-01"), "`grade` is missing"),
        (
            ("action", "actions", "--where", "plan=PC 1234", "--due", "2022-03-31", "--action", "A"),
            "judges nobody by person",
        ),
        (("focus-group", "heard", "--date", "2022-03-31", "--grade", "Good", "--by", "A"), "`finding` is missing"),
        (("action", "actions", "--where", "plan=A", "--due", "2022-03-31"), "`finding` is missing"),
        (("assessment", "--csv", "a.csv", "--grade", "Good"), "--grade does not go with --csv"),
    ],
)
def test_it_is_refused(record: Command, arguments: tuple[str, ...], words: str) -> None:
    assert words in record(*arguments, code=2)


@BOTH
def test_a_file_is_recorded_as_a_whole_and_only_once(record: Command, store: Store, tmp_path: Path) -> None:
    lines = (
        'quality,Preston,Custody,,2022-01-10,,,,,good,Insp B,"Fine, ""mostly""\r\non two lines",\r\n'
        "check,Burnley,,,2022-04-03,,,,,failed,Insp A,,\r\n\r\n"
        "self,,,,,2022-03-31,,2022-04-02,,Good,Supt C,,\r\n"
        "actions,,,Fleet,,2022-09-30,2022-01-05,,2022-05-01,,Supt D,Sell two vans,A1\r\n"
        "heard,,,,2022-02-01,,,,,Inadequate,Insp E,Nobody rang back,\r\n"
    )
    path = write(tmp_path, b"\xef\xbb\xbf" + HEADER.replace("\n", "\r\n").encode() + lines.encode())
    assert "5 entries would be recorded; nothing was" in record("--csv", path, "--dry-run")
    assert store.recorded() == []
    assert "5 entries recorded" in record("--csv", path)
    assert "0 entries recorded; 5 were there already" in record("--csv", path)
    kept = [one.entry for one in store.recorded()]
    assert (kept[0].grade, kept[0].finding) == ("Good", 'Fine, "mostly"\r\non two lines')
    assert kept[0].series == {"district": "Preston", "theme": "Custody"}
    assert (kept[3].began, kept[3].ended, kept[3].reference) == (date(2022, 1, 5), date(2022, 5, 1), "A1")
    assert {one.source for one in store.recorded()} == {"entries.csv"}
    record("reality-check", "check", "--where", "district=Burnley", *CHECK[4:], "--result", "passed")
    record("withdraw", "1", "--reason", "wrong theme")
    assert "3 were there already; 2 were corrected or withdrawn since" in record("--csv", path)
    assert store.verify_audit() is None


def test_every_wrong_line_is_named_and_then_nothing_is_recorded(record: Command, store: Store, tmp_path: Path) -> None:
    lines = [
        "check,Preston,,,2022-04-03,,,,,failed,Insp A,,",
        "check,Preston,,,03/04/2022,,,,,faled,,,",
        "chek,Preston,,,2022-04-03,,,,,failed,Insp A,,",
        "",
        "check,Preston,Custody,,2022-04-03,,,,,failed,Insp A,,R1",
        "check,Preston,,,2022-04-03,,,,,failed,Insp A,,",
        "check,Preston,2022-04-03,failed",
        'check,Preston,,,2022-04-03,,,,,failed,"Insp A',
    ]
    said = record("--csv", write(tmp_path, "\n".join(lines)), code=1)
    for line, words in (
        (3, "`03/04/2022` is no date; write for example 2022-04-03"),
        (3, "`faled` is no grade"),
        (3, "`by` is missing"),
        (4, "did you mean `check`?"),
        (6, "not by `theme`"),
        (7, "entries.csv:2; give each a `reference`"),
        (8, "4 cells, and the header has 13"),
        (9, "quotation mark left open"),
    ):
        assert any(f"entries.csv:{line}: " in one and words in one for one in said.splitlines()), (line, words, said)
    assert store.recorded() == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        ((HEADER + "check,Jos\xe9\n").encode("cp1252"), "entries.csv:2: byte 0xe9 after `check,Jos` is not UTF-8"),
        (HEADER.encode("utf-16"), "UTF-16"),
        (b"measure;district\n", "not separated by commas"),
        (b"measure,distrct\n", "unknown column `distrct`; did you mean `district`?"),
        (b"district,date\n", "no column `measure`"),
        (b"measure,date,date\n", "`date` is there twice"),
    ],
)
def test_a_file_that_cannot_be_read_is_exit_code_2(record: Command, tmp_path: Path, content: bytes, words: str) -> None:
    assert words in record("--csv", write(tmp_path, content), code=2)


def test_a_second_entry_in_a_period_is_refused_where_the_measure_takes_one(record: Command) -> None:
    record(*CHECK, "--result", "failed")
    said = record(
        "reality-check",
        "check",
        "--where",
        "district=Preston",
        "--date",
        "2022-04-20",
        "--result",
        "passed",
        "--by",
        "B",
        code=2,
    )
    assert "an entry of 2022-04-03 stands in April 2022 already, and measure `check` takes one a period" in said


def test_an_entry_before_the_newest_period_is_said_to_be_told_to_nobody(record: Command) -> None:
    record(
        "reality-check",
        "check",
        "--where",
        "district=Burnley",
        "--date",
        "2022-06-03",
        "--result",
        "passed",
        "--by",
        "B",
    )
    assert "1 entry lies before June 2022" in record(*CHECK, "--result", "failed")


VALID = st.tuples(
    st.sampled_from(["Preston", "Burnley"]),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8).map(str.strip).filter(bool),
    st.dates(date(2020, 1, 1), date(2022, 12, 31)),
    st.sampled_from(["Good", "Inadequate", " good ", "INADEQUATE"]),
    # The writer below leaves a lone carriage return without quotation marks, which no spreadsheet does.
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"), max_size=30),
)


@pytest.fixture(scope="module")
def loaded(files: Path) -> Home:
    return read_home(files, {})


def _read(loaded: Home, path: Path) -> tuple[list[Entry], list[str]]:
    reader = Reader(home=loaded, now=datetime(2023, 1, 1, tzinfo=LONDON))
    for written in read_csv(path, reader.home, kind="", measure="", series={}, faults=reader.faults):
        reader.read(written)
    return reader.entries, reader.faults


@given(st.lists(VALID, max_size=8), st.sampled_from(["\n", "\r\n"]), st.booleans(), st.booleans())
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_what_any_spreadsheet_writes_is_read_as_it_was_meant(
    loaded: Home, tmp_path: Path, rows: list[tuple[str, str, date, str, str]], ending: str, marked: bool, quoted: bool
) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator=ending, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL)
    writer.writerow(["Measure", "district", "theme", "assessed_on", "grade", "assessed_by", "finding", "reference"])
    for number, (district, theme, day, grade, finding) in enumerate(rows):
        writer.writerow(["quality", district, theme, day, grade, "Insp A", finding, number])
    path = tmp_path / "any.csv"
    path.write_bytes((b"\xef\xbb\xbf" if marked else b"") + out.getvalue().encode())
    entries, faults = _read(loaded, path)
    assert faults == []
    assert [(one.series["district"], one.series["theme"], one.day, one.grade, one.finding) for one in entries] == [
        (district, theme, day, grade.strip().capitalize(), finding.strip())
        for district, theme, day, grade, finding in rows
    ]


@given(st.binary(max_size=300))
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_no_file_whatever_is_in_it_makes_more_than_a_message(loaded: Home, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "any.csv"
    for before in (b"", HEADER.encode()):
        path.write_bytes(before + content)
        try:
            entries, said = _read(loaded, path)
        except UsageError as error:
            entries, said = [], [str(error)]
        assert entries == []
        assert all(one.startswith(str(path)) for one in said)


def test_the_list_paints_no_terminal_and_says_what_it_does_not_know(record: Command) -> None:
    record(*CHECK, "--result", "passed", "--finding", "in \x1b[31mred\u202e")
    assert not {"\x1b", "\u202e"} & set(record("list"))
    assert "no such measure" in record("list", "--measure", "chek", code=2)
    assert "is no kind of entry" in record("list", "--kind", "chek", code=2)
    assert "passed" in record("list", "--measure", "check", "--kind", "reality_check")


def test_a_name_that_is_nearly_one_of_those_recorded_is_asked_about(record: Command) -> None:
    action = ("action", "actions", "--due", "2022-03-31", "--action", "A", "--where")
    assert "did you mean" not in record(*action, "plan=Fleet strategy")
    assert "did you mean `Fleet strategy`?" in record(*action, "plan=Fleet stratgy")
    assert "did you mean" not in record(*action, "plan=Estates")
    assert "did you mean" not in record(*action, "plan=Fleet stratgy", "--reference", "2")
