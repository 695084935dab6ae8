"""A rule's past, walked through the lifecycle round by round: what would have been told, and when.

The decisions are those of a real round (`lifecycle.decide`); between two rounds that see new figures, reminders and
escalations fall due by themselves.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain, pairwise
from typing import NamedTuple

import numpy as np

from alertd.core.cases import Case, CaseState, Decision, Transition
from alertd.core.evaluate import verdict_at
from alertd.core.lifecycle import Policy, decide, next_due
from alertd.core.model import Key
from alertd.core.periods import Period
from alertd.core.verdicts import NOTABLE, Verdict, Verdicts


class Step(NamedTuple):
    """A round that sees new figures, and what its rule then says."""

    at: datetime
    """When it runs; aware, in the home's zone."""
    notable: Collection[Key]
    """The series that stand out."""
    look: Callable[[Iterable[Key]], Iterator[Verdict]]
    """The verdicts of some series at their newest settled period; what is not judged gives nothing."""


class Moved(NamedTuple):
    """A transition, with the verdict that it followed from and the moment of its round."""

    at: datetime
    verdict: Verdict
    transition: Transition


def walk(
    steps: Iterable[Step],
    policy: Policy,
    *,
    rebased: Callable[[Verdict], bool],
    round_from: Callable[[datetime], datetime],
    end: datetime,
) -> Iterator[Moved]:
    """Every transition of a rule over some rounds, in order, as though watching began at the first of them.

    `round_from` gives the first round at or after a naive local moment; nothing happens after `end`. `rebased` says
    whether a series' usual range was started anew at or before a verdict's period.
    """
    cases: dict[Key, Case] = {}
    last: dict[Key, Verdict] = {}
    for number, (step, coming) in enumerate(pairwise(chain(steps, (None,)))):
        assert step is not None  # only the last one of a pair is
        here = replace(policy, first_round=number == 0, round=str(number))
        for verdict in step.look({*step.notable, *cases}):
            decision = decide(cases.get(verdict.key), verdict, here, step.at, rebased=rebased(verdict))
            _keep(cases, verdict, decision)
            last[verdict.key] = verdict
            if decision.transition is not None:
                yield Moved(step.at, verdict, decision.transition)
        until = end if coming is None else coming.at
        for key in list(cases):
            yield from _in_between(cases, last[key], here, step.at, until, round_from)


def _keep(cases: dict[Key, Case], verdict: Verdict, decision: Decision) -> None:
    if decision.case is None or decision.case.state is not CaseState.OPEN:
        cases.pop(verdict.key, None)
    else:
        cases[verdict.key] = decision.case


def _in_between(
    cases: dict[Key, Case],
    verdict: Verdict,
    policy: Policy,
    since: datetime,
    until: datetime,
    round_from: Callable[[datetime], datetime],
) -> Iterator[Moved]:
    """Reminders and escalations of one case at rounds later than `since` and before `until`, which see the same figures."""
    zone = since.tzinfo
    assert zone is not None
    policy = replace(policy, first_round=False)
    last = since
    while (due := next_due(cases[verdict.key], policy, zone)) is not None:
        at = round_from(due)
        if at <= last and last > since:
            at = round_from(last.replace(tzinfo=None) + timedelta(minutes=1))  # one round tells one thing of a case
        if not since < at < until:
            return  # what was due by `since` was decided there
        last = at
        decision = decide(cases[verdict.key], verdict, policy, at)
        if decision.transition is None:
            return
        _keep(cases, verdict, decision)
        yield Moved(at, verdict, decision.transition)


def steps_of(
    history: Verdicts, first_judged: Callable[[Period], datetime], start: datetime | None, end: datetime
) -> list[Step]:
    """The rounds that see new figures, from a rule's judgement of every period: later figures change no earlier verdict.

    `first_judged` gives the round that first judges a period. Of periods that one round sees for the first time it judges
    the newest. With a `start` the first round is the one that begins then, and sees what is settled by then.
    """
    newest: dict[datetime, int] = {}
    for row in range(history.periods):
        at = first_judged(history.period(row))
        if at <= end:
            newest[at if start is None else max(at, start)] = row
    columns = {key: column for column, key in enumerate(history.keys)}
    notable = np.isin(history.state, NOTABLE)

    def step(at: datetime, row: int) -> Step:
        def look(keys: Iterable[Key]) -> Iterator[Verdict]:
            for column in sorted(columns[key] for key in keys if key in columns):
                yield verdict_at(history, row, column, None)

        return Step(at, [history.keys[column] for column in np.flatnonzero(notable[row])], look)

    return [step(at, row) for at, row in sorted(newest.items())]
