"""How long a year is on each grain, and which seasonal rules fit which grain.

A year is 52 weeks, 12 months, 4 quarters or, so that weekdays fall on weekdays, 364 days. Weeks are counted back as they
come: in six years the 53rd weeks shift the season by one week, which a half-window of three takes in.
"""

from typing import NamedTuple

from alertd.core.parameters.seasonal import Seasonal
from alertd.core.periods import Grain

PERIODS_A_YEAR = {Grain.DAY: 364, Grain.WEEK: 52, Grain.MONTH: 12, Grain.QUARTER: 4}
_HALF_WINDOW = {Grain.MONTH: 1, Grain.QUARTER: 0}
_EXCLUDE_RECENT = {Grain.MONTH: 3, Grain.QUARTER: 1}

_YEARS_FOR_A_TREND = 3
LEAST_FREEDOM = 5
"""Degrees of freedom without which a dispersion is no more than a guess."""


class Shape(NamedTuple):
    """The parameters of a rule with every default filled in for a grain."""

    year: int
    years: int
    half_window: int
    seasons: int
    exclude_recent: int

    @property
    def reach(self) -> int:
        """How many periods back the oldest figure lies."""
        return self.years * self.year + self.half_window

    @property
    def figures(self) -> int:
        """How many past periods are used."""
        if self.seasons > 1:
            return self.reach - self.exclude_recent
        near = [
            self.year * year + step
            for year in range(self.years + 1)
            for step in range(-self.half_window, self.half_window + 1)
        ]
        return sum(offset > self.exclude_recent for offset in near if offset >= 0)


def shape_of(seasonal: Seasonal, grain: Grain) -> Shape:
    """Fill in the defaults of a rule for a grain; raises `ValueError` that says what to write where they do not fit."""
    year = PERIODS_A_YEAR.get(grain)
    if year is None:
        raise ValueError(
            f"`farrington_flexible` compares seasons of days, weeks, months or quarters, and the measure's grain is "
            f"{grain.words}; write `method: ears_c1`, or `spc:` instead"
        )
    half = _HALF_WINDOW.get(grain, 3) if seasonal.half_window is None else seasonal.half_window
    recent = _EXCLUDE_RECENT.get(grain, 26) if seasonal.exclude_recent is None else seasonal.exclude_recent
    most = year - 2 * half
    if most < 1:
        raise ValueError(
            f"`half_window: {half}` reaches over a whole year of {year} periods; write at most {(year - 1) // 2}"
        )
    if seasonal.noperiods > most and "noperiods" in seasonal.model_fields_set:
        raise ValueError(
            f"`noperiods: {seasonal.noperiods}` splits a year of {year} periods, {2 * half + 1} of them in the judged season, "
            f"into too many; write at most {most}"
        )
    if recent >= seasonal.years * year - half:
        raise ValueError(
            f"`exclude_recent: {recent}` leaves nothing of the judged season; write less than {seasonal.years * year - half}"
        )
    shape = Shape(year, seasonal.years, half, min(seasonal.noperiods, most), recent)
    if shape.figures - shape.seasons - int(fits_trend(seasonal)) < LEAST_FREEDOM:
        raise ValueError(
            f"{shape.figures} past periods are too few for a model of {shape.seasons} seasons; write more `years`, or fewer "
            "`noperiods`"
        )
    return shape


def fits_trend(seasonal: Seasonal) -> bool:
    """Whether a trend is looked for: with fewer than three years none can be told from the season."""
    return seasonal.trend and seasonal.years >= _YEARS_FOR_A_TREND


def misfit(seasonal: Seasonal, grain: Grain) -> str | None:
    """Why a rule can never judge a measure of this grain, and what to write instead; None where it can."""
    if seasonal.method == "farrington_flexible":
        try:
            shape_of(seasonal, grain)
        except ValueError as error:
            return str(error)
    if seasonal.method == "adjusted_xmr":
        if grain not in PERIODS_A_YEAR:
            return (
                f"`adjusted_xmr` compares seasons of days, weeks, months or quarters, and the measure's grain is "
                f"{grain.words}; write `spc:` instead"
            )
        daily = [name for name in seasonal.factors if name != "month"]
        if daily and grain is not Grain.DAY:
            return f"`{daily[0]}` tells days apart, and the measure's grain is {grain.words}; write `factors: [month]`"
    return None
