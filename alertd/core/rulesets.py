"""Rule sets for control charts, as dated constants: what a signal is, and which signals a set switches on.

The dialects differ, so that their names carry a date. Sources: `mdc-2024`, NHS England's "Making data count" (2019, 2024);
`nhsr-plotthedots`, the R package NHSRplotthedots 0.2; `western-electric-1956`, the four zone tests of the Statistical
Quality Control Handbook; `nelson-1984`, the eight tests of Journal of Quality Technology 16(4); `anhoej-2014`, Anhøj and
Olesen in PLoS ONE 9(11); `three-sigma`, Shewhart (1931).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """A named, dated choice of signals and of the run lengths they need."""

    name: str
    signals: tuple[str, ...]
    shift: int = 7  # points on one side of the centre line
    trend: int = 7  # points rising or falling, so one step fewer
    alternating: int = 14  # points, each step against the one before
    stratified: int = 15  # points within a third of the way to the limits
    eight_outside: int = 8  # points beyond a third of the way, on both sides
    near_points_only: bool = False
    """Two in three as NHSRplotthedots has it: points beyond the limit do not count, and all three lie on one side."""

    @property
    def longest(self) -> int:
        """How many periods its longest pattern takes."""
        return self.periods_of(self.signals)

    def periods_of(self, signals: Collection[str]) -> int:
        """How many periods the longest of some patterns takes: 1 where each looks at the newest figure alone."""
        needed = {
            "shift": self.shift,
            "trend": self.trend,
            "two_in_three": 3,
            "four_in_five": 5,
            "alternating": self.alternating,
            "stratified": self.stratified,
            "eight_outside": self.eight_outside,
        }
        return max((needed.get(name, 1) for name in signals), default=1)


SIGNAL_NAMES = (
    "astronomical", "shift", "trend", "two_in_three", "run_length", "crossings", "limit", "drift", "surge", "outlier",
    "change", "late", "missing", "grade", "overdue", "shrunk", "stratified", "alternating", "four_in_five", "eight_outside",
    "failed", "all_of", "any_of", "capacity",
)  # fmt: skip
"""Every signal name, in the order in which they are written; its index is the signal's bit in a verdict."""

_ALL = (
    RuleSet(name="mdc-2024", signals=("astronomical", "shift", "trend", "two_in_three")),
    RuleSet(
        name="nhsr-plotthedots", signals=("astronomical", "shift", "trend", "two_in_three"), near_points_only=True
    ),
    RuleSet(
        name="western-electric-1956", signals=("astronomical", "two_in_three", "four_in_five", "shift"), shift=8
    ),
    RuleSet(
        name="nelson-1984",
        signals=(
            "astronomical", "shift", "trend", "alternating", "two_in_three", "four_in_five", "stratified", "eight_outside",
        ),
        shift=9,
        trend=6,
    ),
    RuleSet(name="three-sigma", signals=("astronomical",)),
    RuleSet(name="anhoej-2014", signals=("run_length", "crossings")),
)  # fmt: skip
RULE_SETS: Mapping[str, RuleSet] = MappingProxyType({rule_set.name: rule_set for rule_set in _ALL})


def rule_set_named(name: str) -> RuleSet:
    """The rule set of that name; `mdc` is the newest `mdc-*`. Raises `ValueError` that names all sets."""
    if name == "mdc":
        return RULE_SETS[max(known for known in RULE_SETS if known.startswith("mdc-"))]
    if name not in RULE_SETS:
        raise ValueError(f"`{name}` is no rule set; write one of mdc, {', '.join(RULE_SETS)}")
    return RULE_SETS[name]


def default_rules(chart: str | None) -> str:
    """The rule set of a chart where none is written: Anhøj's for a run chart, limits alone for rare events, else `mdc`."""
    return {"run": "anhoej-2014", "g": "three-sigma", "t": "three-sigma", "g_3sigma": "three-sigma"}.get(
        chart or "", "mdc"
    )


def signal_bit(name: str) -> int:
    """The bit that stands for a signal in a verdict's mask."""
    return 1 << SIGNAL_NAMES.index(name)


def signal_names(mask: int) -> tuple[str, ...]:
    """The names of the signals in a mask, in their fixed order."""
    return tuple(name for bit, name in enumerate(SIGNAL_NAMES) if mask >> bit & 1)
