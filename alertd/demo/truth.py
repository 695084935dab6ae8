"""What was planted in the simulated figures, and who has to be told of it by when: the demonstration's table of truth."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from alertd.core.periods import parse_period


class Expected(StrEnum):
    """What has to follow from something planted."""

    TOLD = "told"
    QUIET = "quiet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """Something planted: where, when, what it is in words, and what has to follow from it."""

    what: str
    """In words, for the table at the end of the demonstration."""
    rules: tuple[str, ...]
    """Rules that may find it (or, for `QUIET`, that must stay silent)."""
    first: str
    """The first period that is affected."""
    last: str
    """The last period that a first notice about it may name; for `QUIET`, the last affected period."""
    series: Mapping[str, str] | None = None
    """The series (empty: the whole force); None for whichever series the rules judge."""
    to: str = ""
    """The address that has to be told; empty where nobody is."""
    expected: Expected = Expected.TOLD
    simulated: bool = True

    def covers(self, rule: str, series: Mapping[str, str], period: str) -> bool:
        """Whether a notice of `rule` about `series` at `period` is about this."""
        if rule not in self.rules:
            return False
        if self.series is not None and dict(self.series) != dict(series):
            return False
        slot, first, last = parse_period(period), parse_period(self.first), parse_period(self.last)
        return slot.grain is first.grain and first.slot <= slot.slot <= last.slot


REAL_RULES = ("hate-crime-change",)
"""Rules over real figures, of which nobody knows the truth."""

PLANTED: tuple[Planted, ...] = (
    Planted(
        what="Brunford: 12 points fewer Grade 1 calls reached in time, July to December 2021",
        rules=("response-low", "response-trend"),
        series={"district": "Brunford"},
        first="2021-07",
        last="2021-09",
        to="brunford@example.org",
    ),
    Planted(
        what="Whole force: 999 calls answered 9 seconds slower, January 2022 only",
        rules=("call-999-slow",),
        series={},
        first="2022-01",
        last="2022-01",
        to="contact@example.org",
    ),
    Planted(
        what="East Division: working time lost rises by 2 points from February 2022",
        rules=("time-lost-trend",),
        series={"division": "East Division"},
        first="2022-02",
        last="2022-08",
        to="east@example.org",
    ),
    Planted(
        what="Chorwell: charged share falls by 5 points, January to June 2021 (judged six months later)",
        rules=("charged-share-change",),
        series={"district": "Chorwell"},
        first="2021-01",
        last="2021-06",
        to="chorwell@example.org",
    ),
    Planted(
        what="Not located: charged share falls to a quarter, August to October 2021; for the data steward, not a leader",
        rules=("charged-share-change",),
        series={"district": "Not located"},
        first="2021-08",
        last="2021-10",
        to="steward@example.org",
    ),
    Planted(
        what="New York (real figures): hate crime reports rise in spring 2021",
        rules=("hate-crime-change",),
        series={"borough": "PATROL BORO MAN SOUTH"},
        first="2021-03",
        last="2021-06",
        to="hate.crime@example.org",
        simulated=False,
    ),
    Planted(
        what="Priestbridge: victim contacts made on time fall by 18 points, October 2021 only",
        rules=("victim-contact-change",),
        series={"district": "Priestbridge"},
        first="2021-10",
        last="2021-10",
        to="priestbridge@example.org",
    ),
    Planted(
        what="West Division: a third more safeguarding referrals from September 2021 (neither better nor worse)",
        rules=("safeguarding-change",),
        series={"division": "West Division"},
        first="2021-09",
        last="2022-02",
        to="west@example.org",
    ),
    Planted(
        what="Lunehaven: patrol time outside stations improves by 8 points from February 2022",
        rules=("visibility-change",),
        series={"district": "Lunehaven"},
        first="2022-02",
        last="2022-05",
        to="lunehaven@example.org",
    ),
    Planted(
        what="Rossenshaw: no response figures for November 2021; for the data steward",
        rules=("response-feed", "data:response_grade1"),
        first="2021-11",
        last="2021-11",
        to="steward@example.org",
    ),
    Planted(
        what="Whole force: visibility figures for May and June 2022 arrive in August; for the data steward",
        rules=("visibility-feed", "data:patrol_visibility"),
        first="2022-04",
        last="2022-06",
        to="steward@example.org",
    ),
    Planted(
        what="Whole force: complaints take 15 days longer, April to June 2022",
        rules=("complaints-slow",),
        series={},
        first="2022-Q2",
        last="2022-Q2",
        to="standards@example.org",
    ),
    Planted(
        what="Every district: stop and search recorded another way from April 2021, a third fewer; agreed as a rebase",
        rules=("stop-search-change",),
        first="2021-04",
        last="2021-12",
        expected=Expected.QUIET,
    ),
    Planted(
        what="Every district: charged share looks low from July 2022, only because cases are still open",
        rules=("charged-share-change",),
        first="2022-07",
        last="2022-12",
        expected=Expected.QUIET,
    ),
    Planted(
        what="Whole force: 999 telephony migration in September 2022, figures excluded beforehand",
        rules=("call-999-slow",),
        first="2022-09",
        last="2022-09",
        expected=Expected.QUIET,
    ),
)
