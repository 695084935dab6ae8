"""What `check` says of rules that would have fired often of late."""

from collections.abc import Iterator
from dataclasses import replace
from time import monotonic

import click

from alertd.cli.clock import now_in
from alertd.config.load import Reading, home_of
from alertd.config.problems import Problem
from alertd.core.errors import WarehouseError
from alertd.round.sources import Sources
from alertd.workbench.figures import Figures
from alertd.workbench.firing import MONTHS, fired_of_late

_MOST_ROWS = 2_000_000
"""Of measures with more rows `check` reads none: it is run often, and answers soon."""
_MOST_SECONDS = 20
"""No rule is begun later than this: a whole framework by the hour and day takes minutes, and `backtest` has them."""


def firing_problems(reading: Reading, sources: Sources) -> Iterator[Problem]:
    """A warning for each rule in force that would have opened too many exceptions; the home has no error."""
    home = home_of(reading)
    bounded = replace(sources.warehouse, max_rows=min(sources.warehouse.max_rows, _MOST_ROWS))
    figures = Figures(replace(sources, warehouse=bounded), home.places, now_in(home.settings.zone))
    most, unread = home.settings.check.most_exceptions, set[str]()
    begun, late = monotonic(), 0
    # Late feeds last: each of their rounds is judged by itself, which takes longest.
    for rule in sorted(home.rules.values(), key=lambda rule: rule.freshness is not None):
        if rule.enabled and monotonic() - begun > _MOST_SECONDS:
            late += 1
            continue
        if not rule.enabled or not unread.isdisjoint(home.needs(rule)):
            continue
        try:
            fired = fired_of_late(home, rule, figures)
        except WarehouseError as error:
            if not error.reachable:
                raise
            unread |= set(home.needs(rule))
            click.echo(f"alertd: rule `{rule.id}` was not replayed: {error}", err=True)
            continue
        if fired.times > most:
            entry = reading.parts.entries["rules"][rule.id]
            message = f"rule `{rule.id}` would have fired {fired.times:,} times in {MONTHS} months"
            note = (
                f"at {fired.series:,} of {fired.judged:,} series; `alertd backtest {rule.id}` says when, and how much of it "
                "is to be expected when nothing is wrong"
            )
            yield entry.problem("W220", message, rule.kind, key=True, note=note)
    if late:
        click.echo(
            f"alertd: {late} of {len(home.rules)} rules were not replayed within {_MOST_SECONDS} seconds; "
            "`alertd backtest RULE` says how often each would have fired",
            err=True,
        )
