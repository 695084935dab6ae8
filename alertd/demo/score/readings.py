"""Which columns of which tables a measure's figures are made of, and which rows of them: read from its SQL."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

import sqlglot
from sqlglot import exp

from alertd.core.measures import Measure
from alertd.demo.star.events import ADDED
from alertd.demo.star.loads import SUMMARIES
from alertd.demo.star.schema import ALL

_ALSO = {
    "fact_response_month": ("fact_attendance", "fact_response_week", "fact_response_team_month"),
    "fact_response_team_month": ("fact_attendance", "fact_response_month", "fact_response_week"),
    "fact_calls_hour": ("fact_calls_day", "fact_calls_month"),
    "fact_contact_day": ("fact_digital_contact_month",),
    "fact_victim_survey_quarter": ("fact_victim_survey_answer", "fact_victim_survey_rolling"),
}
"""Tables that are drawn together: what is planted in the one stands in the others too."""
_WITH_TIME = {"median_minutes": 1, "p90_minutes": 1, "minutes": 1, "within_standard": -1}
_SLOWER = {"mean_seconds": 1, "seconds_total": 1, "answered_within_standard": -1}
_FOLLOWS: dict[tuple[str, str], dict[str, int]] = {
    ("fact_response_month", "minutes_total"): _WITH_TIME,
    ("fact_response_team_month", "minutes_total"): _WITH_TIME,
    ("fact_calls_hour", "mean_seconds"): _SLOWER,
    ("fact_contact_day", "contacts"): {"digital_contacts": 1, "all_contacts": 1},
    ("fact_supply_demand_week", "officer_hours"): {"supply_ratio": 1},
    ("fact_supply_demand_band_week", "officer_hours"): {"supply_ratio": 1},
    ("fact_victim_survey_quarter", "satisfied"): {"percent": 1},
    ("fact_smsr_quarter", "confident"): {"percent": 1},
    ("fact_feel_safe_year", "feel_safe"): {"percent": 1},
    ("fact_citizens_quarter", "headcount"): {"hours": 1},
    ("self_assessments", "returned_on"): {"grade": 1},
}
"""Other columns that move with one that something is planted in: the same way, or the other."""
_DERIVED = {"fact_plan_action_month", "fact_self_assessment_quarter", "fact_reality_check_quarter", "fact_ksi_week"}
"""Summaries whose columns have other names than those of the tables that they are added up from."""

_FORCE = re.compile(r"\bforce\b")  # a column here, a word of the language to the parser


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a measure reads."""

    tables: frozenset[str]
    """Tables that hold the figures; views are followed to their tables, and summaries too."""
    renamed: bool
    """Its columns are not those of the tables: it reads a summary."""
    counted: frozenset[str]
    """Columns that make the figure, or the upper part of it."""
    divided_by: frozenset[str]
    """Columns that the figure is divided by."""
    only: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Columns of which only some values are read."""

    def follows(self, table: str, column: str) -> int:
        """1 where the figure rises with a column of a table, -1 where it falls, 0 where it does not hang on it."""
        if self.tables.isdisjoint((table, *_ALSO.get(table, ()))):
            return 0
        if self.renamed:
            return 1
        moved = {column: 1, **_FOLLOWS.get((table, column), {})}
        above = next((sign for name, sign in moved.items() if name in self.counted), 0)
        return above or -next((sign for name, sign in moved.items() if name in self.divided_by), 0)


def reading_of(measure: Measure) -> Reading:
    """What a measure reads; of columns that its SQL computes, those that they are computed from."""
    tables, only, columns = _followed(measure.statement or f"SELECT * FROM {measure.table}")
    named = _figures(measure)
    return Reading(
        tables=tables,
        renamed=not tables.isdisjoint(_DERIVED),
        counted=frozenset(source for name in named[0] for source in columns.get(name, {name})),
        divided_by=frozenset(source for name in named[1] for source in columns.get(name, {name})),
        only=only,
    )


def _figures(measure: Measure) -> tuple[list[str], list[str]]:
    """The columns of the figure and those it is divided by, as the measure names them."""
    below = measure.denominator
    over = [name for name in (measure.value, measure.count, measure.numerator, measure.grade) if name]
    over += [measure.quantile.of] if measure.quantile is not None else []
    each = measure.event is not None or "*" in over  # rows are counted: what has a day
    over += [measure.period] if each and measure.period else []
    over += [str(part) for part in measure.ratio.of] if measure.ratio is not None else []
    under = [] if below is None else [below if isinstance(below, str) else below.column]
    return over, under


@cache
def _summaries() -> dict[str, str]:
    """The query behind each table that is added up from others."""
    found = {}
    for statement in (*ADDED, *SUMMARIES):
        target = statement.split()[2]
        found[target] = _FORCE.sub('"force"', statement.split(target, 1)[1])
    return found


@cache
def _followed(query: str) -> tuple[frozenset[str], Mapping[str, frozenset[str]], Mapping[str, frozenset[str]]]:
    """The tables behind a query, the values of columns that it is limited to, and what each of its columns is made of."""
    tree = sqlglot.parse_one(query, dialect="duckdb")
    tables: set[str] = set()
    only = dict(_conditions(tree))
    for table in tree.find_all(exp.Table):
        known = ALL.get(table.name)
        below = (known.select if known else "") or _summaries().get(table.name, "")
        if known is None:
            continue
        tables.add(table.name)
        if below:
            more, conditions, _ = _followed(below)
            tables |= more
            only = {**conditions, **only}
    columns = {
        item.alias_or_name: frozenset(column.name for column in item.find_all(exp.Column))
        for item in getattr(tree, "selects", [])
    }
    return frozenset(tables - {"dim_place", "dim_team", "dim_date"}), only, columns


def _conditions(tree: exp.Expr) -> Iterator[tuple[str, frozenset[str]]]:
    for condition in tree.find_all(exp.EQ, exp.In):
        column = condition.this
        values = condition.expressions if isinstance(condition, exp.In) else [condition.expression]
        if isinstance(column, exp.Column) and values and all(isinstance(one, exp.Literal) for one in values):
            yield column.name, frozenset(str(one.this) for one in values)
