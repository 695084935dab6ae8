"""The picture: what is on it, and that no series can break it."""

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alertd.core.findings import Chart, ChartNote, ChartPoint
from alertd.core.measures import Reference
from alertd.core.periods import Grain, Period
from alertd.rendering.charts import alt_text, draw, png
from alertd.rendering.families import range_words
from alertd.rendering.renderer import drawing_of
from tests.edges.rendering.pictures import chart
from tests.edges.rendering.samples import changed, finding, gap, improvement, outlier, surge, threshold

SVG = "{http://www.w3.org/2000/svg}"


def drawn(told: Chart, *, agreed: bool = False, usual: str = "usual range") -> ElementTree.Element:
    """The chart as a tree of elements."""
    return ElementTree.fromstring(draw(told, label="a chart", agreed=agreed, usual=usual).svg)


def words(tree: ElementTree.Element) -> list[str]:
    """Every text on the chart."""
    return [element.text or "" for element in tree.iter(f"{SVG}text")]


def test_the_alternative_text_says_what_the_picture_shows() -> None:
    assert (
        alt_text(finding()) == "Line chart of 31 months; March 2022 at 73.8% lies below the usual range 80.9% to 99.5%"
    )
    assert alt_text(threshold()).endswith(
        "March 2022 at 83.1% lies below 85%, the agreed level, for the second month running"
    )
    assert "one month without a figure" in alt_text(changed())


def test_a_missing_period_breaks_the_line() -> None:
    """R11."""
    whole = drawn(chart([1, 2, 3, 4, 5]))
    broken = drawn(chart([1, 2, None, 4, 5]))
    assert len(list(whole.iter(f"{SVG}polyline"))) == 1
    assert len(list(broken.iter(f"{SVG}polyline"))) == 2


def test_periods_that_have_no_point_at_all_break_the_line_too() -> None:
    told = chart([1, 2, 3, 4, 5])
    absent = told.model_copy(update={"points": (*told.points[:2], *told.points[3:])})
    assert len(list(drawn(absent).iter(f"{SVG}polyline"))) == 2


def test_kinds_of_exception_differ_by_shape_and_are_in_the_legend() -> None:
    """R35: no meaning by colour alone."""
    marks = {
        name: drawn(chart([5.0] * 24 + [9.0], marks={-1: name}, lower=4, upper=6, centre=5))
        for name in ("exception", "improvement", "changed")
    }
    shapes = {
        name: (
            [len((polygon.get("points") or "").split()) for polygon in tree.iter(f"{SVG}polygon")],
            sum(box.get("stroke") is not None for box in tree.iter(f"{SVG}rect")),
        )
        for name, tree in marks.items()
    }
    assert shapes == {"exception": ([4, 4], 0), "improvement": ([10, 10], 0), "changed": ([], 2)}
    assert "exception" in words(marks["exception"])
    assert "better than usual" in words(marks["improvement"])


def test_the_newest_settled_figure_is_written_beside_its_point() -> None:
    told = chart([11.0, 12.0, 13.0])
    unsettled = told.model_copy(
        update={"points": (*told.points[:2], told.points[2].model_copy(update={"settled": False}))}
    )
    assert "13" in words(drawn(told))
    assert "12" in words(drawn(unsettled))
    assert "may still change" in words(drawn(unsettled))


def test_dated_remarks_and_the_reference_are_named_on_the_picture() -> None:
    told = finding().chart
    assert told is not None
    shown = words(drawn(told))
    assert "April 2021: New command and control system" in shown
    assert "90%, the force's own ambition" in shown
    assert "A" in shown
    assert "usual range" in shown
    dashed = [line for line in drawn(told).iter(f"{SVG}line") if line.get("stroke-dasharray") == "6 4"]
    assert len(dashed) == 1


def test_a_level_without_a_range_is_in_the_legend_with_the_periods_that_it_is_from() -> None:
    told = finding().chart
    assert told is not None
    level = told.model_copy(update={"lower": None, "upper": None})
    assert {"usual level", "taken from these months"} <= set(words(drawn(level)))
    assert "usual range" not in words(drawn(level))
    assert not {"usual level", "usual range"} & set(words(drawn(level.model_copy(update={"centre": None}))))


def test_what_is_usual_of_a_season_or_among_places_is_called_so_in_the_legend() -> None:
    """R14: earlier periods of a year have another usual range than the one that is drawn."""
    assert range_words(surge()) == "usual for this time of year"
    assert range_words(surge(recent=True)) == "usual range"
    assert range_words(outlier()) == "range of the others"
    told = surge().chart
    assert told is not None
    assert "usual for this time of year" in words(drawn(told, usual="usual for this time of year"))


def test_an_agreed_level_is_a_line_and_not_a_range() -> None:
    told = threshold().chart
    assert told is not None
    assert "agreed level" in words(drawn(told, agreed=True))
    assert "usual range" not in words(drawn(told, agreed=True))


def test_ticks_never_run_past_what_the_measure_can_be() -> None:
    told = chart(
        [97.0, 99.0, 100.0, 98.0] * 6, lower=95.0, upper=104.0, centre=98.5, unit="percent", minimum=0, maximum=100
    )
    ticks = [float(word.rstrip("%")) for word in words(drawn(told)) if re.fullmatch(r"[\d.]+%", word)]
    assert max(ticks) <= 100


def test_no_more_than_sixty_periods_are_drawn() -> None:
    tree = drawn(chart([float(n % 7) for n in range(200)]))
    assert len(list(tree.iter(f"{SVG}circle"))) == 60


def test_text_is_large_enough_where_the_picture_is_320_pixels_wide() -> None:
    for told in (finding(), changed(), improvement(), threshold()):
        assert told.chart is not None
        sizes = [float(element.get("font-size") or 0) for element in drawn(told.chart).iter(f"{SVG}text")]
        assert min(sizes) * 320 / 600 >= 8.5


def test_the_picture_is_a_png_whose_text_is_drawn_by_the_shipped_font() -> None:
    told = finding().chart
    assert told is not None
    with_text = draw(told, label="x", agreed=False).svg
    without = re.sub(r"<text.*?</text>", "", with_text)
    assert png(with_text, 600).startswith(b"\x89PNG")
    assert len(png(with_text, 600)) > len(png(without, 600)) * 1.3


_FIGURE = (
    st.none()
    | st.floats(allow_nan=True, allow_infinity=True)
    | st.integers(-100, 100).map(float)
    | st.sampled_from([0.0, 5e-324, 1.7e308, -1.7e308])
)


@given(
    grain=st.sampled_from(Grain),
    values=st.lists(_FIGURE, max_size=70),
    limits=st.tuples(_FIGURE, _FIGURE, _FIGURE, _FIGURE, _FIGURE),
    flags=st.lists(
        st.tuples(st.booleans(), st.booleans(), st.sampled_from([None, "exception", "improvement", "changed"])),
        min_size=70,
        max_size=70,
    ),
    note=st.text(max_size=200),
    unit=st.none() | st.sampled_from(["percent", "minutes"]) | st.text(max_size=50),
    agreed=st.booleans(),
)
@settings(max_examples=250, deadline=None)
def test_no_series_breaks_a_chart(grain, values, limits, flags, note, unit, agreed) -> None:
    base = Period.containing(__import__("datetime").date(2020, 1, 1), grain)
    points = tuple(
        ChartPoint(period=str(base + index), value=value, hidden=hidden, settled=settled, mark=mark)
        for index, (value, (hidden, settled, mark)) in enumerate(zip(values, flags, strict=False))
    )
    lower, upper, centre, least, most = limits
    told = Chart(
        grain=grain,
        points=points,
        centre=centre,
        lower=lower,
        upper=upper,
        minimum=least,
        maximum=most,
        unit=unit,
        notes=(
            ChartNote(period=str(base + 1), text=note, rebase=True),
            ChartNote(period="nonsense", text=note, rebase=False),
        ),
        baseline_from=str(base),
        baseline_to=str(base + 5),
        reference=Reference(value=3.0, label=note),
    )
    svg = draw(told, label=alt_text(finding(chart=told, grain=grain, period=str(base))), agreed=agreed).svg
    tree = ElementTree.fromstring(svg)
    assert not re.search(r'="(nan|inf|-inf)', svg)
    for element in tree.iter(f"{SVG}circle"):
        assert -1 <= float(element.get("cx") or 0) <= 601


@pytest.mark.parametrize(
    "values", [[], [None] * 24, [5.0], [7.0] * 30, [1e300, -1e300, 1e300], [-3.0, -9.0, -5.0], [0.0] * 24]
)
def test_odd_series_become_a_picture(values: list[float | None]) -> None:
    assert png(draw(chart(values), label="x", agreed=False).svg, 300).startswith(b"\x89PNG")


def _marked(tree: ElementTree.Element) -> int:
    """How many diamonds there are, the legend's left out."""
    return max(0, sum(len((polygon.get("points") or "").split()) == 4 for polygon in tree.iter(f"{SVG}polygon")) - 1)


def test_a_mark_never_contradicts_the_drawn_range() -> None:
    """Earlier periods were judged by other limits: inside this band they are plain, unless the exception still lasts."""
    values = [5.0, 9.0, 5.1, 5.2, 4.9, 5.0, 5.3, 5.4]
    told = chart(values, marks={-7: "exception", -5: "exception", -2: "exception", -1: "exception"}, lower=4, upper=6)

    def marks(**more: tuple[str, str]) -> int:
        return _marked(ElementTree.fromstring(draw(told, label="x", agreed=False, **more).svg))

    assert marks() == 1, "the one beyond the band"
    assert marks(stretch=("2022-02", "2022-03")) == 3, "the one beyond the band, and those that last"


def test_marks_of_an_agreed_level_stay_as_they_were_judged() -> None:
    """A level that was agreed does not move, and a case closes at another one than it opens at."""
    told = chart([5.0, 9.0, 5.1], marks={-1: "exception"}, upper=6)
    assert _marked(drawn(told, agreed=True)) == 1


@pytest.mark.parametrize("value", [6.0, 9.5, 1.0])
def test_the_letter_of_a_remark_does_not_cover_the_newest_figure_or_its_mark(value: float) -> None:
    told = chart(
        [5.0 + n % 2 for n in range(23)] + [value],
        marks={-1: "exception"},
        lower=4,
        upper=7,
        notes=(ChartNote(period="2022-03", text="A new system", rebase=True),),
    )
    tree = drawn(told)
    letter = next(word for word in tree.iter(f"{SVG}text") if word.text == "A")
    left, foot = float(letter.get("x") or 0) - 10, float(letter.get("y") or 0) + 5
    diamond = [
        tuple(map(float, corner.split(",")))
        for polygon in tree.iter(f"{SVG}polygon")
        for corner in (polygon.get("points") or "").split()
    ][-4:]
    apart = [not (left < x < left + 20 and foot - 22 < y < foot) for x, y in diamond]
    figure = [word for word in tree.iter(f"{SVG}text") if word.get("font-weight") == "bold" and word.text != "A"]
    right_of = float(figure[-1].get("x") or 0)
    height = float(figure[-1].get("y") or 0)
    assert all(apart)
    assert left + 20 <= right_of or foot <= height - 18 or foot - 22 >= height


def test_gaps_that_are_short_together_are_not_drawn_inside_a_usual_range() -> None:
    """The rule for short gaps is about their sum, so that a mark inside the band would contradict itself."""
    short, long = gap(), gap(high=(), low=("astronomical",), value=500)
    shown = [words(ElementTree.fromstring(drawing_of(one).svg)) for one in (short, long)]
    assert "usual range" not in shown[0]
    assert "usual level" in shown[0]
    assert "usual range" in shown[1]
