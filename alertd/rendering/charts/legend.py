"""What the signs on a chart mean: only those that are on it; and the dated remarks, by their letters."""

from collections.abc import Callable, Sequence

from alertd.core.findings import Chart, ChartNote, ChartPoint
from alertd.core.periods import Period
from alertd.rendering.charts import shapes
from alertd.rendering.clean import clean, shorten
from alertd.rendering.figures import authored, known

ROW_HEIGHT = 27
NOTE_HEIGHT = 25
_TEXT = 18
_SWATCH = 24
_GAP = 20

LETTERS = "ABCDEFGHJKLM"
"""What dated remarks are known by, in their order."""
Row = Callable[[float, float], str]
"""Draws itself at a left edge and a base line."""
Item = tuple[Callable[[float, float], str], str]
"""A sign, drawn at a left edge and a base line, and what it means."""


def legend_rows(
    chart: Chart, points: Sequence[ChartPoint], *, agreed: bool, width: int, usual: str = "usual range"
) -> list[Row]:
    """The legend in as many rows as it needs."""
    return packed(_items(chart, points, agreed, usual), width)


def packed(items: Sequence[Item], width: int) -> list[Row]:
    """Signs with their meanings, in as many rows as they need."""
    rows: list[list[tuple[float, Item]]] = []
    used = float(width)
    for item in items:
        wide = _SWATCH + 8 + shapes.width_of(item[1], _TEXT)
        if used + wide > width - 16:
            rows.append([])
            used = 0.0
        rows[-1].append((used, item))
        used += wide + _GAP
    return [_row(row) for row in rows]


def note_rows(notes: Sequence[tuple[Period, ChartNote]], width: int) -> list[Row]:
    """The dated remarks under a chart, one a row."""
    rows: list[Row] = []
    for letter, (period, note) in zip(LETTERS, notes, strict=False):
        words = f"{period.words}: {clean(note.text, 120)}"
        rows.append(_note(letter, shorten(words, int((width - 50) / (_TEXT * 0.54)))))
    return rows


def _items(chart: Chart, points: Sequence[ChartPoint], agreed: bool, usual: str) -> list[Item]:
    limited = known(chart.lower) is not None or known(chart.upper) is not None
    items: list[Item] = []
    if limited and agreed:
        items.append((lambda x, y: stroke(x, y, "9 5", 2), "agreed level"))
    elif limited:
        items.append((band, usual))
    elif known(chart.centre) is not None:
        items.append(
            (lambda x, y: shapes.line((x, y - 6), (x + _SWATCH, y - 6), colour=shapes.EDGE, width=1.5), "usual level")
        )
    if chart.baseline_from and chart.baseline_to and not agreed and (limited or known(chart.centre) is not None):
        items.append((_bracket, f"taken from these {chart.grain.words}s"))
    for kind, words in (("exception", "exception"), ("improvement", "better than usual"), ("changed", "change")):
        if any(point.mark == kind for point in points):
            items.append((_mark(kind), words))
    if chart.reference is not None and known(chart.reference.value) is not None:
        words = f"{authored(chart.reference.value, chart.unit)}, {clean(chart.reference.label, 60)}"
        items.append((lambda x, y: stroke(x, y, "2 5", 1.5), shorten(words, 46)))
    if any(not point.settled and known(point.value) is not None and not point.hidden for point in points):
        items.append((lambda x, y: shapes.dot((x + 12, y - 6), 4.2, hollow=True), "may still change"))
    if any(point.hidden for point in points):
        items.append((lambda x, y: shapes.box((x + 6, y - 9), 12, 5, fill=shapes.GREY), "too small to show"))
    return items


def _row(items: Sequence[tuple[float, Item]]) -> Row:
    def drawn(x: float, y: float) -> str:
        return "".join(
            swatch(x + left, y) + shapes.text((x + left + _SWATCH + 8, y), words, size=_TEXT, colour=shapes.INK)
            for left, (swatch, words) in items
        )

    return drawn


def _note(letter: str, words: str) -> Row:
    def drawn(x: float, y: float) -> str:
        return shapes.badge((x, y), letter) + shapes.text((x + 30, y), words, size=_TEXT)

    return drawn


def band(x: float, y: float) -> str:
    """The sign of a range."""
    edges = [shapes.line((x, y - shift), (x + _SWATCH, y - shift), colour=shapes.EDGE, width=2) for shift in (0, 14)]
    return shapes.box((x, y - 14), _SWATCH, 14, fill=shapes.BAND) + "".join(edges)


def _level(x: float, y: float) -> str:
    return shapes.line((x, y - 6), (x + _SWATCH, y - 6), colour=shapes.EDGE, width=1.5)


def _bracket(x: float, y: float) -> str:
    return shapes.line((x, y - 6), (x + _SWATCH, y - 6), colour=shapes.EDGE, width=5)


def _mark(kind: str) -> Callable[[float, float], str]:
    return lambda x, y: shapes.mark(kind, (x + 12, y - 7), 9)


def stroke(x: float, y: float, dashes: str, width: float) -> str:
    """The sign of a dashed line."""
    return shapes.line((x, y - 6), (x + _SWATCH + 4, y - 6), colour=shapes.INK, width=width, dashes=dashes)
