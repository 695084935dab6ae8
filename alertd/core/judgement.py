"""A rule with everything that it is judged from, so that rules that join others are judged as any other is."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

import numpy as np

from alertd.core.adding_up import block_at
from alertd.core.beside import held_against
from alertd.core.calendar import Calendar
from alertd.core.composites.components import measure_of, only_changes
from alertd.core.composites.join import Component, Joined, join
from alertd.core.composites.sentences import JudgedComponent, columns_of, sentence_of
from alertd.core.evaluate import judge, look_back, since_when, verdict_at
from alertd.core.known import only_where
from alertd.core.levels import levels_of, measure_at, rule_at
from alertd.core.measures import Measure, SmallNumbers
from alertd.core.model import Key
from alertd.core.places import Places
from alertd.core.rules import Rule
from alertd.core.series import SeriesBlock
from alertd.core.verdicts import State, Verdict, Verdicts

Small = Callable[[Measure], SmallNumbers | None]
"""What is hidden of a measure's figures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """A rule, the measure that it judges, and that measure's figures; or the rules that it joins, each with its own."""

    rule: Rule
    measure: Measure
    """As the rule sees it: of a rule that joins others, by the columns and of the grain that they share."""
    block: SeriesBlock | None
    """None where the rule joins others."""
    parts: tuple["Basis", ...] = ()
    beside: tuple[SeriesBlock, ...] = ()
    """The figures of other measures that its own are held against."""
    only_changes: bool = False
    """It tells changes and nothing worse (R3)."""
    level: str | None = None
    """The level of the hierarchy that it is judged at, where its rule says so."""


class Seen(NamedTuple):
    """One series, looked at closely."""

    verdict: Verdict
    """At the newest settled period."""
    history: Verdicts
    """The series alone, at every period."""
    block: SeriesBlock
    """The series alone."""
    components: tuple[str, ...]
    """What the rules that are joined say of it, a sentence each."""


class Judgement(NamedTuple):
    """What a rule says, with the means to look closer at some series."""

    newest: Verdicts
    """At the newest settled period; of no periods where there is none."""
    history: Callable[[], Verdicts]
    """At every period from the first to the last."""
    look: Callable[[Iterable[Key]], Iterator[Seen]]
    """Some series looked at closely; those that the rule does not judge give nothing."""


def basis_of(
    rule: Rule, rules: Mapping[str, Rule], measures: Mapping[str, Measure], blocks: Mapping[str, SeriesBlock]
) -> Basis:
    """A rule with the figures of every measure that it needs; raises `KeyError` where `blocks` (by measure) lacks one."""
    measure = measure_of(rule, rules, measures)
    if not rule.components:
        block, beside = blocks[rule.measure], tuple(blocks[name] for name in rule.beside)
        for name, other in zip(rule.beside, beside, strict=True):
            ahead = rule.forecast.within if rule.forecast is not None and measures[name].planned else 0
            block = held_against(block, other, ahead)
        # Beside the places that a `where` means, rules with `at` keep its levels above, which no series of places has.
        return Basis(
            rule=rule if rule.at is None else rule_at(rule, measure), measure=measure, block=block, beside=beside
        )
    parts = tuple(basis_of(rules[name], rules, measures, blocks) for name in rule.components)
    return Basis(rule=rule, measure=measure, block=None, parts=parts, only_changes=only_changes(rule, rules, measures))


def bases_of(
    rule: Rule,
    rules: Mapping[str, Rule],
    measures: Mapping[str, Measure],
    blocks: Mapping[str, SeriesBlock],
    places: Places,
) -> tuple[Basis, ...]:
    """A rule with its figures at every level that it is judged at, the highest first; one where it names no level.

    Raises `KeyError` where `blocks` (by measure) lacks one.
    """
    found = []
    for level in levels_of(rule, measures[rule.measure], places):
        if level is None:
            found.append(basis_of(rule, rules, measures, blocks))
            continue
        measure, block = measures[rule.measure], blocks[rule.measure]
        there = measure_at(measure, level, places)
        if there is not measure:
            above = {name: values for name, values in rule.where.items() if name not in measure.series_by}
            block = block_at(only_where(block, rule_at(rule, measure).where), measure, level, places, above)
        found.append(Basis(rule=rule_at(rule, there), measure=there, block=block, level=level))
    return tuple(found)


def judgement(basis: Basis, calendar: Calendar, now: datetime, small: Small) -> Judgement:
    """Judge a rule at its newest settled period; `now` is aware, in the home's zone.

    The components of a rule that joins others are judged at every period, once; `small` is asked for what their sentences
    may show.
    """
    if basis.block is None:
        return _of_composite(basis, calendar, now, small)
    rule, measure, block = basis.rule, basis.measure, basis.block

    def look(keys: Iterable[Key]) -> Iterator[Seen]:
        column = {key: j for j, key in enumerate(block.keys)}
        for verdict, history in look_back(rule, measure, block, keys, calendar, now):
            yield Seen(verdict, history, block.take([column[verdict.key]]), ())

    newest = judge(rule, measure, block, calendar, now)
    return Judgement(newest, lambda: judge(rule, measure, block, calendar, now, every_period=True), look)


def history_of(basis: Basis, calendar: Calendar, now: datetime, from_row: int = 0) -> Verdicts:
    """Judge a rule at every period from the first to the last; `now` is aware, in the home's zone.

    With a `from_row` periods before that row of its block may be left out.
    """
    if basis.block is None:
        return _joined(basis, calendar, now)[1].history
    return judge(basis.rule, basis.measure, basis.block, calendar, now, every_period=True, from_row=from_row)


def _of_composite(basis: Basis, calendar: Calendar, now: datetime, small: Small) -> Judgement:
    parts, joined = _joined(basis, calendar, now)
    version = sha256("/".join(part.block.data_version for part in parts).encode()).hexdigest()[:12]

    def look(keys: Iterable[Key]) -> Iterator[Seen]:
        if joined.row is None:
            return
        columns = {key: j for j, key in enumerate(joined.history.keys)}
        slot = joined.history.first + joined.row
        places = [columns_of(part, joined.history.by) for part in parts]
        for key in dict.fromkeys(keys):
            if key not in columns:
                continue
            history = joined.history.take([columns[key]])
            verdict = verdict_at(joined.newest, 0, columns[key], since_when(history, joined.row, 0))
            said = tuple(
                sentence_of(part, there, verdict, slot, basis.rule.within or 1, calendar, small(part.measure))
                for part, there in zip(parts, places, strict=True)
            )
            yield Seen(verdict, history, _block(history, basis.measure, version), said)

    return Judgement(joined.newest, lambda: joined.history, look)


def _joined(basis: Basis, calendar: Calendar, now: datetime) -> tuple[tuple[JudgedComponent, ...], Joined]:
    """The verdicts of a rule that joins others, and the parts that they were made from."""
    parts, components = [], []
    for one in basis.parts:
        if one.block is None:
            _, inner = _joined(one, calendar, now)
            history = inner.history
            newest = None if inner.row is None else history.first + inner.row
            block = _block(history, one.measure, "")
        else:
            block = one.block
            history = judge(one.rule, one.measure, block, calendar, now, every_period=True)
            newest = _newest_settled(history)
        components.append(Component(verdicts=history, newest=newest, judged_now=one.rule.judged_now))
        parts.append(JudgedComponent(one.rule, one.measure, block, history, newest))
    lead = next((j for j, one in enumerate(basis.parts) if one.measure.id == basis.measure.id), 0)
    joined = join(basis.rule, components, basis.measure.id, lead, only_changes=basis.only_changes)
    return tuple(parts), joined


def _newest_settled(history: Verdicts) -> int | None:
    """The slot of the last row that is settled; None where there is none."""
    settled = np.flatnonzero((history.state != State.UNSETTLED.code).any(axis=1))
    return history.first + int(settled[-1]) if len(settled) else None


def _block(history: Verdicts, measure: Measure, version: str) -> SeriesBlock:
    """The figures that go with the verdicts of a rule that joins others."""
    return SeriesBlock(
        measure=measure.id,
        grain=history.grain,
        by=history.by,
        keys=history.keys,
        first=history.first,
        value=history.value,
        numerator=history.numerator,
        denominator=history.denominator,
        present=~np.isnan(history.value),
        data_version=version,
    )
