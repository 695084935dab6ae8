"""data.police.uk's monthly files: every row counted once or named, a month replaced as a whole, nobody's details kept."""

import csv
import io
import shutil
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from alertd.core.errors import UsageError, WarehouseError
from alertd.feeds.police_uk import load
from alertd.feeds.police_uk_layout import district, find, force_name
from tests.journeys.support import alertd

STREET = next(
    csv.reader(
        [
            "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,"
            "Last outcome category,Context"
        ]
    )
)
OUTCOMES = [*STREET[:9], "Outcome type"]
STOPS = next(
    csv.reader(
        [
            "Type,Date,Part of a policing operation,Policing operation,Latitude,Longitude,Gender,Age range,"
            "Self-defined ethnicity,Officer-defined ethnicity,Legislation,Object of search,Outcome,"
            "Outcome linked to object of search,Removal of more than just outer clothing"
        ]
    )
)
NOW = datetime(2022, 12, 1, 9, 30)
LATER = datetime(2023, 1, 1, 9, 30)
DRUGS = "Misuse of Drugs Act 1971 (section 23)"


def crime(identity: str, lsoa: str, category: str, outcome: str = "", month: str = "2022-10") -> list[str]:
    force = "Avon and Somerset Constabulary"
    return [
        identity,
        month,
        force,
        force,
        "-2.2",
        "53.8",
        "On or near A, B Street",
        "E01024001",
        lsoa,
        category,
        outcome,
        "",
    ]


def outcome(identity: str, lsoa: str, kind: str, month: str = "2022-10") -> list[str]:
    return [*crime(identity, lsoa, "", month=month)[:9], kind]


def stop(date: str, legislation: str = DRUGS, found: str = "Arrest", linked: str = "True") -> list[str]:
    person = ["Male", "18-24", "White - English/Welsh/Scottish/Northern Irish/British", "White"]
    return ["Person search", date, "False", "", "53.8", "-2.2", *person, legislation, "Drugs", found, linked, "False"]


def text(header: list[str], rows: list[list[str]], end: str = "\n") -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator=end).writerows([header, *rows])
    return out.getvalue()


def put(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name[:7] / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def loaded(folder: Path, warehouse: Path, now: datetime = NOW) -> Any:
    return load(find(folder).sources, warehouse, now=now)


def ask(warehouse: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return connection.execute(query).fetchall()


ROWS = [
    crime("", "Burnley 001A", "Anti-social behaviour"),
    crime("", "Burnley 001A", "Anti-social behaviour"),  # two incidents at one place: no id, and no copy
    crime("a1", "Burnley 001A", "Burglary", "Under investigation"),
    crime("a2", "Burnley 013AB", "Burglary", "Awaiting court outcome"),
    crime("a3", "Bath and North East Somerset 002C", "Robbery", "Offender sent to prison"),
    crime("a4", "", "Robbery", "Local resolution"),
    crime("a5", "Pendle 004B", "Drugs", "Unable to prosecute suspect"),
    crime("a6", "Pendle 004B", "Drugs", ""),
    crime("a7", "Pendle 004B", "Drugs", "Beamed up"),
]
EXPECTED = [
    ("Bath and North East Somerset", "Robbery", "charged", 1),
    ("Burnley", "Anti-social behaviour", None, 2),
    ("Burnley", "Burglary", "charged", 1),
    ("Burnley", "Burglary", "open", 1),
    ("Not located", "Robbery", "out of court", 1),
    ("Pendle", "Drugs", "evidential difficulty", 1),
    ("Pendle", "Drugs", "not known", 1),
    ("Pendle", "Drugs", "other", 1),
]
CRIMES = "select place, category, outcome_group, crimes from police_uk_crimes order by place, category, outcome_group"


@pytest.mark.parametrize(
    ("header", "end", "before"),
    [
        (STREET, "\n", b""),
        (STREET, "\r\n", b"\xef\xbb\xbf"),
        (STREET[::-1], "\n", b""),
        ([*STREET, "Added"], "\r\n", b""),
    ],
    ids=["as published", "byte order mark and CRLF", "another order", "one more column"],
)
def test_crimes_are_counted_by_district_category_and_outcome(tmp_path, header, end, before) -> None:
    rows = [[dict(zip(STREET, row, strict=True)).get(name, "x") for name in header] for row in ROWS]
    put(tmp_path, "2022-10-avon-and-somerset-street.csv", before + text(header, rows, end).encode())
    (done,) = loaded(tmp_path, tmp_path / "w.duckdb")
    assert (done.counts.rows, done.counts.bad, done.counts.unknown) == (9, 0, 1)
    assert ask(tmp_path / "w.duckdb", CRIMES) == EXPECTED
    assert ask(tmp_path / "w.duckdb", "select distinct month, force, loaded_at from police_uk_crimes") == [
        (datetime(2022, 10, 1).date(), "Avon and Somerset police", NOW)
    ]


def test_a_copy_to_the_letter_is_left_out_and_another_row_of_the_same_crime_counts(tmp_path) -> None:
    one, other = crime("a1", "Burnley 001A", "Burglary"), crime("a1", "Burnley 001A", "Robbery")
    put(tmp_path, "2022-10-lancashire-street.csv", text(STREET, [one, other, one, one]))
    (done,) = loaded(tmp_path, tmp_path / "w.duckdb")
    assert (done.counts.rows, done.counts.copies, done.counts.repeated) == (4, 2, 1)
    assert ask(tmp_path / "w.duckdb", "select sum(crimes) from police_uk_crimes") == [(2,)]
    assert ask(tmp_path / "w.duckdb", "select counted, copies, repeated_ids from police_uk_loads") == [(2, 2, 1)]


def test_outcomes_and_searches_are_counted(tmp_path) -> None:
    given_ = [outcome("a", "Burnley 001A", "Suspect charged"), outcome("a", "Burnley 001A", "Offender fined")]
    put(tmp_path, "2022-10-lancashire-outcomes.csv", text(OUTCOMES, [*given_, outcome("b", "", "Local resolution")]))
    found = [
        stop("2022-10-01T00:10:00+00:00"),
        stop("2022-09-30T23:10:00+00:00", linked="False"),  # the first of October by the local clock
        stop("2022-10-31T12:00:00+00:00", "", "A no further action disposal", ""),
    ]
    put(tmp_path, "2022-10-lancashire-stop-and-search.csv", text(STOPS, found))
    loaded(tmp_path, tmp_path / "w.duckdb")
    assert ask(
        tmp_path / "w.duckdb", "select place, outcome_group, outcomes from police_uk_outcomes order by place"
    ) == [
        ("Burnley", "charged", 2),
        ("Not located", "out of court", 1),
    ]
    query = "select legislation, outcome, searches, linked from police_uk_stop_search order by legislation"
    assert ask(tmp_path / "w.duckdb", query) == [
        (DRUGS, "Arrest", 2, 1),
        ("Not given", "A no further action disposal", 1, 0),
    ]


def test_nothing_about_one_person_is_kept(tmp_path) -> None:
    secret = "9f" * 32
    rows = [crime(secret, "Burnley 001A", "Burglary"), crime(secret, "Burnley 001A", "Burglary", month=secret)]
    put(tmp_path, "2022-10-lancashire-street.csv", text(STREET, rows))
    put(tmp_path, "2022-10-lancashire-stop-and-search.csv", text(STOPS, [stop("2022-10-03"), stop(secret)]))
    loaded(tmp_path, tmp_path / "w.duckdb")
    content = (tmp_path / "w.duckdb").read_bytes()
    for told in (secret, "53.8", "A, B Street", "E01024001", "18-24", "White"):
        assert told.encode() not in content, told


BAD = [
    (b",".join([b"a1", b"2022-10"]), "has 2 columns where the first line has 12"),
    (text(STREET, [crime("a", "Burnley 1", "Drugs", month="2022-09")]).splitlines()[1].encode(), "not 2022-10"),
    (text(STREET, [crime("a", "Burnley 1", "Drugs", month="soon")]).splitlines()[1].encode(), "not 2022-10"),
    (text(STREET, [crime("a", "Burnley 1", "")]).splitlines()[1].encode(), "no `Crime type`"),
    (b'a,2022-10,f,f,1,2,"On or near,E01,Burnley 001A,Drugs,,', "quotation mark"),
    (b"a,2022-10,f,f,1,2,On,E01,Burn\xffley 001A,Drugs,,", "not UTF-8"),
    (b"a,2022-10,f,f,1,2,On,E01,Burn\x00ley 001A,Drugs,,", "no text"),
]


@pytest.mark.parametrize(("line", "fault"), BAD)
def test_a_bad_row_is_named_by_file_and_line_and_the_others_count(tmp_path, line, fault) -> None:
    good = text(STREET, [crime("a9", "Burnley 001A", "Drugs")]).encode()
    path = put(
        tmp_path, "2022-10-lancashire-street.csv", good + line + b"\n\n" + good.splitlines()[1].replace(b"a9", b"b")
    )
    (done,) = loaded(tmp_path, tmp_path / "w.duckdb")
    assert (done.counts.rows, done.counts.bad, done.counts.counted.total()) == (3, 1, 2)
    (bad,) = ask(tmp_path / "w.duckdb", "select file, line, fault from police_uk_bad_rows")
    assert bad[:2] == (path.name, 3)
    assert fault in bad[2]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf\n", "is empty"),
        (b"PK\x03\x04\x00\x00binary\x00\xff\xfe", "no column `Month`, `LSOA name`"),
        ("Crime ID,Month\na,2022-10\n".encode("utf-16"), "no column `Month`"),
        (
            text([name for name in STREET if name != "Crime type"], []).encode(),
            "no column `Crime type` in its first line",
        ),
        (text([*STREET, "Month"], []).encode(), "has the column `Month` twice"),
        (text(STREET, []).encode() + b"x" * 300_000, "line 2 has more than 100,000 characters"),
    ],
    ids=["empty", "empty but for a mark", "binary", "utf-16", "column missing", "column twice", "endless line"],
)
def test_a_file_that_cannot_be_read_is_told_and_replaces_nothing(tmp_path, content, fault) -> None:
    put(tmp_path, "2022-10-lancashire-street.csv", text(STREET, [crime("a", "Burnley 001A", "Drugs")]))
    loaded(tmp_path, tmp_path / "w.duckdb")
    put(tmp_path, "2022-10-lancashire-street.csv", content)
    (done,) = loaded(tmp_path, tmp_path / "w.duckdb", LATER)
    assert fault in done.counts.fault
    assert ask(tmp_path / "w.duckdb", "select crimes, loaded_at from police_uk_crimes") == [(1, NOW)]
    assert [line for (line,) in ask(tmp_path / "w.duckdb", "select line from police_uk_bad_rows")] == [None]


def test_a_month_loaded_anew_replaces_itself_and_no_other(tmp_path) -> None:
    for month in ("2022-09", "2022-10"):
        rows = [crime("a", "Burnley 001A", "Drugs", month=month), crime("b", "Burnley 001A", "Drugs", month="x")]
        put(tmp_path / "feed", f"{month}-lancashire-street.csv", text(STREET, rows))
        put(tmp_path / "feed", f"{month}-cumbria-street.csv", text(STREET, rows))
    loaded(tmp_path / "feed", tmp_path / "w.duckdb")
    first = ask(tmp_path / "w.duckdb", "select * exclude loaded_at from police_uk_crimes order by all")
    loaded(tmp_path / "feed", tmp_path / "w.duckdb", LATER)
    assert ask(tmp_path / "w.duckdb", "select * exclude loaded_at from police_uk_crimes order by all") == first
    assert ask(tmp_path / "w.duckdb", "select count(*) from police_uk_bad_rows") == [(4,)]
    shutil.rmtree(tmp_path / "feed")
    put(tmp_path / "feed", "2022-10-lancashire-street.csv", text(STREET, [crime("c", "Pendle 001A", "Drugs")] * 1))
    loaded(tmp_path / "feed", tmp_path / "w.duckdb", datetime(2024, 1, 1))
    query = "select strftime(month, '%Y-%m'), force, place, year(loaded_at) from police_uk_crimes order by all"
    assert ask(tmp_path / "w.duckdb", query) == [
        ("2022-09", "Cumbria police", "Burnley", 2023),
        ("2022-09", "Lancashire police", "Burnley", 2023),
        ("2022-10", "Cumbria police", "Burnley", 2023),
        ("2022-10", "Lancashire police", "Pendle", 2024),
    ]
    assert ask(tmp_path / "w.duckdb", "select count(*) from police_uk_bad_rows") == [(3,)]


def test_no_crime_is_zero_and_no_file_is_missing(tmp_path) -> None:
    """Two forces, one of which has no file of November: its districts are missing then, and not without crime."""
    for month in ("2022-10", "2022-11", "2022-12"):
        rows = [crime(f"{month}{n}", "Pendle 001A", "Drugs", month=month) for n in range(3)]
        if month == "2022-11":
            rows = [crime("z", "Burnley 001A", "Drugs", month=month)]
        rows.append(crime("q", "Burnley 002A", "Robbery", month=month))
        put(tmp_path, f"{month}-lancashire-street.csv", text(STREET, rows))
        if month != "2022-11":
            away = [crime("y", "Eden 001A", "Drugs", month=month), crime("x", "Carlisle 001A", "Robbery", month=month)]
            put(tmp_path, f"{month}-cumbria-street.csv", text(STREET, away))
    loaded(tmp_path, tmp_path / "w.duckdb")
    query = "select crimes from police_uk_crimes_monthly where district = '{}' and category = 'Drugs' order by month"
    assert ask(tmp_path / "w.duckdb", query.format("Pendle")) == [(3,), (0,), (3,)]
    assert ask(tmp_path / "w.duckdb", query.format("Eden")) == [(1,), (1,)]


def test_a_place_beyond_the_border_is_no_district(tmp_path) -> None:
    rows = [crime(f"a{n}", "Burnley 001A", "Drugs") for n in range(600)] + [crime("b", "Bolton 001A", "Drugs")]
    put(tmp_path, "2022-10-lancashire-street.csv", text(STREET, rows))
    loaded(tmp_path, tmp_path / "w.duckdb")
    assert ask(tmp_path / "w.duckdb", "select district, crimes from police_uk_crimes_monthly order by district") == [
        ("Burnley", 600),
        ("Outside force area", 1),
    ]


def test_what_is_not_of_the_layout_is_named(tmp_path) -> None:
    put(tmp_path, "2022-10-lancashire-street.csv", text(STREET, []))
    (tmp_path / "2022-09").mkdir()
    (tmp_path / "notes.csv").write_text("x")
    found = find(tmp_path)
    assert [path.name for path in found.others] == ["notes.csv"]
    assert [path.name for path in found.empty] == ["2022-09"]
    with pytest.raises(UsageError, match="holds no file of this layout"):
        find(tmp_path / "2022-09")
    with pytest.raises(UsageError, match="is no folder"):
        find(tmp_path / "notes.csv")
    put(tmp_path / "again", "2022-10-lancashire-street.csv", text(STREET, []))
    with pytest.raises(UsageError, match="same month, force and kind"):
        find(tmp_path)


def test_a_warehouse_that_is_none_is_told(tmp_path) -> None:
    put(tmp_path, "2022-10-lancashire-street.csv", text(STREET, []))
    (tmp_path / "w.duckdb").write_text("this is no database, and long enough to be taken for one" * 10)
    with pytest.raises(WarehouseError) as raised:
        loaded(tmp_path, tmp_path / "w.duckdb")
    assert raised.value.exit_code == 3
    with pytest.raises(UsageError, match="there is no folder"):
        loaded(tmp_path, tmp_path / "nowhere" / "w.duckdb")


def test_names_of_places_and_forces() -> None:
    assert district("Bath and North East Somerset 002C") == "Bath and North East Somerset"
    assert district("Leeds 111FA") == "Leeds"
    assert district("Somewhere") == "Somewhere"
    assert district(" ") == "Not located"
    assert force_name("avon-and-somerset") == "Avon and Somerset police"


LINES = st.lists(
    st.one_of(
        st.binary(max_size=60).map(lambda raw: raw.replace(b"\n", b"").replace(b"\r", b"")),
        st.lists(
            st.text(max_size=8).map(lambda some: some.replace("\n", " ").replace("\r", " ")), min_size=12, max_size=12
        ).map(lambda row: text([], [row]).splitlines()[-1].encode("utf-8", "surrogatepass") if any(row) else b"x"),
        st.sampled_from([text(STREET, [row]).splitlines()[1].encode() for row in ROWS]),
        st.sampled_from([line for line, _ in BAD]),
    ),
    max_size=12,
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=LINES, cut=st.integers(0, 30), kind=st.sampled_from(["street", "outcomes", "stop-and-search"]))
@example(lines=[b'"', b'"'], cut=0, kind="street")
def test_whatever_a_file_holds_every_line_is_counted_once_or_named(tmp_path, lines, cut, kind) -> None:
    header = {"street": STREET, "outcomes": OUTCOMES, "stop-and-search": STOPS}[kind]
    content = text(header, []).encode() + b"\n".join(lines)
    content = content[: len(content) - min(cut, sum(map(len, lines)))]  # a download that broke off
    shutil.rmtree(tmp_path / "feed", ignore_errors=True)
    put(tmp_path / "feed", f"2022-10-lancashire-{kind}.csv", content)
    (done,) = loaded(tmp_path / "feed", tmp_path / "w.duckdb")
    counts = done.counts
    assert counts.fault is None
    assert counts.rows == sum(1 for line in content.split(b"\n")[1:] if line)
    assert counts.rows == counts.counted.total() + counts.copies + counts.bad
    assert counts.bad == len(counts.faults)
    table = {"street": "crimes", "outcomes": "outcomes", "stop-and-search": "stop_search"}[kind]
    column = {"street": "crimes", "outcomes": "outcomes", "stop-and-search": "searches"}[kind]
    kept = ask(tmp_path / "w.duckdb", f"select coalesce(sum({column}), 0) from police_uk_{table}")[0][0]
    assert kept == counts.counted.total()
    assert Counter(
        ask(tmp_path / "w.duckdb", f"select line, fault from police_uk_bad_rows where kind = '{kind}'")
    ) == Counter(counts.faults)


def test_the_command_says_what_was_counted_and_ends_with_one_where_rows_are_bad(tmp_path) -> None:
    put(tmp_path / "feed", "2022-10-lancashire-street.csv", text(STREET, ROWS))
    done = alertd("load", "police-uk", tmp_path / "feed", "--into", tmp_path / "w.duckdb", afresh=True)
    assert (
        "Lancashire police street, 1 month, 2022-10: 9 of 9 rows counted; 1 with an outcome in unknown words"
        in done.stdout
    )
    path = put(tmp_path / "feed", "2022-11-lancashire-street.csv", text(STREET, ROWS))
    (tmp_path / "feed" / "2022-12").mkdir()
    done = alertd("load", "police-uk", tmp_path / "feed", "--into", tmp_path / "w.duckdb", code=1)
    assert f"{path}:2: has a `Month` that is not 2022-11, the month of its file" in done.stderr
    assert "2022-12: a month's folder without a file of this layout" in done.stdout
    done = alertd("load", "police-uk", tmp_path / "nowhere", "--into", tmp_path / "w.duckdb", code=2)
    assert "is no folder" in done.stderr


def test_the_new_home_is_whole_and_finds_what_happened(tmp_path) -> None:
    places = {"Wiltshire": 40, "King's Lynn and West Norfolk": 55}
    for number in range(30):
        month = f"{2020 + number // 12}-{number % 12 + 1:02d}"
        rows = []
        for place, usual in places.items():
            many = usual * 3 if number == 29 and place == "Wiltshire" else usual + number * 7 % 11
            rows += [
                crime(f"{place}{n}", f"{place} 001A", "Burglary", "Under investigation", month) for n in range(many)
            ]
        put(tmp_path / "feed", f"{month}-wiltshire-street.csv", text(STREET, rows))
        put(tmp_path / "feed", f"{month}-wiltshire-stop-and-search.csv", text(STOPS, [stop(f"{month}-03")] * 30))
    home = tmp_path / "home"
    alertd("load", "police-uk", tmp_path / "feed", "--init", home)
    assert "no errors" in alertd("check", home=home).stdout
    tried = alertd("test", "--coverage", home=home).stdout
    assert "untested" not in tried
    found = alertd("evaluate", "--as-of", "2022-07-05", "--format", "csv", home=home).stdout
    rows = [row for row in csv.DictReader(io.StringIO(found)) if row["rule"] == "crime-change"]
    assert [row["series"] for row in rows if "district" in row["series"]] == ["district=Wiltshire;category=Burglary"]
    again = alertd("load", "police-uk", tmp_path / "feed", "--init", home, code=2)
    assert "is there already" in again.stderr
