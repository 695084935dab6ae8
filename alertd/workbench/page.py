"""A back-test as one page that stands by itself: what was replayed, what it would have told, and a chart of every series.

Nothing is loaded from anywhere and nothing runs: text, style and drawings are all in the file.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from math import sqrt

from alertd.core.marking import ORDER, highest
from alertd.core.periods import Grain, Period, day_words, parse_period
from alertd.rendering.clean import clean
from alertd.workbench.backtest import Backtest
from alertd.workbench.page_months import Bars, bars_of, by_month
from alertd.workbench.page_sections import SEVERAL, Section, sections_of
from alertd.workbench.page_templates import page_template
from alertd.workbench.page_words import after_words, counted, listed
from alertd.workbench.replaying import Replayed
from alertd.workbench.summary import Row, event_rows, exceptions, leader_rows, letters, month_rows, rule_rows
from alertd.workbench.told import Told

_MOST_COLUMNS = 6  # rules that have a column of their own in the table of months


def page_of(backtest: Backtest, *, title: str, made_at: datetime) -> str:
    """The page of a back-test as HTML; `made_at` is an aware moment."""
    told = backtest.told
    leaders = leader_rows(backtest)
    sections = sections_of(backtest)
    names = _names(backtest.replayed)
    template = page_template("backtest.html.j2")
    return template.render(
        title=clean(title, 200),
        marking=_marking(backtest),
        made=f"{day_words(made_at.date())}, {made_at:%H:%M}",
        instance=clean(backtest.home.settings.instance, 100),
        period=_period(backtest.replayed),
        remarks=list(_remarks(backtest)),
        errors=[clean(error, 400) for error in backtest.errors],
        figures=list(_figures(backtest, told, leaders)),
        rules=_rules(backtest, sections),
        bars=_bars(backtest.replayed),
        months=[{**row, "words": parse_period(row["month"]).words} for row in month_rows(backtest)],
        columns=names if 1 < len(names) <= _MOST_COLUMNS else [],
        leaders=[_leader(row) for row in leaders],
        several=SEVERAL,
        events=_events(backtest),
        sections=sections,
        share=_share,
        counted=counted,
    )


def _marking(backtest: Backtest) -> str:
    """The highest of the figures that went in; where nothing could be replayed, of all that the home has."""
    home = backtest.home
    needed = {name for one in backtest.replayed for name in home.needs(one.rule)} or set(home.measures)
    return highest({home.measures[name].marking for name in needed} or {ORDER[0]})


def _period(replayed: Sequence[Replayed]) -> str:
    if not replayed:
        return "Nothing could be replayed."
    first, last = min(one.start for one in replayed), max(one.end for one in replayed)
    names = _names(replayed)
    rules = f"Rule {names[0]}" if len(names) == 1 else counted(len(names), "rule")
    return f"{rules}, replayed from {day_words(first.date())} to {day_words(last.date())}."


def _names(replayed: Sequence[Replayed]) -> list[str]:
    """The rules, each once, however many levels it is judged at."""
    return list(dict.fromkeys(one.rule.id for one in replayed))


def _remarks(backtest: Backtest) -> Iterator[str]:
    """How it was replayed, and what that leaves open."""
    replayed = backtest.replayed
    if not replayed:
        return
    yield (
        "Round by round, as though each had run on its day: a round saw no figure that came after it, "
        "and what it told was remembered by the next."
    )
    if any(one.revised for one in replayed):
        yield (
            "Figures that came late or were revised were given to each round as they were known then. "
            "The charts show them as they are known at the end, so that a mark may lie off its line."
        )
    home = backtest.home
    needed = dict.fromkeys(name for one in replayed for name in home.needs(one.rule))
    undated = [clean(home.measures[name].name, 80) for name in needed if home.measures[name].loaded_at is None]
    if undated:
        yield (
            f"The warehouse does not say when the rows of {listed(undated)} were loaded. "
            "Where they were revised since, the rounds saw the revised figures."
        )
    shadow = _names([one for one in replayed if one.rule.status == "shadow"])
    if shadow:
        yield f"In shadow at present, and replayed as though live: {listed(shadow)}."
    if any(one.level is not None for one in replayed):
        yield "Of a rule that is judged at several levels each has its own charts."
    if any(one.level is not None and one.rule.hold_back for one in replayed):
        yield "What a level above explains is held back from those below, as in rounds."


def _figures(backtest: Backtest, told: Sequence[Told], people: Sequence[Row]) -> Iterator[tuple[str, str]]:
    """The headline: a figure, and what it is."""
    if not backtest.replayed:
        return
    years = max((one.end - one.start).total_seconds() for one in backtest.replayed) / (365.25 * 86_400)
    yield f"{len(told):,}", f"notice{'' if len(told) == 1 else 's'} to {counted(len(people), 'person', 'people')}"
    if years > 0:
        a_year = len(told) / years
        yield f"{a_year:,.{0 if a_year >= 100 else 1}f}", "notices a year"
    yield f"{letters(told):,}", "letters; all that one person is due at once is one"
    yield f"{exceptions(told):,}", "exceptions found"
    priced = [one for one in backtest.replayed if one.name in backtest.expected]
    if priced:
        opened = sum(exceptions(one.told) for one in priced)
        noise = sum(backtest.expected[one.name].exceptions for one in priced)
        error = sqrt(sum(backtest.expected[one.name].error ** 2 for one in priced))
        of = (
            ""
            if len(priced) == len(backtest.replayed)
            else f", for {len(priced)} of {counted(len(backtest.replayed), 'rule')}"
        )
        share = f", {_share(min(1.0, noise / opened))} of those found" if opened else ""
        about, interval = _about(noise, error)
        yield about, f"exceptions to expect when nothing is wrong ({interval}){share}{of}"
    if people:
        most = max(people, key=lambda row: row["in_busiest_month"])
        month = parse_period(most["busiest_month"]).words
        yield f"{most['in_busiest_month']:,}", f"notices at most to one person in one month ({month})"


def _about(value: float, error: float) -> tuple[str, str]:
    """An estimate, and its 95% interval: `12.4` and `10.1 to 14.7`."""
    digits = 0 if value >= 100 else 1
    low, high = max(0.0, value - 1.96 * error), value + 1.96 * error
    return f"{value:,.{digits}f}", f"{low:,.{digits}f} to {high:,.{digits}f}"


def _share(value: float) -> str:
    return "under 1%" if 0 < value < 0.01 else f"{value:.0%}"


def _rules(backtest: Backtest, sections: Sequence[Section]) -> list[Row]:
    anchors = {rule.name: section.anchor for section in sections for rule in section.rules}
    rows = []
    for row in rule_rows(backtest):
        priced = row["expected_false"] is not None
        expected = (
            "{} ({})".format(*_about(row["expected_false"], row["expected_false_error"])) if priced else "not simulated"
        )
        share = "" if row["false_share"] is None else _share(row["false_share"])
        rows.append({**row, "anchor": anchors.get(row["rule"], ""), "expected": expected, "share": share})
    return rows


def _bars(replayed: Sequence[Replayed]) -> list[Bars]:
    """The bars of each rule that told anything, and of all together."""
    counts = [(one.name, *by_month(one.told)) for one in replayed if one.told]
    if not counts:
        return []
    if len(replayed) > 1:
        news, rest = sum((one[1] for one in counts), Counter[int]()), sum((one[2] for one in counts), Counter[int]())
        counts.insert(0, ("All rules", news, rest))
    first, last = min(one.start for one in replayed), max(one.end for one in replayed)
    slots = [Period.containing(moment, Grain.MONTH).slot for moment in (first, last)]
    slots += [month for _, news, rest in counts for month in (*news, *rest)]
    months = range(min(slots), max(slots) + 1)
    return [bars_of(name, news, rest, months) for name, news, rest in counts]


def _leader(row: Row) -> Row:
    busiest = f"{parse_period(row['busiest_month']).words}: {row['in_busiest_month']:,}"
    return {**row, "name": clean(row["leader"] or row["email"], 80), "busiest": busiest}


def _events(backtest: Backtest) -> list[Row]:
    grains = {name: one.history.grain.words for one in backtest.replayed for name in (one.name, one.rule.id)}
    found: dict[str, list[Row]] = defaultdict(list)
    for row in event_rows(backtest):
        after = after_words(row["after_periods"], grains[row["rule"]])
        found[row["event"]].append({**row, "after": after})
    return [
        {
            "name": clean(rows[0]["reason"], 200),
            "from": parse_period(rows[0]["from"]).words,
            "rows": rows,
        }
        for rows in found.values()
    ]
