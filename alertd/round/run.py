"""The round itself: pinned to one snapshot of the home and one reading of the clock, committed in one transaction."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from alertd.config.home import Home
from alertd.core.cases import TransitionKind
from alertd.core.owners import OWNER_OUTCOME, Vacancy, vacancy_of
from alertd.core.rule_changes import RuleDifference
from alertd.core.verdicts import State
from alertd.round.gathering import gather
from alertd.round.lettering import write_letters
from alertd.round.opsnotes import about_letters, about_rules, about_vacancies
from alertd.round.ports import Figures, Memory, Pen
from alertd.store.records import Queued, Round, RuleOutcome, SlotRun


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundReport:
    """What a round did, for whoever asked for it."""

    round: Round
    letters: int
    held: int
    counts: Mapping[str, Mapping[State, int]]
    """Rule to how many of its series are in each state."""
    transitions: tuple[TransitionKind, ...]
    seconds: dict[str, float]
    """Rule to how long it took to judge."""
    warehouse_reachable: bool
    rule_changes: tuple[RuleDifference, ...] = ()
    """Rules that read differently from the last round."""
    vacancies: int = 0
    """How many posts nobody holds, as far as notices met them."""

    @property
    def errors(self) -> tuple[str, ...]:
        """Why rules could not be judged, each reason once."""
        return tuple(dict.fromkeys(outcome.message for outcome in self.round.outcomes if outcome.status == "error"))


def run_round(
    home: Home,
    figures: Figures,
    memory: Memory,
    pen: Pen,
    *,
    now: datetime,
    clock: Callable[[], datetime],
    as_of: bool = False,
    measures: Collection[str] | None = None,
    slots: Sequence[SlotRun] = (),
    due_from: datetime | None = None,
    progress: Callable[[str], None] | None = None,
    who: str = "",
    owners: Mapping[str, str] = MappingProxyType({}),
) -> RoundReport:
    """Judge every rule (or those of `measures`) at `now`, and commit what follows in one transaction.

    `due_from` is the slot that the round stands for: a route that sends at that very minute is due at once. A measure
    that cannot be read leaves its cases alone. `who` ran it, where somebody did: the audit keeps that beside changed rules.
    `owners` says, of each owner whose postings were read from the warehouse, what was wrong with them, if anything.
    Raises `StateError` where the result cannot be kept; nothing is then sent.
    """
    started = clock()
    tally = gather(home, figures, memory, now=now, as_of=as_of, measures=measures, due_from=due_from, progress=progress)
    round_ = Round(
        id=tally.round_id,
        started_at=started,
        finished_at=clock(),
        now=now,
        as_of=as_of,
        digest=home.digest,
        outcomes=(*tally.outcomes, *(_of_owner(owner, trouble) for owner, trouble in owners.items())),
    )
    due = [item for item in tally.queued if item.due_at <= now]
    later = [item for item in tally.queued if item.due_at > now]
    written = write_letters(home, memory, pen, due, now)
    known = memory.vacancies()
    vacant = _vacancies(home, known, tally.queued, [owner for owner, trouble in owners.items() if trouble], now)
    notes = [
        *about_rules(home, memory, pen, round_, now),
        *about_letters(home, pen, written, now),
        *about_vacancies(home, pen, [one for one in vacant if one not in known], now),
    ]
    rule_changes = memory.commit_round(
        round_,
        tally.changes,
        [*written.queued, *later],
        [*written.letters, *notes],
        slots,
        in_force=tally.readings,
        people={"home": str(home.root)} | ({"who": who} if who else {}),
        vacancies=vacant,
    )
    return RoundReport(
        round=round_,
        letters=len(written.letters) - written.held + len(notes),
        held=written.held,
        counts=tally.counts,
        transitions=tuple(item.finding.transition for item in tally.queued),
        seconds=tally.seconds,
        warehouse_reachable=tally.reachable,
        rule_changes=rule_changes,
        vacancies=len(vacant),
    )


def _vacancies(
    home: Home, known: Iterable[Vacancy], queued: Iterable[Queued], unread: Collection[str], now: datetime
) -> tuple[Vacancy, ...]:
    """The posts that nobody holds: those known before that still are, or will be, so, and those that a notice met now.

    Of `unread` owners, whose postings could not be read, nothing new is known.
    """
    day = now.astimezone(home.settings.zone).date()
    still = {
        (one.owner, one.place): one
        for one in known
        if one.owner in unread
        or (
            one.owner in home.owners
            and vacancy_of(home.owners[one.owner], one.place, max(day, one.since or day)) == one
        )
    }
    met = [item.recipient.vacancy for item in queued if item.recipient.vacancy is not None]
    return tuple((still | {(one.owner, one.place): one for one in met if one.owner not in unread}).values())


def _of_owner(owner: str, trouble: str) -> RuleOutcome:
    """What became of an owner's postings, so that ops hear of a trouble once, and again when it comes back."""
    return RuleOutcome(
        rule=f"{OWNER_OUTCOME}{owner}",
        measure="postings",
        status="error" if trouble else "ok",
        message=trouble and f"{trouble}; notices go to its fallback until then",
        series=0,
        exceptions=0,
        newest_period=None,
        data_version="",
        rule_version="",
    )
