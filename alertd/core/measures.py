"""A measure: where its rows come from, what is measured, which way is better, and what follows from that."""

from contextlib import suppress
from statistics import NormalDist
from typing import Any

from pydantic import model_validator

from alertd.core.durations import Span
from alertd.core.measure_checks import wrong_combinations
from alertd.core.measure_keys import MeasureKeys
from alertd.core.measure_parts import (
    LEAST_GROUP,
    LEAST_SENSITIVE_GROUP,
    ExposureDenominator,
    Improvement,
    Interval,
    Reference,
    SmallNumbers,
    Towards,
    coarser,
)
from alertd.core.periods import Grain

__all__ = ["ExposureDenominator", "Improvement", "Measure", "Reference", "SmallNumbers", "Towards"]


class Measure(MeasureKeys):
    """A measure: one row per series and period, by a SQL file or a table of the warehouse, or from what people recorded."""

    @model_validator(mode="before")
    @classmethod
    def _what_follows(cls, written: Any) -> Any:
        """Fill in what one key says of another."""
        if not isinstance(written, dict):
            return written
        filled: dict[str, Any] = {}
        event = written.get("event")
        if isinstance(event, dict) and isinstance(event.get("date"), str):
            filled["period"] = event["date"]
        if "at_age" in written:
            with suppress(ValueError, TypeError, AttributeError):  # what is wrong with it is said of `at_age`
                filled["settles_after"] = Span.parse(written["at_age"])
        if "grade" in written:
            filled["improvement"] = Improvement.INCREASE
        return {**filled, **written}

    @model_validator(mode="after")
    def _one_source_one_figure(self) -> "Measure":
        problems = list(wrong_combinations(self))
        if problems:
            raise ValueError("; ".join(problems))
        return self

    @property
    def direction(self) -> Improvement:
        """Which way is better, as one word; towards a band it is neither way as such."""
        return Improvement.NEITHER if isinstance(self.improvement, Towards) else self.improvement

    @property
    def series_by(self) -> tuple[str, ...]:
        """What names a series: the columns of `by`, and `quantile` where there are several."""
        return (*self.by, "quantile") if self.quantile is not None and len(self.quantile.at) > 1 else self.by

    @property
    def is_fed(self) -> bool:
        """Whether every period and place should have rows; what people record or check comes when it comes."""
        return self.recorded is None and self.absent != "nothing_due"

    @property
    def overlapping(self) -> bool:
        """Whether neighbouring figures share data, so that runs of them mean nothing."""
        return self.pool is not None or self.window is not None

    @property
    def stride(self) -> int:
        """How many periods lie between figures that share no data, where each covers a longer time than its period; else 1."""
        return 1 if self.window is None else self.window.stride(self.grain)

    @property
    def judged_grain(self) -> Grain:
        """The grain of figures that share no data, which baselines count in: `grain`, or the longer time of a `window`."""
        return coarser(self.grain, self.stride) or self.grain

    @property
    def zeros(self) -> bool:
        """Whether no row means none."""
        return self.absent == "zero" or self.event is not None

    @property
    def standard_errors(self) -> float:
        """How many standard errors a confidence interval reaches either way."""
        level = self.confidence.level if isinstance(self.confidence, Interval) else (self.confidence or 95.0)
        return NormalDist().inv_cdf(0.5 + level / 200)

    @property
    def is_share(self) -> bool:
        """Whether the numerator is a part of the denominator."""
        return self.numerator is not None and isinstance(self.denominator, str)

    @property
    def floor(self) -> int | None:
        """The smallest group of people that figures are shown of; None where nothing says how large groups are."""
        if self.group_size is None:
            return None
        return max(self.group_floor or 0, LEAST_GROUP if self.sensitive is None else LEAST_SENSITIVE_GROUP)

    @property
    def factor(self) -> float:
        """What numerator over denominator is multiplied by to give the figure in the measure's unit."""
        if isinstance(self.denominator, ExposureDenominator):
            return self.denominator.per
        return 100.0 if self.unit == "percent" else 1.0

    @property
    def least_step(self) -> float | None:
        """The smallest step that means anything: as authored, else 1 for a count, else unknown."""
        if self.resolution is not None:
            return self.resolution
        return 1.0 if self.is_whole else None

    @property
    def is_whole(self) -> bool:
        """Whether the figure is a count of things, a number of events or the place of a grade, so that it is whole."""
        counted = self.count is not None and self.denominator is None
        return counted or self.event is not None or self.grade is not None
