"""The base of every authored model, and the small types that several of them share."""

import re
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, FiniteFloat, WithJsonSchema
from pydantic_core import CoreSchema, core_schema

Key = tuple[str, ...]
"""A series' place on each of its measure's `by` columns, in their order; `()` is the force-wide series."""

_ID = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,99}")
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*")


class Authored(BaseModel):
    """Something that an analyst wrote: unknown keys are refused, and nothing changes after reading."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, populate_by_name=True, use_attribute_docstrings=True, allow_inf_nan=False
    )


def text_schema(kind: type, parse: Callable[[str], Any]) -> CoreSchema:
    """How pydantic reads a type that is authored as text: by `parse`, from a `kind` as it is, and written by `str`."""
    text = core_schema.no_info_after_validator_function(parse, core_schema.str_schema())
    return core_schema.json_or_python_schema(
        json_schema=text,
        python_schema=core_schema.union_schema([core_schema.is_instance_schema(kind), text], mode="left_to_right"),
        serialization=core_schema.plain_serializer_function_ser_schema(str),
    )


def _check_id(text: str) -> str:
    if not _ID.fullmatch(text):
        raise ValueError(f"`{text}` is no id; use letters, digits, `-`, `_` and `.`, and begin with a letter")
    return text


def _check_email(text: str) -> str:
    if not _EMAIL.fullmatch(text):
        raise ValueError(f"`{text}` is no e-mail address; write for example a.person@example.org")
    return text


def listed(value: Any) -> Any:
    """One value as a list of one, for validators."""
    return value if isinstance(value, (list, tuple)) else [value]


def _check_day(value: Any) -> Any:
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
        raise ValueError(f"`{value}` is no date; write for example 2022-10-03")
    return value


ID_PATTERN = f"^{_ID.pattern}$"
ID_MESSAGE = "An id has letters, digits, `-`, `_` and `.`, and begins with a letter."
PERCENT_PATTERN = r"\s*[0-9]+(\.[0-9]+)?\s*(%|percent|per cent)\s*"


def _one_or_more(of: dict[str, Any]) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [of, {"type": "array", "items": of, "minItems": 1}]})


_ID_SCHEMA = WithJsonSchema(
    {
        "type": "string",
        "pattern": ID_PATTERN,
        "errorMessage": ID_MESSAGE,
    }
)
_EMAIL_SCHEMA = WithJsonSchema(
    {
        "type": "string",
        "pattern": f"^{_EMAIL.pattern}$",
        "errorMessage": "This is no e-mail address; write for example a.person@example.org.",
    }
)
Id = Annotated[str, AfterValidator(_check_id), _ID_SCHEMA]
Email = Annotated[str, AfterValidator(_check_email), _EMAIL_SCHEMA]
Day = Annotated[
    date,
    BeforeValidator(_check_day),
    WithJsonSchema(
        {
            "type": "string",
            "format": "date",
            "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
            "errorMessage": "This is no date; write for example 2022-10-03.",
        }
    ),
]
"""A date as `2022-10-03`, and in no other form."""
Number = FiniteFloat
OneOrMore = Annotated[
    tuple[str, ...], BeforeValidator(listed), Field(min_length=1), _one_or_more({"type": ["string", "number"]})
]
_Values = Annotated[
    tuple[str, ...],
    BeforeValidator(listed),
    Field(min_length=1),
    _one_or_more({"type": ["string", "number", "boolean"]}),
]


def _percentage(value: Any) -> Any:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(?:%|percent|per cent)", value.strip()) if isinstance(value, str) else None
    if found is None and isinstance(value, str):
        raise ValueError(f"`{value}` is no percentage; write for example `30 percent`")
    return found[1] if found else value


Percentage = Annotated[
    float,
    BeforeValidator(_percentage),
    Field(gt=0, le=100),
    WithJsonSchema({"type": "string", "pattern": f"^{PERCENT_PATTERN}$", "examples": ["30 percent"]}),
]
"""Written `30 percent`; from above 0 to 100."""
Where = dict[str, _Values]
"""Which series: a column of `by` (or a level above it) to one value or a list; all columns must hold."""
