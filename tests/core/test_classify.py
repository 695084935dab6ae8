"""Rows on the grid: every row is used or named, missing is never zero, and the order of rows means nothing (R11, R13, R19)."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertd.core.calendar import Calendar
from alertd.core.classify import MAX_CELLS, classify
from alertd.core.data_faults import troubles
from alertd.core.errors import WarehouseError
from alertd.core.faults import MAX_FAULTS
from alertd.core.measures import Measure
from alertd.core.periods import Grain, Period, period_at
from alertd.core.places import Places
from alertd.core.rows import UNREAD, Figures, Rows, Texts, combine
from alertd.core.series import FaultKind, SeriesBlock

NOW = datetime(2022, 12, 15, 7, tzinfo=ZoneInfo("Europe/London"))
NAN = float("nan")
SHARE: dict[str, Any] = {"numerator": "within", "denominator": "incidents"}


def measure(**keys: Any) -> Measure:
    given = {
        "id": "m",
        "name": "m",
        "grain": "month",
        "period": "month",
        "by": ["district"],
        "owner": "x",
        "table": "t",
    }
    if not {"value", "count", "numerator"} & keys.keys():
        keys["value"] = "v"
    return Measure.model_validate(given | keys)


def rows(of: Measure, items: Sequence[tuple[Any, ...]]) -> Rows:
    """Rows of (period text or None, one text or None for each `by`, one figure each: a number, None or text)."""
    slots, unread, texts = [], [], [""]
    for item in items:
        try:
            slots.append(period_at(str(item[0]), of.grain).slot)
            unread.append(-1)
        except ValueError:
            slots.append(UNREAD)
            unread.append(len(texts))
            texts.append(str(item[0]))
    codes = []
    for i in range(len(of.by)):
        names = sorted({item[1 + i] for item in items if item[1 + i] is not None})
        codes.append(
            (np.array([names.index(item[1 + i]) if item[1 + i] is not None else -1 for item in items], np.int32), names)
        )
    series, keys = combine(codes, len(items))
    figures = []
    for name, held in zip(
        [c for c in of.columns if c not in (of.period, *of.by)],
        zip(*[i[1 + len(of.by) :] for i in items], strict=True),
        strict=False,
    ):
        odd = [text for text in held if isinstance(text, str)]
        figures.append(
            Figures(
                column=name,
                number=np.array([NAN if v is None or isinstance(v, str) else float(v) for v in held]),
                null=np.array([v is None for v in held]),
                unread=Texts(
                    code=np.array([odd.index(v) if isinstance(v, str) else -1 for v in held], np.int32),
                    texts=tuple(odd),
                ),
            )
        )
    if not figures:
        wanted = [c for c in of.columns if c not in (of.period, *of.by)]
        figures = [Figures(column=c, number=np.empty(0), null=np.empty(0, np.bool_)) for c in wanted]
    return Rows(
        slot=np.array(slots, np.int64),
        unread=Texts(code=np.array(unread, np.int32), texts=tuple(texts)),
        series=series,
        keys=keys,
        figures=tuple(figures),
    )


def block(of: Measure, items: Sequence[tuple[Any, ...]], places: Places | None = None, **options: Any) -> SeriesBlock:
    return classify(of, rows(of, items), now=NOW, places=places or Places(), **options)


def places(names: Mapping[str, dict[str, Any]] | Sequence[str], **keys: Any) -> Places:
    listed = names if isinstance(names, Mapping) else {name: {} for name in names}
    return Places.model_validate(
        {"places": {name: {"level": "district", **place} for name, place in listed.items()}, **keys}
    )


def faults(found: SeriesBlock) -> list[tuple[FaultKind, Any, str]]:
    return [(fault.kind, fault.key, fault.period) for fault in found.faults]


def test_rows_stand_in_their_period_and_series() -> None:
    found = block(
        measure(**SHARE, unit="percent"),
        [("2022-10", "B", 1, 4), ("2022-09", "A", 3, 4), ("2022-10", "A", 1, 2), ("2022-09", "B", 4, 4)],
    )
    assert found.keys == (("A",), ("B",))
    assert str(found.period(0)) == "2022-09"
    np.testing.assert_array_equal(found.value, [[75, 100], [50, 25]])
    np.testing.assert_array_equal(found.numerator, [[3, 4], [1, 1]])
    np.testing.assert_array_equal(found.denominator, [[4, 4], [2, 4]])
    assert found.present.all()
    assert found.faults == ()


def test_a_rate_is_taken_to_its_unit() -> None:
    rate = measure(count="calls", denominator={"column": "residents", "kind": "exposure", "per": 1000})
    assert block(rate, [("2022-10", "A", 5, 2000)]).value.item() == 2.5


def test_a_force_wide_measure_is_one_series() -> None:
    found = block(measure(by=[]), [("2022-09", 1.5), ("2022-10", 2.5)])
    assert found.keys == ((),)
    np.testing.assert_array_equal(found.value, [[1.5], [2.5]])


def test_a_series_of_several_columns_keeps_their_order() -> None:
    found = block(
        measure(by=["district", "offence"]),
        [("2022-10", "B", "x", 1), ("2022-10", "A", "y", 2), ("2022-10", "A", "x", 3)],
    )
    assert found.keys == (("A", "x"), ("A", "y"), ("B", "x"))
    np.testing.assert_array_equal(found.value, [[3, 2, 1]])


@pytest.mark.parametrize(
    ("kind", "keys", "figures"),
    [
        (FaultKind.NULL, {}, (None,)),
        (FaultKind.NOT_A_NUMBER, {}, (NAN,)),
        (FaultKind.NOT_A_NUMBER, {}, ("n/a",)),
        (FaultKind.INFINITE, {}, (float("inf"),)),
        (FaultKind.INFINITE, {}, (-1e308,)),
        (FaultKind.NEGATIVE_COUNT, {"count": "n"}, (-1,)),
        (FaultKind.NEGATIVE_COUNT, SHARE, (-1, 5)),
        (FaultKind.NULL, SHARE, (None, 5)),
        (FaultKind.NULL, SHARE, (5, None)),
        (FaultKind.ZERO_DENOMINATOR, SHARE, (0, 0)),
        (FaultKind.NEGATIVE_DENOMINATOR, SHARE, (1, -5)),
        (FaultKind.NUMERATOR_ABOVE_DENOMINATOR, SHARE, (6, 5)),
        (FaultKind.INFINITE, SHARE, (float("inf"), 5)),
        (FaultKind.INFINITE, {"count": "n", "denominator": "d"}, (1e200, 1e-200)),
    ],
)
def test_an_impossible_figure_is_named_and_unusable_and_leaves_the_others(
    kind: FaultKind, keys: dict[str, Any], figures: tuple[Any, ...]
) -> None:
    """R13."""
    of = measure(**keys)
    fine = (1,) if len(figures) == 1 else (1, 2)
    found = block(of, [("2022-09", "A", *fine), ("2022-10", "A", *figures), ("2022-10", "B", *fine)])
    assert faults(found) == [(kind, ("A",), "2022-10")]
    assert np.isnan(found.value[1, 0])
    assert found.present[1, 0]
    assert not np.isnan(found.value[[0, 1], [0, 1]]).any()
    for matrix in (found.numerator, found.denominator):
        assert matrix is None or np.isnan(matrix[1, 0])


def test_a_rate_may_exceed_its_exposure_and_a_value_may_be_negative() -> None:
    rate = measure(count="n", denominator={"column": "d", "kind": "exposure"})
    assert block(rate, [("2022-10", "A", 9, 3)]).faults == ()
    assert block(measure(), [("2022-10", "A", -9)]).faults == ()


def test_duplicates_reject_their_own_cell_only() -> None:
    """R13: that series-period is rejected and named; the others are judged."""
    found = block(measure(), [("2022-10", "A", 1), ("2022-10", "A", 1), ("2022-10", "A", None), ("2022-10", "B", 3)])
    assert faults(found) == [(FaultKind.DUPLICATE, ("A",), "2022-10")]
    assert found.faults[0].found == "3 rows"
    np.testing.assert_array_equal(found.value, [[NAN, 3]])
    assert found.present.all()


def test_rows_without_series_or_readable_period_are_named_with_what_stood_there() -> None:
    found = block(
        measure(),
        [("2022-10", "A", 1), ("2022-10", None, 1), ("last May", "A", 1), ("last May", "A", 2), (None, "B", 1)],
    )
    assert faults(found) == [
        (FaultKind.BAD_PERIOD, ("A",), "last May"),
        (FaultKind.BAD_PERIOD, ("B",), "None"),
        (FaultKind.NO_SERIES, None, "2022-10"),
    ]
    assert [fault.found for fault in found.faults] == ["2 rows", "1 row", "1 row without `district`"]
    assert found.keys == (("A",),)


def test_a_period_to_come_is_a_fault_and_a_running_one_is_not() -> None:
    found = block(measure(), [("2022-11", "A", 1), ("2022-12", "A", 1), ("2023-01", "A", 1)])
    assert faults(found) == [(FaultKind.FUTURE, ("A",), "2023-01")]
    assert str(found.period(found.periods - 1)) == "2022-11"


def test_rows_to_come_of_a_measure_with_plans_are_its_plan_and_no_figures() -> None:
    """R49: a roster is entered ahead; the running period is planned too, and a plan may leave places and periods out."""
    given = [("2022-11", "A", 9), ("2022-11", "B", 8), ("2022-12", "A", 7), ("2023-02", "A", 6)]
    found = block(measure(planned=True), given)
    assert found.faults == ()
    assert (found.keys, str(found.period(found.periods - 1))) == ((("A",), ("B",)), "2022-11")
    plan = found.plan
    assert plan is not None
    assert (plan.keys, str(plan.period(0)), plan.value[:, 0].tolist()[::2]) == ((("A",),), "2022-12", [7, 6])
    assert found.data_version != block(measure(planned=True), given[:3]).data_version
    nothing_yet = block(measure(planned=True), given[2:])
    assert (nothing_yet.faults, nothing_yet.periods) == ((), 0)


def test_a_plan_is_checked_as_any_row_is_and_five_years_ahead_at_most() -> None:
    given = [("2022-11", "A", 9), ("2023-01", "A", None), ("2023-02", "A", 1), ("2023-02", "A", 2), ("2032-01", "A", 1)]
    found = block(measure(planned=True), given)
    assert faults(found) == [
        (FaultKind.NULL, ("A",), "2023-01"),
        (FaultKind.DUPLICATE, ("A",), "2023-02"),
        (FaultKind.FUTURE, ("A",), "2032-01"),
    ]
    assert found.plan is not None
    assert np.isnan(found.plan.value).all()


def test_a_plan_is_kept_under_as_of() -> None:
    found = block(measure(planned=True), [("2022-11", "A", 9), ("2023-01", "A", 7)], as_of=True)
    assert found.plan is not None
    assert found.plan.value[:, 0].tolist() == [7]


def test_as_of_hides_later_rows_without_a_fault() -> None:
    found = block(measure(), [("2022-11", "A", 1), ("2023-01", "A", 1)], as_of=True)
    assert found.faults == ()
    assert found.periods == 1


def test_as_of_hides_rows_that_were_loaded_later() -> None:
    given = rows(measure(), [("2022-10", "A", 1), ("2022-11", "A", 1)])
    given = Rows(
        slot=given.slot, unread=given.unread, series=given.series, keys=given.keys, figures=given.figures,
        loaded_at=np.array(["2022-11-05T06:00", "2022-12-15T07:01"], "M8[us]"),
    )  # fmt: skip
    assert classify(measure(), given, now=NOW, places=Places(), as_of=True).periods == 1
    assert classify(measure(), given, now=NOW, places=Places()).periods == 2


def test_the_last_microsecond_completes_a_period() -> None:
    given = rows(measure(), [("2022-11", "A", 1), ("2022-12", "A", 1)])
    end = datetime(2022, 12, 31, 23, 59, 59, 999999, tzinfo=NOW.tzinfo)
    assert classify(measure(), given, now=end, places=Places()).periods == 2
    assert classify(measure(), given, now=end.replace(microsecond=999998), places=Places()).periods == 1


def test_a_missing_period_is_missing_and_never_zero() -> None:
    """R11."""
    found = block(measure(count="n"), [("2022-08", "A", 1), ("2022-11", "A", 1)])
    assert faults(found) == [(FaultKind.MISSING_PERIOD, None, "2022-09"), (FaultKind.MISSING_PERIOD, None, "2022-10")]
    np.testing.assert_array_equal(found.value[:, 0], [1, NAN, NAN, 1])
    np.testing.assert_array_equal(found.present[:, 0], [True, False, False, True])


def test_a_series_is_missing_only_from_its_first_row_on_and_only_where_others_report() -> None:
    found = block(measure(), [("2022-07", "A", 1), ("2022-08", "B", 1), ("2022-09", "A", 1), ("2022-11", "A", 1)])
    assert faults(found) == [
        (FaultKind.MISSING_PERIOD, None, "2022-10"),
        (FaultKind.MISSING_SERIES, ("A",), "2022-08"),
        (FaultKind.MISSING_SERIES, ("B",), "2022-09"),
        (FaultKind.MISSING_SERIES, ("B",), "2022-11"),
    ]


def test_absent_rows_of_a_sparse_feed_are_zero_where_the_feed_reports() -> None:
    sparse = measure(count="n", absent="zero")
    found = block(sparse, [("2022-07", "A", 1), ("2022-08", "B", 2), ("2022-10", "A", 3)])
    assert faults(found) == [(FaultKind.MISSING_PERIOD, None, "2022-09")]
    np.testing.assert_array_equal(found.value, [[1, NAN], [0, 2], [NAN, NAN], [3, 0]])
    assert found.present.sum() == 3


def test_an_expected_place_of_a_sparse_feed_has_zeros_from_the_beginning() -> None:
    sparse = measure(count="n", absent="zero")
    found = block(sparse, [("2022-07", "A", 1), ("2022-08", "B", 2)], places(["A", "B", "C"]))
    assert found.faults == ()
    np.testing.assert_array_equal(found.value, [[1, 0, 0], [0, 2, 0]])


def test_a_place_that_vanished_is_named_and_unknown() -> None:
    """R19."""
    found = block(measure(), [("2022-10", "A", 1)], places(["A", "B"]))
    assert faults(found) == [(FaultKind.VANISHED, ("B",), "")]
    assert found.keys == (("A",), ("B",))
    assert np.isnan(found.value[0, 1])
    assert not found.present[0, 1]


def test_where_nothing_is_due_no_period_and_no_place_is_missed_and_what_cannot_be_used_is_still_named() -> None:
    """Reality checks come when they come."""
    checks = measure(absent="nothing_due")
    there = places(["A", "B", "C"])
    found = block(checks, [("2022-06", "A", 2), ("2022-10", "A", 1), ("2022-10", "B", 2)], there)
    assert found.faults == ()
    assert troubles(checks, found, Calendar(), datetime(2023, 6, 1)) == ()
    assert np.isnan(found.value[1:4]).all()
    assert faults(block(checks, [("2022-10", "Z", 2)], there)) == [(FaultKind.UNEXPECTED_PLACE, ("Z",), "")]
    assert [fault.kind for fault in block(checks, [], there).faults] == [FaultKind.EMPTY]


def test_a_place_nobody_expects_is_named_unless_it_is_no_place_at_all() -> None:
    found = block(
        measure(),
        [("2022-10", "A", 1), ("2022-10", "Z", 1), ("2022-10", "Not located", 1)],
        places(["A"], unallocated=["Not located"]),
    )
    assert faults(found) == [(FaultKind.UNEXPECTED_PLACE, ("Z",), "")]
    assert ("Z",) in found.keys


def test_a_place_that_closed_is_not_missed_after_its_end() -> None:
    """R39: old structures are kept by date."""
    dated = places({"A": {}, "Old": {"to": date(2022, 9, 30)}, "New": {"from": date(2022, 11, 1)}})
    found = block(
        measure(),
        [
            ("2022-08", "A", 1),
            ("2022-08", "Old", 1),
            ("2022-09", "A", 1),
            ("2022-10", "A", 1),
            ("2022-11", "A", 1),
            ("2022-11", "New", 1),
        ],
        dated,
    )
    assert faults(found) == [(FaultKind.MISSING_SERIES, ("Old",), "2022-09")]


def test_in_a_measure_of_several_columns_a_vanished_place_is_named_without_a_series() -> None:
    found = block(
        measure(by=["district", "offence"]), [("2022-10", "A", "x", 1), ("2022-10", "Z", "x", 1)], places(["A", "B"])
    )
    assert [(f.kind, f.key, f.found) for f in found.faults] == [
        (FaultKind.VANISHED, None, "district B has no row in any period"),
        (FaultKind.UNEXPECTED_PLACE, None, "district Z is not in the list of places"),
    ]
    assert found.keys == (("A", "x"), ("Z", "x"))


@pytest.mark.parametrize("keys", [{}, SHARE, {"by": []}])
def test_no_rows_at_all_is_a_fault_and_an_empty_block(keys: dict[str, Any]) -> None:
    found = block(measure(**keys), [], places(["A"]))
    assert faults(found) == [(FaultKind.EMPTY, None, "")]
    assert found.periods == 0
    assert found.keys == ()
    assert (found.numerator is None) == (keys != SHARE)


def test_a_feed_that_only_has_the_running_period_is_no_fault() -> None:
    found = block(measure(), [("2022-12", "A", 1)])
    assert found.periods == 0
    assert found.faults == ()


def test_a_flood_of_faults_is_counted_and_not_kept() -> None:
    items = [("2022-10", f"place {i:05}", None) for i in range(MAX_FAULTS + 7)] + [("2022-09", "place 00000", -1)]
    found = block(measure(), items)
    nulls = [fault for fault in found.faults if fault.kind is FaultKind.NULL]
    assert len(nulls) == MAX_FAULTS + 1
    assert nulls[0].key == ("place 00000",)
    assert nulls[-1].key is None
    assert nulls[-1].found.startswith("7 ")
    assert nulls[-1].period == "2022-10"


def test_a_stray_year_that_would_fill_the_memory_is_an_error_that_names_it() -> None:
    hourly = measure(grain="hour")
    items = [("1901-01-01T00", "A", 1)] + [("2022-10-01T00", f"p{i}", 1) for i in range(MAX_CELLS // 1_060_000)]
    with pytest.raises(WarehouseError, match="1901-01-01T00"):
        block(hourly, items)


def test_the_data_version_follows_the_figures() -> None:
    one = block(measure(), [("2022-10", "A", 1), ("2022-10", "B", 2)])
    assert one.data_version == block(measure(), [("2022-10", "B", 2), ("2022-10", "A", 1)]).data_version
    assert one.data_version != block(measure(), [("2022-10", "A", 1), ("2022-10", "B", 3)]).data_version
    assert one.data_version != block(measure(), [("2022-10", "A", 1), ("2022-10", "C", 2)]).data_version


PERIODS = st.sampled_from(["2022-07", "2022-08", "2022-09", "2022-10", "2022-11", "2022-12", "2023-02", "May", None])
NAMES = st.sampled_from(["A", "B", "C", None])
NUMBERS = st.sampled_from([0, 1, 2, 5, -1, None, NAN, float("inf"), 1e308, "x"])
ITEMS = st.lists(st.tuples(PERIODS, NAMES, NUMBERS, NUMBERS), max_size=25)


@given(ITEMS)
def test_every_row_is_in_the_grid_or_in_a_fault(items: list[tuple[Any, ...]]) -> None:
    """R13: nothing is dropped in silence."""
    found = block(measure(**SHARE), items)
    told = {(fault.key, fault.period) for fault in found.faults}
    for period, name, *_ in items:
        if name is None:
            assert (None, str(period)) in told
        elif period is None or period == "May" or period > "2022-12":
            assert ((name,), str(period)) in told
        elif period <= "2022-11":
            cell = (
                Period(Grain.MONTH, period_at(period, Grain.MONTH).slot).slot - found.first,
                found.keys.index((name,)),
            )
            assert found.present[cell]
            assert not np.isnan(found.value[cell]) or ((name,), period) in told


@given(ITEMS, st.randoms())
def test_the_order_of_rows_changes_nothing(items: list[tuple[Any, ...]], random: Any) -> None:
    shuffled = random.sample(items, len(items))
    one, other = block(measure(**SHARE), items), block(measure(**SHARE), shuffled)
    assert (one.keys, one.first, one.faults, one.data_version) == (
        other.keys,
        other.first,
        other.faults,
        other.data_version,
    )
    np.testing.assert_array_equal(one.value, other.value)


@given(ITEMS)
def test_only_usable_figures_have_a_value(items: list[tuple[Any, ...]]) -> None:
    found = block(measure(**SHARE), items)
    assert found.numerator is not None
    assert found.denominator is not None
    usable = ~np.isnan(found.value)
    assert (usable == ~np.isnan(found.numerator)).all()
    assert (usable <= found.present).all()
    assert (found.denominator[usable] > 0).all()
    assert ((found.value[usable] >= 0) & (found.value[usable] <= 1)).all()


@given(st.lists(st.lists(st.sampled_from(["a", "b", "10", "9", None]), min_size=3, max_size=3), max_size=30))
def test_joined_columns_give_back_the_texts_of_every_row(rows: list[list[str | None]]) -> None:
    columns = []
    for i in range(3):
        names = sorted({row[i] for row in rows if row[i] is not None}, reverse=True)
        columns.append((np.array([names.index(row[i]) if row[i] is not None else -1 for row in rows], np.int32), names))
    series, keys = combine(columns, len(rows))
    assert list(keys) == sorted(set(keys))
    for row, code in zip(rows, series.tolist(), strict=True):
        assert keys[code] == tuple(row) if None not in row else code == -1


@given(st.integers(1, 400), st.integers(0, 400))
def test_whole_counts_divide_into_the_percentage_that_people_write(whole, part):
    """57 of 100 is 57, so that a threshold of 57 reads as written."""
    part = min(part, whole)
    of = measure(**SHARE, unit="percent")
    block = classify(of, rows(of, [("2022-01", "A", part, whole)]), now=NOW, places=Places())
    assert block.value[0, 0] == 100 * part / whole
