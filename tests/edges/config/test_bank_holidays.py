"""The bank holidays of a home, looked up when first asked for: a set like any other."""

from datetime import date

from alertd.config.bank_holidays import bank_holidays_of
from alertd.config.settings import BankHolidays

MOVED, ADDED = date(2024, 8, 26), date(2024, 8, 27)


def test_a_home_takes_days_away_and_adds_its_own() -> None:
    days = bank_holidays_of(BankHolidays(also=(ADDED,), but_not=(MOVED,)))
    assert ADDED in days
    assert MOVED not in days
    assert date(2024, 12, 25) in days


def test_they_go_together_with_other_days() -> None:
    days = bank_holidays_of(BankHolidays())
    more = days | {ADDED}
    assert ADDED in more
    assert more - {ADDED} == days == frozenset(days)
