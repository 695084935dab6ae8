"""The small charts of a back-test's page: one series as inline SVG, coloured by the page's own style.

Shapes and line styles carry the meaning; colour only sets the band off from the line. Numbers are in CSS pixels.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from alertd.core.cases import Direction, TransitionKind
from alertd.core.series import Bools, Floats
from alertd.core.verdicts import CODES, NOTABLE, State
from alertd.rendering.charts.scale import Axis, axis_for
from alertd.rendering.charts.shapes import width_of
from alertd.rendering.clean import clean
from alertd.rendering.figures import is_percent
from alertd.workbench.page_frame import TEXT, WIDTH, Frame, by_years, number, periods_under
from alertd.workbench.page_series import Notice, Past
from alertd.workbench.page_words import day, described, notices_line, point_words

_PLOT, _SECOND, _STRIP = 112, 46, 30
_LIMIT_ROOM = 1.2  # how far beyond the figures limits stretch the axis, in the figures' own spread
BANDLESS = frozenset(("drift", "rating", "threshold", "freshness", "forecast", "all_of", "any_of"))
"""Detectors whose limits are no range of the figure that is drawn."""
_CENTRELESS = BANDLESS | {"change"}  # of a change it is the line itself, some periods later
_LARGEST = 1e280  # keeps differences finite

MARKS = {
    TransitionKind.OPENED: ("diamond", ((0, -1.15), (1.15, 0), (0, 1.15), (-1.15, 0))),
    TransitionKind.WORSENED: ("triangle", ((0, -1.1), (1.1, 0.85), (-1.1, 0.85))),
    TransitionKind.REMINDED: ("hourglass", ((-0.95, -1), (0.95, -1), (-0.95, 1), (0.95, 1))),
    TransitionKind.HANDED_OVER: ("triangle upside down", ((0, 1.1), (1.1, -0.85), (-1.1, -0.85))),
    TransitionKind.ESCALATED: (
        "cross",
        (
            *((-0.35, -1.1), (0.35, -1.1), (0.35, -0.35), (1.1, -0.35), (1.1, 0.35), (0.35, 0.35)),
            *((0.35, 1.1), (-0.35, 1.1), (-0.35, 0.35), (-1.1, 0.35), (-1.1, -0.35), (-0.35, -0.35)),
        ),
    ),
    TransitionKind.CORRECTED: ("bar", ((-1.2, -0.4), (1.2, -0.4), (1.2, 0.4), (-1.2, 0.4))),
    TransitionKind.WITHDRAWN: ("square", ((-0.85, -0.85), (0.85, -0.85), (0.85, 0.85), (-0.85, 0.85))),
    TransitionKind.CLEARED: ("ring", ()),
}
"""By kind of notice: the shape's name, and its outline about (0, 0)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """A dated remark of the calendar: a line across every chart of its series."""

    letter: str
    slot: int
    rebase: bool


def axis_of(pasts: Sequence[Past]) -> Axis:
    """The vertical axis of one series under one rule or more."""
    measure = pasts[0].measure
    if measure.scale:
        grades = tuple((float(place), clean(grade, 12)) for place, grade in enumerate(measure.scale, start=1))
        return Axis(low=0.6, high=len(grades) + 0.4, ticks=grades)
    told = [n.verdict.value for past in pasts for n in past.notices if n.verdict.period.slot >= past.first]
    figures = _finite(*(past.value for past in pasts), np.array(told))
    agreed = _finite(*(line for past in pasts if past.kind == "threshold" for line in (past.lower, past.upper)))
    limits = _finite(*(line for p in pasts if p.kind not in BANDLESS for line in (p.lower, p.upper)))
    least = 0.0 if measure.minimum is None and (measure.value is None or measure.is_whole) else measure.minimum
    most = measure.factor if measure.is_share and measure.maximum is None else measure.maximum
    if len(figures) and np.ptp(figures) > 0:
        room = float(np.ptp(figures)) * _LIMIT_ROOM
        limits = np.clip(limits, figures.min() - room, figures.max() + room)
    limits = np.clip(limits, -math.inf if least is None else least, math.inf if most is None else most)
    reach = [float(end) for part in (figures, agreed, limits) if len(part) for end in (part.min(), part.max())]
    return axis_for(reach, least=least, most=most, percent=is_percent(measure.unit))


def room_left(axis: Axis) -> float:
    """How much room the axis' words take."""
    return max((width_of(words, TEXT) for _, words in axis.ticks), default=20.0) + 8


def chart(past: Past, axis: Axis, frame: Frame, notes: Sequence[Dated], *, pointed: bool, replayed: bool = True) -> str:
    """The chart of a series; `pointed`: every point says its figure where a pointer rests on it.

    Where nothing was `replayed` it says nothing of notices, which are not known then.
    """
    height = _PLOT if past.drawn else _STRIP
    plot = _Plot(frame, axis, frame.top, height)
    second = _second(past, frame, plot.foot + 20)
    foot = plot.foot if second is None else second.foot
    body = [
        _unwatched(frame, foot),
        *([_band(past, plot)] if past.drawn and past.kind not in BANDLESS else []),
        *(_axis(plot) if past.drawn else []),
        *([_limits(past, plot, "agreed")] if past.kind == "threshold" else []),
        *_lines_across(notes, frame, foot),
        *([_path("centre", _stepped(past, past.centre, plot))] if past.kind not in _CENTRELESS else []),
        *(_line(past, plot) if past.drawn else []),
        *(_statistic(past, second) if second is not None else []),
        f'<path class="ax" d="M{number(frame.left)} {number(foot)}H{WIDTH - 2}"/>',
        *periods_under(frame, foot),
        *(_pointers(past, plot) if pointed else []),
        *_marks(past, plot),
    ]
    tall = number(foot + (32 if by_years(frame) is None else 19))
    words = escape(f"{past.words}, rule {past.rule}")
    said = f"{described(past)} {notices_line(past)}." if replayed else described(past)
    head = f"<title>{words}</title><desc>{escape(said)}</desc>"
    return f'<svg class="chart" role="img" viewBox="0 0 {WIDTH} {tall}">{head}{"".join(body)}</svg>'


def swatch(kind: TransitionKind, *, hollow: bool = False) -> str:
    """The mark of a kind of notice, for the legend and the list; decoration, as its word stands beside it."""
    return f'<svg class="swatch" viewBox="0 0 16 16" aria-hidden="true">{_mark(kind, (8, 8), 5.5, hollow=hollow)}</svg>'


@dataclass(frozen=True, slots=True)
class _Plot:
    frame: Frame
    axis: Axis
    top: float
    height: float

    @property
    def foot(self) -> float:
        return self.top + self.height

    def y(self, value: float) -> float:
        return self.foot - self.axis.share(value) * self.height

    def ys(self, values: Floats) -> list[str]:
        """Down, for figures that are there, as it is written."""
        low, high = self.axis.low, self.axis.high
        share = np.clip((np.clip(values, -_LARGEST, _LARGEST) - low) / (high - low), 0.0, 1.0)
        return [f"{y:g}" for y in np.round(self.foot - share * self.height, 1).tolist()]


def _finite(*arrays: Floats) -> Floats:
    every: Floats = np.concatenate([*arrays, np.empty(0)]) if arrays else np.empty(0)
    return every[np.isfinite(every)]


def _runs(there: Bools) -> Iterator[tuple[int, int]]:
    """Stretches of neighbours that are there, as half-open ranges."""
    ends = np.flatnonzero(np.diff(np.concatenate([[False], there, [False]]).astype(np.int8)))
    yield from zip(ends[::2].tolist(), ends[1::2].tolist(), strict=True)


def _band(past: Past, plot: _Plot) -> str:
    """The limits of each period in steps: filled between them, or to the plot's edge where there is but one."""
    has_low, has_high = np.isfinite(past.lower), np.isfinite(past.upper)
    drawn = []
    for low, high in ((True, True), (True, False), (False, True)):
        for begin, stop in _runs((has_low == low) & (has_high == high)):
            tops = plot.ys(past.upper[begin:stop]) if high else [number(plot.top)] * (stop - begin)
            feet = plot.ys(past.lower[begin:stop]) if low else [number(plot.foot)] * (stop - begin)
            edges = plot.frame.edges[past.first - plot.frame.first + begin :]
            drawn.append(f"M{_steps(edges, tops)}L{_steps(edges[: stop - begin + 1][::-1], feet[::-1])}z")
    limits = np.concatenate([past.lower, past.upper])
    limits = limits[np.isfinite(limits)]
    if (has_low == has_high).all() and (limits > plot.axis.low).all() and (limits < plot.axis.high).all():
        return _path("band edge", "".join(drawn))  # its outline is the limits
    return _path("band", "".join(drawn)) + _limits(past, plot, "edge")


def _limits(past: Past, plot: _Plot, name: str) -> str:
    return _path(name, _stepped(past, past.lower, plot) + _stepped(past, past.upper, plot))


def _stepped(past: Past, values: Floats, plot: _Plot) -> str:
    """A line that keeps its height over each period; left out where it lies beyond the axis."""
    with np.errstate(invalid="ignore"):
        inside = (values >= plot.axis.low) & (values <= plot.axis.high)
    edges = plot.frame.edges[past.first - plot.frame.first :]
    return "".join(f"M{_steps(edges[begin:], plot.ys(values[begin:stop]))}" for begin, stop in _runs(inside))


def _steps(edges: Sequence[str], heights: Sequence[str]) -> str:
    """Coordinates of a stepped line, without the first command; `edges` are one more than heights, or go on."""
    here = heights[0]
    written = [f"{edges[0]} {here}"]
    for edge, height in zip(edges[1:], heights[1:], strict=False):
        if height != here:
            written.append(f"H{edge}V{height}")
            here = height
    written.append(f"H{edges[len(heights)]}")
    return "".join(written)


def _joined(past: Past, values: Floats, plot: _Plot, begin: int, stop: int) -> list[str]:
    """The points of a line, as they are written."""
    across = plot.frame.middles[past.first - plot.frame.first + begin :]
    return [f"{x} {y}" for x, y in zip(across, plot.ys(values[begin:stop]), strict=False)]


def _line(past: Past, plot: _Plot) -> list[str]:
    """The figures: a line with gaps, dots where they stand out, hollow where they may still change."""
    there, state = np.isfinite(past.value), np.array(past.state)
    moving = there & (state == CODES[State.UNSETTLED])
    settled, alone, unsettled = [], [], []
    for begin, stop in _runs(there & ~moving):
        points = _joined(past, past.value, plot, begin, stop)
        if len(points) > 1:
            settled.append("M" + "L".join(points))
        else:
            alone.append(f"M{points[0]}h0")
    for begin, stop in _runs(moving):
        joined = begin - 1 if begin and there[begin - 1] else begin
        unsettled.append("M" + "L".join(_joined(past, past.value, plot, joined, stop)))
    concealed = [plot.frame.x(past.first + i) for i in np.flatnonzero(past.hidden).tolist()]
    wide = max(1.5, min(6.0, plot.frame.step * 0.7))
    drawn = [
        _path("line", "".join(settled)),
        _path("lone", "".join(alone)),
        _path("line moving", "".join(unsettled)),
        _path("dot", _at(past, plot, there & np.isin(state, NOTABLE), "h0")),
        _path("muted", _at(past, plot, there & (state == CODES[State.MUTED]), "m-3-3l6 6m0-6l-6 6")),
        _path("open", _at(past, plot, moving, "h0")),
        _path("hole", _at(past, plot, moving, "h0")),
        _path("small", "".join(f"M{number(x - wide / 2)} {number(plot.foot - 4)}h{number(wide)}" for x in concealed)),
    ]
    return [one for one in drawn if one]


def _at(past: Past, plot: _Plot, where: Bools, written: str) -> str:
    """Something written at each of some figures."""
    chosen = np.flatnonzero(where)
    offset = past.first - plot.frame.first
    heights = plot.ys(past.value[chosen])
    middles = plot.frame.middles
    return "".join(f"M{middles[offset + i]} {y}{written}" for i, y in zip(chosen.tolist(), heights, strict=True))


def _path(name: str, d: str) -> str:
    return f'<path class="{name}" d="{d}"/>' if d else ""


def _second(past: Past, frame: Frame, top: float) -> _Plot | None:
    """Where drift's statistic stands, which its limits belong to."""
    if past.statistic is None or not np.isfinite(past.statistic).any():
        return None
    reach = _finite(past.statistic, past.lower, past.upper)
    axis = axis_for([float(reach.min()), float(reach.max())], least=None, most=None, percent=False)
    return _Plot(frame, axis, top, _SECOND)


def _statistic(past: Past, plot: _Plot) -> list[str]:
    assert past.statistic is not None
    words = f'<text x="{number(plot.frame.left)}" y="{number(plot.top - 5)}">what adds up, and its limits</text>'
    line = "".join(
        "M" + "L".join(_joined(past, past.statistic, plot, begin, stop))
        for begin, stop in _runs(np.isfinite(past.statistic))
    )
    level = np.where(np.isfinite(past.statistic), 0.0, np.nan)
    middle = _path("centre", _stepped(past, level, plot))
    return [words, _band(past, plot), middle, _path("line thin", line)]


def _axis(plot: _Plot) -> list[str]:
    drawn = []
    last = math.inf
    for value, words in plot.axis.ticks:
        y = plot.y(value)
        if last - y < TEXT * 1.15:
            continue
        last = y
        drawn.append(f'<path class="grid" d="M{number(plot.frame.left)} {number(y)}H{WIDTH - 2}"/>')
        drawn.append(f'<text class="e" x="{number(plot.frame.left - 5)}" y="{number(y + 4)}">{escape(words)}</text>')
    return drawn


def _lines_across(notes: Sequence[Dated], frame: Frame, foot: float) -> list[str]:
    """A dashed line where the usual range began anew, a dotted one at a known event, each under its letter."""
    drawn = []
    taken = -math.inf
    for note in notes:
        x = max(frame.x(note.slot - 0.5), frame.left) if note.rebase else frame.x(note.slot)
        name = "rebase" if note.rebase else "event"
        drawn.append(f'<path class="{name}" d="M{number(x)} {number(frame.top)}V{number(foot)}"/>')
        if note.letter and x - taken >= TEXT:
            taken = x
            drawn.append(
                f'<text class="m b" x="{number(min(x, WIDTH - 6))}" y="{number(frame.top - 5)}">{note.letter}</text>'
            )
    return drawn


def _unwatched(frame: Frame, foot: float) -> str:
    """A grey ground under the periods before watching began."""
    if frame.watched is None:
        return ""
    left = number(frame.left)
    return _path("watch", f"M{left} {number(frame.top)}H{frame.edge(frame.watched)}V{number(foot)}H{left}z")


def _marks(past: Past, plot: _Plot) -> list[str]:
    """A mark where each notice left, at the figure that it was about; several of one period stand above each other."""
    size = max(3.4, min(5.2, plot.frame.step * 0.75))
    above: dict[int, float] = defaultdict(float)
    below: dict[int, float] = defaultdict(float)
    ends: list[str] = []
    others: list[str] = []
    for notice in past.notices:
        slot = notice.verdict.period.slot
        if not plot.frame.first <= slot <= plot.frame.last:
            continue
        value = notice.verdict.value
        at_rest = plot.foot - 11 if past.drawn else plot.top + plot.height / 2
        base = plot.y(value) if math.isfinite(value) else at_rest
        if base - above[slot] < plot.top - 6:  # no room left above
            below[slot] += 2 * size + 1
            y = base + below[slot]
        else:
            y = base - above[slot]
            above[slot] += 2 * size + 1
        hollow = notice.direction is Direction.IMPROVEMENT
        drawn = _mark(notice.kind, (plot.frame.x(slot), y), size, hollow=hollow, said=_said(notice))
        (ends if notice.kind.ends else others).append(drawn)
    return ends + others  # what began lies above what ended


def _said(notice: Notice) -> str:
    return f"{day(min(one.due_at for one in notice.told))}: {notice.kind.value}, about {notice.verdict.period.words}"


def _mark(kind: TransitionKind, at: tuple[float, float], size: float, *, hollow: bool, said: str = "") -> str:
    outline = MARKS[kind][1]
    x, y = at
    inside = f"<title>{escape(said)}</title>" if said else ""
    if not outline:
        return f'<circle class="k h" cx="{number(x)}" cy="{number(y)}" r="{number(size * 0.8)}">{inside}</circle>'
    steps = "L".join(f"{number(x + size * dx)} {number(y + size * dy)}" for dx, dy in outline)
    return f'<path class="k{" h" if hollow else ""}" d="M{steps}z">{inside}</path>'


def _pointers(past: Past, plot: _Plot) -> list[str]:
    """Strips over the plot, each with what its period was: seen only where a pointer rests on one."""
    step = plot.frame.step
    return [
        f'<path class="tip" d="M{number(plot.frame.x(past.first + i))} {number(plot.top)}v{number(plot.height)}" '
        f'stroke-width="{number(step)}"><title>{escape(point_words(past, i))}</title></path>'
        for i, value in enumerate(past.value.tolist())
        if math.isfinite(value) or past.hidden[i]
    ]
