"""`alertd check` as a user runs it: exit codes, the warehouse, paths, JSON."""

import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result

from alertd.cli.check import command
from alertd.core.errors import AlertdError, UsageError
from tests.edges.config.homes import MakeHome

ROWS = [("2022-01-01", place, 1.0) for place in ("North", "South")]


def _check(*arguments: str | Path) -> Result:
    """The result of one call; its code is what the program would exit with."""
    result = CliRunner().invoke(command, [str(one) for one in arguments], standalone_mode=False)
    if result.exception is not None:
        if not isinstance(result.exception, AlertdError):
            raise result.exception
        result.exit_code = result.exception.exit_code
    else:
        result.exit_code = result.return_value or 0
    return result


@pytest.fixture
def warehouse(make_home: MakeHome) -> Path:
    """A sound home with its warehouse."""
    root = make_home()
    with duckdb.connect(str(root / "warehouse.duckdb")) as connection:
        connection.execute("CREATE TABLE t (period DATE, place VARCHAR, v DOUBLE)")
        connection.executemany("INSERT INTO t VALUES (?, ?, ?)", ROWS)
        connection.execute("CREATE TABLE nothing (period DATE, place VARCHAR, v DOUBLE)")
    return root


def _places(result: Result) -> list[str]:
    objects = [json.loads(line) for line in result.stdout.splitlines()]
    return [f"{one['code']} {one['file']}:{one['line']}:{one['column']}" for one in objects]


def test_a_sound_home_exits_0_with_one_line(warehouse: Path) -> None:
    result = _check("--home", warehouse)
    assert (result.exit_code, result.stdout) == (0, "no errors in 1 measure, 1 rule\n")


REBASE = "annotations:\n  a: {{effect: rebase, from: {}, measures: m, reason: r, agreed_by: a}}\n"
MEASURE = "measures:\n  n: {name: N, table: t, grain: month, period: period, by: [place], value: v, owner: lead}\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (MEASURE.replace("value: v", "value: w"), ["A112 rules/x.yaml:2:76"]),
        (MEASURE.replace("period: period, by: [place]", "period: month, by: [ward]"), ["A112 rules/x.yaml:2:48", "A112 rules/x.yaml:2:60"]),
        (MEASURE.replace("value: v", "count: v, denominator: {column: d}"), ["A112 rules/x.yaml:2:101"]),
        (MEASURE.replace("value: v", "value: V"), []),
        (MEASURE.replace("table: t", "table: gone"), ["A117 rules/x.yaml:2:23"]),
        (MEASURE.replace("table: t", "table: nothing"), ["A113 rules/x.yaml:2:3"]),
        (MEASURE.replace("table: t", "table: nothing").replace(", by: [place]", ""), ["A113 rules/x.yaml:2:3"]),
        ("rules:\n  r: {measure: m, spc: mdc, where: {place: Nroth}}\n", ["A107 rules/x.yaml:2:44"]),
        ("rules:\n  r: {measure: m, spc: mdc, where: {place: [North, Nowhere]}}\n", ["A107 rules/x.yaml:2:52"]),
        ("rules:\n  r: {measure: m, spc: mdc, where: {place: [North, South]}}\n", []),
        ("places:\n  West: {level: place}\nrules:\n  r: {measure: m, spc: mdc, where: {place: [North, West]}}\n", ["W208 rules/x.yaml:4:52"]),
        ("places:\n  West: {level: place}\nrules:\n  r: {measure: m, spc: mdc, where: {place: West}}\n", ["A107 rules/x.yaml:4:44"]),
        ("places:\n  West: {level: division}\nrules:\n  r: {measure: m, spc: mdc, where: {division: Wset}}\n", ["A107 rules/x.yaml:4:47"]),
        (REBASE.format("2022-01"), []),
        (REBASE.format("2021-12"), ["A119 rules/x.yaml:2:29"]),
        (REBASE.format("2022-02-01"), ["A119 rules/x.yaml:2:29"]),
        (REBASE.format("2031-05").replace("rebase", "known_event"), []),
        ("rules:\n  r: {measure: m, spc: {baseline: {from: 2031-01, to: 2032-01}}}\n", ["A119 rules/x.yaml:2:35"]),
        ("rules:\n  r: {measure: m, drift: {baseline: {from: 2019-01, to: 2021-12}}}\n", ["A119 rules/x.yaml:2:37"]),
        ("rules:\n  r: {measure: m, spc: {baseline: {from: 2021-01, to: 2022-12}}}\n", []),
        (MEASURE.replace("value: v", "numerator: v, denominator: v") + "rules:\n  r: {measure: n, funnel: {}}\n", ["W212 rules/x.yaml:4:27"]),
    ],
)  # fmt: skip
def test_the_warehouse_is_asked_whether_it_is_there(warehouse: Path, text: str, expected: list[str]) -> None:
    (warehouse / "rules/x.yaml").write_text(text)
    result = _check("--home", warehouse, "--format", "json")
    assert _places(result) == expected
    assert result.exit_code == int(any(one.startswith("A") for one in expected))


POSTS = "owners:\n  data_steward: {{email: s@example.org}}\n  lead:\n    by: place\n    posts:\n      North: [{{name: A, email: a@example.org, from: 2020-01-01}}]\n      {}: [{{name: B, email: b@example.org, from: 2020-01-01}}]\n"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"rules/x.yaml": MEASURE.replace("value: v", "value: place")}, ["A124 rules/x.yaml:2:76"]),
        ({"rules/x.yaml": MEASURE.replace("value: v", "value: period")}, ["A124 rules/x.yaml:2:76"]),
        ({"rules/x.yaml": MEASURE.replace("period: period", "period: v")}, ["A124 rules/x.yaml:2:48"]),
        ({"rules/x.yaml": MEASURE.replace("period: period, by: [place], value: v", "by: [place], event: {date: v}")}, ["A124 rules/x.yaml:2:67"]),
        ({"rules/x.yaml": MEASURE.replace("period: period, by: [place], value: v", "by: [place], event: {date: period}")}, []),
        ({"rules/x.yaml": MEASURE.replace("value: v", "value: v, loaded_at: v")}, ["A124 rules/x.yaml:2:90"]),
        ({"rules/x.yaml": MEASURE.replace("value: v", "grade: place, scale: [Nroth, South]")}, ["A107 rules/x.yaml:2:91"]),
        ({"rules/x.yaml": MEASURE.replace("value: v", "grade: place, scale: [north, SOUTH, West]")}, []),
        ({"rules/x.yaml": MEASURE.replace("grain: month", "grain: monthly") + "rules:\n  r: {measure: n, spc: mdc, for: 2 periods}\n"}, ["A103 rules/x.yaml:2:33"]),
        ({"rules/x.yaml": "rules:\n  r: {measure: m, threshold: {above: 60}, for: 8 periods}\n"}, ["W214 rules/x.yaml:2:48"]),
        ({"rules/x.yaml": "rules:\n  r: {measure: m, threshold: {above: 60}, for: 2 of 3 periods, enabled: false}\n"}, []),
        ({"rules/x.yaml": MEASURE.replace("period: period, ", "") + "rules:\n  r: {measure: n, spc: mdc, for: 2 periods}\n"}, ["A114 rules/x.yaml:2:3"]),
        ({"config/owners.yaml": POSTS.format("South")}, []),
        ({"config/owners.yaml": POSTS.format("Suoth")}, ["A102 config/owners.yaml:7:7"]),
        ({"config/owners.yaml": POSTS.format("Elsewhere")}, ["W217 config/owners.yaml:5:5", "W217 config/owners.yaml:7:7"]),
        ({"rules/x.yaml": "places:\n  North: {level: place}\n  South: {level: place}\n"}, []),
        ({"rules/x.yaml": "places:\n  North: {level: place}\n  Suoth: {level: place}\n"}, ["W217 rules/x.yaml:3:3"]),
        ({"rules/x.yaml": "places:\n  North: {level: place}\n"}, ["W217 rules/rules.yaml:2:69"]),
        ({"rules/x.yaml": "places:\n  North: {level: place}\nunallocated: [South]\n"}, []),
        ({"rules/x.yaml": "suppressions:\n  s: {measures: m, from: 2022-01, to: 2022-01, effect: mute, reason: r, where: {place: Nroth}}\n"}, ["A107 rules/x.yaml:2:88"]),
        ({"rules/x.yaml": "suppressions:\n  s: {measures: m, from: 2022-01, to: 2022-01, effect: mute, reason: r, where: {place: North}}\n"}, []),
    ],
)  # fmt: skip
def test_types_posts_places_and_the_calendar_are_held_against_the_data(
    warehouse: Path, files: dict[str, str], expected: list[str]
) -> None:
    for name, text in files.items():
        (warehouse / name).write_text(text)
    assert _places(_check("--home", warehouse, "--format", "json")) == expected


@pytest.mark.parametrize(
    ("sql", "place", "hint"),
    [
        ("SELECT period, plce AS place, v\nFROM t\n", "A117 rules/x.sql:1:16", "did you mean `place`?"),
        ("SELECT period, place, v\nFROM tt\n", "A117 rules/x.sql:2:6", ""),
        ("SELECT period, place, v\nFORM t\n", "A111 rules/x.sql:2:1", "did you mean `FROM`?"),
        ("SLECT period, place, v\nFROM t\n", "A111 rules/x.sql:1:1", "did you mean `SELECT`?"),
        ("SELECT period, place, v\nFROM t\nWHERE place = 'North\n", "A111 rules/x.sql:3:15", ""),
    ],
)
def test_what_is_wrong_in_sql_is_told_at_its_word(warehouse: Path, sql: str, place: str, hint: str) -> None:
    (warehouse / "rules/x.yaml").write_text(MEASURE.replace("table: t", "sql: x.sql"))
    (warehouse / "rules/x.sql").write_text(sql)
    result = _check("--home", warehouse, "--format", "json")
    assert _places(result) == [place]
    assert json.loads(result.stdout)["hint"] == hint


def test_sql_that_may_not_run_is_named_in_its_own_file_and_never_run(warehouse: Path) -> None:
    (warehouse / "rules/x.yaml").write_text(MEASURE.replace("table: t", "sql: x.sql"))
    (warehouse / "rules/x.sql").write_text("SELECT * FROM t;\nDROP TABLE t\n")
    for more in ((), ("--offline",)):
        result = _check("--home", warehouse, "--format", "json", *more)
        assert {one.rpartition(":")[0].rpartition(":")[0] for one in _places(result)} == {"A111 rules/x.sql"}
        assert result.exit_code == 1
    with duckdb.connect(str(warehouse / "warehouse.duckdb")) as connection:
        assert connection.execute("SELECT count(*) FROM t").fetchone() == (2,)


def test_a_warehouse_that_is_away_exits_3_only_where_nothing_else_is_wrong(make_home: MakeHome) -> None:
    root = make_home()
    result = _check("--home", root)
    assert result.exit_code == 3
    assert "the warehouse was not asked" in result.stderr
    assert not (root / "warehouse.duckdb").exists()
    assert _check("--home", root, "--offline").exit_code == 0
    make_home({"rules/bad.yaml": "rules:\n  b: {measure: m}\n"})
    result = _check("--home", root)
    assert result.exit_code == 1
    assert "rules/bad.yaml:2:3" in result.stdout
    assert "the warehouse was not asked" in result.stderr


def test_broken_yaml_exits_1_and_a_broken_settings_file_2(make_home: MakeHome) -> None:
    root = make_home({"rules/bad.yaml": "rules: [\n"})
    assert _check("--home", root, "--offline").exit_code == 1
    make_home({"config/alertd.yaml": "instance: [\n"})
    result = _check("--home", root, "--offline")
    assert result.exit_code == 2
    assert "rules/bad.yaml:1:" in result.stdout
    assert "config/alertd.yaml:1:" in result.stdout


def test_no_home_exits_2(tmp_path: Path) -> None:
    assert _check("--home", tmp_path).exit_code == 2


def test_paths_limit_what_is_shown_and_not_what_is_read(make_home: MakeHome, monkeypatch: pytest.MonkeyPatch) -> None:
    root = make_home(
        {
            "rules/a/x.yaml": "rules:\n  a: {measure: high}\n",
            "rules/b.yaml": "rules:\n  b: {measure: m}\n",
            "rules/c.yaml": "rules:\n  c: {measure: m, spc: mdc}\n",
        }
    )
    monkeypatch.chdir(root / "rules")
    shown = _check("a", "--offline", "--format", "json")
    assert _places(shown) == ["A106 rules/a/x.yaml:2:3", "A102 rules/a/x.yaml:2:16"]
    clean = _check("c.yaml", "--offline")
    assert (clean.exit_code, clean.stdout) == (0, "no errors, 3 more in other files in 1 measure, 4 rules\n")
    assert len(_places(_check("b.yaml", "rules/a", "--offline", "--format", "json"))) == 3
    assert _check("gone.yaml").exit_code == UsageError.exit_code
    assert _check("/etc").exit_code == UsageError.exit_code


def test_a_code_is_explained_without_a_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = _check("--explain", "a101")
    assert result.exit_code == 0
    assert result.stdout.startswith("# A101: ")
    assert _check("--explain", "A999").exit_code == 2


def test_checking_offline_imports_nothing_heavy(make_home: MakeHome) -> None:
    """What a check without SQL files needs to start; each of these would cost it a tenth of a second or more."""
    root = make_home()
    program = (
        "import sys; from alertd.cli import cli; "
        f"cli.main(['check', '--offline', '--home', {str(root)!r}], standalone_mode=False); "
        "print(sorted({'sqlalchemy', 'duckdb', 'numpy', 'sqlglot', 'jinja2', 'holidays', 'aiosmtplib', 'pyarrow', 'rich'} & set(sys.modules)))"
    )
    environ = {name: value for name, value in os.environ.items() if not name.startswith("ALERTD_")}
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environ, check=True)
    assert ran.stdout.splitlines()[-1] == "[]"


def test_a_thousand_rules_are_checked_in_a_second(make_home: MakeHome) -> None:
    rules = "".join(
        f"  r{n}:\n    measure: m\n    threshold: {{above: {n}}}\n    for: 2 periods\n" for n in range(1_000)
    )
    root = make_home({"rules/many.yaml": f"rules:\n{rules}"})
    program = (
        "import sys, time; from alertd.cli import cli; import alertd.cli.checking_home; start = time.process_time(); "
        f"cli.main(['check', '--offline', '--home', {str(root)!r}], standalone_mode=False); print(time.process_time() - start)"
    )
    environ = {name: value for name, value in os.environ.items() if not name.startswith("ALERTD_")}
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environ, check=True)
    summary, seconds = ran.stdout.splitlines()
    assert summary == "no errors in 1 measure, 1,001 rules"
    assert float(seconds) < 1
