"""Text from a warehouse or a rule file, made fit to print: one line, no control characters, bounded (R33)."""

from alertd.core.printable import on_one_line

_LONGEST_WORD = 30


def clean(text: str, limit: int = 400) -> str:
    """Return `text` as one line without control, bidirectional or unassigned characters, at most `limit` characters long."""
    return shorten(on_one_line(text[: limit * 8]), limit)


def shorten(text: str, limit: int) -> str:
    """Cut `text` at a word's end so that it and its three dots are at most `limit` characters long.

    Only a text whose first word alone is too long, or that goes on with one of more than 30 letters, is cut in a word.
    """
    if len(text) <= limit:
        return text
    if limit <= 3:
        return text[:limit]
    head = text[: limit - 2]
    whole, space, _ = head.rpartition(" ")
    broken = text[len(whole) :].split(maxsplit=1)[0]
    at_word = space and (len(whole) >= limit // 2 or len(broken) <= _LONGEST_WORD)
    kept = whole if at_word else text[: limit - 3]
    return kept.rstrip(" ,;:-") + "..."
