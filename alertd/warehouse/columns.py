"""One chunk of one column as it comes from a driver: from Arrow, or as Python objects."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from alertd.core.rows import Codes, Moments
from alertd.core.series import Bools, Floats

_PLAIN_NUMBERS = {int, float, bool, Decimal, type(None)}
_DAYS_IN_A_TABLE = 20_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NEVER, _FOREVER = datetime(1, 1, 1), datetime(9999, 12, 31)  # noqa: DTZ001  naive local moments


class Column(Protocol):
    """One chunk of a column."""

    def __len__(self) -> int: ...

    def encoded(self) -> tuple[Codes, list[Any]]:
        """A code per row, and the value of each code; NULL may be a value or code -1."""

    def numbers(self) -> tuple[Floats, Bools] | None:
        """The numbers (NaN where NULL) and which are NULL; None where the column may hold other things."""

    def moments(self, zone: tzinfo | None) -> tuple[Codes, Moments] | None:
        """A code per row, and the naive local moment of each code (the last, NaT, is for -1).

        None where the column may hold other things.
        """


class ArrowColumn:
    """A column of an Arrow record batch: never a Python object a row."""

    def __init__(self, array: pa.Array) -> None:
        # PostgreSQL's numeric comes as the text of a decimal number, and says so.
        self._is_decimal_text = isinstance(array.type, pa.BaseExtensionType)
        self._array = array.storage if self._is_decimal_text else array

    def __len__(self) -> int:
        return len(self._array)

    def encoded(self) -> tuple[Codes, list[Any]]:
        try:
            coded = self._array if pa.types.is_dictionary(self._array.type) else self._array.dictionary_encode()
        except pa.ArrowNotImplementedError:  # lists, structs, intervals: nothing that a measure should read
            return ObjectColumn(self._array.to_pylist()).encoded()
        codes = pc.fill_null(coded.indices.cast(pa.int32()), -1).to_numpy(zero_copy_only=False)
        values = _python(coded.dictionary)
        return codes, [Decimal(value) for value in values] if self._is_decimal_text else values

    def numbers(self) -> tuple[Floats, Bools] | None:
        array, kind = self._array, self._array.type
        if self._is_decimal_text:
            array = array.cast(pa.float64())
        elif pa.types.is_boolean(kind):
            array = array.cast(pa.uint8())
        elif not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)):
            return None
        numbers = array.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
        if array.null_count == 0:
            return numbers, np.zeros(len(array), dtype=np.bool_)
        return numbers, array.is_null().to_numpy(zero_copy_only=False)

    def moments(self, zone: tzinfo | None) -> tuple[Codes, Moments] | None:
        kind = self._array.type
        if pa.types.is_date(kind):
            array, unit = self._array.cast(pa.date32()).cast(pa.int32()), "M8[D]"
        elif pa.types.is_timestamp(kind):
            array, unit = self._array.cast(pa.timestamp("us", tz=kind.tz), safe=False).cast(pa.int64()), "M8[us]"
        else:
            return None
        if unit == "M8[D]" and len(array) and not array.null_count:
            days = array.to_numpy()
            first, last = int(days.min()), int(days.max())
            if last - first < _DAYS_IN_A_TABLE:  # every day of the stretch stands for itself: no look-up a row
                known = np.arange(first, last + 1).view(unit)
                return days - np.int32(first), np.append(known, np.datetime64("NaT"))
        coded = array.dictionary_encode()  # periods repeat from series to series
        codes: Codes = pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False)
        counts = coded.dictionary.to_numpy()
        if getattr(kind, "tz", None) is None:
            known = counts.astype(np.int64).view(unit)
        else:
            known = np.array([_local(microseconds, zone) for microseconds in counts.tolist()], dtype=unit)
        return codes, np.append(known, np.datetime64("NaT"))


def _local(microseconds: int, zone: tzinfo | None) -> datetime:
    try:
        return (_EPOCH + timedelta(microseconds=microseconds)).astimezone(zone).replace(tzinfo=None)
    except (OverflowError, ValueError):  # infinity, either way
        return _FOREVER if microseconds > 0 else _NEVER


def _python(array: pa.Array) -> list[Any]:
    try:
        return list(array.to_pylist())
    except (OverflowError, ValueError):  # dates beyond Python's
        return [str(value) for value in array.to_numpy(zero_copy_only=False)]


class ObjectColumn:
    """A column as a driver's Python objects."""

    def __init__(self, values: Sequence[Any]) -> None:
        self._values = values

    def __len__(self) -> int:
        return len(self._values)

    def encoded(self) -> tuple[Codes, list[Any]]:
        values = self._values
        kinds = set(map(type, values)) - {type(None)}
        try:
            if len(kinds) > 1:  # 1, 1.0 and True are one key of a dict, and three values here
                pairs = list(zip(map(type, values), values, strict=True))
                known = {pair: code for code, pair in enumerate(dict.fromkeys(pairs))}
                return np.fromiter(map(known.__getitem__, pairs), np.int32, len(values)), [value for _, value in known]
            index = {value: code for code, value in enumerate(dict.fromkeys(values))}
            return np.fromiter(map(index.__getitem__, values), np.int32, len(values)), list(index)
        except TypeError:  # arrays and documents have no hash
            return ObjectColumn([None if value is None else str(value) for value in values]).encoded()

    def numbers(self) -> tuple[Floats, Bools] | None:
        kinds = set(map(type, self._values))
        if not kinds <= _PLAIN_NUMBERS:
            return None
        try:
            numbers = np.array(self._values, dtype=np.float64)
        except (OverflowError, ValueError):
            return None
        if type(None) not in kinds:
            return numbers, np.zeros(len(numbers), dtype=np.bool_)
        return numbers, np.fromiter((value is None for value in self._values), np.bool_, len(numbers))

    def moments(self, zone: tzinfo | None) -> tuple[Codes, Moments] | None:  # noqa: ARG002  as the protocol has it
        return None  # values repeat, so reading each different one once is as quick
