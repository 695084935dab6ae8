"""How often a rule would have fired of late, which `check` warns of before it is merged."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from alertd.config.home import Home
from alertd.core.cases import TransitionKind
from alertd.core.periods import Grain, Period
from alertd.core.replay import Moved, Step
from alertd.core.rules import Rule
from alertd.core.verdicts import State
from alertd.workbench.figures import Figures
from alertd.workbench.replaying import Replayed, replay_rule

MONTHS = 24
"""How far back firing is counted."""
_BEFORE = 12
"""So many months earlier the replay begins: what stood when they began is no new exception."""
_SURE = frozenset((State.QUIET, State.EXCEPTION, State.CHANGED, State.IMPROVEMENT))
"""A period in one of these states leaves an exception open or ended, whatever stood before."""


class Fired(NamedTuple):
    """How often a rule would have fired."""

    times: int
    """Exceptions opened."""
    series: int
    """At how many series."""
    judged: int
    """Of so many."""


def fired_of_late(home: Home, rule: Rule, figures: Figures) -> Fired:
    """Replay a rule, and count what it opened about the last 24 months of its figures; raises `WarehouseError`.

    It gives what a replay of all the figures does: that one is made where the short one leaves open whether something
    was new.
    """
    ends = [figures.at_end(home.measures[name]) for name in home.needs(rule)]
    lasts = [block.period(block.periods - 1).last_day for block in ends if block.periods]
    if lasts:
        start = (Period.containing(min(lasts), Grain.MONTH) + (1 - MONTHS - _BEFORE)).start
        steps: list[Step] = []
        first = start.replace(tzinfo=figures.end.tzinfo)
        late = replay_rule(home, rule, figures, first, keep=steps.append, whole=False)
        if all(_is_new(one, steps, start, held=rule.hold_back) for level in late for one in _opened(level)):
            return _counted(late)
    return _counted(replay_rule(home, rule, figures))


def _counted(levels: Sequence[Replayed]) -> Fired:
    times, told, judged = 0, 0, 0
    for replayed in levels:
        if replayed.history.periods:
            opened = [one.verdict.key for one in _opened(replayed)]
            times, told, judged = times + len(opened), told + len(set(opened)), judged + len(replayed.history.keys)
    return Fired(times, told, judged)


def _opened(replayed: Replayed) -> list[Moved]:
    """What was opened about the last 24 months."""
    history = replayed.history
    if not history.periods:
        return []
    last = Period.containing(history.period(history.periods - 1).last_day, Grain.MONTH)
    first = (last + (1 - MONTHS)).start
    return [
        one
        for one in replayed.moved
        if one.transition.kind is TransitionKind.OPENED and one.verdict.period.start >= first
    ]


def _is_new(opened: Moved, steps: Sequence[Step], start: datetime, *, held: bool) -> bool:
    """Whether an exception was new whatever stood when the replay began: its series was seen before, and sure by then.

    Where a level holds back another, only a quiet period makes sure: who was told of an exception goes on being told.
    """
    sure = frozenset((State.QUIET,)) if held else _SURE
    for step in reversed(steps):
        if step.at < opened.at:
            for verdict in step.levels[opened.level].look((opened.verdict.key,)):
                if verdict.period.start < start:
                    return False
                if verdict.state in sure:
                    return True
    return False
