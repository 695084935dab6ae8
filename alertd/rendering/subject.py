"""The subject line: the marking, then place, measure and what changed in at most 65 characters."""

from collections.abc import Sequence

from alertd.core.findings import Notice
from alertd.rendering.clean import clean, shorten
from alertd.rendering.view import Part

MOST = 65
_JOIN = " - "
_KINDS = (
    (("concern",), "exception", "exceptions"),
    (("changed",), "change", "changes"),
    (("data",), "data fault", "data faults"),
    (("improvement",), "improvement", "improvements"),
    (("ended",), "closed", "closed"),
)


def marking_of(notice: Notice) -> str:
    """The marking as it is printed."""
    return clean(notice.marking, 80).upper() or "OFFICIAL"


def summary_of(parts: Sequence[Part], faulty: int = 0) -> str:
    """The subject without its marking; `faulty` is the number of data findings, which parts may have joined."""
    room = MOST - len(_JOIN)
    return _one(parts[0], room) if len(parts) == 1 else _several(parts, room, faulty)


def subject_line(marking: str, summary: str) -> str:
    """The whole subject."""
    return f"{marking}{_JOIN}{summary}"


def _one(part: Part, room: int) -> str:
    place = shorten(part.place, room - 2) if len(part.place) > room - 16 else part.place
    left = room - len(place) - 2
    change = shorten(part.short, left)
    spare = left - len(change) - 1
    if spare >= 12 and part.measure:
        return f"{place}: {shorten(part.measure, spare)} {change}"
    return f"{place}: {change}" if left >= 8 else place


def _several(parts: Sequence[Part], room: int, faulty: int) -> str:
    counts = []
    for kinds, one, many in _KINDS:
        count = sum(part.kind in kinds for part in parts)
        count = max(count, faulty) if kinds == ("data",) else count
        if count:
            counts.append(f"{count} {one if count == 1 else many}")
    places = list(dict.fromkeys(part.place for part in parts))
    others = len(parts) + max(0, faulty - sum(part.kind == "data" for part in parts)) - int(counts[0].split()[0])
    full, compact = ", ".join(counts), f"{counts[0]} and {others} more" if others else counts[0]
    fitting = [text for head in (full, compact) for text in _with_places(head, places) if len(text) <= room]
    return max(
        fitting, key=lambda text: text.partition(":")[2].count(","), default=shorten(f"{compact}: {places[0]}", room)
    )


def _with_places(head: str, places: Sequence[str]) -> list[str]:
    """The head with all places, with all but one, and so on to the first alone."""
    made = [f"{head}: {', '.join(places)}"]
    for shown in range(len(places) - 1, 0, -1):
        made.append(f"{head}: {', '.join(places[:shown])} and others")
    return made
