"""What the next round would make of the open exceptions of rules that read differently; nothing is stored or sent."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from alertd.config.home import Home
from alertd.core.cases import Case, CaseState
from alertd.core.errors import WarehouseError
from alertd.core.model import Key
from alertd.core.owners import Recipient, recipient_for
from alertd.core.rule_changes import RuleChange, RuleDifference, differences
from alertd.core.series import SeriesBlock
from alertd.round.gathering import Tally, gather
from alertd.round.people import owner_id_of
from alertd.round.ports import Figures, Memory
from alertd.round.readings import readings_of

_TOUCHED = (RuleChange.ADDED, RuleChange.CHANGED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What would become of one exception."""

    case: Case
    """As it is now; of one that would open, as it would be."""
    becomes: str
    """`opens`, `stays open`, `told again`, `ends`, `withdrawn`, `falls silent` or `not known`."""
    reason: str
    told: tuple[Recipient, ...] = ()
    """Who would be told of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What the home's files would do to what is in force."""

    differences: tuple[RuleDifference, ...]
    """Rules that read differently from when they were last judged."""
    fates: tuple[Fate, ...]
    unknown: Mapping[str, str]
    """Rules that could not be judged, each with why."""


def rehearse(home: Home, figures: Figures | None, memory: Memory, now: datetime) -> Rehearsal:
    """Judge the rules that were added or changed as the next round would, against the exceptions that are open.

    `figures` is None where the warehouse is not asked: what depends on it is then `not known`. Raises `StateError`.
    """
    open_cases = memory.open_cases()
    found = differences(memory.judged_rules(), readings_of(home))
    by_change = {one.rule: one.change for one in found}
    touched = {rule for rule, change in by_change.items() if change in _TOUCHED}
    measures = {name for rule in touched for name in home.needs(home.rules[rule])} if figures is not None else set()
    tally = gather(home, figures or _Unasked(), memory, now=now, measures=measures)
    unknown = {one.rule: one.message for one in tally.outcomes if one.status == "error" and one.rule in touched}
    if figures is None:
        unknown = dict.fromkeys(touched, "the warehouse was not asked")
    fates = [
        *_moved(touched, tally),
        *_unmoved(home, by_change, open_cases, tally, unknown, now),
    ]
    fates.sort(key=lambda fate: (fate.case.rule, fate.case.key, fate.becomes))
    return Rehearsal(differences=found, fates=tuple(fates), unknown=unknown)


class _Unasked:
    """A warehouse that is not asked."""

    def read(self, *_: object, **__: object) -> SeriesBlock:
        raise WarehouseError("the warehouse was not asked", reachable=False)

    def withdrawn(self, *_: object, **__: object) -> set[str]:
        return set()


def _moved(touched: Collection[str], tally: Tally) -> Iterator[Fate]:
    """The cases that the round would change; those of other rules only where they end with what they belong to."""
    queued = defaultdict(list)
    for item in tally.queued:
        queued[item.finding.case].append(item)
    for before, after in tally.changes:
        if after.rule not in touched and after.state is not CaseState.WITHDRAWN:
            continue
        told = queued[after.id]
        becomes = _becomes(before, after, told=bool(told))
        if becomes is not None:
            yield Fate(
                case=before or after,
                becomes=becomes,
                reason=tally.reasons[after.id].value,
                told=tuple(item.recipient for item in told),
            )


def _becomes(before: Case | None, after: Case, *, told: bool) -> str | None:
    if after.state is CaseState.WITHDRAWN:
        return "withdrawn"
    if after.state is not CaseState.OPEN:
        return "ends"
    if before is None:
        return "opens"
    if after.muted and not before.muted:
        return "falls silent"
    return "told again" if told else "stays open"


def _unmoved(
    home: Home,
    by_change: Mapping[str, RuleChange],
    open_cases: Mapping[tuple[str, Key], Case],
    tally: Tally,
    unknown: Mapping[str, str],
    now: datetime,
) -> Iterator[Fate]:
    """The open cases of rules that read differently, and that the round would leave as they are."""
    moved = {before.id for before, _ in tally.changes if before is not None}
    for (name, _), case in open_cases.items():
        if case.id in moved or by_change.get(name) in (None, RuleChange.REWORDED):
            continue
        rule = home.rules[name]
        if name in unknown:
            yield Fate(case=case, becomes="not known", reason=unknown[name])
        elif by_change[name] is RuleChange.READDRESSED:
            owner = owner_id_of(rule, home.measure_of(rule), home.route_of(rule))
            ops = home.settings.ops.email
            next_told = recipient_for(owner, case.series, now.date(), home.owners, home.places, ops)
            yield Fate(
                case=case, becomes="stays open", reason="told to others from the next notice on", told=(next_told,)
            )
        else:
            yield Fate(case=case, becomes="stays open", reason="")
