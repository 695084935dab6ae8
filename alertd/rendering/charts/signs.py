"""The signs of an analyst's chart: one shape for each kind of signal, and a fill for what it means; never colour alone."""

from typing import Literal

from alertd.core.verdicts import State
from alertd.rendering.charts import shapes

Fill = Literal["full", "hollow", "grey"]
"""A concern or a change; an improvement; a condition that has not held long enough."""

_SHAPES = {
    "astronomical": ("diamond", "beyond its range"),
    "limit": ("diamond", "past the agreed level"),
    "surge": ("diamond", "above what the season makes usual"),
    "outlier": ("diamond", "outside its peers"),
    "change": ("diamond", "changed by as much as was agreed"),
    "failed": ("diamond", "failed"),
    "grade": ("diamond", "a grade that fires"),
    "drift": ("diamond", "small moves add up"),
    "late": ("diamond", "late"),
    "all_of": ("diamond", "every part has fired"),
    "any_of": ("diamond", "a part has fired"),
    "missing": ("cross", "missing where others are there"),
    "overdue": ("cross", "overdue"),
    "shrunk": ("plus", "far fewer series than usual"),
    "shift": ("square", "a run on one side"),
    "run_length": ("square", "too long a run on one side"),
    "trend": ("triangle", "a run that moves one way"),
    "two_in_three": ("plus", "two of three near the edge"),
    "four_in_five": ("cross", "four of five well away"),
    "crossings": ("hourglass", "crosses its level too seldom"),
    "alternating": ("hourglass", "up and down in turn"),
    "stratified": ("bar", "varies less than usual"),
    "eight_outside": ("star", "none near its level"),
}
"""By signal, the most telling first: the shape, and what the legend says."""
HELD = ("ring", "not cleared yet")
"""An exception that its `clear` condition keeps open."""


def sign_of(state: State, signals: tuple[str, ...]) -> tuple[str, str] | None:
    """The shape and the words of a point's most telling signal; None where nothing stands out."""
    if not state.notable and state is not State.PENDING:
        return None
    return next((sign for name, sign in _SHAPES.items() if name in signals), HELD if state.notable else None)


def fill_of(state: State) -> Fill:
    """How a point's sign is filled."""
    return "hollow" if state is State.IMPROVEMENT else "grey" if state is State.PENDING else "full"


def sign(shape: str, at: shapes.Point, size: float, fill: Fill = "full", *, down: bool = False) -> str:
    """A sign, about `size` from its middle to its edge."""
    x, y = at
    paper = {"full": shapes.INK, "hollow": shapes.PAPER, "grey": "#b1b4b6"}[fill]
    edge = shapes.PAPER if fill == "full" else shapes.INK
    width = 1.5 if fill == "full" else 2.2
    if shape == "ring":
        outer = shapes.element("circle", cx=x, cy=y, r=size * 0.8, fill=shapes.PAPER, stroke=shapes.INK, stroke_width=2)
        return outer + shapes.element("circle", cx=x, cy=y, r=size * 0.35, fill=shapes.INK)
    points = [(x + size * dx, y + size * (-dy if down and shape == "triangle" else dy)) for dx, dy in _OUTLINES[shape]]
    joined = " ".join(f"{a:.1f},{b:.1f}" for a, b in points)
    return shapes.element("polygon", points=joined, fill=paper, stroke=edge, stroke_width=width)


def _cross(turned: bool) -> tuple[tuple[float, float], ...]:
    arm, wide = 1.05, 0.36
    plus = (
        *((-wide, -arm), (wide, -arm), (wide, -wide), (arm, -wide), (arm, wide), (wide, wide)),
        *((wide, arm), (-wide, arm), (-wide, wide), (-arm, wide), (-arm, -wide), (-wide, -wide)),
    )
    return tuple(((a - b) * 0.7071, (a + b) * 0.7071) for a, b in plus) if turned else plus


_OUTLINES = {
    "diamond": ((0, -1.1), (1.1, 0), (0, 1.1), (-1.1, 0)),
    "square": ((-0.8, -0.8), (0.8, -0.8), (0.8, 0.8), (-0.8, 0.8)),
    "triangle": ((0, -1.05), (1.0, 0.8), (-1.0, 0.8)),
    "hourglass": ((-0.9, -0.9), (0.9, -0.9), (0.15, 0), (0.9, 0.9), (-0.9, 0.9), (-0.15, 0)),
    "bar": ((-1.1, -0.35), (1.1, -0.35), (1.1, 0.35), (-1.1, 0.35)),
    "plus": _cross(turned=False),
    "cross": _cross(turned=True),
    "star": (
        *((0, -1.2), (0.35, -0.4), (1.2, -0.35), (0.55, 0.2), (0.75, 1.05)),
        *((0, 0.55), (-0.75, 1.05), (-0.55, 0.2), (-1.2, -0.35), (-0.35, -0.4)),
    ),
}
