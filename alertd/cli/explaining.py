"""The words of `alertd explain`."""

import math
from collections.abc import Collection
from datetime import datetime

import click

from alertd.config.home import Home
from alertd.core.back_to_usual import back_to_usual
from alertd.core.evaluate import judge, look_back
from alertd.core.evidence import baseline_rows
from alertd.core.methods import method_line
from alertd.core.model import Key
from alertd.core.owners import recipient_for
from alertd.core.rules import Rule
from alertd.core.series import SeriesBlock, series_words
from alertd.core.summary import figure, signals_in_words, summary, usual_range
from alertd.core.verdicts import STATES, State, Verdict
from alertd.round.addressing import owner_id_of

_MOST = 20


def explain_in_words(home: Home, rule: Rule, block: SeriesBlock, wanted: Collection[Key], now: datetime) -> None:
    """Print why a rule says what it says of some series of a block; those that stand out first."""
    measure = home.measures[rule.measure]
    series = f"by {', '.join(measure.by)}" if measure.by else "for the whole force"
    click.echo(f"Rule `{rule.id}` on measure `{measure.id}` ({measure.name}), {measure.grain.adverb} {series}")
    click.echo(f"  How: {method_line(rule, measure)}")
    if rule.status == "shadow":
        click.echo("  Shadow: it is judged and recorded, and tells nobody.")
    newest = judge(rule, measure, block, home.calendar, now)
    if newest.periods == 0 or not newest.keys:
        click.echo("  There is no settled period in the data, so nothing can be judged.")
        return
    columns = [column for column, key in enumerate(newest.keys) if key in wanted]
    order = sorted(columns, key=lambda column: (_rank(STATES[int(newest.state[0, column])]), newest.keys[column]))
    shown = [newest.keys[column] for column in order[:_MOST]]
    found = {verdict.key: verdict for verdict, _ in look_back(rule, measure, block, shown, home.calendar, now)}
    for key in shown:
        _explain_one(home, rule, block.take([block.keys.index(key)]), found[key], now)
    if len(order) > _MOST:
        click.echo(f"\n{len(order) - _MOST} more series; name one with --where, or see all with --format csv.")


def _explain_one(home: Home, rule: Rule, block: SeriesBlock, verdict: Verdict, now: datetime) -> None:
    measure = home.measures[rule.measure]
    click.echo(f"\n{series_words(verdict.series)}: {verdict.state.value} at {verdict.period.words}")
    click.echo(f"  {summary(verdict, rule, measure)}")
    rows = baseline_rows(rule, measure, block, home.calendar, verdict.period)
    if rows and not math.isnan(verdict.centre):
        click.echo(
            f"  Usual level {figure(verdict.centre, measure)}, range {usual_range(verdict, measure)}, "
            f"from {block.period(rows[0]).words} to {block.period(rows[-1]).words}."
        )
    if verdict.state is State.LEARNING:
        click.echo("  The baseline is too short (or does not vary), so there are no limits yet.")
    if verdict.signals:
        click.echo(f"  Why: {signals_in_words(verdict)}.")
    nearest, units = back_to_usual(verdict, rule, measure)
    if nearest is not None:
        more = "" if units is None else f", {abs(units):,} {'more' if units > 0 else 'fewer'}"
        click.echo(f"  Back to usual: {figure(nearest, measure)}{more}.")
    owner = owner_id_of(rule, measure, home.route_of(rule))
    told = recipient_for(owner, verdict.series, now.date(), home.owners, home.places, home.settings.ops.email)
    if verdict.state.notable:
        click.echo(f"  Who is told: {told.name} <{told.email}> ({owner}: {told.via.value}).")
    else:
        click.echo(f"  Nobody is told. If it fired: {told.name} <{told.email}> ({owner}: {told.via.value}).")


def _rank(state: State) -> int:
    return 0 if state.notable else (1 if state in (State.PENDING, State.UNKNOWN) else 2)
