"""A rule's past, walked through the lifecycle round by round: what would have been told, and when.

The decisions are those of a real round (`lifecycle.decide`); between two rounds that see new figures, reminders and
escalations fall due by themselves.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain, pairwise
from typing import NamedTuple

import numpy as np

from alertd.core.cases import Case, CaseState, Decision, Transition
from alertd.core.evaluate import verdict_at
from alertd.core.holding import Standing
from alertd.core.lifecycle import Policy, decide, next_due
from alertd.core.model import Key
from alertd.core.periods import Period
from alertd.core.verdicts import NOTABLE, Verdict, Verdicts

Explains = Callable[[Sequence[Standing], Sequence[Standing], Verdict, Case | None], bool]
"""Whether what stands out at the levels above explains a verdict, one of those that stand out here: `holds_back`."""


class Sight(NamedTuple):
    """What a rule says at one of its levels."""

    notable: Collection[Key]
    """The series that stand out."""
    look: Callable[[Iterable[Key]], Iterator[Verdict]]
    """The verdicts of some series at their newest settled period; what is not judged gives nothing."""


class Step(NamedTuple):
    """A round that sees new figures, and what its rule then says."""

    at: datetime
    """When it runs; aware, in the home's zone."""
    levels: tuple[Sight, ...]
    """At each level of the hierarchy, the highest first; one where the rule names none."""


class Moved(NamedTuple):
    """A transition, with the verdict that it followed from and the moment of its round."""

    at: datetime
    verdict: Verdict
    transition: Transition
    level: int = 0
    """The level of the hierarchy, by its place among those of the rule."""


Cases = dict[tuple[int, Key], Case]


def walk(
    steps: Iterable[Step],
    policy: Policy,
    *,
    rebased: Callable[[Verdict], bool],
    round_from: Callable[[datetime], datetime],
    end: datetime,
    explains: Explains | None = None,
) -> Iterator[Moved]:
    """Every transition of a rule over some rounds, in order, as though watching began at the first of them.

    `round_from` gives the first round at or after a naive local moment; nothing happens after `end`. `rebased` says
    whether a series' usual range was started anew at or before a verdict's period. With `explains`, a level holds back
    those below.
    """
    cases: Cases = {}
    last: dict[tuple[int, Key], Verdict] = {}
    for number, (step, coming) in enumerate(pairwise(chain(steps, (None,)))):
        assert step is not None  # only the last one of a pair is
        here = replace(policy, first_round=number == 0, round=str(number))
        held_back, afterwards = replace(here, silent=True), replace(here, first_round=False)
        for level, verdict, explained in _seen(step, cases, explains):
            case = cases.get((level, verdict.key))
            decision = decide(case, verdict, held_back if explained else here, step.at, rebased=rebased(verdict))
            _keep(cases, (level, verdict.key), decision)
            last[level, verdict.key] = verdict
            if decision.transition is not None:
                yield Moved(step.at, verdict, decision.transition, level)
        until = end if coming is None else coming.at
        for place in list(cases):
            yield from _in_between(cases, place, last[place], afterwards, step.at, until, round_from)


def _seen(step: Step, cases: Cases, explains: Explains | None) -> Iterator[tuple[int, Verdict, bool]]:
    """The series to decide on, level by level, and whether a level above explains each."""
    above: list[Standing] = []
    for level, sight in enumerate(step.levels):
        open_here = [key for at, key in cases if at == level]
        seen = list(sight.look({*sight.notable, *open_here}))
        if explains is None:
            yield from ((level, verdict, False) for verdict in seen)
            continue
        here = [Standing.of(verdict) for verdict in seen if verdict.state.notable]
        for verdict in seen:
            yield level, verdict, explains(above, here, verdict, cases.get((level, verdict.key)))
        above += here


def _keep(cases: Cases, place: tuple[int, Key], decision: Decision) -> None:
    if decision.case is None or decision.case.state is not CaseState.OPEN:
        cases.pop(place, None)
    else:
        cases[place] = decision.case


def _in_between(
    cases: Cases,
    place: tuple[int, Key],
    verdict: Verdict,
    policy: Policy,
    since: datetime,
    until: datetime,
    round_from: Callable[[datetime], datetime],
) -> Iterator[Moved]:
    """Reminders and escalations of one case at rounds later than `since` and before `until`, which see the same figures.

    A case that is held back has none: what explains it stands as long as the figures do.
    """
    zone = since.tzinfo
    assert zone is not None
    last = since
    while (due := next_due(cases[place], policy, zone)) is not None:
        at = round_from(due)
        if at <= last and last > since:
            at = round_from(last.replace(tzinfo=None) + timedelta(minutes=1))  # one round tells one thing of a case
        if not since < at < until:
            return  # what was due by `since` was decided there
        last = at
        decision = decide(cases[place], verdict, policy, at)
        if decision.transition is None:
            return
        _keep(cases, place, decision)
        yield Moved(at, verdict, decision.transition, place[0])


def steps_of(
    histories: Sequence[Verdicts], first_judged: Callable[[Period], datetime], start: datetime | None, end: datetime
) -> list[Step]:
    """The rounds that see new figures, from a rule's judgement of every period: later figures change no earlier verdict.

    `histories` are those of its levels, the highest first. `first_judged` gives the round that first judges a period. Of
    periods that one round sees for the first time it judges the newest. With a `start` the first round is the one that
    begins then, and sees what is settled by then.
    """
    seen: dict[datetime, dict[int, int]] = {}
    for level, history in enumerate(histories):
        for row in range(history.periods):
            at = first_judged(history.period(row))
            if at <= end:
                seen.setdefault(at if start is None else max(at, start), {})[level] = row
    sights = [_Sights(history) for history in histories]
    newest: dict[int, int] = {}
    found = []
    for at, rows in sorted(seen.items()):
        newest |= rows
        found.append(Step(at, tuple(one.at(newest.get(level)) for level, one in enumerate(sights))))
    return found


class _Sights:
    """What a rule says at one level, period by period."""

    def __init__(self, history: Verdicts) -> None:
        self._history = history
        self._columns = {key: column for column, key in enumerate(history.keys)}
        self._notable = np.isin(history.state, NOTABLE)

    def at(self, row: int | None) -> Sight:
        """What it says where the newest settled period is that of a row; nothing where none is."""
        if row is None:
            return NOTHING

        def look(keys: Iterable[Key]) -> Iterator[Verdict]:
            for column in sorted(self._columns[key] for key in keys if key in self._columns):
                yield verdict_at(self._history, row, column, None)

        return Sight([self._history.keys[column] for column in np.flatnonzero(self._notable[row])], look)


NOTHING = Sight((), lambda _: iter(()))
"""A level of which nothing is known yet."""
