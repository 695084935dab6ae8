"""The score of a demonstration warehouse: what is planted, held against what a home's rules tell of it."""

import json
import re
import runpy
from pathlib import Path
from typing import Any

import pytest

from alertd.app import opened
from alertd.demo.score.happenings import Planted, planted_in_file
from alertd.demo.score.page import page
from alertd.demo.score.readings import reading_of
from alertd.demo.score.rows import COLUMNS, HAPPENINGS, STRAYS, framework_rows
from alertd.demo.score.scoring import Score, score
from alertd.demo.star.build import build
from alertd.workbench.figures import Figures
from tests.journeys.support import alertd, write_home

ROOT = Path(__file__).resolve().parents[2]
PLACES = """\
places:
  Simulated Force: {level: force}
  West Division: {level: division, parent: Simulated Force}
  Sandholme: {level: district, parent: West Division}
  Lunehaven: {level: district, parent: West Division}
  East Division: {level: division, parent: Simulated Force}
  Brunford: {level: district, parent: East Division}
  Pendlebeck: {level: district, parent: East Division}
"""
RULES = """\
measures:
  grade1_minutes:
    name: Minutes to attend a Grade 1 incident
    framework: M2
    table: fact_response_grade1_month
    grain: month
    period: month
    by: [district]
    value: median_minutes
    improvement: decrease
    loaded_at: loaded_at
    owner: lead
  grade2_minutes:
    name: Minutes to attend a Grade 2 incident
    framework: M2
    table: fact_response_grade2_month
    grain: month
    period: month
    by: [district]
    value: median_minutes
    improvement: decrease
    loaded_at: loaded_at
    owner: lead
  call_999:
    name: Seconds to answer a 999 call
    framework: M2
    table: fact_calls_999_month
    grain: month
    period: month
    value: mean_seconds
    improvement: decrease
    loaded_at: loaded_at
    owner: lead
  stepped_down:
    name: Cases stepped down
    framework: M7
    table: fact_step_down_month
    grain: month
    period: month
    by: [district]
    numerator: stepped_down
    denominator: open_cases
    improvement: increase
    loaded_at: loaded_at
    owner: lead
rules:
  slow: {measure: grade1_minutes, spc: {chart: xmr, signals: [astronomical], multiplier: 3.5}}
  slow-shadow: {measure: grade2_minutes, spc: {chart: xmr, signals: [astronomical]}, status: shadow}
  calls-slow: {measure: call_999, spc: {chart: xmr, signals: [astronomical]}}
  stepped-down: {measure: stepped_down, drift: {method: cusum, shift: 1.5, false_alarm_every: 2000 periods}}
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("warehouse") / "small.duckdb"
    build(path, "small", 12, replace=False)
    return path


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_home(tmp_path_factory.mktemp("home"), RULES, extra={"config/places.yaml": PLACES})


@pytest.fixture(scope="module")
def planted(file: Path) -> Planted:
    return planted_in_file(file)


@pytest.fixture(scope="module")
def found(home: Path, file: Path, planted: Planted) -> Score:
    with opened(home, environ={"ALERTD_WAREHOUSE__URL": f"duckdb:///{file}"}, with_store=False) as application:
        read = application.home
        figures = Figures(application.warehouse, read.places, planted.as_at.replace(tzinfo=read.settings.zone))
        return score(read, list(read.rules.values()), planted, figures, rows=["M2", "M7"], seed=1, chance=True)


def _taken(found: Score, note: str) -> Any:
    (one,) = (one for one in found.scored if one.happening.note.startswith(note))
    return one


def test_a_happening_is_found_at_its_place_in_its_time_with_its_delay(found: Score) -> None:
    slow = _taken(found, "half as long again to Grade 1 calls")
    assert (slow.outcome, slow.rule, slow.where, slow.delay) == ("found", "slow", "Brunford", 0)
    assert str(slow.period) == "2021-07"


def test_a_team_is_found_by_a_rule_at_its_district(found: Score) -> None:
    team = _taken(found, "one team slower than the other")
    assert (team.outcome, team.where) == ("found", "Pendlebeck")


def test_a_rule_in_shadow_finds_nothing(found: Score) -> None:
    assert _taken(found, "one slow month").outcome == "missed"


def test_a_recording_change_that_nobody_left_out_of_judging_is_wrongly_told(found: Score) -> None:
    migration = _taken(found, "telephony migration")
    assert (migration.outcome, migration.rule, str(migration.period)) == ("wrongly told", "calls-slow", "2022-09")
    assert any(one.rule == "calls-slow" and str(one.moved.verdict.period) == "2022-09" for one in found.strays)


def test_improvement_that_the_route_does_not_ask_for_is_neither_found_nor_missed(found: Score) -> None:
    better = _taken(found, "more cases stepped down")
    assert (better.outcome, better.rule) == ("improvement, not asked for", "stepped-down")


def test_faults_in_the_data_are_found_by_the_measures_own_notice(found: Score) -> None:
    missing = _taken(found, "no figures for one month, in every grade")
    assert (missing.outcome, missing.rule) == ("found", "data:grade1_minutes")
    assert _taken(found, "a team that is no longer in the feed").outcome == "missed"  # no measure is by team


def test_the_row_adds_up_and_chance_is_beside_it(found: Score) -> None:
    second, seventh, every = framework_rows(found, ["M2", "M7"])
    assert set(every) == set(COLUMNS)
    for row in (second, seventh, every):
        assert row["found"] + row["missed"] + row["not_asked"] == row["planned"]
        assert row["false"] <= row["exceptions"]
        assert row["by_chance"] >= 0
    assert all(every[name] == second[name] + seventh[name] for name in ("planned", "found", "exceptions", "false"))


def test_what_a_measure_reads_is_read_from_its_sql(found: Score) -> None:
    measures = found.home.measures
    first = reading_of(measures["grade1_minutes"])
    assert first.only["grade"] == {"Grade 1"}
    assert "fact_response_month" in first.tables
    assert first.follows("fact_response_month", "minutes_total") == 1
    assert first.follows("fact_calls_hour", "mean_seconds") == 0
    whole = reading_of(measures["stepped_down"])
    assert (
        whole.follows("fact_step_down_month", "stepped_down"),
        whole.follows("fact_step_down_month", "open_cases"),
    ) == (1, -1)


def test_the_page_has_the_columns_and_every_happening(found: Score) -> None:
    text = page(found, ["M2", "M7"])
    assert "| " + " | ".join(COLUMNS).replace("_", " ") + " |" in text
    assert all(one.happening.note in text for one in found.scored if one.outcome == "missed")
    assert "Simulated, small, seed 12." in text
    assert "other seeds" not in text
    (total,) = re.findall(r"^\| 12 \|.*$", page(found, ["M2", "M7"], [found]), flags=re.MULTILINE)[:1]
    assert total.split(" | ")[1] == str(framework_rows(found, ["M2", "M7"])[-1]["planned"])


def test_the_page_in_docs_says_what_the_command_prints_now() -> None:
    text = (ROOT / "docs" / "demo-warehouse-score.md").read_text(encoding="utf-8")
    head = page.__globals__["_HEAD"]
    assert text.startswith(head), "write it anew: python scripts/write_demo_warehouse_score_page.py"
    assert "| " + " | ".join(COLUMNS).replace("_", " ") + " |" in text
    script = runpy.run_path(str(ROOT / "scripts" / "write_demo_warehouse_score_page.py"), run_name="read")
    assert script["PATH"] == ROOT / "docs" / "demo-warehouse-score.md"


def test_the_command_gives_one_row_as_json_with_everything_in_it(home: Path, file: Path) -> None:
    ran = alertd(
        "demo-warehouse", "score", file, "--rule", "slow", "--no-chance", "--all", "--format", "json", home=home
    )
    rows = [json.loads(line) for line in ran.stdout.splitlines()]
    (row,) = (one for one in rows if one["record"] == "row")
    assert {*COLUMNS, "record"} == set(row)
    assert row["by_chance"] is None
    assert row["rules"] == 1
    happenings = [one for one in rows if one["record"] == "happening"]
    assert {one["number"] for one in happenings if one["outcome"] == "found"} >= {10, 11}
    assert all(set(one) == {*HAPPENINGS, "record"} for one in happenings)
    assert all(set(one) == {*STRAYS, "record"} for one in rows if one["record"] == "false")


def test_a_file_that_is_none_is_said_in_a_sentence(home: Path, tmp_path: Path) -> None:
    ran = alertd("demo-warehouse", "score", tmp_path / "none.duckdb", home=home, code=2)
    assert "there is no file" in ran.stderr
    assert "demo-warehouse build" in ran.stderr
