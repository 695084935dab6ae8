"""From queued findings to letters: one for each recipient and channel, most serious first (R22)."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from alertd.config.home import Home
from alertd.core.cases import Direction, TransitionKind
from alertd.core.findings import Finding, Notice
from alertd.core.letters import Letter, LetterState
from alertd.core.marking import highest
from alertd.round.ports import Memory, Pen
from alertd.store.records import Queued

_DIRECTIONS = (Direction.CONCERN, Direction.CHANGED, Direction.DATA, Direction.IMPROVEMENT)
_ENDS = (TransitionKind.CORRECTED, TransitionKind.CLEARED, TransitionKind.WITHDRAWN)
_KINDS = (
    TransitionKind.ESCALATED,
    TransitionKind.WORSENED,
    TransitionKind.OPENED,
    TransitionKind.REMINDED,
    *_ENDS,
)


def compose(
    home: Home, pen: Pen, queued: Collection[Queued], first_message_ids: Mapping[tuple[str, str], str], now: datetime
) -> tuple[list[Queued], list[Letter]]:
    """Make the letters of some findings, and note on each finding which letter tells it.

    Letters beyond `max_letters_per_round` are held, until somebody releases them.
    """
    together: dict[tuple[str, str], list[Queued]] = defaultdict(list)
    for item in queued:
        together[item.recipient.email.casefold(), item.channel].append(item)
    composed: list[Queued] = []
    letters: list[Letter] = []
    for (_, channel), items in sorted(together.items()):
        findings = sorted((item.finding for item in items), key=_seriousness)
        recipient = items[0].recipient
        notice = Notice(
            recipient=recipient,
            channel=channel,
            instance=home.settings.instance,
            day=now.date(),
            marking=highest(finding.marking for finding in findings),
            findings=tuple(findings),
        )
        known = {
            case: message_id for (case, address), message_id in first_message_ids.items() if address == recipient.email
        }
        letter = pen.letter(notice, sender=sender_of(home, channel), first_message_ids=known, now=now)
        if len(letters) >= home.settings.max_letters_per_round:
            letter = replace(letter, state=LetterState.HELD)
        letters.append(letter)
        composed += [replace(item, letter_id=letter.id) for item in items]
    return composed, letters


def compose_due(home: Home, memory: Memory, pen: Pen, now: datetime) -> int:
    """Make and store the letters of every waiting finding that is due; gives how many."""
    due = memory.waiting(now)
    if not due:
        return 0
    composed, letters = compose(home, pen, due, memory.first_message_ids(cases_of(due)), now)
    memory.commit_letters(letters, numbers_by_letter(composed))
    return sum(letter.state is not LetterState.HELD for letter in letters)


def numbers_by_letter(composed: Sequence[Queued]) -> dict[str, list[str]]:
    """Letter id to the numbers of the notices in it."""
    numbers: dict[str, list[str]] = defaultdict(list)
    for item in composed:
        if item.letter_id is not None:
            numbers[item.letter_id].append(item.finding.number)
    return dict(numbers)


def cases_of(queued: Collection[Queued]) -> set[str]:
    """The ids of the cases that some findings are about."""
    return {item.finding.case for item in queued}


def sender_of(home: Home, channel: str) -> str:
    """The From of letters by a channel; one without its own signs with the instance's ops address."""
    settings = home.channels.get(channel)
    own: str | None = getattr(settings, "from_", None)
    return own or f"{home.settings.instance} alerts <{home.settings.ops.email}>"


def _seriousness(finding: Finding) -> tuple[bool, int, int, int, float, str, tuple[str, ...], str]:
    """What stands before what has ended, then by direction, priority, what happened, and how far out it is."""
    return (
        finding.transition in _ENDS,
        _DIRECTIONS.index(finding.direction),
        finding.priority,
        _KINDS.index(finding.transition),
        -finding.severity,
        finding.measure_name,
        tuple(finding.series.values()),
        finding.rule,
    )
