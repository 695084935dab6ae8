"""The periods that limits are computed from, as authored."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, GetCoreSchemaHandler, model_validator
from pydantic_core import CoreSchema, core_schema

from alertd.core.model import Authored
from alertd.core.periods import PERIOD_SCHEMA, Grain, Period, parse_period

ROLLING = {
    Grain.HOUR: (168, 24),
    Grain.DAY: (84, 10),
    Grain.WEEK: (52, 6),
    Grain.MONTH: (24, 3),
    Grain.QUARTER: (12, 1),
    Grain.HALF_YEAR: (10, 1),
    Grain.YEAR: (10, 1),
}
"""Default length and gap of the rolling baseline by grain."""


class Window(StrEnum):
    """Which periods the usual range is taken from."""

    LAST = "last"
    FIRST = "first"
    ALL = "all"
    FIXED = "fixed"


@dataclass(frozen=True, slots=True)
class Baseline:
    """The periods that limits are computed from, as authored: `last 24 periods`, `first 24 periods`, `all`, `{from, to}`."""

    window: Window
    length: int = 0
    first: Period | None = None
    last: Period | None = None

    @classmethod
    def parse(cls, authored: Any) -> "Baseline":
        """Read the authored form; raises `ValueError` that says what may be written."""
        if isinstance(authored, dict):
            if set(authored) != {"from", "to"}:
                raise ValueError("a fixed baseline is `{from: 2020-01, to: 2021-12}`")
            first, last = parse_period(str(authored["from"])), parse_period(str(authored["to"]))
            if last.end <= first.start:
                raise ValueError(f"the baseline ends ({last}) before it begins ({first})")
            return cls(Window.FIXED, first=first, last=last)
        text = str(authored).strip()
        if text == "all":
            return cls(Window.ALL)
        found = re.fullmatch(r"(last|first)\s+(\d{1,4})(?:\s+periods?)?", text)
        if found is None or int(found[2]) < 2:
            raise ValueError(
                f"`{text}` is no baseline; write `last 24 periods`, `first 24 periods`, `all`, "
                "or `{from: 2020-01, to: 2021-12}`"
            )
        return cls(Window(found[1]), int(found[2]))

    def __str__(self) -> str:
        if self.window is Window.FIXED:
            return f"{self.first} to {self.last}"
        return "all" if self.window is Window.ALL else f"{self.window} {self.length} periods"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            lambda value: value if isinstance(value, cls) else cls.parse(value),
            serialization=core_schema.plain_serializer_function_ser_schema(str),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: Any) -> dict[str, Any]:
        fixed = {
            "type": "object",
            "properties": {
                "from": {"description": "The first period.", **PERIOD_SCHEMA},
                "to": {"description": "The last period.", **PERIOD_SCHEMA},
            },
            "required": ["from", "to"],
            "additionalProperties": False,
        }
        words = {
            "type": "string",
            "pattern": r"^\s*(all|(last|first)\s+[0-9]{1,4}(\s+periods?)?)\s*$",
            "examples": ["last 24 periods", "first 24 periods", "all"],
        }
        return {"anyOf": [words, fixed]}


class Limited(Authored):
    """Parameters of a detector whose limits come from a baseline."""

    baseline: Baseline | None = None
    """The periods that limits come from. Left out, a rolling window: the last 24 months, 52 weeks, 84 days, 168 hours,
    12 quarters, 10 half-years or 10 years."""
    gap: Annotated[int, Field(ge=1, le=1000)] | None = None
    """How many periods before the judged one a rolling baseline ends; 1 is the period just before. Left out, 3 months,
    6 weeks, 10 days, 24 hours, else 1."""
    min_baseline: Annotated[int, Field(ge=2, le=1000)] | None = None
    """Usable periods below which the state is `learning`; 12, or the baseline's length where that is shorter."""

    @model_validator(mode="after")
    def _can_be_learned(self) -> "Limited":
        if self.min_baseline and self.baseline and self.baseline.length and self.min_baseline > self.baseline.length:
            raise ValueError(
                f"`min_baseline` asks for {self.min_baseline} periods and the baseline has {self.baseline.length}, "
                "so the rule could never leave `learning`"
            )
        if self.gap is not None and self.baseline is not None and self.baseline.window is not Window.LAST:
            raise ValueError("`gap` goes with a rolling baseline (`last N periods`) only")
        return self
