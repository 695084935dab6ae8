"""How often a rule would have fired of late, which `check` warns of before it is merged."""

from typing import NamedTuple

from alertd.config.home import Home
from alertd.core.cases import TransitionKind
from alertd.core.periods import Grain, Period
from alertd.core.rules import Rule
from alertd.workbench.figures import Figures
from alertd.workbench.replaying import replay_rule

MONTHS = 24
"""How far back firing is counted."""


class Fired(NamedTuple):
    """How often a rule would have fired."""

    times: int
    """Exceptions opened."""
    series: int
    """At how many series."""
    judged: int
    """Of so many."""


def fired_of_late(home: Home, rule: Rule, figures: Figures) -> Fired:
    """Replay a rule, and count what it opened about the last 24 months of its figures; raises `WarehouseError`."""
    times, told, judged = 0, 0, 0
    for replayed in replay_rule(home, rule, figures):
        history = replayed.history
        if not history.periods:
            continue
        last = Period.containing(history.period(history.periods - 1).last_day, Grain.MONTH)
        first = (last + (1 - MONTHS)).start
        opened = [
            one.verdict.key
            for one in replayed.moved
            if one.transition.kind is TransitionKind.OPENED and one.verdict.period.start >= first
        ]
        times, told, judged = times + len(opened), told + len(set(opened)), judged + len(history.keys)
    return Fired(times, told, judged)
