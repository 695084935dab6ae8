"""Every measure key as it is written in YAML: what is right reads, and what is wrong is named at its own place."""

import json
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from alertd.cli.check import command
from alertd.core.measures import Measure
from tests.edges.config.homes import MakeHome, Read, found

HEAD = "measures:\n  n:\n    name: N\n    table: t\n    grain: {}\n    owner: lead\n"
ROWS = "    aggregate: rows\n"
PERIOD = "    period: p\n"

RIGHT = {
    "rows-counted": ("month", PERIOD + ROWS + '    count: "*"\n    absent: zero\n    complete_to: fed\n'),
    "rows-shared": ("month", PERIOD + ROWS + '    numerator: met\n    denominator: "*"\n    unit: percent\n'),
    "quantiles": ("month", PERIOD + ROWS + "    quantile: {of: minutes, at: [0.5, 0.9]}\n"),
    "quantile": ("month", PERIOD + ROWS + "    quantile: {of: minutes, at: 0.9}\n"),
    "event": ("day", "    event: {date: occurred_on, complete_to: feed_date}\n"),
    "event-alone": ("day", "    event: {date: occurred_on}\n"),
    "ratio": (
        "quarter",
        PERIOD + "    ratio: {of: [n1, d1], to: [n2, d2]}\n    improvement: {towards: [0.95, 1.05]}\n",
    ),
    "rate": ("month", PERIOD + "    count: n\n    denominator: {column: residents, kind: exposure, per: 1000}\n"),
    "survey": ("quarter", PERIOD + "    value: v\n    standard_error: se\n    confidence: 95\n"),
    "interval": ("quarter", PERIOD + "    value: v\n    confidence: {lower: lo, upper: hi, level: 90 percent}\n"),
    "window": (
        "quarter",
        PERIOD + "    value: v\n    window: {length: 12 months, judge_every: 12 months, judged: 2022-Q1}\n",
    ),
    "weights": (
        "year",
        PERIOD + ROWS + "    value: v\n    weight: {column: w, effective_n: kish}\n    confidence: 90\n",
    ),
    "pool": (
        "month",
        PERIOD + "    numerator: a\n    denominator: b\n    pool: {until_denominator: 30, at_most: 4 periods}\n",
    ),
    "grade": ("month", PERIOD + "    grade: g\n    scale: [Inadequate, Requires improvement, Good, Outstanding]\n"),
    "numbered-grade": ("month", PERIOD + "    grade: g\n    scale: [4, 3, 2, 1]\n"),
    "age": ("month", PERIOD + "    value: v\n    loaded_at: l\n    at_age: 6 months\n"),
    "display": ("hour", PERIOD + "    value: v\n    minimum: 0\n    maximum: 24\n    resolution: 0.5\n"),
    "moving-reference": ("half_year", PERIOD + "    value: v\n    reference: {column: goal, label: the plan}\n"),
}


@pytest.mark.parametrize("name", RIGHT)
def test_every_form_that_is_promised_reads(read: Read, name: str) -> None:
    grain, keys = RIGHT[name]
    reading = read({"rules/x.yaml": HEAD.format(grain) + keys})
    assert found(reading) == []
    assert isinstance(reading.parts.measures["n"], Measure)


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (PERIOD, ["A103 rules/x.yaml:2:3"]),
        ("    value: v\n", ["A114 rules/x.yaml:2:3"]),
        (PERIOD + "    value: v\n    count: n\n", ["A103 rules/x.yaml:8:5"]),
        (PERIOD + "    grade: g\n", ["A103 rules/x.yaml:8:5"]),
        (PERIOD + "    value: v\n    scale: [A, B]\n", ["A103 rules/x.yaml:9:5"]),
        (PERIOD + "    grade: g\n    scale: [A]\n", ["A103 rules/x.yaml:9:12"]),
        (PERIOD + "    quantile: {of: m, at: [0.5, 90]}\n", ["A103 rules/x.yaml:8:33"]),
        (PERIOD + "    quantile: {of: m, at: [0.5]}\n", ["A103 rules/x.yaml:8:5"]),
        (PERIOD + ROWS + "    quantile: {of: m, att: [0.5]}\n", ["A101 rules/x.yaml:9:23"]),
        (PERIOD + "    count: '*'\n", ["A103 rules/x.yaml:8:5"]),
        (PERIOD + "    aggregate: row\n    count: '*'\n", ["A103 rules/x.yaml:8:16"]),
        ("    event: {dat: d}\n", ["A101 rules/x.yaml:7:13"]),
        ("    event: {complete_to: d}\n", ["A114 rules/x.yaml:2:3", "A114 rules/x.yaml:7:5"]),
        (PERIOD + "    event: {date: other}\n", ["A103 rules/x.yaml:7:5"]),
        (PERIOD + "    ratio: {of: [a], to: [b, c]}\n", ["A103 rules/x.yaml:8:17"]),
        (PERIOD + "    ratio: {of: [a, b, c], to: [b, c]}\n", ["A103 rules/x.yaml:8:17"]),
        (PERIOD + "    value: v\n    confidence: 95\n", ["A103 rules/x.yaml:9:5"]),
        (PERIOD + "    value: v\n    standard_error: s\n    confidence: 120\n", ["A103 rules/x.yaml:10:17"]),
        (PERIOD + "    value: v\n    confidence: {lower: l}\n", ["A114 rules/x.yaml:9:5"]),
        (PERIOD + "    value: v\n    improvement: better\n", ["A103 rules/x.yaml:9:18"]),
        (PERIOD + "    value: v\n    improvement: {towards: [2, 1]}\n", ["A103 rules/x.yaml:9:19"]),
        (PERIOD + "    value: v\n    reference: {label: x}\n", ["A103 rules/x.yaml:9:16"]),
        (PERIOD + "    value: v\n    weight: {column: w}\n", ["A103 rules/x.yaml:9:5"]),
        (PERIOD + "    value: v\n    at_age: 6 months\n", ["A103 rules/x.yaml:9:5"]),
        (PERIOD + "    value: v\n    at_age: a while\n    loaded_at: l\n", ["A103 rules/x.yaml:9:13"]),
        (PERIOD + "    value: v\n    at_age: 6 months\n    loaded_at: l\n    unti: x\n", ["A101 rules/x.yaml:11:5"]),
        (PERIOD + "    value: v\n    improvement: {toward: [1, 2]}\n", ["A101 rules/x.yaml:9:19"]),
        ("    event: {date: d}\n    unti: x\n    minimum: x\n", ["A101 rules/x.yaml:8:5", "A103 rules/x.yaml:9:14"]),
        (PERIOD + "    value: v\n    pool: {until_denominator: 30, at_most: 4 periods}\n", ["A103 rules/x.yaml:9:5"]),
        (
            PERIOD + "    numerator: v\n    denominator: w\n    pool: {until_denominator: 30, at_most: 4 months}\n",
            ["A103 rules/x.yaml:10:44"],
        ),
        (PERIOD + "    value: v\n    window: {length: 12 months}\n", ["A114 rules/x.yaml:9:5"]),
        (PERIOD + "    value: v\n    window: {length: 7 months, judge_every: 7 months}\n", ["A103 rules/x.yaml:9:5"]),
        (PERIOD + "    grade: g\n    scale: [A, B]\n    absent: zero\n", ["A103 rules/x.yaml:10:5"]),
    ],
)
def test_a_mistake_is_named_at_its_own_place(read: Read, keys: str, expected: list[str]) -> None:
    assert found(read({"rules/x.yaml": HEAD.format("month") + keys})) == expected


def test_where_may_name_a_quantile_and_only_where_there_are_several(read: Read) -> None:
    rule = "rules:\n  r: {{measure: n, threshold: {{above: 5}}, where: {{quantile: {}}}}}\n"
    several = HEAD.format("month") + RIGHT["quantiles"][1]
    assert found(read({"rules/x.yaml": several + rule.format(0.9)})) == []
    one = HEAD.format("month") + RIGHT["quantile"][1]
    assert found(read({"rules/x.yaml": one + rule.format(0.9)})) == ["A107 rules/x.yaml:11:50"]


def test_the_warehouse_is_asked_for_every_column_and_knows_no_other_quantile(make_home: MakeHome) -> None:
    text = """\
measures:
  n:
    name: N
    table: cases
    aggregate: rows
    grain: month
    period: day
    by: [place]
    quantile: {of: minuts, at: [0.5, 0.9]}
    complete_to: fed
    reference: {column: goal, label: the plan}
    owner: lead
  e: {name: E, table: cases, grain: day, event: {date: dey, complete_to: feed}, owner: lead}
  s: {name: S, table: cases, grain: day, period: day, ratio: {of: [a, b], to: [c, minutes]}, owner: lead}
  w: {name: W, table: cases, aggregate: rows, grain: day, period: day, value: minutes, weight: {column: wt}, owner: lead}
rules:
  right: {measure: n, threshold: {above: 1}, where: {quantile: 0.9}}
  wrong: {measure: n, threshold: {above: 1}, where: {quantile: 0.95}}
"""
    root = make_home({"rules/x.yaml": text})
    with duckdb.connect(str(root / "warehouse.duckdb")) as connection:
        connection.execute("CREATE TABLE t (period DATE, place VARCHAR, v DOUBLE)")
        connection.execute("INSERT INTO t VALUES ('2022-01-01', 'A', 1)")
        connection.execute("CREATE TABLE cases (day DATE, place VARCHAR, minutes DOUBLE)")
        connection.execute("INSERT INTO cases VALUES ('2022-01-01', 'A', 1)")
    assert _places(root) == [
        "A112 9:20",
        "A112 10:18",
        "A112 11:25",
        "A112 13:56",
        "A112 13:74",
        "A112 14:68",
        "A112 14:71",
        "A112 14:80",
        "A112 15:105",
        "A107 18:64",
    ]


def _places(root: Path) -> list[str]:
    shown = CliRunner().invoke(command, ["--home", str(root), "--format", "json"], standalone_mode=False).stdout
    found = [json.loads(line) for line in shown.splitlines()]
    return [f"{one['code']} {one['line']}:{one['column']}" for one in found]
