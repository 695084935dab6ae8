"""An analyst's chart as SVG: the whole past of some series, one below the other, with what judged each period."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from alertd.core.panels import Panel
from alertd.core.periods import in_sentence
from alertd.core.series import series_words
from alertd.core.summary import figure
from alertd.core.verdicts import State
from alertd.rendering.charts import shapes
from alertd.rendering.charts.drawing import Drawing
from alertd.rendering.charts.frame import WIDTH
from alertd.rendering.charts.history_plot import looks_of, plotted
from alertd.rendering.charts.legend import LETTERS, NOTE_HEIGHT, ROW_HEIGHT, Item, Row, band, packed, stroke
from alertd.rendering.charts.signs import fill_of, sign, sign_of
from alertd.rendering.clean import clean, shorten
from alertd.rendering.figures import authored

MOST_PANELS = 12
_ALONE, _AMONG_OTHERS = 230.0, 130.0
_NAMES = {
    "spc": "usual range", "seasonal": "usual range", "drift": "limits of what adds up", "change": "no change told within",
    "funnel": "range of its peers",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """What stands over and under a picture."""

    marking: str
    title: str
    how: str
    """How the rule judges, in a line."""
    foot: str
    """Which rule of which instance, and as of when."""


class Sheet:
    """A picture that grows downwards."""

    def __init__(self, heading: Heading) -> None:
        self._drawn: list[str] = []
        self._heading = heading
        self.y = 6.0
        self.words(heading.marking, size=16, bold=True)
        self.words(heading.title, size=23, bold=True)
        self.words(heading.how, size=17, colour=shapes.GREY)

    def words(self, text: str, *, size: float, bold: bool = False, colour: str = shapes.INK) -> None:
        """Words in as many lines as they need."""
        for line in lines_of(text, size, WIDTH - 16, bold=bold):
            self.y += size * 1.3
            self._drawn.append(shapes.text((8, self.y), line, size=size, bold=bold, colour=colour))

    def rows(self, rows: Iterable[Row], height: float) -> None:
        """Rows of a legend or of dated remarks."""
        for row in rows:
            self.y += height
            self._drawn.append(row(8, self.y))

    def remark(self, letter: str, text: str) -> None:
        """A dated remark, behind its letter."""
        for number, line in enumerate(lines_of(text, 18, WIDTH - 50)):
            self.y += NOTE_HEIGHT
            if not number:
                self._drawn.append(shapes.badge((8, self.y), letter))
            self._drawn.append(shapes.text((38, self.y), line, size=18))

    def put(self, drawn: Iterable[str], to: float) -> None:
        """Something drawn from here down to `to`."""
        self._drawn.extend(drawn)
        self.y = to

    def finished(self, label: str, description: str) -> Drawing:
        """The picture; `label` and `description` are for those who do not see it."""
        self.y += 8
        self.words(self._heading.foot, size=16, colour=shapes.GREY)
        height = round(self.y + 14)
        head = shapes.element("title", escape(clean(label)), id="title") + shapes.element(
            "desc", escape(clean(description, 2000)), id="desc"
        )
        body = head + shapes.box((0, 0), WIDTH, height, fill=shapes.PAPER) + "".join(self._drawn)
        attributes = {"viewBox": f"0 0 {WIDTH} {height}", "role": "img", "aria_labelledby": "title desc"}
        svg = shapes.element("svg", body, xmlns="http://www.w3.org/2000/svg", width=WIDTH, height=height, **attributes)
        return Drawing(svg=svg, width=WIDTH, height=height)


def draw_history(panels: Sequence[Panel], heading: Heading) -> Drawing:
    """Draw the past of some series of one rule, each on its own scale."""
    sheet = Sheet(heading)
    sheet.y += 6
    sheet.rows(packed(_legend(panels), WIDTH), ROW_HEIGHT)
    alone = len(panels) == 1
    for panel in panels:
        sheet.y += 12
        sheet.words(headline(panel), size=20, bold=True)
        if panel.left_out:
            sheet.words(f"The newest {len(panel.spots):,} of {panel.left_out + len(panel.spots):,} periods", size=16)
        for look in looks_of(panel):
            top = sheet.y + (40 if look.label else 18)
            drawn, frame = plotted(
                panel, look, top=top, height=_ALONE if alone and look.name == "value" else _AMONG_OTHERS
            )
            sheet.put(drawn, frame.foot + 56)
        if panel is panels[-1] or panel.notes != panels[-1].notes:  # the same ones are written once
            for letter, (period, note) in zip(LETTERS, panel.notes, strict=False):
                sheet.remark(letter, f"{period.words}: {note.text}")
    if not alone:
        sheet.y += 8
        sheet.words("Each series is drawn on its own scale.", size=16, colour=shapes.GREY)
    label = f"{heading.title}: {', '.join(series_words(panel.series) for panel in panels)}"
    return sheet.finished(label, " ".join(_described(panel) for panel in panels))


def headline(panel: Panel) -> str:
    """What is drawn, and how it stands: `Brunford: exception at September 2021, 74.2%`."""
    place = clean(series_words(panel.series), 70) if panel.series else "Whole force"
    verdict = panel.judged
    if verdict is None:
        return f"{place}: no settled period"
    said = "" if verdict.value != verdict.value else f", {figure(verdict.value, panel.measure)}"
    return f"{place}: {verdict.state.value} at {in_sentence(verdict.period)}{said}"


def lines_of(text: str, size: float, width: float, *, bold: bool = False) -> list[str]:
    """Text in lines that are as wide as may be; at most four."""
    lines: list[str] = []
    for word in clean(text, 400).split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and shapes.width_of(longer, size, bold=bold) * (1.08 if bold else 0.97) <= width:
            lines[-1] = longer
        else:
            lines.append(shorten(word, 60))
    return lines[:4]


def _legend(panels: Sequence[Panel]) -> list[Item]:
    spots = [spot for panel in panels for spot in panel.spots]
    kind, measure = panels[0].kind, panels[0].measure
    items: list[Item] = []
    if kind not in ("threshold", "rating", "forecast") and any(
        s.lower is not None or s.upper is not None for s in spots
    ):
        name = _NAMES.get(kind, "usual range")
        items.append((band, f"{name}{'' if kind == 'change' else ', as each period was judged'}"))
    if kind not in ("change", "forecast") and any(spot.centre is not None for spot in spots):
        items.append((_thin, "expected" if kind == "seasonal" else "usual level"))
    if any(panel.baseline for panel in panels):
        items.append((_bracket, f"the newest is judged by these {measure.grain.words}s"))
    for level in {level.words: level for level in panels[0].levels}.values():
        items.append((_dashes("9 5" if level.words.startswith("fires") else "12 4 2 4"), level.words))
    items += _signs(panels)
    if measure.reference is not None and any(spot.reference is not None for spot in spots):
        where = "" if measure.reference.value is None else f"{authored(measure.reference.value, measure.unit)}, "
        items.append((_dashes("2 5", 1.5), shorten(f"{where}{clean(measure.reference.label, 60)}", 46)))
    if any(spot.state is State.UNSETTLED and spot.value is not None for spot in spots):
        items.append((lambda x, y: shapes.dot((x + 12, y - 6), 4.2, hollow=True), "may still change"))
    if any(spot.state is State.MUTED and spot.value is not None for spot in spots):
        items.append((_out, "left out, or told to nobody"))
    if any(spot.value is None and not spot.hidden and spot.state is State.UNKNOWN for spot in spots):
        items.append(
            (lambda x, y: shapes.line((x + 12, y - 11), (x + 12, y - 3), colour=shapes.GREY, width=3), "no figure")
        )
    if any(spot.hidden for spot in spots):
        items.append((lambda x, y: shapes.box((x + 6, y - 9), 12, 5, fill=shapes.GREY), "too small to show"))
    return items


def _signs(panels: Sequence[Panel]) -> list[Item]:
    """What each sign on the picture means."""
    found: dict[tuple[str, str, bool], Item] = {}
    fills = set()
    for panel in panels:
        for spot in panel.spots:
            told = None if spot.hidden else sign_of(spot.state, spot.signals)
            if told is None:
                continue
            shape, words = told
            down = shape == "triangle" and not spot.rising
            fills.add(fill_of(spot.state))
            found.setdefault((shape, words, down), (_sign(shape, down), words))
    items = [found[key] for key in sorted(found)]
    if "hollow" in fills:
        items.append((lambda x, y: sign("diamond", (x + 12, y - 6), 7.5, "hollow"), "hollow: on the better side"))
    if "grey" in fills:
        items.append((lambda x, y: sign("diamond", (x + 12, y - 6), 7.5, "grey"), "grey: not long enough yet"))
    return items


def _described(panel: Panel) -> str:
    """A panel in sentences, for those who do not see it."""
    there = [spot for spot in panel.spots if spot.value is not None]
    said = f"{headline(panel)}."
    if panel.spots:
        first, last = panel.spots[0].period, panel.spots[-1].period
        said += f" {len(panel.spots)} {panel.measure.grain.words}s from {in_sentence(first)} to {in_sentence(last)}"
        missing = sum(spot.value is None and not spot.hidden for spot in panel.spots)
        said += f", {missing} without a figure." if missing else "."
    if there:
        low, high = min(there, key=lambda s: s.value or 0.0), max(there, key=lambda s: s.value or 0.0)
        said += (
            f" Lowest {figure(low.value or 0.0, panel.measure)} in {low.period.words}, "
            f"highest {figure(high.value or 0.0, panel.measure)} in {high.period.words}."
        )
    notable = [spot for spot in panel.spots if spot.state.notable and not spot.hidden]
    if notable:
        newest = notable[-1]
        why = ", ".join(newest.signals) or "not cleared"
        said += f" {len(notable)} stood out, the newest of them {newest.period.words} ({why})."
    return said


def _sign(shape: str, down: bool) -> Row:
    return lambda x, y: sign(shape, (x + 12, y - 6), 7.5, down=down)


def _dashes(dashes: str, width: float = 2) -> Row:
    return lambda x, y: stroke(x, y, dashes, width)


def _thin(x: float, y: float) -> str:
    return shapes.line((x, y - 6), (x + 24, y - 6), colour=shapes.EDGE, width=1.5)


def _bracket(x: float, y: float) -> str:
    return shapes.line((x, y - 6), (x + 24, y - 6), colour=shapes.EDGE, width=5)


def _out(x: float, y: float) -> str:
    return "".join(
        shapes.line((x + 8, y - 6 - s * 4), (x + 16, y - 6 + s * 4), colour="#8a9299", width=2) for s in (1, -1)
    )
