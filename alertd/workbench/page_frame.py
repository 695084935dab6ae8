"""Where things stand across the small charts of a back-test's page, and the periods under them, in CSS pixels."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from html import escape

from alertd.core.periods import Grain, Period
from alertd.rendering.charts.scale import label_every, short_label
from alertd.rendering.charts.shapes import width_of

WIDTH = 360
TEXT = 12
_INSET = 6.0
_YEARS = 3  # from so many years on the axis is marked by years


@dataclass(frozen=True, kw_only=True)
class Frame:
    """What all charts of a section share, so that periods stand one above the other."""

    grain: Grain
    first: int
    last: int
    left: float
    badges: bool
    """Whether there is room for letters over the plot."""
    watched: int | None
    """The slot that watching began at, where that is within the picture."""

    @property
    def top(self) -> float:
        """The plot's upper edge."""
        return 20.0 if self.badges else 8.0

    @cached_property
    def step(self) -> float:
        """From one period to the next: each has its own width, and the outermost room for a mark."""
        wide, periods = WIDTH - 2 - self.left, self.last - self.first + 1
        return min(wide / periods, (wide - 2 * _INSET) / max(1, periods - 1))

    def x(self, slot: float) -> float:
        """Across, for a period's slot."""
        return self.left + max(_INSET, self.step / 2) + (slot - self.first) * self.step

    @cached_property
    def middles(self) -> list[str]:
        """Across, for the middle of each period, as it is written."""
        return [number(self.x(slot)) for slot in range(self.first, self.last + 1)]

    @cached_property
    def edges(self) -> list[str]:
        """Across, for the edges of each period, one more than there are periods, as they are written."""
        between = (self.x(slot - 0.5) for slot in range(self.first, self.last + 2))
        return [number(min(max(x, self.left), WIDTH - 2)) for x in between]

    def edge(self, slot: int) -> str:
        """Where a period begins, across."""
        return self.edges[slot - self.first]


def number(value: float) -> str:
    """A coordinate, to a tenth of a pixel."""
    return f"{round(value, 1):g}"


def by_years(frame: Frame) -> list[tuple[int, str]] | None:
    """The beginnings of years within the picture, as slots, where there are years enough; else None."""
    first, last = Period(frame.grain, frame.first).start, Period(frame.grain, frame.last).start
    if last.year - first.year < _YEARS or frame.grain is Grain.YEAR:
        return None
    years = [(Period.containing(date(y, 1, 1), frame.grain).slot, str(y)) for y in range(first.year, last.year + 1)]
    there = [year for year in years if year[0] >= frame.first]
    if frame.x(there[0][0]) - frame.x(frame.first) > width_of("20002000", TEXT):
        there.insert(0, (frame.first, str(first.year)))  # the year that it begins in the middle of
    return there


def periods_under(frame: Frame, foot: float) -> list[str]:
    """Periods under an axis: years where there are enough of them, else counted back from the newest."""
    years = by_years(frame)
    room = max(1, int((WIDTH - frame.left) / (width_of("2000", TEXT) + 10)))
    drawn = []
    if years is not None:
        every = -(-len(years) // room)
        for place, (slot, words) in enumerate(years):
            labelled = place % every == 0 and frame.x(slot) < WIDTH - 12
            drawn.append(f'<path class="ax" d="M{frame.edge(slot)} {number(foot)}v{5 if labelled else 3}"/>')
            if labelled:
                half = width_of(words, TEXT) / 2
                drawn.append(_under(min(frame.x(slot), WIDTH - half), foot + 16, words))
        return drawn
    newest = Period(frame.grain, frame.last)
    widest = max(width_of(words, TEXT) for words in short_label(newest)) + 12
    every = label_every(frame.grain, frame.last - frame.first + 1, max(1, int((WIDTH - frame.left) / widest)))
    before = ""
    for slot in sorted(range(frame.last, frame.first - 1, -every)):
        upper, lower = short_label(Period(frame.grain, slot))
        x = min(frame.x(slot), WIDTH - 1 - width_of(upper, TEXT) / 2)
        drawn += [f'<path class="ax" d="M{number(frame.x(slot))} {number(foot)}v4"/>', _under(x, foot + 16, upper)]
        if lower != before:
            drawn.append(_under(x, foot + 29, lower))
            before = lower
    return drawn


def _under(x: float, y: float, words: str) -> str:
    return f'<text class="m" x="{number(x)}" y="{number(y)}">{escape(words)}</text>'
