"""Every key that says what is measured, from rows to series, on three databases."""

from datetime import date, datetime
from typing import Any

import numpy as np
import pytest

from alertd.core.places import Places
from alertd.core.series import FaultKind, SeriesBlock
from tests.edges.warehouse.conftest import NOW, Build, measure

NAN = float("nan")


def _at(text: str | None, engine: str) -> Any:
    """A date or timestamp as a driver takes it."""
    if text is None or engine == "sqlite":
        return text
    return datetime.fromisoformat(text) if "T" in text or " " in text else date.fromisoformat(text)


def _table(
    build: Build, engine: str, columns: str, rows: list[dict[str, Any]], dates: tuple[str, ...] = ("day",)
) -> Any:
    """A warehouse with table `t`, whose date columns have the database's own type (text in SQLite)."""
    own = "TEXT" if engine == "sqlite" else "TIMESTAMP"
    names = {name: f"{name} {own}" for name in dates}
    create = f"CREATE TABLE t ({', '.join(names.values())}, {columns})"
    return build(create, [{k: _at(v, engine) if k in dates else v for k, v in row.items()} for row in rows])


def read(warehouse: Any, places: Places | None = None, now: datetime = NOW, **keys: Any) -> SeriesBlock:
    keys = {"period": "day", **keys}
    return warehouse.read(measure(**keys), now=now, places=places or Places())


def told(block: SeriesBlock) -> list[tuple[FaultKind, Any, str, str]]:
    return [(fault.kind, fault.key, fault.period, fault.found) for fault in block.faults]


CASES = [
    {"day": "2022-08-03T10:00:00", "district": "A", "id": "x1", "minutes": 10.1, "met": 1},
    {"day": "2022-08-31T23:59:59", "district": "A", "id": "x2", "minutes": 20.2, "met": 0},
    {"day": "2022-08-15T00:00:00", "district": "A", "id": None, "minutes": 30.3, "met": 1},
    {"day": "2022-09-01T00:00:00", "district": "A", "id": "x4", "minutes": 7.5, "met": 1},
    {"day": "2022-08-01T12:00:00", "district": "B", "id": "x5", "minutes": 1.0, "met": 0},
    {"day": "2022-12-02T12:00:00", "district": "B", "id": "x6", "minutes": 1.0, "met": 0},
]
COLUMNS = "district TEXT, id TEXT, minutes DOUBLE PRECISION, met INTEGER"


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"count": "*"}, [[3, 1], [1, NAN]]),
        ({"count": "id"}, [[2, 1], [1, NAN]]),
        ({"count": "met"}, [[2, 0], [1, NAN]]),
        ({"value": "minutes"}, [[60.6, 1], [7.5, NAN]]),
        ({"numerator": "met", "denominator": "*", "unit": "percent"}, [[200 / 3, 0], [100, NAN]]),
        ({"numerator": "minutes", "denominator": {"column": "*"}}, [[20.2, 1], [7.5, NAN]]),
        ({"quantile": {"of": "minutes", "at": 0.5}}, [[20.2, 1], [7.5, NAN]]),
        ({"quantile": {"of": "minutes", "at": [0.9]}}, [[20.2 + 0.8 * 10.1, 1], [7.5, NAN]]),
    ],
)
def test_rows_that_are_cases_are_counted_summed_and_ranked(
    build: Build, engine: str, keys: dict[str, Any], expected: list[list[float]]
) -> None:
    block = read(_table(build, engine, COLUMNS, CASES), aggregate="rows", **keys)
    np.testing.assert_allclose(block.value, expected, rtol=1e-14)
    assert block.by == ("district",)
    assert [fault[0] for fault in told(block)] == [FaultKind.MISSING_SERIES]


def test_several_quantiles_are_series_of_their_own(build: Build, engine: str) -> None:
    warehouse = _table(build, engine, COLUMNS, CASES)
    block = read(warehouse, aggregate="rows", quantile={"of": "minutes", "at": [0.9, 0.5]})
    assert block.by == ("district", "quantile")
    assert block.keys == (("A", "0.5"), ("A", "0.9"), ("B", "0.5"), ("B", "0.9"))
    np.testing.assert_allclose(block.value, [[20.2, 28.28, 1, 1], [7.5, 7.5, NAN, NAN]], rtol=1e-14)
    assert block.series(1) == {"district": "A", "quantile": "0.9"}
    assert [fault[:3] for fault in told(block)] == [(FaultKind.MISSING_SERIES, ("B",), "2022-09")]


def test_a_case_that_cannot_be_used_is_left_out_and_told_with_how_many_there_were(build: Build, engine: str) -> None:
    """R13: nothing is dropped in silence, and one empty cell does not hide a month."""
    rows = [{"day": "2022-11-02", "district": "A", "minutes": text} for text in ("10", "20", None, "soon", "later")]
    rows += [{"day": "2022-11-02", "district": "B", "minutes": None}]
    warehouse = _table(build, engine, "district TEXT, minutes TEXT", rows)
    block = read(warehouse, aggregate="rows", quantile={"of": "minutes", "at": 0.5})
    np.testing.assert_array_equal(block.value, [[15, NAN]])
    np.testing.assert_array_equal(block.present, [[True, True]])
    assert told(block) == [
        (FaultKind.NULL, ("A",), "2022-11", "1 of 5 rows: `minutes` is empty"),
        (FaultKind.NULL, ("B",), "2022-11", "1 of 1 row: `minutes` is empty"),
        (FaultKind.NOT_A_NUMBER, ("A",), "2022-11", "2 of 5 rows: `minutes` is later"),
    ]


def test_flags_of_every_kind_count_only_where_they_hold(build: Build, engine: str) -> None:
    own = "INTEGER" if engine == "sqlite" else "BOOLEAN"
    flags = [True, False, None, True]
    rows = [
        {"day": "2022-11-02", "flag": flag, "word": word}
        for flag, word in zip(flags, ["yes", "no", " ", "0"], strict=True)
    ]
    warehouse = _table(build, engine, f"flag {own}, word TEXT", rows)
    assert read(warehouse, by=[], aggregate="rows", count="flag").value.tolist() == [[2]]
    assert read(warehouse, by=[], aggregate="rows", count="word").value.tolist() == [[1]]


def test_events_are_counted_and_kept_one_by_one_and_none_is_zero_where_the_feed_is_complete(
    build: Build, engine: str
) -> None:
    rows = [
        {"day": "2022-03-10T06:00:00", "fed": "2022-08-31", "district": "A"},
        {"day": "2022-03-02T00:00:00", "fed": "2022-05-31", "district": "B"},
        {"day": "2022-06-30T12:00:00", "fed": "2022-10-31", "district": "A"},
        {"day": "2022-11-03T00:00:00", "fed": "2022-10-31", "district": "A"},
    ]
    warehouse = _table(build, engine, "district TEXT", rows, ("day", "fed"))
    block = read(warehouse, period="day", event={"date": "day", "complete_to": "fed"})
    assert (str(block.period(0)), str(block.period(block.periods - 1))) == ("2022-03", "2022-10")
    np.testing.assert_array_equal(block.value[:, 0], [1, 0, 0, 1, 0, 0, 0, 0])
    np.testing.assert_array_equal(block.value[:, 1], [1, 0, 0, 0, 0, 0, 0, 0])
    assert block.faults == ()
    assert block.events is not None
    begin = date(2022, 3, 10).toordinal() - date(1970, 1, 1).toordinal()
    np.testing.assert_array_equal(block.events.column, [0, 0, 1])
    np.testing.assert_array_equal(block.events.at, [begin + 0.25, begin + 112.5, begin - 8])


def test_an_event_may_leave_out_its_period_and_how_far_the_feed_reaches(build: Build, engine: str) -> None:
    rows = [{"day": "2022-03-10", "district": "A"}, {"day": "2022-06-10", "district": "B"}]
    warehouse = _table(build, engine, "district TEXT", rows)
    given = measure(event={"date": "day"}, period="day").model_dump(exclude={"period", "statement"}, exclude_none=True)
    block = warehouse.read(type(measure()).model_validate(given), now=NOW, places=Places())
    np.testing.assert_array_equal(block.value, [[1, NAN], [0, NAN], [0, NAN], [0, 1]])
    assert block.faults == ()


def test_grades_are_places_in_the_scale_and_unknown_ones_are_told(build: Build, engine: str) -> None:
    rows = [
        {"day": "2022-09-01", "district": "A", "grade": "good"},
        {"day": "2022-10-01", "district": "A", "grade": "Requires  improvement"},
        {"day": "2022-11-01", "district": "A", "grade": "Very good"},
        {"day": "2022-11-01", "district": "B", "grade": None},
    ]
    warehouse = _table(build, engine, "district TEXT, grade TEXT", rows)
    block = read(warehouse, grade="grade", scale=["Inadequate", "Requires improvement", "Good", "Outstanding"])
    np.testing.assert_array_equal(block.value, [[3, NAN], [2, NAN], [NAN, NAN]])
    assert told(block) == [
        (FaultKind.NULL, ("B",), "2022-11", "`grade` is empty"),
        (FaultKind.UNKNOWN_GRADE, ("A",), "2022-11", "`grade` is Very good"),
    ]


def test_graded_cases_are_counted_by_grade_and_their_lower_median_is_the_figure(build: Build, engine: str) -> None:
    grades = ["Good", "Inadequate", "Good", "Requires improvement", "Superb"]
    rows = [{"day": "2022-11-01", "grade": grade} for grade in grades]
    warehouse = _table(build, engine, "grade TEXT", rows)
    block = read(
        warehouse, by=[], aggregate="rows", grade="grade", scale=["Inadequate", "Requires improvement", "Good"]
    )
    assert block.value.tolist() == [[2]]
    assert block.grades is not None
    assert block.grades[:, 0, 0].tolist() == [1, 1, 2]
    assert told(block) == [(FaultKind.UNKNOWN_GRADE, (), "2022-11", "1 of 5 rows: `grade` is Superb")]


def test_a_ratio_of_rates_has_its_logarithm_beside_it(build: Build, engine: str) -> None:
    rows = [
        {"day": "2022-10-01", "n1": 30, "d1": 1000, "n2": 100, "d2": 10000},
        {"day": "2022-11-01", "n1": 0, "d1": 1000, "n2": 100, "d2": 10000},
        {"day": "2022-09-01", "n1": 5, "d1": 1000, "n2": 0, "d2": 10000},
        {"day": "2022-08-01", "n1": 5, "d1": 0, "n2": -1, "d2": 10000},
    ]
    warehouse = _table(build, engine, "n1 INTEGER, d1 INTEGER, n2 INTEGER, d2 INTEGER", rows)
    block = read(warehouse, by=[], ratio={"of": ["n1", "d1"], "to": ["n2", "d2"]})
    np.testing.assert_allclose(block.value[:, 0], [NAN, NAN, 3, 0], rtol=1e-15)
    assert block.log_value is not None
    np.testing.assert_allclose(block.log_value[:, 0], [NAN, NAN, np.log(3), np.log(0.05)], rtol=1e-12)
    assert [fault[0] for fault in told(block)] == [
        FaultKind.NEGATIVE_COUNT,
        FaultKind.ZERO_DENOMINATOR,
        FaultKind.ZERO_DENOMINATOR,
    ]


def test_survey_figures_bring_their_errors_or_their_intervals(build: Build, engine: str) -> None:
    rows = [
        {"day": "2022-09-01", "v": 70.0, "se": 2.0, "lo": 66.08, "hi": 73.92},
        {"day": "2022-10-01", "v": 71.0, "se": None, "lo": 74.0, "hi": 70.0},
        {"day": "2022-11-01", "v": 72.0, "se": -1.0, "lo": None, "hi": 70.0},
    ]
    warehouse = _table(
        build, engine, "v DOUBLE PRECISION, se DOUBLE PRECISION, lo DOUBLE PRECISION, hi DOUBLE PRECISION", rows
    )
    block = read(warehouse, by=[], value="v", standard_error="se")
    np.testing.assert_array_equal(block.value[:, 0], [70, NAN, NAN])
    assert block.standard_error is not None
    np.testing.assert_array_equal(block.standard_error[:, 0], [2, NAN, NAN])
    assert [fault[0] for fault in told(block)] == [FaultKind.NULL, FaultKind.BAD_INTERVAL]
    given = read(warehouse, by=[], value="v", confidence={"lower": "lo", "upper": "hi"})
    assert given.standard_error is not None
    np.testing.assert_allclose(given.standard_error[:, 0], [2, NAN, NAN], rtol=1e-3)
    assert [fault[0] for fault in told(given)] == [FaultKind.NULL, FaultKind.BAD_INTERVAL]


def test_weighted_answers_have_kishs_effective_number(build: Build, engine: str) -> None:
    answers = [(1, 2.0), (0, 1.0), (1, 1.0), (0, 4.0), (1, None), (0, -1.0)]
    rows = [{"day": "2022-11-01", "yes": yes, "w": weight, "score": 5 * yes} for yes, weight in answers]
    warehouse = _table(build, engine, "yes INTEGER, w DOUBLE PRECISION, score INTEGER", rows)
    share = read(
        warehouse, by=[], aggregate="rows", numerator="yes", denominator="*", weight={"column": "w"}, unit="percent"
    )
    effective = 8**2 / (4 + 1 + 1 + 16)
    np.testing.assert_allclose(share.value, [[37.5]])
    assert share.denominator is not None
    assert share.numerator is not None
    np.testing.assert_allclose([share.denominator[0, 0], share.numerator[0, 0]], [effective, 0.375 * effective])
    mean = read(warehouse, by=[], aggregate="rows", value="score", weight={"column": "w"})
    np.testing.assert_allclose(mean.value, [[1.875]])
    assert mean.standard_error is not None
    spread = sum((w * (5 * yes - 1.875)) ** 2 for yes, w in answers[:4])  # type: ignore[operator]
    np.testing.assert_allclose(mean.standard_error, [[np.sqrt(spread * effective / (effective - 1)) / 8]])
    assert {fault[0] for fault in told(mean)} == {FaultKind.NULL, FaultKind.BAD_WEIGHT}


def test_every_period_is_read_as_it_was_at_the_same_age(build: Build, engine: str) -> None:
    rows = [
        {"day": "2022-06-01", "loaded": "2022-07-02", "v": 1},
        {"day": "2022-06-01", "loaded": "2022-09-30", "v": 2},
        {"day": "2022-06-01", "loaded": "2022-10-02", "v": 3},
        {"day": "2022-07-01", "loaded": "2022-12-01", "v": 4},
        {"day": "2022-08-01", "loaded": "2022-09-02", "v": 5},
        {"day": "2022-08-01", "loaded": "2022-09-02", "v": 6},
    ]
    warehouse = _table(build, engine, "v INTEGER", rows, ("day", "loaded"))
    block = read(warehouse, by=[], value="v", loaded_at="loaded", at_age="3 months")
    np.testing.assert_array_equal(block.value[:, 0], [2, NAN, NAN])
    assert [fault[0] for fault in told(block)] == [FaultKind.MISSING_PERIOD, FaultKind.DUPLICATE]
    aged = measure(value="v", loaded_at="loaded", at_age="3 months")
    assert str(aged.settles_after) == "3 months"


def test_a_sparse_feed_says_itself_how_far_none_means_none(build: Build, engine: str) -> None:
    rows = [
        {"day": "2022-05-01", "fed": "2022-10-31", "district": "A", "n": 2},
        {"day": "2022-08-01", "fed": "2022-10-31", "district": "B", "n": 1},
        {"day": "2022-11-01", "fed": "2022-10-31", "district": "B", "n": 1},
    ]
    warehouse = _table(build, engine, "district TEXT, n INTEGER", rows, ("day", "fed"))
    block = read(warehouse, count="n", absent="zero", complete_to="fed")
    np.testing.assert_array_equal(block.value[:, 0], [2, 0, 0, 0, 0, 0])
    np.testing.assert_array_equal(block.value[:, 1], [NAN, NAN, NAN, 1, 0, 0])
    assert block.faults == ()
    capped = read(warehouse, count="n", complete_to="fed")
    assert str(capped.period(capped.periods - 1)) == "2022-08"


def test_a_force_wide_sparse_feed_has_none_between_its_rows(build: Build, engine: str) -> None:
    rows = [{"day": "2022-05-01", "n": 2}, {"day": "2022-08-01", "n": 1}]
    block = read(_table(build, engine, "n INTEGER", rows), by=[], count="n", absent="zero")
    np.testing.assert_array_equal(block.value[:, 0], [2, 0, 0, 1])
    assert block.faults == ()


def test_a_reference_may_move(build: Build, engine: str) -> None:
    rows = [{"day": "2022-10-01", "v": 5, "goal": 4.5}, {"day": "2022-11-01", "v": 6, "goal": None}]
    warehouse = _table(build, engine, "v INTEGER, goal DOUBLE PRECISION", rows)
    block = read(warehouse, by=[], value="v", reference={"column": "goal", "label": "the plan"})
    assert block.reference is not None
    np.testing.assert_array_equal(block.reference[:, 0], [4.5, NAN])
    np.testing.assert_array_equal(block.value[:, 0], [5, 6])
    assert block.faults == ()


def test_an_hour_that_the_clocks_skip_is_no_gap_and_one_that_comes_twice_is_one(build: Build, engine: str) -> None:
    rows = [{"day": f"2022-03-27T{hour:02}:00:00", "n": 1} for hour in (0, 2, 4)]
    block = read(_table(build, engine, "n INTEGER", rows), by=[], count="n", grain="hour")
    assert [fault[:3] for fault in told(block)] == [(FaultKind.MISSING_PERIOD, None, "2022-03-27T03")]
    assert [str(block.period(row)) for row in (0, 1)] == ["2022-03-27T00", "2022-03-27T01"]


def test_the_hour_that_comes_twice_is_one_period(build: Build, engine: str) -> None:
    """Its counts are added, since both halves happened; its values are averaged."""
    given = (("29T23", 9), ("30T00", 1), ("30T01", 2), ("30T02", 3))
    rows = [{"day": f"2022-10-{hour}:00:00+00:00", "n": n} for hour, n in given]
    warehouse = build("CREATE TABLE t (day TEXT, n INTEGER)", rows)
    counts = read(warehouse, by=[], count="n", grain="hour")
    assert [str(counts.period(row)) for row in range(counts.periods)] == [f"2022-10-30T0{hour}" for hour in range(3)]
    np.testing.assert_array_equal(counts.value[:, 0], [9, 3, 3])
    np.testing.assert_array_equal(read(warehouse, by=[], value="n", grain="hour").value[:, 0], [9, 1.5, 3])
    assert counts.faults == ()


@pytest.mark.parametrize(
    ("grain", "first", "second"), [("hour", "2022-10-03T14", "2022-10-03T15"), ("half_year", "2021-H2", "2022-H1")]
)
def test_hours_and_half_years_floor(build: Build, engine: str, grain: str, first: str, second: str) -> None:
    days = ("2022-10-03T14:59:59", "2022-10-03T15:00:00") if grain == "hour" else ("2021-12-31", "2022-01-01")
    warehouse = _table(build, engine, "n INTEGER", [{"day": day, "n": 1} for day in days])
    block = read(warehouse, by=[], count="n", grain=grain)
    assert [str(block.period(row)) for row in range(block.periods)] == [first, second]
