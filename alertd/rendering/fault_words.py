"""One fault in the data as a steward reads it: where, what, and for which period."""

from collections.abc import Collection

from alertd.core.series import FaultKind
from alertd.rendering.clean import clean
from alertd.rendering.phrases import sentence, with_articles

_ABSENT = frozenset(
    {FaultKind.EMPTY, FaultKind.STALE, FaultKind.MISSING_PERIOD, FaultKind.MISSING_SERIES, FaultKind.VANISHED}
)
"""What has not arrived; every other fault is of figures that are there and cannot be used."""
_OF_ALL = frozenset({FaultKind.EMPTY, FaultKind.STALE})
_SAID = {
    FaultKind.EMPTY: "there are no rows at all",
    FaultKind.STALE: "nothing has arrived after {when}",
    FaultKind.MISSING_PERIOD: "no figures for {when}",
    FaultKind.MISSING_SERIES: "no figures for {when}, though others have theirs",
    FaultKind.VANISHED: "expected, and not in the data",
    FaultKind.UNEXPECTED_PLACE: "not in the list of places",
}
_LONGEST_FIRST = sorted(FaultKind, key=lambda kind: -len(kind.value))


def kind_of(fault: str) -> FaultKind | None:
    """Which kind a fault's sentence, as the core writes it, is of; None for a sentence of another make."""
    return next(
        (kind for kind in _LONGEST_FIRST if fault.startswith(kind.value) or f": {kind.value}" in fault),
        None,
    )


def fault_words(fault: str) -> str:
    """`Rossenshaw: no figures for November 2021, though others have theirs.`"""
    text = clean(fault, 200)
    kind = kind_of(text)
    if kind is None:
        return sentence(with_articles(text))
    where, _, rest = text.partition(kind.value)
    when, _, found = rest.removeprefix(", ").partition(" (")
    said = _SAID.get(kind, f"{kind.value}, {{when}}" if when.strip() else kind.value)
    if kind in (FaultKind.VANISHED, FaultKind.UNEXPECTED_PLACE) and not where:
        return sentence(found.removesuffix(")") or kind.value)
    if kind in _SAID and "{when}" in said and not when.strip():
        said = kind.value
    shown = f" ({found}" if found and kind not in _SAID else ""
    if "only counted" in found:
        shown = f" ({found}"
    return sentence(with_articles(f"{where}{said.replace('{when}', when.strip())}{shown}"))


def what_is_wrong(faults: Collection[str]) -> tuple[str, str]:
    """The end of a sentence on all the faults, and the same in three words."""
    absent = [kind_of(fault) in _ABSENT for fault in faults]
    if absent and all(absent):
        return "some figures have not arrived", "figures not arrived"
    if any(absent):
        return "some figures have not arrived, and some cannot be used", "figures not right"
    return "some figures cannot be used", "figures cannot be used"


def of_the_whole(faults: Collection[str]) -> str:
    """The one fault, where it is that the whole feed is empty or has stopped; else nothing."""
    only = next(iter(faults)) if len(faults) == 1 else ""
    return fault_words(only) if kind_of(only) in _OF_ALL else ""
