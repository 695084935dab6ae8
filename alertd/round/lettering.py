"""From queued findings to letters: one for each recipient and channel, in the order that `core/ordering.py` gives (R22)."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from alertd.config.home import Home
from alertd.core.findings import Finding, Notice, Theme
from alertd.core.letters import Letter, LetterState
from alertd.core.marking import highest
from alertd.core.ordering import in_order
from alertd.round.people import answer_by
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
    for (_, channel), items in sorted(together.items()):
        letter = _letter(home, pen, items, channel, first_ids, now)
        if len(letters) >= home.settings.max_letters_per_round:
            letter = replace(letter, state=LetterState.HELD)
        letters.append(letter)
        told += [replace(item, letter_id=letter.id) for item in items]
    return Written(queued=tuple(told), letters=tuple(letters), broken=tuple(pen.fallbacks[broken_before:]))


def written_anew(home: Home, memory: Memory, pen: Pen, letter: Letter, now: datetime) -> Letter | None:
    """A letter that leaves on a later day than it was written on, with the dates of that day, under its own id.

    None where it asks for nothing by any date, so that it may leave as it is.
    """
    items = memory.findings_of(letter.id)
    if all(item.finding.reply_by is None for item in items):
        return None
    first_ids = memory.first_message_ids({item.finding.case for item in items})
    made = _letter(home, pen, items, letter.channel, first_ids, now, letter.message_id)
    return replace(letter, subject=made.subject, message=made.message, keys=made.keys)


def _letter(
    home: Home,
    pen: Pen,
    items: Sequence[Queued],
    channel: str,
    first_ids: Mapping[tuple[str, str], str],
    now: datetime,
    message_id: str | None = None,
) -> Letter:
    address = items[0].recipient.email.casefold()
    threads = {case: first for (case, to), first in first_ids.items() if to.casefold() == address}
    return pen.letter(
        _notice(home, items, channel, now),
        sender=sender_of(home, channel),
        first_message_ids=threads,
        now=now,
        message_id=message_id,
    )


def _notice(home: Home, items: Sequence[Queued], channel: str, now: datetime) -> Notice:
    first = home.framework.first_for({item.recipient.owner for item in items})
    findings = in_order([as_written(home, item.finding, now) for item in items], first)
    return Notice(
        recipient=items[0].recipient,
        channel=channel,
        instance=home.settings.instance,
        day=now.date(),
        marking=highest(finding.marking for finding in findings),
        findings=findings,
    )


def as_written(home: Home, finding: Finding, at: datetime) -> Finding:
    """A finding as a letter tells it that is written at `at` (in the home's zone), however long it has waited.

    It has the theme that its measure has priority by on that day, if any (R46); an answer is asked for in time from that day
    on, and who was to be told on a day that is past is no longer announced.
    """
    day = at.date()
    review = home.framework.theme_of(finding.framework, finding.measure, day)
    theme = None if review is None else Theme(words=review.theme, held=review.held, priority=review.priority)
    update: dict[str, object] = {"theme": theme}
    if finding.reply_by is not None:
        update["reply_by"] = answer_by(home, at)
    if finding.told_next_on is not None and finding.told_next_on < day:
        update |= {"told_next": None, "told_next_on": None}
    return finding.model_copy(update=update)


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
