"""Foreign text made fit to be shown: no sign that begins a line, paints a terminal or turns the writing round (R33)."""

import unicodedata

_UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_JOINERS = frozenset("\u200c\u200d")  # parts of ordinary spelling in some scripts


def is_unprintable(character: str) -> bool:
    """Whether a character is a control, bidirectional, invisible or unassigned one."""
    return unicodedata.category(character) in _UNPRINTABLE and character not in _JOINERS


def in_lines(text: str) -> str:
    """Text with the lines that it has, and a space for each other unprintable character."""
    return text if text.isprintable() else "\n".join(map(spaced, text.splitlines()))


def spaced(text: str) -> str:
    """Text with a space for each unprintable character."""
    if text.isprintable():
        return text
    return "".join(" " if is_unprintable(character) else character for character in text)


def on_one_line(text: str) -> str:
    """Text as one line, each run of spaces and unprintable characters as one space."""
    return " ".join(spaced(text).split())
