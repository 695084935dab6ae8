"""The picture of `alertd explain --chart`: what judged a rule's series, over the whole past."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np

from alertd.cli.judgements import judgement_of
from alertd.config.home import Home
from alertd.core.errors import UsageError
from alertd.core.funnel_plot import funnel_plot
from alertd.core.judgement import Basis, Judgement
from alertd.core.methods import method_line
from alertd.core.model import Key
from alertd.core.panels import panel_of
from alertd.core.periods import day_words
from alertd.core.series import SeriesBlock, series_words
from alertd.core.strips import Strip, part_row, strip_of, strip_row, worst
from alertd.core.verdicts import STATES, Verdict, Verdicts
from alertd.rendering.charts.drawing import Drawing
from alertd.rendering.charts.funnel import draw_funnel
from alertd.rendering.charts.history import MOST_PANELS, Heading, draw_history
from alertd.rendering.charts.png import png
from alertd.rendering.charts.strip import MOST_ROWS, draw_strips
from alertd.round.moves import small_numbers_of

_PIXELS = 1200
"""How wide a png is: sharp in print at 10 cm, and on a telephone."""


def chart_path(path: Path) -> Path:
    """The file that is asked for; raises `UsageError` where nothing of that kind can be drawn, or written there."""
    if path.suffix.lower() not in (".svg", ".png"):
        ending = f"`{path.suffix}`" if path.suffix else "no ending"
        named = f"{path.stem or 'chart'}.svg"
        raise UsageError(f"--chart {path}: a chart is an .svg or a .png, and this has {ending}; write {named}")
    if not path.parent.is_dir():
        raise UsageError(f"--chart {path}: there is no folder {path.parent}; make it first, or write into another")
    if path.is_dir():
        raise UsageError(f"--chart {path}: that is a folder; write the name of a file")
    return path


def write_chart(
    path: Path, home: Home, basis: Basis, wanted: Collection[Key], now: datetime, *, named: bool
) -> str | None:
    """Draw a rule's series into a file and say in a sentence what is on it; None where there is nothing to draw.

    Without `named` that is the series that stands out most; raises `UsageError` where more are asked for than can be read.
    """
    found = judgement_of(home, basis, now)
    history = found.history()
    keys = [key for key in history.keys if key in wanted]
    if not keys or not history.periods:
        return None
    heading = _heading(home, basis, now)
    if basis.block is None:
        keys = _few(found, keys, named=named)
        drawing, said = _of_parts(home, basis, history, keys, heading, now), _said(keys, wanted, history)
    elif basis.rule.freshness is not None:
        drawing, said = _of_feed(history, keys, heading)
    elif basis.rule.funnel is not None:
        given = _of_places(home, basis, keys if named else (), heading, now)
        if given is None:
            return None
        drawing, said = given, "the funnel of all places"
    else:
        keys = _few(found, keys, named=named)
        drawing, said = _of_series(home, basis, found, history, keys, heading), _said(keys, wanted, history)
    try:
        content = drawing.svg.encode() if path.suffix.lower() == ".svg" else png(drawing.svg, _PIXELS)
        path.write_bytes(content)
    except OSError as error:
        raise UsageError(f"--chart {path}: it cannot be written: {error.strerror}") from error
    return f"Chart: {path}, {said}."


def _few(found: Judgement, keys: Sequence[Key], *, named: bool) -> list[Key]:
    """The series that are drawn: those asked for, or the one that stands out most."""
    if not named:
        return [most_telling(found, keys)]
    if len(keys) > MOST_PANELS:
        raise UsageError(
            f"--chart draws {MOST_PANELS} series at most, and `--where` leaves {len(keys)}; "
            "name one, or leave `--where` out for the one that stands out most"
        )
    return list(keys)


def most_telling(found: Judgement, keys: Sequence[Key]) -> Key:
    """The series that stands out most at the newest settled period, or the first one."""
    newest = found.newest
    if not newest.periods:
        return keys[0]
    column = {key: j for j, key in enumerate(newest.keys)}

    def order(key: Key) -> tuple[int, float]:
        if key not in column:
            return 9, 0.0
        state = STATES[int(newest.state[0, column[key]])]
        return _ORDER.get(state.value, 4), -float(np.nan_to_num(newest.excess[0, column[key]]))

    return min(keys, key=order)


_ORDER = {"exception": 0, "changed": 0, "improvement": 1, "pending": 2, "unknown": 3, "learning": 5}


def _said(keys: Sequence[Key], wanted: Collection[Key], history: Verdicts) -> str:
    names = [series_words(dict(zip(history.by, key, strict=True))) for key in keys]
    if len(keys) == 1 and len(wanted) > 1:
        return f"{names[0]}, which stands out most of {len(wanted)} series; --where draws others"
    return names[0] if len(names) == 1 else f"{len(names)} series"


def _heading(home: Home, basis: Basis, now: datetime) -> Heading:
    rule, measure = basis.rule, basis.measure
    shadow = ", in shadow" if rule.status == "shadow" else ""
    joined = [part.measure.name for part in basis.parts]
    return Heading(
        marking=measure.marking,
        title=measure.name if not joined else f"{' and '.join(dict.fromkeys(joined))} together",
        how=method_line(rule, measure),
        foot=f"Rule {rule.id}{shadow}, as of {day_words(now.date())}. {home.settings.instance}.",
    )


def _of_series(
    home: Home, basis: Basis, found: Judgement, history: Verdicts, keys: Sequence[Key], heading: Heading
) -> Drawing:
    assert basis.block is not None
    column = {key: j for j, key in enumerate(history.keys)}
    row = {key: j for j, key in enumerate(basis.block.keys)}
    judged: dict[Key, Verdict] = {seen.verdict.key: seen.verdict for seen in found.look(keys)}
    small = small_numbers_of(home, basis.measure)
    panels = []
    for key in keys:
        alone: SeriesBlock = basis.block.take([row[key]])
        past = history.take([column[key]])
        panels.append(panel_of(basis.rule, basis.measure, alone, past, judged.get(key), home.calendar, small))
    return draw_history(panels, heading)


def _of_places(home: Home, basis: Basis, asked: Collection[Key], heading: Heading, now: datetime) -> Drawing | None:
    """The funnel at the newest settled period: every place is drawn, whatever the rule's `where`."""
    funnel, measure = basis.rule.funnel, basis.measure
    assert funnel is not None
    every = replace(basis, rule=basis.rule.model_copy(update={"where": {}}))
    whole = judgement_of(home, every, now).newest
    if not whole.periods:
        return None
    plot = funnel_plot(funnel, measure, whole, 0, asked, small_numbers_of(home, measure))
    size = (measure.denominator_column or "size").replace("_", " ")
    pooled = "" if funnel.last == 1 or measure.overlapping else f", {funnel.last} {measure.grain.words}s pooled"
    return None if plot is None else draw_funnel(plot, measure, heading, f"{size}{pooled}")


def _of_feed(history: Verdicts, keys: Sequence[Key], heading: Heading) -> tuple[Drawing, str]:
    """When the rows of each series of a feed were there; the ones that most often were not, where there are many."""
    column = {key: j for j, key in enumerate(history.keys)}
    names = {key: series_words(dict(zip(history.by, key, strict=True))) for key in keys}
    rows = {key: strip_row(names[key], history, column[key]) for key in keys}
    shown = worst(rows)[:MOST_ROWS]
    title = f"{len(keys)} series" if len(keys) > 1 else names[keys[0]]
    strip = strip_of(title, [rows[key] for key in shown], history.grain)
    left = len(keys) - len(shown)
    more = f"{left} more series, with fewer gaps; --where draws them." if left else ""
    drawing = draw_strips([strip], heading, quiet="there in time", more=more)
    return drawing, f"{len(shown)} of {len(keys)} series" if left else strip.title


def _of_parts(
    home: Home, basis: Basis, history: Verdicts, keys: Sequence[Key], heading: Heading, now: datetime
) -> Drawing:
    """The states of a rule that joins others, and of each of its parts."""
    parts = [(part, judgement_of(home, part, now).history()) for part in basis.parts]
    strips: list[Strip] = []
    for key in keys:
        main = strip_row("Joined", history, history.keys.index(key), main=True)
        first, last = main.cells[0].period.slot, main.cells[-1].period.slot
        rows = [
            part_row(f"{part.measure.name} ({part.rule.id})", past, history.by, key, history.grain, first, last)
            for part, past in parts
        ]
        place = series_words(dict(zip(history.by, key, strict=True)))
        strips.append(strip_of(place, [main, *rows], history.grain))
    return draw_strips(strips, heading)
