"""Small functions that write SVG: elements, text, lines and the marks that tell points apart by shape."""

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

INK = "#0b0c0c"
GREY = "#505a5f"
BAND = "#d9e7f4"
EDGE = "#6f8fae"
LINE = "#1d5a96"
PAPER = "#ffffff"
FONT = "DejaVu Sans, Verdana, Arial, sans-serif"

Point = tuple[float, float]
Box = tuple[float, float, float, float]
"""Left, top, right, foot."""
BADGE = (20.0, 22.0)


def element(name: str, content: str | None = None, /, **attributes: str | float) -> str:
    """One element; an underscore in an attribute's name stands for a hyphen, and one at its end is dropped."""
    written = "".join(
        f" {key.rstrip('_').replace('_', '-')}={quoteattr(_value(value))}" for key, value in attributes.items()
    )
    return f"<{name}{written}/>" if content is None else f"<{name}{written}>{content}</{name}>"


def text(
    at: Point,
    words: str,
    *,
    size: float,
    anchor: str = "start",
    colour: str = INK,
    bold: bool = False,
    halo: bool = False,
) -> str:
    """Text at a point of its base line; a halo keeps it readable where it crosses lines."""
    extra: dict[str, str | float] = {"font_weight": "bold"} if bold else {}
    if halo:
        extra |= {"paint_order": "stroke", "stroke": PAPER, "stroke_width": 5, "stroke_linejoin": "round"}
    return element(
        "text",
        escape(words),
        x=at[0],
        y=at[1],
        font_family=FONT,
        font_size=size,
        text_anchor=anchor,
        fill=colour,
        **extra,
    )


def line(start: Point, end: Point, *, colour: str = GREY, width: float = 1.5, dashes: str = "") -> str:
    """A straight line."""
    extra = {"stroke_dasharray": dashes} if dashes else {}
    return element("line", x1=start[0], y1=start[1], x2=end[0], y2=end[1], stroke=colour, stroke_width=width, **extra)


def path(points: Sequence[Point], *, colour: str = LINE, width: float = 2.5, dashes: str = "") -> str:
    """A line through points in their order."""
    extra = {"stroke_dasharray": dashes} if dashes else {}
    joined = " ".join(f"{_value(x)},{_value(y)}" for x, y in points)
    return element(
        "polyline", points=joined, fill="none", stroke=colour, stroke_width=width, stroke_linejoin="round", **extra
    )


def box(at: Point, width: float, height: float, *, fill: str, **more: str | float) -> str:
    """A filled rectangle."""
    return element("rect", x=at[0], y=at[1], width=max(0.0, width), height=max(0.0, height), fill=fill, **more)


def mark(kind: str, at: Point, size: float) -> str:
    """The mark of a notable point: a diamond, a star or a square, each told apart without colour."""
    x, y = at
    ring: dict[str, str | float] = {"stroke": PAPER, "stroke_width": 2, "fill": INK}
    if kind == "exception":
        return _polygon([(x, y - size), (x + size, y), (x, y + size), (x - size, y)], **ring)
    if kind == "improvement":
        return _polygon([(x + size * dx, y + size * dy) for dx, dy in _STAR], **ring)
    side = size * 0.8
    return box((x - side, y - side), 2 * side, 2 * side, **{"fill": INK, "stroke": PAPER, "stroke_width": 2})  # type: ignore[arg-type]


def dot(at: Point, radius: float, *, hollow: bool = False) -> str:
    """An ordinary point; hollow where its figure may still move."""
    return element(
        "circle",
        cx=at[0],
        cy=at[1],
        r=radius,
        fill=PAPER if hollow else LINE,
        stroke=LINE,
        stroke_width=2 if hollow else 0,
    )


def badge(at: Point, letter: str) -> str:
    """A letter in a dark box, with its base line and left edge at a point."""
    name = text((at[0] + 10, at[1]), letter, size=16, anchor="middle", colour=PAPER, bold=True)
    return box((at[0], at[1] - 17), 20, 22, fill=INK) + name


def width_of(words: str, size: float, *, bold: bool = False) -> float:
    """About how wide a text is drawn; a little too wide rather than too narrow."""
    return sum(_widths(character) for character in words) * size * (1.12 if bold else 1.0)


_STAR = (
    *((0, -1.2), (0.35, -0.4), (1.2, -0.35), (0.55, 0.2), (0.75, 1.05)),
    *((0, 0.55), (-0.75, 1.05), (-0.55, 0.2), (-1.2, -0.35), (-0.35, -0.4)),
)


def _polygon(points: Sequence[Point], **attributes: str | float) -> str:
    return element("polygon", points=" ".join(f"{_value(x)},{_value(y)}" for x, y in points), **attributes)


def _widths(character: str) -> float:
    if character in "ijl.,:;'|! ()I-":
        return 0.34
    if character in "rtf":
        return 0.42
    return 0.95 if character in "mwMW%@" else 0.58 if character in "csvxyzk" else 0.64


def _value(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.1f}".removesuffix(".0")
