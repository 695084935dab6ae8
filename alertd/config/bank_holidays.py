"""England's bank holidays, with what a home says of them (R38)."""

from datetime import date
from functools import cache

from alertd.config.settings import BankHolidays


@cache
def known_bank_holidays() -> frozenset[date]:
    """Those that are known of 1990 to 2080."""
    import holidays  # noqa: PLC0415  slow to import, and a check seldom needs it

    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=range(1990, 2081)))


def bank_holidays_of(own: BankHolidays) -> frozenset[date]:
    """Those that count in a home."""
    return known_bank_holidays() - frozenset(own.but_not) | frozenset(own.also)
