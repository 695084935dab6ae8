"""The performance year, which a force plans and reviews by; it begins in April, unless the framework says otherwise (R38).

Data, periods and commands use calendar years and quarters; only what belongs to learning reviews follows this one.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema

from alertd.core.model import text_schema
from alertd.core.periods import MONTHS

_FORM = re.compile(r"(?:starts\s+in\s+)?([a-z]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PerformanceYear:
    """One performance year, by the calendar year that it begins in and the month."""

    begins: int
    month: int = 4

    def __str__(self) -> str:
        """`2022/23`; `2022` where it is the calendar year."""
        return str(self.begins) if self.month == 1 else f"{self.begins}/{(self.begins + 1) % 100:02d}"

    def quarter_of(self, day: date) -> int:
        """Which quarter of the year a day of it lies in: 1 for its first three months."""
        return ((day.month - self.month) % 12) // 3 + 1


@dataclass(frozen=True, slots=True)
class YearStart:
    """The month that performance years begin in, 1 to 12."""

    month: int

    @classmethod
    def parse(cls, text: str) -> "YearStart":
        """Read `starts in April`, or `April`; raises `ValueError` that says what may be written."""
        found = _FORM.fullmatch(" ".join(text.split()))
        names = [name.casefold() for name in MONTHS]
        if found is None or found[1].casefold() not in names:
            raise ValueError(f"`{text}` names no month; write for example `starts in April`")
        return cls(names.index(found[1].casefold()) + 1)

    def __str__(self) -> str:
        return f"starts in {MONTHS[self.month - 1]}"

    def year_of(self, day: date) -> PerformanceYear:
        """The performance year that a day lies in."""
        return PerformanceYear(day.year if day.month >= self.month else day.year - 1, self.month)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return text_schema(cls, cls.parse)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: Any) -> dict[str, Any]:
        any_case = "|".join("".join(f"[{one.upper()}{one.lower()}]" for one in name) for name in MONTHS)
        return {
            "type": "string",
            "pattern": rf"^\s*([Ss][Tt][Aa][Rr][Tt][Ss]\s+[Ii][Nn]\s+)?({any_case})\s*$",
            "examples": ["starts in April"],
            "errorMessage": "This names no month; write for example `starts in April`.",
        }
