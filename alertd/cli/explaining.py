"""The words of `alertd explain`."""

import math
from collections.abc import Collection
from datetime import datetime

import click

from alertd.cli.judgements import judgement_of
from alertd.config.home import Home
from alertd.core.back_to_usual import back_to_usual
from alertd.core.evidence import baseline_rows
from alertd.core.judgement import Basis, Seen
from alertd.core.measures import Measure
from alertd.core.methods import method_line
from alertd.core.model import Key
from alertd.core.owners import recipient_for
from alertd.core.rare import as_judged
from alertd.core.rules import Rule
from alertd.core.series import series_words
from alertd.core.summary import LEVELS, RANGED, figure, signals_in_words, summary, survey_interval, usual_range
from alertd.core.verdicts import STATES, State
from alertd.round.addressing import owner_id_of

_MOST = 20


def explain_in_words(home: Home, basis: Basis, wanted: Collection[Key], now: datetime) -> None:
    """Print why a rule says what it says of some of its series; those that stand out first."""
    rule, measure = basis.rule, basis.measure
    series = f"by {', '.join(measure.series_by)}" if measure.series_by else "for the whole force"
    click.echo(f"Rule `{rule.id}` on measure `{measure.id}` ({measure.name}), {measure.grain.adverb} {series}")
    click.echo(f"  How: {method_line(rule, measure)}")
    if rule.status == "shadow":
        click.echo("  Shadow: it is judged and recorded, and tells nobody.")
    found = judgement_of(home, basis, now)
    newest = found.newest
    if newest.periods == 0 or not newest.keys:
        click.echo("  There is no settled period in the data, so nothing can be judged.")
        return
    columns = [column for column, key in enumerate(newest.keys) if key in wanted]
    order = sorted(columns, key=lambda column: (_rank(STATES[int(newest.state[0, column])]), newest.keys[column]))
    shown = [newest.keys[column] for column in order[:_MOST]]
    seen = {one.verdict.key: one for one in found.look(shown)}
    for key in shown:
        _explain_one(home, rule, measure, seen[key], now)
    if len(order) > _MOST:
        click.echo(f"\n{len(order) - _MOST} more series; name one with --where, or see all with --format csv.")


def _explain_one(home: Home, rule: Rule, measure: Measure, seen: Seen, now: datetime) -> None:
    verdict, block = seen.verdict, seen.block
    click.echo(f"\n{series_words(verdict.series)}: {verdict.state.value} at {verdict.period.words}")
    click.echo(f"  {summary(verdict, rule, measure)}")
    for sentence in seen.components:
        click.echo(f"  - {sentence}")
    read = as_judged(rule, measure, verdict)
    rows = baseline_rows(rule, measure, block, home.calendar, verdict.period)
    if not math.isnan(verdict.centre) and rule.kind in LEVELS:
        limits = usual_range(verdict, read) if rule.kind in RANGED else ""
        taken = f", from {block.period(rows[0]).words} to {block.period(rows[-1]).words}" if rows else ""
        range_words = f", range {limits}" if limits else ""
        click.echo(f"  {LEVELS[rule.kind].capitalize()} {figure(verdict.centre, read)}{range_words}{taken}.")
    if interval := survey_interval(measure, block, verdict.period):
        click.echo(f"  Its confidence interval: {interval}.")
    if verdict.state is State.LEARNING:
        click.echo("  The baseline is too short (or does not vary), so there are no limits yet.")
    if verdict.signals:
        click.echo(f"  Why: {signals_in_words(verdict)}.")
    nearest, units = back_to_usual(verdict, rule, read)
    if nearest is not None and verdict.state is not State.IMPROVEMENT:  # nobody wants to go back there
        more = "" if units is None else f", {abs(units):,} {'more' if units > 0 else 'fewer'}"
        click.echo(f"  Back to usual: {figure(nearest, read)}{more}.")
    owner = owner_id_of(rule, measure, home.route_of(rule))
    told = recipient_for(owner, verdict.series, now.date(), home.owners, home.places, home.settings.ops.email)
    if verdict.state.notable:
        click.echo(f"  Who is told: {told.name} <{told.email}> ({owner}: {told.via.value}).")
    else:
        click.echo(f"  Nobody is told. If it fired: {told.name} <{told.email}> ({owner}: {told.via.value}).")


def _rank(state: State) -> int:
    return 0 if state.notable else (1 if state in (State.PENDING, State.UNKNOWN) else 2)
