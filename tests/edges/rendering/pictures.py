"""Charts of plain values."""

from typing import Any

from alertd.core.findings import Chart, ChartPoint
from alertd.core.periods import Grain, Period, period_at


def points(
    values: list[float | None], *, last: str, grain: Grain, marks: dict[int, Any] | None = None, **more: Any
) -> tuple[ChartPoint, ...]:
    """Chart points that end at `last`; marks by index from the end (`-1` is the newest)."""
    end = period_at(last, grain)
    made = []
    for index, value in enumerate(values):
        behind = len(values) - 1 - index
        made.append(
            ChartPoint(
                period=str(Period(grain, end.slot - behind)), value=value, mark=(marks or {}).get(-1 - behind), **more
            )
        )
    return tuple(made)


def chart(
    values: list[float | None],
    *,
    last: str = "2022-03",
    grain: Grain = Grain.MONTH,
    marks: dict[int, Any] | None = None,
    **more: Any,
) -> Chart:
    """A chart of these values."""
    given: dict[str, Any] = {"centre": None, "lower": None, "upper": None}
    return Chart(grain=grain, points=points(values, last=last, grain=grain, marks=marks), **(given | more))
