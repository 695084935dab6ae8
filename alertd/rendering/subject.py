"""The subject line: the marking, then place, measure and what changed in at most 65 characters."""

from collections.abc import Iterable, Sequence

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
    (("corrected",), "correction", "corrections"),
    (("ended",), "closed", "closed"),
)
_LEAST_MEASURE = 12


def marking_of(notice: Notice) -> str:
    """The marking as it is printed."""
    return clean(notice.marking, 80).upper() or "OFFICIAL"


def summary_of(parts: Sequence[Part], *, data: bool = False) -> str:
    """The subject without its marking; `data` says that all of it is about faults in the data."""
    room = MOST - len(_JOIN)
    return _one(parts[0], room) if len(parts) == 1 else _several(parts, room, data=data)


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


def _several(parts: Sequence[Part], room: int, *, data: bool) -> str:
    counts = _counts(parts)
    measures, places = _different(part.measure for part in parts), _different(part.where for part in parts)
    if data:
        return _data(measures, counts, room)
    total = sum(part.findings for part in parts)
    others = total - int(counts[0].split()[0].replace(",", ""))
    heads = [", ".join(counts), f"{counts[0]} and {others} more" if others else counts[0]]
    if len(places) == 1:
        return _at_one_place(places[0], measures, heads, room)
    fitting = [text for head in heads for text in _with_places(head, places) if len(text) <= room]
    best = max(fitting, key=lambda text: text.count(";"), default=shorten(f"{heads[1]}: {places[0]}", room))
    spare = room - len(best) - 2
    named = len(measures) == 1 and spare >= min(len(measures[0]), _LEAST_MEASURE)
    return f"{shorten(measures[0], spare)}, {best}" if named else best


def _counts(parts: Sequence[Part]) -> list[str]:
    """`2 exceptions`, `1 correction`: the most serious first; a part of several findings counts each of them."""
    counts = []
    for kinds, one, many in _KINDS:
        count = sum(part.findings for part in parts if _kind(part) in kinds)
        if count:
            counts.append(f"{count:,} {one if count == 1 else many}")
    return counts


def _kind(part: Part) -> str:
    return "corrected" if part.kind == "ended" and part.label == "Correction" else part.kind


def _data(measures: Sequence[str], counts: Sequence[str], room: int) -> str:
    """For a steward the measure comes before the places: `Data: Recorded crime and 2 more`."""
    tail = f", {', '.join(counts)}" if len(measures) == 1 else f" and {len(measures) - 1} more"
    return f"Data: {shorten(measures[0], room - len(tail) - 6)}{tail}"


def _at_one_place(place: str, measures: Sequence[str], heads: Sequence[str], room: int) -> str:
    place = shorten(place, room - len(heads[1]) - 2)
    head = next((head for head in heads if len(place) + len(head) + 2 <= room), heads[1])
    spare = room - len(place) - len(head) - 4
    if len(measures) == 1 and spare >= min(len(measures[0]), _LEAST_MEASURE):
        return f"{place}: {shorten(measures[0], spare)}, {head}"
    return f"{place}: {head}"


def _with_places(head: str, places: Sequence[str]) -> list[str]:
    """The head with all places, with all but one, and so on to the first alone."""
    made = [f"{head}: {'; '.join(places)}"]
    for shown in range(len(places) - 1, 0, -1):
        rest = "another" if len(places) - shown == 1 else "others"
        made.append(f"{head}: {'; '.join(places[:shown])} and {rest}")
    return made


def _different(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
