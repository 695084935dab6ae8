"""Making a notice for `alertd preview`: the one that a rule would send now, else the newest it would have sent."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time
from pathlib import Path

import numpy as np

from alertd.app import Application
from alertd.cli.judgements import judgement_of
from alertd.cli.telling import telling_of
from alertd.config.home import Home
from alertd.core.cases import Decision, TransitionKind
from alertd.core.errors import UsageError
from alertd.core.findings import Notice
from alertd.core.judgement import Basis, Seen, basis_of
from alertd.core.letters import Letter
from alertd.core.lifecycle import decide
from alertd.core.measures import Measure
from alertd.core.model import Key
from alertd.core.replay import Moved
from alertd.core.rules import Rule
from alertd.core.verdicts import State, Verdicts
from alertd.round.addressing import addressed, finding_for, recipient_of
from alertd.round.lettering import as_written, sender_of
from alertd.round.moves import Move, policy_of
from alertd.workbench.figures import Figures
from alertd.workbench.replaying import replay_rule
from alertd.workbench.rounds import Rounds


@dataclass(frozen=True, slots=True, kw_only=True)
class Previewed:
    """A notice as it would be sent, and what is known of its sending."""

    notice: Notice
    at: datetime
    """When its letter would be made; aware, in the home's zone."""
    references: Mapping[str, str]
    """Case to the id of the first letter about it."""
    kept_back: tuple[str, ...]
    """What would keep it from being sent, a sentence each."""


def newest_notice(home: Home, basis: Basis, wanted: Collection[Key], now: datetime) -> Previewed | None:
    """The first notice of the newest exception of some series, at the one furthest out; None where there is none.

    Of a period that is the newest now it is what a round of now would send, else what one would have when it was.
    """
    rule = basis.rule
    found = judgement_of(home, basis, now)
    history = found.history()
    history = history.take([column for column, key in enumerate(history.keys) if key in wanted])
    place = _newest_notable(history)
    if place is None:
        return None
    row, column = place
    key, period = history.keys[column], history.period(row)
    standing = found.newest.periods and found.newest.period(0) == period
    then = now if standing else min(now, _settled_at(home, rule, history, row))
    seen = next(judgement_of(home, basis, then).look([key]), None)
    if seen is None:
        return None
    # A preview shows what the rule finds, whatever its route or status would keep back.
    policy = replace(policy_of(home, rule, {}), first_round=False, tell_improvement=True, silent=False)
    decision = decide(None, seen.verdict, policy, then)
    return None if decision.transition is None else _previewed(home, rule, basis.measure, seen, decision, then)


def newest_of_kind(
    application: Application, rule: Rule, wanted: Collection[Key], kind: TransitionKind, now: datetime
) -> Previewed | Counter[TransitionKind]:
    """The newest notice of a kind that the rule would have sent of some series, by its past replayed through rounds.

    Where there is none, how many of each other kind there would have been.
    """
    home = application.home
    figures = Figures(application.figures, home.places, now)
    levels = replay_rule(home, rule, figures)
    moved = [one for level in levels for one in level.moved if one.verdict.key in wanted]
    chosen = next((one for one in reversed(moved) if one.transition.kind is kind), None)
    if chosen is None:
        return Counter(one.transition.kind for one in moved)
    found = _as_it_was(home, rule, figures, chosen)
    first = next(one for one in moved if one.transition.case.id == chosen.transition.case.id)
    if first is chosen:
        return found
    opening = _as_it_was(home, rule, figures, first)
    (finding,) = found.notice.findings
    finding = finding.model_copy(update={"told_number": opening.notice.findings[0].number})
    letter = _letter(application, opening)
    return replace(
        found,
        notice=found.notice.model_copy(update={"findings": (finding,)}),
        references={finding.case: letter.message_id} if letter.recipient == found.notice.recipient.email else {},
    )


def write_notice(application: Application, found: Previewed, folder: Path) -> list[Path]:
    """Write a notice as .html, .txt, .eml and, of its charts, .png files; gives their paths.

    Raises `UsageError` where nothing can be written there.
    """
    parts = application.renderer.parts(found.notice)
    name = found.notice.findings[0].number
    written = {folder / f"{name}.txt": parts.text.encode(), folder / f"{name}.eml": _letter(application, found).message}
    html = parts.html
    for index, (cid, png) in enumerate(parts.images.items(), start=1):
        picture = folder / f"{name}-{index}.png"
        written[picture] = png
        html = html.replace(f"cid:{cid}", picture.name)
    written[folder / f"{name}.html"] = html.encode()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, content in written.items():
            path.write_bytes(content)
    except OSError as error:
        raise UsageError(
            f"--to {folder}: it cannot be written: {error.strerror}; name another folder with --to"
        ) from error
    return sorted(written)


def _letter(application: Application, found: Previewed) -> Letter:
    return application.renderer.letter(
        found.notice,
        sender=sender_of(application.home, found.notice.channel),
        first_message_ids=found.references,
        now=found.at,
    )


def _as_it_was(home: Home, rule: Rule, figures: Figures, moved: Moved) -> Previewed:
    """The notice of a replayed transition, with the figures that were known at its round."""
    blocks = {name: figures.at(home.measures[name], moved.at) for name in home.needs(rule)}
    basis = basis_of(rule, home.rules, home.measures, blocks)
    seen = next(judgement_of(home, basis, moved.at).look([moved.verdict.key]))
    transition = moved.transition
    decision = Decision(case=transition.case, reason=transition.reason, transition=transition)
    return _previewed(home, rule, basis.measure, seen, decision, moved.at)


def _previewed(home: Home, rule: Rule, measure: Measure, seen: Seen, decision: Decision, at: datetime) -> Previewed:
    """The notice of one transition that a round at `at` makes."""
    transition, route = decision.transition, home.route_of(rule)
    assert transition is not None
    move = Move(
        before=transition.before,
        decision=decision,
        rule=rule,
        measure=measure,
        verdict=seen.verdict,
        block=seen.block,
        history=seen.history,
        components=seen.components,
    )
    finding = finding_for(home, None, move, transition, at)
    told = addressed(home, rule, measure, transition, at, at)
    recipient, due = told[0] if told else (recipient_of(home, move, at), at)
    made = max(at, due.astimezone(home.settings.zone))
    kept = telling_of(home, rule, measure, seen.verdict, at).kept_back
    return Previewed(
        notice=Notice(
            recipient=recipient,
            channel=route.channel,
            instance=home.settings.instance,
            day=made.date(),
            marking=finding.marking,
            findings=(as_written(home, finding, made),),
        ),
        at=made,
        references={},
        kept_back=kept if told else (*kept, f"Route `{route.id}` does not tell the end of an exception."),
    )


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
    settled = Rounds(home, rule).settled(history.period(row))
    return datetime.combine(settled.date(), time.max, tzinfo=home.settings.zone)
