"""Where and when, as people say it: places, periods, days, and the stretch that a usual range was taken from."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction

from alertd.core.findings import Finding
from alertd.core.periods import MONTHS_IN, Grain, Period, day_words, in_sentence, period_at
from alertd.rendering.clean import clean
from alertd.rendering.figures import count_word

_PLACES = frozenset(
    {
        *(
            "area",
            "basic_command_unit",
            "bcu",
            "beat",
            "borough",
            "command",
            "county",
            "district",
            "division",
            "force",
            "hub",
        ),
        *("local_authority", "neighbourhood", "place", "region", "sector", "site", "station", "town", "ward"),
    }
)  # columns whose values follow the word "in"
_WEEK = re.compile(r"\b(after|before|for|from|in|of|since|to) week to\b")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def measure_name(finding: Finding) -> str:
    """The measure as its leader calls it."""
    name = clean(finding.measure_name, 110) or clean(finding.measure, 110)
    return _words(name, 18)


def place(series: Mapping[str, str]) -> str:
    """The series in a few words, the place first: `Burnley`, `Burnley, Burglary`, `Force-wide`."""
    placed, others = _split(series)
    return ", ".join((*placed, *others)) or "Force-wide"


def places_of(findings: Sequence[Finding]) -> str:
    """How many places some findings are about, in the word of their column: `14 districts`, else `14 series`."""
    columns = {next(iter(finding.series)) if len(finding.series) == 1 else "" for finding in findings}
    column = columns.pop() if len(columns) == 1 else ""
    count = count_word(len(findings))
    return f"{count} {_plural(column.casefold().replace('_', ' '))}" if is_place(column) else f"{count} series"


def is_place(column: str) -> bool:
    """Whether the values of a column are places, which follow the word "in"."""
    return column.casefold() in _PLACES


def first_place(series: Mapping[str, str]) -> str:
    """The one place that a series is best known by, for a list of places: the first that its columns name."""
    placed, others = _split(series)
    return (*placed, *others, "Force-wide")[0]


def subject_of(finding: Finding) -> str:
    """The measure at its place: `Grade 1 incidents in Burnley`, `Recorded crime (Burglary) in Preston`."""
    placed, others = _split(finding.series)
    name = measure_name(finding)
    kind = f" ({', '.join(others)})" if others else ""
    if not placed:
        return f"{name}{kind}" if others else f"{name}, force-wide"
    return f"{name}{kind} in {', '.join(placed)}"


def read_period(text: str, grain: Grain) -> Period | None:
    """The period that `text` names on the grain's grid, or None where it names none."""
    try:
        return period_at(text, grain)
    except (ValueError, OverflowError):
        return None


def period_words(text: str, grain: Grain) -> str:
    """`March 2022`, `week to 9 October 2022`, `April to June 2022`."""
    period = read_period(text, grain)
    return clean(text, 40) if period is None else period.words


def the_period(text: str, grain: Grain) -> str:
    """A period within a sentence: `March 2022`, `the week to 9 October 2022`."""
    period = read_period(text, grain)
    return clean(text, 40) if period is None else in_sentence(period)


def since_period(text: str, grain: Grain) -> str:
    """A period after "since": `March 2022`, `the week to 9 October 2022`, `the quarter to June 2022`."""
    words = the_period(text, grain)
    long = grain in (Grain.QUARTER, Grain.HALF_YEAR) and " to " in words
    return f"the {grain.words} to {words.partition(' to ')[2]}" if long else words


def with_articles(text: str) -> str:
    """A sentence that was put together from words and periods, with the article that a week needs."""
    return _WEEK.sub(r"\1 the week to", text)


def in_period(text: str, grain: Grain) -> str:
    """`in March 2022`, `in the week to 9 October 2022`, `on 3 October 2022`, `from April to June 2022`."""
    words = period_words(text, grain)
    if grain is Grain.WEEK:
        return f"in the {words}"
    if grain in (Grain.DAY, Grain.HOUR):
        return f"on {words}"
    return f"from {words}" if grain in (Grain.QUARTER, Grain.HALF_YEAR) else f"in {words}"


def units(grain: Grain, count: int) -> str:
    """`three months`, `one week`, `12 quarters`."""
    return f"{count_word(count)} {grain.words}{'' if count == 1 else 's'}"


def stretch(first: str | None, last: str | None, grain: Grain) -> str | None:
    """The periods of a baseline: `the two years to December 2021`, `the 18 months to March 2022`; None where unknown."""
    start = None if first is None else read_period(first, grain)
    end = None if last is None else read_period(last, grain)
    if start is None or end is None or end.slot < start.slot:
        return None
    count = end.slot - start.slot + 1
    if grain is Grain.HOUR and count % 24 == 0 and end.end.hour == 0:  # whole days
        return stretch(str(start.start.date()), str(end.last_day), Grain.DAY)
    in_year = {Grain.WEEK: 52, **{known: 12 // months for known, months in MONTHS_IN.items()}}.get(grain, 0)
    if grain is Grain.HOUR:
        return f"the {count_word(count)} hours to {end.end:%H}:00 on {day_words(end.end.date())}"
    years, rest = divmod(count, in_year) if in_year else (0, count)
    ending = end.words.rpartition(" to ")[2] if grain is not Grain.WEEK else day_words(end.last_day)
    if years and not rest:
        return f"the {'year' if years == 1 else count_word(years) + ' years'} to {ending}"
    return f"the {grain.words if count == 1 else count_word(count) + f' {grain.words}s'} to {ending}"


def day_name(day: date, today: date) -> str:
    """`Thursday 13 April`, with the year where it is not this one."""
    words = day_words(day)
    return f"{_DAYS[day.weekday()]} {words if day.year != today.year else words.rpartition(' ')[0]}"


def listed(names: Sequence[str], most: int = 8) -> str:
    """`Burnley, Preston and Lancaster`, or the first of many: `Burnley, Preston and 12 more`."""
    shown = list(names[:most])
    if len(names) > most:
        return f"{', '.join(shown)} and {len(names) - most:,} more"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}" if shown else ""


def sentence(text: str) -> str:
    """The text as a sentence: a capital at its head, a full stop at its end."""
    text = text.strip()
    if not text:
        return ""
    return text[0].upper() + text[1:] + ("" if text[-1] in ".?!:" else ".")


def _split(series: Mapping[str, str]) -> tuple[list[str], list[str]]:
    placed: list[str] = []
    others: list[str] = []
    for column, value in series.items():
        said = _quantile(value) if column == "quantile" else None
        (placed if is_place(column) else others).append(said or _words(clean(value, 60), 8) or "(no name)")
    return placed, others


def _quantile(text: str) -> str | None:
    """A quantile as people say it: `half are below`, `9 in 10 are below`; None where it is none."""
    if re.fullmatch(r"0\.\d{1,6}", text) is None or not (share := Fraction(text)):
        return None
    if share == Fraction(1, 2):
        return "half are below"
    of = next((whole for whole in (10, 100, 1000) if (share * whole).denominator == 1), None)
    return None if of is None else f"{share * of} in {of:,} are below"


def _plural(word: str) -> str:
    return word[:-1] + "ies" if word.endswith("y") else f"{word}s"


def _words(text: str, most: int) -> str:
    words = text.split()
    return text if len(words) <= most else " ".join(words[:most]) + "..."
