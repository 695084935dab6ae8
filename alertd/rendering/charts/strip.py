"""States over time: a line of signs for each series of a feed, or for a rule that joins others and each of its parts."""

from collections.abc import Callable, Sequence
from xml.sax.saxutils import escape

from alertd.core.strips import Cell, Strip, StripRow
from alertd.core.verdicts import State
from alertd.rendering.charts import shapes
from alertd.rendering.charts.drawing import Drawing
from alertd.rendering.charts.frame import WIDTH, Frame
from alertd.rendering.charts.history import Heading, Sheet
from alertd.rendering.charts.labels import periods_under
from alertd.rendering.charts.legend import ROW_HEIGHT, Item, packed
from alertd.rendering.charts.scale import Axis
from alertd.rendering.charts.signs import Fill, fill_of, sign, sign_of
from alertd.rendering.clean import clean, shorten

MOST_ROWS = 24
_LINE = 24.0
_WORDS = {
    State.QUIET: "as usual",
    State.LEARNING: "still learning",
    State.UNKNOWN: "not known",
    State.UNSETTLED: "not settled yet",
    State.MUTED: "left out, or told to nobody",
}


def draw_strips(strips: Sequence[Strip], heading: Heading, *, quiet: str = "as usual", more: str = "") -> Drawing:
    """Draw strips one below the other; `quiet` is what it means that nothing is wrong, `more` what is not drawn."""
    sheet = Sheet(heading)
    sheet.y += 6
    sheet.rows(packed(_legend(strips, quiet), WIDTH), ROW_HEIGHT)
    for strip in strips:
        sheet.y += 12
        sheet.words(strip.title, size=20, bold=True)
        sheet.y += 4
        foot, drawn = _drawn(strip, sheet.y)
        sheet.put(drawn, foot + 56)
    if more:
        sheet.words(more, size=17, colour=shapes.GREY)
    return sheet.finished(
        f"{heading.title}: {', '.join(strip.title for strip in strips)}", " ".join(map(_said, strips))
    )


def _drawn(strip: Strip, top: float) -> tuple[float, list[str]]:
    drawn: list[str] = []
    y = top
    frame = _frame(strip, top, 0)
    for row in strip.rows:
        y += 20
        drawn.append(shapes.text((8, y), shorten(clean(row.label, 80), 56), size=17, bold=row.main))
        middle = y + 6 + _LINE / 2
        ground = "#eef1f3" if row.main else "#f6f7f8"
        drawn.append(shapes.box((frame.left - 2, middle - _LINE / 2), frame.edge - frame.left + 4, _LINE, fill=ground))
        shown = [cell for cell in row.cells if cell.period.slot >= frame.first]
        drawn += [_cell(cell, (frame.x(cell.period.slot), middle), frame) for cell in shown]
        y = middle + _LINE / 2 + 4
    frame = _frame(strip, top, y + 2 - top)
    axis = shapes.line((frame.left, frame.foot), (frame.edge, frame.foot), colour=shapes.GREY)
    return frame.foot, [*drawn, axis, *periods_under(strip.last, frame)]


def _frame(strip: Strip, top: float, height: float) -> Frame:
    nothing = Axis(low=0.0, high=1.0, ticks=())
    first, last = strip.first.slot, strip.last.slot
    return Frame(left=8, right=WIDTH - 36, top=top, axis=nothing, first=first, last=last, plot=height)


def _cell(cell: Cell, at: shapes.Point, frame: Frame) -> str:
    said = f"{cell.period.words}: {cell.state.value}"
    if cell.signals and cell.state is not State.UNSETTLED:
        said += f" ({', '.join(cell.signals)})"
    found = sign_of(cell.state, cell.signals)
    size = max(3.5, min(8.0, frame.step * 0.55))
    if found is not None:
        drawn = sign(found[0], at, size, fill_of(cell.state))
    else:
        drawn = _plain(cell.state, at, frame.step)
    return f"<g>{shapes.element('title', escape(said))}{drawn}</g>"


def _plain(state: State, at: shapes.Point, step: float) -> str:
    """The sign of a state in which nothing stands out."""
    x, y = at
    wide = max(1.6, min(4.0, step * 0.26))
    match state:
        case State.UNKNOWN:
            return shapes.line((x - wide, y), (x + wide, y), colour=shapes.GREY, width=2)
        case State.LEARNING:
            ring: dict[str, str | float] = {"fill": "none", "stroke": shapes.GREY, "stroke_dasharray": "2 2"}
            return shapes.element("circle", cx=x, cy=y, r=wide, stroke_width=1.2, **ring)
        case State.UNSETTLED:
            return shapes.dot(at, wide, hollow=True)
        case State.MUTED:
            arms = [shapes.line((x - 4, y - s * 4), (x + 4, y + s * 4), colour="#8a9299", width=2) for s in (1, -1)]
            return "".join(arms)
        case _:
            return shapes.dot(at, wide)


def _legend(strips: Sequence[Strip], quiet: str) -> list[Item]:
    cells = [cell for strip in strips for row in strip.rows for cell in row.cells]
    items: list[Item] = []
    seen = {cell.state for cell in cells}
    for state, words in _WORDS.items():
        if state in seen:
            items.append((_swatch(state), quiet if state is State.QUIET else words))
    signs = {told for cell in cells if (told := sign_of(cell.state, cell.signals)) is not None}
    for shape in sorted({shape for shape, _ in signs}):
        items.append((_sign(shape, "full"), " / ".join(sorted(words for other, words in signs if other == shape))))
    if State.IMPROVEMENT in seen:
        items.append((_sign("diamond", "hollow"), "hollow: on the better side"))
    if State.PENDING in seen:
        items.append((_sign("diamond", "grey"), "grey: not long enough yet"))
    return items


def _swatch(state: State) -> Callable[[float, float], str]:
    return lambda x, y: _plain(state, (x + 12, y - 6), 14)


def _sign(shape: str, fill: Fill) -> Callable[[float, float], str]:
    return lambda x, y: sign(shape, (x + 12, y - 6), 7.5, fill)


def _said(strip: Strip) -> str:
    """A strip in sentences, for those who do not see it."""
    return f"{strip.title}, {strip.first.words} to {strip.last.words}: " + "; ".join(map(_row_said, strip.rows)) + "."


def _row_said(row: StripRow) -> str:
    wrong = [cell for cell in row.cells if cell.state.notable]
    if not wrong:
        return f"{row.label}: nothing stands out"
    return f"{row.label}: {len(wrong)} of {len(row.cells)} stand out, the newest {wrong[-1].period.words}"
