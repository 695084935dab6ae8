"""The framework against the rest of a home: names, dates, rows that nothing watches, and reviews that are overdue."""

from datetime import date
from pathlib import Path

import pytest

from alertd.config.load import Reading, load_home, read_home
from alertd.core.detect.baselines import plan
from alertd.core.detect.drift import design
from alertd.core.detect.drift_design import simulated_limit
from alertd.core.detect.drift_table import IN_THE_FRAMEWORK
from tests.edges.config.homes import MakeHome, kinds

ROOT = Path(__file__).resolve().parents[3]
RULES = """\
measures:
  m: {name: A measure, table: t, grain: month, period: period, by: [place], value: v, owner: lead, framework: M1}
rules:
  high: {measure: m, threshold: {above: 50}, to: ops}
"""
ROWS = "  rows: {M1: {title: People, kind: measure, quadrant: 1}}\n"
TODAY = date(2026, 11, 23)


def read(make_home: MakeHome, framework: str, rules: str = RULES, today: date = TODAY) -> Reading:
    """A home with this framework, read on a day."""
    files = {"config/framework.yaml": "framework:\n" + ROWS + framework, "rules/rules.yaml": rules}
    return read_home(make_home(files), kinds=kinds(), environ={}, today=today)


def told(reading: Reading) -> list[str]:
    return [f"{one.code} {one.message}" + (f"; {one.hint}" if one.hint else "") for one in reading.problems]


def test_a_framework_that_fits_its_home_is_quiet(make_home: MakeHome) -> None:
    framework = """\
  reviewed_on: 2026-04-01
  quadrants: {1: One}
  priorities: {people: {title: Our People, rows: [M1], inferred: true}}
  plans: {fleet: {title: Fleet strategy, quadrant: 1}}
  reviews:
    first: {held: 2026-06-01, announced: 2026-05-01, theme: People, rows: [M1]}
    second: {held: 2026-09-01, announced: 2026-08-01, theme: Crime}
    third: {held: 2026-12-01, announced: 2026-11-01, theme: Victims}
    fourth: {held: 2027-03-31, announced: 2027-02-01, theme: Trust}
  roles: {chief: {title: Chief, owner: lead, rows: [M1], measures: [m]}}
  commitments: {people: {title: Have the people, rows: [M1]}}
  governance: {force: {title: Force, owner: lead}}
"""
    supported = RULES.replace("framework: M1", "framework: M1, supports: [fleet, FLEET STRATEGY]")
    assert told(read(make_home, framework, supported)) == []


@pytest.mark.parametrize(
    ("framework", "message"),
    [
        ("priorities: {p: {title: P, rows: [M11]}}", "`p` under `priorities` names row `M11`"),
        ("roles: {r: {title: R, rows: [M11]}}", "`r` under `roles` names row `M11`"),
        ("commitments: {c: {title: C, rows: [M11]}}", "`c` under `commitments` names row `M11`"),
    ],
)
def test_a_row_that_is_not_there_is_named_with_the_nearest(make_home: MakeHome, framework: str, message: str) -> None:
    reading = read(make_home, f"  {framework}\n")
    assert [one.code for one in reading.errors] == ["A102"]
    assert message in reading.errors[0].message
    assert (reading.errors[0].hint, reading.errors[0].line) == ("did you mean `M1`?", 3)


def test_owners_measures_and_levels_that_are_not_there_are_all_told_at_once(make_home: MakeHome) -> None:
    framework = """\
  roles: {r: {title: R, owner: leed, measures: [mm]}}
  governance: {g: {title: G, owner: nobody, level: district}}
"""
    assert set(told(read(make_home, framework))) == {
        "A102 role `r` names measure `mm`, which is not there; did you mean `m`?",
        "A102 `r` under `roles` names owner `leed`, which is not there; did you mean `lead`?",
        "A102 `g` under `governance` names owner `nobody`, which is not there",
        "A102 tier `g` looks at level `district`, and no place is of that level",
    }


def test_a_plan_that_a_measure_supports_must_be_one_of_the_plans(make_home: MakeHome) -> None:
    supported = RULES.replace("framework: M1", "framework: M1, supports: [flet strategy]")
    reading = read(make_home, "  plans: {fleet: {title: Fleet strategy, quadrant: 1}}\n", supported)
    assert told(reading) == [
        "A102 `supports` of measure `m`: there is no plan `flet strategy`; did you mean `Fleet strategy`?"
    ]


def test_a_review_is_announced_ahead_and_there_are_four_in_a_performance_year(make_home: MakeHome) -> None:
    """R46: the performance year begins in April, so that March belongs to the year before."""
    framework = """\
  reviews:
    late: {held: 2026-04-01, announced: 2026-04-01, theme: People}
    march: {held: 2026-03-31, announced: 2026-03-01, theme: Crime}
"""
    assert sorted(told(read(make_home, framework))) == [
        "A103 review `late` is held on 2026-04-01, and announced on 2026-04-01: not ahead of it",
        "W223 the performance year 2025/26 has 1 learning review",
        "W223 the performance year 2026/27 has 1 learning review",
    ]


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        (RULES.replace(", framework: M1", ""), "nothing watches row `M1` (People): no measure belongs to it"),
        (RULES.replace("to: ops", "enabled: false"), "nothing watches row `M1` (People): no rule in force judges `m`"),
    ],
)
def test_a_row_without_a_measure_or_a_rule_in_force_is_told(make_home: MakeHome, rules: str, message: str) -> None:
    assert told(read(make_home, "", rules)) == [f"W221 {message}"]


def test_rows_are_not_called_unwatched_where_a_file_cannot_be_read(make_home: MakeHome) -> None:
    reading = read(make_home, "", RULES + "  broken: [\n")
    assert "W221" not in {one.code for one in reading.problems}


def test_what_was_due_for_review_is_told_from_the_day_after(make_home: MakeHome) -> None:
    """R45: by its own day, else a year after everything was reviewed; what has no day of its own is told once."""
    rules = RULES.replace("to: ops", "to: ops, review_by: 2026-11-22")
    framework = "  reviewed_on: 2025-11-22\n"
    assert told(read(make_home, framework, rules)) == [
        "W222 `m` was due for review a year after `reviewed_on`",
        "W222 rule `high` was due for review by 2026-11-22",
    ]
    assert told(read(make_home, framework, rules, today=date(2026, 11, 22))) == []


def test_what_is_wrong_with_the_time_of_a_theme_is_told_where_it_is_written(make_home: MakeHome) -> None:
    """R46: a theme has priority only after it was announced, and one day has one review."""
    framework = """\
  performance_year: starts in Aprile
  reviews:
    early: {held: 2026-06-01, announced: 2026-05-01, theme: People, rows: [M1], from: 2026-04-30}
    never: {held: 2026-09-01, announced: 2026-08-01, theme: People, rows: [M1], from: 2026-08-20, to: 2026-08-19}
"""
    messages = " / ".join(told(read(make_home, framework)))
    assert "`starts in Aprile` names no month; write for example `starts in April`" in messages
    assert "`from` is 2026-04-30, before the theme was announced on 2026-05-01" in messages
    assert "the theme would have priority from 2026-08-20 to 2026-08-19, which is never" in messages
    framework = """\
  performance_year: starts in January
  reviews:
    one: {held: 2026-03-01, announced: 2026-02-01, theme: People, rows: [M1], measures: [mm]}
    two: {held: 2026-03-01, announced: 2026-02-01, theme: Crime, rows: [M1]}
    three: {held: 2026-06-01, announced: 2026-02-01, theme: Crime, priority: 2}
    four: {held: 2026-12-31, announced: 2026-02-01, theme: Crime, rows: [M1]}
    five: {held: 2027-01-01, announced: 2026-02-01, theme: Crime, rows: [M1]}
"""
    assert sorted(told(read(make_home, framework))) == [
        "A102 review `one` names measure `mm`, which is not there; did you mean `m`?",
        "A139 review `two` is held on 2026-03-01, and so is `one`",
        "W218 `priority` of review `three` has no effect: its theme names no `rows` and no `measures`",
        "W223 the performance year 2027 has 1 learning review",
    ]


PARTS = "  rows: {M1: {title: People, kind: measure, quadrant: 1, components: [Posts filled, Sickness, Reviews]}}\n"


def _of_parts(make_home: MakeHome, rules: str) -> list[str]:
    files = {"config/framework.yaml": "framework:\n" + PARTS, "rules/rules.yaml": rules}
    reading = read_home(make_home(files), kinds=kinds(), environ={}, today=TODAY)
    assert all(one.line for one in reading.problems)
    return told(reading)


def test_a_component_that_no_measure_in_force_tells_of_is_warned_of(make_home: MakeHome) -> None:
    rules = """\
measures:
  m: {name: A measure, table: t, grain: month, period: p, value: v, owner: lead, framework: M1, component: posts FILLED}
  n: {name: Another, table: t, grain: month, period: p, value: v, owner: lead, framework: M1, component: [Sickness]}
rules:
  high: {measure: m, threshold: {above: 50}, to: ops}
  none: {measure: n, threshold: {above: 5}, to: ops, enabled: false}
"""
    assert _of_parts(make_home, rules) == [
        "W224 nothing watches component `Sickness` of row `M1`: no rule in force judges `n`",
        "W224 nothing watches component `Reviews` of row `M1`: no measure names it",
    ]


def test_a_home_whose_measures_name_no_component_is_asked_for_none(make_home: MakeHome) -> None:
    assert _of_parts(make_home, RULES) == []


def test_a_component_that_its_row_has_not_is_an_error_with_the_nearest(make_home: MakeHome) -> None:
    every = "component: [Posts filled, Sicknes, Reviews]"
    assert _of_parts(make_home, RULES.replace("framework: M1", f"framework: M1, {every}"))[0] == (
        "A102 `component` of measure `m`: row `M1` has no component `Sicknes`; did you mean `Sickness`?"
    )
    assert "A102 `component` of measure `m`: no row of the framework has `Sickness`" in _of_parts(
        make_home, RULES.replace(", framework: M1", ", component: Sickness")
    )


def test_limits_of_drift_that_the_framework_asks_for_are_looked_up_and_are_what_a_simulation_gives() -> None:
    home = load_home(ROOT, kinds=kinds(), environ={})
    asked = [(rule.drift, home.measures[rule.measure].grain) for rule in home.rules.values() if rule.drift is not None]
    simulated_limit.cache_clear()
    limits = {design(drift, plan(drift, grain))[1] for drift, grain in asked}
    assert simulated_limit.cache_info().misses == 0
    assert limits == set(IN_THE_FRAMEWORK.values())
    quickest = simulated_limit("cusum", 0.75, (24, 3), 2000, rolling=True)
    assert quickest == pytest.approx(IN_THE_FRAMEWORK["cusum", 0.75, True, 24, 3, 2000], rel=1e-6)
