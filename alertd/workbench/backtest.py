"""What rules would have sent over the past, to whom, and how much of it is to be expected when nothing is wrong."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from alertd.config.home import Home
from alertd.core.errors import WarehouseError
from alertd.core.rules import Rule
from alertd.workbench.expected import CELLS, Expected, expected_over
from alertd.workbench.figures import Figures
from alertd.workbench.known_events import EventFound, events_found
from alertd.workbench.replaying import Replayed, replay_rule
from alertd.workbench.told import Told


@dataclass(frozen=True, slots=True, kw_only=True)
class Backtest:
    """Some rules, replayed."""

    home: Home
    start: datetime | None
    """From when on they were watched; None: from the first period in the data on."""
    end: datetime | None
    """Until when; None: as long as there are figures."""
    replayed: tuple[Replayed, ...]
    """Each rule (at each of its levels) that could be replayed, in the order of the home."""
    expected: Mapping[str, Expected] = field(default_factory=dict)
    """By rule (and level), what would have been told had nothing been wrong, where that can be simulated."""
    events: tuple[EventFound, ...] = ()
    errors: tuple[str, ...] = ()
    """Why other rules could not be replayed, each reason once."""
    reachable: bool = True

    @property
    def told(self) -> tuple[Told, ...]:
        """Every notice, in the order in which they would have left."""
        return _in_order(one for replayed in self.replayed for one in replayed.told)

    @property
    def late(self) -> tuple[Told, ...]:
        """What nobody was told, because the figures came too late, in the order in which it would have left."""
        return _in_order(one for replayed in self.replayed for one in replayed.late)


def _in_order(told: Iterable[Told]) -> tuple[Told, ...]:
    return tuple(sorted(told, key=lambda one: (one.due_at, one.recipient.email, one.rule, one.key, one.kind)))


def backtest(
    home: Home,
    rules: Sequence[Rule],
    figures: Figures,
    *,
    start: datetime | None,
    end: datetime | None,
    seed: int,
    cells: int = CELLS,
    progress: Callable[[str], None] | None = None,
) -> Backtest:
    """Replay some rules from `start` to `end` (aware, in the home's zone); a measure that cannot be read stops no other.

    Of each rule some `cells` figures are simulated to say what chance alone tells; 0: none, and `expected` is empty.
    """
    replayed: list[Replayed] = []
    expected: dict[str, Expected] = {}
    errors: list[str] = []
    reachable = True
    for rule in rules:
        if progress is not None:
            progress(rule.id)
        try:
            levels = replay_rule(home, rule, figures, start, end)
        except WarehouseError as error:
            reachable = reachable and error.reachable
            errors.append(str(error))
            continue
        replayed += levels
        if cells:
            by_level = zip(levels, expected_over(home, levels, figures, seed, cells), strict=True)
            expected |= {one.name: found for one, found in by_level if found is not None}
    return Backtest(
        home=home,
        start=start,
        end=end,
        replayed=tuple(replayed),
        expected=expected,
        events=events_found(home, replayed),
        errors=tuple(dict.fromkeys(errors)),
        reachable=reachable,
    )
