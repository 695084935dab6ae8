"""From queued findings to letters: one for each recipient and channel, in the order that `core/ordering.py` gives (R22)."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from alertd.config.home import Home
from alertd.core.findings import Finding, Notice, Theme
from alertd.core.letters import Letter, LetterState
from alertd.core.marking import highest
from alertd.core.ordering import in_order
from alertd.round.ports import Memory, Pen
from alertd.store.records import Queued


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Letters, and the findings that they tell, each with the id of its letter."""

    queued: tuple[Queued, ...]
    letters: tuple[Letter, ...]
    broken: tuple[object, ...]
    """Templates that failed on the way; their letters are in the built-in words."""

    @property
    def held(self) -> int:
        """Letters that wait until somebody releases them."""
        return sum(letter.state is LetterState.HELD for letter in self.letters)


def write_letters(home: Home, memory: Memory, pen: Pen, queued: Collection[Queued], now: datetime) -> Written:
    """Make the letters of some findings: one for each address and channel.

    Letters beyond `max_letters_per_round` are held.
    """
    first_ids = memory.first_message_ids({item.finding.case for item in queued})
    together: dict[tuple[str, str], list[Queued]] = defaultdict(list)
    for item in queued:
        together[item.recipient.email.casefold(), item.channel].append(item)
    told: list[Queued] = []
    letters: list[Letter] = []
    broken_before = len(pen.fallbacks)
    for (address, channel), items in sorted(together.items()):
        notice = _notice(home, items, channel, now)
        threads = {case: message_id for (case, to), message_id in first_ids.items() if to.casefold() == address}
        letter = pen.letter(notice, sender=sender_of(home, channel), first_message_ids=threads, now=now)
        if len(letters) >= home.settings.max_letters_per_round:
            letter = replace(letter, state=LetterState.HELD)
        letters.append(letter)
        told += [replace(item, letter_id=letter.id) for item in items]
    return Written(queued=tuple(told), letters=tuple(letters), broken=tuple(pen.fallbacks[broken_before:]))


def _notice(home: Home, items: Sequence[Queued], channel: str, now: datetime) -> Notice:
    first = home.framework.first_for({item.recipient.owner for item in items})
    findings = in_order([themed(home, item.finding, now.date()) for item in items], first)
    return Notice(
        recipient=items[0].recipient,
        channel=channel,
        instance=home.settings.instance,
        day=now.date(),
        marking=highest(finding.marking for finding in findings),
        findings=findings,
    )


def themed(home: Home, finding: Finding, day: date) -> Finding:
    """A finding with the theme that its measure has priority by on the local day of its letter, if any (R46)."""
    review = home.framework.theme_of(finding.framework, finding.measure, day)
    theme = None if review is None else Theme(words=review.theme, held=review.held, priority=review.priority)
    return finding if theme == finding.theme else finding.model_copy(update={"theme": theme})


def numbers_by_letter(composed: Sequence[Queued]) -> dict[str, list[str]]:
    """Letter id to the numbers of the notices in it."""
    numbers: dict[str, list[str]] = defaultdict(list)
    for item in composed:
        if item.letter_id is not None:
            numbers[item.letter_id].append(item.finding.number)
    return dict(numbers)


def sender_of(home: Home, channel: str) -> str:
    """The From of letters by a channel; one without its own signs with the instance's ops address."""
    settings = home.channels.get(channel)
    own: str | None = getattr(settings, "from_", None)
    return own or f"{home.settings.instance} alerts <{home.settings.ops.email}>"
