"""The framework as one page that stands by itself: a tile for each row, in words and shapes, with a small chart.

Nothing is loaded from anywhere and nothing runs. No state is told by colour, and small numbers are hidden (R31).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from alertd.config.home import Home
from alertd.core.framework import Flags, Review
from alertd.core.marking import ORDER, highest
from alertd.core.model import Key
from alertd.core.periods import day_words
from alertd.core.summary import agreed_level, signals_in_words
from alertd.core.verdicts import Verdict
from alertd.rendering.clean import clean
from alertd.workbench.framework import JudgedRule, RowStanding, Standings, Tile
from alertd.workbench.page_charts import axis_of, chart, room_left
from alertd.workbench.page_frame import Frame
from alertd.workbench.page_series import Past, pasts_of
from alertd.workbench.page_templates import page_template
from alertd.workbench.page_words import counted, listed, point_words
from alertd.workbench.replaying import Replayed

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # nothing was replayed
_NAMED = 4
"""Exceptions of a tile that are named at once; the rest unfold."""
_MOST_NAMED = 60
_PERIODS = 60  # the newest that a chart shows
_SHAPES = {
    RowStanding.EXCEPTION: "M8 1L15 8L8 15L1 8z",
    RowStanding.CHANGED: "M8 2L15 14H1z",
    RowStanding.BETTER: "M8 1L14 8H10V15H6V8H2z",
    RowStanding.QUIET: "M3 8H13",
    RowStanding.LEARNING: "M2 8h2M7 8h2M12 8h2",
    RowStanding.UNKNOWN: "M3 3L13 13M13 3L3 13",
    RowStanding.UNWATCHED: "M3 3H13V13H3z",
}
"""By standing: an outline in a square of 16; the first three are filled."""
_FILLED = frozenset((RowStanding.EXCEPTION, RowStanding.CHANGED, RowStanding.BETTER))


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """The chart of a tile, and what it shows."""

    words: str
    line: str
    svg: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A tile as the page shows it."""

    id: str
    title: str
    kind: str
    state: str
    mark: str
    count: int
    """How many exceptions it has."""
    told: tuple[str, ...]
    more: tuple[str, ...]
    left_out: int
    remarks: tuple[str, ...]
    chart: Chart | None
    facts: tuple[tuple[str, str], ...]


def page_of(standings: Standings) -> str:
    """The page of the framework as HTML."""
    home = standings.home
    framework = home.framework
    shown = {tile.id: _shown(home, tile) for tile in standings.tiles}
    quadrants = framework.quadrants or {number: f"Quadrant {number}" for number in sorted(_numbers(standings))}
    counts = [(standing, sum(tile.standing is standing for tile in standings.tiles)) for standing in RowStanding]
    coming = framework.coming_review(standings.now.date())
    return page_template("framework.html.j2").render(
        title="Performance framework",
        marking=highest({one.marking for tile in standings.tiles for one in tile.measures} or {ORDER[0]}),
        instance=clean(home.settings.instance, 100),
        as_at=f"{day_words(standings.now.date())}, {standings.now:%H:%M}",
        legend=[(mark_of(one), one.value, count) for one, count in counts if count],
        quadrants=[
            (number, clean(name, 100), [shown[tile.id] for tile in standings.tiles if tile.row.quadrant == number])
            for number, name in quadrants.items()
        ],
        priorities=[(clean(one.title, 100), one.rows, one.inferred) for one in framework.priorities.values()],
        year=str(framework.performance_year.year_of(standings.now.date())) if framework.reviews else None,
        review=None if coming is None else _review(coming, framework.reviews[coming]),
        overdue=[f"{one.what} {one.id}, due by {day_words(one.due)}" for one in standings.overdue],
        errors=[clean(error, 400) for error in standings.errors],
        inferred=any(flags and flags.inferred for row in framework.rows.values() for flags in (row.peel, row.iserve)),
        counted=counted,
    )


def _numbers(standings: Standings) -> set[int]:
    return {tile.row.quadrant for tile in standings.tiles}


def mark_of(standing: RowStanding) -> str:
    """The shape of a standing; decoration, as its word stands beside it."""
    name = "k" if standing in _FILLED else "o"
    path = f'<path class="{name}" d="{_SHAPES[standing]}"/>'
    return f'<svg class="swatch" viewBox="0 0 16 16" aria-hidden="true">{path}</svg>'


def _review(name: str, review: Review) -> str:
    rows = f" ({', '.join(review.rows)})" if review.rows else ""
    return f"{day_words(review.held)}, {clean(name, 60)}: {clean(review.theme, 100)}{rows}"


def _shown(home: Home, tile: Tile) -> Shown:
    only = tile.row.exceptions_only
    pasts = _Pasts(home)
    told = [_told(pasts, judged, verdict) for judged, verdict in tile.exceptions[:_MOST_NAMED]]
    state = tile.standing.value
    mark = mark_of(tile.standing)
    if only and tile.standing in (RowStanding.BETTER, RowStanding.QUIET, RowStanding.LEARNING):
        state, mark = "no exceptions", mark_of(RowStanding.QUIET)
    return Shown(
        id=tile.id,
        title=clean(tile.row.title, 120),
        kind=tile.row.kind,
        state=state,
        mark=mark,
        count=len(tile.exceptions),
        told=tuple(told[:_NAMED]),
        more=tuple(told[_NAMED:]),
        left_out=max(0, len(tile.exceptions) - _MOST_NAMED),
        remarks=() if only else tuple(_remarks(tile)),
        chart=_chart(pasts, tile),
        facts=tuple(_facts(home, tile)),
    )


class _Pasts:
    """The pasts of series as they may be shown, each rule judged at every period once."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._replayed: dict[str, Replayed] = {}

    def of(self, judged: JudgedRule, key: Key) -> Past | None:
        """One series under one rule; None where the rule does not judge it."""
        if judged.name not in self._replayed:
            history = judged.found.history()
            self._replayed[judged.name] = Replayed(
                rule=judged.rule,
                measure=judged.basis.measure,
                level=judged.basis.level,
                history=history,
                moved=(),
                told=(),
                start=_NEVER,
                end=_NEVER,
                revised=False,
            )
        return pasts_of(self._home, self._replayed[judged.name], [key], watched_from=None).get(key)


def _told(pasts: _Pasts, judged: JudgedRule, verdict: Verdict) -> str:
    """An exception in words, with its figure where that may be shown."""
    past = pasts.of(judged, verdict.key)
    period = verdict.period.words
    at = -1 if past is None else verdict.period.slot - past.first
    words = period
    if past is not None and 0 <= at < len(past.state) and past.drawn:
        words = point_words(past, at).removesuffix(f", {verdict.state.value}")
    series = past.words if past is not None else judged.name
    why = signals_in_words(verdict)
    if judged.rule.threshold is not None:
        why = f"agreed level: {agreed_level(judged.rule.threshold, judged.basis.measure)}"
    elif {*verdict.high, *verdict.low} == {"astronomical"} and "usual range" in words:
        why = ""  # the figure and its range have said it
    named = clean(judged.basis.measure.name, 80)
    return f"{named}, {series}: {words}{f' ({why})' if why else ''}"


def _remarks(tile: Tile) -> Iterator[str]:
    if tile.better:
        yield f"{counted(tile.better, 'series', 'series')} better than usual."
    if tile.learning:
        yield f"{counted(tile.learning, 'series', 'series')} of {tile.series:,} still learning what is usual."
    if faults := len(tile.data_faults):
        yield f"Figures of {counted(faults, 'series', 'series')} are late or missing."
    if not tile.rules:
        yield "No rule judges it: its silence proves nothing."


def _chart(pasts: _Pasts, tile: Tile) -> Chart | None:
    """The first exception's series; without one the whole force's, else the first there is. Of exceptions only, those."""
    for judged, key in _candidates(tile):
        past = pasts.of(judged, key)
        if past is None or not past.drawn:
            continue
        last = past.last
        axis = axis_of([past])
        first = max(past.first, last - _PERIODS + 1)
        cut = _newest(past, first)
        frame = Frame(
            grain=past.measure.grain, first=cut.first, last=last, left=room_left(axis), badges=False, watched=None
        )
        at = len(cut.state) - 1
        words = f"{clean(past.measure.name, 80)}, {past.words}"
        svg = chart(cut, axis, frame, (), pointed=False, replayed=False)
        return Chart(words=words, line=point_words(cut, at), svg=svg)
    return None


def _newest(past: Past, first: int) -> Past:
    """A past from a slot on."""
    at = first - past.first
    if at <= 0:
        return past
    arrays = {name: getattr(past, name)[at:] for name in ("state", "value", "centre", "lower", "upper", "hidden")}
    statistic = None if past.statistic is None else past.statistic[at:]
    return replace(past, first=first, statistic=statistic, **arrays)


def _candidates(tile: Tile) -> Iterator[tuple[JudgedRule, Key]]:
    # What is overdue has no new figure to draw; it comes after what has one.
    for judged, verdict in sorted(tile.exceptions, key=lambda one: one[0].rule.judged_now):
        yield judged, verdict.key
    if tile.row.exceptions_only:
        return
    ranked = sorted(tile.judged, key=lambda one: (one.rule.judged_now, len(one.found.newest.by)))
    for judged in ranked:
        keys = judged.found.newest.keys
        if keys:
            yield judged, keys[0]


def _facts(home: Home, tile: Tile) -> Iterator[tuple[str, str]]:
    row = tile.row
    if tile.newest is not None and not row.exceptions_only:
        yield "Newest figures", tile.newest.words
    if tile.age is not None and not row.exceptions_only:
        yield "Oldest feed", f"{counted(tile.age, 'day')} old"
    if tile.owners:
        yield "Owner", listed([_owner(home, name) for name in tile.owners])
    if row.led_by:
        yield "Led by", clean(row.led_by, 200)
    yield "Watched", f"{counted(len(tile.measures), 'measure')}, {counted(len(tile.rules), 'rule')}"
    for name, flags in (("PEEL", row.peel), ("I-SERVE", row.iserve)):
        if flags is not None:
            yield name, _flags(flags)


def _owner(home: Home, name: str) -> str:
    """What the framework calls the role of an owner, else the owner's id as words."""
    roles = home.framework.roles.values()
    words = next((role.title for role in roles if role.owner == name), name.replace("_", " "))
    return clean(words[:1].upper() + words[1:], 60)


def _flags(flags: Flags) -> str:
    return clean(listed(flags.values), 120) + (" (inferred)" if flags.inferred else "")
