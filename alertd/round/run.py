"""The round itself: pinned to one snapshot of the home and one reading of the clock, committed in one transaction."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from alertd.config.home import Home
from alertd.core.cases import TransitionKind
from alertd.core.letters import Letter
from alertd.core.owners import Vacancy
from alertd.core.rule_changes import RuleDifference
from alertd.core.verdicts import State
from alertd.round.gathering import Tally, gather
from alertd.round.lettering import Written, write_letters
from alertd.round.opsnotes import about_letters, about_rules, about_vacancies
from alertd.round.people import vacant_posts
from alertd.round.ports import Figures, Memory, Pen
from alertd.round.postings import outcomes_of
from alertd.store.records import Round, SlotRun


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
    # warehouse -> series -> verdicts -> cases -> findings
    tally = gather(home, figures, memory, now=now, as_of=as_of, measures=measures, due_from=due_from, progress=progress)
    round_ = Round(
        id=tally.round_id,
        started_at=started,
        finished_at=clock(),
        now=now,
        as_of=as_of,
        digest=home.digest,
        outcomes=(*tally.outcomes, *outcomes_of(owners)),
    )
    # findings that are due -> notices -> letters, and word to ops of what would keep leaders uninformed
    written = write_letters(home, memory, pen, tally.due, now)
    known = memory.vacancies()
    vacant = vacant_posts(home, known, tally.queued, [owner for owner, trouble in owners.items() if trouble], now)
    notes = [
        *about_rules(home, memory, pen, round_, now),
        *about_letters(home, pen, written, now),
        *about_vacancies(home, pen, [one for one in vacant if one not in known], now),
    ]
    # round, cases, findings and letters -> state database, whose letters are the outbox
    rule_changes = memory.commit_round(
        round_,
        tally.changes,
        [*written.queued, *tally.waiting],
        [*written.letters, *notes],
        slots,
        in_force=tally.readings,
        people={"home": str(home.root)} | ({"who": who} if who else {}),
        vacancies=vacant,
    )
    return _report(round_, tally, written, notes, rule_changes, vacant)


def _report(
    round_: Round,
    tally: Tally,
    written: Written,
    notes: Sequence[Letter],
    rule_changes: tuple[RuleDifference, ...],
    vacant: Sequence[Vacancy],
) -> RoundReport:
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
