"""Warnings: what may be meant, and usually is not."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from math import inf, nextafter

from alertd.config.composites import measure_seen
from alertd.config.parts import SETTINGS, Parts
from alertd.config.problems import Problem
from alertd.config.suggest import likely
from alertd.core.levels import levels_above
from alertd.core.measures import Measure
from alertd.core.owners import OPS, OWNER, STEWARD
from alertd.core.parameters.baseline import Window
from alertd.core.parameters.condition import Condition
from alertd.core.routes import DEFAULT_ROUTE
from alertd.core.rules import Rule
from alertd.core.schedules import Schedule

_LIMITS = ("above", "at_or_above", "below", "at_or_below")


def warnings(parts: Parts) -> Iterator[Problem]:
    """Every warning that needs no warehouse."""
    nobody: dict[Problem, list[str]] = {}
    for name, rule in parts.rules.items():
        measure = measure_seen(parts, rule)
        if not rule.enabled or not parts.sure("rules", name, "enabled"):
            continue
        if measure is not None:
            yield from _limits(parts, rule, measure)
            for problem in _nobody_there(parts, name, rule, measure):
                nobody.setdefault(problem, []).append(name)
        yield from _clear(parts, rule)
        baseline = rule.spc.baseline if rule.spc is not None and parts.sure("rules", name, "status") else None
        if baseline is not None and baseline.window is Window.ALL and rule.status == "live":
            note = "each point then helps to draw the limits that judge it; `last 24 periods` leaves it out"
            message = f"rule `{name}` is live, and its baseline holds the judged point itself"
            yield parts.entries["rules"][name].problem("W206", message, "spc", "baseline", note=note)
    for problem, rules in nobody.items():  # said once of a measure, whatever judges it
        told = ", ".join(f"`{name}`" for name in rules[:6]) + (f" and {len(rules) - 6} more" if len(rules) > 6 else "")
        which = "rule" if len(rules) == 1 else "rules"
        yield replace(problem, note=problem.note.replace("RULES", f"{which} {told}"))
    yield from _steward(parts)
    yield from _schedules(parts)


def _limits(parts: Parts, rule: Rule, measure: Measure) -> Iterator[Problem]:
    entry = parts.entries["rules"][rule.id]
    for step, condition in (("threshold", rule.threshold), ("clear", rule.clear)):
        for key, steps, limit in _figures(condition):
            if step == "threshold" and measure.reference is not None and limit == measure.reference.value:
                message = f"the limit of rule `{rule.id}` equals the reference of measure `{measure.id}`"
                note = "a standard or ambition is drawn and never fires by itself; half of all usual figures may lie beyond it"
                yield entry.problem("W201", message, step, *steps, note=note)
            if _a_fraction(parts, measure, key, limit) and step == "threshold":
                message = (
                    f"`{key}` of rule `{rule.id}` is {limit:g} percent, as measure `{measure.id}` has `unit: percent`"
                )
                note = "figures, limits and thresholds of such a share go from 0 to 100"
                yield entry.problem("W202", message, step, *steps, hint=f"did you mean `{limit * 100:g}`?", note=note)
            highest = inf if not measure.is_share else 100.0 if measure.unit == "percent" else 1.0
            known = parts.sure("measures", measure.id, "unit", "count", "event", "numerator", "denominator")
            bounded = measure.is_share or measure.count is not None or measure.event is not None
            on_the_edge = step == "threshold" and (key, limit) in (("above", highest), ("below", 0.0))
            if known and bounded and (on_the_edge or not 0 <= limit <= highest):
                remedy = "shares lie between 0 and 1 where the measure has no `unit: percent`"
                note = "a share lies between 0 and 100 percent" if measure.unit == "percent" else remedy
                note = note if measure.is_share else "counts and rates are never below 0"
                message = f"`{key}` of rule `{rule.id}` lies where measure `{measure.id}` can never be"
                yield entry.problem("W202", message, step, *steps, note=note)


def _a_fraction(parts: Parts, measure: Measure, key: str, limit: float) -> bool:
    """Whether a limit from below is that of a fraction, and the measure is in percent."""
    known = parts.sure("measures", measure.id, "unit", "numerator", "denominator")
    return (
        known and measure.is_share and measure.unit == "percent" and key in ("below", "at_or_below") and 0 < limit <= 1
    )


def _figures(condition: Condition | None) -> Iterator[tuple[str, tuple[str | int, ...], float]]:
    if condition is None:
        return
    for key in _LIMITS:
        limit = getattr(condition, key)
        if limit is not None:
            yield key, (key,), limit
    for number, limit in enumerate(condition.outside or ()):
        yield "outside", ("outside", number), limit


def _clear(parts: Parts, rule: Rule) -> Iterator[Problem]:
    """A condition that ends nothing later than the rule would by itself, or that ends nothing at all."""
    fires, ends = rule.threshold, rule.clear
    if fires is None or ends is None or not parts.sure("rules", rule.id, "threshold", "clear"):
        return
    quiet = [figure for figure in samples_of(fires, ends) if not fires.holds(figure)]
    ending = [figure for figure in quiet if ends.holds(figure)]
    if ending and len(ending) < len(quiet):
        return
    if not ending:
        message = f"no figure at which rule `{rule.id}` is quiet meets its `clear`, so an exception would never end"
    else:
        message = f"`clear` of rule `{rule.id}` has no effect: every figure that does not fire meets it"
    note = "to hold an exception until things are well again, set it beyond the limit on the quiet side"
    yield parts.entries["rules"][rule.id].problem("W209", message, "clear", key=True, note=note)


def samples_of(*conditions: Condition) -> list[float]:
    """Figures that meet every combination of the conditions that any figure meets: the limits, between and beyond."""
    limits = sorted({limit for condition in conditions for _, _, limit in _figures(condition)})
    between = [(low + high) / 2 for low, high in pairwise(limits)]
    return [nextafter(limits[0], -inf), *limits, *between, nextafter(limits[-1], inf)]


def _nobody_there(parts: Parts, name: str, rule: Rule, measure: Measure) -> Iterator[Problem]:
    """An owner by a column that the measure is not by: every series goes to the fallback."""
    if not parts.sure("rules", name, "to", "route") or not parts.sure("measures", measure.id, "by", "owner"):
        return
    route = parts.routes.get(rule.route, DEFAULT_ROUTE)
    told = rule.to or route.to
    owner_id = measure.owner if told == OWNER else told
    owner = parts.owners.get(owner_id)
    if not parts.sure("routes", rule.route, "to") or not parts.sure("owners", owner_id, "by", "fallback"):
        return
    if owner is None or owner.by is None or owner.by in measure.by or owner.by in levels_above(measure, parts.places):
        return  # whoever holds the post of a place's division is found by the hierarchy
    instead = owner.fallback or (STEWARD if STEWARD in parts.owners else OPS)
    series = f"by {', '.join(measure.by)}" if measure.by else "one force-wide series"
    entry, steps = parts.entries["rules"][name], ("to",)
    if rule.to is None:
        entry, steps = parts.entries["measures"][measure.id], ("owner",)
    near = likely(owner.by, measure.by)
    yield entry.problem(
        "W205",
        f"`{owner_id}` is by `{owner.by}`, and measure `{measure.id}` is {series}",
        *steps,
        hint=f"`{owner.by}` and `{near}` are nearly the same word" if near is not None else "",
        note=f"every notice of RULES goes to the fallback, `{instead}`",
    )


def _steward(parts: Parts) -> Iterator[Problem]:
    if parts.knows("owners", STEWARD):
        return
    named = [(parts.entries["rules"][name], ("to",)) for name, rule in parts.rules.items() if rule.to == STEWARD]
    named += [
        (parts.entries["measures"][name], ("owner",)) for name, one in parts.measures.items() if one.owner == STEWARD
    ]
    named += [(parts.entries["routes"][name], ("to",)) for name, route in parts.routes.items() if route.to == STEWARD]
    named += [
        (parts.entries["owners"][name], ("fallback",)) for name, one in parts.owners.items() if one.fallback == STEWARD
    ]
    for entry, steps in named:
        message = f"{entry.what} names `{STEWARD}`, and nobody holds that post"
        yield entry.problem("W207", message, *steps, note=f"ops are told instead; declare `{STEWARD}` under `owners:`")


def _schedules(parts: Parts) -> Iterator[Problem]:
    if (
        parts.settings is not None
        and parts.settings_document is not None
        and parts.sure(*SETTINGS, "schedule")
        and _at_the_clock_change(parts.settings.schedule)
    ):
        yield parts.settings_document.problem("W204", ("schedule",), _CLOCKS.format("the schedule"), note=_CLOCKS_NOTE)
    for name, measure in parts.measures.items():
        if measure.schedule is not None and _at_the_clock_change(measure.schedule):
            entry = parts.entries["measures"][name]
            yield entry.problem("W204", _CLOCKS.format(f"the schedule of {entry.what}"), "schedule", note=_CLOCKS_NOTE)
    for name, route in parts.routes.items():
        if route.send is not None and _at_the_clock_change(route.send):
            entry = parts.entries["routes"][name]
            yield entry.problem("W204", _CLOCKS.format(f"`send` of {entry.what}"), "send", note=_CLOCKS_NOTE)


_CLOCKS = "{} lies between 01:00 and 02:00, when the clocks change"
_CLOCKS_NOTE = "it runs once all the same: late in spring, at the first of the two hours in autumn"


def _at_the_clock_change(schedule: Schedule) -> bool:
    """Whether it runs then at a fixed time; one that runs every hour loses nothing."""
    return len(schedule.minutes) < 24 and any(60 <= minute < 120 for minute in schedule.minutes)
