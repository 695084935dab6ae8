"""Values are read alike one by one and as whole columns."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alertd.core.periods import Grain
from alertd.core.rows import UNREAD
from alertd.warehouse.columns import ArrowColumn, ObjectColumn
from alertd.warehouse.words import key_text, number, shown, slot_of, slots_of

MOMENTS = st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59))


@given(st.lists(MOMENTS), st.sampled_from(Grain))
def test_a_column_of_moments_is_floored_as_each_of_them(moments: list[datetime], grain: Grain) -> None:
    together = slots_of(np.array(moments, dtype="M8[us]"), grain)
    assert together.tolist() == [slot_of(moment, grain, None)[0] for moment in moments]


@given(st.lists(MOMENTS.map(datetime.date)), st.sampled_from(Grain))
def test_a_column_of_dates_is_floored_as_each_of_them(days: list[date], grain: Grain) -> None:
    together = slots_of(np.array(days, dtype="M8[D]"), grain)
    assert together.tolist() == [slot_of(day, grain, None)[0] for day in days]


def test_no_moment_and_one_before_1900_have_no_slot_and_infinity_is_far_off() -> None:
    days = np.array([None, "1899-12-31", "1900-01-01", np.datetime64(2**31 - 1, "D")], dtype="M8[D]")
    assert slots_of(days, Grain.YEAR).tolist() == [UNREAD, UNREAD, -70, 8029]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Preston", "Preston"),
        (" ", None),
        (None, None),
        (True, "true"),
        (7, "7"),
        (7.0, "7"),
        (7.25, "7.25"),
        (float("nan"), None),
        (Decimal("7.00"), "7"),
        (Decimal("7.50"), "7.5"),
        (Decimal("1E+2"), "100"),
        (123456789012345678, "123456789012345678"),
        (date(2022, 1, 2), "2022-01-02"),
        (datetime(2022, 1, 2, 3), "2022-01-02T03:00:00"),
        (b"abc", "abc"),
    ],
)
def test_a_series_is_named_alike_whatever_type_its_column_has(value: Any, text: str | None) -> None:
    assert key_text(value) == text


@pytest.mark.parametrize("value", [10**400, "1e999", float("inf")])
def test_a_number_too_large_for_a_float_is_infinite_and_not_text(value: Any) -> None:
    assert number(value) == (float("inf"), "")


def test_what_is_shown_of_a_value_is_short_and_on_one_line() -> None:
    assert shown("a\nb\tc " * 40) == ("a b c " * 40)[:79] + "…"


def test_objects_that_are_equal_and_of_different_types_stay_apart() -> None:
    codes, known = ObjectColumn([1, True, 1.0, "1", None, 1]).encoded()
    assert [str(known[code]) for code in codes] == ["1", "True", "1.0", "1", "None", "1"]
    assert len(known) == 5


def test_lists_and_documents_are_taken_as_text() -> None:
    codes, known = ObjectColumn([[1], {"a": 1}, None]).encoded()
    assert [known[code] for code in codes] == ["[1]", "{'a': 1}", None]
    codes, known = ArrowColumn(pa.array([[1], None])).encoded()
    assert [known[code] for code in codes] == ["[1]", None]


@pytest.mark.parametrize("kind", [pa.int8(), pa.uint64(), pa.float32(), pa.decimal128(38, 2), pa.bool_()])
def test_arrow_numbers_of_every_kind_are_floats(kind: pa.DataType) -> None:
    found = ArrowColumn(pa.array([1, None, 0]).cast(kind)).numbers()
    assert found is not None
    numbers, nulls = found
    np.testing.assert_array_equal(numbers, [1, np.nan, 0])
    assert nulls.tolist() == [False, True, False]


def test_arrow_texts_of_an_enumeration_keep_their_nulls() -> None:
    codes, known = ArrowColumn(pa.array(["b", None, "a", "b"]).dictionary_encode()).encoded()
    assert [known[code] if code >= 0 else None for code in codes] == ["b", None, "a", "b"]
