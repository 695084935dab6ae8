"""The base of every authored model, and the small types that several of them share."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, FiniteFloat

Key = tuple[str, ...]
"""A series' place on each of its measure's `by` columns, in their order; `()` is the force-wide series."""

_ID = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,99}")
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*")


class Authored(BaseModel):
    """Something that an analyst wrote: unknown keys are refused, and nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, use_attribute_docstrings=True)


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


Id = Annotated[str, AfterValidator(_check_id)]
Email = Annotated[str, AfterValidator(_check_email)]
Number = FiniteFloat
OneOrMore = Annotated[
    tuple[str, ...], BeforeValidator(listed, json_schema_input_type=str | tuple[str, ...]), Field(min_length=1)
]


def _percentage(value: Any) -> Any:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(?:%|percent|per cent)", value.strip()) if isinstance(value, str) else None
    if found is None and isinstance(value, str):
        raise ValueError(f"`{value}` is no percentage; write for example `30 percent`")
    return found[1] if found else value


Percentage = Annotated[float, BeforeValidator(_percentage, json_schema_input_type=str), Field(gt=0, le=100)]
"""Written `30 percent`; from above 0 to 100."""
Where = dict[str, OneOrMore]
"""Which series: a column of `by` (or a level above it) to one value or a list; all columns must hold."""
