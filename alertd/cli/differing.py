"""`alertd check --diff`: what the home's files would do to the exceptions that are open."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from itertools import groupby
from pathlib import Path
from typing import Any

import click

from alertd.app import opened, read_home
from alertd.cli.clock import now_in
from alertd.cli.printing import json_text
from alertd.config.problems import counted
from alertd.core.data_faults import DATA_RULE
from alertd.core.owners import Recipient
from alertd.core.printable import on_one_line
from alertd.core.rule_changes import RuleChange, RuleDifference
from alertd.round.rehearsal import Fate, Rehearsal, rehearse
from alertd.store import peek_store

_SHOWN = 20
_NOTHING_YET = "nothing is in force yet: no round has run with this state database"
_ORDER = (
    RuleChange.ADDED,
    RuleChange.CHANGED,
    RuleChange.WITHDRAWN,
    RuleChange.READDRESSED,
    RuleChange.REWORDED,
)
_HEADINGS = {
    RuleChange.READDRESSED: "judged as before, told to others from the next notice on",
    RuleChange.REWORDED: "re-worded, which touches no exception",
}


def print_differences(root: Path, environ: Mapping[str, str], *, offline: bool, output: str) -> None:
    """Print what the files of a sound home change; stores and sends nothing.

    With `offline` the warehouse is not asked, and what depends on it is not known. `output` is `text` or `json`. Raises
    `StateError`.
    """
    with ExitStack() as open_now:
        if offline:
            home = read_home(root, environ)
            figures = None
        else:
            application = open_now.enter_context(opened(root, environ=environ, with_store=False))
            open_now.enter_context(application.warehouse.held())
            home, figures = application.home, application.figures
        store = peek_store(home.settings.state.url, root=root)
        found = None
        if store is not None:
            open_now.callback(store.close)
            now = now_in(home.settings.zone)
            found = rehearse(home, figures, store, now) if store.last_rounds(1) else None
    if output == "json":
        for row in _rows(found):
            click.echo(json_text(row))
    else:
        click.echo("\n" + "\n".join(_lines(found)))


def _rows(found: Rehearsal | None) -> Iterator[dict[str, Any]]:
    """One object for each rule that reads differently, and for each exception that it touches."""
    if found is None:
        yield {"kind": "note", "message": _NOTHING_YET}
        return
    for one in found.differences:
        yield {
            "kind": "rule",
            "rule": one.rule,
            "change": one.change.value,
            "keys": list(one.keys),
            "version_before": one.before,
            "version_after": one.after,
            "not_known": found.unknown.get(one.rule),
        }
    for fate in found.fates:
        yield {
            "kind": "exception",
            "rule": fate.case.rule,
            "measure": fate.case.measure,
            "series": fate.case.series,
            "since": str(fate.case.opened_period),
            "becomes": fate.becomes,
            "reason": fate.reason or None,
            "told": [{"owner": one.owner, "name": one.name, "email": one.email} for one in fate.told],
        }


def _lines(found: Rehearsal | None) -> Iterator[str]:
    if found is None:
        yield _NOTHING_YET
        return
    fates = {rule: list(some) for rule, some in groupby(found.fates, key=lambda fate: fate.case.rule)}
    if not found.differences and not fates:
        yield "no rule reads differently from when it was last judged"
        return
    yield "against the rules as they were last judged:"
    for change in _ORDER:
        for one in (one for one in found.differences if one.change is change):
            yield f"{_HEADINGS.get(change, change.value)}: rule `{one.rule}`{_keys(one)}"
            yield from _of_rule(one.rule, fates.pop(one.rule, []), found)
    for rule, some in fates.items():
        yield (
            f"rule `{rule}`" if not rule.startswith(DATA_RULE) else f"data of measure `{rule.removeprefix(DATA_RULE)}`"
        )
        yield from _of_fates(some)
    touched = sum(fate.becomes not in ("stays open", "not known") for fate in found.fates)
    yield f"{counted(len(found.differences), 'rule')} differ{'s' if len(found.differences) == 1 else ''}; " + (
        f"{counted(touched, 'exception')} would move at the next round" if touched else "no exception would move"
    )


def _keys(one: RuleDifference) -> str:
    return f" ({', '.join(f'`{key}`' for key in one.keys)})" if one.keys else ""


def _of_rule(rule: str, fates: Sequence[Fate], found: Rehearsal) -> Iterator[str]:
    if rule in found.unknown:
        yield f"  what it would open is not known: {found.unknown[rule]}"
    yield from _of_fates(fates)


def _of_fates(fates: Sequence[Fate]) -> Iterator[str]:
    opening = [fate for fate in fates if fate.becomes == "opens"]
    standing = [fate for fate in fates if fate.becomes != "opens"]
    for fate in standing[:_SHOWN]:
        yield f"  {_series(fate)}, open since {fate.case.opened_period}: {_becomes(fate)}"
    yield from _more(standing)
    if opening:
        yield f"  would open: {len(opening)}"
    for fate in opening[:_SHOWN]:
        yield f"    {_series(fate)}, {fate.case.opened_period}: {fate.reason}; {_told(fate.told)}"
    yield from _more(opening)


def _more(fates: Sequence[Fate]) -> Iterator[str]:
    if len(fates) > _SHOWN:
        yield f"  and {len(fates) - _SHOWN} more, with --format json"


def _becomes(fate: Fate) -> str:
    if fate.becomes == "stays open":
        return f"stays open; its next notice goes to {_people(fate.told)}" if fate.told else "stays open"
    if fate.becomes in ("not known", "falls silent"):
        return fate.becomes if fate.becomes == "falls silent" else f"not known, for {fate.reason}"
    return f"{fate.becomes} ({fate.reason}); {_told(fate.told)}"


def _told(told: Sequence[Recipient]) -> str:
    return f"told: {_people(told)}" if told else "nobody is told"


def _people(told: Sequence[Recipient]) -> str:
    return ", ".join(on_one_line(f"{one.name} <{one.email}>" if one.name else one.email) for one in told)


def _series(fate: Fate) -> str:
    return on_one_line(", ".join(fate.case.key)) or "whole force"
