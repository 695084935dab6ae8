"""Conditions on a figure, and for how many periods one must hold."""

import re
from typing import Annotated

from pydantic import Field, model_validator

from alertd.core.model import Authored, Number


class Condition(Authored):
    """A condition on the figure, in the measure's unit; all keys given must hold."""

    above: Number | None = None
    """Strictly above."""
    at_or_above: Number | None = None
    """At this figure or above."""
    below: Number | None = None
    """Strictly below."""
    at_or_below: Number | None = None
    """At this figure or below."""
    outside: tuple[Number, Number] | None = None
    """Strictly below the first figure or strictly above the second."""

    @model_validator(mode="after")
    def _can_hold(self) -> "Condition":
        given = self.model_dump(exclude_none=True)
        if not given:
            raise ValueError("give at least one of `above`, `at_or_above`, `below`, `at_or_below`, `outside`")
        if self.outside is not None and self.outside[0] > self.outside[1]:
            raise ValueError(f"`outside` needs the lower figure first; found {list(self.outside)}")
        lows = [bound for bound in (self.above, self.at_or_above) if bound is not None]
        highs = [bound for bound in (self.below, self.at_or_below) if bound is not None]
        if len(lows) == 2 or len(highs) == 2:
            raise ValueError(
                "give one lower and one upper bound at most: `above` and `at_or_above` do not go together, "
                "nor `below` and `at_or_below`"
            )
        if (
            lows
            and highs
            and (
                lows[0] > highs[0]
                or (lows[0] == highs[0] and not (self.at_or_above is not None and self.at_or_below is not None))
            )
        ):
            raise ValueError(
                f"no figure can be above {lows[0]:g} and below {highs[0]:g}; "
                f"for either side write `outside: [{highs[0]:g}, {lows[0]:g}]`"
            )
        return self

    def holds(self, value: float) -> bool:
        """Whether one figure meets every part of the condition; whole arrays are for `detect.threshold.meets`."""
        return all(
            (
                self.above is None or value > self.above,
                self.at_or_above is None or value >= self.at_or_above,
                self.below is None or value < self.below,
                self.at_or_below is None or value <= self.at_or_below,
                self.outside is None or value < self.outside[0] or value > self.outside[1],
            )
        )


class ForPeriods(Authored):
    """How long a condition must hold: `2 periods` in a row, or `2 of 3 periods`."""

    need: Annotated[int, Field(ge=1, le=1000)]
    """Periods that must meet the condition, the newest among them."""
    of: Annotated[int, Field(ge=1, le=1000)]
    """Periods looked at; the same as `need` for periods in a row."""

    @classmethod
    def parse(cls, text: str) -> "ForPeriods":
        """Read `2 periods` or `2 of 3 periods`; raises `ValueError`."""
        found = re.fullmatch(r"(\d{1,4})(?:\s+of\s+(\d{1,4}))?\s*(periods?)?", text.strip())
        if found is None:
            raise ValueError(f"`{text}` cannot be read; write `2 periods` or `2 of 3 periods`")
        need, of = int(found[1]), int(found[2] or found[1])
        if not 1 <= need <= of:
            raise ValueError(f"`{text}` can never hold; the first figure lies between 1 and the second")
        return cls(need=need, of=of)

    def __str__(self) -> str:
        if self.need == self.of:
            return f"{self.need} {'period' if self.need == 1 else 'periods'}"
        return f"{self.need} of {self.of} periods"
