"""What came too late to be told: exceptions by the figures as they are now, which no round saw.

A round judges the newest settled period. Where the figures of a period come after a newer one was judged, or with it, or are
revised then, nobody is told what they show of that period alone.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from alertd.core.cases import Direction, TransitionKind
from alertd.core.model import Key
from alertd.core.replay import Moved

_STILL = 1 << 62
"""The end of what has not ended, as a slot."""


class _Stretch(NamedTuple):
    opening: Moved
    first: int
    last: int

    @property
    def place(self) -> tuple[int, Key, Direction]:
        """Level, series and direction."""
        return self.opening.level, self.opening.verdict.key, self.opening.transition.case.direction

    def meets(self, other: "_Stretch") -> bool:
        """Whether two stretches of one place have a period in common."""
        return self.first <= other.last and other.first <= self.last


def overlooked(by_rounds: Iterable[Moved], in_time: Iterable[Moved]) -> Iterator[Moved]:
    """The exceptions opening `in_time`, by rounds that had every figure in time, of which `by_rounds` opened no part.

    One that was told of later, while it lasted, is not among them.
    """
    told: dict[tuple[int, Key, Direction], list[_Stretch]] = {}
    for one in _stretches(by_rounds):
        told.setdefault(one.place, []).append(one)
    for one in _stretches(in_time):
        if not any(one.meets(other) for other in told.get(one.place, ())):
            yield one.opening


def _stretches(moved: Iterable[Moved]) -> Iterator[_Stretch]:
    """From which period to which each exception stood, at least the one at which it opened."""
    standing: dict[tuple[int, Key], Moved] = {}
    for one in moved:
        series, kind = (one.level, one.verdict.key), one.transition.kind
        if (kind.ends or kind is TransitionKind.OPENED) and series in standing:
            yield _stretch(standing.pop(series), one.verdict.period.slot - 1)
        if kind is TransitionKind.OPENED:
            standing[series] = one
    yield from (_stretch(one, _STILL) for one in standing.values())


def _stretch(opening: Moved, last: int) -> _Stretch:
    first = opening.verdict.period.slot
    return _Stretch(opening, first, max(first, last))
