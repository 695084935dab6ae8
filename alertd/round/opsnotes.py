"""What ops, and a feed's steward, must hear so that silence is not mistaken for quiet."""

from collections.abc import Sequence
from datetime import date, datetime

from alertd.config.home import Home
from alertd.core.letters import Letter
from alertd.core.owners import Vacancy, recipient_for
from alertd.core.periods import day_words
from alertd.round.lettering import Written, sender_of
from alertd.round.people import post_holder, steward_id
from alertd.round.ports import Memory, Pen
from alertd.store.records import Round


def about_rules(home: Home, memory: Memory, pen: Pen, round_: Round, now: datetime) -> list[Letter]:
    """Letters to ops and the data steward about rules that could not be judged, and could when they were last tried."""
    known = {
        rule
        for rule, outcome in memory.latest_outcomes([outcome.rule for outcome in round_.outcomes]).items()
        if outcome.status == "error"
    }
    failing = [outcome for outcome in round_.outcomes if outcome.status == "error" and outcome.rule not in known]
    if not failing:
        return []
    ops = home.settings.ops.email
    steward = recipient_for(steward_id(home), {}, now.date(), home.owners, home.places, ops)
    lines = [
        "These rules could not be judged, so their silence means nothing until they can be:",
        *(f"- {outcome.rule} (measure {outcome.measure}): {outcome.message}" for outcome in failing),
        f"Round {round_.id}.",
    ]
    subject = f"{_number(len(failing), 'rule')} could not be judged"
    return [word_to_ops(home, pen, address, subject, lines, now) for address in dict.fromkeys([ops, steward.email])]


def about_letters(home: Home, pen: Pen, written: Written, now: datetime) -> list[Letter]:
    """A letter to ops about letters that are held, and templates that failed."""
    subjects, lines = [], []
    if written.held:
        subjects.append(f"{_number(written.held, 'letter')} held")
        lines.append(
            f"There were more than {home.settings.max_letters_per_round} letters at once, so {written.held} wait. "
            "See them with `alertd outbox list --state held`; `alertd outbox release` lets them go."
        )
    if written.broken:
        subjects.append("a template failed")
        lines += [f"- {problem}" for problem in written.broken]
    if not lines:
        return []
    if written.letters:  # else none was new: a template failed where an old letter was written anew
        lines.append(f"First letter {written.letters[0].id}.")
    return [word_to_ops(home, pen, home.settings.ops.email, "; ".join(subjects), lines, now)]


def about_vacancies(home: Home, pen: Pen, found: Sequence[Vacancy], now: datetime) -> list[Letter]:
    """A letter to ops about posts that nobody holds, and whose notices go to others for that (R23)."""
    if not found:
        return []
    lines = ["Nobody holds these posts, so that notices for them go to a fallback:"]
    today = now.astimezone(home.settings.zone).date()
    for one in found:
        day = max(
            today, one.since or today
        )  # a notice that waits for its day of sending meets a post that falls vacant
        series = {home.owners[one.owner].by or "": one.place}
        told = post_holder(home, one.owner, series, day)
        lines.append(f"- {one.owner} for {one.place}, {_since(one, today)}: {told.name} is told ({told.owner})")
    lines.append("You are told once of each; write who holds the post, and from which day, under `owners:`.")
    subject = f"nobody holds {_number(len(found), 'post')}"
    return [word_to_ops(home, pen, home.settings.ops.email, subject, lines, now)]


def _since(one: Vacancy, today: date) -> str:
    if one.since is None:
        return "and nobody has held it yet"
    return f"since {day_words(one.since)}" if one.since <= today else f"from {day_words(one.since)} on"


def word_to_ops(home: Home, pen: Pen, address: str, subject: str, lines: Sequence[str], now: datetime) -> Letter:
    """A letter to ops by the default route's channel, signed as that channel's letters are."""
    channel = home.default_route.channel
    return pen.ops_letter(
        instance=home.settings.instance,
        address=address,
        channel=channel,
        sender=sender_of(home, channel),
        subject=subject,
        lines=lines,
        now=now,
    )


def _number(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"
