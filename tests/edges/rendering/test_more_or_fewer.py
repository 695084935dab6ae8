"""What a letter says of more or fewer, of quarters, of what it may not show, and of how grades ended."""

import pytest

from alertd.core.cases import Reason, TransitionKind
from alertd.core.findings import Finding
from alertd.core.periods import Grain
from alertd.rendering import Renderer
from tests.edges.rendering.reading import letter, read, text_of
from tests.edges.rendering.samples import finding, rating, surge

RENDERER = Renderer()


def text(one: Finding) -> str:
    """The text of a letter without its chart, which makes it quick."""
    return text_of(read(letter(one.model_copy(update={"chart": None}), renderer=RENDERER)))


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"unit": "hours", "counted": True, "units_to_usual": 9}, "Nine more hours would have put March 2022"),
        ({"unit": "hours", "counted": True, "units_to_usual": 1}, "One more would have put March 2022"),
        ({"unit": None, "counted": True, "units_to_usual": -2}, "Two fewer would have put March 2022"),
        (
            {"unit": None, "value": 13.8, "numerator": 7086, "denominator": 51476, "units_to_usual": -2882},
            "2,882 fewer than the 7,086 counted would have put March 2022",
        ),
    ],
)
def test_what_would_have_been_usual_says_more_or_fewer_of_what(more: dict[str, object], expected: str) -> None:
    """R37."""
    counted = {"numerator": None, "denominator": None} if more.get("counted") else {}
    assert expected in text(finding(**(counted | more)))


def test_a_quarter_since_which_it_has_stood_out_is_named_by_its_end() -> None:
    told = {"grain": Grain.QUARTER, "period": "2022-Q1", "since": "2021-Q4", "lasting": 2, "chart": None}
    shown = text(finding(transition=TransitionKind.REMINDED, **told))
    assert "it has stood out since the quarter to December 2021, two quarters." in shown


def test_a_usual_range_that_would_give_small_numbers_away_is_said_to_be_withheld() -> None:
    """R31, R37."""
    shown = text(
        finding(lower=None, upper=None, centre=None, range_rounded=True, nearest_usual=None, units_to_usual=None)
    )
    assert "What is usual for it is not shown, as that would give away numbers too small to show." in shown
    assert "limits rounded" not in shown, "there are none"


@pytest.mark.parametrize(
    ("more", "expected", "short"),
    [
        ({"value": 2, "told_value": 1}, "Requires improvement in March 2022, up from Inadequate. This", "up to Requires improvement"),
        ({"value": 2, "told_value": 2}, "Requires improvement in March 2022, no further fall. This", "no further fall"),
        ({"value": 3, "told_value": None, "told_signals": ("overdue",)}, "Good in March 2022, no longer overdue. This", "no longer overdue"),
        ({"value": 3, "told_value": 1, "told_signals": ("failed",)}, "Good in March 2022. This closes", "now good"),
    ],
)  # fmt: skip
def test_the_end_of_an_exception_of_grades_says_how_the_grade_stands_to_the_one_told(
    more: dict[str, object], expected: str, short: str
) -> None:
    """R16."""
    over = rating(
        transition=TransitionKind.CLEARED, reason=Reason.BACK_TO_USUAL, low=(), measure_name="Case files", **more
    )
    made = letter(over, renderer=RENDERER)
    assert expected in text_of(read(made))
    assert made.subject == f"OFFICIAL - Burnley: Case files {short}"


def test_a_reminder_of_a_poor_grade_says_that_it_still_is() -> None:
    assert (
        "Case files still Requires improvement"
        in letter(rating(transition=TransitionKind.REMINDED, measure_name="Case files")).subject
    )


def test_below_what_the_season_makes_usual_the_lower_edge_is_said() -> None:
    low = {"low": ("astronomical",), "high": (), "value": 2.0, "centre": 12.0, "lower": 5.0, "upper": 20.0}
    shown = text(surge(**low, nearest_usual=5.0, units_to_usual=3))
    assert (
        "About 12 offences could be expected for the time of year, and 5 offences or more would have been usual."
        in shown
    )
    assert "up to" not in shown
