"""One series on an analyst's chart: the limits of each period as a stepped band, the line, and a sign for each signal."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Literal
from xml.sax.saxutils import escape

from alertd.core.panels import Panel, Spot, runs
from alertd.core.summary import figure
from alertd.core.verdicts import State
from alertd.rendering.charts import layers, shapes
from alertd.rendering.charts.frame import TEXT, WIDTH, Frame
from alertd.rendering.charts.labels import bracket, periods_under
from alertd.rendering.charts.legend import LETTERS
from alertd.rendering.charts.scale import Axis, axis_for
from alertd.rendering.charts.signs import fill_of, sign, sign_of
from alertd.rendering.clean import clean
from alertd.rendering.figures import is_percent

Name = Literal["value", "statistic"]
_LEFT_OUT = "#8a9299"
_BANDLESS = frozenset(("drift", "rating", "threshold", "forecast"))
"""Detectors whose limits are no range of the figure."""
_LIMIT_ROOM = 1.2
"""How far beyond the figures limits may stretch the axis, in the figures' own spread; those beyond run off its edge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How one plot of a panel is drawn."""

    name: Name
    """Which figure: the measure's, or the statistic that drift is judged by."""
    limited: bool
    """Whether the limits are of that figure."""
    label: str
    """What stands over the axis."""


def looks_of(panel: Panel) -> list[Look]:
    """The plots of a panel: two for drift, whose limits are not of the figure."""
    measure = panel.measure
    unit = "" if is_percent(measure.unit) or measure.scale else clean(measure.unit or "", 44)
    plots = [Look(name="value", limited=panel.kind not in _BANDLESS, label=unit)]
    if panel.kind == "drift" and any(spot.statistic is not None for spot in panel.spots):
        plots.append(Look(name="statistic", limited=True, label=panel.statistic))
    return plots


def plotted(panel: Panel, look: Look, *, top: float, height: float) -> tuple[list[str], Frame]:
    """A plot from `top` down, its foot labelled with periods; also where things stand on it."""
    frame = _frame(panel, look, top, height)
    notes = list(panel.notes)[: len(LETTERS)]
    busy = [
        (frame.x(spot.period.slot) - 8, frame.y(value) - 8, frame.x(spot.period.slot) + 8, frame.y(value) + 8)
        for spot in panel.spots
        if (value := getattr(spot, look.name)) is not None
    ]
    drawn = [
        shapes.text((8, frame.top - 15), look.label, size=17, colour=shapes.GREY) if look.label else "",
        *(_band(panel.spots, frame) if look.limited else []),
        *(_centre(panel, frame) if look.name == "value" else _zero(frame)),
        *(_learning(panel.spots, frame) if look.name == "value" else []),
        *(_agreed(panel, frame) if look.name == "value" else []),
        *(_axis_of_grades(frame) if panel.measure.scale else layers.axis(frame)),
        *(_reference(panel.spots, frame) if look.name == "value" else []),
        *layers.remarks(notes, frame, busy),
        *_line(panel, look, frame),
        *_signs(panel, look, frame),
        *(bracket(*panel.baseline, frame) if panel.baseline is not None else []),
        *(periods_under(panel.spots[-1].period, frame) if panel.spots else []),
    ]
    return drawn, frame


def _frame(panel: Panel, look: Look, top: float, height: float) -> Frame:
    axis = _grades(panel) if panel.measure.scale else _axis(panel, look)
    widest = [words for _, words in axis.ticks]
    if panel.measure.scale:
        widest = [line for words in widest for line in _in_two(words)]
    left = max((shapes.width_of(words, TEXT if not panel.measure.scale else 16) for words in widest), default=20.0) + 12
    slots = [spot.period.slot for spot in panel.spots] or [0]
    right = WIDTH - 36
    return Frame(left=left, right=right, top=top, axis=axis, first=slots[0], last=slots[-1], plot=height)


def _axis(panel: Panel, look: Look) -> Axis:
    measure = panel.measure
    of_value = look.name == "value"
    figures = [value for spot in panel.spots if (value := getattr(spot, look.name)) is not None]
    if of_value:
        figures += [spot.reference for spot in panel.spots if spot.reference is not None]
        figures += [level.value for level in panel.levels]
    lines = [line for spot in panel.spots for line in ((spot.lower, spot.upper) if look.limited else (spot.centre,))]
    least, most = (measure.minimum, measure.maximum) if of_value else (None, None)
    if of_value and (measure.value is None or measure.is_whole):
        least = 0.0 if least is None else least
    if of_value and measure.is_share and most is None:
        most = measure.factor
    there = [line for line in lines if line is not None]
    low, high = (min(figures), max(figures)) if figures else (None, None)
    if low is not None and high is not None and high > low:
        room = (high - low) * _LIMIT_ROOM
        there = [min(max(line, low - room), high + room) for line in there]
    there = [max(line, least) if least is not None else line for line in there]
    there = [min(line, most) if most is not None else line for line in there]
    return axis_for([*figures, *there], least=least, most=most, percent=of_value and is_percent(measure.unit))


def _grades(panel: Panel) -> Axis:
    scale = panel.measure.scale or ()
    ticks = tuple((float(place), clean(grade, 40)) for place, grade in enumerate(scale, start=1))
    return Axis(low=0.6, high=len(scale) + 0.4, ticks=ticks)


def _axis_of_grades(frame: Frame) -> list[str]:
    drawn = [shapes.line((frame.left, frame.foot), (frame.edge, frame.foot), colour=shapes.GREY)]
    for value, words in frame.axis.ticks:
        height = frame.y(value)
        drawn.append(shapes.line((frame.left, height), (frame.edge, height), colour="#dee0e2", width=1))
        lines = _in_two(words)
        for number, line in enumerate(lines):
            at = (frame.left - 9, height + 6 + (number - (len(lines) - 1) / 2) * 18)
            drawn.append(shapes.text(at, line, size=16, anchor="end", colour=shapes.GREY))
    return drawn


def _in_two(words: str) -> list[str]:
    """Words in two lines of about one length, where they are long."""
    if len(words) <= 13 or " " not in words:
        return [words]
    spaces = [index for index, character in enumerate(words) if character == " "]
    middle = min(spaces, key=lambda index: abs(index - len(words) / 2))
    return [words[:middle], words[middle + 1 :]]


def _band(spots: Sequence[Spot], frame: Frame) -> list[str]:
    """The limits of each period: a band where there are two, filled to the axis' edge where there is one, in steps."""
    drawn = []
    for run in _limited(spots):
        upper = _steps(run, "upper", frame, frame.top)
        lower = _steps(run, "lower", frame, frame.foot)
        joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in [*upper, *reversed(lower)])
        drawn.append(shapes.element("polygon", points=joined, fill=shapes.BAND))
        for name, line in (("upper", upper), ("lower", lower)):
            if getattr(run[0], name) is not None:
                drawn.append(shapes.path(line, colour=shapes.EDGE, width=1.8))
    return drawn


def _limited(spots: Sequence[Spot]) -> list[list[Spot]]:
    """Stretches of neighbours that have the same kinds of limits."""
    found: list[list[Spot]] = []
    kind: tuple[bool, bool] = (False, False)
    for spot in spots:
        here = (spot.lower is not None, spot.upper is not None)
        if any(here) and here == kind and found and found[-1][-1].period.slot + 1 == spot.period.slot:
            found[-1].append(spot)
        elif any(here):
            found.append([spot])
        kind = here
    return found


def _steps(run: Sequence[Spot], name: str, frame: Frame, without: float) -> list[shapes.Point]:
    """A line that keeps its height over each period and steps between them; `without` is where it lies without figures."""
    line: list[shapes.Point] = []
    for spot in run:
        value = getattr(spot, name)
        height = without if value is None else frame.y(value)
        left, right = frame.x(spot.period.slot - 0.5), frame.x(spot.period.slot + 0.5)
        if line and line[-1][1] == height:
            line[-1] = (right, height)
        else:
            line += [(left, height), (right, height)]
    return [(min(max(x, frame.left), frame.edge), y) for x, y in line]


def _centre(panel: Panel, frame: Frame) -> list[str]:
    if panel.kind in ("change", "forecast"):
        return []  # the line itself, some periods apart
    return [
        shapes.path(_steps(run, "centre", frame, frame.foot), colour=shapes.EDGE, width=1.4)
        for run in runs(panel.spots, "centre")
    ]


def _learning(spots: Sequence[Spot], frame: Frame) -> list[str]:
    """The word for stretches that have figures and no limits yet, where there is room for it."""
    drawn = []
    words = "learning"
    wide = shapes.width_of(words, 15)
    for state, group in groupby(spots, key=lambda spot: spot.state):
        run = list(group)
        left, right = frame.x(run[0].period.slot - 0.5), frame.x(run[-1].period.slot + 0.5)
        if state is State.LEARNING and right - left > wide + 4:
            at = ((left + right) / 2, frame.foot - 8)
            drawn.append(shapes.text(at, words, size=15, anchor="middle", colour=shapes.GREY, halo=True))
    return drawn


def _zero(frame: Frame) -> list[str]:
    if not frame.axis.low < 0 < frame.axis.high:
        return []
    height = frame.y(0.0)
    return [shapes.line((frame.left, height), (frame.edge, height), colour=shapes.EDGE, width=1.5)]


def _reference(spots: tuple[Spot, ...], frame: Frame) -> list[str]:
    return [
        shapes.path(_steps(run, "reference", frame, frame.foot), colour=shapes.INK, width=1.5, dashes="2 5")
        for run in runs(spots, "reference")
    ]


def _agreed(panel: Panel, frame: Frame) -> list[str]:
    return [
        shapes.line(
            (frame.left, frame.y(level.value)),
            (frame.edge, frame.y(level.value)),
            colour=shapes.INK,
            width=2,
            dashes="9 5" if level.words.startswith("fires") else "12 4 2 4",
        )
        for level in panel.levels
    ]


def _line(panel: Panel, look: Look, frame: Frame) -> list[str]:
    """The line, broken where a figure is missing; in steps for grades, dashed where figures may still move."""
    drawn = []
    for run in runs(panel.spots, look.name):
        if panel.measure.scale:
            drawn.append(shapes.path(_steps(run, look.name, frame, frame.foot), width=2.5))
            continue
        for moving in (False, True):
            points: list[shapes.Point] = []
            for before, here in pairwise(run):
                unsettled = State.UNSETTLED in (before.state, here.state)
                if unsettled is moving:
                    points = points or [_at(before, look, frame)]
                    points.append(_at(here, look, frame))
                elif points:
                    drawn.append(shapes.path(points, width=_weight(frame), dashes="5 5" if moving else ""))
                    points = []
            if points:
                drawn.append(shapes.path(points, width=_weight(frame), dashes="5 5" if moving else ""))
    return drawn


def _weight(frame: Frame) -> float:
    return 2.3 if frame.step > 6 else 1.5


def _signs(panel: Panel, look: Look, frame: Frame) -> list[str]:
    """A dot for each figure and a sign for each signal, each with its words; marks at the foot where there is no figure."""
    radius = max(1.4, min(4.0, frame.step * 0.22))
    plain, notable = [], []
    for spot in panel.spots:
        value = getattr(spot, look.name)
        x = frame.x(spot.period.slot)
        found = None if spot.hidden else sign_of(spot.state, spot.signals)
        said = shapes.element("title", escape(clean(spot_words(panel, spot), 400)))
        at = (x, frame.foot - 9 if value is None else frame.y(value))
        if spot.hidden:
            plain.append(_told(_hidden_mark(x, frame), said))
        elif found is not None:
            size = max(4.5, min(8.5, frame.step * 0.62))
            notable.append(_told(sign(found[0], at, size, fill_of(spot.state), down=not spot.rising), said))
        elif value is None:
            if look.name == "value":
                plain.append(_told(_gap_mark(x, frame), said))
        elif spot.state is State.MUTED:
            plain.append(_told(_out_mark(at), said))
        elif frame.step >= 2.5 or spot.state is State.UNSETTLED:
            plain.append(_told(shapes.dot(at, radius, hollow=spot.state is State.UNSETTLED), said))
    return plain + notable


def _told(drawn: str, said: str) -> str:
    return f"<g>{said}{drawn}</g>"


def _hidden_mark(x: float, frame: Frame) -> str:
    wide = min(10.0, max(2.0, frame.step * 0.8))
    return shapes.box((x - wide / 2, frame.foot - 7), wide, 5, fill=shapes.GREY)


def _gap_mark(x: float, frame: Frame) -> str:
    width = max(1.0, min(3.0, frame.step * 0.3))
    return shapes.line((x, frame.foot - 7), (x, frame.foot - 1), colour=shapes.GREY, width=width)


def _out_mark(at: shapes.Point) -> str:
    x, y = at
    back = shapes.element("circle", cx=x, cy=y, r=5.5, fill=shapes.PAPER)
    arms = [shapes.line((x - 4, y - s * 4), (x + 4, y + s * 4), colour=_LEFT_OUT, width=2) for s in (1, -1)]
    return back + "".join(arms)


def _at(spot: Spot, look: Look, frame: Frame) -> shapes.Point:
    return frame.x(spot.period.slot), frame.y(getattr(spot, look.name))


def spot_words(panel: Panel, spot: Spot) -> str:
    """One point in words: `March 2022: 73.8%, exception (astronomical, shift); 80.9% to 99.5%`."""
    if spot.hidden:
        return f"{spot.period.words}: too small a number to show"
    said = f"{spot.period.words}: {figure(math.nan if spot.value is None else spot.value, panel.measure)}, {spot.state.value}"
    if spot.signals and spot.state is not State.UNSETTLED:
        said += f" ({', '.join(spot.signals)})"
    if panel.kind == "drift":
        return said if spot.statistic is None else f"{said}; statistic {spot.statistic:.4g} of {_limits(panel, spot)}"
    limits = _limits(panel, spot)
    return f"{said}; {limits}" if limits else said


def _limits(panel: Panel, spot: Spot) -> str:
    if panel.kind == "rating":
        return ""

    def say(value: float) -> str:
        return f"{value:.4g}" if panel.kind == "drift" else figure(value, panel.measure)

    if spot.lower is None:
        return "" if spot.upper is None else f"up to {say(spot.upper)}"
    return f"{say(spot.lower)} or more" if spot.upper is None else f"{say(spot.lower)} to {say(spot.upper)}"
