"""The parameters of the freshness detector."""

from typing import Literal

from pydantic import model_validator

from alertd.core.durations import Span
from alertd.core.model import Authored, Percentage


class Freshness(Authored):
    """Fires when figures are late or a series that should be there is not; keys are alternatives (OR)."""

    late_after: Span | None = None
    """How long after a period's end its figures are due."""
    missing: Literal["any", "all", "none"] = "none"
    """`any`: each series without a row when others have one; `all`: only when none has one."""

    shrunk_by: Percentage | None = None
    """`30 percent`: by how much fewer series than usual have a row; usual is the median of the last 12 periods."""

    @model_validator(mode="after")
    def _can_fire(self) -> "Freshness":
        if self.late_after is None and self.missing == "none" and self.shrunk_by is None:
            raise ValueError(
                "give `late_after`, `missing: any`, `missing: all` or `shrunk_by`; without them the rule could never fire"
            )
        return self
