"""The parameters of the rating detector: grades on a scale."""

import re
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, WithJsonSchema, model_validator

from alertd.core.durations import Span
from alertd.core.model import PERCENT_PATTERN, Authored


def _grades(value: Any) -> Any:
    found = re.fullmatch(r"(\d+)\s*(?:grades?)?", value.strip()) if isinstance(value, str) else None
    if found is None and isinstance(value, str):
        raise ValueError(f"`{value}` counts no grades; write for example `1 grade`")
    return found[1] if found else value


def _share(value: Any) -> Any:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(?:%|percent|per cent)", value.strip()) if isinstance(value, str) else None
    return float(found[1]) / 100 if found else value


_GRADES = WithJsonSchema(
    {
        "type": ["integer", "string"],
        "minimum": 1,
        "maximum": 20,
        "pattern": r"^\s*[0-9]+\s*(grades?)?\s*$",
        "examples": ["1 grade"],
    }
)
_SHARE = WithJsonSchema(
    {
        "type": ["number", "string"],
        "minimum": 0,
        "exclusiveMaximum": 1,
        "pattern": rf"^({PERCENT_PATTERN}|\s*0?\.?[0-9]+\s*)$",
        "examples": ["20 percent", 0.2],
    }
)


class ShareAbove(Authored):
    """A share of poor grades."""

    grade: str
    """This grade of the scale and every lower one are poor."""
    share: Annotated[float, BeforeValidator(_share), Field(ge=0, lt=1), _SHARE]
    """Fires above this share, written `0.2` or `20 percent`."""


class Rating(Authored):
    """Fires on a grade: that fell, that is poor, too many poor ones, or one that is overdue; all keys given must hold."""

    dropped: Annotated[int, BeforeValidator(_grades), Field(ge=1, le=20), _GRADES] | None = None
    """It fell by at least so many grades since the last one: `1 grade`."""
    at_or_below: str | None = None
    """It is this grade of the scale, or a lower one."""
    share_above: ShareAbove | None = None
    """Too large a share of grades is poor."""
    overdue: Span | None = None
    """No new grade so long after one was due: a period of the grain after the last one's end."""
    failed: bool = False
    """It is the lowest of the scale: a check that was failed."""

    @model_validator(mode="after")
    def _can_fire(self) -> Self:
        others = self.dropped is not None or self.at_or_below is not None or self.share_above is not None or self.failed
        if not others and self.overdue is None:
            raise ValueError("give `dropped`, `at_or_below`, `share_above`, `failed: true` or `overdue`")
        if others and self.overdue is not None:
            raise ValueError("`overdue` judges a grade that is not there, so it stands alone; write a rule of its own")
        return self
