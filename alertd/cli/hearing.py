"""Who would hear of a test's exception, and in which words: the notice that a real round would have made of it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import partial

from alertd.config.examples import NOBODY, RuleTest
from alertd.config.home import Home
from alertd.core.cases import Decision
from alertd.core.findings import Notice
from alertd.core.judgement import basis_of, judgement
from alertd.core.owners import Recipient
from alertd.core.replay import Moved, steps_of, walk
from alertd.core.timelines import TimelineError
from alertd.core.trial_blocks import as_known
from alertd.core.trials import Outcome, Trial
from alertd.rendering import Renderer
from alertd.rendering.clean import shorten
from alertd.round.addressing import addressed, finding_for
from alertd.round.moves import Move, rebased_by, rebases_of, small_numbers_of
from alertd.workbench.replaying import live_policy
from alertd.workbench.rounds import Rounds

_WIDTH = 68
_STOPS = ".,;:()"
Wanted = tuple[str, ...] | Mapping[str, tuple[str, ...]] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What comes of the notice that a test asks for, at one series."""

    kind: str
    """The kind of notice: `opened`, `cleared` .."""
    recipients: tuple[Recipient, ...] = ()
    """Nobody where no notice is made."""
    period: str = ""
    """What the notice is about."""
    on: date | None = None
    """The day on which it is sent."""
    subject: str = ""
    """Words are there only where the test asks for some."""
    text: str = ""


def heard(home: Home, test: RuleTest, trial: Trial, outcome: Outcome, renderer: Renderer) -> Heard:
    """The notice of an outcome that a test asks for, by the routes, owners and templates of a home.

    A rule in shadow is tried as though it were live.
    """
    home = replace(home, calendar=trial.calendar(home.calendar))
    rule = trial.basis.rule
    moved = next((one for one in _moves(home, trial, outcome) if one.transition.kind == test.notice), None)
    if moved is None:
        return Heard(kind=test.notice)
    told = addressed(home, rule, trial.basis.measure, moved.transition, moved.at, moved.at)
    if not told:
        return Heard(kind=test.notice, period=str(moved.verdict.period))
    about = Heard(
        kind=test.notice,
        recipients=tuple(recipient for recipient, _ in told),
        period=str(moved.verdict.period),
        on=told[0][1].astimezone(home.settings.zone).date(),
    )
    if test.subject is None and test.says is None and test.never_says is None:
        return about
    subject, text = renderer.words(_notice(home, trial, moved, told[0][0], told[0][1]))
    return replace(about, subject=subject, text=text)


def _moves(home: Home, trial: Trial, outcome: Outcome) -> Iterator[Moved]:
    """What rounds would have told of a series while the timeline ran, in order."""
    rule = trial.basis.rule
    rounds = Rounds(home, rule)
    history = outcome.verdicts
    end = rounds.first_judging(history.period(history.periods))
    if trial.as_of is not None:
        end = datetime.combine(trial.as_of, time.max, tzinfo=home.settings.zone)
    return walk(
        steps_of([history], rounds.first_judging, None, end),
        live_policy(home, rule),
        rebased=partial(rebased_by, rebases_of(home, rule)),
        round_from=rounds.from_,
        end=end,
    )


def _notice(home: Home, trial: Trial, moved: Moved, recipient: Recipient, due: datetime) -> Notice:
    """The notice of a move, from the figures that there were in its round."""
    rule, local = trial.basis.rule, moved.at.replace(tzinfo=None)
    blocks = {
        name: block if trial.measures[name].planned else as_known(block, local) for name, block in trial.blocks.items()
    }
    basis = basis_of(rule, home.rules, home.measures, blocks)

    judged = judgement(basis, home.calendar, moved.at, lambda measure: small_numbers_of(home, measure))
    seen = next(judged.look([moved.verdict.key]), None)
    if seen is None:
        raise TimelineError(
            f"in the round of {moved.at:%-d %B %Y} rule `{rule.id}` has not the figures of all that it joins; let the "
            "timelines begin together"
        )
    transition = moved.transition
    move = Move(
        before=transition.before,
        decision=Decision(case=transition.case, reason=transition.reason, transition=transition),
        rule=rule,
        measure=basis.measure,
        verdict=seen.verdict,
        block=seen.block,
        history=seen.history,
        components=seen.components,
    )
    route = home.route_of(rule)
    finding = finding_for(home, None, move, transition, moved.at)
    return Notice(
        recipient=recipient,
        channel=route.channel,
        instance=home.settings.instance,
        day=due.astimezone(home.settings.zone).date(),
        marking=finding.marking,
        findings=(finding,),
    )


def complaints(test: RuleTest, outcome: Outcome, found: Heard) -> Iterator[str]:
    """What differs between the notice and what a test expects of it, in lines; nothing where it is as expected."""
    told = _wanted(test.told, outcome)
    if told is not None:
        yield from _wrong_people(told, outcome, found)
    texts = [(key, _wanted(getattr(test, key), outcome)) for key in ("subject", "says", "never_says")]
    asked = [(key, words) for key, words in texts if words]
    if asked and not found.recipients:
        if not (told is not None and told != (NOBODY,)):  # that has been said of those who should be told
            yield f"{asked[0][0]}: no notice is made: {_why_nobody(outcome, found)}"
        return
    for key, words in asked:
        whole = found.subject if key == "subject" else found.text if key == "says" else f"{found.subject}\n{found.text}"
        for phrase in words:
            yield from _wrong_words(key, phrase, whole)


def _wanted(written: Wanted, outcome: Outcome) -> tuple[str, ...] | None:
    """What is expected at one series: by its name; else what is expected wherever the rule fires."""
    if isinstance(written, Mapping):
        return written.get(outcome.name)
    return written if outcome.fired or written == (NOBODY,) else None


def _wrong_people(wanted: tuple[str, ...], outcome: Outcome, found: Heard) -> Iterator[str]:
    if wanted == (NOBODY,):
        if found.recipients:
            yield f"told: expected {NOBODY}"
            yield from _who(found)
        return
    if not found.recipients:
        yield f"told: expected {' and '.join(wanted)}"
        yield f"      nobody is told: {_why_nobody(outcome, found)}"
        return
    lacking = [one for one in wanted if not any(_is_meant(one, person) for person in found.recipients)]
    more = [person for person in found.recipients if not any(_is_meant(one, person) for one in wanted)]
    if lacking or more:
        yield f"told: expected {' and '.join(wanted)}"
        yield from _who(found)


def _is_meant(wanted: str, person: Recipient) -> bool:
    return person.email.casefold() == wanted.casefold() if "@" in wanted else person.owner == wanted


def _who(found: Heard) -> Iterator[str]:
    yield f"      the notice of {found.period}, sent on {found.on:%-d %B %Y}, goes to"
    for person in found.recipients:
        yield f"      {person.email} ({person.name}; `{person.owner}`: {person.via.value})"


def _why_nobody(outcome: Outcome, found: Heard) -> str:
    if found.period:
        return "its route does not tell of an end"
    if not outcome.fired:
        return "the rule never fires"
    if found.kind != "opened":
        return f"it fires, and no notice is `{found.kind}`"
    return "it fires for the better, and neither the rule nor its route asks for improvement"


def _wrong_words(key: str, phrase: str, whole: str) -> Iterator[str]:
    """Where words are lacking, or stand where they should not: what the notice has there, with a caret."""
    text, words = " ".join(whole.split()), " ".join(phrase.split())
    lowered, looked = text.lower(), words.lower()
    at = lowered.find(looked)
    if key == "never_says":
        if at >= 0:
            yield f'never_says: the notice says "{words}":'
            yield from _excerpt(text, at, at)
        return
    if at < 0:
        near = _nearest(lowered, looked)
        what = "subject" if key == "subject" else "notice"
        if near is None:
            yield f'{key}: the {what} does not say "{words}", nor anything like it; it begins:'
            yield f"      {shorten(text, _WIDTH)}"
            return
        yield f'{key}: the {what} does not say "{words}"; the nearest words:'
        yield from _excerpt(text, *near)


def _nearest(text: str, phrase: str) -> tuple[int, int] | None:
    """Where a text has most words of a phrase in their order, and where it first differs there; None where it has none."""
    there = [(found.start(), found[0]) for found in re.finditer(r"\S+", text)]
    wanted = phrase.split()
    best, at = 0, 0
    for first in range(len(there)):
        alike = sum(
            _same(one, other) for one, (_, other) in zip(wanted, there[first : first + len(wanted)], strict=False)
        )
        if alike > best:
            best, at = alike, first
    if not best:
        return None
    for one, (start, other) in zip(wanted, there[at:], strict=False):
        if not _same(one, other):
            return there[at][0], start
    return there[at][0], min(there[at][0] + len(phrase), len(text) - 1)  # only a full stop or a comma differs


def _same(one: str, other: str) -> bool:
    return one == other or one.strip(_STOPS) == other.strip(_STOPS) != ""


def _excerpt(text: str, start: int, caret: int) -> Iterator[str]:
    """One line of a text about some place, with a caret under another."""
    first = max(0, min(start, caret - _WIDTH // 2) - 15)
    shown = text[first : first + _WIDTH]
    yield f"  {'..' if first else '  '}{shown}{'..' if first + _WIDTH < len(text) else ''}"
    yield " " * (4 + caret - first) + "^"
