"""Rule sets for control charts, as dated constants: what a signal is, and which signals a set switches on.

Sources: `mdc-2024` follows NHS England's "Making data count" (2019, 2024); `three-sigma` is Shewhart (1931).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """A named, dated choice of signals and of the run lengths they need."""

    name: str
    signals: tuple[str, ...]
    shift: int = 7  # points on one side of the centre line
    trend: int = 7  # points rising or falling, so one step fewer

    @property
    def longest(self) -> int:
        """How many periods its longest pattern takes."""
        return max(self.shift, self.trend, 3)


SIGNAL_NAMES = (
    "astronomical", "shift", "trend", "two_in_three", "run_length", "crossings", "limit", "drift", "surge", "outlier",
    "change", "late", "missing", "grade", "overdue", "shrunk", "stratified", "alternating", "four_in_five", "eight_outside",
    "failed", "all_of", "any_of",
)  # fmt: skip
"""Every signal name, in the order in which they are written; its index is the signal's bit in a verdict."""

RULE_SETS: Mapping[str, RuleSet] = MappingProxyType(
    {
        "mdc-2024": RuleSet(name="mdc-2024", signals=("astronomical", "shift", "trend", "two_in_three")),
        "three-sigma": RuleSet(name="three-sigma", signals=("astronomical",)),
        "anhoej-2014": RuleSet(name="anhoej-2014", signals=("run_length", "crossings")),
    }
)


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
