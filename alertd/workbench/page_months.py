"""Notices by month as bars, for each rule of a back-test's page: the same months one above the other."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from alertd.core.cases import TransitionKind
from alertd.core.periods import Grain, Period
from alertd.rendering.charts.scale import axis_for
from alertd.rendering.charts.shapes import width_of
from alertd.workbench.page_frame import TEXT, WIDTH, Frame, number, periods_under
from alertd.workbench.page_words import counted
from alertd.workbench.told import Told

_HEIGHT, _TOP = 84, 12
_APART = 6  # bars that have so much room each stand apart
NEWS = (TransitionKind.OPENED, TransitionKind.WORSENED)
"""Kinds that a filled bar counts; the rest follow from them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """The notices of one rule by month."""

    name: str
    svg: str
    words: str
    """How many, and when most left."""


def by_month(told: Sequence[Told]) -> tuple[Counter[int], Counter[int]]:
    """How many notices would have left in each month (as a slot): those that are news, and the rest."""
    news, rest = Counter[int](), Counter[int]()
    for one in told:
        (news if one.kind in NEWS else rest)[Period.containing(one.due_at, Grain.MONTH).slot] += 1
    return news, rest


def bars_of(name: str, news: Counter[int], rest: Counter[int], months: range) -> Bars:
    """The bars of one rule over some months, on their own scale."""
    both = news + rest
    busiest = max(months, key=lambda month: both[month])
    most = f"at most {both[busiest]:,} in a month ({Period(Grain.MONTH, busiest).words})"
    words = f"{counted(sum(both.values()), 'notice')}, {most}"
    return Bars(name=name, svg=_drawn(name, words, news, rest, months), words=words)


def _drawn(name: str, words: str, news: Counter[int], rest: Counter[int], months: range) -> str:
    most = max((news + rest).values(), default=1)
    axis = axis_for([0.0, float(most)], least=0.0, most=float(most), percent=False)
    left = max(width_of(f"{most:,}", TEXT), width_of("100", TEXT)) + 8
    frame = Frame(grain=Grain.MONTH, first=months[0], last=months[-1], left=left, badges=False, watched=None)
    foot = float(_TOP + _HEIGHT)

    def y(count: float) -> float:
        return foot - axis.share(count) * _HEIGHT

    gap = 0.28 if frame.step > _APART else 0.0
    filled, hollow, tips = [], [], []
    here = number(foot)
    outline = [f"M{frame.edges[0]} {here}"]
    for place, month in enumerate(months):
        left_edge, right_edge = frame.x(month - 0.5 + gap / 2), frame.x(month + 0.5 - gap / 2)
        top, over = number(y(news[month])), number(y(news[month] + rest[month]))
        across = f"M{number(left_edge)} {number(foot)}V{{}}H{number(right_edge)}V{number(foot)}z"
        if news[month]:
            filled.append(across.format(top))
        if gap and rest[month]:
            hollow.append(across.format(over))
        if over != here:
            outline.append(f"H{frame.edges[place]}V{over}")
            here = over
        said = f"{Period(Grain.MONTH, month).words}: {counted(news[month] + rest[month], 'notice')}"
        said += f", {news[month]:,} of them opened or worsened" if rest[month] else ""
        tips.append(
            f'<path class="tip" d="M{frame.middles[place]} {_TOP}v{_HEIGHT}" stroke-width="{number(frame.step)}">'
            f"<title>{said}</title></path>"
        )
    if not gap:  # bars as thin as that have one outline
        hollow = [*outline, f"H{frame.edges[-1]}V{number(foot)}z"]
    heights = "".join(
        f'<text class="e" x="{number(left - 5)}" y="{number(y(value) + 4)}">{value:,}</text>' for value in (0, most)
    )
    return (
        f'<svg class="chart" role="img" viewBox="0 0 {WIDTH} {number(foot + 32)}"><title>{escape(name)}: notices by month'
        f"</title><desc>{escape(words)}</desc>{heights}"
        f'<path class="rest" d="{"".join(hollow)}"/><path class="news" d="{"".join(filled)}"/>'
        f'<path class="ax" d="M{number(left)} {number(foot)}H{WIDTH - 2}"/>{"".join(periods_under(frame, foot))}'
        f"{''.join(tips)}</svg>"
    )
