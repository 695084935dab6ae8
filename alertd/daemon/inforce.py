"""The application that is in force: replaced as a whole by a reload, and never while a round works with it."""

import asyncio
from dataclasses import dataclass, field

from alertd.app import Application


@dataclass(slots=True)
class InForce:
    """One application at a time; whoever holds `pinned` may rely on it to stay."""

    app: Application
    pinned: asyncio.Lock = field(default_factory=asyncio.Lock)

    def count_rules(self) -> None:
        """Tell the metrics which rules and measures are in force."""
        rules = [rule for rule in self.app.home.rules.values() if rule.enabled]
        self.app.metrics.in_force({rule.id for rule in rules}, {rule.measure for rule in rules})
