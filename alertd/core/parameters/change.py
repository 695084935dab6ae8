"""The parameters of the two-point comparison."""

import re
from dataclasses import dataclass
from typing import Any, Literal, Self

from pydantic import GetCoreSchemaHandler, model_validator
from pydantic_core import CoreSchema, core_schema

from alertd.core.model import Authored


@dataclass(frozen=True, slots=True)
class Amount:
    """So much of a figure: a percentage of what it is compared with, or an amount in the measure's unit."""

    size: float
    percent: bool
    unit: str = ""

    @classmethod
    def parse(cls, text: str) -> "Amount":
        """Read `20 percent`, `40` or `40 hours`; raises `ValueError`."""
        found = re.fullmatch(r"(\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*(\S.*)?", text.strip())
        if found is None or float(found[1]) <= 0:
            raise ValueError(f"`{text}` is no amount; write for example `20 percent` or `40 hours`")
        unit = (found[2] or "").strip()
        return cls(float(found[1]), unit.casefold() in ("%", "percent", "per cent"), unit)

    def __str__(self) -> str:
        return f"{self.size:g} {self.unit}".rstrip()

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            lambda value: value if isinstance(value, cls) else cls.parse(str(value)),
            serialization=core_schema.plain_serializer_function_ser_schema(str),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: Any) -> dict[str, Any]:
        return {
            "type": ["string", "number"],
            "exclusiveMinimum": 0,
            "pattern": r"^\s*[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?\s*(\S.*)?$",
            "examples": ["20 percent", "40 hours"],
        }


class Change(Authored):
    """Fires when a figure is that much worse than one earlier figure; noisy, so the rule needs `accept_noise`."""

    versus: Literal["previous period", "same period last year"]
    """The figure that it is compared with."""
    worse_by: Amount | None = None
    """By how much at least: `20 percent`, or an amount in the measure's unit; either way where neither is better."""
    and_at_least: Amount | None = None
    """And by at least this amount in the measure's unit, so that small figures do not fire on percentages."""

    @model_validator(mode="after")
    def _can_fire(self) -> Self:
        if self.worse_by is None and self.and_at_least is None:
            raise ValueError("give `worse_by`, `and_at_least` or both")
        if self.and_at_least is not None and self.and_at_least.percent:
            raise ValueError("`and_at_least` is an amount in the measure's unit; percentages belong to `worse_by`")
        return self
