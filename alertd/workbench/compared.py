"""Several rules, or variants of one, side by side: what each finds that another does not, and which is earlier."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from alertd.core.cases import TransitionKind
from alertd.core.model import Key
from alertd.core.replay import Moved
from alertd.workbench.replaying import Replayed


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """What one rule finds beside another. An exception is found by both where they overlap in time at one series."""

    first: str
    other: str
    both: int
    """Exceptions of `first` that `other` found too."""
    only_first: int
    only_other: int
    later: float | None
    """By how many days `other` opened those that both found later than `first` (below 0: earlier), as a median."""


def compare(replayed: Sequence[Replayed]) -> tuple[Pair, ...]:
    """The first rule beside each other one."""
    first, *others = replayed
    return tuple(_pair(first, other) for other in others)


def _pair(first: Replayed, other: Replayed) -> Pair:
    mine, theirs = _spells(first.moved), _spells(other.moved)
    delays: list[float] = []
    both = met = 0
    for key, spells in mine.items():
        for begin, stop in spells:
            over = [start for start, end in theirs.get(key, ()) if start <= stop and begin <= end]
            if over:
                both += 1
                delays.append((min(over) - begin) / 86_400)
    for key, spells in theirs.items():
        for begin, stop in spells:
            met += any(start <= stop and begin <= end for start, end in mine.get(key, ()))
    return Pair(
        first=first.rule.id,
        other=other.rule.id,
        both=both,
        only_first=sum(map(len, mine.values())) - both,
        only_other=sum(map(len, theirs.values())) - met,
        later=median(delays) if delays else None,
    )


def _spells(moved: Sequence[Moved]) -> dict[Key, list[tuple[float, float]]]:
    """From when to when each series was an exception, in seconds since the epoch; what never ended has no end."""
    spells: dict[Key, list[tuple[float, float]]] = defaultdict(list)
    for one in moved:
        at, here = one.at.timestamp(), spells[one.verdict.key]
        changed_side = one.transition.before is not None and one.transition.kind is TransitionKind.OPENED
        if here and (one.transition.kind.ends or changed_side):
            here[-1] = (here[-1][0], at)
        if one.transition.kind is TransitionKind.OPENED:
            here.append((at, float("inf")))
    return dict(spells)
