"""One measure in a round: its figures, what its rules say of them, and which cases move."""

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from types import MappingProxyType

import numpy as np

from alertd.config.home import Home
from alertd.core.calendar import Annotation, Effect
from alertd.core.cases import Case, CaseState, Decision, Direction, Reason
from alertd.core.data_faults import DATA_RULE, Trouble, told_by_a_rule, troubles
from alertd.core.handover import holders_by
from alertd.core.holding import Standing, holds_back, lies_above
from alertd.core.judgement import bases_of, judgement
from alertd.core.known import matches
from alertd.core.lifecycle import Policy, case_id, decide, decide_faults
from alertd.core.measures import Measure, SmallNumbers
from alertd.core.model import Key
from alertd.core.periods import Period
from alertd.core.places import Places
from alertd.core.rule_changes import rule_version
from alertd.core.rules import Rule
from alertd.core.series import SeriesBlock, series_words
from alertd.core.verdicts import NOTABLE, STATES, State, Verdict, Verdicts
from alertd.round.people import next_tier, owner_id_of, sending_day

_IN_UNITS = frozenset(("threshold", "change", "forecast"))
"""Detectors whose excess is in the measure's unit; that of the others is in sigma or in grades."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Where things stood when a round began."""

    round_id: str
    now: datetime
    due_from: datetime
    """From when on send slots count."""
    cases: Mapping[tuple[str, Key], Case]
    """The open cases, by rule and series."""
    judged: Mapping[str, str]
    """The version of each rule when it was last judged; a rule that never was is not in it."""
    heard: Mapping[str, tuple[str, ...]]
    """Case to the owners that letters passed it on to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A case that changed, with the evidence: its verdict and the series judged at every period."""

    before: Case | None
    decision: Decision
    rule: Rule
    measure: Measure
    verdict: Verdict
    block: SeriesBlock
    """The series alone."""
    history: Verdicts
    components: tuple[str, ...] = ()
    """What the rules that its rule joins say of it, a sentence each."""
    held_back: bool = False
    """An exception at a level above explains it, and tells of it."""
    explains: tuple[str, ...] = ()
    """The places below whose exceptions it holds back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataMove:
    """A data case that changed, with the troubles that were not told before."""

    before: Case | None
    decision: Decision
    measure: Measure
    block: SeriesBlock
    new: tuple[Trouble, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a rule made of its series."""

    moves: tuple[Move, ...]
    counts: Mapping[State, int]
    """How many series are in each state."""

    @property
    def series(self) -> int:
        """How many series were judged."""
        return sum(self.counts.values())

    @property
    def exceptions(self) -> int:
        """How many series stand out, in a way that is not an improvement."""
        return self.counts[State.EXCEPTION] + self.counts[State.CHANGED]


def judge_rule(home: Home, rule: Rule, blocks: Mapping[str, SeriesBlock], start: Start) -> Judged:
    """Judge one rule and decide on every series that stands out or has an open case.

    `blocks` holds the figures of every measure that the rule needs, by the measure's id.
    """
    policy = policy_of(home, rule, start.judged, start.round_id, start.due_from, start.heard)
    rebases = rebases_of(home, rule)
    moves: list[Move] = []
    found = np.zeros(len(STATES), dtype=np.int64)
    above: list[Standing] = []
    for basis in bases_of(rule, home.rules, home.measures, blocks, home.places):
        newest, _, look = judgement(basis, home.calendar, start.now, lambda one: small_numbers_of(home, one))
        if newest.periods == 0 or not newest.keys:
            found[State.UNKNOWN.code] += len(newest.keys)  # no settled period: nothing is known of any series
            continue
        found += np.bincount(newest.state[0], minlength=len(STATES))
        notable = {newest.keys[int(j)] for j in np.flatnonzero(np.isin(newest.state[0], NOTABLE))}
        with_case = {key for (owner, key), case in start.cases.items() if owner == rule.id and case.by == newest.by}
        seen = list(look(notable | with_case))
        here = [Standing.of(one.verdict) for one in seen if one.verdict.state.notable]
        for verdict, history, alone, components in seen:
            before = start.cases.get((rule.id, verdict.key))
            explained = rule.hold_back and holds_back(above, here, verdict, before, home.places)
            decision = decide(
                before,
                verdict,
                replace(policy, silent=True) if explained else policy,
                start.now,
                rebased=rebased_by(rebases, verdict),
            )
            if decision.case is not before:
                moves.append(
                    Move(
                        before=before,
                        decision=decision,
                        rule=basis.rule,
                        measure=basis.measure,
                        verdict=verdict,
                        block=alone,
                        history=history,
                        components=components,
                        held_back=explained,
                    )
                )
        above += here
    counts = {state: int(found[state.code]) for state in STATES}
    return Judged(moves=tuple(listing_held_back(moves, home.places)), counts=counts)


def listing_held_back(moves: Sequence[Move], places: Places) -> Iterator[Move]:
    """The same moves, each naming the places below that it holds back."""
    held = [Standing.of(move.verdict) for move in moves if move.held_back and move.verdict.state.notable]
    for move in moves:
        own = Standing.of(move.verdict)
        below = [one for one in held if own.like(one) and lies_above(own.series, one, places)]
        yield replace(move, explains=tuple(series_words(one.series) for one in below)) if below else move


def policy_of(
    home: Home,
    rule: Rule,
    judged: Mapping[str, str],
    round_id: str = "",
    due_from: datetime | None = None,
    heard: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
) -> Policy:
    """What the lifecycle needs to know of a rule and its route; `due_from` as in a round, else the moment of a decision."""
    measure, route = home.measure_of(rule), home.route_of(rule)
    asked = rule.improvement == "report" if rule.improvement is not None else route.improvement != "ignore"
    version = judged.get(rule.id)
    return Policy(
        round=round_id,
        tell_improvement=asked,
        silent=rule.status == "shadow",
        unmuted=Reason.NOT_EXPLAINED if rule.hold_back else Reason.ALREADY_SO,
        data=rule.freshness is not None,
        remind=route.remind,
        escalate_after=route.escalate.after if route.escalate else None,
        next_tier=lambda case, day: next_tier(home, rule, measure, case, day, heard.get(case.id, ())),
        hand_over=route.hand_over,
        holders=holders_by(owner_id_of(rule, measure, route), home.owners, home.places),
        sent_on=cache(lambda now: sending_day(home, route, now if due_from is None else due_from)),
        first_round=version is None,
        rule_changed=version is not None and version != rule_version(rule, measure),
        in_sigma=rule.kind not in _IN_UNITS,
        least_step=measure.least_step,
        holidays=home.calendar.holidays,
    )


def judge_data(home: Home, measure: Measure, block: SeriesBlock, start: Start) -> DataMove | None:
    """Decide on a measure's data case: one for all that is wrong with its rows (R13)."""
    found = {trouble.identity: trouble for trouble in troubles(measure, block, home.calendar, start.now)}
    before = start.cases.get((DATA_RULE + measure.id, ()))
    if not found and before is None:
        return None
    here = block.period(block.periods - 1) if block.periods else Period.containing(start.now, measure.grain)
    opening = Case(
        id=case_id(DATA_RULE + measure.id, (), start.now, start.round_id),
        rule=DATA_RULE + measure.id,
        measure=measure.id,
        by=(),
        key=(),
        direction=Direction.DATA,
        state=CaseState.OPEN,
        opened_period=here,
        opened_at=start.now,
        told_period=here,
        told_at=start.now,
        told_signals=(),
        told_value=math.nan,
        told_excess=math.nan,
    )
    watched = any(home.rules[rule].measure == measure.id for rule in start.judged if rule in home.rules)
    rules = [rule for rule in home.rules.values() if rule.enabled and rule.measure == measure.id]
    covered = told_by_a_rule(found.values(), rules, str(here))
    decision = decide_faults(before, found, opening, start.now, first_round=not watched, covered=covered)
    if decision.case is before:
        return None
    told = covered | (set(before.told_faults) if before else set())
    new = tuple(trouble for identity, trouble in found.items() if identity not in told)
    return DataMove(before=before, decision=decision, measure=measure, block=block, new=new)


def small_numbers_of(home: Home, measure: Measure) -> SmallNumbers | None:
    """The measure's own suppression of small numbers, else the home's (R31)."""
    return measure.small_numbers or home.settings.small_numbers


def rebases_of(home: Home, rule: Rule) -> tuple[Annotation, ...]:
    """The rebases of the measures that a rule needs."""
    needed = home.needs(rule)
    return tuple(
        annotation
        for annotation in home.calendar.annotations.values()
        if annotation.effect is Effect.REBASE and any(name in needed for name in annotation.measures)
    )


def rebased_by(rebases: Collection[Annotation], verdict: Verdict) -> bool:
    """Whether a rebase at or before the judged period bears on the series."""
    return any(
        matches(verdict.series, annotation.where) and annotation.from_.start <= verdict.period.start
        for annotation in rebases
    )
