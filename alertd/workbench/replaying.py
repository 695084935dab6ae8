"""A rule replayed over the past: prospectively, with what was known at each round, through the real lifecycle."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from alertd.config.home import Home
from alertd.core.judgement import Basis, bases_of, history_of, judgement
from alertd.core.lifecycle import Policy
from alertd.core.measures import Measure
from alertd.core.replay import Moved, Step, steps_of, walk
from alertd.core.rules import Rule
from alertd.core.verdicts import NOTABLE, Verdicts
from alertd.round.moves import policy_of, rebased_by, small_numbers_of
from alertd.workbench.figures import Figures
from alertd.workbench.rounds import Rounds
from alertd.workbench.told import Told, told_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What one rule would have told."""

    rule: Rule
    measure: Measure
    """As the rule sees it, at this level."""
    level: str | None = None
    """The level of the hierarchy, of a rule that is judged at several."""
    history: Verdicts
    """Every period, judged with the figures as they are known at the end."""
    moved: tuple[Moved, ...]
    told: tuple[Told, ...]
    start: datetime
    """The first round; aware."""
    end: datetime
    """The last moment that was watched; aware."""
    revised: bool
    """Some figures came after their period had been judged, and each round was given what was known then."""

    @property
    def name(self) -> str:
        """What rows and charts call it: the rule, and at which level."""
        return self.rule.id if self.level is None else f"{self.rule.id} at {self.level}"


def replay_rule(
    home: Home, rule: Rule, figures: Figures, start: datetime | None = None, end: datetime | None = None
) -> tuple[Replayed, ...]:
    """Replay one rule from the first round at or after `start` to `end`; None: over all the figures that there are.

    Both are aware, in the home's zone. A rule in shadow is replayed as though it were live; one that is judged at several
    levels gives one replay a level, the highest first, and nothing is held back. Raises `WarehouseError` where a measure
    cannot be read.
    """
    needed = [home.measures[name] for name in home.needs(rule)]
    rounds = Rounds(home, rule)
    arrived = sorted({at for measure in needed for at in figures.arrivals(measure, rounds.first_judging)})
    blocks = {measure.id: figures.at_end(measure) for measure in needed}
    bases = bases_of(rule, home.rules, home.measures, blocks, home.places)
    return tuple(
        _replay(home, rule, number, basis, figures, rounds, arrived, start, end) for number, basis in enumerate(bases)
    )


def _replay(
    home: Home,
    rule: Rule,
    number: int,
    basis: Basis,
    figures: Figures,
    rounds: Rounds,
    arrived: list[datetime],
    start: datetime | None,
    end: datetime | None,
) -> Replayed:
    """Replay a rule at one of its levels."""
    history = history_of(basis, home.calendar, figures.end)
    judged = [rounds.first_judging(history.period(row)) for row in range(history.periods)]
    end = min(figures.end, rounds.first_judging(history.period(history.periods))) if end is None else end
    first = min(judged, default=end) if start is None else rounds.from_(start.replace(tzinfo=None))
    if not arrived:
        steps: Iterator[Step] = iter(steps_of(history, rounds.first_judging, start and first, end))
    else:
        moments = {*judged, *(rounds.from_(at) for at in arrived)}
        chosen = sorted({first} | {at for at in moments if first < at <= end})
        steps = _as_known(home, rule, number, figures, chosen)
    moved = tuple(
        walk(
            steps,
            live_policy(home, rule),
            rebased=lambda verdict: rebased_by(home, rule, verdict),
            round_from=rounds.from_,
            end=end,
        )
    )
    return Replayed(
        rule=rule,
        measure=basis.measure,
        level=basis.level,
        history=history,
        moved=moved,
        told=tuple(told for one in moved for told in told_of(home, rule, basis.measure, one)),
        start=first,
        end=end,
        revised=bool(arrived),
    )


def live_policy(home: Home, rule: Rule) -> Policy:
    """The policy of a rule that is judged for the first time, and not in shadow."""
    return replace(policy_of(home, rule, {}), silent=False)


def _as_known(home: Home, rule: Rule, number: int, figures: Figures, moments: list[datetime]) -> Iterator[Step]:
    """The rounds at some moments, each with the figures that were there."""
    needed = [home.measures[name] for name in home.needs(rule)]
    for at in moments:
        blocks = {measure.id: figures.at(measure, at) for measure in needed}
        basis = bases_of(rule, home.rules, home.measures, blocks, home.places)[number]
        step = _step(home, basis, at)
        if step is not None:
            yield step


def _step(home: Home, basis: Basis, at: datetime) -> Step | None:
    found = judgement(basis, home.calendar, at, lambda one: small_numbers_of(home, one))
    newest = found.newest
    if newest.periods == 0 or not newest.keys:
        return None
    notable = [newest.keys[int(column)] for column in np.flatnonzero(np.isin(newest.state[0], NOTABLE))]
    return Step(at, notable, lambda keys: (seen.verdict for seen in found.look(keys)))
