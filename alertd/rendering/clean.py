"""Text from a warehouse or a rule file, made fit to print: one line, no control characters, bounded (R33)."""

import unicodedata

_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_JOINERS = frozenset("\u200c\u200d")  # parts of ordinary spelling in some scripts


def clean(text: str, limit: int = 400) -> str:
    """Return `text` as one line without control, bidirectional or unassigned characters, at most `limit` characters long."""
    printable = (" " if _unprintable(character) else character for character in text[: limit * 8])
    return shorten(" ".join("".join(printable).split()), limit)


def shorten(text: str, limit: int) -> str:
    """Cut `text` at a word's end so that it and its three dots are at most `limit` characters long."""
    if len(text) <= limit:
        return text
    if limit <= 3:
        return text[:limit]
    head = text[: limit - 2]
    whole, space, _ = head.rpartition(" ")
    kept = whole if space and len(whole) >= limit // 2 else text[: limit - 3]
    return kept.rstrip(" ,;:-") + "..."


def _unprintable(character: str) -> bool:
    return unicodedata.category(character) in _UNPRINTABLE and character not in _JOINERS
