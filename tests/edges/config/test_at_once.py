"""Every error in ONE run: no mistake hides another, and none is told that follows from one that has been told."""

from pathlib import Path

import duckdb
import pytest

from tests.edges.config.homes import MakeHome, Read, found
from tests.edges.config.test_check import _check, _places

PLANTED = {
    "rules/calls.yaml": """\
measures:
  calls:
    name: Calls in time
    table: calls
    grain: month
    period: period
    by: [district]
    numerator: in_tme           # no such column
    denominator: calls
    unit: percent
    owner: lead
    colour: red                 # unknown key
rules:
  calls-slow:
    measure: calls
    threshold: {below: 850}     # no share can be
    where: {distric: Harbor}    # not a column of `by`; and no value of the one that was meant
  calls-worse:
    measure: calls
    spc: {baseline: last 12 periods, multiplier: three}   # no number
    where: {district: Harbor}   # no such value
    colour: blue                # unknown key
""",
    "rules/crime.yaml": """\
measures:
  crime:
    name: Crime
    tabel: crime                # misspelt, and meant all the same
    grain: month
    period: month               # no such column
    count: crimes
    value: rate                 # two figures; and no such column
    by: [district]
    owner: nobody               # unknown owner
rules:
  crime-high:
    measure: crime
    threshold: {above: ten}     # no number
    spc: mdc                    # two detectors (told at the rule)
    for: twice                  # unreadable
    route: post                 # unknown route
    where: {district: [North, Nroth]}   # no such value
  crime-late:
    mesure: crime               # misspelt
    freshness: {late_after: soon, missing: never}   # unreadable
    for: 2 periods              # does not go with freshness
    clear: {above: 5, at_or_above: 6, below: much}  # no number; two lower bounds
""",
    "config/notes.yaml": """\
annotation:                     # misspelt
  moved: {effect: rebase, measures: [calls, crim], from: someday, reason: Moved}   # nobody agreed
suppressions:
  storm: {measures: calls, from: 2022-02, to: 2022-01, effect: mute, reason: Storm, where: {distrct: North}}
""",
    "config/alertd.yaml": """\
instance: test
warehouse: {url: "duckdb:///warehouse.duckdb", timeout: a while}
time_zone: Europe/Preston
shedule: daily 01:30
""",
}

EXPECTED = [
    "A103 config/alertd.yaml:2",
    "A103 config/alertd.yaml:3",
    "A114 config/alertd.yaml:1",
    "A101 config/alertd.yaml:4",
    "W204 config/alertd.yaml:4",
    "A101 config/notes.yaml:1",
    "A116 config/notes.yaml:2",
    "A102 config/notes.yaml:2",
    "A103 config/notes.yaml:2",
    "A103 config/notes.yaml:4",
    "A107 config/notes.yaml:4",
    "A112 rules/calls.yaml:8",
    "A101 rules/calls.yaml:12",
    "W202 rules/calls.yaml:16",
    "A107 rules/calls.yaml:17",
    "A107 rules/calls.yaml:17",
    "A103 rules/calls.yaml:20",
    "A107 rules/calls.yaml:21",
    "A101 rules/calls.yaml:22",
    "A101 rules/crime.yaml:4",
    "A112 rules/crime.yaml:6",
    "A103 rules/crime.yaml:8",
    "A112 rules/crime.yaml:8",
    "A102 rules/crime.yaml:10",
    "A106 rules/crime.yaml:12",
    "A103 rules/crime.yaml:14",
    "A103 rules/crime.yaml:16",
    "A102 rules/crime.yaml:17",
    "A107 rules/crime.yaml:18",
    "A101 rules/crime.yaml:20",
    "A103 rules/crime.yaml:21",
    "A103 rules/crime.yaml:21",
    "A103 rules/crime.yaml:22",
    "A103 rules/crime.yaml:23",
    "A103 rules/crime.yaml:23",
]


@pytest.fixture
def warehouse(make_home: MakeHome) -> Path:
    """The home of all these mistakes, with its warehouse."""
    root = make_home(PLANTED)
    with duckdb.connect(str(root / "warehouse.duckdb")) as connection:
        connection.execute("CREATE TABLE t (period DATE, place VARCHAR, v DOUBLE)")
        connection.execute("INSERT INTO t VALUES ('2022-01-01', 'North', 1)")
        connection.execute("CREATE TABLE calls (period DATE, district VARCHAR, in_time INT, calls INT)")
        connection.execute("INSERT INTO calls VALUES ('2022-01-01', 'North', 1, 2), ('2022-01-01', 'South', 1, 2)")
        connection.execute("CREATE TABLE crime (period DATE, district VARCHAR, crimes INT)")
        connection.execute("INSERT INTO crime VALUES ('2022-01-01', 'North', 1), ('2022-01-01', 'South', 1)")
    return root


def test_many_mistakes_in_many_places_are_all_told_in_one_run(warehouse: Path) -> None:
    result = _check("--home", warehouse, "--format", "json")
    lines = [one.rpartition(":")[0] for one in _places(result)]
    assert sorted(lines) == sorted(EXPECTED)
    assert result.exit_code == 1


MEASURE = "measures:\n  n:\n    name: N\n    table: t\n    grain: month\n    period: p\n    value: v\n    owner: lead\n    by: [place]\n"
RULE = "rules:\n  r:\n    measure: n\n    threshold: {above: 1}\n    where: {place: North}\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (MEASURE.replace("table", "tabel") + RULE, ["A101 rules/x.yaml:4:5"]),
        (MEASURE.replace("name", "nmae") + RULE, ["A101 rules/x.yaml:3:5"]),
        (MEASURE.replace("by: [place]", "by: place") + RULE, ["A103 rules/x.yaml:9:9"]),
        (MEASURE.replace("by:", "byy:") + RULE, ["A101 rules/x.yaml:9:5"]),
        (MEASURE.replace("grain: month", "grain: fortnight") + RULE.replace("threshold: {above: 1}", "spc: mdc"), ["A103 rules/x.yaml:5:12"]),
        (MEASURE + RULE.replace("above: 1", "abov: 1"), ["A101 rules/x.yaml:13:17"]),
        (MEASURE + RULE.replace("above: 1", "limit: 1"), ["A101 rules/x.yaml:13:17"]),
        (MEASURE + RULE.replace("threshold: {above: 1}", "treshold: {abve: ten}"), ["A101 rules/x.yaml:13:5", "A101 rules/x.yaml:13:16", "A103 rules/x.yaml:13:22"]),
        (MEASURE + RULE.replace("rules:", "rulse:").replace("above: 1", "above: ten"), ["A101 rules/x.yaml:10:1", "A103 rules/x.yaml:13:24"]),
        (MEASURE.replace("measures:", "mesures:") + RULE, ["A101 rules/x.yaml:1:1"]),
        (MEASURE + RULE + "    route: [a]\n", ["A103 rules/x.yaml:15:12"]),
        (MEASURE + RULE + "    enabled: perhaps\n", ["A103 rules/x.yaml:15:14"]),
        ("routes:\n  r: {remind: every 12 weeks, colour: red, escalate: {after: soon, to: nobody}}\n", ["A101 rules/x.yaml:2:31", "A103 rules/x.yaml:2:62", "A102 rules/x.yaml:2:72"]),
        (MEASURE + "    settles_after: [5 days]\n", ["A103 rules/x.yaml:10:20"]),
        ("places:\n  A: {level: division, colour: red}\n" + RULE.replace("measure: n", "measure: m").replace("place:", "division:").replace("North", "A"), ["A101 rules/x.yaml:2:24"]),
        ("places:\n  A: {parent: A}\n" + RULE.replace("measure: n", "measure: m").replace("place:", "division:"), ["A114 rules/x.yaml:2:3"]),
    ],
)  # fmt: skip
def test_what_follows_from_a_mistake_is_not_told(read: Read, text: str, expected: list[str]) -> None:
    assert sorted(found(read({"rules/x.yaml": text}))) == sorted(expected)


def test_the_second_of_two_entries_of_one_id_is_looked_at_too(read: Read) -> None:
    assert found(read({"rules/x.yaml": "rules:\n  high: {measure: m, threshold: {above: ten}}\n"})) == [
        "A105 rules/rules.yaml:4:3",
        "A105 rules/x.yaml:2:3",
        "A103 rules/x.yaml:2:41",
    ]


@pytest.mark.parametrize(
    ("rule", "place"),
    [
        ("spc: {rules: mdc, signals: []}", "2:37"),
        ("spc: {baseline: first 9 periods, gap: 3}", "2:52"),
        ("freshness: {late_after: 5 days}, for: 2 periods", "2:52"),
        ("spc: {baseline: last 12 periods, min_baseline: 24}", "2:52"),
        ("threshold: {outside: [9, 3]}", "2:31"),
        ("threshold: {above: 9, below: 3}", "2:30"),
    ],
)
def test_a_fault_of_several_keys_together_stands_at_the_one_that_it_names(read: Read, rule: str, place: str) -> None:
    assert found(read({"rules/x.yaml": f"rules:\n  r: {{measure: m, {rule}}}\n"})) == [f"A103 rules/x.yaml:{place}"]


def test_a_home_that_does_not_say_where_its_warehouse_is_says_that_nothing_was_asked(make_home: MakeHome) -> None:
    settings = "instance: test\nwarehouse: {url: somewhere}\nops: {email: ops@example.org}\n"
    result = _check("--home", make_home({"config/alertd.yaml": settings}), "--format", "json")
    assert (result.exit_code, _places(result)) == (1, ["A103 config/alertd.yaml:2:18"])
    assert "the warehouse was not asked" in result.stderr


def test_sql_under_a_misspelt_key_is_not_called_unused(read: Read) -> None:
    text = MEASURE.replace("table: t", "sqll: n.sql")
    assert found(read({"rules/x.yaml": text, "rules/n.sql": "SELECT 1"})) == ["A101 rules/x.yaml:4:5"]


def test_a_limit_under_a_misspelt_key_is_weighed_where_it_stands(read: Read) -> None:
    text = MEASURE.replace("value: v", "numerator: v\n    denominator: d")
    reading = read({"rules/x.yaml": text + RULE.replace("threshold", "treshold").replace("above: 1", "above: 85")})
    assert found(reading) == ["A101 rules/x.yaml:14:5", "W202 rules/x.yaml:14:23"]


@pytest.mark.parametrize(
    ("threshold", "clear", "told"),
    [
        ("{below: 95}", "{at_or_above: 75}", True),
        ("{below: 95}", "{at_or_above: 95}", True),
        ("{below: 95}", "{above: 95}", False),
        ("{below: 95}", "{at_or_above: 97}", False),
        ("{below: 95}", "{below: 90}", True),
        ("{above: 10}", "{below: 8}", False),
        ("{above: 10}", "{at_or_below: 10}", True),
        ("{above: 10}", "{below: 12}", True),
        ("{at_or_above: 10}", "{at_or_above: 12}", True),
        ("{outside: [5, 10]}", "{above: 6, below: 9}", False),
        ("{outside: [5, 10]}", "{above: 4, below: 11}", True),
        ("{above: 5, below: 10}", "{outside: [4, 11]}", False),
    ],
)
def test_a_clear_that_changes_nothing_is_a_warning(read: Read, threshold: str, clear: str, told: bool) -> None:
    text = f"rules:\n  r:\n    measure: m\n    threshold: {threshold}\n    clear: {clear}\n"
    assert found(read({"rules/x.yaml": text})) == (["W209 rules/x.yaml:5:5"] if told else [])
