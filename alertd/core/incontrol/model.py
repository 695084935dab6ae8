"""What a measure's series do while nothing happens to them: one model a measure, whose parameters are arrays over series."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from alertd.core.incontrol.cycles import Season
from alertd.core.measures import Measure
from alertd.core.model import Key
from alertd.core.series import Bools, Floats, Ints


class Family(StrEnum):
    """How the figures of a measure vary; the value is how people read it."""

    NORMAL = "normal"
    LOGNORMAL = "lognormal"
    GAMMA = "gamma"
    RATIO = "normal on the log scale"
    COUNT = "negative binomial"
    AMOUNT = "gamma, by its variance over its mean"
    SHARE = "beta-binomial"
    EVENT = "Poisson process"
    GRADE = "categorical"
    GRADES = "many grades a period"

    @property
    def counted(self) -> bool:
        """Whether spread is `phi`: how many times the variance is what chance alone explains."""
        return self in (Family.COUNT, Family.AMOUNT, Family.SHARE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Figures of each series that go with the judged one and are drawn from its own past: arrays of rows x series.

    A series' own rows come first, `held` of them; what stands below belongs to nobody. One draw takes one row of all.
    """

    held: Ints
    denominator: Floats | None = None
    """Wholes, exposures, or how many grades a period has."""
    standard_error: Floats | None = None

    def take(self, columns: Ints) -> "Kept":
        """The same of only some series."""
        return Kept(
            held=self.held[columns],
            denominator=_taken(self.denominator, columns),
            standard_error=_taken(self.standard_error, columns),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class InControl:
    """A measure's in-control model; arrays have one item a series, in the order of `keys`.

    Series that are left out are NaN throughout, and are simulated as series without any figure.
    """

    measure: Measure
    family: Family
    by: tuple[str, ...]
    keys: tuple[Key, ...]
    last: int
    """The slot of the last simulated period: that of the newest settled one."""
    level: Floats
    """The mean figure; of shares and rates before `per` and percent; of events a day; of ratios that of their logarithm."""
    spread: Floats
    """The standard deviation of figures (of ratios that of their logarithm), or phi where `family.counted`."""
    autocorrelation: float
    """Between a figure and the next, alike for every series; 0 where it is not significant."""
    seasons: tuple[Season, ...]
    """The seasons that are significant, alike for every series."""
    swing: Floats | None = None
    """What seasons are counted in, in the measure's unit, where they are added to values; else they multiply levels or odds."""
    lost: Floats
    """The share of periods without a figure."""
    points: Ints
    """How many figures the level was taken from."""
    borrowed: Bools
    """Where the spread is that of the other series, for want of own figures."""
    left_out: Mapping[Key, str]
    """The series that no model was fitted to, and why, in words."""
    lowest: float
    highest: float
    """The bounds that figures keep to, in the measure's unit."""
    step: float | None
    """What figures are rounded to; None where they are not."""
    kept: Kept
    chances: Floats | None = None
    """Of grades: the chance of each, grades x series."""
    whole_days: bool = False
    """Of events: only the day is known."""
    reference: Floats | None = None
    """Where the reference line of each series stands, where a column says so."""

    def take(self, columns: Ints) -> "InControl":
        """The model of only these series, in this order; a series may be taken more than once."""
        keys = tuple(self.keys[column] for column in columns.tolist())
        return replace(
            self,
            keys=keys,
            level=self.level[columns],
            spread=self.spread[columns],
            swing=_taken(self.swing, columns),
            lost=self.lost[columns],
            points=self.points[columns],
            borrowed=self.borrowed[columns],
            left_out={key: self.left_out[key] for key in keys if key in self.left_out},
            kept=self.kept.take(columns),
            chances=_taken(self.chances, columns),
            reference=_taken(self.reference, columns),
        )


def _taken(array: Floats | None, columns: Ints) -> Floats | None:
    return None if array is None else array[..., columns]
