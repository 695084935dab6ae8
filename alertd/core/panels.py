"""The past of one series as plain data to draw: every figure, with the limits that its own period was judged by.

A notice's chart (`charting`) has the one band that judged its newest point; this is what an analyst looks at.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from alertd.core.baseline_rows import baseline_rows
from alertd.core.calendar import Calendar, Effect
from alertd.core.charting import or_none
from alertd.core.disclosure import Disclosed, disclosed, is_hidden
from alertd.core.evaluate import verdict_at
from alertd.core.findings import ChartNote
from alertd.core.known import matches
from alertd.core.measures import Measure, SmallNumbers
from alertd.core.periods import Period
from alertd.core.rare import as_judged
from alertd.core.rules import Rule
from alertd.core.series import SeriesBlock
from alertd.core.summary import agreed_level
from alertd.core.verdicts import State, Verdict, Verdicts

MOST_PERIODS = 600
"""The newest periods that are drawn; more than a picture's pixels tell nothing."""
_NO_FIGURE = frozenset(("freshness",))


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """One period of a series, as it may be shown; figures are None where there are none, or none to show."""

    period: Period
    state: State
    signals: tuple[str, ...]
    rising: bool
    """Whether its signals are on the upper side."""
    value: float | None
    centre: float | None
    lower: float | None
    upper: float | None
    statistic: float | None
    """What drift was judged by, where it is not the figure; the limits then belong to it."""
    hidden: bool
    """A small number that may not be shown (R31)."""
    reference: float | None
    counts: tuple[float, float] | None
    """Numerator and denominator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """An agreed line, and what it is."""

    value: float
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """The past of one series."""

    series: Mapping[str, str]
    measure: Measure
    """As its figures are to be read: a gap between rare events is in days."""
    kind: str
    """The rule's detector."""
    spots: tuple[Spot, ...]
    """One for each period, the oldest first."""
    left_out: int
    """How many older periods there are."""
    judged: Verdict | None
    """At the newest settled period, as it may be shown; None where there is none."""
    baseline: tuple[Period, Period] | None
    """What the judged period's limits come from."""
    notes: tuple[tuple[Period, ChartNote], ...]
    levels: tuple[Level, ...]
    """Agreed levels: where the rule fires, and where it clears."""
    statistic: str = ""
    """What drift is judged by, in words."""


def panel_of(
    rule: Rule,
    measure: Measure,
    block: SeriesBlock,
    history: Verdicts,
    judged: Verdict | None,
    calendar: Calendar,
    small: SmallNumbers | None,
) -> Panel:
    """The past of one series, alone in `block` and in `history`; `judged` is its verdict at the newest settled period."""
    first = max(0, history.periods - MOST_PERIODS)
    read = measure if judged is None else as_judged(rule, measure, judged)
    shown = [_spot(rule, measure, read, block, history, row, calendar, small) for row in range(first, history.periods)]
    baseline = None
    if judged is not None:
        rows = baseline_rows(rule, measure, block, calendar, judged.period)
        judged = disclosed(judged, rule, measure, history, rows, small).verdict
        baseline = (block.period(rows[0]), block.period(rows[-1])) if rows else None
    return Panel(
        series=dict(zip(history.by, history.keys[0], strict=True)),
        measure=read,
        kind=rule.kind,
        spots=tuple(shown),
        left_out=first,
        judged=judged,
        baseline=baseline,
        notes=_notes(rule, measure, calendar, history, first),
        levels=_levels(rule, measure),
        statistic=_statistic(rule, measure),
    )


def _spot(
    rule: Rule,
    measure: Measure,
    read: Measure,
    block: SeriesBlock,
    history: Verdicts,
    row: int,
    calendar: Calendar,
    small: SmallNumbers | None,
) -> Spot:
    verdict = verdict_at(history, row, 0, None)
    seen = Disclosed(verdict=verdict)
    if small is not None:
        rows = baseline_rows(rule, measure, block, calendar, verdict.period)
        seen = disclosed(verdict, rule, measure, history, rows, small)
    hidden, told = is_hidden(measure, history, row, small), seen.verdict
    statistic = None if history.statistic is None or seen.rounded or hidden else float(history.statistic[row, 0])
    at = verdict.period.slot - block.first
    line = None if read.reference is None else read.reference.value
    if read.reference is not None and block.reference is not None and 0 <= at < block.periods:
        line = or_none(float(block.reference[at, 0]))
    parts = (or_none(told.numerator), or_none(told.denominator))
    return Spot(
        period=verdict.period,
        state=verdict.state,
        signals=verdict.signals,
        rising=bool(verdict.high),
        value=_finite(told.value),
        centre=_finite(told.centre),
        lower=_finite(told.lower) if math.isfinite(verdict.lower) else None,  # rounded, a missing one is 0
        upper=_finite(told.upper),
        statistic=None if statistic is None else _finite(statistic),
        hidden=hidden,
        reference=line,
        counts=(parts[0], parts[1]) if parts[0] is not None and parts[1] is not None else None,
    )


def _finite(value: float) -> float | None:
    """A figure that can be drawn."""
    return value if math.isfinite(value) else None


def _statistic(rule: Rule, measure: Measure) -> str:
    if rule.drift is None:
        return ""
    if rule.drift.method == "cusum":
        return "CUSUM: small moves added up, in sigma"
    return f"EWMA: the mean that weighs new figures most{f', {measure.unit}' if measure.unit else ''}"


def _levels(rule: Rule, measure: Measure) -> tuple[Level, ...]:
    """The agreed levels of a threshold, each with its words."""
    found: list[Level] = []
    for condition, words in ((rule.threshold, "fires {}"), (rule.clear, "clears {}")):
        if condition is None:
            continue
        given = condition.model_dump(exclude_none=True)
        for name, bound in given.items():
            said = words.format(agreed_level(condition.__class__(**{name: bound}), measure))
            bounds = bound if isinstance(bound, (tuple, list)) else (bound,)
            found += [Level(value=float(each), words=said) for each in bounds]
    return tuple(found)


def _notes(
    rule: Rule, measure: Measure, calendar: Calendar, history: Verdicts, first: int
) -> tuple[tuple[Period, ChartNote], ...]:
    """The annotations and suppressions of a series that fall on the picture, by date."""
    if rule.kind in _NO_FIGURE:
        return ()
    series = dict(zip(history.by, history.keys[0], strict=True))
    dated = [
        (annotation.from_, annotation.reason, annotation.effect is Effect.REBASE)
        for annotation in calendar.annotations.values()
        if measure.id in annotation.measures and matches(series, annotation.where)
    ] + [
        (one.from_, f"{'left out' if one.effect == 'exclude' else 'told to nobody'}: {one.reason}", False)
        for one in calendar.suppressions.values()
        if measure.id in one.measures and matches(series, one.where)
    ]
    notes = []
    for start, reason, rebase in dated:
        period = Period.containing(start.start, history.grain)
        if history.first + first <= period.slot < history.first + history.periods:
            notes.append((period, ChartNote(period=str(period), text=reason, rebase=rebase)))
    return tuple(sorted(notes, key=lambda note: note[0].slot))


def runs(spots: tuple[Spot, ...], name: str) -> list[list[Spot]]:
    """The stretches of neighbours that have a figure of that name (`value`, `centre`, `lower`, ..)."""
    found: list[list[Spot]] = []
    for before, here in pairwise((None, *spots)):
        if here is None or getattr(here, name) is None:
            continue
        joined = before is not None and getattr(before, name) is not None and before.period.slot + 1 == here.period.slot
        if joined:
            found[-1].append(here)
        else:
            found.append([here])
    return found
