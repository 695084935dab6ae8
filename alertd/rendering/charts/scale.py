"""From figures and periods to places on the picture: nice ticks, and a range that holds everything that is drawn."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from alertd.core.periods import Grain, Period

_LARGEST = 1e280  # keeps differences finite
_SMALLEST = 1e-280
_EVERY = {
    Grain.HOUR: (1, 2, 3, 6, 12, 24),
    Grain.DAY: (1, 2, 7, 14, 28),
    Grain.WEEK: (1, 2, 4, 13, 26, 52),
    Grain.MONTH: (1, 2, 3, 6, 12, 24),
    Grain.QUARTER: (1, 2, 4, 8, 12, 20),
    Grain.HALF_YEAR: (1, 2, 4, 10, 20),
    Grain.YEAR: (1, 2, 5, 10, 20),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """The vertical axis: its range, and where its ticks stand, with their text."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]

    def share(self, value: float) -> float:
        """How far up a figure lies, from 0 at the foot to 1 at the top."""
        return min(1.0, max(0.0, (tame(value) - self.low) / (self.high - self.low)))


def tame(value: float) -> float:
    """A figure that can be drawn: so large a one that sums would overflow stands at the edge."""
    return 0.0 if abs(value) < _SMALLEST else max(-_LARGEST, min(_LARGEST, value))


def axis_for(figures: Sequence[float], *, least: float | None, most: float | None, percent: bool) -> Axis:
    """An axis that holds every figure with room to spare, yet never runs past what the measure can be."""
    shown = [tame(figure) for figure in figures] or [0.0, 1.0]
    low, high = min(shown), max(shown)
    floor = least if least is not None and least <= low else None
    roof = most if most is not None and most >= high else None
    spread = high - low
    room = spread * 0.08 if spread > abs(high) * 1e-9 else max(abs(high) * 0.1, 1.0 if high == 0 else 0.0)
    low, high = low - room, high + room
    if floor is None and 0 <= min(shown) < spread * 0.35:
        low = 0.0  # a figure near zero is read against zero
    low = max(low, floor) if floor is not None else low
    high = min(high, roof) if roof is not None else high
    if not high > low:
        low, high = low - (abs(low) or 1.0) * 0.1, high + (abs(high) or 1.0) * 0.1
    return Axis(low=low, high=high, ticks=_ticks(low, high, percent))


def _ticks(low: float, high: float, percent: bool) -> tuple[tuple[float, str], ...]:
    raw = (high - low) / 4
    power = 10.0 ** math.floor(math.log10(raw))
    step = next((nice * power for nice in (1, 2, 2.5, 5, 10) if nice * power >= raw * 0.75), power * 10)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    places = max(0, -math.floor(math.log10(step)) + (1 if f"{step / power:.1f}" == "2.5" else 0)) if step < 10 else 0
    return tuple(
        (count * step, _text(count * step, places) + ("%" if percent else ""))
        for count in range(first, min(last, first + 8) + 1)
    )


def _text(value: float, places: int) -> str:
    if places > 6 or abs(value) >= 1e9:
        return f"{value:.3g}"
    text = f"{value:,.{places}f}"
    return "0" if text.strip("-0.,") == "" else text


def label_every(grain: Grain, count: int, room: int) -> int:
    """How many periods lie between labels, so that at most `room` labels stand under `count` periods."""
    return next((step for step in _EVERY[grain] if count / step <= room), max(1, -(-count // max(1, room))))


def short_label(period: Period) -> tuple[str, str]:
    """A period under the axis, in two lines: `Mar` and `2022`."""
    start, last = period.start, period.last_day
    match period.grain:
        case Grain.HOUR:
            return f"{start:%H}:00", f"{start.day} {start:%b}"
        case Grain.DAY:
            return f"{start.day} {start:%b}", f"{start.year}"
        case Grain.WEEK:
            return f"{last.day} {last:%b}", f"{last.year}"
        case Grain.MONTH:
            return f"{start:%b}", f"{start.year}"
        case Grain.QUARTER | Grain.HALF_YEAR:
            return f"{start:%b}\u2013{last:%b}", f"{start.year}"
        case Grain.YEAR:
            return f"{start.year}", ""
