"""Warnings (and the errors beside them) that need no warehouse: each as it is told, and beside it what is right."""

from datetime import date

import pytest

from alertd.config.load import read_home
from tests.edges.config.homes import FILES, MakeHome, Read, found, kinds

OWNERS = "config/owners.yaml"
RULES = "rules/x.yaml"


def _posts(posts: str, more: str = "") -> dict[str, str]:
    """An owner by place, whose posts for North are these; others as they are."""
    return {OWNERS: FILES[OWNERS] + f"  leader:\n    by: place\n    posts:\n      North:\n{posts}{more}"}


def _post(begins: str, ends: str = "", more: str = "", name: str = "A") -> str:
    until = f", to: {ends}" if ends else ""
    return f"        - {{name: {name}, email: a@example.org, from: {begins}{until}{more}}}\n"


@pytest.mark.parametrize(
    ("posts", "words"),
    [
        (_post("2020-01-01", "2020-12-31") + _post("2021-01-01"), None),
        (_post("2021-01-01") + _post("2020-01-01", "2020-12-31"), None),
        (_post("2020-01-01", "9999-12-31"), None),
        (_post("2020-01-01", "2020-12-31") + _post("2021-01-03"), "from 2021-01-01 to 2021-01-02"),
        (_post("2020-01-01", "2023-03-31"), "after 2023-03-31"),
        (_post("2020-01-01", "2021-01-31") + _post("2021-01-01"), "two people hold"),
        (_post("2020-01-01") + _post("2021-01-01", name="B"), "two people hold"),
        (_post("2202-01-01"), "until 2201-12-31"),
        (_post("2020-01-01", more=", away: [{from: 2021-01-01, to: 2021-01-09}]"), "has no `deputy`"),
        (_post("2020-01-01", more=", deputy: b@example.org, away: [{from: 2021-01-01, to: 2021-01-09}]"), None),
    ],
)
def test_every_day_on_which_nobody_or_two_people_hold_a_post_is_told(read: Read, posts: str, words: str | None) -> None:
    reading = read(_posts(posts))
    assert [one.code for one in reading.problems] == ([] if words is None else ["W216"])
    assert words is None or words in reading.problems[0].message


def test_of_two_holders_the_note_names_the_one_who_is_told(read: Read) -> None:
    reading = read(_posts(_post("2020-01-01", "2021-01-31", name="A") + _post("2021-01-01", name="B")))
    assert reading.problems[0].note == "A alone is told then"


def test_a_post_that_begins_later_is_told_until_it_has_begun(make_home: MakeHome) -> None:
    root = make_home(_posts(_post("2026-04-01")))
    before = read_home(root, kinds=kinds(), environ={}, today=date(2026, 3, 31))
    on = read_home(root, kinds=kinds(), environ={}, today=date(2026, 4, 1))
    assert ([one.code for one in before.problems], on.problems) == (["W216"], ())


def test_a_place_that_is_no_more_needs_no_post(read: Read) -> None:
    closed = "places:\n  North: {level: place, to: 2023-03-31}\n"
    assert found(read(_posts(_post("2020-01-01", "2023-03-31")) | {"config/places.yaml": closed})) == []


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("deputy: A@example.org", ["W218"]),
        ("deputy: b@example.org, away: [{from: 2019-01-01, to: 2019-02-01}]", ["W218"]),
        ("deputy: b@example.org, away: [{from: 2021-02-01, to: 2021-01-01}]", ["A103"]),
    ],
)
def test_deputies_and_absences_that_can_have_no_effect_are_told(read: Read, more: str, expected: list[str]) -> None:
    assert [one.code for one in read(_posts(_post("2020-01-01", more=f", {more}"))).problems] == expected


def test_fallbacks_in_a_circle_are_an_error_at_each(read: Read) -> None:
    other = "    fallback: other\n  other:\n    by: place\n    posts: {North: [{name: B, email: b@example.org, from: 2020-01-01}]}\n"
    reading = read(_posts(_post("2020-01-01"), f"{other}    fallback: leader\n"))
    assert [one.code for one in reading.problems] == ["A123", "A123"]
    assert "`leader` -> `other` -> `leader`" in reading.problems[0].message
    assert found(read(_posts(_post("2020-01-01"), f"{other}    fallback: data_steward\n"))) == []


@pytest.mark.parametrize(
    ("places", "codes", "hint"),
    [
        ("  North: {level: place}\n", [], ""),
        ("  Norht: {level: place}\n", ["A102"], "did you mean `Norht`?"),
        ("  North: {level: place}\n  South: {level: place}\n", ["W217"], ""),
        ("  North: {level: place}\n  South: {level: place, expected: false}\n", [], ""),
        ("  Elsewhere: {level: place}\n", ["W217", "W217"], ""),
        ("  Elsewhere: {level: division}\n", [], ""),
    ],
)
def test_posts_are_held_against_the_roster(read: Read, places: str, codes: list[str], hint: str) -> None:
    reading = read(_posts(_post("2020-01-01")) | {"config/places.yaml": f"places:\n{places}"})
    assert [one.code for one in reading.problems] == codes
    assert not hint or reading.problems[0].hint == hint


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ("  A: {level: x, parent: B}\n  B: {level: x}\n", []),
        ("  A: {level: x, parent: B}\n  B: {level: y, parent: A}\n", ["A123", "A123"]),
        ("  A: {level: x, parent: A}\n", ["A123"]),
        ("  A: {level: x, from: 2024-01-01, to: 2023-01-01}\n", ["A103"]),
        ("  A: {level: ward}\n  B: {level: ward}\n  C: {level: wrad}\n", ["W217"]),
        ("  A: {level: ward}\nunallocated: [A]\n", ["W217"]),
    ],
)
def test_places_that_cannot_be_meant_so_are_told(read: Read, places: str, expected: list[str]) -> None:
    assert [one.code for one in read({"config/places.yaml": f"places:\n{places}"}).problems] == expected


SHARE = "measures:\n  s: {name: S, table: t, grain: month, period: p, by: [place], numerator: n, denominator: d, owner: lead, unit: percent}\n"


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("threshold: {below: 80}", "threshold: {below: 80}", "judges the same"),
        ("threshold: {below: 80}", "threshold: {below: 75}", "whenever rule `b`"),
        ("threshold: {below: 75}", "threshold: {below: 80}", "whenever rule `a`"),
        ("threshold: {below: 75}, for: 2 periods", "threshold: {below: 75}, for: 3 periods", "whenever rule `b`"),
        ("threshold: {below: 75}, for: 2 periods", "threshold: {below: 70}", None),
        ("threshold: {below: 75}, for: 2 of 3 periods", "threshold: {below: 70}, for: 3 of 4 periods", "whenever rule `b`"),
        ("threshold: {below: 75}", "threshold: {above: 90}", None),
        ("threshold: {outside: [75, 90]}", "threshold: {above: 95}", "whenever rule `b`"),
        ("spc: mdc", "spc: mdc-2024", "judges the same"),
        ("spc: mdc", "spc: {signals: [astronomical]}", "whenever rule `b`"),
        ("spc: mdc", "spc: {baseline: first 24 periods}", None),
        ("spc: mdc", "spc: nelson-1984", None),
        ("funnel: {}", "funnel: {limits: 95}", "whenever rule `a`"),
        ("spc: mdc", "drift: {}", None),
        ("spc: mdc", "spc: mdc, to: data_steward", None),
        ("spc: mdc", "spc: mdc, status: shadow", None),
        ("spc: mdc", "spc: mdc, enabled: false", None),
        ("spc: mdc, where: {place: [A, B]}", "spc: mdc, where: {place: [B]}", "judges the same"),
        ("spc: mdc, where: {place: A}", "spc: mdc, where: {place: B}", None),
        ("spc: mdc, at: [place, force]", "spc: mdc, at: force", "judges the same"),
        ("spc: mdc", "spc: mdc, at: force", None),
    ],
)  # fmt: skip
def test_two_rules_that_tell_one_leader_of_one_fact_are_told(
    read: Read, one: str, other: str, expected: str | None
) -> None:
    places = "places:\n  Force: {level: force}\n" + "".join(
        f"  {name}: {{level: place, parent: Force}}\n" for name in "AB"
    )
    reading = read({RULES: f"{SHARE}{places}rules:\n  a: {{measure: s, {one}}}\n  b: {{measure: s, {other}}}\n"})
    assert [problem.code for problem in reading.problems] == ([] if expected is None else ["W215"])
    assert expected is None or expected in reading.problems[0].message


def _measure(figure: str, more: str = "", rule: str = "threshold: {above: 5}") -> str:
    made = f"measures:\n  n: {{name: N, table: t, grain: month, period: p, by: [place], {figure}, owner: lead{more}}}\n"
    return f"{made}rules:\n  r: {{measure: n, {rule}}}\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (_measure("value: minutes"), []),
        (_measure("value: change_on_year"), ["W213 rules/x.yaml:4:19"]),
        (_measure("value: exchange"), []),
        (_measure("value: change_on_year", rule="spc: mdc"), []),
        (_measure("value: v", rule="spc: {baseline: last 3 periods}"), ["W213 rules/x.yaml:4:35"]),
        (_measure("value: v", rule="spc: {min_baseline: 4}"), ["W213 rules/x.yaml:4:39"]),
        (_measure("value: v", rule="spc: {min_baseline: 8}"), []),
        (_measure("value: v", rule="spc: mdc, accept_noise: wanted"), ["W218 rules/x.yaml:4:29"]),
        (_measure("value: v", rule="change: {versus: previous period, worse_by: 5}, accept_noise: wanted"), []),
        (_measure("count: v", ", absent: zero"), []),
        (_measure("numerator: v, denominator: w", ", absent: zero", "spc: mdc"), ["W218 rules/x.yaml:2:115"]),
        (_measure("value: v", ", absent: zero, unit: percent"), ["W218 rules/x.yaml:2:95"]),
        (_measure("value: v", ", framework: M2"), ["W218 rules/x.yaml:2:98"]),
        (_measure("value: v", ", framework: M2") + "framework: {rows: {M2: {title: T, kind: measure, quadrant: 1}}}\n", []),
        (_measure("value: v", ", framework: M13") + "framework: {rows: {M2: {title: T, kind: measure, quadrant: 1}}}\n", ["A102 rules/x.yaml:2:98", "W221 rules/x.yaml:5:20"]),
        ("framework: {quadrants: {1: One}, rows: {M2: {title: T, kind: measure, quadrant: 3}}}\n", ["W221 rules/x.yaml:1:41", "A102 rules/x.yaml:1:81"]),
        (SHARE + "rules:\n  r: {measure: s, threshold: {below: 0.85}}\n", ["W202 rules/x.yaml:4:38"]),
        (SHARE + "rules:\n  r: {measure: s, threshold: {above: 0.85}}\n", []),
        (SHARE.replace("percent}", "percents}"), ["A103 rules/x.yaml:2:113"]),
        (SHARE.replace("percent}", "Percentage}"), ["A103 rules/x.yaml:2:113"]),
        (_measure("value: v", ", unit: percentage points"), []),
        (_measure("value: v", ", unit: percentile"), []),
        (_measure("value: v", ", marking: OFFICIAL-SENSITIVE PERSONAL"), []),
        (_measure("value: v", ", marking: 'official-sensitive: commercial'"), []),
        (_measure("value: v", ", marking: TOP SECRET"), []),
        (_measure("value: v", ", marking: OFICIAL"), ["A103 rules/x.yaml:2:96"]),
        (_measure("value: v", ", marking: Official Sensitive"), ["A103 rules/x.yaml:2:96"]),
        (_measure("value: v", ", marking: OFFICIAL-SENSITVE"), ["A103 rules/x.yaml:2:96"]),
        (_measure("value: v", ", marking: RESTRICTED"), ["W219 rules/x.yaml:2:96"]),
        ("routes:\n  defualt: {to: owner}\n", ["W218 rules/x.yaml:2:3"]),
        ("routes:\n  quick: {to: owner}\n", []),
        ("routes:\n  defualt: {to: owner}\n  default: {to: owner}\n", []),
    ],
)  # fmt: skip
def test_what_is_right_by_itself_and_hardly_meant_so_is_told_at_its_place(
    read: Read, text: str, expected: list[str]
) -> None:
    reading = read({RULES: text})
    assert found(reading) == expected
    assert all(problem.hint or problem.note for problem in reading.problems if problem.code != "A103")


def test_sql_that_looks_at_other_periods_is_a_comparison_of_two(read: Read) -> None:
    text = _measure("value: v").replace("table: t", "sql: x.sql")
    sql = "SELECT p, place, v - {} OVER (ORDER BY p) AS v FROM t -- not LAG(v)\n"
    assert found(read({RULES: text, "rules/x.sql": sql.format("LAG(v)")})) == ["W213 rules/x.yaml:4:19"]
    assert found(read({RULES: text, "rules/x.sql": sql.format("AVG(v)")})) == []


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("duckb:///w.duckdb", ["A103"]),
        ("postgres://h/d", ["A103"]),
        ("postgresql+psycopg://h/d", []),
        ("teradatasql://h/d", []),
    ],
)
def test_a_misspelt_kind_of_database_is_told(read: Read, url: str, expected: list[str]) -> None:
    settings = FILES["config/alertd.yaml"].replace("duckdb:///warehouse.duckdb", url)
    assert [one.code for one in read({"config/alertd.yaml": settings}).problems] == expected
