"""What a command takes for now: the clock, or the end of the day that `ALERTD_AS_OF` names."""

import os
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from alertd.config.overrides import AS_OF
from alertd.core.errors import UsageError


def pinned_day() -> date | None:
    """The day that `ALERTD_AS_OF` names, if it does; raises `UsageError` where it is none."""
    text = os.environ.get(AS_OF, "")
    if not text:
        return None
    try:
        day = datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007  a day has no zone
    except ValueError:
        day = None
    if day is None or not 1900 <= day.year <= 2999:
        raise UsageError(f"${AS_OF}: `{text}` is no day from 1900 to 2999; write for example 2026-07-08, or unset it")
    return day


def now_in(zone: ZoneInfo) -> datetime:
    """Now in the home's zone."""
    day = pinned_day()
    return datetime.now(zone) if day is None else datetime.combine(day, time.max, tzinfo=zone)
