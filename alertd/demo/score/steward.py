"""Which faults that are planted in the data the steward would have been told of, and after how many rounds."""

from collections.abc import Iterator
from datetime import datetime

from alertd.config.home import Home
from alertd.core.data_faults import Trouble, troubles
from alertd.core.errors import WarehouseError
from alertd.core.periods import Period, parse_period
from alertd.core.series import FaultKind
from alertd.demo.score.happenings import Happening, Planted
from alertd.demo.score.readings import reading_of
from alertd.workbench.figures import Figures
from alertd.workbench.rounds import Rounds

KINDS: dict[str, frozenset[FaultKind]] = {
    "missing": frozenset({FaultKind.MISSING_PERIOD, FaultKind.MISSING_SERIES, FaultKind.VANISHED}),
    "vanished": frozenset({FaultKind.MISSING_SERIES, FaultKind.VANISHED}),
    "late": frozenset({FaultKind.STALE}),
    "null": frozenset({FaultKind.NULL, FaultKind.ZERO_DENOMINATOR}),
    "negative": frozenset({FaultKind.NEGATIVE_COUNT}),
    "above_denominator": frozenset({FaultKind.NUMERATOR_ABOVE_DENOMINATOR}),
    "duplicate": frozenset({FaultKind.DUPLICATE}),
    "future": frozenset({FaultKind.FUTURE}),
    "unreadable_period": frozenset({FaultKind.BAD_PERIOD}),
    "unknown_place": frozenset({FaultKind.UNEXPECTED_PLACE}),
}
"""How each kind of dirty row shows."""
_ROUNDS = 6  # after the one that first judges the fault's last period
_UNDATED = frozenset({"future", "unreadable_period"})


def told_of_fault(
    home: Home, happening: Happening, planted: Planted, figures: Figures
) -> tuple[str, Period, int] | None:
    """The measure whose data notice first tells of a planted fault, the newest period then, and how many periods later."""
    kinds = KINDS.get(happening.kind, frozenset())
    found: list[tuple[int, str, Period]] = []
    for measure in home.measures.values():
        reading = reading_of(measure)
        if happening.table not in reading.tables or measure.framework != happening.framework:
            continue
        if any(value not in reading.only.get(name, {value}) for name, value in happening.categories.items()):
            continue
        rule = next((rule for rule in home.rules.values() if rule.enabled and rule.measure == measure.id), None)
        if rule is None:
            continue
        first = Period.containing(happening.first.start, measure.grain)
        for moment, period in _moments(Rounds(home, rule), happening, first, figures):
            try:
                block = figures.live(measure) if happening.kind == "future" else figures.at(measure, moment)
            except WarehouseError:
                break  # said where its rules are replayed
            told = troubles(measure, block, home.calendar, moment)
            if any(one.kind in kinds and _same(one, happening, planted, first, measure.by) for one in told):
                found.append((max(0, period.slot - first.slot), measure.id, period))
                break
    if not found:
        return None
    later, name, period = min(found)
    return name, period, later


def _moments(
    rounds: Rounds, happening: Happening, first: Period, figures: Figures
) -> Iterator[tuple[datetime, Period]]:
    """The rounds that may tell of a fault, each with the period that it judges for the first time."""
    if happening.kind == "future":
        newest = Period.containing(figures.end.replace(tzinfo=None), first.grain)
        yield figures.end, newest
        return
    last = Period.containing(happening.last.last_day, first.grain)
    for slot in range(first.slot, last.slot + _ROUNDS + 1):
        period = Period(first.grain, slot)
        moment = rounds.first_judging(period)
        if moment > figures.end:
            return
        yield moment, period


def _same(one: Trouble, happening: Happening, planted: Planted, first: Period, by: tuple[str, ...]) -> bool:
    """Whether what is wrong is the planted fault: at its place, and in its time."""
    series = dict(zip(by, one.key, strict=True)) if one.key is not None else {}
    if any(series.get(name, value) != value for name, value in happening.categories.items()):
        return False
    if not planted.at(series, happening):
        return False
    if happening.kind in _UNDATED:
        return True
    if one.kind is FaultKind.VANISHED:
        return happening.places.items() <= series.items()
    if not one.first:
        return True
    begins, ends = parse_period(one.first).slot, parse_period(one.last).slot
    last = Period.containing(happening.last.last_day, first.grain).slot
    return begins <= last and ends >= first.slot
