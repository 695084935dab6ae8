"""What is written on the plot: the newest figure, and the periods under the axis."""

from itertools import pairwise

from alertd.core.findings import Chart
from alertd.core.periods import Period
from alertd.rendering.charts import shapes
from alertd.rendering.charts.frame import TEXT, WIDTH, Frame, Placed
from alertd.rendering.charts.scale import label_every, short_label
from alertd.rendering.figures import is_percent, known, style_for
from alertd.rendering.judged import shown_value
from alertd.rendering.phrases import read_period

_NEWEST = 23
_WIDEST = 120.0


def newest_words(chart: Chart, points: list[Placed], counted: bool) -> str:
    """The newest settled figure as it is written beside its point; empty where there is none."""
    shown = _shown(points)
    if not shown:
        return ""
    _, value = _newest(points, shown)
    whole = counted or all(abs(figure) < 1e15 and figure == int(figure) for _, figure in shown)
    beside = [known(chart.lower), known(chart.upper), known(chart.centre)]
    style = style_for(chart.unit, counted=whole, main=value, beside=beside)
    return style.say(value) if is_percent(chart.unit) else style.say(value).removesuffix(style.unit).strip()


def room_for(words: str, points: list[Placed]) -> float:
    """How much room the newest figure takes right of the plot: none where a newer point or its length forbids that."""
    shown = _shown(points)
    wide = shapes.width_of(words, _NEWEST, bold=True)
    at_the_end = bool(shown) and _newest(points, shown)[0].slot == points[-1][0].slot
    return wide if at_the_end and wide <= _WIDEST else 0.0


def newest(words: str, points: list[Placed], frame: Frame) -> list[str]:
    """The newest settled figure beside its point: to the right where there is room, else where it hides least."""
    box = newest_box(words, points, frame)
    if box is None:
        return []
    if room_for(words, points):
        return [shapes.text((box[0], box[3]), words, size=_NEWEST, bold=True)]
    return [shapes.text((box[2], box[3]), words, size=_NEWEST, anchor="end", bold=True, halo=True)]


def newest_box(words: str, points: list[Placed], frame: Frame) -> shapes.Box | None:
    """Where the newest figure is written; its foot is the base line. None where there is none."""
    shown = _shown(points)
    if not shown or not words:
        return None
    period, value = _newest(points, shown)
    at, wide = (frame.x(period.slot), frame.y(value)), shapes.width_of(words, _NEWEST, bold=True)
    if room_for(words, points):
        foot = min(frame.foot - 4, max(frame.top + 18, at[1] + 8))
        return at[0] + 15, foot - 18, at[0] + 15 + wide, foot
    places = [(frame.x(other.slot), frame.y(figure)) for other, figure in shown if abs(other.slot - period.slot) < 12]
    right, foot = _free_corner(at, wide, places, frame)
    return right - wide, foot - 18, right, foot


def across(chart: Chart, points: list[Placed], frame: Frame) -> list[str]:
    """Periods under the axis, counted back from the newest, and the bracket of the periods that the usual range is from."""
    drawn = _baseline(chart, frame)
    if not points:
        return drawn
    return [*drawn, *periods_under(points[-1][0], frame)]


def periods_under(newest: Period, frame: Frame) -> list[str]:
    """Periods under the axis, counted back from the newest one on the picture."""
    drawn: list[str] = []
    widest = max(shapes.width_of(words, TEXT) for words in short_label(newest)) + 16
    every = label_every(newest.grain, frame.last - frame.first + 1, max(1, int((frame.right - frame.left) / widest)))
    years: list[str] = []
    for slot in sorted(range(frame.last, frame.first - 1, -every)):
        upper, lower = short_label(Period(newest.grain, slot))
        across = min(frame.x(slot), WIDTH - 4 - shapes.width_of(upper, TEXT) / 2)
        drawn.append(shapes.line((frame.x(slot), frame.foot), (frame.x(slot), frame.foot + 6), colour=shapes.GREY))
        drawn.append(shapes.text((across, frame.foot + 29), upper, size=TEXT, anchor="middle", colour=shapes.GREY))
        if lower not in years[-1:]:
            years.append(lower)
            drawn.append(shapes.text((across, frame.foot + 51), lower, size=TEXT, anchor="middle", colour=shapes.GREY))
    return drawn


def _baseline(chart: Chart, frame: Frame) -> list[str]:
    start = read_period(chart.baseline_from, chart.grain) if chart.baseline_from else None
    end = read_period(chart.baseline_to, chart.grain) if chart.baseline_to else None
    unsaid = all(known(line) is None for line in (chart.centre, chart.lower, chart.upper))
    return [] if unsaid or start is None or end is None else bracket(start, end, frame)


def bracket(start: Period, end: Period, frame: Frame) -> list[str]:
    """A thick line under the periods that the usual range is taken from."""
    if end.slot < frame.first or start.slot > frame.last:
        return []
    left, right = frame.x(max(start.slot, frame.first)), frame.x(min(end.slot, frame.last))
    return [shapes.line((left, frame.foot + 3), (right, frame.foot + 3), colour=shapes.EDGE, width=5)]


def _free_corner(at: shapes.Point, wide: float, places: list[shapes.Point], frame: Frame) -> shapes.Point:
    """Where the text's lower right corner goes: above, below or left of its point, wherever least of the line is hidden."""
    beside = min(at[0] + wide / 2, WIDTH - 4)
    corners = [
        (beside, at[1] - 16),
        (beside, at[1] + 33),
        (at[0] - 16, at[1] + 8),
        (at[0] - 16, at[1] - 12),
        (at[0] - 16, at[1] + 30),
    ]
    line = [
        (first[0] + (second[0] - first[0]) * step / 8, first[1] + (second[1] - first[1]) * step / 8)
        for first, second in pairwise(places)
        for step in range(9)
    ] or places

    def covered(corner: shapes.Point) -> float:
        right, foot = corner
        hidden = sum(right - wide - 4 <= x <= right + 4 and foot - 22 <= y <= foot + 6 for x, y in line)
        outside = max(0.0, foot + 4 - frame.foot) + max(0.0, frame.top - (foot - 18))
        return hidden + outside * 2

    return min(corners, key=covered)


def _shown(points: list[Placed]) -> list[tuple[Period, float]]:
    return [(period, value) for period, point in points if (value := shown_value(point)) is not None]


def _newest(points: list[Placed], shown: list[tuple[Period, float]]) -> tuple[Period, float]:
    """The newest figure that will not change any more, else the newest of all."""
    settled = {period for period, point in points if point.settled}
    return ([entry for entry in shown if entry[0] in settled] or shown)[-1]
