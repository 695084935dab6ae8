"""What a measure may say, and what it is told where its keys do not go together."""

from typing import Any

import pytest
from pydantic import ValidationError

from alertd.core.durations import Span
from alertd.core.measures import Improvement, Measure, Towards

SHARE = {"numerator": "a", "denominator": "b"}
SCALE = ["Inadequate", "Good"]
QUANTILE = {"of": "minutes", "at": [0.5, 0.9]}
RATIO = {"of": ["n1", "d1"], "to": ["n2", "d2"]}


def measure(**keys: Any) -> Measure:
    given = {"id": "m", "name": "m", "grain": "month", "period": "p", "owner": "x"}
    if "sql" not in keys:
        given["table"] = "t"
    return Measure.model_validate({**given, **keys})


def complaint(**keys: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        measure(**keys)
    (error,) = caught.value.errors()
    return str(error["msg"])


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({}, "found none"),
        ({"value": "v", "grade": "g", "scale": SCALE}, "found `value` and `grade`"),
        ({"ratio": RATIO, "count": "n"}, "found `count` and `ratio`"),
        ({"value": "v", "sql": "x.sql", "table": "t"}, "exactly one of `sql`, `table` and `recorded`"),
        ({"grade": "g"}, "`grade` needs a `scale`"),
        ({"value": "v", "scale": SCALE}, "`scale` needs a `grade`"),
        ({"grade": "g", "scale": ["Good", "good "]}, "`scale` names a grade twice"),
        ({"grade": "g", "scale": SCALE, "denominator": "b"}, "`denominator` does not go with `grade`"),
        ({"event": {"date": "day"}, "denominator": "b"}, "`denominator` does not go with `event`"),
        ({"event": {"date": "day"}}, "leave out `period`"),
        ({"event": {"date": "p"}, "unit": "percent"}, "neither grades, events nor ratios"),
        ({"event": {"date": "p"}, "complete_to": "c"}, "is written inside `event`"),
        ({"quantile": QUANTILE}, "`quantile` needs `aggregate: rows`"),
        ({"quantile": QUANTILE, "aggregate": "rows", "by": ["quantile"]}, "rename it"),
        ({"count": "*"}, "with `aggregate: rows` only"),
        ({"numerator": "a", "denominator": "*"}, "with `aggregate: rows` only"),
        ({"value": "*", "aggregate": "rows"}, "`*` is no column"),
        ({"ratio": {"of": ["*", "d1"], "to": ["n2", "d2"]}, "aggregate": "rows"}, "`*` is none"),
        ({"value": "v", "weight": {"column": "w"}}, "`weight` needs `aggregate: rows`"),
        ({"count": "n", "weight": {"column": "w"}, "aggregate": "rows"}, "`weight` goes with `value`"),
        ({"value": "v", "confidence": 90}, "`confidence` needs a `standard_error`"),
        ({"value": "v", "standard_error": "s", "confidence": {"lower": "l", "upper": "u"}}, "and not both"),
        ({"value": "v", "standard_error": "s", "aggregate": "rows"}, "a row is no figure"),
        ({"ratio": RATIO, "standard_error": "s"}, "`standard_error` goes with"),
        ({"value": "v", "pool": {"until_denominator": 30, "at_most": "4"}}, "`pool` needs a `denominator`"),
        (
            {**SHARE, "standard_error": "s", "pool": {"until_denominator": 30, "at_most": "4"}},
            "does not go with a `standard",
        ),
        ({"value": "v", "at_age": "6 months"}, "`at_age` needs `loaded_at`"),
        ({"value": "v", "at_age": "6 months", "loaded_at": "l", "settles_after": "5 days"}, "waits as long by itself"),
        ({"value": "v", "at_age": "6 months", "loaded_at": "l", "aggregate": "rows"}, "have no such age"),
        ({"value": "v", "at_age": "6 working days", "loaded_at": "l"}, "not working days"),
        ({"grade": "g", "scale": SCALE, "absent": "zero"}, "no row is no grade"),
        ({"value": "v", "minimum": 5, "maximum": 4}, "`minimum` (5) is above `maximum` (4)"),
        (
            {"value": "v", "grain": "week", "window": {"length": "12 months", "judge_every": "12 months"}},
            "does not fit",
        ),
        ({"value": "v", "window": {"length": "12 months", "judge_every": "5 periods"}}, None),
        ({"value": "v", "window": {"length": "7 periods", "judge_every": "5 periods"}}, "does not fit the grain month"),
        (
            {"event": {"date": "p"}, "window": {"length": "12 months", "judge_every": "12 months"}},
            "does not go with `event`",
        ),
    ],
)
def test_keys_that_do_not_go_together_are_told(keys: dict[str, Any], words: str | None) -> None:
    if words is None:
        assert measure(**keys).overlapping
    else:
        assert words in complaint(**keys)


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"value": "v", "reference": {"label": "x"}}, "exactly one of `value` and `column`"),
        ({"value": "v", "reference": {"label": "x", "value": 1, "column": "c"}}, "exactly one of `value` and `column`"),
        ({"value": "v", "improvement": {"towards": [2, 1]}}, "lower figure first"),
        ({**SHARE, "pool": {"until_denominator": 30, "at_most": "1 period"}}, "pools nothing"),
        ({**SHARE, "pool": {"until_denominator": 30, "at_most": "4 months"}}, "pools nothing"),
        ({"value": "v", "window": {"length": "a year", "judge_every": "12 months"}}, "no span of time"),
        ({"value": "v", "window": {"length": "52 weeks", "judge_every": "12 months"}}, "cannot be used here"),
        ({"quantile": {"of": "m", "at": [0.5, 0.5]}, "aggregate": "rows"}, "names a quantile twice"),
        ({"quantile": {"of": "m", "at": [1.0]}, "aggregate": "rows"}, "less than 1"),
        ({"quantile": {"of": "m", "at": []}, "aggregate": "rows"}, "at least 1 item"),
        ({"grade": "g", "scale": ["Good"]}, "at least 2 items"),
    ],
)
def test_parts_of_a_measure_are_checked(keys: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words.replace("(", r"\(")):
        measure(**keys)


def test_every_column_is_listed_once_with_where_it_is_written() -> None:
    """`check` compares them all with the warehouse."""
    asked = measure(
        by=["district"],
        loaded_at="l",
        complete_to="c",
        reference={"column": "goal", "label": "x"},
        numerator="n",
        denominator={"column": "d", "per": 1000},
        confidence={"lower": "lo", "upper": "hi"},
    )
    assert {column: steps for steps, column in asked.written_columns()} == {
        "p": ("period",),
        "district": ("by", 0),
        "n": ("numerator",),
        "d": ("denominator", "column"),
        "l": ("loaded_at",),
        "c": ("complete_to",),
        "lo": ("confidence", "lower"),
        "hi": ("confidence", "upper"),
        "goal": ("reference", "column"),
    }
    assert measure(ratio=RATIO).columns == ("p", "n1", "d1", "n2", "d2")
    assert measure(event={"date": "p", "complete_to": "f"}).columns == ("p", "f")
    rows = {"aggregate": "rows", "numerator": "a", "denominator": "*", "weight": {"column": "w"}}
    assert measure(**rows).columns == ("p", "a", "w")
    assert measure(aggregate="rows", quantile=QUANTILE).columns == ("p", "minutes")


def test_one_key_fills_in_what_follows_from_it() -> None:
    event = Measure.model_validate(
        {"id": "m", "name": "m", "table": "t", "grain": "day", "owner": "x", "event": {"date": "day"}}
    )
    assert event.period == "day"
    assert event.zeros
    assert measure(value="v", at_age="6 months", loaded_at="l").settles_after == Span.parse("6 months")
    assert measure(grade="g", scale=SCALE).improvement is Improvement.INCREASE
    assert measure(grade="g", scale=SCALE, improvement="neither").improvement is Improvement.NEITHER


def test_a_band_is_neither_way_as_such() -> None:
    towards = measure(value="v", improvement={"towards": [0.95, 1.05]})
    assert towards.improvement == Towards(towards=(0.95, 1.05))
    assert towards.direction is Improvement.NEITHER
    assert measure(value="v", improvement="decrease").direction is Improvement.DECREASE


@pytest.mark.parametrize(
    ("keys", "errors"),
    [
        ({"standard_error": "s"}, 1.959964),
        ({"standard_error": "s", "confidence": 99}, 2.575829),
        ({"standard_error": "s", "confidence": "90 percent"}, 1.644854),
        ({"confidence": {"lower": "l", "upper": "u", "level": 90}}, 1.644854),
    ],
)
def test_intervals_reach_as_far_as_their_level_says(keys: dict[str, Any], errors: float) -> None:
    assert measure(value="v", **keys).standard_errors == pytest.approx(errors, abs=1e-6)


def test_several_quantiles_name_series_and_one_does_not() -> None:
    assert measure(aggregate="rows", by=["place"], quantile=QUANTILE).series_by == ("place", "quantile")
    assert measure(aggregate="rows", by=["place"], quantile={"of": "m", "at": 0.9}).series_by == ("place",)
