"""The words of `alertd explain`: why a rule says what it says of a series, and what follows."""

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import click
import numpy as np

from alertd.cli.judgements import judgement_of
from alertd.cli.printing import as_at
from alertd.cli.telling import Telling, route_words, telling_of
from alertd.config.home import Home
from alertd.core.back_to_usual import back_to_usual
from alertd.core.baseline_rows import baseline_rows, rows_of
from alertd.core.detect.baselines import plan
from alertd.core.disclosure import Disclosed, disclosed
from alertd.core.evidence import capacity_of
from alertd.core.findings import Written
from alertd.core.judgement import Basis, Judgement, Seen
from alertd.core.known import known_of
from alertd.core.measures import Measure
from alertd.core.methods import method_line
from alertd.core.model import Key
from alertd.core.nearness import nearness
from alertd.core.periods import day_words, in_sentence
from alertd.core.rare import as_judged
from alertd.core.rules import Rule
from alertd.core.series import series_words
from alertd.core.summary import (
    LEVELS,
    RANGED,
    agreed_level,
    capacity_words,
    figure,
    signals_in_words,
    summary,
    survey_interval,
    usual_range,
)
from alertd.core.verdicts import STATES, State, Verdict, Verdicts
from alertd.core.ways_back import way_back
from alertd.core.written import written_of
from alertd.rendering.quotes import more_found, quotes_of, said
from alertd.round.moves import small_numbers_of
from alertd.workbench.rounds import Rounds

_MOST = 20
_FEW = 3
"""Up to so many quiet series are explained in full."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """Everything that is said of one series at its newest settled period."""

    seen: Seen
    shown: Disclosed
    """The verdict as it may be shown (R31)."""
    read: Measure
    """The measure as the figure is to be read."""
    baseline: tuple[str, str] | None
    """The first and the last period that its limits come from."""
    usable: int
    """How many usable figures the baseline has."""
    near: tuple[str, ...]
    back: tuple[str, ...]
    telling: Telling
    next: str
    written: Written
    """What assessors wrote of the judged period."""


def explained(home: Home, basis: Basis, found: Judgement, keys: Iterable[Key], now: datetime) -> Iterator[Explained]:
    """What can be said of some series; those that the rule does not judge give nothing."""
    rule, measure = basis.rule, basis.measure
    small, rounds = small_numbers_of(home, measure), Rounds(home, rule)
    for seen in found.look(keys):
        verdict, block = seen.verdict, seen.block
        rows = baseline_rows(rule, measure, block, home.calendar, verdict.period)
        shown = disclosed(verdict, rule, measure, seen.history, rows, small)
        read = as_judged(rule, measure, verdict)
        # What leads up to a signal is counted from exact figures, and would give hidden ones away.
        open_ = shown.small is None and not shown.rounded
        near = nearness(rule, read, block, seen.history, verdict, home.calendar) if open_ else ()
        yield Explained(
            seen=seen,
            shown=shown,
            read=read,
            baseline=(block.period(rows[0]).words, block.period(rows[-1]).words) if rows else None,
            usable=_usable(home, measure, seen, rows),
            near=near,
            back=way_back(rule, read, verdict) if open_ else (),
            telling=telling_of(home, rule, measure, verdict, now),
            next=_next(rounds, measure, verdict, now),
            written=written_of(verdict, measure, block, small=shown.small is not None),
        )


def explain_in_words(home: Home, basis: Basis, wanted: Collection[Key], now: datetime) -> None:
    """Print why a rule says what it says of some of its series; those that stand out first."""
    rule, measure = basis.rule, basis.measure
    series = f"by {', '.join(measure.series_by)}" if measure.series_by else "for the whole force"
    click.echo(f"Rule `{rule.id}` on measure `{measure.id}` ({measure.name}), {measure.grain.adverb} {series}")
    click.echo(f"  How: {method_line(rule, measure)}")
    click.echo(f"  Notices: {route_words(home, rule)}.")
    if rule.status == "shadow":
        click.echo("  Shadow: it is judged and recorded, and tells nobody.")
    if not rule.enabled:
        click.echo("  Switched off: `enabled: false`, so that no round judges it.")
    found = judgement_of(home, basis, now)
    newest = found.newest
    if newest.periods == 0 or not newest.keys:
        click.echo("  There is no settled period in the data, so nothing can be judged.")
        return
    columns = [column for column, key in enumerate(newest.keys) if key in wanted]
    state = {newest.keys[column]: STATES[int(newest.state[0, column])] for column in columns}
    order = sorted(state, key=lambda key: (_rank(state[key]), key))
    if len(order) > 1:
        counted = Counter(state.values())
        told = [f"{counted[one]:,} {one.value}" for one in sorted(counted, key=lambda one: (_rank(one), one))]
        click.echo(f"  {len(order):,} series: {', '.join(told)}.")
    shown = order[:_MOST]
    full = {key for key in shown if state[key] is not State.QUIET} or set(shown[:_FEW])
    by_key = {one.seen.verdict.key: one for one in explained(home, basis, found, shown, now)}
    for key in shown:
        _say(rule, measure, by_key[key], full=key in full or len(shown) <= _FEW)
    if len(shown) > max(len(full), _FEW):
        click.echo("\nQuiet series are told in a line; --where tells of one in full.")
    if len(order) > _MOST:
        click.echo(f"\n{len(order) - _MOST} more series; name one with --where, or see all with --format csv.")
    click.echo(f"\n{as_at(home.settings.instance, now)}")
    click.echo("What was told before is not looked up here: `alertd exceptions list` shows the open cases.")


def _say(rule: Rule, measure: Measure, one: Explained, *, full: bool) -> None:
    verdict = one.seen.verdict
    click.echo(f"\n{series_words(verdict.series)}: {verdict.state.value} at {in_sentence(verdict.period)}")
    for line in _lines(rule, measure, one) if full else [_summary(rule, measure, one)]:
        click.echo(f"  {line}")


def _summary(rule: Rule, measure: Measure, one: Explained) -> str:
    small, rest = one.shown.small, one.shown.small_rest
    shown = None if small is None else f"{'all but ' if rest else ''}fewer than {small}"
    return summary(one.shown.verdict, rule, measure, shown=shown)


def _lines(rule: Rule, measure: Measure, one: Explained) -> Iterator[str]:
    verdict, seen = one.shown.verdict, one.seen
    yield _summary(rule, measure, one)
    yield from (f"- {sentence}" for sentence in seen.components)
    if (of := capacity_of(verdict, seen.block)) is not None:
        yield capacity_words(of, verdict.period + verdict.ahead)
    if not rule.judged_now and (counts := _counts(measure, one)):
        yield f"Figure: {counts}."
    if not math.isnan(verdict.centre) and rule.kind in LEVELS:
        limits = usual_range(verdict, one.read) if rule.kind in RANGED else ""
        range_words = f", range {limits}" if limits else ""
        yield f"{LEVELS[rule.kind].capitalize()} {figure(verdict.centre, one.read)}{range_words}{_taken(one)}."
    elif one.shown.rounded:
        yield "Its usual range holds figures that are too small to show, and is not told exactly."
    if one.shown.small is None and (interval := survey_interval(measure, seen.block, verdict.period)):
        yield f"Its confidence interval: {interval}."
    yield from (quote.text for quote in quotes_of(one.written, str(verdict.period), verdict.period.grain))
    if more := more_found(one.written):
        yield more
    yield from _unjudged(rule, measure, one)
    if verdict.signals:
        yield f"Why: {signals_in_words(verdict)}."
    elif verdict.state.notable:
        yield "Why: it fired before, and what clears it has not come yet."
    elif verdict.state is State.QUIET:
        yield f"Why not: {_why_not(rule, one)}."
    yield from one.near
    yield from one.back
    yield one.next
    yield from _told(one.telling, verdict)


def _why_not(rule: Rule, one: Explained) -> str:
    """Why a quiet series does not fire."""
    within = f" within {rule.within} {one.read.grain.words}s" if (rule.within or 1) > 1 else ""
    match rule.kind:
        case "all_of":
            return f"not every rule that it joins has fired{within}"
        case "any_of":
            return f"none of the rules that it joins has fired{within}"
        case "threshold" if rule.threshold is not None:
            return f"it is not {agreed_level(rule.threshold, one.read)}"
        case "spc" if rule.spc is not None and rule.spc.chart == "run":
            return "neither its longest run nor its crossings are beyond chance"
        case "freshness":
            return "its figures are there, or not due yet"
        case "rating":
            return "no grade is overdue" if rule.judged_now else "its grade does not meet the condition"
        case "seasonal" | "funnel" | "spc" if one.near or rule.spc is not None:
            return (
                "it lies in its range, and no pattern is complete" if rule.spc is not None else "it lies in its range"
            )
        case _:
            return "no signal holds at this period"


def _counts(measure: Measure, one: Explained) -> str:
    """The counts behind a share or a rate."""
    part, whole = one.shown.verdict.numerator, one.shown.verdict.denominator
    if math.isnan(part) or math.isnan(whole) or one.seen.verdict.gap or measure.scale is not None:
        return ""
    among = "of" if measure.is_share else "over"
    return f"{part:,.10g} {among} {whole:,.10g}"


def _taken(one: Explained) -> str:
    if one.baseline is None:
        return ""
    first, last = one.baseline
    grain = one.seen.verdict.period.grain.words
    return f", from {first} to {last} ({one.usable} {grain}{'' if one.usable == 1 else 's'} with a usable figure)"


def _unjudged(rule: Rule, measure: Measure, one: Explained) -> Iterator[str]:
    """Why a series could not be judged, where it could not."""
    verdict = one.seen.verdict
    match verdict.state:
        case State.LEARNING if rule.limited is not None:
            chosen = plan(rule.limited, measure.judged_grain)
            yield (
                f"Its baseline has {one.usable} usable figures and takes {chosen.min_points}, so there are no limits yet."
                if one.usable < chosen.min_points
                else "Its baseline does not vary, so there are no limits yet."
            )
        case State.LEARNING if rule.funnel is not None:
            yield f"Fewer than {rule.funnel.min_peers} places have a figure, so there is nothing to compare with."
        case State.LEARNING:
            yield "There are too few earlier figures to judge it by."
        case State.UNKNOWN:
            row = verdict.period.slot - one.seen.block.first
            there = 0 <= row < one.seen.block.periods and bool(one.seen.block.present[row, 0])
            if there and one.seen.block.withholds(row, 0):
                yield (
                    f"The figure for {in_sentence(verdict.period)} is withheld: fewer than {measure.floor} people stand behind "
                    "it, or it would give away the figure of so few."
                )
            elif not rule.components:
                yield (
                    f"There is a row for {in_sentence(verdict.period)}, and its figure cannot be used."
                    if there
                    else f"There is no row for {in_sentence(verdict.period)}."
                )
            yield "Unknown never clears an exception, and never opens one."


def _told(telling: Telling, verdict: Verdict) -> Iterator[str]:
    to, when = telling.recipient, telling.due
    person = f"{to.name} <{to.email}>, {telling.why}"
    leaves = "at once" if telling.at_once else f"on {day_words(when.date())}, {when:%H:%M}"
    if telling.told:
        yield f"Who is told: {person}; by `{telling.channel}`, {leaves}, unless already told."
        if telling.next is not None:
            yield f"If it lasts: {telling.next}."
    elif verdict.state.notable or verdict.state is State.MUTED:
        yield "Nobody is told."
        yield from telling.kept_back
        yield f"Else it would be: {person}."
    else:
        yield f"Nobody is told. If it fired: {person}."
        yield from telling.kept_back


def _usable(home: Home, measure: Measure, seen: Seen, rows: range) -> int:
    """How many figures of a baseline count: those that are there, not left out, and on this side of a rebase."""
    if not rows:
        return 0
    known = known_of(measure, seen.block, home.calendar)
    at = np.arange(rows.start, rows.stop)
    row = min(seen.verdict.period.slot - seen.block.first, seen.block.periods - 1)
    value = seen.block.value[at, 0] if seen.block.numerator is None else seen.block.numerator[at, 0]
    counted = ~np.isnan(value) & ~known.excluded[at, 0] & (known.segment[at, 0] == known.segment[row, 0])
    return int(counted.sum())


def _next(rounds: Rounds, measure: Measure, verdict: Verdict, now: datetime) -> str:
    """When the next period is judged."""
    coming = verdict.period + measure.stride
    at = rounds.first_judging(coming)
    if at <= now:
        return f"Next: {in_sentence(coming)} is due, and is judged in the first round after its figures arrive."
    return f"Next: {in_sentence(coming)} is judged on {day_words(at.date())}, {at:%H:%M}, if its figures are there."


def facts_by_point(
    home: Home, basis: Basis, found: Judgement, keys: Iterable[Key], now: datetime
) -> dict[tuple[Key, str], Mapping[str, Any]]:
    """What the words say of some series, by series and judged period."""
    every = explained(home, basis, found, keys, now)
    return {
        (one.seen.verdict.key, str(one.seen.verdict.period)): facts_of(basis.rule, basis.measure, one) for one in every
    }


def stretches(home: Home, basis: Basis, history: Verdicts) -> Callable[[Key, int], tuple[str | None, str | None]]:
    """The first and the last period of the baseline of each row of each series; None where there is none."""
    rule, measure, block = basis.rule, basis.measure, basis.block
    none = (None, None)
    known = None if block is None or rule.limited is None else known_of(measure, block, home.calendar)
    column = {} if block is None else {key: j for j, key in enumerate(block.keys)}

    @cache
    def of(row: int, segment: int) -> tuple[str | None, str | None]:
        assert block is not None
        rows = rows_of(rule, measure, block, row, segment)
        return (str(block.period(rows[0])), str(block.period(rows[-1]))) if rows else (None, None)

    def stretch(key: Key, row: int) -> tuple[str | None, str | None]:
        if known is None or block is None:
            return none
        at = row + history.first - block.first
        return of(at, int(known.segment[at, column[key]]))

    return stretch


def facts_of(rule: Rule, measure: Measure, one: Explained) -> Mapping[str, Any]:
    """What the words say, for programs."""
    verdict, told = one.shown.verdict, one.telling
    nearest, units = back_to_usual(verdict, rule, one.read)
    of = capacity_of(verdict, one.seen.block)
    return {
        "summary": _summary(rule, measure, one),
        "since": None if verdict.since is None else str(verdict.since),
        "why": signals_in_words(verdict),
        "components": list(one.seen.components),
        "written": said(one.written),
        "near": list(one.near),
        "baseline_points": one.usable if one.baseline else None,
        "back_to_usual": nearest,
        "units_to_usual": units,
        "expected_in": None if of is None else str(verdict.period + verdict.ahead),
        "capacity_of": None if of is None else str(of),
        "way_back": list(one.back),
        "next": one.next,
        "told": told.told,
        "owner": told.owner,
        "name": told.recipient.name,
        "email": told.recipient.email,
        "via": told.recipient.via.value,
        "why_that_person": told.why,
        "channel": told.channel,
        "due": told.due.isoformat(timespec="minutes"),
        "escalation": told.next,
        "kept_back": list(told.kept_back),
    }


def _rank(state: State) -> int:
    """Which states come first: those that stand out, then those that could not be told, quiet ones last."""
    order = (State.PENDING, State.UNKNOWN, State.MUTED, State.LEARNING, State.UNSETTLED, State.QUIET)
    return 0 if state.notable else 1 + order.index(state)
