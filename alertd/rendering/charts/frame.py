"""Where things stand on a chart: the plot's edges, the axis, and each period's place across."""

from dataclasses import dataclass

from alertd.core.findings import Chart, ChartNote, ChartPoint
from alertd.core.periods import Period
from alertd.rendering.charts.alt import MOST_PERIODS
from alertd.rendering.charts.scale import Axis
from alertd.rendering.figures import known
from alertd.rendering.phrases import read_period

WIDTH = 600
PLOT = 190
TEXT = 19  # 11 px where the picture is shown 335 px wide
MOST_NOTES = 4

Placed = tuple[Period, ChartPoint]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """Where things stand: the plot's edges, the axis, and the slot of the first and the last period."""

    left: float
    right: float
    top: float
    axis: Axis
    first: int
    last: int
    plot: float = PLOT
    """The plot's height."""

    @property
    def foot(self) -> float:
        """The plot's lower edge."""
        return self.top + self.plot

    def x(self, slot: float) -> float:
        """Across, for a period's slot."""
        if self.last == self.first:
            return (self.left + self.right) / 2
        return self.left + 12 + (slot - self.first) / (self.last - self.first) * (self.right - self.left - 12)

    def y(self, value: float) -> float:
        """Down, for a figure."""
        return self.foot - self.axis.share(value) * self.plot

    @property
    def edge(self) -> float:
        """Where bands and lines end, a little past the newest period."""
        return self.right + 8

    @property
    def step(self) -> float:
        """How far one period lies from the next."""
        return (self.right - self.left) / max(1, self.last - self.first)


def placed(chart: Chart) -> list[Placed]:
    """The points that are drawn, by period, each period once; text that is no period is left out."""
    read = {
        period.slot: (period, point)
        for point in chart.points
        if (period := read_period(point.period, chart.grain)) is not None
    }
    kept = [read[slot] for slot in sorted(read)]
    newest = kept[-1][0].slot if kept else 0
    return [placed for placed in kept if newest - placed[0].slot < MOST_PERIODS]


def visible_notes(chart: Chart, points: list[Placed]) -> list[tuple[Period, ChartNote]]:
    """The newest dated remarks that fall on the picture."""
    read = [(period, note) for note in chart.notes if (period := read_period(note.period, chart.grain)) is not None]
    shown = [
        (period, note) for period, note in read if points and points[0][0].slot <= period.slot <= points[-1][0].slot
    ]
    return sorted(shown, key=lambda entry: entry[0])[-MOST_NOTES:]


def edges(chart: Chart) -> tuple[float | None, float | None]:
    """The limits, no further out than the figure can go."""
    low, high, least, most = known(chart.lower), known(chart.upper), known(chart.minimum), known(chart.maximum)
    low = max(low, least) if low is not None and least is not None else low
    return low, min(high, most) if high is not None and most is not None else high
