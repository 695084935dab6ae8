"""The round itself: pinned to one snapshot of the home and one reading of the clock, committed in one transaction."""

import secrets
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from alertd.config.home import Home
from alertd.core.cases import Case, TransitionKind
from alertd.core.data_faults import DATA_RULE
from alertd.core.errors import AlertdError, WarehouseError
from alertd.core.evidence import rule_version
from alertd.core.letters import Letter, LetterState
from alertd.core.lifecycle import withdraw
from alertd.core.model import Key
from alertd.core.owners import recipient_for
from alertd.core.rules import Rule
from alertd.core.series import SeriesBlock
from alertd.round.addressing import queue_data_move, queue_move, queue_withdrawn, steward_id
from alertd.round.compose import cases_of, compose, sender_of
from alertd.round.judging import judge_data, judge_rule
from alertd.round.ports import Figures, Memory, Pen, SlotRecord
from alertd.store.records import Queued, Round, RuleOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundReport:
    """What a round did, for whoever asked for it."""

    round: Round
    letters: int
    held: int
    quiet: int
    """Series that were judged and are quiet."""
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
    quiet: int = 0
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
    slots: Sequence[SlotRecord] = (),
    due_from: datetime | None = None,
    progress: Callable[[str], None] | None = None,
) -> RoundReport:
    """Judge every rule (or those of `measures`) at `now`, and commit what follows in one transaction.

    `due_from` is the slot that the round stands for: a route that sends at that very minute is due at once. A measure
    that cannot be read leaves its cases alone. Raises `StateError` where the result cannot be kept; nothing is then sent.
    """
    started = clock()
    before, cases = memory.judged_rules(), memory.open_cases()
    tally = _Tally()
    rules_of = _rules_by_measure(home, measures)
    for measure_id, rules in rules_of.items():
        if progress is not None:
            progress(measure_id)
        _one_measure(home, figures, memory, tally, measure_id, rules, cases, before, now, due_from or now, as_of=as_of)
    if measures is None:
        _withdraw_missing(home, memory, tally, cases, now)
    round_ = Round(
        id=secrets.token_hex(8),
        started_at=started,
        finished_at=clock(),
        now=now,
        as_of=as_of,
        digest=home.digest,
        outcomes=tuple(tally.outcomes),
    )
    due = [item for item in tally.queued if item.due_at <= now]
    later = [item for item in tally.queued if item.due_at > now]
    composed, letters = compose(home, pen, due, memory.first_message_ids(cases_of(due)), now)
    held = sum(letter.state is LetterState.HELD for letter in letters)
    notes = _notes_to_ops(home, memory, pen, round_, held, now)
    memory.commit_round(round_, tally.changes, [*composed, *later], [*letters, *notes], slots)
    return RoundReport(
        round=round_,
        letters=len(letters) + len(notes) - held,
        held=held,
        quiet=tally.quiet,
        transitions=tuple(item.finding.transition for item in tally.queued),
        seconds=tally.seconds,
        warehouse_reachable=tally.reachable,
    )


def _rules_by_measure(home: Home, measures: Collection[str] | None) -> dict[str, list[Rule]]:
    found: dict[str, list[Rule]] = defaultdict(list)
    for rule in home.rules.values():
        if rule.enabled and (measures is None or rule.measure in measures):
            found[rule.measure].append(rule)
    return dict(found)


def _one_measure(
    home: Home,
    figures: Figures,
    memory: Memory,
    tally: _Tally,
    measure_id: str,
    rules: Sequence[Rule],
    cases: dict[tuple[str, Key], Case],
    before: dict[str, str],
    now: datetime,
    due_from: datetime,
    *,
    as_of: bool,
) -> None:
    measure = home.measures[measure_id]
    try:
        block = figures.read(measure, now=now, places=home.places, as_of=as_of)
    except WarehouseError as error:
        tally.reachable = tally.reachable and error.reachable
        tally.outcomes += [_outcome(home, rule, None, error=str(error)) for rule in rules]
        return
    data = judge_data(home, measure, block, cases, before, now)
    if data is not None and data.decision.case is not None:
        tally.changes.append((data.before, data.decision.case))
        tally.queued += queue_data_move(home, data, now)
    for rule in rules:
        clocked = time.perf_counter()
        try:
            judged = judge_rule(home, rule, block, cases, before, now)
            queued = [item for move in judged.moves for item in queue_move(home, memory, move, now, due_from)]
        except (AlertdError, ArithmeticError, LookupError, TypeError, ValueError) as error:
            # A fault in judging one rule must neither stop the others nor pass for quiet: it is an error of the round.
            tally.outcomes.append(
                _outcome(home, rule, block, error=f"rule `{rule.id}`: {type(error).__name__}: {error}")
            )
            continue
        tally.seconds[rule.id] = time.perf_counter() - clocked
        tally.quiet += judged.quiet
        tally.queued += queued
        for move in judged.moves:
            if move.decision.closed is not None:
                tally.changes.append((move.before, move.decision.closed))
                tally.changes.append((None, _existing(move.decision.case)))
            else:
                tally.changes.append((move.before, _existing(move.decision.case)))
        tally.outcomes.append(_outcome(home, rule, block, series=judged.series, exceptions=judged.exceptions))


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
        rule_version=rule_version(rule, home.measures[rule.measure]),
    )


def _withdraw_missing(
    home: Home, memory: Memory, tally: _Tally, cases: dict[tuple[str, Key], Case], now: datetime
) -> None:
    """Close the cases of rules, and of measures' data, that are no longer in force."""
    for case in cases.values():
        known = case.rule.removeprefix(DATA_RULE)
        if case.rule.startswith(DATA_RULE):
            in_force = any(rule.measure == known and rule.enabled for rule in home.rules.values())
        else:
            in_force = known in home.rules and home.rules[known].enabled
        if in_force:
            continue
        decision = withdraw(case, now)
        tally.changes.append((case, _existing(decision.case)))
        tally.queued += queue_withdrawn(home, memory, case, decision.transition, now)


def _notes_to_ops(home: Home, memory: Memory, pen: Pen, round_: Round, held: int, now: datetime) -> list[Letter]:
    """What ops and the feed's steward must know: rules that could not be judged since this round, and held letters."""
    lines = []
    last = memory.last_rounds(1)
    failing_before = {outcome.rule for earlier in last for outcome in earlier.outcomes if outcome.status == "error"}
    failing = [
        outcome for outcome in round_.outcomes if outcome.status == "error" and outcome.rule not in failing_before
    ]
    if failing:
        lines.append("These rules could not be judged, so their silence means nothing until they can be:")
        lines += [f"- {outcome.rule} (measure {outcome.measure}): {outcome.message}" for outcome in failing]
    if held:
        lines.append(
            f"{held} letters are held, because one round made more than {home.settings.max_letters_per_round}. "
            "See them with `alertd outbox list --state held`; let them go with `alertd outbox release`."
        )
    if not lines:
        return []
    subject = f"{len(failing)} rules could not be judged" if failing else f"{held} letters are held"
    steward = recipient_for(steward_id(home), {}, now.date(), home.owners, home.places, home.settings.ops.email)
    addresses = dict.fromkeys([home.settings.ops.email, *([steward.email] if failing else [])])
    channel = home.default_route.channel
    return [
        pen.ops_letter(
            instance=home.settings.instance,
            address=address,
            channel=channel,
            sender=sender_of(home, channel),
            subject=subject,
            lines=lines,
            now=now,
        )
        for address in addresses
    ]
