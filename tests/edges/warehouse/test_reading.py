"""One measure, three databases: the same block and the same faults, whatever the driver hands over (R13)."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from alertd.core.periods import Grain, Period
from alertd.core.places import Places
from alertd.core.series import FaultKind
from tests.edges.warehouse.conftest import LONDON, NOW, Build, measure

NAN = float("nan")


def values(block: Any) -> dict[str, dict[str, float]]:
    """Series to period to value, without what is unknown."""
    return {
        ",".join(key): {str(block.period(i)): float(v) for i, v in enumerate(block.value[:, j]) if not np.isnan(v)}
        for j, key in enumerate(block.keys)
    }


DIRTY: list[tuple[Any, Any, Any, Any]] = [
    ("2022-08-01", "A", 1, 2),
    ("2022-08-01", "B", 2, 2),
    ("2022-09-01", "A", None, 2),
    ("2022-09-01", "B", "NaN", 2),
    ("2022-09-01", "C", "Infinity", 2),
    ("2022-10-01", "A", -1, 2),
    ("2022-10-01", "B", 0, 0),
    ("2022-10-01", "C", 1, -2),
    ("2022-10-01", "D", 3, 2),
    ("2022-11-01", "A", 1, 4),
    ("2022-11-01", "A", 1, 4),
    ("2022-11-01", "B", 1e308, 4),
    ("2022-11-01", "C", 3, 4),
    ("2022-12-01", "A", 1, 4),
    ("2023-01-01", "A", 1, 4),
    ("2022-11-01", None, 1, 4),
    (None, "A", 1, 4),
    ("0202-11-01", "D", 1, 4),
]


def test_the_same_dirty_table_gives_the_same_block_and_faults(build: Build, engine: str) -> None:
    number = "REAL" if engine == "sqlite" else "DOUBLE PRECISION"
    special = {"Infinity": float("inf"), "NaN": "NaN" if engine == "sqlite" else NAN}  # SQLite keeps NaN as NULL
    rows = [
        {
            "month": None if month is None else month if engine == "sqlite" else date.fromisoformat(month),
            "district": district,
            "within": special.get(upper, upper),
            "incidents": lower,
        }
        for month, district, upper, lower in DIRTY
    ]
    kind = "TEXT" if engine == "sqlite" else "DATE"
    warehouse = build(f"CREATE TABLE t (month {kind}, district TEXT, within {number}, incidents INTEGER)", rows)
    block = warehouse.read(measure(numerator="within", denominator="incidents"), now=NOW, places=Places())
    assert values(block) == {
        "A": {"2022-08": 0.5},
        "B": {"2022-08": 1.0},
        "C": {"2022-11": 0.75},
        "D": {},
    }
    assert [(fault.kind, fault.key, fault.period) for fault in block.faults] == [
        (FaultKind.MISSING_SERIES, ("D",), "2022-11"),
        (FaultKind.NULL, ("A",), "2022-09"),
        (FaultKind.NOT_A_NUMBER, ("B",), "2022-09"),
        (FaultKind.INFINITE, ("B",), "2022-11"),
        (FaultKind.INFINITE, ("C",), "2022-09"),
        (FaultKind.NEGATIVE_COUNT, ("A",), "2022-10"),
        (FaultKind.ZERO_DENOMINATOR, ("B",), "2022-10"),
        (FaultKind.NEGATIVE_DENOMINATOR, ("C",), "2022-10"),
        (FaultKind.NUMERATOR_ABOVE_DENOMINATOR, ("D",), "2022-10"),
        (FaultKind.DUPLICATE, ("A",), "2022-11"),
        (FaultKind.FUTURE, ("A",), "2023-01"),
        (FaultKind.BAD_PERIOD, ("A",), "NULL"),
        (FaultKind.BAD_PERIOD, ("D",), "0202-11-01"),
        (FaultKind.NO_SERIES, None, "2022-11"),
    ]
    assert block.data_version == "0367a051cf9a"  # the same on each


def test_text_in_a_figure_is_a_number_only_where_it_reads_as_one(build: Build) -> None:
    texts = ["12.5", " 7 ", "-3", "1e2", "1,5", "n/a", "", "inf", "NaN", "0x10", "1_000"]
    rows = [{"month": "2022-10", "district": f"{i:02}", "v": text} for i, text in enumerate(texts)]
    block = build("CREATE TABLE t (month TEXT, district TEXT, v TEXT)", rows).read(measure(), now=NOW, places=Places())
    np.testing.assert_array_equal(block.value[0], [12.5, 7, -3, 100] + [NAN] * 7)
    assert {fault.kind for fault in block.faults} == {FaultKind.NOT_A_NUMBER}
    assert block.faults[1].found == "`v` is n/a"
    assert len(block.faults) == 7


@pytest.mark.parametrize(
    ("grain", "text", "period"),
    [
        ("hour", "2022-10-03T14", "2022-10-03T14"),
        ("hour", "2022-10-03 14:59:59", "2022-10-03T14"),
        ("day", "2022-10-03", "2022-10-03"),
        ("day", "2022-10-03T14:30:00", "2022-10-03"),
        ("week", "2022-W40", "2022-W40"),
        ("week", "2022-10-09", "2022-W40"),
        ("month", "2022-10", "2022-10"),
        ("month", "2022-10-31", "2022-10"),
        ("quarter", "2022-Q3", "2022-Q3"),
        ("quarter", "2022-09", "2022-Q3"),
        ("half_year", "2022-H1", "2022-H1"),
        ("half_year", "2022-Q2", "2022-H1"),
        ("year", "2021", "2021"),
        ("year", "2021-H2", "2021"),
        ("day", "2022-10-02T23:30:00+00:00", "2022-10-03"),
        ("month", "2022-W40x", None),
        ("month", "2022", None),
        ("month", "2022-13", None),
        ("day", "03/10/2022", None),
        ("month", "1899-12", None),
    ],
)
def test_text_periods_of_every_form_stand_on_the_grid(build: Build, grain: str, text: str, period: str | None) -> None:
    warehouse = build(
        "CREATE TABLE t (month TEXT, district TEXT, v INTEGER)", [{"month": text, "district": "A", "v": 1}]
    )
    block = warehouse.read(measure(grain=grain), now=NOW, places=Places())
    if period is None:
        assert [(fault.kind, fault.period) for fault in block.faults] == [(FaultKind.BAD_PERIOD, text)]
    else:
        assert [str(block.period(i)) for i in range(block.periods)] == [period]


def test_whole_numbers_are_years(build: Build) -> None:
    warehouse = build(
        "CREATE TABLE t (month INTEGER, district TEXT, v INTEGER)",
        [{"month": y, "district": "A", "v": y} for y in (2020, 2021)],
    )
    block = warehouse.read(measure(grain="year"), now=NOW, places=Places())
    assert values(block) == {"A": {"2020": 2020, "2021": 2021}}


@pytest.mark.parametrize("grain", ["hour", "day", "week", "month", "quarter", "half_year", "year"])
def test_dates_and_timestamps_floor_to_the_grain(build: Build, engine: str, grain: str) -> None:
    moments = [
        datetime(1969, 12, 28, 23),
        datetime(1970, 1, 1),
        datetime(2018, 1, 7, 1),
        datetime(2020, 2, 29, 12, 30),
        datetime(2021, 6, 30, 23, 59),
    ]
    rows = [
        {
            "month": m if engine != "sqlite" else m.isoformat(" "),
            "month_date": m.date() if engine != "sqlite" else m.date().isoformat(),
            "v": i,
        }
        for i, m in enumerate(moments)
    ]
    warehouse = build("CREATE TABLE t (month TIMESTAMP, month_date DATE, v INTEGER)", rows)
    block = warehouse.read(measure(grain=grain, by=[]), now=NOW, places=Places())
    assert [str(block.period(int(i))) for i in np.flatnonzero(block.present[:, 0])] == [
        str(Period.containing(m, Grain(grain))) for m in moments
    ]
    if grain == "hour":
        return  # a date names no hour
    dates = warehouse.read(measure(grain=grain, by=[], period="month_date"), now=NOW, places=Places())
    assert [str(dates.period(int(i))) for i in np.flatnonzero(dates.present[:, 0])] == [
        str(Period.containing(m.date(), Grain(grain))) for m in moments
    ]


def test_moments_with_an_offset_are_taken_to_the_homes_zone(build: Build, engine: str) -> None:
    """Midnight in London in summer is 23:00 the day before in UTC."""
    kind = {"duckdb": "TIMESTAMPTZ", "postgresql": "TIMESTAMPTZ", "sqlite": "TEXT"}[engine]
    moments = [datetime(2022, m, 1, tzinfo=LONDON).astimezone(UTC) for m in (1, 7)]
    rows = [{"month": m.isoformat(" ") if engine == "sqlite" else m, "district": "A", "v": 1} for m in moments]
    block = build(f"CREATE TABLE t (month {kind}, district TEXT, v INTEGER)", rows).read(
        measure(), now=NOW, places=Places()
    )
    assert values(block) == {"A": {"2022-01": 1, "2022-07": 1}}


def test_sql_runs_in_the_homes_zone(build: Build, engine: str) -> None:
    if engine == "sqlite":
        pytest.skip("SQLite has no time zones")
    statement = "SELECT date_trunc('month', moment) AS month, count(*) AS v, 'A' AS district FROM t GROUP BY 1"
    rows = [{"moment": datetime(2022, 6, 30, 23, 30, tzinfo=UTC)}]
    block = build("CREATE TABLE t (moment TIMESTAMPTZ)", rows).read(
        measure(statement=statement), now=NOW, places=Places()
    )
    assert values(block) == {"A": {"2022-07": 1}}


def test_sql_runs_in_the_homes_zone_whatever_else_is_asked_at_the_same_time(build: Build, engine: str) -> None:
    """Connections to one DuckDB file share their settings, and the first of them decides."""
    if engine == "sqlite":
        pytest.skip("SQLite has no time zones")
    statement = "SELECT date_trunc('month', moment) AS month, 1 AS v, 'A' AS district FROM t"
    asked = measure(statement=statement)
    warehouse = build("CREATE TABLE t (moment TIMESTAMPTZ)", [{"moment": datetime(2022, 6, 30, 23, 30, tzinfo=UTC)}])
    with warehouse._asking("another question"):  # what `ping` holds open while a round begins to read
        warehouse.ping()
        block = warehouse.read(asked, now=NOW, places=Places())
        assert values(block) == {"A": {"2022-07": 1}}
        assert len(warehouse.values(asked, "month")) == 1


def test_series_are_named_by_text_whatever_the_column_holds(build: Build, engine: str) -> None:
    decimal = Decimal("7.50") if engine != "sqlite" else 7.5
    row = {
        "month": "2022-10",
        "whole": 7,
        "share": decimal,
        "day": date(2022, 1, 2) if engine != "sqlite" else "2022-01-02",
        "v": 1,
    }
    warehouse = build("CREATE TABLE t (month TEXT, whole BIGINT, share DECIMAL(9, 2), day DATE, v INTEGER)", [row])
    block = warehouse.read(measure(by=["whole", "share", "day"]), now=NOW, places=Places())
    assert block.keys == (("7", "7.5", "2022-01-02"),)


def test_truth_is_named_true_and_false_where_the_database_knows_it(build: Build, engine: str) -> None:
    warehouse = build(
        "CREATE TABLE t (month TEXT, night BOOLEAN, v BOOLEAN)",
        [{"month": "2022-10", "night": n, "v": n} for n in (True, False)],
    )
    block = warehouse.read(measure(by=["night"]), now=NOW, places=Places())
    assert block.keys == ((("0",), ("1",)) if engine == "sqlite" else (("false",), ("true",)))
    np.testing.assert_array_equal(block.value, [[0, 1]])


def test_blank_text_names_no_series(build: Build) -> None:
    warehouse = build(
        "CREATE TABLE t (month TEXT, district TEXT, v INTEGER)",
        [{"month": "2022-10", "district": d, "v": 1} for d in ("A", " ", "")],
    )
    block = warehouse.read(measure(), now=NOW, places=Places())
    assert block.keys == (("A",),)
    assert [(f.kind, f.found) for f in block.faults] == [(FaultKind.NO_SERIES, "2 rows without `district`")]


def test_exact_decimals_and_large_whole_numbers_are_figures(build: Build, engine: str) -> None:
    huge = {"duckdb": "HUGEINT", "postgresql": "NUMERIC", "sqlite": "REAL"}[engine]
    warehouse = build(
        f"CREATE TABLE t (month TEXT, district TEXT, v DECIMAL(12, 3), w {huge})",
        [{"month": "2022-10", "district": "A", "v": "2.125", "w": str(10**30)}],
    )
    assert warehouse.read(measure(), now=NOW, places=Places()).value.item() == 2.125
    assert warehouse.read(measure(value="w"), now=NOW, places=Places()).value.item() == 1e30


def test_a_table_may_stand_in_a_schema_and_have_odd_names(build: Build, engine: str) -> None:
    if engine == "sqlite":
        schema, create = "main", ['CREATE TABLE "Response 2022" ("Month" TEXT, "select" TEXT, "Per cent: %" INTEGER)']
    else:
        schema = "Perf"
        create = [
            'CREATE SCHEMA "Perf"',
            'CREATE TABLE "Perf"."Response 2022" ("Month" TEXT, "select" TEXT, "Per cent: %" INTEGER)',
        ]
    warehouse = build([*create, f"INSERT INTO \"{schema}\".\"Response 2022\" VALUES ('2022-10', 'A', 5)"])
    block = warehouse.read(
        measure(table=f"{schema}.Response 2022", period="Month", by=["select"], value="Per cent: %"),
        now=NOW,
        places=Places(),
    )
    assert values(block) == {"A": {"2022-10": 5}}


def test_sql_is_bound_to_dates_and_its_other_colons_are_left_alone(build: Build, engine: str) -> None:
    cast = "happened" if engine == "sqlite" else "happened::date"
    month = (
        "strftime('%Y-%m', happened)"
        if engine == "sqlite"
        else "to_char(happened, 'YYYY-MM')"
        if engine == "postgresql"
        else "strftime(happened, '%Y-%m')"
    )
    statement = f"""
        -- all of it, from :since
        SELECT {month} AS month, district, count(*) AS v, ':until' AS note
        FROM t
        WHERE {cast} >= :since AND happened < :until AND note <> 'a:b :1 50%'
        GROUP BY 1, 2;  -- the end"""
    rows = [
        {"happened": d if engine != "sqlite" else d.isoformat(), "district": "A", "note": n}
        for d, n in [
            (date(2022, 10, 1), ""),
            (date(2022, 10, 9), "a:b :1 50%"),
            (date(2022, 11, 30), ""),
            (date(2022, 12, 16), ""),
        ]
    ]
    warehouse = build("CREATE TABLE t (happened DATE, district TEXT, note TEXT)", rows)
    assert values(warehouse.read(measure(statement=statement), now=NOW, places=Places())) == {
        "A": {"2022-10": 1, "2022-11": 1}
    }
    early = datetime(2022, 11, 30, 23, 59, 59, 999999, tzinfo=LONDON)
    assert values(warehouse.read(measure(statement=statement), now=early, places=Places(), as_of=True)) == {
        "A": {"2022-10": 1, "2022-11": 1}
    }


def test_as_of_hides_rows_loaded_later(build: Build, engine: str) -> None:
    loaded = [datetime(2022, 11, 2, 6), datetime(2022, 12, 2, 6)]
    rows = [
        {"month": m, "district": "A", "v": 1, "loaded": at if engine != "sqlite" else at.isoformat(" ")}
        for m, at in zip(("2022-10", "2022-11"), loaded, strict=True)
    ]
    warehouse = build("CREATE TABLE t (month TEXT, district TEXT, v INTEGER, loaded TIMESTAMP)", rows)
    of = measure(loaded_at="loaded")
    then = datetime(2022, 12, 1, 23, 59, 59, 999999, tzinfo=LONDON)
    assert warehouse.read(of, now=then, places=Places(), as_of=True).periods == 1
    assert warehouse.read(of, now=then, places=Places()).periods == 2


def test_an_empty_table_is_a_fault_and_no_error(build: Build) -> None:
    block = build("CREATE TABLE t (month TEXT, district TEXT, v INTEGER)").read(measure(), now=NOW, places=Places())
    assert [fault.kind for fault in block.faults] == [FaultKind.EMPTY]


def test_the_columns_of_a_table_and_of_sql_are_told_without_reading(build: Build, engine: str) -> None:
    warehouse = build("CREATE TABLE t (month DATE, district TEXT, v INTEGER)")
    assert list(warehouse.columns(measure())) == ["month", "district", "v"]
    told = warehouse.columns(measure(statement="SELECT v, district AS place FROM t WHERE month >= :since"))
    assert list(told) == ["v", "place"]
    assert told["v"] == {"duckdb": "INTEGER", "postgresql": "int4", "sqlite": ""}[engine]


def test_the_values_of_a_column_are_told_as_series_have_them(build: Build) -> None:
    rows = [{"month": "2022-10", "district": d, "v": n} for d, n in (("A", 1), ("A", 2), (None, 2))]
    warehouse = build("CREATE TABLE t (month TEXT, district TEXT, v INTEGER)", rows)
    assert warehouse.values(measure(), "district") == {"A"}
    assert warehouse.values(measure(statement="SELECT * FROM t"), "v") == {"1", "2"}


def test_many_rows_read_in_several_chunks_are_one_block(build: Build, engine: str) -> None:
    """A chunk of a driver is 500,000 rows."""
    names = "'p' || (i % 60000) AS district, i AS v FROM n"
    if engine == "sqlite":
        numbers = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 599999)"
        create = f"CREATE TABLE t AS {numbers} SELECT '2022-' || printf('%02d', 1 + i / 60000) AS month, {names}"
    else:
        numbers = "range(600000)" if engine == "duckdb" else "generate_series(0, 599999)"
        month = "make_date(2022, 1 + CAST(floor(i / 60000) AS INTEGER), 1)"
        create = f"CREATE TABLE t AS WITH n AS (SELECT * FROM {numbers} AS r(i)) SELECT {month} AS month, {names}"
    block = build(create).read(measure(), now=NOW, places=Places())
    assert block.value.shape == (10, 60000)
    assert block.faults == ()
    for j, (name,) in enumerate(block.keys[:50]):
        np.testing.assert_array_equal(block.value[:, j], int(name[1:]) + 60000 * np.arange(10))
    assert block.value.sum() == 599999 * 600000 / 2


def test_a_cancelled_read_leaves_the_warehouse_usable(build: Build) -> None:
    warehouse = build("CREATE TABLE t (month TEXT, district TEXT, v INTEGER)", timeout=timedelta(seconds=20))
    for _ in range(3):
        warehouse.ping()
    warehouse.close()
    warehouse.ping()
