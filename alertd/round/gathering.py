"""What a round finds, before anything is written: figures read, rules judged, cases moved, findings queued."""

import secrets
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from alertd.config.home import Home
from alertd.core.cases import Case, Reason
from alertd.core.errors import WarehouseError
from alertd.core.lifecycle import withdraw
from alertd.core.measures import Measure
from alertd.core.model import Key
from alertd.core.rule_changes import RuleReading, rule_version
from alertd.core.rules import Rule
from alertd.core.series import SeriesBlock
from alertd.core.verdicts import State
from alertd.round.addressing import heard_of, queue_data_move, queue_move, queue_withdrawn
from alertd.round.composites import Ready, Waiting
from alertd.round.moves import Move, Start, judge_data, judge_rule
from alertd.round.ports import Figures, Memory
from alertd.round.readings import compared, readings_of, why_no_longer
from alertd.store.records import Queued, RuleOutcome

_FAULTS = (ArithmeticError, LookupError, TypeError, ValueError)
"""What a slip in judging raises: it must neither stop other rules nor pass for quiet, so it is an error of the round."""


@dataclass(slots=True)
class Tally:
    """What a round found."""

    round_id: str
    now: datetime
    readings: dict[str, RuleReading]
    """How the rules in force read."""
    changes: list[tuple[Case | None, Case]] = field(default_factory=list)
    """Cases as they were (None: there was none) and as they are now."""
    reasons: dict[str, Reason] = field(default_factory=dict)
    """Case to why it changed, or why it changed into what it is."""
    queued: list[Queued] = field(default_factory=list)
    outcomes: list[RuleOutcome] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    """Rule to how long it took to judge."""
    counts: dict[str, Mapping[State, int]] = field(default_factory=dict)
    """Rule to how many of its series are in each state."""
    reachable: bool = True
    """Whether the warehouse answered."""

    @property
    def due(self) -> list[Queued]:
        """The findings that may leave now."""
        return [item for item in self.queued if item.due_at <= self.now]

    @property
    def waiting(self) -> list[Queued]:
        """The findings that wait for their route's send slot."""
        return [item for item in self.queued if item.due_at > self.now]


def gather(
    home: Home,
    figures: Figures,
    memory: Memory,
    *,
    now: datetime,
    as_of: bool = False,
    measures: Collection[str] | None = None,
    due_from: datetime | None = None,
    progress: Callable[[str], None] | None = None,
) -> Tally:
    """Judge every rule (or those of `measures`) at `now`; writes nothing. Raises `StateError`."""
    tally = Tally(round_id=secrets.token_hex(8), now=now, readings=readings_of(home))
    known = memory.open_cases()
    # What is no longer judged ends first: a series may go by the same key under another column.
    gone = _no_longer_judged(home, figures, known, now)
    standing = {key: case for key, case in known.items() if key not in gone}
    start = Start(
        round_id=tally.round_id,
        now=now,
        due_from=due_from or now,
        cases=standing,
        judged=compared(tally.readings, memory.judged_rules()),
        heard={case.id: heard for case in standing.values() if (heard := heard_of(memory, case))},
    )
    for key, reason in gone.items():
        _withdraw(home, memory, tally, known[key], reason, start)

    def read(measure: Measure) -> SeriesBlock:
        if progress is not None:
            progress(measure.id)
        return figures.read(measure, now=now, places=home.places, as_of=as_of)

    waiting = Waiting.of(home, measures)
    for measure, rules in _rules_by_measure(home, measures):
        block = _one_measure(home, memory, tally, measure, rules, start, read)
        _join(home, memory, tally, waiting.take(measure.id, block), start)
    for measure in waiting.unread(home):
        _join(home, memory, tally, waiting.take(measure.id, _unread(tally, measure, read)), start)
    return tally


def _no_longer_judged(
    home: Home, figures: Figures, known: Mapping[tuple[str, Key], Case], now: datetime
) -> dict[tuple[str, Key], Reason]:
    """The open cases, by rule and series, that end without a verdict, and why."""
    gone = {key: reason for key, case in known.items() if (reason := why_no_longer(home, case)) is not None}
    standing = [case for key, case in known.items() if key not in gone]
    return gone | dict.fromkeys(_withdrawn(home, figures, standing, now), Reason.ENTRY_WITHDRAWN)


def _withdraw(home: Home, memory: Memory, tally: Tally, case: Case, reason: Reason, start: Start) -> None:
    """End a case that is no longer judged, and tell those who were told of it."""
    decision = withdraw(case, start.now, reason)
    tally.changes.append((case, _existing(decision.case)))
    tally.reasons[case.id] = reason
    tally.queued += queue_withdrawn(home, memory, case, decision.transition, start.now, start.due_from)


def _withdrawn(home: Home, figures: Figures, cases: Iterable[Case], now: datetime) -> Iterator[tuple[str, Key]]:
    """The cases, by rule and series, that rest on entries which those who recorded them have withdrawn."""
    of_measure: dict[str, list[Case]] = {}
    for case in cases:
        rule = home.rules.get(case.rule)
        if rule is not None and not rule.components:
            of_measure.setdefault(rule.measure, []).append(case)
    for name, own in of_measure.items():
        ended = figures.withdrawn(home.measures[name], own, now=now)
        yield from ((case.rule, case.key) for case in own if case.id in ended)


def _rules_by_measure(home: Home, measures: Collection[str] | None) -> Iterator[tuple[Measure, list[Rule]]]:
    """Each measure that is wanted and has rules in force, with those that need no other figures."""
    for measure in home.measures.values():
        rules = [
            rule for rule in home.rules.values() if rule.enabled and rule.measure == measure.id and not rule.components
        ]
        if rules and (measures is None or measure.id in measures):
            yield measure, [rule for rule in rules if not rule.needs_others]


def _one_measure(
    home: Home,
    memory: Memory,
    tally: Tally,
    measure: Measure,
    rules: Sequence[Rule],
    start: Start,
    read: Callable[[Measure], SeriesBlock],
) -> SeriesBlock | str:
    """Read one measure, and judge its data and each of its rules; a failure is that measure's or rule's own.

    Gives its figures, or why there are none.
    """
    try:
        block = read(measure)
    except WarehouseError as error:
        tally.reachable = tally.reachable and error.reachable
        tally.outcomes += [_outcome(home, rule, None, error=str(error)) for rule in rules]
        return str(error)
    try:
        data = judge_data(home, measure, block, start)
    except _FAULTS as error:
        message = f"the checks of measure `{measure.id}` failed: {type(error).__name__}: {error}"
        tally.outcomes += [_outcome(home, rule, block, error=message) for rule in rules]
        return message
    if data is not None:
        tally.changes.append((data.before, _existing(data.decision.case)))
        tally.queued += queue_data_move(home, memory, data, start.now, start.due_from)
    for rule in rules:
        _one_rule(home, memory, tally, rule, {measure.id: block}, start)
    return block


def _unread(tally: Tally, measure: Measure, read: Callable[[Measure], SeriesBlock]) -> SeriesBlock | str:
    """The figures of a measure that is not due itself, or why there are none."""
    try:
        return read(measure)
    except WarehouseError as error:
        tally.reachable = tally.reachable and error.reachable
        return str(error)


def _join(home: Home, memory: Memory, tally: Tally, ready: Iterable[Ready], start: Start) -> None:
    """Judge the rules that join others and of which every measure has now been read, or could not be."""
    for rule, blocks, errors in ready:
        if errors:
            tally.outcomes.append(_outcome(home, rule, blocks.get(rule.measure), error="; ".join(errors)))
        else:
            _one_rule(home, memory, tally, rule, blocks, start)


def _one_rule(
    home: Home,
    memory: Memory,
    tally: Tally,
    rule: Rule,
    blocks: Mapping[str, SeriesBlock],
    start: Start,
) -> None:
    """Judge one rule, move its cases and queue what is told of them."""
    clocked = time.perf_counter()
    block = blocks[rule.measure]
    try:
        judged = judge_rule(home, rule, blocks, start)
    except _FAULTS as error:
        message = f"rule `{rule.id}`: {type(error).__name__}: {error}"
        tally.outcomes.append(_outcome(home, rule, block, error=message))
        return
    tally.seconds[rule.id] = time.perf_counter() - clocked
    tally.counts[rule.id] = judged.counts
    for move in judged.moves:
        for before, after in _changes(move):
            tally.changes.append((before, after))
            tally.reasons[after.id] = move.decision.reason
        tally.queued += queue_move(home, memory, move, start.now, start.due_from)
    tally.outcomes.append(_outcome(home, rule, block, series=judged.series, exceptions=judged.exceptions))


def _changes(move: Move) -> Iterator[tuple[Case | None, Case]]:
    """The cases to write: the one that moved, or the one that ended and the one that took its place."""
    if move.decision.closed is not None:
        yield move.before, move.decision.closed
        yield None, _existing(move.decision.case)
    else:
        yield move.before, _existing(move.decision.case)


def _existing(case: Case | None) -> Case:
    assert case is not None  # a move without a case is no move
    return case


def _outcome(
    home: Home, rule: Rule, block: SeriesBlock | None, *, error: str = "", series: int = 0, exceptions: int = 0
) -> RuleOutcome:
    return RuleOutcome(
        rule=rule.id,
        measure=rule.measure,
        status="error" if error else "ok",
        message=error,
        series=series,
        exceptions=exceptions,
        newest_period=str(block.period(block.periods - 1)) if block is not None and block.periods else None,
        data_version=block.data_version if block is not None else "",
        rule_version=rule_version(rule, home.measure_of(rule)),
    )
