"""Whether silence can be trusted: one judgement, told alike by `alertd status`, `/readyz` and the watchdog."""

from dataclasses import dataclass
from datetime import datetime, timedelta

LATE_LETTER = timedelta(hours=1)
"""A letter that is unfinished for longer than this is a reason for concern."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of an instance. Texts that say what is wrong are empty where nothing is."""

    config: str
    """Why the home's files are not in force as they stand."""
    state: str
    """Why the state database cannot be written."""
    warehouse: str
    """Why the warehouse gives no answer."""
    leader: bool
    """Whether a process judges and delivers; for `/readyz`, whether this one does."""
    unjudged: tuple[str, ...] = ()
    """Rules that the last round over them could not judge."""
    stale: tuple[str, ...] = ()
    """Measures whose data end before the newest settled period."""
    waiting: tuple[str, ...] = ()
    """Local slots that are due and have not run."""
    missed: tuple[str, ...] = ()
    """Local slots of the last week that nothing ran for."""
    oldest_letter: datetime | None = None
    """Since when the oldest unfinished letter waits."""
    held: int = 0
    """Letters that wait for `alertd outbox release`."""
    refused: int = 0
    """Letters that a server refused and nobody has resolved."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing looked at."""

    name: str
    ok: bool
    says: str
    essential: bool
    """Whether the instance is not ready without it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Everything that was looked at."""

    checks: tuple[Check, ...]

    @property
    def ready(self) -> bool:
        """Whether every essential check holds."""
        return all(check.ok for check in self.checks if check.essential)

    @property
    def well(self) -> bool:
        """Whether every check holds."""
        return all(check.ok for check in self.checks)


def assess(facts: Facts, now: datetime) -> Health:
    """Judge the facts at the aware moment `now`."""
    late = facts.oldest_letter is not None and now - facts.oldest_letter > LATE_LETTER
    letters = [
        f"the oldest unfinished letter waits since {facts.oldest_letter:%Y-%m-%d %H:%M}" if late else "",
        f"{facts.held} held until `alertd outbox release`" if facts.held else "",
        f"{facts.refused} refused; see `alertd outbox list`" if facts.refused else "",
    ]
    return Health(
        checks=(
            _check("config", facts.config, "the home is in force as it stands", essential=True),
            _check("state", facts.state, "can be written", essential=True),
            _check("warehouse", facts.warehouse, "answers", essential=True),
            _check(
                "leader",
                "" if facts.leader else "no process judges and delivers",
                "judges and delivers",
                essential=True,
            ),
            _check("slots", _some("due and not run", facts.waiting), "nothing overdue"),
            _check("missed", _some("nothing ran at", facts.missed), "no slot missed in the last week"),
            _check("rules", _some("could not be judged", facts.unjudged), "every rule was judged"),
            _check("feeds", _some("stale", facts.stale), "every measure has its newest settled period"),
            _check("outbox", "; ".join(filter(None, letters)), "no letter is late"),
        )
    )


def _check(name: str, wrong: str, right: str, *, essential: bool = False) -> Check:
    return Check(name=name, ok=not wrong, says=wrong or right, essential=essential)


def _some(what: str, names: tuple[str, ...]) -> str:
    if not names:
        return ""
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return f"{what}: {', '.join(names[:5])}{more}"
