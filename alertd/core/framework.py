"""The performance framework: quadrants and rows, as a catalogue that measures refer to."""

from typing import Annotated, Literal

from pydantic import Field

from alertd.core.model import Authored


class Flags(Authored):
    """Flags of a row that the framework's text does not itself show say so (R40)."""

    values: tuple[str, ...]
    """The flags."""
    inferred: bool = False
    """Whether they were inferred."""


class Row(Authored):
    """One measure or diagnostic of the framework."""

    title: str
    """As printed."""
    kind: Literal["measure", "diagnostic"]
    """Twelve of each."""
    quadrant: Annotated[int, Field(ge=1, le=4)]
    """The quadrant's number."""
    peel: Flags | None = None
    """The PEEL questions that it bears on."""
    iserve: Flags | None = None
    """The I-SERVE values that it bears on."""


class Framework(Authored):
    """Quadrants by number and rows by id."""

    quadrants: dict[int, str] = Field(default_factory=dict)
    """Number to name."""
    rows: dict[str, Row] = Field(default_factory=dict)
    """Row id (M1 to M12, D1 to D12) to row."""
