"""A funnel plot: places by their size and their figure, within the limits that a place of each size may reach."""

import math
from xml.sax.saxutils import escape

import numpy as np

from alertd.core.funnel_plot import FunnelPlot, Peer
from alertd.core.measures import Measure
from alertd.core.periods import in_sentence
from alertd.core.series import series_words
from alertd.core.summary import figure
from alertd.rendering.charts import layers, shapes
from alertd.rendering.charts.drawing import Drawing
from alertd.rendering.charts.frame import TEXT, WIDTH, Frame
from alertd.rendering.charts.history import Heading, Sheet
from alertd.rendering.charts.legend import ROW_HEIGHT, Item, band, packed
from alertd.rendering.charts.scale import axis_for
from alertd.rendering.charts.signs import fill_of, sign, sign_of
from alertd.rendering.clean import clean, shorten
from alertd.rendering.figures import is_percent

_HEIGHT = 330.0
_MOST_NAMES = 12


def draw_funnel(plot: FunnelPlot, measure: Measure, heading: Heading, size_words: str) -> Drawing:
    """Draw a funnel; `size_words` say what a place's size is counted in."""
    sheet = Sheet(heading)
    sheet.y += 6
    sheet.rows(packed(_legend(plot), WIDTH), ROW_HEIGHT)
    outside = [peer for peer in plot.peers if peer.state.notable]
    words = f"{len(plot.peers)} places at {in_sentence(plot.period)}, {len(outside) or 'none'} outside"
    sheet.y += 12
    sheet.words(words, size=20, bold=True)
    frame = _frame(plot, measure, sheet.y + 34)
    unit = "" if is_percent(measure.unit) else clean(measure.unit or "", 44)
    drawn = [
        shapes.text((8, frame.top - 9), unit, size=17, colour=shapes.GREY) if unit else "",
        *_lines(plot, frame),
        *layers.axis(frame),
        *_across(plot, frame, size_words),
        *_places(plot, measure, frame),
    ]
    sheet.put(drawn, frame.foot + 62)
    if plot.hidden:
        some = "1 place is" if plot.hidden == 1 else f"{plot.hidden} places are"
        sheet.words(f"{some} too small to show; the lines are those of the places shown.", size=17, colour=shapes.GREY)
    return sheet.finished(f"{heading.title}: {words}", _described(plot, measure))


def _frame(plot: FunnelPlot, measure: Measure, top: float) -> Frame:
    figures = [peer.value for peer in plot.peers] + [plot.target]
    spread = (max(figures) - min(figures)) or abs(plot.target) or 1.0
    lines = np.concatenate([plot.lower, plot.upper])
    near = np.clip(lines, min(figures) - spread, max(figures) + spread)
    axis = axis_for(
        [*figures, float(near.min()), float(near.max())],
        least=0.0,
        most=measure.factor if measure.is_share else None,
        percent=is_percent(measure.unit),
    )
    left = max((shapes.width_of(words, TEXT) for _, words in axis.ticks), default=20.0) + 12
    return Frame(left=left, right=WIDTH - 36, top=top, axis=axis, first=0, last=1, plot=_HEIGHT)


def _x(size: float, plot: FunnelPlot, frame: Frame) -> float:
    return frame.left + size / float(plot.sizes[-1]) * (frame.edge - frame.left)


def _lines(plot: FunnelPlot, frame: Frame) -> list[str]:
    across = [_x(float(size), plot, frame) for size in plot.sizes]
    upper = [(x, frame.y(float(value))) for x, value in zip(across, plot.upper, strict=True)]
    lower = [(x, frame.y(float(value))) for x, value in zip(across, plot.lower, strict=True)]
    joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in [*upper, *reversed(lower)])
    target = frame.y(plot.target)
    return [
        shapes.element("polygon", points=joined, fill=shapes.BAND),
        shapes.path(upper, colour=shapes.EDGE, width=2),
        shapes.path(lower, colour=shapes.EDGE, width=2),
        shapes.line((frame.left, target), (frame.edge, target), colour=shapes.EDGE, width=1.5),
    ]


def _across(plot: FunnelPlot, frame: Frame, size_words: str) -> list[str]:
    """Sizes under the axis."""
    axis = axis_for([0.0, float(plot.sizes[-1])], least=0.0, most=float(plot.sizes[-1]), percent=False)
    drawn = []
    for value, words in axis.ticks:
        x = _x(value, plot, frame)
        if x > frame.edge + 1:
            continue
        drawn.append(shapes.line((x, frame.foot), (x, frame.foot + 6), colour=shapes.GREY))
        middle = min(x, WIDTH - 4 - shapes.width_of(words, TEXT) / 2)
        drawn.append(shapes.text((middle, frame.foot + 28), words, size=TEXT, anchor="middle", colour=shapes.GREY))
    words = shorten(f"{size_words} (more to the right: a more precise figure)", 66)
    middle = (frame.left + frame.edge) / 2
    return [*drawn, shapes.text((middle, frame.foot + 53), words, size=17, anchor="middle", colour=shapes.GREY)]


def _places(plot: FunnelPlot, measure: Measure, frame: Frame) -> list[str]:
    """Every place as a dot or a sign, and the names of those that were asked for or stand out, where there is room."""
    drawn, taken = [], list[shapes.Box]()
    points = {id(peer): (_x(peer.size, plot, frame), frame.y(peer.value)) for peer in plot.peers}
    for x, y in points.values():
        taken.append((x - 6, y - 6, x + 6, y + 6))
    telling = sorted(plot.peers, key=lambda peer: (peer.asked, peer.state.notable, abs(peer.value - plot.target)))
    for peer in telling:
        found = sign_of(peer.state, peer.signals)
        at = points[id(peer)]
        said = shapes.element("title", escape(_said(peer, measure)))
        if found is not None:
            body = sign(found[0], at, 8.5, fill_of(peer.state))
        else:
            body = shapes.dot(at, 5.5 if peer.asked else 4.2)
        ring = _ring(at, 12) if peer.asked else ""
        drawn.append(f"<g>{said}{ring}{body}</g>")
    named = [peer for peer in reversed(telling) if peer.asked or peer.state.notable][:_MOST_NAMES]
    for peer in named:
        name = shorten(clean(series_words(peer.series), 40), 26)
        at = points[id(peer)]
        where = _room(at, shapes.width_of(name, 17, bold=peer.asked), taken, frame)
        if where is not None:
            taken.append(where)
            if where[1] < at[1] - 40 or where[1] > at[1] + 30:  # too far off to be read as its name without a line
                drawn.append(shapes.line(at, ((where[0] + where[2]) / 2, where[3] if where[1] < at[1] else where[1])))
            drawn.append(shapes.text((where[0], where[3] - 4), name, size=17, bold=peer.asked, halo=True))
    return drawn


def _room(at: shapes.Point, wide: float, taken: list[shapes.Box], frame: Frame) -> shapes.Box | None:
    """A free box for a name beside, above or below its point; None where there is none."""
    x, y = at
    for left, top in (
        (x + 14, y - 11),
        (x - 14 - wide, y - 11),
        (x - wide / 2, y - 33),
        (x - wide / 2, y + 12),
        (x + 8, y - 32),
        (x + 8, y + 11),
        *((x + shift, y + drop) for drop in (-60, 45, -90, 75, -120, 105) for shift in (10, -wide / 2, -wide)),
    ):
        box = (left, top, left + wide, top + 21)
        inside = box[0] >= frame.left and box[2] <= WIDTH - 4 and box[1] >= frame.top - 4 and box[3] <= frame.foot
        free = all(box[2] <= o[0] or box[0] >= o[2] or box[3] <= o[1] or box[1] >= o[3] for o in taken)
        if inside and free:
            return box
    return None


def _legend(plot: FunnelPlot) -> list[Item]:
    items: list[Item] = [
        (band, f"{plot.percent:g}% of places lie in here by chance"),
        (lambda x, y: shapes.line((x, y - 6), (x + 24, y - 6), colour=shapes.EDGE, width=1.5), "all together"),
        (lambda x, y: shapes.dot((x + 12, y - 6), 4.2), "a place"),
    ]
    signs = {(told, fill_of(p.state)) for p in plot.peers if (told := sign_of(p.state, p.signals)) is not None}
    for (shape, words), fill in sorted(signs):
        better = ", better" if fill == "hollow" else ""

        def drawn(x: float, y: float, shape: str = shape, hollow: bool = fill == "hollow") -> str:
            return sign(shape, (x + 12, y - 6), 7.5, "hollow" if hollow else "full")

        items.append((drawn, words + better))
    if any(peer.asked for peer in plot.peers):
        items.append((lambda x, y: _ring((x + 12, y - 6), 9), "asked for"))
    return items


def _ring(at: shapes.Point, radius: float) -> str:
    return shapes.element("circle", cx=at[0], cy=at[1], r=radius, fill="none", stroke=shapes.INK, stroke_width=1.5)


def _said(peer: Peer, measure: Measure) -> str:
    place = clean(series_words(peer.series), 60)
    return f"{place}: {figure(peer.value, measure)} of {peer.size:,.0f}, {peer.state.value}"


def _described(plot: FunnelPlot, measure: Measure) -> str:
    outside = [_said(peer, measure) for peer in plot.peers if peer.state.notable]
    said = f"Funnel plot of {len(plot.peers)} places; all together {figure(plot.target, measure)}."
    smallest = 0 if math.isnan(plot.lower[0]) else plot.sizes[0]
    said += f" Sizes from {min(p.size for p in plot.peers) or smallest:,.0f} to {max(p.size for p in plot.peers):,.0f}."
    return f"{said} Outside: {'; '.join(outside)}." if outside else f"{said} No place lies outside its limits."
