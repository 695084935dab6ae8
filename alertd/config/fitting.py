"""Whether each rule's detector fits its measure: one that does not could never fire."""

import re
from collections.abc import Iterator

from alertd.config.parts import Parts
from alertd.config.problems import Problem
from alertd.config.suggest import did_you_mean, one_of
from alertd.core.control_charts import misfit
from alertd.core.detect.seasons import misfit as season_misfit
from alertd.core.measure_parts import folded
from alertd.core.measures import Measure
from alertd.core.parameters.baseline import ROLLING
from alertd.core.parameters.change import Change
from alertd.core.parameters.drift import Drift
from alertd.core.parameters.forecast import Forecast
from alertd.core.parameters.freshness import Freshness
from alertd.core.parameters.funnel import Funnel
from alertd.core.parameters.rating import Rating
from alertd.core.parameters.seasonal import Seasonal
from alertd.core.parameters.spc import Spc
from alertd.core.periods import Period
from alertd.core.rules import DETECTORS, Rule

Fault = tuple[tuple[str, ...], str, str]
"""Keys below the detector's own, what is wrong, and what to write instead."""

_FIGURES = (
    "value",
    "count",
    "numerator",
    "grade",
    "event",
    "quantile",
    "ratio",
    "denominator",
    "by",
    "grain",
    "scale",
    "unit",
)


def fitting_problems(parts: Parts) -> Iterator[Problem]:
    """Every detector that needs something that its measure does not have."""
    for name, rule in parts.rules.items():
        kinds = [kind for kind in DETECTORS if getattr(rule, kind) is not None]
        measure = parts.measures.get(rule.measure)
        if measure is None or len(kinds) != 1 or rule.components or not parts.sure("rules", name, *kinds, "measure"):
            continue
        if not measure.has_figure or not parts.sure("measures", measure.id, *_FIGURES):
            continue
        for steps, message, note in _faults(rule, measure):
            entry = parts.entries["rules"][name]
            known = steps if isinstance(entry.data.get(rule.kind), dict) else ()
            yield entry.problem("A120", f"{entry.what}: {message}", rule.kind, *known, note=note)
        capacity = None if rule.forecast is None else parts.measures.get(rule.forecast.capacity)
        if capacity is not None and parts.sure("measures", capacity.id, *_FIGURES):
            for message, note in _capacity(measure, capacity):
                entry = parts.entries["rules"][name]
                yield entry.problem("A120", f"{entry.what}: {message}", "forecast", "capacity", note=note)


def _faults(rule: Rule, measure: Measure) -> Iterator[Fault]:
    yield from _baseline(rule, measure)
    match rule.detector:
        case Spc() as spc:
            yield from _chart(spc, measure)
        case Seasonal() as seasonal:
            faults = list(_seasonal(seasonal, measure))
            yield from faults or _season(seasonal, measure)
        case Drift():
            yield from _no_level(measure, "a drift")
            if measure.pool is not None:
                note = "each case would be added up several times; judge the samples by `spc: mdc`"
                yield (), f"neighbouring figures of measure `{measure.id}` share data (`pool`)", note
        case Funnel():
            yield from _funnel(measure)
        case Change() as change:
            yield from _change(change, measure)
        case Rating() as rating:
            yield from _rating(rating, measure)
        case Freshness() as freshness:
            yield from _freshness(freshness, measure)
        case Forecast():
            yield from _demand(measure)


def _baseline(rule: Rule, measure: Measure) -> Iterator[Fault]:
    """Whether a baseline that is left to the grain, or fixed by its dates, can hold as many periods as are asked for."""
    least = None if rule.limited is None else rule.limited.min_baseline
    if rule.limited is None or least is None:
        return
    grain, authored = measure.judged_grain, rule.limited.baseline
    length = ROLLING[grain][0] if authored is None else authored.length
    if authored is not None and authored.first is not None and authored.last is not None:
        first, last = (Period.containing(day, grain).slot for day in (authored.first.start, authored.last.last_day))
        length = last - first + 1
    if length and least > length:
        what = f"`min_baseline` asks for {least} periods and the baseline has {length}"
        note = f"it would be `learning` for ever; write {length} or less, or a longer `baseline`"
        yield ("min_baseline",), what, note


def _chart(spc: Spc, measure: Measure) -> Iterator[Fault]:
    if measure.grade is not None:
        yield (), f"grades of measure `{measure.id}` have no usual level", "write `rating:` instead"
        return
    problem = misfit(spc.chart, measure) if spc.chart is not None else None
    if problem is not None:
        what, _, instead = problem.partition("; ")
        yield ("chart",), what, instead
    between = spc.chart in ("g", "t", "g_3sigma") or (spc.chart is None and measure.event is not None)
    if between and not {"astronomical", "shift"} & set(spc.signals or spc.rule_set.signals):
        yield ("signals",), "gaps between events show none of these signals", "write `signals: [astronomical]`"
    if spc.min_denominator is not None and measure.denominator is None and measure.ratio is None:
        yield ("min_denominator",), f"measure `{measure.id}` has no denominator", "leave `min_denominator` out"
    if measure.overlapping and "astronomical" not in (spc.signals or spc.rule_set.signals):
        note = "neighbouring figures share data, so that runs of them mean nothing; only `astronomical` is judged"
        yield (
            ("signals",),
            f"measure `{measure.id}` is pooled or overlaps, so that none of these signals can hold",
            note,
        )


def _no_level(measure: Measure, what: str) -> Iterator[Fault]:
    if measure.grade is not None:
        yield (), f"{what} needs a figure, and measure `{measure.id}` has grades", "write `rating:` instead"
    elif measure.event is not None:
        yield (), f"{what} needs a level, and measure `{measure.id}` has rare events", "write `spc: {chart: t}` instead"


def _seasonal(seasonal: Seasonal, measure: Measure) -> Iterator[Fault]:
    """Whether there are figures of the kind that the method is for."""
    match seasonal.method:
        case "adjusted_xmr":
            yield from _no_level(measure, "a seasonal factor")
        case "farrington_flexible":
            if measure.count is None and measure.numerator is None and measure.event is None:
                note = "write `method: adjusted_xmr` for a figure that is no count"
                yield ("method",), f"Farrington's method is for counts, and measure `{measure.id}` has none", note
        case _:
            yield from _no_level(measure, "EARS")


def _season(seasonal: Seasonal, measure: Measure) -> Iterator[Fault]:
    """Whether a year of the measure's grain can be split as the rule says."""
    problem = season_misfit(seasonal, measure.grain)
    if problem is not None:
        what, _, instead = problem.partition("; ")
        named = re.match(r"`(\w+)", what)
        keys: dict[str, str] = {**dict.fromkeys(seasonal.factors, "factors"), seasonal.method: "method"}
        steps = () if named is None else (keys.get(named[1], named[1]),)
        yield steps, what, instead


def _demand(measure: Measure) -> Iterator[Fault]:
    """Whether the coming figures of a measure can be expected from its past ones."""
    if measure.grade is not None:
        yield (), f"grades of measure `{measure.id}` are no demand", "write `rating:` instead"
    elif measure.overlapping:
        note = "write the rule on a measure without `pool` or `window`"
        yield (), f"neighbouring figures of measure `{measure.id}` share data, so that they show no trend", note


def _capacity(demand: Measure, capacity: Measure) -> Iterator[tuple[str, str]]:
    """Whether a measure can be the capacity of another one's demand."""
    if capacity.id == demand.id:
        note = "name the measure that says how much can be met"
        yield f"measure `{demand.id}` is held against itself", note
    if capacity.grain is not demand.grain:
        found = f"measure `{capacity.id}` is by {capacity.grain.words} and `{demand.id}` by {demand.grain.words}"
        yield f"capacity and demand need one grain; {found}", f"write a capacity measure with `grain: {demand.grain}`"
    odd = [column for column in capacity.series_by if column not in demand.series_by]
    if odd:
        columns = ", ".join(demand.series_by) or "no column"
        note = f"write a capacity measure by {columns}, or by fewer columns"
        yield f"capacity `{capacity.id}` is by `{odd[0]}`, and measure `{demand.id}` is by {columns}", note
    if capacity.grade is not None:
        yield f"grades of measure `{capacity.id}` are no capacity", "name a measure of a figure"
    elif not odd and capacity.unit != demand.unit:
        units = f"`{capacity.id}` is in {capacity.unit or 'no unit'} and `{demand.id}` in {demand.unit or 'no unit'}"
        yield f"capacity and demand need one unit; {units}", "write the same `unit:` under both"


def _funnel(measure: Measure) -> Iterator[Fault]:
    if measure.denominator is None:
        note = "a funnel needs to know how large each place is: write `numerator` and `denominator`"
        yield (), f"measure `{measure.id}` has no denominator", note
    if not measure.by:
        yield (
            (),
            f"measure `{measure.id}` is one force-wide series, and has no peers",
            "give it a `by`, or write `spc:`",
        )


def _change(change: Change, measure: Measure) -> Iterator[Fault]:
    if measure.grade is not None:
        yield (), f"measure `{measure.id}` has grades", "write `rating: {dropped: 1 grade}` instead"
    for key in ("worse_by", "and_at_least"):
        amount = getattr(change, key)
        if amount is None or amount.percent or not amount.unit:
            continue
        units = {measure.unit, "points" if measure.unit == "percent" else None, "percentage points", "point"}
        if measure.unit is None or amount.unit.casefold() not in {unit.casefold() for unit in units if unit}:
            counted = f"counts {measure.unit}" if measure.unit else "has no `unit`"
            wanted = "points" if measure.unit == "percent" else measure.unit
            note = (
                f"write `{amount.size:g} {wanted}`"
                if wanted
                else f"write `{amount.size:g}`, or give the measure its `unit`"
            )
            yield (key,), f"`{amount}` does not fit: measure `{measure.id}` {counted}", note


def _freshness(freshness: Freshness, measure: Measure) -> Iterator[Fault]:
    """Whether there are several series, of which some can be there and others not; lateness needs one alone."""
    if measure.by or freshness.late_after is not None:
        return
    note = "write `late_after: 5 working days`, or give it a `by`"
    for key, asked in (("missing", freshness.missing == "any"), ("shrunk_by", freshness.shrunk_by is not None)):
        if asked:
            yield (
                (key,),
                f"measure `{measure.id}` is one force-wide series, and no series can be missing beside others",
                note,
            )


def _rating(rating: Rating, measure: Measure) -> Iterator[Fault]:
    if measure.grade is None or measure.scale is None:
        if rating.overdue is None:
            note = "give it `grade: COLUMN` and `scale: [worst, .., best]`"
            yield (), f"measure `{measure.id}` has no grades", note
        return
    scale = tuple(measure.scale)
    named: list[tuple[tuple[str, ...], str | None]] = [(("at_or_below",), rating.at_or_below)]
    if rating.share_above is not None:
        named.append((("share_above", "grade"), rating.share_above.grade))
    for steps, grade in named:
        if grade is not None and folded(grade) not in map(folded, scale):
            hint = did_you_mean(grade, scale)
            note = hint or one_of(scale, nothing="")
            yield steps, f"`{grade}` is no grade of measure `{measure.id}`", note
    if rating.at_or_below is not None and folded(rating.at_or_below) == folded(scale[-1]):
        yield (
            ("at_or_below",),
            f"every grade is at or below `{rating.at_or_below}`",
            f"write a lower one: `{scale[-2]}`",
        )
    if rating.dropped is not None and rating.dropped >= len(scale):
        note = f"the scale has {len(scale)} grades, so {len(scale) - 1} is the most that one can fall"
        yield ("dropped",), f"no grade can fall by {rating.dropped}", note
