"""Making a notice for `alertd preview`: the one that a rule would send now, else the newest it would have sent."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, time
from pathlib import Path

import numpy as np

from alertd.app import Application
from alertd.cli.judgements import judgement_of
from alertd.config.home import Home
from alertd.core.composites.components import leaves
from alertd.core.findings import Notice
from alertd.core.judgement import Basis
from alertd.core.lifecycle import decide
from alertd.core.model import Key
from alertd.core.rules import Rule
from alertd.core.verdicts import State, Verdicts
from alertd.round.addressing import finding_for, recipient_of
from alertd.round.lettering import sender_of
from alertd.round.moves import Move, policy_of


def newest_notice(home: Home, basis: Basis, wanted: Collection[Key], now: datetime) -> Notice | None:
    """The notice of the newest exception of some series, at the one that stands out most; None where none ever does."""
    rule = basis.rule
    history = judgement_of(home, basis, now).history()
    history = history.take([column for column, key in enumerate(history.keys) if key in wanted])
    found = _newest_notable(history)
    if found is None:
        return None
    row, column = found
    key = history.keys[column]
    then = min(now, _settled_at(home, rule, history, row))
    seen = next(judgement_of(home, basis, then).look([key]), None)
    if seen is None:
        return None
    # A preview shows what the rule finds, whatever its route or status would keep back.
    policy = replace(policy_of(home, rule, {}), first_round=False, tell_improvement=True, silent=False)
    decision = decide(None, seen.verdict, policy, then)
    if decision.transition is None:
        return None
    move = Move(
        before=None,
        decision=decision,
        rule=rule,
        measure=basis.measure,
        verdict=seen.verdict,
        block=seen.block,
        history=seen.history,
        components=seen.components,
    )
    route = home.route_of(rule)
    finding = finding_for(home, None, move, decision.transition, route, then)
    return Notice(
        recipient=recipient_of(home, move, then),
        channel=route.channel,
        instance=home.settings.instance,
        day=then.date(),
        marking=finding.marking,
        findings=(finding,),
    )


def write_notice(application: Application, notice: Notice, folder: Path) -> list[Path]:
    """Write a notice as .html, .txt, .eml and .png files; gives their paths."""
    parts = application.renderer.parts(notice)
    letter = application.renderer.letter(
        notice,
        sender=sender_of(application.home, notice.channel),
        first_message_ids={},
        now=datetime.combine(notice.day, time(12), tzinfo=application.home.settings.zone),
    )
    folder.mkdir(parents=True, exist_ok=True)
    name = notice.findings[0].number
    written = {
        folder / f"{name}.txt": parts.text.encode(),
        folder / f"{name}.eml": letter.message,
    }
    html = parts.html
    for index, (cid, png) in enumerate(parts.images.items(), start=1):
        picture = folder / f"{name}-{index}.png"
        written[picture] = png
        html = html.replace(f"cid:{cid}", picture.name)
    written[folder / f"{name}.html"] = html.encode()
    for path, content in written.items():
        path.write_bytes(content)
    return sorted(written)


def _newest_notable(history: Verdicts) -> tuple[int, int] | None:
    """The newest row and, in it, the series furthest out, preferring concerns to improvements."""
    for wanted in ((State.EXCEPTION, State.CHANGED), (State.IMPROVEMENT,)):
        rows, columns = np.nonzero(np.isin(history.state, [state.code for state in wanted]))
        if len(rows):
            newest = columns[rows == rows.max()]
            excess = np.nan_to_num(history.excess[rows.max(), newest])
            return int(rows.max()), int(newest[int(excess.argmax())])
    return None


def _settled_at(home: Home, rule: Rule, history: Verdicts, row: int) -> datetime:
    """The end of the day on which a period was first judged, by every rule that is joined."""
    end, holidays = history.period(row).end, home.calendar.holidays
    settled = end
    for leaf in leaves(rule, home.rules):
        measure = home.measures[leaf.measure]
        span = measure.settles_after
        if leaf.freshness is not None:
            span = leaf.freshness.late_after
        elif leaf.rating is not None and leaf.rating.overdue is not None:
            span = leaf.rating.overdue
        settled = max(settled, end if span is None else span.after(end, measure.grain, holidays))
    return datetime.combine(settled.date(), time.max, tzinfo=home.settings.zone)
