"""Government Security Classification markings and their order (R29)."""

from collections.abc import Iterable

ORDER = ("OFFICIAL", "OFFICIAL-SENSITIVE", "SECRET", "TOP SECRET")


def highest(markings: Iterable[str]) -> str:
    """The highest of some markings; one that is not in the order counts above all others, so that it is never lost."""
    ranked = sorted(set(markings), key=lambda marking: (_rank(marking), marking))
    return ranked[-1]


def _rank(marking: str) -> int:
    """OFFICIAL-SENSITIVE with a descriptor (`OFFICIAL-SENSITIVE PERSONAL`) ranks just above the plain one."""
    upper = marking.upper()
    if upper in ORDER:
        return ORDER.index(upper) * 2
    base = [index for index, known in enumerate(ORDER) if upper.startswith(known)]
    return base[-1] * 2 + 1 if base else len(ORDER) * 2
