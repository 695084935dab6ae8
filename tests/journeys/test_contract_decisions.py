"""The decisions of the rule language, each through the command line: a home of YAML files, and what alertd says of it."""

import csv
import io
import json
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from alertd.cli import main
from tests.journeys.support import fill, write_home

MEASURE = """\
measures:
  m: {name: A measure, table: t, grain: month, period: month, by: [place], value: v, improvement: decrease, owner: lead}
"""
STEADY = [
    *map(
        float,
        [
            "10",
            "12",
            "9",
            "11",
            "10",
            "13",
            "9",
            "12",
            "11",
            "10",
            "9",
            "12",
            "11",
            "10",
            "13",
            "9",
            "10",
            "12",
            "11",
            "9",
            "10",
            "11",
            "12",
            "10",
            "9",
            "11",
            "10",
            "12",
            "11",
            "10",
        ],
    )
]


def alertd(*arguments: str, home: Path, code: int = 0) -> SimpleNamespace:
    """Run the command line in this process, as its entry point does."""
    said = SimpleNamespace(stdout=io.StringIO(), stderr=io.StringIO())
    line = ["alertd", *arguments, "--home", str(home)]
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(said.stdout), redirect_stderr(said.stderr):
        patch.setattr("sys.argv", line)
        with pytest.raises(SystemExit) as ended:
            main()
    done = SimpleNamespace(stdout=said.stdout.getvalue(), stderr=said.stderr.getvalue())
    assert ended.value.code == code, (line, ended.value.code, done)
    return done


def _months(count: int) -> list[str]:
    return [f"{2020 + number // 12}-{number % 12 + 1:02d}" for number in range(count)]


def _home(root: Path, rules: str, figures: dict[str, list[float | None]], **more: Any) -> Path:
    home = write_home(root / "home", rules, **more)
    length = max(map(len, figures.values()))
    rows = [(month, place, value) for place, values in figures.items()
            for month, value in zip(_months(length), values, strict=False) if value is not None]  # fmt: skip
    fill(home, "t", "month varchar, place varchar, v double", rows)
    return home


def _explained(home: Path, rule: str, *more: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(alertd("explain", rule, "--format", "csv", *more, home=home).stdout)))


def _evaluated(home: Path, *more: str) -> list[dict[str, Any]]:
    done = alertd("evaluate", "--format", "json", *more, home=home)
    return [json.loads(line) for line in done.stdout.splitlines()]


def _told(home: Path, *more: str, code: int = 1) -> list[str]:
    done = alertd("check", *more, home=home, code=code)
    return [line for line in (done.stdout + done.stderr).splitlines() if line.startswith(("error[", "warning["))]


def test_a_rule_has_one_detector_in_words_and_no_expression(tmp_path: Path) -> None:
    """Decision 1."""
    rules = MEASURE + """\
rules:
  two: {measure: m, threshold: {above: 12}, spc: mdc}
  none: {measure: m, advice: look}
  symbols: {measure: m, threshold: "> 12"}
  template: {measure: m, threshold: {above: "{{ limit }}"}}
"""  # fmt: skip
    told = _told(_home(tmp_path, rules, {"A": [1.0]}), "--offline")
    for name, code in (("two", "A106"), ("none", "A106"), ("symbols", "A103"), ("template", "A103")):
        assert any(f"[{code}]" in line and f"`{name}`" in line for line in told), (name, told)


def test_scalars_mean_what_they_look_like(tmp_path: Path) -> None:
    """Decision 2: `NO`, `0101`, `12:30` are texts where texts belong, and `1E2` is a hundred where a number does."""
    rules = MEASURE + """\
rules:
  r: {measure: m, threshold: {above: 1E2}, where: {place: [NO, 0101, 12:30]}, advice: 0755}
"""  # fmt: skip
    home = _home(tmp_path, rules, {"NO": [101.0], "0101": [100.5], "12:30": [99.0], "101": [500.0]})
    found = {one["series"]["place"]: one["state"] for one in _evaluated(home, "--all")}
    assert found == {"NO": "exception", "0101": "exception", "12:30": "quiet"}


def test_an_amount_in_powers_of_ten_is_one(tmp_path: Path) -> None:
    """Decision 2 again: `1E2` of an amount is a hundred, and no 1 of a unit `E2`."""
    rules = MEASURE + """\
rules:
  r: {measure: m, change: {versus: previous period, worse_by: 1E2}, accept_noise: agreed}
"""  # fmt: skip
    home = _home(tmp_path, rules, {"A": [10.0, 109.0], "B": [10.0, 111.0]})
    assert {one["series"]["place"]: one["state"] for one in _evaluated(home, "--all")} == {
        "A": "quiet",
        "B": "exception",
    }


def test_a_duration_without_a_unit_counts_periods_of_the_grain(tmp_path: Path) -> None:
    """Decision 4."""
    rules = (
        MEASURE.replace("owner", "settles_after: SPAN, owner") + "rules:\n  r: {measure: m, threshold: {above: 5}}\n"
    )
    for span, newest in (("1", "2020-01"), ("1 period", "2020-01"), ("10 days", "2020-02"), ("7 working days", "2020-02"), ("3 weeks", "2020-01"), ("1 months", "2020-01")):  # fmt: skip
        root = tmp_path / span.replace(" ", "-")
        home = _home(root, rules.replace("SPAN", span), {"A": [9.0, 9.0, 9.0]})
        (one,) = _evaluated(home, "--as-of", "2020-03-11")
        assert one["period"] == newest, span


def test_a_rule_that_cannot_fire_is_an_error_each_kind_in_one_run(tmp_path: Path) -> None:
    """Decision 5."""
    rules = MEASURE + """\
  nowhere: {name: No column, table: t, grain: month, period: month, by: [district], value: v, owner: lead}
  never: {name: Never, table: t, grain: month, period: month, by: [place], value: v, owner: lead, schedule: 0 7 30 feb *}
  empty: {name: No rows, table: nothing, grain: month, period: month, by: [place], value: v, owner: lead}
rules:
  misspelt: {measure: m, threshold: {abov: 12}}
  orphan: {measure: mm, threshold: {above: 12}}
  columnless: {measure: nowhere, threshold: {above: 12}}
  elsewhere: {measure: m, threshold: {above: 12}, where: {place: Z}}
  nothing: {measure: empty, threshold: {above: 12}, where: {place: A}}
"""  # fmt: skip
    home = _home(tmp_path, rules, {"A": [1.0]})
    fill(home, "nothing", "month varchar, place varchar, v double", [])
    told = " ".join(line for line in _told(home) if line.startswith("error"))
    for word in ("abov", "`mm`", "`district`", "`Z`", "`never`", "`empty` has no rows"):
        assert word in told, (word, told)


def test_the_judged_point_is_outside_its_own_baseline_and_none_crosses_a_rebase(tmp_path: Path) -> None:
    """Decision 6."""
    rules = MEASURE + "rules:\n  r: {measure: m, spc: mdc}\n"
    rebase = {
        "config/calendar.yaml": "annotations:\n  a: {effect: rebase, measures: [m], from: 2021-01, reason: r, agreed_by: b}\n"
    }
    newest = {}
    for name, last in (("usual", 10.0), ("far", 99.0)):
        home = _home(tmp_path / name, rules, {"A": [*STEADY, last]})
        row = _explained(home, "r")[-1]
        newest[name] = (row["centre"], row["lower"], row["upper"])
        assert row["state"] == ("exception" if last == 99 else "quiet")
    assert newest["usual"] == newest["far"]
    home = _home(
        tmp_path / "rebased", rules, {"A": [*(value + 50 for value in STEADY[:12]), *STEADY[12:]]}, extra=rebase
    )
    rows = {row["period"]: row for row in _explained(home, "r")}
    assert rows["2021-02"]["state"] == "learning"
    assert float(rows["2022-06"]["centre"]) < 20


def test_a_file_that_cannot_be_read_fails_check_with_1_and_other_commands_with_2(tmp_path: Path) -> None:
    home = _home(tmp_path, MEASURE + "rules:\n  r: {measure: m, threshold: {above: 12}}\n", {"A": [1.0]})
    (home / "rules" / "broken.yaml").write_text("rules: {r: [\n", encoding="utf-8")
    alertd("check", "--offline", home=home, code=1)
    for command in (("evaluate",), ("explain", "r"), ("run", "--once")):
        alertd(*command, home=home, code=2)
    (home / "rules" / "broken.yaml").unlink()
    (home / "config" / "alertd.yaml").write_text("instance: [\n", encoding="utf-8")
    for command in (("check", "--offline"), ("evaluate",)):
        alertd(*command, home=home, code=2)
    alertd("check", home=tmp_path / "none", code=2)


def test_hysteresis_holds_an_exception_without_signals_and_a_missing_period_breaks_what_must_hold(
    tmp_path: Path,
) -> None:
    """`for`, `clear`: three rules over the same months."""
    rules = MEASURE + """\
rules:
  held: {measure: m, threshold: {above: 15}, clear: {at_or_below: 12}}
  two: {measure: m, threshold: {above: 15}, for: 2 periods}
  of_three: {measure: m, threshold: {above: 15}, for: 2 of 3 periods}
"""  # fmt: skip
    home = _home(tmp_path, rules, {"A": [10, 16, 13, 12, 16, None, 16, 16, 14], "B": [1.0] * 9})
    states = {
        name: [row["state"] for row in _explained(home, name, "--where", "place=A")]
        for name in ("held", "two", "of_three")
    }
    assert states["held"] == [
        "quiet",
        "exception",
        "exception",
        "quiet",
        "exception",
        "unknown",
        "exception",
        "exception",
        "exception",
    ]
    assert states["two"] == [
        "quiet",
        "pending",
        "quiet",
        "quiet",
        "pending",
        "unknown",
        "pending",
        "exception",
        "quiet",
    ]
    assert states["of_three"] == [
        "quiet",
        "pending",
        "quiet",
        "quiet",
        "pending",
        "unknown",
        "exception",
        "exception",
        "quiet",
    ]
    (now,) = [one for one in _evaluated(home, "--rule", "held", "--all") if one["series"] == {"place": "A"}]
    assert (now["state"], now["signals"], now["since"]) == ("exception", [], "2020-05")


def test_as_of_is_the_end_of_a_day_and_later_rows_are_hidden_and_no_fault(tmp_path: Path) -> None:
    rules = MEASURE + "rules:\n  r: {measure: m, threshold: {above: 15}}\n"
    home = _home(tmp_path, rules, {"A": [10, 20, 10, 20]})
    assert [one["period"] for one in _evaluated(home, "--as-of", "2020-02-29")] == ["2020-02"]
    assert _evaluated(home, "--as-of", "2020-02-28") == []
    done = alertd("run", "--once", "--as-of", "2020-01-31", home=home)
    assert "fault" not in done.stdout + done.stderr
    assert [row["period"] for row in _explained(home, "r", "--as-of", "2020-03-15")] == ["2020-01", "2020-02"]


def test_output_names_series_and_periods_as_written_and_leaves_nothing_out(tmp_path: Path) -> None:
    rules = MEASURE + """\
  whole: {name: Force-wide, table: w, grain: quarter, period: quarter, value: v, improvement: decrease, owner: lead}
rules:
  r: {measure: m, threshold: {above: 15}}
  q: {measure: whole, threshold: {outside: [5, 15]}}
"""  # fmt: skip
    home = _home(tmp_path, rules, {"A;B=C%": [10, None, 20], "D": [1.0, 1.0, 1.0]})
    fill(home, "w", "quarter varchar, v double", [("2020-Q1", 10.0), ("2020-Q3", 1 / 3)])
    rows = _explained(home, "r", "--where", "place=A;B=C%")
    assert [(row["series"], row["period"], row["state"], row["value"]) for row in rows] == [
        ("place=A%3BB%3DC%25", "2020-01", "quiet", "10"),
        ("place=A%3BB%3DC%25", "2020-02", "unknown", ""),
        ("place=A%3BB%3DC%25", "2020-03", "exception", "20"),
    ]
    assert [(row["centre"], row["lower"], float(row["upper"])) for row in rows] == [("", "", 15.0)] * 3
    force = _explained(home, "q")
    assert [(row["series"], row["period"], row["state"]) for row in force] == [("", "2020-Q1", "quiet"), ("", "2020-Q2", "unknown"), ("", "2020-Q3", "improvement")]  # fmt: skip
    assert float(force[-1]["value"]) == 1 / 3
    (one,) = _evaluated(home, "--rule", "q", "--all")
    assert (one["series"], one["signals"], one["owner"], one["centre"]) == ({}, ["limit"], "lead", None)


def test_a_statistic_has_a_column_of_its_own(tmp_path: Path) -> None:
    rules = MEASURE + """\
rules:
  sum: {measure: m, drift: {method: cusum}}
  mean: {measure: m, drift: {method: ewma}}
"""  # fmt: skip
    home = _home(tmp_path, rules, {"A": [*STEADY, 14, 15, 16, 15, 16]})
    for name in ("sum", "mean"):
        rows = _explained(home, name)
        assert list(rows[0])[-1] == "statistic"
        found = [row for row in rows if row["state"] == "exception"]
        assert found
        assert all(float(row["statistic"]) > float(row["upper"]) > float(row["lower"]) for row in found)


def test_a_post_counts_to_its_last_day_and_a_force_wide_series_goes_to_the_fallback(tmp_path: Path) -> None:
    owners = """\
owners:
  data_steward: {email: steward@example.org}
  deputy_chief: {email: chief@example.org}
  lead:
    by: place
    fallback: deputy_chief
    posts:
      A:
        - {name: Old, email: old@example.org, from: 2019-01-01, to: 2020-03-10}
        - {name: New, email: new@example.org, from: 2020-03-11}
"""
    rules = MEASURE + """\
  whole: {name: Force-wide, table: w, grain: month, period: month, value: v, improvement: decrease, owner: lead}
rules:
  r: {measure: m, threshold: {above: 15}}
  q: {measure: whole, threshold: {above: 15}}
"""  # fmt: skip
    for day, holder in (("2020-03-10", "old@example.org"), ("2020-03-11", "new@example.org")):
        home = _home(tmp_path / day, rules, {"A": [10, 20]}, owners=owners)
        fill(home, "w", "month varchar, v double", [("2020-01", 10.0), ("2020-02", 20.0)])
        alertd("run", "--once", "--as-of", day, home=home, code=5)
        letters = [
            json.loads(line) for line in alertd("outbox", "list", "--format", "json", home=home).stdout.splitlines()
        ]
        assert sorted(one["recipient"] for one in letters) == sorted([holder, "chief@example.org"])


def test_owner_is_a_reserved_name(tmp_path: Path) -> None:
    home = _home(tmp_path, MEASURE + "rules:\n  r: {measure: m, threshold: {above: 15}}\n", {"A": [1.0]},
                 owners="owners:\n  owner: {email: o@example.org}\n  lead: {email: lead@example.org}\n  data_steward: {email: s@example.org}\n")  # fmt: skip
    assert any("`owner`" in line for line in _told(home, "--offline"))


@pytest.mark.parametrize(("freshness", "states"), [("{late_after: 40 days, missing: any}", {"A": "quiet", "B": "exception"}), ("{late_after: 5 days, missing: none}", {"A": "exception", "B": "exception"})])  # fmt: skip
def test_keys_of_freshness_are_alternatives_and_those_of_other_detectors_must_all_hold(
    tmp_path: Path, freshness: str, states: dict[str, str]
) -> None:
    rules = (
        MEASURE
        + f"rules:\n  f: {{measure: m, freshness: {freshness}}}\n  both: {{measure: m, threshold: {{above: 5, below: 9}}}}\n"
    )
    home = _home(tmp_path, rules, {"A": [10, 7, 8], "B": [10, 7]})
    found = {
        one["series"]["place"]: one["state"]
        for one in _evaluated(home, "--rule", "f", "--all", "--as-of", "2020-05-05")
    }
    assert found == states
    assert [row["state"] for row in _explained(home, "both", "--where", "place=A")] == [
        "quiet",
        "exception",
        "exception",
    ]
