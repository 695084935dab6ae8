"""What makes a notice one about a happening: its row of the framework, its figures, its place, its time and its direction."""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from alertd.config.home import Home
from alertd.core.cases import Direction, TransitionKind
from alertd.core.measures import Improvement, Measure
from alertd.core.model import Key
from alertd.core.periods import Grain, Period
from alertd.core.replay import Moved
from alertd.core.verdicts import State, Verdict
from alertd.demo.score.happenings import Happening, Planted
from alertd.demo.score.readings import Reading, reading_of
from alertd.workbench.replaying import Replayed

FOUND_BY = (TransitionKind.OPENED, TransitionKind.WORSENED)
"""What tells that something is so."""
LATER = 2
"""So many periods after its last one a notice still may be about a happening."""
LATER_DRIFT = 6
"""As `LATER`, of a drift, which stays where it came to."""
_FADES = timedelta(days=120)  # a shock is gone by then
AFTER = 3
"""Periods after a happening in which the return to the former level may be told, which is no false notice."""
_REMEMBERED = {Grain.HOUR: 192, Grain.DAY: 94, Grain.WEEK: 58, Grain.MONTH: 27}
_REMEMBERED_ELSE = 13
"""For so many periods after it a rolling baseline still holds figures of a happening that lasted."""
_LASTS = 6  # periods that make a happening part of what is usual


@dataclass(frozen=True, slots=True, kw_only=True)
class Watcher:
    """A rule at one of its levels, replayed, with what its measure reads."""

    replayed: Replayed
    reading: Reading

    @property
    def measure(self) -> Measure:
        """The measure that it judges, as it is at its level."""
        return self.replayed.measure


def watcher(home: Home, replayed: Replayed) -> Watcher:
    """A replayed rule with what its measure reads."""
    return Watcher(replayed=replayed, reading=reading_of(home.measures[replayed.rule.measure]))


def about(one: Watcher, happening: Happening) -> int:
    """Whether a rule judges the figures of a happening: 1 where they rise with its column, -1 where they fall, else 0."""
    if one.measure.framework != happening.framework:
        return 0
    for name, value in happening.categories.items():
        wanted = one.replayed.rule.where.get(name)
        read = one.reading.only.get(name)
        if (wanted is not None and value not in wanted) or (read is not None and value not in read):
            return 0
    return one.reading.follows(happening.table, happening.column)


def there(one: Watcher, key: Key, happening: Happening, planted: Planted) -> bool:
    """Whether a series is one of a happening: at its place, in it or around it, and of its kind."""
    series = dict(zip(one.replayed.history.by, key, strict=True))
    for name, value in happening.categories.items():
        if series.get(name, value) != value:
            return False
    return planted.at(series, happening)


def span(one: Watcher, happening: Happening, later: int = LATER) -> tuple[int, int]:
    """The first and the last period, as slots of the measure's grain, that a notice about a happening may name."""
    grain = one.replayed.history.grain
    first = Period.containing(happening.first.start, grain).slot
    ending = happening.last.last_day
    if happening.kind == "shock":
        ending += _FADES
    last = Period.containing(ending, grain).slot
    stride = one.measure.stride  # figures of a year each carry what happened in it
    return first, last + (LATER_DRIFT if happening.kind.startswith("drift") else later) + stride - 1


def tells_of(one: Watcher, moved: Moved, happening: Happening, planted: Planted, sign: int) -> bool:
    """Whether a notice is about a happening, strictly: in time, at its place and in its direction."""
    first, last = span(one, happening)
    return (
        moved.transition.kind in FOUND_BY
        and first <= moved.verdict.period.slot <= last
        and there(one, moved.verdict.key, happening, planted)
        and _in_direction(one, moved, happening, sign)
    )


def _in_direction(one: Watcher, moved: Moved, happening: Happening, sign: int) -> bool:
    told = moved.transition.case.direction
    judged = one.measure.direction is not Improvement.NEITHER
    if happening.direction == "worse" and judged:
        return told is Direction.CONCERN
    if happening.direction == "better" and judged:
        return told is Direction.IMPROVEMENT
    return on_its_side(moved.verdict, happening, sign)


def on_its_side(verdict: Verdict, happening: Happening, sign: int) -> bool:
    """Whether a figure lies on the side that a happening moves it to; True where either has no side."""
    upwards = happening.upwards
    if upwards is None or np.isnan(verdict.centre) or np.isnan(verdict.value):
        return True
    higher = verdict.value > verdict.centre
    if verdict.gap:  # a shorter wait means more of them
        higher = not higher
    return higher == (upwards == (sign > 0))


def explained_by(one: Watcher, moved: Moved, happening: Happening, planted: Planted, sign: int) -> bool:
    """Whether a notice has to do with a happening at all: either way while it is there, and its end.

    What lasted is part of what is usual for as long as a baseline reaches back: until then the former level is told as
    unusual, and a level that a drift came to too.
    """
    first, last = span(one, happening, AFTER)
    slot = moved.verdict.period.slot
    if not there(one, moved.verdict.key, happening, planted) or slot < first:
        return False
    if slot <= last:
        return True
    ended = last - AFTER
    remembered = _REMEMBERED.get(one.replayed.history.grain, _REMEMBERED_ELSE)
    if ended - first < _LASTS or slot > ended + remembered or np.isnan(moved.verdict.centre):
        return False
    return on_its_side(moved.verdict, happening, sign) == happening.kind.startswith("drift")


def seen_better(one: Watcher, happening: Happening, planted: Planted) -> int | None:
    """The first slot at which a rule saw a happening as an improvement, told or not; None where at none."""
    first, last = span(one, happening)
    history = one.replayed.history
    rows = range(max(0, first - history.first), min(history.periods, last - history.first + 1))
    columns = [column for column, key in enumerate(history.keys) if there(one, key, happening, planted)]
    seen = [row for row in rows if (history.state[row, columns] == State.IMPROVEMENT.code).any()]
    return history.first + seen[0] if seen else None
