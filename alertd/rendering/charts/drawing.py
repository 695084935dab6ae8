"""The chart as SVG: the line, its usual range, marks by shape, dated remarks; readable in greyscale on a small screen."""

from dataclasses import dataclass
from xml.sax.saxutils import escape

from alertd.core.findings import Chart
from alertd.rendering.charts import labels, layers, shapes
from alertd.rendering.charts.frame import TEXT, WIDTH, Frame, Placed, edges, placed, visible_notes
from alertd.rendering.charts.legend import NOTE_HEIGHT, ROW_HEIGHT, legend_rows, note_rows
from alertd.rendering.charts.scale import axis_for
from alertd.rendering.clean import clean
from alertd.rendering.figures import is_percent, known
from alertd.rendering.judged import shown_value

_MARGIN = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A drawn chart: SVG text, and its size in CSS pixels."""

    svg: str
    width: int
    height: int


def draw(
    chart: Chart,
    *,
    label: str,
    agreed: bool,
    counted: bool = False,
    stretch: tuple[str, str] | None = None,
    usual: str = "usual range",
) -> Drawing:
    """Draw a chart; `label` is its text for those who do not see it, `agreed` says that its limits are an agreed level.

    `stretch` is the first and the last period of the exception that is told of, where there is one; `usual` is what the
    legend calls the range.
    """
    points = placed(chart) if agreed else layers.seen(chart, placed(chart), stretch)
    unit = "" if is_percent(chart.unit) else clean(chart.unit or "", 40)
    legend = legend_rows(chart, [point for _, point in points], agreed=agreed, width=WIDTH, usual=usual)
    newest = labels.newest_words(chart, points, counted)
    frame = _frame(
        chart, points, top=len(legend) * ROW_HEIGHT + (32 if unit else 16), beside=labels.room_for(newest, points)
    )
    notes = visible_notes(chart, points)
    written = labels.newest_box(newest, points, frame)
    below = note_rows(notes, WIDTH)
    height = round(frame.foot + 60 + len(below) * NOTE_HEIGHT + (12 if below else 0))
    drawn = [
        shapes.box((0, 0), WIDTH, height, fill=shapes.PAPER),
        *(row(8, index * ROW_HEIGHT + 22) for index, row in enumerate(legend)),
        shapes.text((frame.left, frame.top - 9), unit, size=17, colour=shapes.GREY) if unit else "",
        *layers.limits(chart, frame, agreed),
        *layers.axis(frame),
        *layers.reference(chart, frame),
        *layers.remarks(notes, frame, [*layers.busy_boxes(points, frame), *([written] if written else [])]),
        *layers.line(points, frame),
        *layers.marks(points, frame),
        *labels.newest(newest, points, frame),
        *labels.across(chart, points, frame),
        *(row(8, frame.foot + 82 + index * NOTE_HEIGHT) for index, row in enumerate(below)),
    ]
    body = shapes.element("title", escape(label)) + "".join(drawn)
    attributes = {"viewBox": f"0 0 {WIDTH} {height}", "role": "img", "aria_label": label}
    svg = shapes.element("svg", body, xmlns="http://www.w3.org/2000/svg", width=WIDTH, height=height, **attributes)
    return Drawing(svg=svg, width=WIDTH, height=height)


def _frame(chart: Chart, points: list[Placed], *, top: float, beside: float) -> Frame:
    reference = known(chart.reference.value) if chart.reference is not None else None
    values = [*(shown_value(point) for _, point in points), *edges(chart), known(chart.centre), reference]
    figures = [value for value in values if value is not None]
    axis = axis_for(figures, least=known(chart.minimum), most=known(chart.maximum), percent=is_percent(chart.unit))
    left = max((shapes.width_of(words, TEXT) for _, words in axis.ticks), default=20.0) + 12
    slots = [period.slot for period, _ in points] or [0]
    right = WIDTH - max(_MARGIN, beside + 22)
    return Frame(left=left, right=right, top=top, axis=axis, first=slots[0], last=slots[-1])
