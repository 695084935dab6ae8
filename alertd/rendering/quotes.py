"""The words of assessors, quoted: always between quotation marks that they cannot close themselves (R33)."""

from collections.abc import Iterator
from typing import Any

from alertd.core.findings import Entry, Written
from alertd.core.periods import Grain, day_words
from alertd.rendering.clean import clean
from alertd.rendering.figures import count_word
from alertd.rendering.phrases import the_period
from alertd.rendering.view import Quote

MOST_CHARACTERS = 300
_LONGEST_NAME = 80
_WITHHELD = "What was written about it is not shown, since that might tell the number."
_INNER = str.maketrans(
    {"\u201c": "'", "\u201d": "'", "\u201e": "'", "\u201f": "'", "\u00ab": "'", "\u00bb": "'", '"': "'"}
)


def quotes_of(written: Written, period: str, grain: Grain) -> tuple[Quote, ...]:
    """What was written about a period, with who wrote it and when; entries without a printable word are left out."""
    return tuple(_quotes(written, period, grain))


def unquoted(written: Written) -> int:
    """How many findings there are beyond those that are quoted."""
    return max(0, written.in_all - len(written.entries))


def more_found(written: Written) -> str:
    """That there are more, or that their words are withheld; empty where all is quoted."""
    return _WITHHELD if written.withheld else and_more(unquoted(written))


def and_more(count: int) -> str:
    """`And two more findings.`; empty where there are none."""
    return f"And {count_word(count)} more finding{'' if count == 1 else 's'}." if count else ""


def said(written: Written) -> dict[str, Any]:
    """The same for programs, the words as they would be quoted."""
    entries = [
        {
            "words": _words(entry),
            "by": clean(entry.by or "", _LONGEST_NAME) or None,
            "day": None if entry.day is None else entry.day.isoformat(),
            "grade": entry.grade,
        }
        for entry in written.entries
    ]
    return {"entries": entries, "in_all": written.in_all, "withheld": written.withheld}


def _words(entry: Entry) -> str:
    return clean(entry.words, MOST_CHARACTERS).translate(_INNER)


def _quotes(written: Written, period: str, grain: Grain) -> Iterator[Quote]:
    several = written.in_all > 1
    for entry in written.entries:
        words = _words(entry)
        if not words:
            continue
        when = day_words(entry.day) if entry.day is not None else the_period(period, grain)
        who, grade = clean(entry.by or "", _LONGEST_NAME), clean(entry.grade or "", 40)
        said = f" ({grade})" if several and grade else ""
        yield Quote(lead=f"The finding of {when}{f' by {who}' if who else ''}{said} says:", words=words)
