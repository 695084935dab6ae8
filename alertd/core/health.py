"""Whether silence can be trusted: one judgement, told alike by `alertd status`, `/readyz` and the watchdog."""

from collections.abc import Iterable, Iterator
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
    outside: str = ""
    """How rounds are run where no process of alertd's own stays (`run --once`, by cron); empty where they are not."""
    without_leader: str = ""
    """What more is known where nothing judges and delivers."""
    readable: bool = True
    """Whether the state database could be read; where it could not, nothing below is known."""
    not_yet: tuple[str, ...] = ()
    """Rules that no round has judged yet."""
    unread: tuple[str, ...] = ()
    """Measures of which no round can say yet how far their data reach."""
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
            _leader(facts),
            *(_remembered(facts, letters) if facts.readable else _nothing_known()),
        )
    )


def _leader(facts: Facts) -> Check:
    alone = "; ".join(filter(None, ("no process judges and delivers", facts.without_leader)))
    wrong = "" if facts.leader or facts.outside else alone
    return _check("leader", wrong, "judges and delivers" if facts.leader else facts.outside, essential=True)


def _remembered(facts: Facts, letters: Iterable[str]) -> Iterator[Check]:
    """What follows from the state database."""
    yield _check("slots", _some("due and not run", facts.waiting), "nothing overdue")
    yield _check("missed", _some("nothing ran at", facts.missed), "no slot missed in the last week")
    rules = [_some("could not be judged", facts.unjudged), _some("not judged yet", facts.not_yet)]
    # A rule that waits for its first slot is no fault; once a slot has gone by, its silence would be taken for quiet.
    overdue = bool(facts.not_yet and facts.waiting)
    yield _check("rules", "; ".join(filter(None, rules)), "every rule was judged", essential=overdue)
    feeds = [_some("stale", facts.stale), _some("not known yet", facts.unread)]
    yield _check("feeds", "; ".join(filter(None, feeds)), "every measure has its newest settled period")
    yield _check("outbox", "; ".join(filter(None, letters)), "no letter is late")


def _nothing_known() -> Iterator[Check]:
    for name in ("slots", "missed", "rules", "feeds", "outbox"):
        yield _check(name, "not known, because the state database cannot be read", "")


def _check(name: str, wrong: str, right: str, *, essential: bool = False) -> Check:
    return Check(name=name, ok=not wrong, says=wrong or right, essential=essential)


def _some(what: str, names: tuple[str, ...]) -> str:
    if not names:
        return ""
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return f"{what}: {', '.join(names[:5])}{more}"
