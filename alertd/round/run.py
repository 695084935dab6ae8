"""The round itself: pinned to one snapshot of the home and one reading of the clock, committed in one transaction."""

import secrets
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from alertd.config.home import Home
from alertd.core.cases import Case, Reason, TransitionKind
from alertd.core.data_faults import DATA_RULE
from alertd.core.errors import WarehouseError
from alertd.core.evidence import rule_version
from alertd.core.known import matches
from alertd.core.lifecycle import withdraw
from alertd.core.measures import Measure
from alertd.core.rules import Rule
from alertd.core.series import SeriesBlock
from alertd.core.verdicts import State
from alertd.round.addressing import queue_data_move, queue_move, queue_withdrawn
from alertd.round.composites import Ready, Waiting
from alertd.round.lettering import write_letters
from alertd.round.moves import Move, Start, judge_data, judge_rule
from alertd.round.opsnotes import about_letters, about_rules
from alertd.round.ports import Figures, Memory, Pen
from alertd.store.records import Queued, Round, RuleOutcome, SlotRun

_FAULTS = (ArithmeticError, LookupError, TypeError, ValueError)
"""What a slip in judging raises: it must neither stop other rules nor pass for quiet, so it is an error of the round."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundReport:
    """What a round did, for whoever asked for it."""

    round: Round
    letters: int
    held: int
    counts: Mapping[str, Mapping[State, int]]
    """Rule to how many of its series are in each state."""
    transitions: tuple[TransitionKind, ...]
    seconds: dict[str, float]
    """Rule to how long it took to judge."""
    warehouse_reachable: bool

    @property
    def errors(self) -> tuple[str, ...]:
        """Why rules could not be judged, each reason once."""
        return tuple(dict.fromkeys(outcome.message for outcome in self.round.outcomes if outcome.status == "error"))


@dataclass(slots=True)
class _Tally:
    """What a round gathers before anything is written."""

    changes: list[tuple[Case | None, Case]] = field(default_factory=list)
    queued: list[Queued] = field(default_factory=list)
    outcomes: list[RuleOutcome] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    counts: dict[str, Mapping[State, int]] = field(default_factory=dict)
    reachable: bool = True


def run_round(
    home: Home,
    figures: Figures,
    memory: Memory,
    pen: Pen,
    *,
    now: datetime,
    clock: Callable[[], datetime],
    as_of: bool = False,
    measures: Collection[str] | None = None,
    slots: Sequence[SlotRun] = (),
    due_from: datetime | None = None,
    progress: Callable[[str], None] | None = None,
) -> RoundReport:
    """Judge every rule (or those of `measures`) at `now`, and commit what follows in one transaction.

    `due_from` is the slot that the round stands for: a route that sends at that very minute is due at once. A measure
    that cannot be read leaves its cases alone. Raises `StateError` where the result cannot be kept; nothing is then sent.
    """
    started = clock()
    start = Start(round_id=secrets.token_hex(8), now=now, cases=memory.open_cases(), judged=memory.judged_rules())
    tally = _Tally()
    waiting = Waiting.of(home, measures)

    def read(measure: Measure) -> SeriesBlock:
        if progress is not None:
            progress(measure.id)
        return figures.read(measure, now=now, places=home.places, as_of=as_of)

    for measure, rules in _rules_by_measure(home, measures):
        block = _one_measure(home, memory, tally, measure, rules, start, due_from or now, read)
        _join(home, memory, tally, waiting.take(measure.id, block), start, due_from or now)
    for measure in waiting.unread(home):
        _join(home, memory, tally, waiting.take(measure.id, _unread(tally, measure, read)), start, due_from or now)
    _withdraw_missing(home, memory, tally, start, due_from or now)
    round_ = Round(
        id=start.round_id,
        started_at=started,
        finished_at=clock(),
        now=now,
        as_of=as_of,
        digest=home.digest,
        outcomes=tuple(tally.outcomes),
    )
    due = [item for item in tally.queued if item.due_at <= now]
    later = [item for item in tally.queued if item.due_at > now]
    written = write_letters(home, memory, pen, due, now)
    notes = [*about_rules(home, memory, pen, round_, now), *about_letters(home, pen, written, now)]
    memory.commit_round(round_, tally.changes, [*written.queued, *later], [*written.letters, *notes], slots)
    return RoundReport(
        round=round_,
        letters=len(written.letters) - written.held + len(notes),
        held=written.held,
        counts=tally.counts,
        transitions=tuple(item.finding.transition for item in tally.queued),
        seconds=tally.seconds,
        warehouse_reachable=tally.reachable,
    )


def _rules_by_measure(home: Home, measures: Collection[str] | None) -> Iterator[tuple[Measure, list[Rule]]]:
    """Each measure that is wanted and has rules in force, with those rules."""
    for measure in home.measures.values():
        rules = [
            rule for rule in home.rules.values() if rule.enabled and rule.measure == measure.id and not rule.components
        ]
        if rules and (measures is None or measure.id in measures):
            yield measure, rules


def _one_measure(
    home: Home,
    memory: Memory,
    tally: _Tally,
    measure: Measure,
    rules: Sequence[Rule],
    start: Start,
    due_from: datetime,
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
        tally.queued += queue_data_move(home, memory, data, start.now, due_from)
    for rule in rules:
        _one_rule(home, memory, tally, rule, {measure.id: block}, start, due_from)
    return block


def _unread(tally: _Tally, measure: Measure, read: Callable[[Measure], SeriesBlock]) -> SeriesBlock | str:
    """The figures of a measure that is not due itself, or why there are none."""
    try:
        return read(measure)
    except WarehouseError as error:
        tally.reachable = tally.reachable and error.reachable
        return str(error)


def _join(home: Home, memory: Memory, tally: _Tally, ready: Iterable[Ready], start: Start, due_from: datetime) -> None:
    """Judge the rules that join others and of which every measure has now been read, or could not be."""
    for rule, blocks, errors in ready:
        if errors:
            tally.outcomes.append(_outcome(home, rule, blocks.get(rule.measure), error="; ".join(errors)))
        else:
            _one_rule(home, memory, tally, rule, blocks, start, due_from)


def _one_rule(
    home: Home,
    memory: Memory,
    tally: _Tally,
    rule: Rule,
    blocks: Mapping[str, SeriesBlock],
    start: Start,
    due_from: datetime,
) -> None:
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
        tally.changes += _changes(move)
        tally.queued += queue_move(home, memory, move, start.now, due_from)
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


def _withdraw_missing(home: Home, memory: Memory, tally: _Tally, start: Start, due_from: datetime) -> None:
    """Close the cases of rules, of measures' data, and of series, that are no longer judged."""
    for case in start.cases.values():
        reason = _why_no_longer(home, case)
        if reason is not None:
            decision = withdraw(case, start.now, reason)
            tally.changes.append((case, _existing(decision.case)))
            tally.queued += queue_withdrawn(home, memory, case, decision.transition, start.now, due_from)


def _why_no_longer(home: Home, case: Case) -> Reason | None:
    """Why a case can no longer be judged; None where it can. A series that is merely not in the data still can."""
    if case.rule.startswith(DATA_RULE):
        watched = any(rule.enabled and DATA_RULE + rule.measure == case.rule for rule in home.rules.values())
        return None if watched else Reason.RULE_WITHDRAWN
    rule = home.rules.get(case.rule)
    if rule is None or not rule.enabled:
        return Reason.RULE_WITHDRAWN
    same_series = case.by == home.measure_of(rule).series_by and matches(case.series, rule.where)
    return None if same_series else Reason.NO_LONGER_JUDGED
