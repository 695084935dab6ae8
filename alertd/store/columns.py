"""Column types that say the same thing on SQLite and PostgreSQL."""

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Dialect, Float, String, Text
from sqlalchemy.types import TypeDecorator

from alertd.core.periods import Period, parse_period


class Moment(TypeDecorator[datetime]):
    """An aware moment as UTC text of fixed width, so that text order is time order on every engine."""

    # ruff: noqa: ARG002  the signatures are SQLAlchemy's

    impl = String
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be stored")
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        return None if value is None else datetime.fromisoformat(value)  # the Z at its end is read as UTC


class PeriodText(TypeDecorator[Period]):
    """A period in contract form; the form itself names the grain."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: Period | None, dialect: Dialect) -> str | None:
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Period | None:
        return None if value is None else parse_period(value)


class Words(TypeDecorator[tuple[str, ...]]):
    """A tuple of strings as a JSON list, written one way only, so that equal tuples are equal text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str | None:
        return None if value is None else json.dumps(list(value), ensure_ascii=False, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> tuple[str, ...] | None:
        return None if value is None else tuple(json.loads(value))


class SeriesText(TypeDecorator[dict[str, str]]):
    """A series as a JSON object, written one way only, so that equal series are equal text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Mapping[str, str] | None, dialect: Dialect) -> str | None:
        return None if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> dict[str, str] | None:
        return None if value is None else dict(json.loads(value))


class Figure(TypeDecorator[float]):
    """A float whose NaN, which SQLite cannot hold, is NULL."""

    impl = Float(53)
    cache_ok = True

    def process_bind_param(self, value: float | None, dialect: Dialect) -> float | None:
        return None if value is None or math.isnan(value) else float(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> float:
        return math.nan if value is None else float(value)
