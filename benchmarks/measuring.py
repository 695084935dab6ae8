"""Rows of results, and how times are taken."""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How much is measured."""

    matrix: int
    """Series of the kernel's matrix, of 60 periods."""
    feed: int
    """Series of the ordinary feed, of 60 months."""
    large: int
    """Series of the large feed."""
    detectors: int
    """Series that each detector judges."""
    letters: int
    rules: int
    peers: int
    """Series for the packages that are slow."""
    repeats: int


FULL = Sizes(
    matrix=1_000_000,
    feed=30_000,
    large=1_000_000,
    detectors=100_000,
    letters=500,
    rules=1000,
    peers=300,
    repeats=5,
)
QUICK = Sizes(matrix=20_000, feed=500, large=2000, detectors=500, letters=5, rules=20, peers=5, repeats=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One result: what was measured, against what, and the figure that counts."""

    part: str
    what: str
    figure: float
    """A ratio, a rate, an exponent or an amount: see `unit`."""
    unit: str
    against: str = ""
    """What a ratio is a ratio of."""
    goal: str = ""
    met: bool | None = None
    """Whether the goal is met; None where there is none, or it was measured in miniature."""
    note: str = ""


def ratio(part: str, what: str, ours: float, theirs: float, *, against: str, most: float, note: str = "") -> Row:
    """A row that says how many times as long we take as the thing beside us."""
    figure = ours / theirs
    note = note or f"{seconds(ours)} against {seconds(theirs)}"
    return Row(
        part=part,
        what=what,
        figure=figure,
        unit="x",
        against=against,
        goal=f"<= {most:g} x",
        met=figure <= most,
        note=note,
    )


def times_faster(
    part: str, what: str, ours: float, theirs: float, *, against: str, least: float | None, note: str = ""
) -> Row:
    """A row that says how many times as fast we are as the thing beside us."""
    figure = theirs / ours
    note = note or f"{seconds(ours)} against {seconds(theirs)}"
    return Row(
        part=part,
        what=what,
        figure=figure,
        unit="times as fast",
        against=against,
        goal="" if least is None else f">= {least:g} times",
        met=None if least is None else figure >= least,
        note=note,
    )


def rate(part: str, what: str, per_second: float, unit: str, *, least: float | None, note: str = "") -> Row:
    """A row that says how many there are a second."""
    return Row(
        part=part,
        what=what,
        figure=per_second,
        unit=f"{unit}/s",
        goal="" if least is None else f">= {least:,.0f} {unit}/s",
        met=None if least is None else per_second >= least,
        note=note,
    )


def at_most(part: str, what: str, figure: float, unit: str, most: float, note: str = "") -> Row:
    """A row that says how much of something is needed."""
    return Row(
        part=part, what=what, figure=figure, unit=unit, goal=f"<= {most:g} {unit}", met=figure <= most, note=note
    )


def best(work: Callable[[], object], repeats: int) -> float:
    """The shortest time, in seconds, that some work took: others on the machine only ever add to it."""
    shortest = float("inf")
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        shortest = min(shortest, time.perf_counter() - start)
    return shortest


def seconds(taken: float) -> str:
    """A time as people read it."""
    return f"{taken * 1000:.3g} ms" if taken < 1 else f"{taken:.3g} s"
