"""A home is found, read from its own files only, and used only when it is sound as a whole."""

import os
from datetime import date
from pathlib import Path

import pytest

from alertd.config.load import find_home, load_home
from alertd.config.problems import ConfigError
from alertd.core.errors import UsageError
from tests.edges.config.homes import MakeHome, Read, found, kinds, reading_of

SQL_MEASURE = """\
measures:
  n: {name: N, sql: SQL, grain: month, period: p, value: v, owner: lead}
"""


def test_the_home_is_named_by_option_then_variable_then_folder(
    make_home: MakeHome, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make_home()
    other = tmp_path / "other"
    (other / "config").mkdir(parents=True)
    (other / "config/alertd.yaml").touch()
    monkeypatch.chdir(root / "rules")
    assert find_home(None, {}) == root
    assert find_home(None, {"ALERTD_HOME": str(other)}) == other
    assert find_home(root, {"ALERTD_HOME": str(other)}) == root
    monkeypatch.chdir(tmp_path)
    assert find_home(None, {}, near=Path("home/rules/rules.yaml")) == root
    for option, environ in ((None, {}), (tmp_path, {}), (None, {"ALERTD_HOME": str(tmp_path)})):
        with pytest.raises(UsageError, match=r"alertd\.yaml"):
            find_home(option, environ)


def test_a_sound_home_is_loaded_whole(make_home: MakeHome) -> None:
    files = {
        "rules/x.yaml": SQL_MEASURE.replace("SQL", "x.sql")
        + "tests:\n  t: {rule: high, values: 85*6, expect: quiet}\n",
        "rules/x.sql": "SELECT p, v FROM t",
        "config/places.yaml": "places:\n  N: {level: place}\nunallocated: [Not located]\n",
        "config/framework.yaml": "framework:\n  quadrants: {1: One}\n  rows: {M1: {title: T, kind: measure, quadrant: 1}}\n",
        "config/calendar.yaml": "annotations:\n  a: {effect: known_event, measures: m, from: 2022-01, reason: r}\n",
    }
    home = load_home(make_home(files), kinds=kinds(), environ={})
    assert home.measures["n"].statement == "SELECT p, v FROM t"
    assert set(home.rules) == {"high"}
    assert set(home.tests) == {"t"}
    assert home.places.unallocated == ("Not located",)
    assert home.framework.quadrants == {1: "One"}
    assert set(home.calendar.annotations) == {"a"}
    assert {date(2022, 9, 19), date(2026, 12, 25)} <= home.calendar.holidays
    assert date(2026, 12, 24) not in home.calendar.holidays


def test_a_home_with_errors_is_not_loaded_and_all_of_them_are_said(make_home: MakeHome) -> None:
    root = make_home({"rules/a.yaml": "rules: {a: {measure: m}}\n", "rules/b.yaml": "rules: [\n"})
    with pytest.raises(ConfigError) as caught:
        load_home(root, kinds=kinds(), environ={})
    assert [problem.code for problem in caught.value.problems] == ["A106", "A108"]
    assert caught.value.exit_code == 2
    assert "rules/a.yaml:1:9" in str(caught.value)


def test_warnings_keep_no_home_from_being_loaded(make_home: MakeHome) -> None:
    root = make_home({"rules/left_over.sql": "SELECT 1"})
    assert found(reading_of(root)) == ["W203 rules/left_over.sql:1:1"]
    assert load_home(root, kinds=kinds(), environ={}).rules


@pytest.mark.parametrize("place", ["rules/deep/x.sql", "rules/x.sql", "x.sql"])
def test_sql_is_found_beside_the_rule_file_in_rules_and_in_the_home(make_home: MakeHome, place: str) -> None:
    reading = reading_of(make_home({"rules/deep/x.yaml": SQL_MEASURE.replace("SQL", "x.sql"), place: "SELECT 1"}))
    assert found(reading) == []
    assert reading.parts.measures["n"].statement == "SELECT 1"


@pytest.mark.parametrize(
    "written", ["../outside.sql", "/etc/hostname", "sql/../../../outside.sql", "linked.sql", "folder"]
)
def test_sql_outside_the_home_is_never_read(make_home: MakeHome, tmp_path: Path, written: str) -> None:
    (tmp_path / "outside.sql").write_text("SELECT 'secret'")
    root = make_home({"rules/x.yaml": SQL_MEASURE.replace("SQL", written)})
    (root / "rules/linked.sql").symlink_to(tmp_path / "outside.sql")
    (root / "rules/folder").mkdir()
    reading = reading_of(root)
    assert found(reading) == ["A110 rules/x.yaml:2:21"]
    assert reading.statements == {}


def test_a_missing_sql_file_is_named_with_the_one_that_was_meant(read: Read) -> None:
    reading = read({"rules/x.yaml": SQL_MEASURE.replace("SQL", "respnse.sql"), "rules/sql/response.sql": "SELECT 1"})
    assert [(one.code, one.hint) for one in reading.problems] == [("A110", "did you mean `rules/sql/response.sql`?")]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"rules:\n  caf\xe9: 1\n", "not UTF-8: byte 0xE9 in line 2"),
        (b"#" * (1024 * 1024 + 1), "larger than 1 MiB"),
        ("rules: {}".encode("utf-16"), "not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_used_is_an_error(read: Read, content: bytes, words: str) -> None:
    (problem,) = read({"rules/x.yaml": content}).problems
    assert problem.code == "A110"
    assert words in problem.message


def test_a_byte_order_mark_is_no_error(read: Read) -> None:
    assert found(read({"rules/x.yaml": "\ufeffrules:\n  r: {measure: m, spc: mdc}\n"})) == []


def test_what_is_no_ordinary_file_is_an_error_and_is_not_waited_for(make_home: MakeHome, tmp_path: Path) -> None:
    root = make_home()
    os.mkfifo(root / "rules/pipe.yaml")
    (root / "rules/circle.yaml").symlink_to("circle.yaml")
    (tmp_path / "outside.yaml").write_text("rules: {}\n")
    (root / "rules/outside.yaml").symlink_to(tmp_path / "outside.yaml")
    (root / "rules/round").symlink_to(root / "rules")
    (root / "rules/.hidden.yaml").write_text("nonsense: [")
    assert found(reading_of(root)) == [f"A110 rules/{name}.yaml" for name in ("circle", "outside", "pipe")]


def test_a_home_mounted_by_links_within_itself_is_read(make_home: MakeHome) -> None:
    root = make_home()
    (root / "rules/..data").mkdir()
    (root / "rules/rules.yaml").rename(root / "rules/..data/rules.yaml")
    (root / "rules/rules.yaml").symlink_to("..data/rules.yaml")
    reading = reading_of(root)
    assert found(reading) == []
    assert set(reading.parts.rules) == {"high"}


def test_a_home_without_settings_says_so(make_home: MakeHome) -> None:
    root = make_home()
    (root / "config/alertd.yaml").unlink()
    assert found(reading_of(root)) == ["A110 config/alertd.yaml"]
