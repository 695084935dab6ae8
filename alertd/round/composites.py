"""Rules that need the figures of several measures, in a round.

Each is judged once every measure that it needs has been read, and none is read twice.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from alertd.config.home import Home
from alertd.core.measures import Measure
from alertd.core.rules import Rule
from alertd.core.series import SeriesBlock


class Ready(NamedTuple):
    """A rule that can be judged now, with the figures that it needs, or why some of them are not there."""

    rule: Rule
    blocks: dict[str, SeriesBlock]
    """By measure."""
    errors: tuple[str, ...]


@dataclass(slots=True, kw_only=True)
class Waiting:
    """The rules that wait for figures, and the figures that are kept for them and no longer."""

    waiting: list[tuple[Rule, tuple[str, ...]]]
    """Each rule with the measures that it needs."""
    kept: dict[str, SeriesBlock | str] = field(default_factory=dict)
    """What was read, or why it could not be, by measure."""

    @classmethod
    def of(cls, home: Home, measures: Collection[str] | None) -> "Waiting":
        """The rules in force that need several measures, one of them among `measures` (None: all)."""
        needs = [(rule, home.needs(rule)) for rule in home.rules.values() if rule.enabled and rule.needs_others]
        due = [(rule, names) for rule, names in needs if measures is None or not set(names).isdisjoint(measures)]
        return cls(waiting=due)

    def unread(self, home: Home) -> Iterator[Measure]:
        """The measures that rules still wait for."""
        while self.waiting:
            yield home.measures[next(name for name in self.waiting[0][1] if name not in self.kept)]

    def take(self, measure: str, block: SeriesBlock | str) -> Iterator[Ready]:
        """Keep what came of reading a measure; gives the rules that waited for nothing else."""
        if not any(measure in names for _, names in self.waiting):
            return
        self.kept[measure] = block
        ready = [(rule, names) for rule, names in self.waiting if set(names) <= self.kept.keys()]
        self.waiting = [(rule, names) for rule, names in self.waiting if not set(names) <= self.kept.keys()]
        for rule, names in ready:
            found = {name: self.kept[name] for name in names}
            blocks = {name: one for name, one in found.items() if not isinstance(one, str)}
            errors = tuple(one for one in found.values() if isinstance(one, str))
            yield Ready(rule, blocks, errors)
        wanted = {name for _, names in self.waiting for name in names}
        self.kept = {name: one for name, one in self.kept.items() if name in wanted}
