"""Charts: one model, drawn as SVG, turned into PNG for mail, and put into words for those who do not see it."""

from alertd.rendering.charts.alt import alt_text
from alertd.rendering.charts.drawing import Drawing, draw
from alertd.rendering.charts.png import png

__all__ = ["Drawing", "alt_text", "draw", "png"]
