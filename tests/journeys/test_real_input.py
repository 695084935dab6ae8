"""The main job on real public figures: Lancashire's recorded crime and outcomes, and hospital waiting times.

Contains public sector information licensed under the Open Government Licence v3.0.
"""

import csv
import json
from collections import Counter
from pathlib import Path

import duckdb
import pytest

from tests.journeys.support import SHARED, Sink, alertd, write_home

DATA = SHARED / "data"
pytestmark = pytest.mark.skipif(
    not (DATA / "lancashire_crime_monthly.csv").exists(),
    reason="the public data sets are not beside the project (../shared/data)",
)

RULES = """\
measures:
  crime:
    name: Recorded crime
    table: crime
    grain: month
    period: period
    by: [district, category]
    count: incidents
    improvement: neither
    owner: district_commander
  charged:
    name: Crimes with a charge
    sql: charged.sql
    grain: month
    period: period
    by: [district]
    numerator: charged
    denominator: crimes
    unit: percent
    improvement: increase
    settles_after: 6 months
    owner: district_commander
  within_standard:
    name: Patients seen within four hours
    table: within_standard
    grain: month
    period: period
    by: [trust]
    numerator: within_standard
    denominator: attendances
    unit: percent
    improvement: increase
    owner: hospitals_lead
rules:
  crime-spc: {measure: crime, spc: mdc-2024}
  charged-spc: {measure: charged, spc: three-sigma}
  within-low: {measure: within_standard, threshold: {below: 75}, for: 3 periods}
"""
CHARGED = """\
select period, place as district,
       sum(case when outcome_group = 'charged' then count else 0 end) as charged,
       sum(count) as crimes
from outcomes
group by period, place
"""
MONTHS = [f"{year}-{month:02d}" for year in (2021, 2022) for month in range(1, 13)][10:22]


def _home(root: Path, port: int) -> Path:
    with (DATA / "lancashire_crime_monthly.csv").open(newline="") as file:
        places = sorted({row["place"] for row in csv.DictReader(file)})
    unallocated = [place for place in places if place in ("Not located", "Outside force area")]
    districts = [place for place in places if place not in unallocated]
    posts = "".join(
        f"      {name}: [{{name: Commander {name}, email: {name.lower().replace(' ', '.')}@example.org, from: 2019-01-01}}]\n"
        for name in districts
    )
    owners = (
        "owners:\n  data_steward: {email: steward@example.org}\n  hospitals_lead: {email: hospitals@example.org}\n"
        f"  district_commander:\n    by: district\n    posts:\n{posts}"
    )
    home = write_home(
        root,
        RULES,
        smtp_port=port,
        owners=owners,
        settings="max_letters_per_round: 1000\n",
        extra={"rules/charged.sql": CHARGED, "config/places.yaml": f"unallocated: {json.dumps(unallocated)}\n"},
    )
    with duckdb.connect(str(home / "warehouse.duckdb")) as connection:
        connection.execute(
            f"create table crime as select period, place as district, category, count as incidents "
            f"from read_csv('{DATA / 'lancashire_crime_monthly.csv'}', types={{'period': 'VARCHAR'}})"
        )
        connection.execute(
            f"create table outcomes as select * from read_csv('{DATA / 'lancashire_outcomes_monthly.csv'}', types={{'period': 'VARCHAR'}})"
        )
        connection.execute(
            "create table within_standard as select period, place as trust, denominator as attendances, within_standard "
            f"from read_csv('{DATA / 'within_standard_monthly.csv'}', types={{'period': 'VARCHAR'}})"
        )
    return home


def _last_day(month: str) -> str:
    year, number = map(int, month.split("-"))
    return f"{year + number // 12}-{number % 12 + 1:02d}-05"  # the fifth of the following month, when figures are in


def test_real_figures_walked_month_by_month(tmp_path):
    with Sink() as sink:
        home = _home(tmp_path, sink.port)
        alertd("check", home=home)
        for position, month in enumerate(MONTHS):
            alertd("run", "--once", "--as-of", _last_day(month), home=home)
            if position % 7 == 0:
                told = len(sink.mails)
                alertd("run", "--once", "--as-of", _last_day(month), home=home)
                assert len(sink.mails) == told, f"a second run of {month} sent mail"
        assert len(sink.mails) > 20, "real figures have real exceptions"
        _gaps_are_missing_and_told(home, sink)
        _unallocated_places_go_to_the_steward(sink)
        _nobody_gets_two_messages_in_one_round(sink)
        _unsettled_charges_stay_quiet(home)


def _gaps_are_missing_and_told(home: Path, sink: Sink) -> None:
    """R11: 2020-06, 2020-08 and 2020-09 are absent at the source."""
    points = list(
        csv.DictReader(
            alertd(
                "explain", "crime-spc", "--where", "district=Burnley", "--format", "csv", home=home
            ).stdout.splitlines()
        )
    )
    for gap in ("2020-06", "2020-08", "2020-09"):
        found = [point for point in points if point["period"] == gap]
        assert len(found) == 14
        assert all(point["state"] == "unknown" and point["value"] == "" for point in found)
    faults = "\n".join(mail.get_body(("plain",)).get_content() for mail in sink.to("steward@example.org"))
    assert "June 2020" in faults
    assert "August 2020 to September 2020" in faults


def _unallocated_places_go_to_the_steward(sink: Sink) -> None:
    """R26."""
    for recipients, mail in sink.mails:
        key = str(mail["X-Alertd-Key"])
        if "Not%20located" in key or "Not located" in key or "Outside force area" in key:
            assert recipients == ["steward@example.org"]
    leaders = [
        mail for recipients, mail in sink.mails if recipients[0] not in ("steward@example.org", "hospitals@example.org")
    ]
    assert leaders
    for mail in leaders:
        assert "Not located" not in mail.get_body(("plain",)).get_content()


def _nobody_gets_two_messages_in_one_round(sink: Sink) -> None:
    """R22."""
    per_day = Counter((recipients[0], str(mail["Date"])[:16]) for recipients, mail in sink.mails)
    assert max(per_day.values()) == 1, per_day.most_common(3)


def _unsettled_charges_stay_quiet(home: Path) -> None:
    """R12: the share charged falls in late 2022 only because cases are still open."""
    points = csv.DictReader(
        alertd("explain", "charged-spc", "--as-of", "2022-11-05", "--format", "csv", home=home).stdout.splitlines()
    )
    late = [point for point in points if point["period"] >= "2022-06"]
    assert late
    assert {point["state"] for point in late} == {"unsettled"}
