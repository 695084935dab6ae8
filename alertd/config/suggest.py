"""Did you mean ..?"""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was most likely meant, or None."""
    by_folded = {one.casefold(): one for one in known}
    found = get_close_matches(word.casefold()[:200], by_folded, n=1, cutoff=0.6)
    return by_folded[found[0]] if found else None


def likely(word: str, known: Iterable[str]) -> str | None:
    """The known word that was meant with so little doubt that a check may go on as if it stood there."""
    by_folded = {one.casefold(): one for one in known}
    found = get_close_matches(word.casefold()[:200], by_folded, n=1, cutoff=0.75)
    return by_folded[found[0]] if found else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A question with the nearest known word, or nothing."""
    found = nearest(word, known)
    return f"did you mean `{found}`?" if found is not None and found != word else ""


def one_of(known: Iterable[str], *, nothing: str) -> str:
    """What may stand there, as a note: all of it where it is short."""
    words = sorted(known)
    if not words:
        return nothing
    listed = ", ".join(f"`{word}`" for word in words[:12])
    return f"known: {listed}" + (f" and {len(words) - 12} more" if len(words) > 12 else "")
