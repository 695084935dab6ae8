"""Single warehouse values as alertd reads them: the same on every database, however its driver hands them over."""

import math
import re
from contextlib import suppress
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Any

import numpy as np

from alertd.core.periods import MONTHS_IN, Grain, Period, parse_period, period_at
from alertd.core.printable import on_one_line
from alertd.core.rows import UNREAD, Moments
from alertd.core.series import Ints

EARLIEST = date(1900, 1, 1)
"""Periods before this day are slips of the pen (0202 for 2022) and count as unreadable."""

_LATEST = date(9999, 12, 31)
_LONGEST = 80
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def key_text(value: Any) -> str | None:
    """A value that names a series, as text; None where it names nothing: NULL, NaN, blank text."""
    if value is None or isinstance(value, str):
        return value if value and value.strip() else None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (float, Decimal)):
        if not math.isfinite(value):
            return None if math.isnan(value) else str(value)
        if value == int(value):
            return str(int(value))
        return repr(value) if isinstance(value, float) else format(value.normalize(), "f")
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).decode("utf-8", "replace")
    return str(value)


def number(value: Any) -> tuple[float, str]:
    """A value as a number, or NaN with what stood there instead; plain decimal text is a number."""
    if isinstance(value, (bool, int, float, Decimal)):
        try:
            return float(value), ""
        except (OverflowError, ValueError):  # an int without bound, a signalling NaN
            return (math.nan, "NaN") if isinstance(value, Decimal) else (math.inf, "")
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        return float(value), ""
    return math.nan, shown(value)


def slot_of(value: Any, grain: Grain, zone: tzinfo | None) -> tuple[int, str]:
    """The slot that a period column's value names, or `UNREAD` and what stood there instead.

    Moments with an offset are first taken to `zone`.
    """
    try:
        period = _period(value, grain, zone)
    except (ValueError, OverflowError):
        return UNREAD, shown(value)
    if period.slot < Period.containing(EARLIEST, grain).slot:
        return UNREAD, shown(value)
    return period.slot, ""


def _period(value: Any, grain: Grain, zone: tzinfo | None) -> Period:
    if isinstance(value, datetime):
        return Period.containing(_local(value, zone), grain)
    if isinstance(value, date):
        return Period.containing(value, grain)
    if isinstance(value, str):
        try:
            return period_at(value, grain)
        except ValueError:
            moment = datetime.fromisoformat(value.strip())
            if moment.tzinfo is None:  # every form without an offset has been tried
                raise
            return Period.containing(_local(moment, zone), grain)
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool) and value == int(value):
        return period_at(str(int(value)), grain)
    raise ValueError(value)


def _local(moment: datetime, zone: tzinfo | None) -> datetime:
    return moment if moment.tzinfo is None else moment.astimezone(zone).replace(tzinfo=None)


def moment_of(value: Any, zone: tzinfo | None) -> np.datetime64:
    """A moment in naive local time; NaT where the value is none."""
    none = np.datetime64("NaT", "us")
    try:
        if isinstance(value, str):
            value = datetime.fromisoformat(value.strip())
        if isinstance(value, datetime):
            return np.datetime64(_local(value, zone), "us")
        return np.datetime64(value, "us") if isinstance(value, date) else none
    except (ValueError, OverflowError):
        return none


def completeness_of(value: Any, zone: tzinfo | None) -> np.datetime64:
    """The moment at which what a feed covers ends, in naive local time: a day counts whole, and so does a period in text.

    A time of day counts as it is, except midnight, which is how many databases write a day. NaT where the value is none.
    """
    if isinstance(value, str):
        with suppress(ValueError):  # a timestamp with an offset, or nothing that can be read
            period = parse_period(value)
            if period.grain is not Grain.HOUR:
                return np.datetime64(period.end, "us")
    return np.datetime64(end_of_day(np.array([moment_of(value, zone)], dtype="M8[us]"))[0])


def end_of_day(moments: Moments) -> Moments:
    """Moments at midnight taken for the day that begins there: its end; others as they are."""
    at_midnight = moments == moments.astype("M8[D]")
    return np.where(at_midnight, moments + np.timedelta64(1, "D"), moments)


def slots_of(moments: Moments, grain: Grain) -> Ints:
    """The slots of naive local moments or dates, `UNREAD` for NaT and for those before 1900."""
    match grain:
        case Grain.HOUR:
            slots = moments.astype("M8[h]").astype(np.int64)
        case Grain.DAY:
            slots = moments.astype("M8[D]").astype(np.int64)
        case Grain.WEEK:
            slots = (moments.astype("M8[D]").astype(np.int64) + 3) // 7  # 1 January 1970 was a Thursday
        case _:
            slots = moments.astype("M8[M]").astype(np.int64) // MONTHS_IN[grain]
    latest = Period.containing(datetime.combine(_LATEST, datetime.max.time()), grain).slot
    earliest = Period.containing(EARLIEST, grain).slot
    slots = np.minimum(slots, latest)
    slots[np.isnat(moments) | (slots < earliest)] = UNREAD
    return slots


def shown(value: Any) -> str:
    """A value in a fault: short, on one line."""
    if value is None:
        return "NULL"
    if isinstance(value, (float, Decimal)) and math.isnan(value):
        return "NaN"
    text = on_one_line(key_text(value) or str(value))
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
