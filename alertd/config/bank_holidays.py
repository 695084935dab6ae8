"""England's bank holidays, with what a home says of them (R38)."""

from collections.abc import Iterable, Iterator, Set
from datetime import date
from functools import cache, cached_property

from alertd.config.settings import BankHolidays


@cache
def known_bank_holidays() -> frozenset[date]:
    """Those that are known of 1990 to 2080."""
    import holidays  # noqa: PLC0415  slow to import, and many commands count no working days

    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=range(1990, 2081)))


def bank_holidays_of(own: BankHolidays) -> Set[date]:
    """Those that count in a home; they are looked up when first asked for."""
    return _Counting(own)


class _Counting(Set[date]):
    def __init__(self, own: BankHolidays) -> None:
        self._own = own

    @classmethod
    def _from_iterable(cls, days: Iterable[date]) -> frozenset[date]:  # type: ignore[override]  # what sets give together
        return frozenset(days)

    @cached_property
    def _days(self) -> frozenset[date]:
        return known_bank_holidays() - frozenset(self._own.but_not) | frozenset(self._own.also)

    def __contains__(self, day: object) -> bool:
        return day in self._days

    def __iter__(self) -> Iterator[date]:
        return iter(self._days)

    def __len__(self) -> int:
        return len(self._days)
