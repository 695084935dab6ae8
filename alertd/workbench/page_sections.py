"""The charts of a back-test's page: a section for each measure, its rules side by side, the most telling series first."""

import string
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from alertd.config.home import Home
from alertd.core.calendar import Effect
from alertd.core.cases import Direction, TransitionKind
from alertd.core.known import matches
from alertd.core.methods import method_line
from alertd.core.model import Key, OneOrMore
from alertd.core.periods import Grain, Period
from alertd.rendering.charts.scale import Axis
from alertd.rendering.clean import clean
from alertd.workbench.backtest import Backtest
from alertd.workbench.page_charts import BANDLESS, Dated, axis_of, chart, room_left, swatch
from alertd.workbench.page_frame import Frame
from alertd.workbench.page_series import Past, most_told, pasts_of
from alertd.workbench.page_words import counted, day, kinds_of, notice_words, notices_line, to_words
from alertd.workbench.replaying import Replayed

MOST_CHARTS = 60
"""Series of a section that are drawn."""
SEVERAL = 25
"""Rows of a long list that are shown at once; the rest unfold."""
_MOST_NOTICES = 16  # of a series that are listed, the newest
_MOST_POINTS = 12_000  # figures on a page that each say what they are where a pointer rests; more make it too large


_SUPPRESSED = {"exclude": "left out of judging", "mute": "told to nobody"}
_ANEW = " (the usual range begins anew)"
_KINDS = {
    TransitionKind.OPENED: "exception opened",
    TransitionKind.WORSENED: "worsened",
    TransitionKind.CLEARED: "cleared",
    TransitionKind.CORRECTED: "corrected: figures revised, no exception left",
    TransitionKind.REMINDED: "reminded",
    TransitionKind.HANDED_OVER: "handed over",
    TransitionKind.ESCALATED: "escalated",
    TransitionKind.WITHDRAWN: "withdrawn",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """Something dated that the calendar knows, and the series that it bears on."""

    dated: Dated
    words: str
    where: Mapping[str, OneOrMore]
    measures: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A notice in words, under its chart."""

    left: str
    kind: str
    words: str
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A chart with its words."""

    rule: str
    line: str
    svg: str
    notices: tuple[Listed, ...]
    earlier: int
    """Older notices that are not listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A series, under each rule that judges it."""

    words: str
    charts: tuple[Drawn, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleHead:
    """What stands over the charts of a rule."""

    name: str
    method: str
    told: str
    silent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """The rules of one measure."""

    anchor: str
    title: str
    grain: str
    rules: tuple[RuleHead, ...]
    series: tuple[Shown, ...]
    more: str
    """How many series are not drawn."""
    legend: tuple[tuple[str, str], ...]
    """Swatches of notices, and what they mean."""
    remarks: tuple[tuple[str, str], ...]
    """Letters of dated remarks, and what they say."""
    figured: bool
    """Whether there are figures to draw, or only states."""
    banded: bool
    agreed: bool
    watched: bool
    """Whether some periods are from before watching began."""
    hidden: bool


def sections_of(backtest: Backtest) -> list[Section]:
    """Every rule's charts; rules on one measure are one section."""
    groups: dict[tuple[object, ...], list[Replayed]] = defaultdict(list)
    for one in backtest.replayed:
        shared = one.rule.id if one.rule.components else one.measure.id
        groups[shared, one.history.grain, one.history.by].append(one)
    chosen = [(group, *most_told(group, MOST_CHARTS)) for group in groups.values()]
    points = sum(len(keys) * one.history.periods for group, keys, _ in chosen for one in group)
    return [
        _section(backtest, f"charts-{place}", group, keys, telling, pointed=points <= _MOST_POINTS)
        for place, (group, keys, telling) in enumerate(chosen, start=1)
    ]


def _section(
    backtest: Backtest, anchor: str, group: Sequence[Replayed], keys: Sequence[Key], telling: int, *, pointed: bool
) -> Section:
    home, grain = backtest.home, group[0].history.grain
    watched = _watched(backtest.start, grain)
    tellers = [one for one in group if one.told]
    pasts = [pasts_of(home, one, keys, watched_from=watched) for one in tellers]
    every = [past for found in pasts for past in found.values()]
    remarks = _remarks(home, group, every)
    shown = _shown(home, tellers, keys, pasts, remarks, watched, pointed=pointed) if every else ()
    left = telling - len(keys)
    return Section(
        anchor=anchor,
        title=_title(group),
        grain=grain.words,
        rules=tuple(_head(one) for one in group),
        series=tuple(shown),
        more=f"{counted(left, 'more series', 'more series')} told less; {len(keys)} are drawn." if left else "",
        legend=tuple(_legend(every)),
        remarks=tuple((one.dated.letter, one.words) for one in remarks),
        figured=any(past.drawn for past in every),
        banded=any(past.drawn and (past.kind not in BANDLESS or past.statistic is not None) for past in every),
        agreed=any(past.kind == "threshold" for past in every),
        watched=watched is not None and any(past.first < watched.slot for past in every),
        hidden=any(past.hidden.any() for past in every),
    )


def _title(group: Sequence[Replayed]) -> str:
    if group[0].rule.components:
        return f"{clean(group[0].rule.id, 80)}: rules joined"
    title = " and ".join(dict.fromkeys(clean(one.measure.name, 120) for one in group))
    return title if group[0].level is None else f"{title}, by {group[0].level}"


def _watched(start: datetime | None, grain: Grain) -> Period | None:
    return None if start is None else Period.containing(start.replace(tzinfo=None), grain)


def _head(one: Replayed) -> RuleHead:
    series, told = len(one.history.keys), len({notice.key for notice in one.told})
    silent = f"{counted(series - told, 'series', 'series')} of {series:,} told nobody." if told < series else ""
    if not told:
        silent = f"None of {counted(series, 'series', 'series')} told anybody."
    return RuleHead(
        name=one.name,
        method=method_line(one.rule, one.measure),
        told=f"{counted(len(one.told), 'notice')} on {counted(told, 'series', 'series')}" if told else "",
        silent=silent,
    )


def _remarks(home: Home, group: Sequence[Replayed], pasts: Sequence[Past]) -> list[Remark]:
    """What the calendar says of the series that are drawn, by date, each with a letter while there are letters."""
    if not pasts:
        return []
    grain = group[0].history.grain
    first = min(past.first for past in pasts)
    last = max(past.last for past in pasts)
    series = [dict(zip(group[0].history.by, past.key, strict=True)) for past in pasts]
    needed = {name for one in group for name in home.needs(one.rule)}
    known = [
        (one.from_, one.reason, one.where, one.measures, one.effect is Effect.REBASE)
        for one in home.calendar.annotations.values()
    ] + [
        (one.from_, f"{_SUPPRESSED[one.effect]}: {one.reason}", one.where, one.measures, False)
        for one in home.calendar.suppressions.values()
    ]
    found = []
    for start, reason, where, measures, rebase in known:
        slot = Period.containing(start.start, grain).slot
        told = first <= slot <= last and not needed.isdisjoint(measures)
        if told and any(matches(one, where) for one in series):
            found.append((slot, Period(grain, slot).words, clean(reason, 200), where, frozenset(measures), rebase))
    found.sort(key=lambda one: one[0])
    return [
        Remark(
            dated=Dated(letter=string.ascii_uppercase[place] if place < 26 else "", slot=slot, rebase=rebase),
            words=f"{period}: {reason}{_ANEW if rebase else ''}",
            where=where,
            measures=measures,
        )
        for place, (slot, period, reason, where, measures, rebase) in enumerate(found)
    ]


def _shown(
    home: Home,
    group: Sequence[Replayed],
    keys: Sequence[Key],
    pasts: Sequence[Mapping[Key, Past]],
    remarks: Sequence[Remark],
    watched: Period | None,
    *,
    pointed: bool,
) -> Iterator[Shown]:
    """The series in their order, each under every rule that judges it, on the axis that they share."""
    every = [past for found in pasts for past in found.values()]
    axes = {key: _axes([found[key] for found in pasts if key in found]) for key in keys}
    first = min(past.first for past in every)
    if watched is not None:  # the first round judges what is settled by then: a period that began before
        watched = min(watched, *(one.verdict.period for past in every for one in past.notices))
    frame = Frame(
        grain=group[0].history.grain,
        first=first,
        last=max(past.last for past in every),
        left=max((room_left(axis) for shared in axes.values() for axis in shared), default=8.0),
        badges=bool(remarks),
        watched=watched.slot if watched is not None and watched.slot > first else None,
    )
    needs = [frozenset(home.needs(one.rule)) for one in group]
    for key in keys:
        series = dict(zip(group[0].history.by, key, strict=True))
        there = [(found[key], needed) for found, needed in zip(pasts, needs, strict=True) if key in found]
        drawn = []
        for (past, needed), axis in zip(there, axes[key], strict=True):
            notes = [one.dated for one in remarks if one.measures & needed and matches(series, one.where)]
            drawn.append(_drawn(past, chart(past, axis, frame, notes, pointed=pointed)))
        yield Shown(words=there[0][0].words, charts=tuple(drawn))


def _axes(pasts: Sequence[Past]) -> list[Axis]:
    """An axis for each of some pasts of one series: the same one, where their figures are of one unit."""
    alike: dict[tuple[object, ...], list[Past]] = defaultdict(list)
    for past in pasts:
        alike[past.measure.unit, past.measure.value].append(past)
    shared = {unit: axis_of(some) for unit, some in alike.items()}
    return [shared[past.measure.unit, past.measure.value] for past in pasts]


def _drawn(past: Past, svg: str) -> Drawn:
    shown = past.notices[-_MOST_NOTICES:]
    return Drawn(
        rule=past.rule,
        line=notices_line(past),
        svg=svg,
        notices=tuple(
            Listed(
                left=day(min(told.due_at for told in one.told)),
                kind=one.kind.value,
                words=notice_words(past, one),
                to=to_words(one),
            )
            for one in reversed(shown)
        ),
        earlier=len(past.notices) - len(shown),
    )


def _legend(pasts: Sequence[Past]) -> Iterator[tuple[str, str]]:
    """The marks that are on some charts, and what they mean."""
    for kind in kinds_of(pasts):
        yield swatch(kind), _KINDS[kind]
    if any(one.direction is Direction.IMPROVEMENT and not one.kind.ends for past in pasts for one in past.notices):
        yield swatch(TransitionKind.OPENED, hollow=True), "hollow: for the better"
