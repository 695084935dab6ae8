"""Small blocks, measures and rules for the core's tests."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from alertd.core.calendar import Calendar
from alertd.core.evaluate import judge
from alertd.core.measures import Measure
from alertd.core.periods import Grain, parse_period
from alertd.core.rules import Rule
from alertd.core.series import SeriesBlock
from alertd.core.verdicts import STATES, Verdicts

LONDON = ZoneInfo("Europe/London")
FAR = datetime(2030, 1, 1, tzinfo=LONDON)


def measure(**more: Any) -> Measure:
    """A monthly measure of a value by place, where lower is better."""
    given = {
        "id": "m",
        "name": "A measure",
        "table": "t",
        "grain": "month",
        "period": "period",
        "by": ["place"],
        "owner": "lead",
        "improvement": "decrease",
    }
    if not {"value", "count", "numerator", "grade", "event", "quantile", "ratio"} & set(more):
        given["value"] = "v"
    return Measure.model_validate({**given, **more})


def rule(**more: Any) -> Rule:
    """A rule on that measure."""
    return Rule.model_validate({"id": "r", "measure": "m", **more})


def block(*series: Sequence[float | None], first: str = "2020-01", keys: Sequence[str] | None = None) -> SeriesBlock:
    """A block of series given one by one; None is a missing period."""
    value = np.array([[np.nan if v is None else v for v in one] for one in series], dtype=float).T.copy()
    start = parse_period(first)
    names = keys or [chr(ord("A") + j) for j in range(len(series))]
    return SeriesBlock(
        measure="m",
        grain=start.grain,
        by=("place",),
        keys=tuple((name,) for name in names),
        first=start.slot,
        value=value,
        numerator=None,
        denominator=None,
        present=~np.isnan(value),
    )


def verdicts(
    one: Rule,
    series: SeriesBlock,
    calendar: Calendar | None = None,
    of: Measure | None = None,
    now: datetime = FAR,
    *,
    every_period: bool = True,
) -> Verdicts:
    """The verdicts of a rule over a block."""
    return judge(one, of or measure(), series, calendar or Calendar(), now, every_period=every_period)


def states(found: Verdicts, column: int = 0) -> list[str]:
    """The states of one series, by name."""
    return [STATES[int(code)].value for code in found.state[:, column]]


def timeline(found: Verdicts, column: int = 0) -> str:
    """The states of one series, a letter each: quiet `.`, pending `p`, exception `X`, learning `L`, unknown `?`."""
    letters = {
        "quiet": ".",
        "pending": "p",
        "exception": "X",
        "improvement": "i",
        "changed": "c",
        "learning": "L",
        "unknown": "?",
        "muted": "m",
        "unsettled": "u",
    }
    return "".join(letters[state] for state in states(found, column))


__all__ = ["FAR", "LONDON", "Grain", "block", "measure", "rule", "states", "timeline", "verdicts"]
