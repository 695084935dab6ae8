"""What ops, and a feed's steward, must hear of a round so that its silence is not mistaken for quiet."""

from collections.abc import Sequence
from datetime import datetime

from alertd.config.home import Home
from alertd.core.letters import Letter
from alertd.core.owners import recipient_for
from alertd.round.addressing import steward_id
from alertd.round.compose import sender_of
from alertd.round.ports import Memory, Pen
from alertd.store.records import Round


def notes_to_ops(
    home: Home, memory: Memory, pen: Pen, round_: Round, *, held: int, broken: Sequence[object], now: datetime
) -> list[Letter]:
    """Letters about rules that could not be judged since this round, held letters, and templates that failed.

    Rules that failed in the round before as well are not told again. The data steward hears of failing rules too.
    """
    known = {outcome.rule for last in memory.last_rounds(1) for outcome in last.outcomes if outcome.status == "error"}
    failing = [outcome for outcome in round_.outcomes if outcome.status == "error" and outcome.rule not in known]
    parts: list[tuple[str, list[str]]] = []
    if failing:
        lines = [f"- {outcome.rule} (measure {outcome.measure}): {outcome.message}" for outcome in failing]
        first = "These rules could not be judged, so their silence means nothing until they can be:"
        parts.append(
            (f"{len(failing)} {'rule' if len(failing) == 1 else 'rules'} could not be judged", [first, *lines])
        )
    if held:
        limit = home.settings.max_letters_per_round
        line = (
            f"One round made more than {limit} letters, so {held} wait. See them with `alertd outbox list --state held`"
        )
        parts.append(
            (
                f"{held} {'letter is' if held == 1 else 'letters are'} held",
                [f"{line}; `alertd outbox release` lets them go."],
            )
        )
    if broken:
        parts.append(("a template failed", [f"- {problem}" for problem in broken]))
    if not parts:
        return []
    ops = home.settings.ops.email
    steward = recipient_for(steward_id(home), {}, now.date(), home.owners, home.places, ops)
    channel = home.default_route.channel
    return [
        pen.ops_letter(
            instance=home.settings.instance,
            address=address,
            channel=channel,
            sender=sender_of(home, channel),
            subject="; ".join(subject for subject, _ in parts),
            lines=[*(line for _, lines in parts for line in lines), f"Round {round_.id}."],
            now=now,
        )
        for address in dict.fromkeys([ops, *([steward.email] if failing else [])])
    ]
