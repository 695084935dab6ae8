"""Real public figures walked month by month: what is known to have happened is found once, and quiet where it is annotated.

Contains public sector information licensed under the Open Government Licence v3.0.
"""

import csv
import shutil
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import duckdb
import numpy as np
import pytest

from alertd.app import opened
from alertd.core.verdicts import NOTABLE, State
from alertd.workbench.figures import Figures
from alertd.workbench.known_events import events_found
from alertd.workbench.replaying import Replayed, replay_rule
from tests.journeys.support import SHARED, alertd, write_home

DATA = SHARED / "data"
pytestmark = pytest.mark.skipif(
    not (DATA / "known_events.csv").exists(), reason="the public data sets are not beside the project (../shared/data)"
)
PLACES = """\
places:
  London: {level: force}
unallocated: [Not located, Outside force area]
"""
RULES = """\
measures:
  london: {name: Crime in London, table: london, grain: month, period: period, by: [category], count: n, improvement: neither, owner: lead}
  homicide: {name: Homicide, table: homicide, grain: month, event: {date: day, complete_to: complete_to}, by: [borough],
             improvement: decrease, owner: lead}
  homicide_count: {name: Homicide, table: homicide_count, grain: month, period: period, by: [borough], count: n,
                   improvement: decrease, owner: lead}
  asb: {name: Anti-social behaviour, table: asb, grain: month, period: period, count: n, improvement: neither, owner: lead}
  charged: {name: Crimes with a charge, table: charged, grain: month, period: period, by: [district], numerator: charged,
            denominator: crimes, unit: percent, improvement: increase, settles_after: 6 months, owner: lead}
  charged_at_once: {name: Crimes with a charge, table: charged, grain: month, period: period, by: [district], numerator: charged,
                    denominator: crimes, unit: percent, improvement: increase, owner: lead}
  not_known: {name: Outcome not known, table: charged, grain: month, period: period, by: [district], numerator: not_known,
              denominator: crimes, unit: percent, improvement: neither, owner: lead}
  hate: {name: Hate crime, table: hate, grain: month, period: period, count: n, improvement: decrease, owner: lead}
  within: {name: Seen within four hours, table: within_standard, grain: month, period: period, by: [trust],
           numerator: within_standard, denominator: attendances, unit: percent, improvement: increase, owner: lead}
rules:
  london-mdc: {measure: london, spc: mdc-2024}
  homicide-t: {measure: homicide, spc: {chart: t}}
  homicide-count: {measure: homicide_count, spc: three-sigma}
  asb-mdc: {measure: asb, spc: mdc-2024}
  asb-jump: {measure: asb, change: {versus: previous period, worse_by: 50 percent, and_at_least: 1000}, accept_noise: few}
  asb-feed: {measure: asb, freshness: {late_after: 40 days, missing: any}}
  charged-mdc: {measure: charged, spc: mdc-2024}
  charged-at-once: {measure: charged_at_once, spc: mdc-2024}
  not-known-3s: {measure: not_known, spc: three-sigma}
  hate-mdc: {measure: hate, spc: mdc-2024}
  within-pp: {measure: within, spc: {chart: pp, rules: three-sigma}}
  within-all: {measure: within, spc: {chart: pp, rules: three-sigma, baseline: all}}
  within-p-all: {measure: within, spc: {chart: p, rules: three-sigma, baseline: all}}
"""
REBASE = """\
  {name}:
    effect: rebase
    measures: [{measure}]
    from: {month}
    where: {where}
    reason: known
    agreed_by: the analyst
"""


class Told(NamedTuple):
    """One transition of a replay that somebody would hear of."""

    series: str
    period: str
    kind: str
    value: float


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = write_home(tmp_path_factory.mktemp("real"), RULES, extra={"config/places.yaml": PLACES})
    with duckdb.connect(str(root / "warehouse.duckdb")) as connection:

        def table(name: str, file: str, query: str) -> None:
            feed = f"read_csv('{DATA / file}', types={{'period': 'VARCHAR'}})"
            connection.execute(f"create table {name} as {query.format(feed=feed)}")

        table(
            "london",
            "london_crime_monthly.csv",
            "select period, category, sum(count)::int as n from {feed} group by all",
        )
        table(
            "homicide_count",
            "london_crime_monthly.csv",
            "select period, place as borough, count as n from {feed} where category = 'Homicide'",
        )
        connection.execute(
            """create table homicide as select (period || '-15')::date as day, borough, date '2023-07-31' as complete_to
               from homicide_count, range(n)"""
        )
        table(
            "asb",
            "lancashire_crime_monthly.csv",
            "select period, sum(count)::int as n from {feed} where category = 'Anti-social behaviour' group by period",
        )
        table(
            "charged",
            "lancashire_outcomes_monthly.csv",
            """select period, place as district, sum(count)::int as crimes,
               coalesce(sum(count) filter (outcome_group = 'charged'), 0)::int as charged,
               coalesce(sum(count) filter (outcome_group = 'not known'), 0)::int as not_known from {feed} group by all""",
        )
        table("hate", "nypd_hate_crime_monthly.csv", "select period, sum(count)::int as n from {feed} group by period")
        table(
            "within_standard",
            "within_standard_monthly.csv",
            "select period, place as trust, denominator as attendances, within_standard from {feed}",
        )
    return root


def replayed(home: Path, rule: str, calendar: str = "", end: str = "2023-12-20") -> Replayed:
    """A rule over the whole past, each month judged with what came before it."""
    (home / "config" / "calendar.yaml").write_text(calendar or "annotations: {}\n")
    with opened(home, environ={}, with_store=False) as app:
        now = datetime.fromisoformat(f"{end}T12:00").replace(tzinfo=app.home.settings.zone)
        (one,) = replay_rule(app.home, app.home.rules[rule], Figures(app.warehouse, app.home.places, now))
        return one


def told(one: Replayed, series: str = "") -> list[Told]:
    found = [
        Told("".join(moved.verdict.key), str(moved.verdict.period), moved.transition.kind.value, moved.verdict.value)
        for moved in one.moved
        if moved.transition.kind.value in ("opened", "worsened", "cleared")
    ]
    return [row for row in found if series in ("", row.series)]


def rebases(measure: str, where: str, *months: str) -> str:
    return "annotations:\n" + "".join(
        REBASE.format(name=f"at-{month}", measure=measure, month=month, where=where) for month in months
    )


def excluded(measure: str, first: str, last: str) -> str:
    return f"suppressions:\n  known: {{measures: [{measure}], from: {first}, to: {last}, effect: exclude, reason: known}}\n"


def opened_in(rows: list[Told], first: str, last: str) -> list[str]:
    return [row.period for row in rows if row.kind == "opened" and first <= row.period <= last]


VIOLENCE, THEFT, DRUGS = "Violence without Injury", "Theft from Person", "Possession of Drugs"


def test_a_change_of_recording_is_found_in_its_first_month_and_once(home):
    """From 2014-04 to 2015-03, and again in 2015-05: 5,842 a month before, 9,337 after."""
    found = told(replayed(home, "london-mdc"), VIOLENCE)
    assert opened_in(found, "2013-08", "2016-12") == ["2014-04"]
    assert len([row for row in found if row.kind == "worsened" and "2014-04" < row.period < "2017-01"]) == 4


def test_a_change_of_recording_is_quiet_once_it_is_annotated(home):
    """Told in 2014-04 and annotated from there, it is told no more; what then comes is the summer of 2016, one month."""
    calendar = rebases("london", f"{{category: {VIOLENCE}}}", "2014-04", "2015-05")
    found = told(replayed(home, "london-mdc", calendar), VIOLENCE)
    assert opened_in(found, "2013-08", "2016-12") == ["2016-07"]
    one_only = told(replayed(home, "london-mdc", rebases("london", f"{{category: {VIOLENCE}}}", "2014-05")), VIOLENCE)
    assert opened_in(one_only, "2013-08", "2015-08") == ["2014-04", "2015-07"], "the second step is one of its own"


def test_the_first_lockdown_is_found_in_its_first_month_and_once(home):
    found = told(replayed(home, "london-mdc"), THEFT)
    assert opened_in(found, "2019-12", "2021-10") == ["2020-04"]
    assert (
        opened_in(
            told(replayed(home, "london-mdc", excluded("london", "2020-04", "2021-09")), THEFT), "2019-12", "2022-11"
        )
        == []
    )
    assert (
        opened_in(
            told(replayed(home, "london-mdc", rebases("london", f"{{category: {THEFT}}}", "2020-04")), THEFT),
            "2019-12",
            "2021-06",
        )
        == []
    )


def test_more_searches_in_lockdown_are_found_in_their_first_month_and_end_by_themselves(home):
    found = told(replayed(home, "london-mdc"), DRUGS)
    assert [row[1:3] for row in found if "2020-04" <= row.period <= "2021-09"] == [
        ("2020-04", "opened"),
        ("2020-05", "worsened"),
        ("2020-09", "cleared"),
    ]
    left_out = told(replayed(home, "london-mdc", excluded("london", "2020-04", "2020-06")), DRUGS)
    assert opened_in(left_out, "2020-04", "2021-09") == []


@pytest.mark.parametrize("rule", ["homicide-t", "homicide-count"])
def test_seven_homicides_in_one_borough_are_told_and_a_single_one_never(home, rule):
    """Two attacks in 13 years; 1,600 months of a borough had one homicide, and none of them was told."""
    found = replayed(home, rule)
    opened = [row[:2] for row in told(found) if row.kind == "opened"]
    assert opened == [("Westminster", "2017-04"), ("Southwark", "2017-06")]
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        rows = connection.execute("select borough, period, n from homicide_count").fetchall()
    homicides = {(place, month): number for place, month, number in rows}
    assert sum(number == 1 for number in homicides.values()) > 1000
    assert homicides["Southwark", "2017-06"] == 7
    history = found.history
    notable = {
        (history.keys[column][0], str(history.period(row)))
        for row, column in zip(*np.nonzero(history.state == list(State).index(State.EXCEPTION)), strict=True)
    }
    assert notable == set(opened)
    assert all(homicides[key] > 1 for key in notable)


def test_a_first_lockdown_without_history_is_found_by_a_comparison_and_not_by_a_chart(home):
    """Four months came before it: a chart is still learning. It leaves no later false alarm upwards."""
    charted = told(replayed(home, "asb-mdc"))
    assert opened_in(charted, "2020-01", "2021-09") == []
    compared = [row[1:3] for row in told(replayed(home, "asb-jump"))]
    assert compared == [("2020-04", "opened"), ("2020-05", "cleared")]
    assert opened_in(told(replayed(home, "asb-mdc", rebases("asb", "{}", "2021-09"))), "2020-01", "2022-12") == []


def test_months_without_a_file_are_missing_and_neither_quiet_nor_zero(home):
    feed = told(replayed(home, "asb-feed", end="2022-11-20"))
    assert [row[1:3] for row in feed] == [
        ("2020-06", "opened"),
        ("2020-07", "cleared"),
        ("2020-08", "opened"),
        ("2020-10", "cleared"),
    ]
    history = replayed(home, "asb-mdc").history
    months = [str(history.period(row)) for row in range(history.periods)]
    for gap in ("2020-06", "2020-08", "2020-09"):
        assert np.isnan(history.value[months.index(gap)]).all()


def test_the_share_charged_never_fires_while_cases_are_open(home):
    settled = [row for row in told(replayed(home, "charged-mdc", end="2022-11-20")) if row.kind != "cleared"]
    assert max(row.period for row in settled) == "2022-04"
    at_once = [row for row in told(replayed(home, "charged-at-once", end="2022-11-20")) if row.kind != "cleared"]
    late = [row for row in at_once if row.period > "2022-04"]
    assert len(late) >= 5, "without settles_after the open months would have been told"
    assert any(row.period == "2022-10" for row in late)


def test_other_words_for_an_outcome_are_found_in_their_first_month_and_once(home):
    found = told(replayed(home, "not-known-3s", end="2022-11-20"))
    since = [row for row in found if row.period >= "2022-06"]
    assert {row.period for row in since if row.kind != "cleared"} == {"2022-06"}
    assert len([row for row in since if row.kind == "opened"]) == len(
        {row.series for row in since if row.kind == "opened"}
    )
    quiet = told(replayed(home, "not-known-3s", rebases("not_known", "{}", "2022-06"), end="2022-11-20"))
    assert [row for row in quiet if row.period >= "2022-06" and row.kind != "cleared"] == []


def test_more_hate_crime_is_found_in_its_first_month_and_once(home):
    found = told(replayed(home, "hate-mdc"))
    assert opened_in(found, "2019-01", "2021-06") == ["2021-03"]
    assert opened_in(told(replayed(home, "hate-mdc", rebases("hate", "{}", "2021-03"))), "2019-01", "2023-09") == []


TRUTH = {
    ("lancashire_crime_monthly.csv", "Anti-social behaviour"): ("asb-jump", "asb", "{}", 1),
    ("lancashire_outcomes_monthly.csv", "not known / open"): ("not-known-3s", "not_known", "{}", 15),
    ("london_crime_monthly.csv", "Violence without Injury"): ("london-mdc", "london", f"{{category: {VIOLENCE}}}", 1),
    ("london_crime_monthly.csv", "Theft from Person"): ("london-mdc", "london", f"{{category: {THEFT}}}", 1),
    ("london_crime_monthly.csv", "Possession of Drugs"): ("london-mdc", "london", f"{{category: {DRUGS}}}", 1),
    ("london_crime_monthly.csv", "Homicide (Southwark)"): ("homicide-t", "homicide", "{borough: Southwark}", 1),
    ("nypd_hate_crime_monthly.csv", "*"): ("hate-mdc", "hate", "{}", 1),
}
"""Known event to the rule that should find it, its measure, which series it is about, and at how many it is found."""
NOT_TO_BE_FOUND = {
    ("lancashire_crime_monthly.csv", "*"): "a gap: test_months_without_a_file_are_missing_and_neither_quiet_nor_zero",
    ("lancashire_outcomes_monthly.csv", "charged"): "immature: test_the_share_charged_never_fires_while_cases_are_open",
}


def test_every_known_event_is_found_in_its_first_month_by_the_workbench(home):
    with (DATA / "known_events.csv").open(newline="") as file:
        events = {(row["file"], row["category"]): row for row in csv.DictReader(file)}
    assert set(events) == set(TRUTH) | set(NOT_TO_BE_FOUND), (
        "each known event has a rule that should find it, or a reason"
    )
    for key, (rule, measure, where, series) in TRUTH.items():
        event = events[key]
        (home / "config" / "calendar.yaml").write_text(
            f"annotations:\n  known: {{effect: known_event, measures: [{measure}], from: {event['from']}, "
            f"to: {event['to']}, where: {where}, reason: known}}\n"
        )
        with opened(home, environ={}, with_store=False) as app:
            now = datetime(2023, 12, 20, tzinfo=app.home.settings.zone)
            replays = replay_rule(app.home, app.home.rules[rule], Figures(app.warehouse, app.home.places, now))
            (found,) = events_found(app.home, replays)
        assert (found.found, found.after) == (series, 0), key


def share_flagged(one: Replayed, *, judged: bool = False) -> float:
    figures = np.isfinite(one.history.value)
    flagged = np.isin(one.history.state, NOTABLE) & figures
    learning = one.history.state == list(State).index(State.LEARNING)
    return float(flagged.sum() / (figures & ~learning if judged else figures).sum())


def test_shares_with_large_denominators_are_flagged_where_they_stand_out_and_not_nearly_everywhere(home):
    assert share_flagged(replayed(home, "within-pp")) < 0.15
    assert share_flagged(replayed(home, "within-all")) < 0.15
    assert share_flagged(replayed(home, "within-p-all")) > 0.5, "what an unadjusted chart makes of the same figures"


WORDS = {
    "charged": "Awaiting court outcome",
    "out of court": "Offender given a caution",
    "no suspect": "Investigation complete; no suspect identified",
    "evidential difficulty": "Unable to prosecute suspect",
    "not in public interest": "Formal action is not in the public interest",
    "other agency": "Action to be taken by another organisation",
    "open": "Under investigation",
    "not known": "Status update unavailable",
}


def unpacked(folder: Path) -> int:
    """Lancashire's counts as the files that they were made from, but for what is not kept of them; how many rows."""
    months: dict[str, list[str]] = {}

    def put(month: str, place: str, category: str, words: str, number: int) -> None:
        name = {"Not located": "", "Outside force area": "Bolton 001A"}.get(place, f"{place} 001A")
        rows = months.setdefault(month, [])
        for _ in range(number):
            identity = "" if category == ASB else f"{month}{len(rows)}"
            rows.append(f"{identity},{month},L,L,,,On or near,E0,{name},{category},{words},")

    with (DATA / "lancashire_crime_monthly.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            if row["category"] == ASB:
                put(row["period"], row["place"], ASB, "", int(row["count"]))
    with (DATA / "lancashire_outcomes_monthly.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            put(row["period"], row["place"], row["category"], WORDS[row["outcome_group"]], int(row["count"]))
    header = "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,"
    for month, rows in months.items():
        (folder / month).mkdir(parents=True)
        content = "\n".join([f"{header}Last outcome category,Context", *rows])
        (folder / month / f"{month}-lancashire-street.csv").write_text(content + "\n", encoding="utf-8")
    return sum(map(len, months.values()))


ASB = "Anti-social behaviour"


def test_half_a_million_real_crimes_are_loaded_and_judged_by_the_home_that_comes_with_them(tmp_path):
    rows = unpacked(tmp_path / "feed")
    done = alertd("load", "police-uk", tmp_path / "feed", "--init", tmp_path / "home")
    assert f"{rows:,} of {rows:,} rows counted" in done.stdout
    with duckdb.connect(str(tmp_path / "home" / "warehouse.duckdb"), read_only=True) as connection:
        feed = f"read_csv('{DATA / 'lancashire_crime_monthly.csv'}', types={{'period': 'VARCHAR'}})"
        differing = connection.execute(
            f"""select count(*), sum(given.count) from {feed} as given full join
                (select strftime(month, '%Y-%m') as period, district as place, category, crimes
                 from police_uk_crimes_monthly) as kept using (period, place, category)
                where given.count is distinct from kept.crimes"""
        ).fetchone()
        assert differing == (0, None)
    shutil.rmtree(tmp_path / "feed")
    home = tmp_path / "home"
    found = alertd("evaluate", "--as-of", "2022-11-20", "--format", "csv", home=home).stdout
    rules = Counter(row["rule"] for row in csv.DictReader(found.splitlines()))
    assert rules["outcome-not-known-change"] == 1
    assert rules["police-uk-late"] == 0
    assert sum(rules.values()) < 30, "of 500 series at places and for the force"
    late = alertd("evaluate", "--as-of", "2023-02-20", "--rule", "police-uk-late", "--format", "csv", home=home).stdout
    assert [row["period"] for row in csv.DictReader(late.splitlines())] == ["2022-11"], (
        "told once, and not once a series"
    )
