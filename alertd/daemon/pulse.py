"""How long ago each part of the daemon last did its work; the watchdog and `/livez` go by it."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

LIMITS = {"tick": 60.0, "sender": 1_800.0, "state": 180.0}
"""Seconds after which a part is stale. One pass of the sender may wait ten minutes for a slow server's answer."""


@dataclass(slots=True)
class Pulse:
    """The monotonic moments of the last beats; every part begins fresh."""

    clock: Callable[[], float] = time.monotonic
    beats: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for part in LIMITS:
            self.beat(part)

    def beat(self, part: str) -> None:
        """Note that a part has done its work."""
        self.beats[part] = self.clock()

    def stale(self) -> list[str]:
        """The parts that have been silent for too long."""
        return [part for part, limit in LIMITS.items() if self.clock() - self.beats[part] > limit]
