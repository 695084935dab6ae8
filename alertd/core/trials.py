"""Trying a rule on timelines: they become a block, the rule judges it as it judges any other, and what it says is compared."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

import numpy as np

from alertd.core.calendar import Calendar
from alertd.core.control_charts import default_chart
from alertd.core.detect.rating import place_of
from alertd.core.evaluate import judge
from alertd.core.known import matches
from alertd.core.measures import Measure
from alertd.core.model import Key
from alertd.core.periods import Period
from alertd.core.rules import Rule
from alertd.core.series import Floats, SeriesBlock
from alertd.core.timelines import FIRES, QUIET, Point, TimelineError, parse_expected, parse_values, signs_of
from alertd.core.unusable import UNBOUNDED
from alertd.core.verdicts import STATES, Verdicts

LAST_DAY = date(2024, 12, 31)
"""The day that lies in the last period of a timeline that does not say when it starts."""
_WITHOUT_DENOMINATOR = ("xmr", "run")  # charts of a figure by itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A test that can be tried: the figures as a block, and what is expected of its series."""

    rule: Rule
    measure: Measure
    block: SeriesBlock
    series: Mapping[str, Key]
    """The series that something is expected of, by the name that the test gives them; empty for the only one."""
    points: Mapping[str, tuple[Point, ...]]
    expected: Mapping[str, str]
    dated: bool
    """Whether the test says when it starts; annotations and suppressions then count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one series of a trial."""

    name: str
    """The name that the test gives the series; empty for the only one."""
    points: tuple[Point, ...]
    expected: str
    got: str
    """A sign a period."""
    differs: int | None
    """The row of the first difference; None where there is none, or it is of no single period."""
    passed: bool
    fault: str = ""
    """Why it did not pass, where that is of no single period."""
    verdicts: Verdicts
    """Of this series alone."""

    @property
    def fired(self) -> bool:
        """Whether the rule fired at some period."""
        return "F" in self.got

    @property
    def stayed_quiet(self) -> bool:
        """Whether the rule judged some period, and fired at none."""
        return "F" not in self.got and not set(self.got).isdisjoint(".p")


def prepare(
    rule: Rule,
    measure: Measure,
    values: str | Mapping[str, str],
    expect: str | Mapping[str, str],
    starts: Period | None = None,
) -> Trial:
    """A test made ready to be tried; raises `TimelineError` where it cannot be."""
    if why := untestable(rule, measure):
        raise TimelineError(f"a timeline cannot test rule `{rule.id}` yet: {why}", "rule")
    several = {"": values} if isinstance(values, str) else values
    points = {name: parse_values(text) for name, text in several.items()}
    if not points:
        raise TimelineError("`values` names no series")
    lengths = {name: len(one) for name, one in points.items()}
    if len(set(lengths.values())) > 1:
        found = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise TimelineError(f"every series has as many periods as the others; found {found}")
    keys = {name: _key(name, rule, measure) for name in points}
    if len(set(keys.values())) < len(keys):
        raise TimelineError("two names stand for one series")
    expected = _expectations(expect, points)
    for name in expected:
        if not matches(dict(zip(measure.series_by, keys[name], strict=True)), rule.where):
            raise TimelineError(f"rule `{rule.id}` does not judge {name or 'this series'}: its `where` leaves it out")
    block = _block(rule, measure, points, keys, starts)
    return Trial(
        rule=rule,
        measure=measure,
        block=block,
        series={name: keys[name] for name in expected},
        points=points,
        expected=expected,
        dated=starts is not None,
    )


def untestable(rule: Rule, measure: Measure) -> str:
    """Why a timeline cannot say what a rule judges; empty where it can."""
    if rule.components:
        return f"it joins other rules ({', '.join(rule.components)}); test each of those"
    if rule.judged_now:
        return f"`{rule.kind}` judges what has not come, by the clock and not by figures"
    if measure.event is not None:
        return "its measure counts single events, which have dates of their own"
    if {"standard_error", "lower"} & measure.beside.keys():
        return "its measure has a margin of error beside each figure"
    if rule.rating is not None and rule.rating.share_above is not None and measure.aggregate is not None:
        return "`share_above` counts many grades a period, and a timeline has one"
    return ""


def _expectations(expect: str | Mapping[str, str], points: Mapping[str, tuple[Point, ...]]) -> dict[str, str]:
    if isinstance(expect, str):
        expect = dict.fromkeys(points, expect)
    elif "" in points:
        raise TimelineError("`expect` names series, and `values` is one series without a name", "expect")
    expected = {}
    for name, text in expect.items():
        if name not in points:
            raise TimelineError(f"`{name}` has no `values`; there are {', '.join(points)}", "expect")
        expected[name] = parse_expected(text)
        wanted = len(points[name])
        if expected[name] not in (QUIET, FIRES) and len(expected[name]) != wanted:
            of = f" of {name}" if name else ""
            raise TimelineError(
                f"`values`{of} has {wanted} periods and `expect` has {len(expected[name])}; write a sign for each period",
                "expect",
            )
    if not expected:
        raise TimelineError("nothing is expected; write `quiet`, `fires`, or a sign for each period", "expect")
    return expected


def _key(name: str, rule: Rule, measure: Measure) -> Key:
    """The series that a name stands for: `Preston`, or with several columns `Preston, Burglary`."""
    by = measure.series_by
    levels = () if measure.quantile is None else tuple(text for text, _ in measure.quantile.named)
    if not name:
        last = dict.fromkeys(by, "example") | ({"quantile": levels[0]} if "quantile" in by and levels else {})
        return tuple(rule.where[column][0] if column in rule.where else last[column] for column in by)
    parts = tuple(part.strip() for part in name.split(",")) if len(by) > 1 else (name,)
    if len(parts) != len(by):
        columns = ", ".join(by) or "no column, so that `values` is one timeline"
        raise TimelineError(f"`{name}` names no series of measure `{measure.id}`, which is by {columns}")
    return parts


def _block(
    rule: Rule,
    measure: Measure,
    points: Mapping[str, tuple[Point, ...]],
    keys: Mapping[str, Key],
    starts: Period | None,
) -> SeriesBlock:
    order = sorted(points, key=lambda name: keys[name])
    figures = [[_figure(point, measure) for point in points[name]] for name in order]
    value, upper, lower = np.moveaxis(np.array(figures, dtype=np.float64), (0, 1, 2), (2, 1, 0))
    divided = bool((~np.isnan(lower)).any())
    if not divided and (what := _needs_denominators(rule, measure)):
        raise TimelineError(f"{what} weighs figures by their denominators; write them: `93/126` and not `74`")
    if divided and bool((np.isnan(lower) & ~np.isnan(value)).any()):
        raise TimelineError("some figures have a denominator and some have none; write all of them as `93/126`")
    periods = len(value)
    first = _first(measure, starts, periods)
    return SeriesBlock(
        measure=measure.id,
        grain=measure.grain,
        by=measure.series_by,
        keys=tuple(keys[name] for name in order),
        first=first.slot,
        value=value,
        numerator=upper if divided else None,
        denominator=lower if divided else None,
        present=~np.isnan(value),
        log_value=_logs(value) if measure.ratio is not None else None,
    )


def _logs(value: Floats) -> Floats:
    if bool((value <= 0).any()):
        raise TimelineError("a ratio is judged on the log scale, and so lies above 0 in a timeline")
    logs: Floats = np.log(value)
    return logs


def _figure(point: Point, measure: Measure) -> tuple[float, float, float]:
    """The figure of one period, its numerator and its denominator, NaN where there is none."""
    nothing = float("nan")
    if point.grade is not None:
        if measure.grade is None:
            raise TimelineError(f"`{point}` is no figure, and measure `{measure.id}` has no grades")
        try:
            return float(place_of(point.grade, measure)), nothing, nothing
        except ValueError as error:
            raise TimelineError(str(error)) from error
    if point.number is None:
        return nothing, nothing, nothing
    if measure.grade is not None:
        raise TimelineError(f"`{point}` is no grade of measure `{measure.id}`; it has {', '.join(measure.scale or ())}")
    if measure.value is None and point.number < 0:
        raise TimelineError(f"`{point}` lies below zero, and measure `{measure.id}` counts")
    if point.denominator is None:
        if measure.is_share and point.number > measure.factor:
            raise TimelineError(f"`{point}` is more than the whole, which is {measure.factor:g}")
        return point.number, nothing, nothing
    if measure.denominator is None:
        raise TimelineError(f"`{point}` has a denominator, and measure `{measure.id}` has none")
    if point.denominator <= 0:
        raise TimelineError(f"`{point}` has a denominator that is not above zero")
    if measure.is_share and point.number > point.denominator:
        raise TimelineError(f"`{point}` is a part larger than its whole")
    with suppress(OverflowError):  # beyond what a float holds
        value = point.number * measure.factor / point.denominator
        if value < UNBOUNDED:
            return value, point.number, point.denominator
    raise TimelineError(f"`{point}` makes a figure without bound")


def _needs_denominators(rule: Rule, measure: Measure) -> str:
    """What of a rule cannot do without denominators; empty where nothing is."""
    if measure.denominator is None:
        return ""
    if measure.pool is not None:
        return f"`pool` of measure `{measure.id}`"
    if rule.funnel is not None:
        return "a funnel"
    if rule.seasonal is not None and rule.seasonal.method != "adjusted_xmr":
        return f"`{rule.seasonal.method}`"
    if rule.spc is not None:
        chart = rule.spc.chart or default_chart(measure)
        if chart not in _WITHOUT_DENOMINATOR:
            return f"the {chart} chart of rule `{rule.id}`"
        if rule.spc.min_denominator is not None:
            return "`min_denominator`"
    return ""


def _first(measure: Measure, starts: Period | None, periods: int) -> Period:
    """The first period, with every one of the timeline in the calendar."""
    try:
        if starts is None:
            first = Period.containing(LAST_DAY, measure.grain) + (1 - periods)
        else:
            first = Period.containing(starts.start, measure.grain)
        _ = first.start, _settled_at(measure, first + (periods - 1), Calendar())
    except (ValueError, OverflowError):
        raise TimelineError(f"{periods:,} periods run beyond the calendar", "starts" if starts else "values") from None
    return first


def _settled_at(measure: Measure, last: Period, calendar: Calendar) -> datetime:
    """When the last period has settled; naive local time."""
    if measure.settles_after is None:
        return last.end
    return measure.settles_after.after(last.end, measure.grain, calendar.holidays)


def tried(trial: Trial, calendar: Calendar) -> tuple[Outcome, ...]:
    """Judge a trial by the core, as of each of its periods, and compare; one outcome for each series with an expectation.

    Annotations and suppressions of the calendar count only where the test says when it starts.
    """
    if not trial.dated:
        calendar = replace(calendar, annotations={}, suppressions={})
    last = trial.block.period(trial.block.periods - 1)
    now = _settled_at(trial.measure, last, calendar)
    found = judge(trial.rule, trial.measure, trial.block, calendar, now.replace(tzinfo=UTC), every_period=True)
    return tuple(
        _compared(name, trial.points[name], trial.expected[name], found.take([found.keys.index(key)]))
        for name, key in trial.series.items()
    )


def _compared(name: str, points: tuple[Point, ...], expected: str, verdicts: Verdicts) -> Outcome:
    got = signs_of([STATES[int(code)] for code in verdicts.state[:, 0]])
    differs, fault = None, ""
    if expected == QUIET:
        differs = got.find("F") if "F" in got else None
        if differs is None and set(got).isdisjoint(".p"):
            fault = "the rule judged no period, so that it could not have fired; give it more figures"
    elif expected == FIRES:
        fault = "" if "F" in got else "it fired at no period"
    else:
        differs = next((row for row, (one, other) in enumerate(zip(expected, got, strict=True)) if one != other), None)
    return Outcome(
        name=name,
        points=points,
        expected=expected,
        got=got,
        differs=differs,
        passed=differs is None and not fault,
        fault=fault,
        verdicts=verdicts,
    )
