"""The demonstration warehouse: whole, the same each time, and with everything in it that its table of truth says."""

import json
import math
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
import yaml

from alertd.app import opened
from alertd.core.data_faults import troubles
from alertd.core.series import FaultKind
from alertd.demo.star.build import build
from alertd.demo.star.facts_contact import demand
from alertd.demo.star.facts_crime import high_impact, outcomes
from alertd.demo.star.facts_vulnerable import early_action
from alertd.demo.star.forces import forces_of
from alertd.demo.star.grid import Draw
from alertd.demo.star.page import page
from alertd.demo.star.plan import PLAN
from alertd.demo.star.schema import ALL, TABLES
from tests.journeys.support import SHARED, alertd, write_home

ROOT = Path(__file__).resolve().parents[2]
AS_AT = datetime(2023, 4, 11, 7)
ROWS = yaml.safe_load((ROOT / "config" / "framework.yaml").read_text(encoding="utf-8"))["framework"]["rows"]
REPEATED_HOURS = {"fact_calls_hour", "fact_incident_hour"}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small force's warehouse, built as a user builds it."""
    path = tmp_path_factory.mktemp("warehouse") / "small.duckdb"
    done = alertd("demo-warehouse", "build", path, "--force-size", "small", afresh=True)
    assert "SIMULATED, small, seed 12" in done.stdout
    return path


@pytest.fixture(scope="module")
def warehouse(small: Path) -> Iterator[Any]:
    with duckdb.connect(str(small), read_only=True) as connection:
        yield connection


def _one(warehouse: Any, query: str) -> Any:
    return warehouse.execute(query).fetchone()[0]


def _truth(warehouse: Any, condition: str) -> list[dict[str, Any]]:
    found = warehouse.execute(f"SELECT * FROM truth WHERE {condition} ORDER BY truth_id")
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _series(row: dict[str, Any]) -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in row["series"].split(";") if pair)


def _where(row: dict[str, Any]) -> str:
    return (
        " AND ".join(f"{name} = '{value.replace(chr(39), chr(39) * 2)}'" for name, value in _series(row).items())
        or "true"
    )


def _label(row: dict[str, Any]) -> str:
    """The period of a row of a table, as truth writes it."""
    table = TABLES[row["table_name"]]
    if next(one.type for one in table.columns if one.name == table.period) == "VARCHAR":
        return table.period
    forms = {"hour": "%Y-%m-%dT%H", "day": "%Y-%m-%d", "week": "%G-W%V", "month": "%Y-%m"}
    return f"strftime({table.period}, '{forms[table.grain]}')"


def test_every_table_and_view_of_the_page_is_there_with_rows_and_says_that_it_is_simulated(warehouse: Any) -> None:
    commented = "SELECT table_name, comment FROM duckdb_tables() UNION ALL SELECT view_name, comment FROM duckdb_views() WHERE NOT internal"
    comments = dict(warehouse.execute(commented).fetchall())
    assert comments.keys() == ALL.keys()
    assert all(comment.startswith("Simulated: ") for comment in comments.values())
    for name, table in ALL.items():
        columns = warehouse.execute(f"SELECT * FROM {name} LIMIT 1")
        assert [column[0] for column in columns.description] == [one.name for one in table.columns], name
        assert columns.fetchone() is not None, f"{name} is empty"
    assert "SIMULATED" in _one(warehouse, "SELECT note FROM about")


def test_every_row_of_the_framework_is_served_and_has_something_to_notice(warehouse: Any) -> None:
    assert {one.serves for one in ALL.values() if one.serves} == set(ROWS)
    assert {one.framework for one in PLAN if one.expected == "notice"} == set(ROWS)
    assert {row["framework"] for row in _truth(warehouse, "expected = 'notice'")} == set(ROWS)


def test_every_component_of_the_catalogue_is_served_by_a_table() -> None:
    path = SHARED / "data" / "catalogue_12x12.json"
    if not path.exists():
        pytest.skip(f"the reconstructed catalogue is not there: {path}")
    served = {one.serves: "" for one in ALL.values()}
    for one in ALL.values():
        served[one.serves] += f" {one.component.casefold()} ;"
    for row in json.loads(path.read_text(encoding="utf-8")):
        for component in row["components"]:
            words = (
                component.casefold().partition(" (average")[0].replace("feel safe surveys (hmic)", "feel safe surveys")
            )
            parts = [part for part in words.split(", ") if part not in ("numbers", "hours worked")]
            assert all(part in served[row["id"]] for part in parts), (row["id"], component)


def test_keys_tell_rows_apart_but_where_a_duplicate_is_planted_or_autumn_repeats_an_hour(warehouse: Any) -> None:
    planted = Counter(row["table_name"] for row in _truth(warehouse, "kind = 'duplicate'"))
    for table in TABLES.values():
        if not table.keys:
            continue
        names = ", ".join(f'"{key}"' for key in table.keys)
        twice = _one(
            warehouse, f"SELECT count(*) FROM (SELECT 1 FROM {table.name} GROUP BY {names} HAVING count(*) > 1)"
        )
        if table.name in REPEATED_HOURS:
            hours = f"SELECT DISTINCT hour FROM {table.name} GROUP BY {names} HAVING count(*) > 1"
            assert all((one.month, one.hour) == (10, 1) for (one,) in warehouse.execute(hours).fetchall())
            continue
        assert twice == planted[table.name], table.name


def test_no_denominator_is_zero_by_chance(warehouse: Any) -> None:
    """A zero denominator is a fault, and every fault is planted."""
    for table in TABLES.values():
        for column in table.columns:
            if "(denominator)" in column.meaning:
                assert _one(warehouse, f"SELECT count(*) FROM {table.name} WHERE {column.name} <= 0") == 0, (
                    table.name,
                    column,
                )


def test_nothing_was_loaded_after_the_warehouse_was_frozen_or_before_its_period_ended(warehouse: Any) -> None:
    length = {"hour": "1 hour", "day": "1 day", "week": "7 days", "month": "1 month"}
    for table in TABLES.values():
        if "loaded_at" not in {one.name for one in table.columns}:
            continue
        assert _one(warehouse, f"SELECT max(loaded_at) FROM {table.name}") <= AS_AT, table.name
        kind = next(one.type for one in table.columns if one.name == table.period)
        if table.grain in length and kind != "VARCHAR":
            early = f"loaded_at < {table.period} + INTERVAL '{length[table.grain]}' AND {table.period} < '2024-01-01'"
            assert _one(warehouse, f"SELECT count(*) FROM {table.name} WHERE {early}") == 0, table.name


def test_every_row_of_truth_points_at_rows_that_are_there(warehouse: Any) -> None:
    gone = ("missing", "vanished")
    for row in _truth(warehouse, "true"):
        table, where = ALL[row["table_name"]], _where(row)
        assert row["column_name"] in {one.name for one in table.columns}, row
        if row["kind"] == "failed_check":
            where += " AND result = 'failed'"
        if row["grain"] == "day" and table.grain == "event":
            date = {
                "assessments": "assessed_on",
                "reality_checks": "checked_on",
                "focus_groups": "held_on",
                "plan_actions": "due_on",
            }
            where += f" AND {date.get(table.name, 'occurred_on')} BETWEEN '{row['from']}' AND '{row['to']}'"
        elif table.grain == "event":
            where += f" AND quarter BETWEEN '{row['from']}' AND '{row['to']}'"
        elif row["kind"] != "unreadable_period":
            where += f" AND {_label(row)} BETWEEN '{row['from']}' AND '{row['to']}'"
        found = _one(warehouse, f"SELECT count(*) FROM {row['table_name']} WHERE {where}")
        assert (found == 0) == (row["kind"] in gone), row
        if row["kind"] in gone:
            known = _one(warehouse, f"SELECT count(*) FROM {row['table_name']} WHERE {_where(row)}")
            assert known > 0, row
        if row["kind"] in ("cluster", "one_event"):
            assert found >= row["factor"], row


def test_what_is_planted_shows_in_the_figures(warehouse: Any) -> None:
    """At least four tenths of the move that was planted, against the two years before, and never the other way."""
    kinds = "('step_up', 'step_down', 'spike', 'dip', 'surge', 'shock', 'recording_change', 'not_located')"
    rows = [row for row in _truth(warehouse, f"kind IN {kinds}") if TABLES[row["table_name"]].grain != "event"]
    assert len(rows) > 80
    weak = []
    for row in rows:
        whole = _whole_of(row)
        level = f"sum({row['column_name']}) / " + (
            f"sum({whole})" if whole else _ROWS.get(row["column_name"], "count(*)")
        )
        during = f"{_label(row)} BETWEEN '{row['from']}' AND '{row['to']}'"
        years = 2 if TABLES[row["table_name"]].grain != "year" else 4
        before = (
            f"{_label(row)} < '{row['from']}' AND {_label(row)} >= '{int(row['from'][:4]) - years}{row['from'][4:]}'"
        )
        figures = [
            _one(warehouse, f"SELECT {level} FROM {row['table_name']} WHERE {_where(row)} AND {when}")
            for when in (during, before)
        ]
        share = row["column_name"] == "percent" or (whole is not None and whole not in _RATES)
        moved, usual = (math.log(one / (1 - one)) if share else math.log(one) for one in figures)
        if (moved - usual) / math.log(row["factor"]) < 0.4:
            weak.append((row["table_name"], row["series"], row["kind"], figures))
    assert weak == []


_ROWS = {"percent": "(100 * count(*))"}
_RATES = ("incidents", "households", "majority_searches")
"""Columns that others are taken over without being a part of them."""


def _whole_of(row: dict[str, Any]) -> str | None:
    """The column that a planted figure is taken over; None where it is a count or a value of its own."""
    other = {"minutes_total": "incidents", "subscribers": "households", "minority_searches": "majority_searches"}
    if row["column_name"] in other:
        return other[row["column_name"]]
    last = None
    for column in TABLES[row["table_name"]].columns:
        if "(denominator)" in column.meaning:
            last = column.name
        if column.name == row["column_name"]:
            part = column.meaning.startswith(("of these", "of the")) or "(numerator)" in column.meaning
            if "(numerator)" in column.meaning:
                last = next(one.name for one in TABLES[row["table_name"]].columns if "(denominator)" in one.meaning)
                return None if row["table_name"] == "fact_contact_day" else last
            return last if part and last else None
    return None


RECOGNISED = {
    "missing": {FaultKind.MISSING_SERIES, FaultKind.MISSING_PERIOD},
    "vanished": {FaultKind.MISSING_SERIES},
    "null": {FaultKind.NULL},
    "negative": {FaultKind.NEGATIVE_COUNT},
    "above_denominator": {FaultKind.NUMERATOR_ABOVE_DENOMINATOR},
    "duplicate": {FaultKind.DUPLICATE},
    "future": {FaultKind.FUTURE},
    "unreadable_period": {FaultKind.BAD_PERIOD},
    "unknown_place": {FaultKind.UNEXPECTED_PLACE},
}
FIGURES = {
    "fact_response_month": "numerator: within_standard, denominator: incidents",
    "fact_response_team_month": "numerator: within_standard, denominator: incidents",
    "fact_victim_contact_month": "numerator: on_time, denominator: due",
    "fact_visibility_week": "numerator: hours_outside, denominator: duty_hours",
    "fact_pcso_month": "numerator: hours_on_task, denominator: hours_duty",
    "fact_agile_month": "numerator: mobile_forms, denominator: forms",
    "fact_itk_month": "count: subscribers",
    "fact_high_impact_week": "count: crimes",
    "fact_court_month": "numerator: convicted, denominator: defendants",
    "fact_dvpn_month": "count: dvpn_issued",
    "fact_stop_search_month": "count: searches",
    "fact_file_sample_month": "numerator: met_minimum, denominator: sampled",
    "fact_complaint_quarter": "count: complaints",
    "fact_missing_month": "numerator: repeat_episodes, denominator: episodes",
}


def test_alertd_finds_every_dirty_row_and_no_other(small: Path, warehouse: Any, tmp_path: Path) -> None:
    rows = _truth(warehouse, f"kind IN {tuple(RECOGNISED)}")
    assert {row["kind"] for row in rows} == set(RECOGNISED)
    assert {row["table_name"] for row in rows} == set(FIGURES)
    measures = "".join(
        f"  {name}: {{name: {name}, table: {name}, grain: {TABLES[name].grain}, period: {TABLES[name].period}, "
        f"by: [{', '.join(TABLES[name].by)}], {figures}, improvement: neither, settles_after: 30 days, owner: lead}}\n"
        for name, figures in FIGURES.items()
    )
    names = [one.name for one in forces_of("small")[0].districts]
    places = (
        "places:\n" + "".join(f"  {name}: {{level: district}}\n" for name in names) + "unallocated: [Not located]\n"
    )
    home = write_home(tmp_path, f"measures:\n{measures}", extra={"config/places.yaml": places})
    shutil.copy(small, home / "warehouse.duckdb")
    with opened(home, environ={}) as app:
        now = AS_AT.replace(tzinfo=app.home.settings.zone)
        heard = {
            measure.id: troubles(
                measure, app.warehouse.read(measure, now=now, places=app.home.places), app.home.calendar, now
            )
            for measure in app.home.measures.values()
        }
    for row in rows:
        told = [
            one
            for one in heard[row["table_name"]]
            if one.kind in RECOGNISED[row["kind"]]
            and set(_series(row).values()) <= set(one.key or _series(row).values())
            and (
                row["kind"] in ("unreadable_period", "unknown_place")
                or (one.first <= row["from"] and row["to"] <= one.last)
            )
        ]
        assert told, (row, heard[row["table_name"]])
    places_to_come = 1  # a place that is in no list is missing in the months that follow
    assert sum(map(len, heard.values())) == sum(_expected_faults(row) for row in rows) + places_to_come, heard


def test_reality_checks_come_when_they_come_and_are_no_data_fault(small: Path, tmp_path: Path) -> None:
    """24 measures of the framework, of which most months and places have none."""
    own = shutil.copy(small, tmp_path)  # one process opens a DuckDB file in one way only, and `warehouse` has it open
    with opened(ROOT, environ={"ALERTD_WAREHOUSE__URL": f"duckdb:///{own}"}, with_store=False) as app:
        now = AS_AT.replace(tzinfo=app.home.settings.zone)
        checks = [measure for measure in app.home.measures.values() if measure.scale == ("failed", "passed")]
        assert len(checks) == len(ROWS)
        for measure in checks:
            block = app.warehouse.read(measure, now=now, places=app.home.places)
            assert np.isnan(block.value).any()
            assert troubles(measure, block, app.home.calendar, now) == (), measure.id


def _expected_faults(row: dict[str, Any]) -> int:
    """How many faults a steward hears of one row of truth: one for each series that it does not name."""
    return 3 if row["table_name"] == "fact_response_month" else 1


def test_an_existing_file_is_left_alone_unless_it_is_replaced_and_the_same_seed_gives_the_same_rows(
    warehouse: Any, tmp_path: Path
) -> None:
    path = tmp_path / "again.duckdb"
    path.write_text("mine")
    refused = alertd("demo-warehouse", "build", path, "--force-size", "small", code=2)
    assert "is there already; give --replace" in refused.stderr
    assert path.read_text() == "mine"
    alertd("demo-warehouse", "build", path, "--force-size", "small", "--replace")
    assert [entry.name for entry in tmp_path.iterdir()] == ["again.duckdb"]
    warehouse.execute(f"ATTACH '{path}' AS again (READ_ONLY)")
    for name in TABLES:
        # In the order of the rows as they lie there: that, too, is the same.
        digests = [
            _one(warehouse, f"SELECT md5(string_agg(t::VARCHAR, chr(10))) FROM {of} AS t")
            for of in (name, f"again.{name}")
        ]
        assert digests[0] == digests[1], name


def test_another_seed_gives_other_figures() -> None:
    (force,) = forces_of("small")
    made = [[rows for _, rows in early_action(Draw(force=force, seed=seed, plants={}))] for seed in (1, 1, 2)]
    assert made[0] == made[1]
    assert all(one != other for one, other in zip(made[0], made[2], strict=True))


@pytest.mark.parametrize(
    ("name", "says"), [("nowhere/x.duckdb", "there is no folder"), (".", "is a folder; name a file")]
)
def test_a_file_that_cannot_be_written_is_said_in_one_line(tmp_path: Path, name: str, says: str) -> None:
    refused = alertd("demo-warehouse", "build", tmp_path / name, "--force-size", "small", code=2)
    assert says in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_build_that_fails_leaves_what_was_there_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    path.write_text("mine")

    def stopped(steps: list[Any]) -> Iterator[Any]:
        yield from steps[:3]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(path, "small", 1, replace=True, watch=stopped)
    assert path.read_text() == "mine"
    assert list(tmp_path.iterdir()) == [path]


def test_two_builds_of_one_file_do_not_meet(tmp_path: Path) -> None:
    path = tmp_path / "warehouse.duckdb"
    (tmp_path / "warehouse.duckdb.new").write_text("what a build that was killed left")

    def beside(steps: list[Any]) -> Iterator[Any]:
        yield from steps[:2]
        refused = alertd("demo-warehouse", "build", path, "--force-size", "small", code=2)
        assert "another process is writing" in refused.stderr
        yield from steps[2:3]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(path, "small", 1, replace=False, watch=beside)
    assert list(tmp_path.iterdir()) == []


def test_hours_days_and_months_of_calls_add_up(warehouse: Any) -> None:
    days = "SELECT hour::DATE AS day, force, line, sum(offered) AS offered, sum(answered) AS answered FROM fact_calls_hour GROUP BY ALL"
    for coarse, fine in (("fact_calls_day", f"({days})"), ("fact_calls_month", "fact_calls_day")):
        column = "day" if coarse == "fact_calls_day" else "month"
        whole = fine if column == "day" else f"(SELECT date_trunc('month', day)::DATE AS month, * FROM {fine})"
        joined = f"SELECT {column}, force, line, sum(offered) AS offered, sum(answered) AS answered FROM {whole} GROUP BY ALL"
        wrong = f"SELECT count(*) FROM {coarse} AS c LEFT JOIN ({joined}) AS f USING ({column}, force, line)"
        assert (
            _one(
                warehouse,
                f"{wrong} WHERE c.offered IS DISTINCT FROM f.offered OR c.answered IS DISTINCT FROM f.answered",
            )
            == 0
        )
    assert _one(warehouse, "SELECT count(*) FROM fact_calls_hour WHERE offered <> answered + abandoned") == 0


def test_outcomes_grow_with_age_and_the_newest_months_still_fill(warehouse: Any) -> None:
    shrinking = """SELECT count(*) FROM (
        SELECT charged < lag(charged) OVER (PARTITION BY month, district, crime_type ORDER BY age_months) AS less
        FROM fact_crime_outcome_snapshot) WHERE less"""
    assert _one(warehouse, shrinking) == 0
    newest = """SELECT count(*) FROM fact_crime_outcome_month AS now JOIN (
        SELECT month, district, crime_type, arg_max(charged, age_months) AS charged FROM fact_crime_outcome_snapshot GROUP BY ALL
        ) AS last USING (month, district, crime_type) WHERE now.charged <> last.charged"""
    assert _one(warehouse, newest) == 0
    share = "SELECT sum(charged) / sum(recorded) FROM fact_crime_outcome_month WHERE month {}"
    assert _one(warehouse, share.format("= '2023-03-01'")) < 0.5 * _one(warehouse, share.format("< '2022-10-01'"))


def test_a_post_has_one_holder_at_a_time_all_of_them_made_up(warehouse: Any) -> None:
    wanted = warehouse.execute(
        """SELECT district, name, email, "from", "to", deputy FROM postings WHERE post = 'district_commander' ORDER BY district, "from" """
    ).fetchall()
    assert {row[0] for row in wanted} == {one.name for one in forces_of("small")[0].districts}
    overlapping = """SELECT count(*) FROM postings AS a JOIN postings AS b ON a.post = b.post AND a.force = b.force
        AND a.district IS NOT DISTINCT FROM b.district AND a.division IS NOT DISTINCT FROM b.division
        AND a.team IS NOT DISTINCT FROM b.team AND a."from" < b."from" AND (a."to" IS NULL OR a."to" >= b."from")"""
    assert _one(warehouse, overlapping) == 0
    assert (
        _one(
            warehouse,
            "SELECT count(*) FROM postings WHERE email NOT LIKE '%@example.org' OR deputy NOT LIKE '%@example.org'",
        )
        == 0
    )
    made_up = "Example|Sample|Specimen|Madeup|Invented|Pretend|Placeholder|Fictitious|Imaginary|Mock"
    assert _one(warehouse, f"SELECT count(*) FROM postings WHERE NOT regexp_matches(name, ' ({made_up})$')") == 0
    assert (
        _one(
            warehouse,
            "SELECT count(*) FROM absences WHERE email NOT IN (SELECT email FROM postings WHERE deputy IS NOT NULL)",
        )
        == 0
    )


def test_grades_fall_only_where_that_is_planted(warehouse: Any) -> None:
    scale = "list_position(['Inadequate', 'Requires improvement', 'Good', 'Outstanding'], grade)"
    place = "coalesce(district, division)"
    falls = f"""SELECT theme, place, day FROM (
        SELECT theme, {place} AS place, assessed_on AS day,
            {scale} < lag({scale}) OVER (PARTITION BY framework, theme, {place} ORDER BY assessed_on) AS fell
        FROM assessments) WHERE fell"""
    planted = {
        (_series(row)["theme"], row["district"] or row["division"], row["from"])
        for row in _truth(warehouse, "table_name = 'assessments'")
    }
    assert {(theme, place, str(day)) for theme, place, day in warehouse.execute(falls).fetchall()} == planted
    assert len(planted) == 15


def test_places_and_teams_of_facts_are_those_of_the_dimensions(warehouse: Any) -> None:
    known = {place for (place,) in warehouse.execute("SELECT place FROM dim_place").fetchall()}
    teams = {team for (team,) in warehouse.execute("SELECT team FROM dim_team").fetchall()}
    allowed = known | {"Not located", "Outside force area", "Brunfrod"}
    for table in TABLES.values():
        for column in {"district", "division", "force", "neighbourhood"} & set(table.by):
            names = {name for (name,) in warehouse.execute(f"SELECT DISTINCT {column} FROM {table.name}").fetchall()}
            assert names <= allowed, (table.name, column, names - allowed)
        if "team" in table.by:
            names = {name for (name,) in warehouse.execute(f"SELECT DISTINCT team FROM {table.name}").fetchall()}
            assert names <= teams, table.name


def test_the_force_of_a_county_has_the_places_of_the_shipped_configuration() -> None:
    places = yaml.safe_load((ROOT / "config" / "places.yaml").read_text(encoding="utf-8"))["places"]
    (force,) = forces_of("county")
    assert {name: place.get("parent") for name, place in places.items()} == {
        force.name: None,
        **dict.fromkeys(force.divisions, force.name),
        **{one.name: one.division for one in force.districts},
    }
    assert len(force.teams) == 64


def test_a_nation_has_over_a_million_series_and_no_name_twice() -> None:
    forces = forces_of("national")
    places = [name for force in forces for one in force.districts for name in (one.name, *force.neighbourhoods(one))]
    names = [
        *places,
        *(name for force in forces for name in (force.name, *force.divisions, *(one.name for one in force.teams))),
    ]
    assert len(forces) == 43
    assert len(set(names)) == len(names)
    assert (len(places) - 43 * 14) * 14 > 1_000_000


def test_two_forces_of_a_nation_share_no_row() -> None:
    forces = [replace(force, neighbourhoods_each=1) for force in forces_of("national")[:2]]
    for maker in (outcomes, high_impact, demand):
        made = [dict(maker(Draw(force=force, seed=1, plants={}))) for force in forces]
        for name, rows in made[0].items():
            keys = list(TABLES[name].keys)
            twice = rows.select(keys).join(made[1][name].select(keys), keys, join_type="inner")
            assert twice.num_rows == 0, name


def test_the_page_is_what_the_code_says() -> None:
    """`python scripts/write_demo_warehouse_page.py` writes it."""
    assert (ROOT / "docs" / "demo-warehouse.md").read_text(encoding="utf-8") == page()
