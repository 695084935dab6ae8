"""A rule replayed over the past: prospectively, with what was known at each round, through the real lifecycle."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from alertd.config.home import Home
from alertd.core.holding import holds_back
from alertd.core.judgement import Basis, bases_of, history_of
from alertd.core.lifecycle import Policy
from alertd.core.measures import Measure
from alertd.core.replay import Explains, Moved, Step, steps_of, walk
from alertd.core.rules import Rule
from alertd.core.verdicts import Verdicts
from alertd.round.moves import policy_of, rebased_by, rebases_of
from alertd.workbench.as_known import steps_as_known
from alertd.workbench.figures import Figures
from alertd.workbench.late import overlooked
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
    late: tuple[Told, ...] = ()
    """Exceptions by the figures as they are now that no round saw: nobody was told, and when they would have been."""

    @property
    def name(self) -> str:
        """What rows and charts call it: the rule, and at which level."""
        return self.rule.id if self.level is None else f"{self.rule.id} at {self.level}"


def replay_rule(
    home: Home,
    rule: Rule,
    figures: Figures,
    start: datetime | None = None,
    end: datetime | None = None,
    keep: Callable[[Step], None] = lambda _: None,
    whole: bool = True,
) -> tuple[Replayed, ...]:
    """Replay one rule from the first round at or after `start` to `end`; None: over all the figures that there are.

    Both are aware, in the home's zone. A rule in shadow is replayed as though it were live; one that is judged at several
    levels gives one replay a level, the highest first, and holds back as its rounds do. `keep` is given each round that
    sees new figures. Without `whole` there is what moved and not who was told, and the history may begin at the newest
    period that the first round sees. Raises `WarehouseError` where a measure cannot be read.
    """
    needed = [home.measures[name] for name in home.needs(rule)]
    rounds = Rounds(home, rule)
    arrived = {rounds.from_(at) for measure in needed for at in figures.arrivals(measure, rounds.first_judging)}
    blocks = {measure.id: figures.at_end(measure) for measure in needed}
    bases = bases_of(rule, home.rules, home.measures, blocks, home.places)
    histories = _histories(home, bases, rounds, None if whole else start, figures.end)
    judged = {rounds.first_judging(one.period(row)) for one in histories for row in range(one.periods)}
    if end is None:
        end = min(figures.end, max(rounds.first_judging(one.period(one.periods)) for one in histories))
    first = min(judged, default=end) if start is None else rounds.from_(start.replace(tzinfo=None))
    walked = partial(_moved, home, rule, rounds, end)
    in_time = steps_of(histories, rounds.first_judging, start and first, end)
    if arrived:
        moments = {first} | {at for at in judged | arrived if first < at <= end}
        moved = walked(_each_kept(steps_as_known(home, rule, figures, sorted(moments)), keep))
        late = list(overlooked(moved, walked(in_time))) if whole and not rule.judged_now else []
    else:
        moved, late = walked(_each_kept(in_time, keep)), []
    return tuple(
        Replayed(
            rule=rule,
            measure=basis.measure,
            level=basis.level,
            history=history,
            moved=_at(level, moved),
            told=_told(home, rule, basis.measure, _at(level, moved) if whole else ()),
            start=first,
            end=end,
            revised=bool(arrived),
            late=_told(home, rule, basis.measure, _at(level, late)),
        )
        for level, (basis, history) in enumerate(zip(bases, histories, strict=True))
    )


def _histories(
    home: Home, bases: Sequence[Basis], rounds: Rounds, since: datetime | None, end: datetime
) -> list[Verdicts]:
    """Each level judged at every period, from the newest that a round at `since` judges (None: from the first)."""
    rows = [0 if since is None else _newest_at(basis, rounds, since) for basis in bases]
    return [history_of(basis, home.calendar, end, row) for basis, row in zip(bases, rows, strict=True)]


def _moved(home: Home, rule: Rule, rounds: Rounds, end: datetime, steps: Iterable[Step]) -> list[Moved]:
    """What the real lifecycle makes of the steps of all levels."""
    found = walk(
        steps,
        live_policy(home, rule),
        rebased=partial(rebased_by, rebases_of(home, rule)),
        round_from=rounds.from_,
        end=end,
        explains=holding(home, rule),
    )
    return list(found)


def _at(level: int, moved: Iterable[Moved]) -> tuple[Moved, ...]:
    return tuple(one for one in moved if one.level == level)


def _told(home: Home, rule: Rule, measure: Measure, moved: Iterable[Moved]) -> tuple[Told, ...]:
    return tuple(told for one in moved for told in told_of(home, rule, measure, one))


def _newest_at(basis: Basis, rounds: Rounds, moment: datetime) -> int:
    """The row of the newest period that a round at some moment judges; the first where there is none."""
    if basis.block is None:
        return 0
    row = basis.block.periods - 1
    while row > 0 and rounds.first_judging(basis.block.period(row)) > moment:
        row -= 1
    return max(row, 0)


def _each_kept(steps: Iterable[Step], keep: Callable[[Step], None]) -> Iterator[Step]:
    for step in steps:
        keep(step)
        yield step


def live_policy(home: Home, rule: Rule) -> Policy:
    """The policy of a rule that is judged for the first time, and not in shadow."""
    return replace(policy_of(home, rule, {}), silent=False)


def holding(home: Home, rule: Rule) -> Explains | None:
    """What a rule's levels hold back of those below; None where they hold back nothing."""
    return partial(holds_back, places=home.places) if rule.hold_back else None
