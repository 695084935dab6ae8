"""What a change to a home's files would do to what is told: notices gained, lost and moved, by leader."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from alertd.config.home import Home
from alertd.core.errors import UsageError
from alertd.core.rule_changes import rule_version
from alertd.core.rules import Rule
from alertd.workbench.backtest import Backtest, backtest
from alertd.workbench.figures import Figures, Source
from alertd.workbench.told import Identity, Told


@dataclass(frozen=True, slots=True, kw_only=True)
class Against:
    """The same past under two versions of a home."""

    revision: str
    """What was compared with, as its author would name it."""
    before: Backtest
    after: Backtest
    added: tuple[str, ...]
    """Rules that are new."""
    changed: tuple[str, ...]
    """Rules that read differently, or whose measure does."""
    withdrawn: tuple[str, ...]
    """Rules that are no longer there or in force."""
    gained: tuple[Told, ...]
    """Notices that only the new version sends."""
    lost: tuple[Told, ...]
    """Notices that only the old version sends."""
    moved: tuple[tuple[Told, Told], ...]
    """Notices that both send, at another time or by another channel: each as it was and as it is."""


def against(
    old: Home,
    new: Home,
    revision: str,
    source: Source,
    *,
    wanted: Collection[str],
    start: datetime | None,
    end: datetime | None,
    now: datetime,
    seed: int,
    progress: Callable[[str], None] | None = None,
) -> Against:
    """Replay both versions over the same figures (`wanted`: only these rules; none: all that are in force).

    Rules that read the same in homes with the same routes, owners and calendar are replayed once. Raises `UsageError`
    for a wanted rule that neither has.
    """
    for name in wanted:
        if name not in old.rules and name not in new.rules:
            raise UsageError(f"there is no rule `{name}`, here or at {revision}")
    rules_before, rules_after = _in_force(old, wanted), _in_force(new, wanted)
    names_before, names_after = {rule.id for rule in rules_before}, {rule.id for rule in rules_after}
    both = names_before & names_after
    changed = [name for name in both if _version(old, name) != _version(new, name)]
    untouched = both.difference(changed) if _same_surroundings(old, new) else set()

    def replayed(home: Home, rules: Sequence[Rule]) -> Backtest:
        figures = Figures(source, home.places, now)
        return backtest(home, rules, figures, start=start, end=end, seed=seed, progress=progress)

    before = replayed(old, [rule for rule in rules_before if rule.id not in untouched])
    after = replayed(new, [rule for rule in rules_after if rule.id not in untouched])
    told_before, told_after = _by_identity(before), _by_identity(after)
    return Against(
        revision=revision,
        before=before,
        after=after,
        added=tuple(sorted(names_after - names_before)),
        changed=tuple(sorted(changed)),
        withdrawn=tuple(sorted(names_before - names_after)),
        gained=tuple(one for identity, one in told_after.items() if identity not in told_before),
        lost=tuple(one for identity, one in told_before.items() if identity not in told_after),
        moved=tuple(
            (told_before[identity], one)
            for identity, one in told_after.items()
            if identity in told_before and one.letter != told_before[identity].letter
        ),
    )


def _by_identity(found: Backtest) -> dict[tuple[Identity, int], Told]:
    """Every notice, in the order in which they would have left; the second reminder of one period is not the first."""
    seen: Counter[Identity] = Counter()
    notices = {}
    for one in found.told:
        notices[one.identity, seen[one.identity]] = one
        seen[one.identity] += 1
    return notices


def _in_force(home: Home, wanted: Collection[str]) -> list[Rule]:
    return [rule for rule in home.rules.values() if rule.enabled and (not wanted or rule.id in wanted)]


def _version(home: Home, name: str) -> str:
    rule = home.rules[name]
    return rule_version(rule, home.measure_of(rule))


def _same_surroundings(old: Home, new: Home) -> bool:
    """Whether everything beside rules and measures that decides what is told to whom is the same."""
    return (old.calendar, old.places, old.owners, old.routes, old.settings) == (
        new.calendar,
        new.places,
        new.owners,
        new.routes,
        new.settings,
    )
