"""Which keys of a measure go together: what is written wrongly is said at once, with what to write instead."""

from collections.abc import Iterator

from alertd.core.durations import Unit
from alertd.core.measure_keys import FIGURES, MeasureKeys
from alertd.core.measure_parts import EVERY_ROW, LEAST_SENSITIVE_GROUP, Interval, coarser, folded


def wrong_combinations(measure: MeasureKeys) -> Iterator[str]:
    """Every pair of keys that do not go together, and every key that lacks another, in words."""
    if sum(one is not None for one in (measure.sql, measure.table, measure.recorded)) != 1:
        yield "give exactly one of `sql`, `table` and `recorded`"
    figures = [name for name in FIGURES if getattr(measure, name) is not None]
    if len(figures) != 1:
        found = " and ".join(f"`{name}`" for name in figures) or "none"
        yield (
            "give exactly one of `value`, `count`, `numerator` with `denominator`, `grade` with `scale`, `event`, "
            f"`quantile` and `ratio`; found {found}"
        )
    if len(set(measure.by)) != len(measure.by):
        yield "`by` names a column twice"
    yield from _figure(measure)
    yield from _words(measure)
    yield from _rows(measure)
    yield from _surveys(measure)
    yield from _time(measure)
    yield from _people(measure)
    if measure.minimum is not None and measure.maximum is not None and measure.minimum > measure.maximum:
        yield f"`minimum` ({measure.minimum:g}) is above `maximum` ({measure.maximum:g})"


def _known(*texts: str) -> bool:
    """Whether what is written could be read, so that more can be said of it."""
    return all(isinstance(text, str) for text in texts)


def _figure(measure: MeasureKeys) -> Iterator[str]:
    if measure.numerator is not None and measure.denominator is None:
        yield "`numerator` needs a `denominator`"
    if measure.value is not None and measure.denominator is not None:
        yield "`value` takes no `denominator`; write `numerator` or `count` instead of `value`"
    for key in ("grade", "event", "quantile", "ratio"):
        if getattr(measure, key) is not None and measure.denominator is not None:
            yield f"`denominator` does not go with `{key}`"
    if measure.grade is not None and measure.scale is None:
        yield "`grade` needs a `scale`: the grades in order, worst first"
    if measure.scale is not None:
        if measure.grade is None:
            yield "`scale` needs a `grade`: the column that holds the grades"
        if len({folded(grade) for grade in measure.scale}) != len(measure.scale):
            yield "`scale` names a grade twice"
    if (
        measure.event is not None
        and _known(measure.period, measure.event.date)
        and measure.period != measure.event.date
    ):
        yield (
            f"`period` ({measure.period}) and the date of the `event` ({measure.event.date}) are two columns, and an event "
            "lies where its date is; leave out `period`"
        )
    if measure.unit == "percent" and (measure.event or measure.grade or measure.ratio):
        yield "`unit` is percent, which neither grades, events nor ratios are counted in"


def _words(measure: MeasureKeys) -> Iterator[str]:
    for key in ("assessed_by", "assessed_on"):
        if getattr(measure, key) is not None and measure.finding is None:
            yield f"`{key}` says of whom or when a `finding` is; name the column with its words"
    if measure.finding is not None and measure.quantile is not None:
        yield "`finding` does not go with `quantile`: words of single cases say nothing of their median"
    if EVERY_ROW in (measure.finding, measure.assessed_by, measure.assessed_on):
        yield "`*` is no column of words; name the one that they stand in"


def _rows(measure: MeasureKeys) -> Iterator[str]:
    by_row = measure.aggregate is not None
    if measure.quantile is not None:
        if not by_row:
            yield "`quantile` needs `aggregate: rows`: each row is one case"
        if len(measure.quantile.at) > 1 and "quantile" in measure.by:
            yield "`by` has a column `quantile`, which is what the series of several quantiles are told apart by; rename it"
    if not by_row:
        for key in ("count", "numerator"):
            if getattr(measure, key) == EVERY_ROW:
                yield f"`{key}` counts every row (`*`) with `aggregate: rows` only; else name a column"
        if measure.denominator_column == EVERY_ROW:
            yield "`denominator` counts every row (`*`) with `aggregate: rows` only; else name a column"
        if measure.weight is not None:
            yield "`weight` needs `aggregate: rows`: each row is one answer"
    if EVERY_ROW in (measure.value, measure.grade, *measure.beside.values()) or (
        measure.event is None and measure.denominator is None and EVERY_ROW in measure.figures and measure.count is None
    ):
        yield "`*` is no column; only `count`, `numerator` and `denominator` can count rows"
    if measure.ratio is not None and EVERY_ROW in measure.figures:
        yield "`ratio` names four columns, and `*` is none"
    if measure.weight is not None and measure.value is None and measure.numerator is None:
        yield "`weight` goes with `value` or with `numerator` and `denominator`"


def _surveys(measure: MeasureKeys) -> Iterator[str]:
    given = isinstance(measure.confidence, Interval)
    if measure.standard_error is not None and given:
        yield "give `standard_error`, or the columns of an interval under `confidence`, and not both"
    for key in ("standard_error", *(("confidence",) if given else ())):
        if getattr(measure, key) is None:
            continue
        if measure.aggregate is not None:
            yield f"`{key}` belongs to a figure, and with `aggregate: rows` a row is no figure"
        elif measure.value is None and measure.count is None and measure.numerator is None:
            yield f"`{key}` goes with `value`, `count` or `numerator` and `denominator`"
    known = given or measure.standard_error is not None or (measure.weight is not None and measure.value is not None)
    if measure.confidence is not None and not known:
        yield "`confidence` needs a `standard_error`, or the columns of an interval: `{lower: .., upper: ..}`"
    if measure.pool is not None and measure.denominator is None:
        yield "`pool` needs a `denominator`: the sizes of the samples that it adds up"
    if measure.pool is not None and (measure.standard_error is not None or given):
        yield "`pool` does not go with a `standard_error`: errors of separate surveys cannot be added up here"


def _people(measure: MeasureKeys) -> Iterator[str]:
    if measure.group_size is None:
        if measure.sensitive is not None:
            yield "`sensitive` needs `group_size`: the column that says how many people stand behind each figure"
        if measure.group_floor is not None:
            yield "`group_floor` needs `group_size`: the column that says how many people stand behind each figure"
        return
    if measure.sensitive is not None and (measure.group_floor or LEAST_SENSITIVE_GROUP) < LEAST_SENSITIVE_GROUP:
        yield f"`group_floor` of data of {measure.sensitive} is at least {LEAST_SENSITIVE_GROUP}"
    if measure.group_size == EVERY_ROW and measure.aggregate is None:
        yield "`group_size` counts every row (`*`) with `aggregate: rows` only; else name a column"
    if measure.finding is not None:
        yield "`finding` quotes what was written of single cases, and does not go with `group_size`"
    if measure.absent == "zero":
        yield "`group_size` does not go with `absent: zero`: no row says of no group how large it is"
    if measure.event is not None:
        yield "`group_size` does not go with `event`, for an event says nothing of a group's size; write `count`"


def _time(measure: MeasureKeys) -> Iterator[str]:
    if measure.at_age is not None:
        if measure.loaded_at is None:
            yield (
                "`at_age` needs `loaded_at`, which says what was known at that age; with figures as they are now, write "
                "`settles_after`"
            )
        if measure.at_age.unit is Unit.WORKING_DAYS:
            yield "`at_age` counts days, weeks, months or periods, and not working days"
        if measure.settles_after not in (None, measure.at_age):
            yield "`settles_after` does not go with `at_age`, which waits as long by itself"
        if measure.aggregate is not None or measure.event is not None:
            yield "`at_age` goes with one row per series, period and load; rows that are events have no such age"
    if measure.absent == "zero" and (measure.grade or measure.quantile or measure.ratio):
        yield "`absent` is zero, which goes with counts and sums: no row is no grade, no quantile and no ratio"
    if measure.planned:
        for key in ("grade", "event", "quantile", "pool", "window", "at_age", "complete_to"):
            if getattr(measure, key) is not None:
                yield f"`planned` says that later rows are plans, which does not go with `{key}`"
    if measure.event is not None and measure.complete_to is not None:
        yield "`complete_to` of an event is written inside `event`"
    if measure.window is not None:
        yield from _window(measure)


def _window(measure: MeasureKeys) -> Iterator[str]:
    assert measure.window is not None
    for key in ("event", "pool", "aggregate"):
        if getattr(measure, key) is not None:
            yield f"`window` is for figures that are published so, and does not go with `{key}`"
    stride = measure.window.stride(measure.grain)
    if not stride or coarser(measure.grain, stride) is None:
        yield (
            f"`window` of {measure.window.length} judged every {measure.window.judge_every} does not fit the grain "
            f"{measure.grain.words}: the longer of both must be a period, a quarter, half a year or a year"
        )
