"""The figures of a test as a block: what a warehouse would have given, had it held the timelines of the test."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta

import numpy as np

from alertd.core.classify import sealed
from alertd.core.control_charts import default_chart
from alertd.core.detect.rating import place_of
from alertd.core.entries import Entries
from alertd.core.measures import Measure
from alertd.core.model import Key
from alertd.core.periods import Period
from alertd.core.rules import Rule
from alertd.core.series import Events, Floats, SeriesBlock
from alertd.core.settling import is_complete
from alertd.core.timelines import MOST_CASES, MOST_PERIODS, Point, TimelineError
from alertd.core.unusable import UNBOUNDED

_WITHOUT_DENOMINATOR = ("xmr", "run")  # charts of a figure by itself
_EPOCH = date(1970, 1, 1).toordinal()


def block_of(
    measure: Measure,
    timelines: Mapping[Key, tuple[Point, ...]],
    rules: Collection[Rule],
    starts: Period | None,
    ends: date,
    until: datetime | None = None,
) -> SeriesBlock:
    """The block of some timelines, all of one measure, that `rules` (each with a detector of its own) are to judge.

    The first period is `starts`; without it the last one ends on the day `ends` or just before, or holds the last event
    where events have days. These run to the last period that is complete `until` then (naive local time), else to that
    of the last one. Raises `TimelineError` for what the measure cannot have.
    """
    keys = tuple(sorted(timelines))
    if any(point.at is not None for points in timelines.values() for point in points):
        return _sealed(_by_day(measure, keys, timelines, starts, until))
    lengths = {name: len(points) for name, points in timelines.items()}
    if len(set(lengths.values())) > 1:
        found = ", ".join(f"{', '.join(name)} {length}" for name, length in lengths.items())
        raise TimelineError(f"every series has as many periods as the others; found {found}")
    columns = [timelines[key] for key in keys]
    figures = [[_figure(point, measure) for point in points] for points in columns]
    value, upper, lower = np.array(figures, dtype=np.float64).transpose(2, 1, 0).copy()
    divided = bool((~np.isnan(lower)).any())
    if not divided and (what := _needs_denominators(rules, measure)):
        raise TimelineError(f"{what} weighs figures by their denominators; write them: `93/126` and not `74`")
    if divided and bool((np.isnan(lower) & ~np.isnan(value)).any()):
        raise TimelineError("some figures have a denominator and some have none; write all of them as `93/126`")
    first = _first(measure, starts, ends, len(value))
    block = SeriesBlock(
        measure=measure.id,
        grain=measure.grain,
        by=measure.series_by,
        keys=keys,
        first=first.slot,
        value=value,
        numerator=upper if divided else None,
        denominator=lower if divided else None,
        present=~np.isnan(value),
        standard_error=_errors(measure, columns),
        grades=_counted(measure, columns),
        log_value=_logs(value) if measure.ratio is not None else None,
    )
    return _sealed(block if measure.event is None else replace(block, events=_spread(block)))


def with_words(block: SeriesBlock, words: str) -> SeriesBlock:
    """The block with the same words, of nobody and no day, beside each of its figures."""
    column, row = np.nonzero(~np.isnan(block.value.T))
    many = len(row)
    day = np.full(many, np.datetime64("NaT"), dtype="M8[D]")
    entries = Entries(
        row=row, column=column, figure=block.value[row, column], day=day, words=(words,) * many, by=("",) * many
    )
    return replace(block, entries=entries)


def as_known(block: SeriesBlock, now: datetime) -> SeriesBlock:
    """What of a block there was at some moment (naive local time): its complete periods; no series where there were none."""
    count = block.periods
    while count and not is_complete(block.period(count - 1), now):
        count -= 1
    if count == block.periods:
        return block
    if count == 0:
        block = block.take([])

    def part(array: Floats | None) -> Floats | None:
        return None if array is None else array[:count]

    events = block.events
    if events is not None:
        there = events.at < _days(block.period(count).start)
        events = Events(at=events.at[there], column=events.column[there])
    return _sealed(
        replace(
            block,
            value=block.value[:count],
            numerator=part(block.numerator),
            denominator=part(block.denominator),
            present=block.present[:count],
            standard_error=part(block.standard_error),
            grades=None if block.grades is None else block.grades[:, :count].copy(),
            events=events,
            log_value=part(block.log_value),
        )
    )


def _sealed(block: SeriesBlock) -> SeriesBlock:
    """With the digest of its figures that a notice names."""
    return sealed(block, [])


def _figure(point: Point, measure: Measure) -> tuple[float, float, float]:
    """The figure of one period, its numerator and its denominator, NaN where there is none."""
    nothing = float("nan")
    if point.grades:
        return _grade(point, measure), nothing, nothing
    if point.number is None:
        return nothing, nothing, nothing
    if measure.grade is not None:
        raise TimelineError(f"`{point}` is no grade of measure `{measure.id}`; it has {', '.join(measure.scale or ())}")
    if measure.value is None and point.number < 0:
        raise TimelineError(f"`{point}` lies below zero, and measure `{measure.id}` counts")
    if measure.event is not None and not (point.number.is_integer() and point.number <= MOST_CASES):
        raise TimelineError(f"`{point}` is no number of events; write a whole number up to {MOST_CASES:,}")
    if has_margin(measure) != (point.error is not None):
        lacks = f"no margin, and measure `{measure.id}` has one beside each figure: write `{point}\u00b12.5`"
        raise TimelineError(f"`{point}` has {'one that its measure lacks' if point.error is not None else lacks}")
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


def _grade(point: Point, measure: Measure) -> float:
    """The place of a period's grade on the scale; of several the lower median, as in the warehouse."""
    if measure.grade is None:
        raise TimelineError(f"`{point}` is no figure, and measure `{measure.id}` has no grades")
    try:
        places = sorted((place_of(name, measure), count) for name, count in point.grades)
    except ValueError as error:
        raise TimelineError(str(error)) from error
    cases = sum(count for _, count in places)
    if cases > 1 and measure.aggregate is None:
        raise TimelineError(f"`{point}` are {cases} grades, and measure `{measure.id}` has one a period")
    if cases > MOST_CASES:
        raise TimelineError(f"`{point}` are more than {MOST_CASES:,} grades")
    passed = 0
    for place, count in places:
        passed += count
        if passed > (cases - 1) // 2:
            return float(place)
    raise AssertionError("a median lies among its cases")


def has_margin(measure: Measure) -> bool:
    """Whether a survey's margin of error stands beside each figure."""
    return bool({"standard_error", "lower"} & measure.beside.keys()) or (
        measure.weight is not None and measure.value is not None
    )


def _errors(measure: Measure, columns: Sequence[tuple[Point, ...]]) -> Floats | None:
    """Standard errors: as written, or from half the width of an interval where the measure has the columns of one."""
    if not has_margin(measure):
        return None
    nothing = float("nan")
    written = np.array([[nothing if point.error is None else point.error for point in points] for points in columns]).T
    errors: Floats = written / (measure.standard_errors if "lower" in measure.beside else 1)
    return np.ascontiguousarray(errors)


def _counted(measure: Measure, columns: Sequence[tuple[Point, ...]]) -> Floats | None:
    """How many cases have each grade: grades x periods x series; NaN where a period has none."""
    if measure.scale is None or measure.aggregate is None:
        return None
    counts = np.full((len(measure.scale), len(columns[0]), len(columns)), np.nan)
    for column, points in enumerate(columns):
        for row, point in enumerate(points):
            if point.grades:
                counts[:, row, column] = 0.0
            for name, count in point.grades:
                counts[place_of(name, measure) - 1, row, column] += count
    return counts


def _logs(value: Floats) -> Floats:
    if bool((value <= 0).any()):
        raise TimelineError("a ratio is judged on the log scale; write figures above zero")
    logs: Floats = np.log(value)
    return logs


def _needs_denominators(rules: Collection[Rule], measure: Measure) -> str:
    """What of the rules cannot do without denominators; empty where nothing is."""
    if measure.denominator is None:
        return ""
    if measure.pool is not None:
        return f"`pool` of measure `{measure.id}`"
    return next((what for rule in rules if (what := _weighs(rule, measure))), "")


def _weighs(rule: Rule, measure: Measure) -> str:
    """What of a rule weighs figures by their denominators; empty where nothing does."""
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


def _first(measure: Measure, starts: Period | None, ends: date, periods: int) -> Period:
    """The first period, with every one of the timeline in the calendar."""
    try:
        if starts is None:
            last = Period.containing(ends, measure.grain)
            first = (last if last.last_day == ends else last + -1) + (1 - periods)
        else:
            first = Period.containing(starts.start, measure.grain)
        _ = first.start, (first + (periods - 1)).end
    except (ValueError, OverflowError):
        raise TimelineError(f"{periods:,} periods run beyond the calendar", "starts" if starts else "values") from None
    return first


def _spread(block: SeriesBlock) -> Events:
    """The events of a block of whole counts, lying evenly in each period; one alone lies in its middle."""
    if float(np.nansum(block.value)) > MOST_CASES:
        raise TimelineError(f"the timeline has more than {MOST_CASES:,} events")
    at: list[float] = []
    column: list[int] = []
    for series in range(len(block.keys)):
        for row in range(block.periods):
            count = 0 if np.isnan(block.value[row, series]) else int(block.value[row, series])
            start, end = (_days(moment) for moment in (block.period(row).start, block.period(row).end))
            at += [start + (end - start) * (number + 0.5) / count for number in range(count)]
            column += [series] * count
    return Events(at=np.array(at, dtype=np.float64), column=np.array(column, dtype=np.int64))


def _by_day(
    measure: Measure,
    keys: tuple[Key, ...],
    timelines: Mapping[Key, tuple[Point, ...]],
    starts: Period | None,
    until: datetime | None,
) -> SeriesBlock:
    """The block of events that have days: each period counts its own."""
    if measure.event is None:
        raise TimelineError(f"measure `{measure.id}` has a figure for each period, and days are for `event` measures")
    days = {key: sorted(point.at for point in timelines[key] if point.at is not None) for key in keys}
    if any(len(days[key]) < len(timelines[key]) for key in keys):
        raise TimelineError("write the days of all events (`2024-01-05 2024-02-17`), or how many each period has")
    earliest, latest = min(min(one) for one in days.values()), max(max(one) for one in days.values())
    try:
        first = Period.containing(starts.start if starts is not None else earliest, measure.grain)
        last = Period.containing(latest, measure.grain)
        if until is not None:
            now = Period.containing(until, measure.grain)
            last = max(last, now if now.end <= until else now + -1)
        periods = last.slot - first.slot + 1
        _ = first.start, last.end
    except (ValueError, OverflowError):
        raise TimelineError("the days run beyond the calendar") from None
    if periods > MOST_PERIODS:
        raise TimelineError(f"the days span more than {MOST_PERIODS:,} periods")
    if earliest < first.start:
        raise TimelineError(f"{earliest:%Y-%m-%d} lies before the first period, {first}")
    value = np.zeros((periods, len(keys)))
    for column, key in enumerate(keys):
        for day in days[key]:
            value[Period.containing(day, measure.grain).slot - first.slot, column] += 1
    return SeriesBlock(
        measure=measure.id,
        grain=measure.grain,
        by=measure.series_by,
        keys=keys,
        first=first.slot,
        value=value,
        numerator=None,
        denominator=None,
        present=value > 0,
        events=Events(
            at=np.array([_days(day) for key in keys for day in days[key]], dtype=np.float64),
            column=np.repeat(np.arange(len(keys)), [len(days[key]) for key in keys]),
        ),
    )


def _days(moment: datetime) -> float:
    """Days since the first of January 1970, local time."""
    passed = timedelta(hours=moment.hour, minutes=moment.minute)
    return moment.toordinal() - _EPOCH + passed / timedelta(days=1)
