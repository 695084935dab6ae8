"""What lies on the plot: the usual range, the axis, dated remarks, the line and its marks."""

from collections.abc import Sequence
from itertools import pairwise

from alertd.core.findings import Chart, ChartNote, ChartPoint
from alertd.core.periods import Period
from alertd.rendering.charts import shapes
from alertd.rendering.charts.frame import TEXT, WIDTH, Frame, Placed, edges
from alertd.rendering.charts.legend import LETTERS
from alertd.rendering.figures import known
from alertd.rendering.judged import shown_value
from alertd.rendering.phrases import read_period

_MARK = 9.5  # half of the largest mark


def limits(chart: Chart, frame: Frame, agreed: bool) -> list[str]:
    """The usual range as a band with its edges and its centre line, or an agreed level as a dashed line."""
    low, high = edges(chart)
    drawn = []
    if not agreed and (low is not None or high is not None):
        roof = frame.y(high) if high is not None else frame.top
        foot = frame.y(low) if low is not None else frame.foot
        drawn.append(shapes.box((frame.left, roof), frame.edge - frame.left, foot - roof, fill=shapes.BAND))
    colour, dashes = (shapes.INK, "9 5") if agreed else (shapes.EDGE, "")
    drawn.extend(_level(frame, edge, colour=colour, width=2, dashes=dashes) for edge in (low, high) if edge is not None)
    centre = known(chart.centre)
    return [*drawn, _level(frame, centre, colour=shapes.EDGE, width=1.5)] if centre is not None else drawn


def axis(frame: Frame) -> list[str]:
    """The foot line, and the ticks with their text."""
    drawn = [shapes.line((frame.left, frame.foot), (frame.edge, frame.foot), colour=shapes.GREY)]
    for value, words in frame.axis.ticks:
        height = frame.y(value)
        drawn.append(shapes.line((frame.left - 5, height), (frame.left, height), colour=shapes.GREY))
        drawn.append(shapes.text((frame.left - 9, height + 7), words, size=TEXT, anchor="end", colour=shapes.GREY))
    return drawn


def reference(chart: Chart, frame: Frame) -> list[str]:
    """The reference as a dotted line; the legend says what it is."""
    value = known(chart.reference.value) if chart.reference is not None else None
    return [_level(frame, value, colour=shapes.INK, width=1.5, dashes="2 5")] if value is not None else []


def remarks(notes: list[tuple[Period, ChartNote]], frame: Frame, busy: Sequence[shapes.Box]) -> list[str]:
    """A dashed line where the usual range began anew, a dotted one at a known event; letters lead to the list below.

    A letter stands beside its line where it covers least of what is `busy`: figures, marks, other letters.
    """
    taken = list(busy)
    drawn = []
    for letter, (period, note) in zip(LETTERS, notes, strict=False):
        between = note.rebase and period.slot > frame.first
        across = frame.x(period.slot - (0.5 if between else 0))
        foot = (across, frame.foot)
        drawn.append(shapes.line((across, frame.top), foot, colour=shapes.INK, dashes="6 4" if note.rebase else "1 4"))
        where = _free_box(across, frame, taken)
        taken.append(where)
        drawn.append(shapes.badge((where[0], where[1] + 17), letter))
    return drawn


def busy_boxes(points: list[Placed], frame: Frame) -> list[shapes.Box]:
    """The boxes that the figures and their marks fill."""
    centres = [(frame.x(at.slot), frame.y(value)) for at, point in points if (value := shown_value(point)) is not None]
    return [(x - _MARK, y - _MARK, x + _MARK, y + _MARK) for x, y in centres]


def _free_box(across: float, frame: Frame, busy: Sequence[shapes.Box]) -> shapes.Box:
    """Where a letter goes: right or left of its line, at the top, the foot or the middle of the plot."""
    wide, high = shapes.BADGE
    heights = (frame.top, frame.foot - high - 3, (frame.top + frame.foot - high) / 2)
    lefts = [left for left in (across, across - wide) if frame.left <= left <= WIDTH - wide] or [across - wide]
    boxes = [(left, top, left + wide, top + high) for top in heights for left in lefts]

    def covered(box: shapes.Box) -> float:
        return sum(
            max(0.0, min(box[2], other[2]) - max(box[0], other[0]))
            * max(0.0, min(box[3], other[3]) - max(box[1], other[1]))
            for other in busy
        )

    return min(boxes, key=covered)


def seen(chart: Chart, points: list[Placed], stretch: tuple[str, str] | None) -> list[Placed]:
    """The points, marked only where the drawn band bears it out or the exception that is told of has lasted.

    Earlier periods were judged by other limits; a mark of theirs inside this band would contradict the picture.
    """
    low, high = edges(chart)
    if low is None and high is None:
        return points
    ends = [read_period(text, chart.grain) for text in stretch] if stretch is not None else []
    first, last = ends if len(ends) == 2 else (None, None)

    def plain(period: Period, point: ChartPoint) -> bool:
        value = shown_value(point)
        inside = value is not None and (low is None or value >= low) and (high is None or value <= high)
        lasting = first is not None and last is not None and first.slot <= period.slot <= last.slot
        return inside and not lasting

    return [
        (period, point.model_copy(update={"mark": None}) if point.mark and plain(period, point) else point)
        for period, point in points
    ]


def line(points: list[Placed], frame: Frame) -> list[str]:
    """The line, broken wherever a period is missing or hidden; dashed where figures may still move."""
    drawn = []
    for settled in (True, False):
        run: list[shapes.Point] = []
        for (before, old), (after, new) in pairwise(points):
            first, second = shown_value(old), shown_value(new)
            joined = first is not None and second is not None and after.slot == before.slot + 1
            if joined and (old.settled and new.settled) is settled and first is not None and second is not None:
                run = run or [(frame.x(before.slot), frame.y(first))]
                run.append((frame.x(after.slot), frame.y(second)))
            elif run:
                drawn.append(shapes.path(run, dashes="" if settled else "5 5"))
                run = []
        if run:
            drawn.append(shapes.path(run, dashes="" if settled else "5 5"))
    return drawn


def marks(points: list[Placed], frame: Frame) -> list[str]:
    """A dot for each figure, a mark of its own shape for each notable one, a short bar at the foot for a hidden one."""
    radius = max(2.2, min(4.2, frame.step * 0.22))
    drawn, notable = [], []
    for period, point in points:
        value = shown_value(point)
        if point.hidden:
            drawn.append(shapes.box((frame.x(period.slot) - 5, frame.foot - 7), 10, 5, fill=shapes.GREY))
        elif value is not None and point.mark is not None:
            notable.append(
                shapes.mark(point.mark, (frame.x(period.slot), frame.y(value)), max(6.5, min(9.5, frame.step * 0.62)))
            )
        elif value is not None:
            drawn.append(shapes.dot((frame.x(period.slot), frame.y(value)), radius, hollow=not point.settled))
    return drawn + notable


def _level(frame: Frame, value: float, *, colour: str, width: float, dashes: str = "") -> str:
    height = frame.y(value)
    return shapes.line((frame.left, height), (frame.edge, height), colour=colour, width=width, dashes=dashes)
