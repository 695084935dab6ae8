"""Arrow batches, quick or careful, and rows give the same block; only the time differs."""

import itertools
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alertd.core.classify import classify
from alertd.core.errors import WarehouseError
from alertd.core.filling import Filling
from alertd.core.places import Places
from alertd.warehouse import adbc, reading
from alertd.warehouse.coding import rows_of
from alertd.warehouse.columns import ArrowColumn, ObjectColumn
from alertd.warehouse.quick import quick_block
from alertd.warehouse.texts import TextCodes
from tests.edges.warehouse.conftest import LONDON, NOW, measure

PLACES = Places.model_validate(
    {
        "places": {
            "A": {"level": "district", "from": "2021-06-01"},
            "P001": {"level": "district"},
            "Zed": {"level": "district"},
        },
    }
)
WIDE = ("keys", "first", "faults", "data_version", "by")


def same(one, other):
    """Whether two blocks are the same to the last bit."""
    for name in WIDE:
        assert getattr(one, name) == getattr(other, name), name
    for name in ("value", "numerator", "denominator", "present"):
        left, right = getattr(one, name), getattr(other, name)
        assert (left is None) == (right is None), name
        if left is not None:
            np.testing.assert_array_equal(left, right, err_msg=name)


def rows_careful(of, columns, places=Places(), *, as_of=False):  # noqa: B008
    chunk = [ObjectColumn(column.to_pylist()) for column in columns]
    return classify(of, rows_of(of, [chunk], LONDON), now=NOW, places=places, as_of=as_of)


def arrow_careful(of, columns, places=Places(), *, as_of=False):  # noqa: B008
    chunk = [ArrowColumn(column) for column in columns]
    return classify(of, rows_of(of, [chunk], LONDON), now=NOW, places=places, as_of=as_of)


def arrow_quick(of, columns, size, places=Places(), *, as_of=False):  # noqa: B008
    length = len(columns[0])
    batches = [[column.slice(start, size) for column in columns] for start in range(0, length, size)]
    return quick_block(of, batches, now=NOW, places=places, as_of=as_of)


def table(order, *, periods=30, series=40, gaps=0.0, seed=1, last=(2022, 11)):
    """Rows (month, place, offence, value, part, whole) of series of months up to the last one, in some order."""
    random = np.random.default_rng(seed)
    end = last[0] * 12 + last[1] - 1
    months = [date((end - p) // 12, (end - p) % 12 + 1, 1) for p in reversed(range(periods))]
    cells = list(itertools.product(months, range(series)))
    cells = [cell for cell in cells if random.random() >= gaps]
    match order:
        case "series":
            cells.sort(key=lambda cell: (cell[1], cell[0]))
        case "newest first":
            cells.sort(key=lambda cell: (-cell[0].toordinal(), cell[1]))
        case "backwards":
            cells.reverse()
        case "shuffled":
            random.shuffle(cells)
    whole = random.integers(20, 90, len(cells))
    return {
        "month": pa.array([month for month, _ in cells]),
        "district": pa.array([f"P{place // 2:03d}" for _, place in cells]),
        "offence": pa.array([("Theft", "Burglary")[place % 2] for _, place in cells]),
        "v": pa.array(random.normal(50, 9, len(cells))),
        "n": pa.array((whole * random.random(len(cells))).astype(np.int64)),
        "d": pa.array(whole),
    }


@pytest.mark.parametrize("gaps", [0.0, 0.02, 0.3])
@pytest.mark.parametrize("order", ["period", "series", "newest first", "backwards", "shuffled"])
@pytest.mark.parametrize("size", [7, 64, 500, 100_000])
def test_every_order_of_rows_in_every_cut_gives_the_same_block(order, gaps, size):
    found = table(order, gaps=gaps)
    of = measure(by=["district", "offence"], numerator="n", denominator="d", unit="percent")
    columns = [found[name] for name in of.columns]
    quick = arrow_quick(of, columns, size, PLACES)
    assert quick is not None
    same(quick, arrow_careful(of, columns, PLACES))
    same(quick, rows_careful(of, columns, PLACES))


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("one column of series, with a roster", {}),
        ("force-wide", {"by": []}),
        ("no row means none", {"value": None, "count": "n", "absent": "zero"}),
        ("weeks", {"grain": "week"}),
        ("text for periods", {"text": True}),
        ("moments with a zone", {"moments": True}),
        ("an integer for the place", {"whole": True}),
        ("an enumeration for the place", {"coded": True}),
        ("the running month", {"last": (2022, 12)}),
    ],
)
def test_every_form_of_a_column_gives_the_same_block(name, change):
    found = table("period", series=1 if change.get("by") == [] else 40, gaps=0.05, last=change.get("last", (2022, 11)))
    if "by" not in change:  # one row for each place
        kept = pa.array([offence == "Theft" for offence in found["offence"].to_pylist()])
        found = {column: array.filter(kept) for column, array in found.items()}
    if "text" in change:
        found["month"] = pa.array([f"{day:%Y-%m}" for day in found["month"].to_pylist()])
    if "moments" in change:
        moments = [datetime(day.year, day.month, 15, tzinfo=UTC) for day in found["month"].to_pylist()]
        found["month"] = pa.array(moments, pa.timestamp("us", tz="UTC"))
    if "whole" in change:
        found["district"] = pa.array([int(place[1:]) * 7 for place in found["district"].to_pylist()])
    if "coded" in change:
        found["district"] = found["district"].dictionary_encode()
    keys = {key: value for key, value in change.items() if key in ("by", "count", "absent", "grain")}
    of = measure(**keys)
    columns = [found[column] for column in of.columns]
    quick = arrow_quick(of, columns, 33, PLACES)
    assert quick is not None, name
    same(quick, arrow_careful(of, columns, PLACES))
    same(quick, rows_careful(of, columns, PLACES))


@pytest.mark.parametrize(
    ("column", "item"),
    [
        ("v", None),
        ("v", float("nan")),
        ("v", float("inf")),
        ("district", None),
        ("district", " "),
        ("month", None),
        ("month", date(202, 1, 1)),
        ("month", date(2023, 6, 1)),
        ("month", date(2022, 10, 1)),  # a second row for its cell
    ],
)
def test_a_row_that_is_not_as_it_should_be_ends_the_quick_way(column, item):
    found = table("period", series=2, periods=12)
    of = measure(by=["district", "offence"])
    items = found[column].to_pylist()
    items[-1] = item
    found[column] = pa.array(items, found[column].type)
    assert arrow_quick(of, [found[name] for name in of.columns], 10) is None


def test_what_comes_later_is_hidden_as_of_a_day_and_a_fault_otherwise():
    found = table("period", series=4, periods=12, last=(2023, 3))
    of = measure(by=["district", "offence"])
    columns = [found[name] for name in of.columns]
    assert arrow_quick(of, columns, 9) is None
    quick = arrow_quick(of, columns, 9, as_of=True)
    assert quick is not None
    same(quick, rows_careful(of, columns, as_of=True))


@pytest.mark.parametrize(("part", "whole"), [(-1, 5), (3, 0), (3, -2), (6, 5)])
def test_a_share_that_cannot_be_ends_the_quick_way(part, whole):
    of = measure(numerator="n", denominator="d")
    columns = [pa.array([date(2022, 10, 1)]), pa.array(["A"]), pa.array([part]), pa.array([whole])]
    assert arrow_quick(of, columns, 10) is None
    assert rows_careful(of, columns).faults


def test_a_measure_that_asks_for_more_than_figures_is_read_with_care():
    assert arrow_quick(measure(loaded_at="l"), [pa.array([1])] * 4, 10) is None
    assert arrow_quick(measure(grain="hour"), [pa.array([1])] * 3, 10) is None


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from([f"P{i}" for i in range(12)]), min_size=1, max_size=60),
    st.integers(1, 4),
    st.integers(1, 100),
    st.booleans(),
)
def test_texts_are_numbered_in_the_order_in_which_they_first_came(texts, times, size, coded):
    texts = texts * times
    numbers = {text: number for number, text in enumerate(dict.fromkeys(texts))}
    array, codes = pa.array(texts), TextCodes()
    found = []
    for start in range(0, len(texts), size):
        part = array.slice(start, size)
        got = codes.add(part.dictionary_encode() if coded else part)
        assert got is not None
        found += got.tolist()
    assert found == [numbers[text] for text in texts]
    assert codes.texts == list(numbers)


def test_a_long_feed_in_the_same_order_each_time_is_numbered_right_even_where_some_are_missing():
    names = [f"Place {i:05d}" for i in range(30_000)]
    second = names[:10_000] + names[10_001:]
    third = [*names[5_000:], "new", *names[:5_000]]
    codes, found = TextCodes(), []
    for part in (names, second, third, names):
        for start in range(0, len(part), 7_000):
            got = codes.add(pa.array(part[start : start + 7_000]))
            found += [codes.texts[code] for code in got.tolist()]
    assert found == [*names, *second, *third, *names]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.tuples(st.integers(-30, 30), st.integers(0, 9)), max_size=9), max_size=9))
def test_the_grid_grows_to_any_side_and_keeps_what_it_has(chunks):
    filling, expected, series = Filling(1), {}, 1
    for number, chunk in enumerate(chunks):
        series = max([series, *(code + 1 for _, code in chunk)])
        slots, codes = (np.array([cell[i] for cell in chunk], dtype=np.int64) for i in (0, 1))
        assert filling.add(slots, codes.astype(np.int32), [np.full(len(chunk), float(number))], series)
        expected |= dict.fromkeys(chunk, float(number))
    if not expected:
        return
    grid = filling.matrices(None)[0]
    assert grid.shape == filling.shape
    found = {
        (int(row) + filling.first, int(column)): grid[row, column]
        for row, column in zip(*np.nonzero(~np.isnan(grid)), strict=True)
    }
    assert found == expected


def test_a_grid_that_would_be_absurdly_large_is_not_begun():
    filling = Filling(1)
    slots = np.array([0, 10**9])
    assert not filling.add(slots, np.array([0, 0], dtype=np.int32), [np.array([1.0, 2.0])], 1)


# PostgreSQL by its ADBC driver, against the other driver's rows.

SQL = """SELECT month, district, v FROM t
WHERE month >= :since AND month < :until AND district LIKE '%' AND date_trunc('month', :until) IS NOT NULL"""


@pytest.fixture
def engine():
    return "postgresql"


@pytest.fixture
def adbc_reads(monkeypatch):
    """How often a question was answered by ADBC to its end."""
    counted = []

    def count(connection, statement):
        yield from adbc.batches(connection, statement)
        counted.append(statement)

    monkeypatch.setattr(reading, "batches", count)
    return counted


def both_ways(warehouse, of, monkeypatch):
    """The block by ADBC, if it can be, and by rows."""
    quick = warehouse.read(of, now=NOW, places=Places())
    with monkeypatch.context() as patch:
        patch.setattr(adbc, "_driver", lambda: None)
        return quick, warehouse.read(of, now=NOW, places=Places())


@pytest.mark.parametrize(
    ("kind", "items", "by_adbc"),
    [
        ("numeric", [Decimal("1.10"), Decimal("2")], True),
        ("numeric", [Decimal("1.10"), Decimal("NaN")], True),
        ("double precision", [1.1, 2.0], True),
        ("integer", [1, None], True),
        ("text", ["1", "n/a"], True),
        ("boolean", [True, False], True),
        ("real", [1.1, 2.0], False),
        ("money", ["1.10", "2"], False),
    ],
)
def test_postgresql_gives_the_same_by_adbc_and_by_rows(build, adbc_reads, monkeypatch, kind, items, by_adbc):
    rows = [{"month": date(2022, 9 + i, 1), "district": "A", "v": item} for i, item in enumerate(items)]
    warehouse = build(f"CREATE TABLE t (month DATE, district TEXT, v {kind})", rows)
    same(*both_ways(warehouse, measure(statement=SQL), monkeypatch))
    assert bool(adbc_reads) is by_adbc


@pytest.mark.parametrize(
    ("kind", "item", "by_adbc"),
    [
        ("char(5)", "A", True),
        ("numeric", Decimal("7.50"), True),
        ("timestamp", datetime(2022, 1, 2, 3), True),
        ("uuid", "6e8bc430-9c3a-11d9-9669-0800200c9a66", False),
        ("text[]", ["A", "B"], False),
    ],
)
def test_series_have_the_same_names_by_adbc_and_by_rows(build, adbc_reads, monkeypatch, kind, item, by_adbc):
    row = {"month": date(2022, 9, 1), "district": item, "v": 1}
    warehouse = build(f"CREATE TABLE t (month DATE, district {kind}, v INTEGER)", [row])
    same(*both_ways(warehouse, measure(), monkeypatch))
    assert bool(adbc_reads) is by_adbc


def test_dates_beyond_the_calendar_are_left_to_the_rows(build, adbc_reads):
    rows = [{"month": "infinity", "district": "A", "v": 1}]
    warehouse = build("CREATE TABLE t (month DATE, district TEXT, v INTEGER)")
    with warehouse.source.engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO t VALUES ('infinity', 'A', 1)")
    with pytest.raises(WarehouseError, match="date"):
        warehouse.read(measure(), now=NOW, places=Places())
    assert rows
    assert not adbc_reads


def test_moments_are_taken_to_the_homes_zone_by_adbc_too(build, adbc_reads, monkeypatch):
    moment = datetime(2022, 6, 30, 23, 30, tzinfo=UTC)
    warehouse = build("CREATE TABLE t (moment TIMESTAMPTZ)", [{"moment": moment}])
    of = measure(statement="SELECT date_trunc('month', moment) AS month, 1 AS v, 'A' AS district FROM t")
    quick, rows = both_ways(warehouse, of, monkeypatch)
    same(quick, rows)
    assert str(quick.period(0)) == "2022-07"
    assert adbc_reads


def test_adbc_may_only_read_and_is_cut_off_in_time(build):
    warehouse = build("CREATE TABLE t (v INTEGER)", timeout=timedelta(seconds=20))
    with adbc.adbc_connection(warehouse.source, warehouse.timeout, LONDON) as connection:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('statement_timeout')")
            assert cursor.fetchone() == ("20s",)
        with connection.cursor() as cursor, pytest.raises(connection.Error, match="read-only"):
            cursor.execute("INSERT INTO t VALUES (1)")


def test_without_the_adbc_driver_rows_are_read(build, adbc_reads, monkeypatch):
    monkeypatch.setattr(adbc, "_driver", lambda: None)
    warehouse = build(
        "CREATE TABLE t (month DATE, district TEXT, v INTEGER)", [{"month": date(2022, 9, 1), "district": "A", "v": 1}]
    )
    assert warehouse.read(measure(), now=NOW, places=Places()).keys == (("A",),)
    assert not adbc_reads


def test_more_rows_than_allowed_are_an_error_by_adbc_too(build):
    rows = [{"month": date(2022, m, 1), "district": "A", "v": m} for m in range(1, 8)]
    warehouse = build("CREATE TABLE t (month DATE, district TEXT, v INTEGER)", rows, max_rows=5)
    with pytest.raises(WarehouseError, match="more than 5 rows"):
        warehouse.read(measure(), now=NOW, places=Places())
