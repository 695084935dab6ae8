"""The words of a back-test's page: series, notices and points in sentences that a reader of no method can follow."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime

import numpy as np

from alertd.core.cases import Direction, TransitionKind
from alertd.core.periods import in_sentence
from alertd.core.summary import RANGED, between_words, figure, limits_within, signals_in_words
from alertd.core.verdicts import STATES, State
from alertd.rendering.clean import clean
from alertd.rendering.figures import Style, known, style_for
from alertd.workbench.page_series import Notice, Past

TOO_SMALL = "a number too small to show"
_DATES = 3  # of each kind of notice that the line over a chart names
_STATES = {
    State.QUIET: "",
    State.LEARNING: "still learning what is usual",
    State.PENDING: "not for long enough",
    State.UNSETTLED: "may still change",
    State.MUTED: "left out, or told to nobody",
}


def counted(count: int, one: str, many: str | None = None) -> str:
    """`1 notice`, `1,204 notices`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def listed(words: Sequence[str]) -> str:
    """`a, b and c`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""


def day(moment: date | datetime) -> str:
    """`3 Oct 2022`."""
    return f"{moment.day} {moment:%b %Y}"


def notices_line(past: Past) -> str:
    """A series' notices with their dates: `4 notices: opened 3 Oct 2022 and 4 Nov 2023; cleared 6 Dec 2022`."""
    if not past.notices:
        return "Told nobody"
    parts = []
    for kind in TransitionKind:
        dates = [day(min(one.due_at for one in notice.told)) for notice in past.notices if notice.kind is kind]
        if not dates:
            continue
        shown = dates if len(dates) <= _DATES else [*dates[:_DATES], f"{len(dates) - _DATES} more"]
        parts.append(f"{kind.value} {listed(shown)}")
    return f"{counted(past.copies, 'notice')}: {'; '.join(parts)}"


def notice_words(past: Past, notice: Notice) -> str:
    """What a notice was about and why: `March 2022, 74% (usual range 80% to 99%), beyond its usual range`."""
    verdict = notice.verdict
    words = verdict.period.words
    if notice.hidden:
        words += f", {TOO_SMALL}"
    elif math.isfinite(verdict.value):
        words += f", {_said(past, verdict.value, verdict.lower, verdict.upper)}"
    if past.kind in RANGED and (limits := _range(past, verdict.value, verdict.lower, verdict.upper)):
        words += f" (usual range {limits})"
    why = notice.reason
    if notice.kind is TransitionKind.OPENED:
        why = signals_in_words(verdict) or why
        if notice.direction is Direction.IMPROVEMENT:
            why += ", for the better"
    return f"{words}: {why}"


def to_words(notice: Notice) -> str:
    """Who was told: `Ann Lee and 2 others`."""
    names = list(dict.fromkeys(clean(one.recipient.name or one.recipient.email, 60) for one in notice.told))
    if len(names) <= 2:
        return listed(names)
    return f"{names[0]} and {len(names) - 1} others"


def point_words(past: Past, at: int) -> str:
    """One period of a series: `March 2022: 74%, usual range 80% to 99%`."""
    period = past.period(at).words
    if past.hidden[at]:
        return f"{period}: {TOO_SMALL}"
    value, lower, upper = (float(part[at]) for part in (past.value, past.lower, past.upper))
    words = f"{period}: {_said(past, value, lower, upper)}"
    if past.kind in RANGED:
        limits = _range(past, value, lower, upper)
        words += f", usual range {limits}" if limits else ""
    state = STATES[past.state[at]]
    said = _STATES.get(state, state.value)
    return f"{words}, {said}" if said else words


def _style(past: Past, value: float, lower: float, upper: float) -> Style:
    measure = past.measure
    counted = measure.count is not None and measure.denominator is None
    beside = (lower, upper) if past.kind in RANGED else ()
    return style_for(measure.unit, counted=counted, main=known(value), beside=beside)


def _said(past: Past, value: float, lower: float, upper: float) -> str:
    """A figure, rounded as a notice rounds it beside its usual range."""
    if past.measure.scale is not None or not math.isfinite(value):
        return figure(value, past.measure)
    return _style(past, value, lower, upper).say(value)


def _range(past: Past, value: float, lower: float, upper: float) -> str:
    """A usual range, rounded inwards; empty where there is none."""
    low, high = limits_within(lower, upper, past.measure)
    style = _style(past, value, low, high)
    if math.isfinite(low) and math.isfinite(high):
        return style.span_inward(low, high)
    least = "" if math.isnan(low) else style.say_inward(low, upwards=True)
    most = "" if math.isnan(high) else style.say_inward(high, upwards=False)
    return between_words(least, most)


def described(past: Past) -> str:
    """A chart in sentences, for those who do not see it; of notices nothing."""
    length = len(past.state)
    if not length:
        return "No period was judged."
    grain = past.measure.grain.words
    ends = f"from {in_sentence(past.period(0))} to {in_sentence(past.period(length - 1))}"
    words = f"{counted(length, grain)} {ends}."
    there = np.flatnonzero(np.isfinite(past.value))
    if len(there):
        low, high = (there[find(past.value[there])] for find in (np.argmin, np.argmax))
        words += (
            f" Lowest {figure(float(past.value[low]), past.measure)} in {in_sentence(past.period(int(low)))}, "
            f"highest {figure(float(past.value[high]), past.measure)} in {in_sentence(past.period(int(high)))}."
        )
        missing = length - len(there) - int(past.hidden.sum())
        words += f" {counted(missing, grain)} without a figure." if missing else ""
    if past.hidden.any():
        words += f" {counted(int(past.hidden.sum()), grain)} with {TOO_SMALL}."
    return words


def kinds_of(pasts: Iterable[Past]) -> list[TransitionKind]:
    """The kinds of notices that some series had, in the order of a case's life."""
    found = Counter(notice.kind for past in pasts for notice in past.notices)
    return [kind for kind in TransitionKind if found[kind]]


def after_words(after: int | None, grain: str) -> str:
    """How long it took to find a known event."""
    if after is None:
        return "not found"
    return f"in its first {grain}" if not after else f"{counted(after, grain)} later"
