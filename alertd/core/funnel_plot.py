"""A funnel as plain data to draw: every place by its size at one period, and the limits that places of any size would have."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from alertd.core.detect.funnel_limits import (
    RATE,
    SHARE,
    adjusted_limits,
    binomial_limits,
    poisson_limits,
    spread,
    winsorised,
    winsorised_variance,
    z_limit,
)
from alertd.core.disclosure import is_hidden
from alertd.core.measures import Measure, SmallNumbers
from alertd.core.model import Key
from alertd.core.parameters.funnel import Funnel
from alertd.core.periods import Period
from alertd.core.series import Floats
from alertd.core.verdicts import STATES, State, Verdicts

_STEPS = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """One place of a funnel."""

    series: Mapping[str, str]
    size: float
    """Its denominator: the larger, the more precise its figure."""
    value: float
    state: State
    signals: tuple[str, ...]
    rising: bool
    asked: bool
    """It was asked for by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelPlot:
    """Places at one period, with limits as lines over their sizes (arrays of one length)."""

    period: Period
    peers: tuple[Peer, ...]
    hidden: int
    """Places whose number is too small to show; no line is drawn from them."""
    target: float
    sizes: Floats
    lower: Floats
    upper: Floats
    percent: float


def funnel_plot(
    funnel: Funnel,
    measure: Measure,
    whole: Verdicts,
    row: int,
    asked: Collection[Key],
    small: SmallNumbers | None,
) -> FunnelPlot | None:
    """The funnel at a row of the verdicts of all places; None where too few of them have a figure."""
    if whole.numerator is None or whole.denominator is None:
        return None
    there = np.flatnonzero(~np.isnan(whole.centre[row]) & (whole.denominator[row] > 0))
    hidden = [j for j in there.tolist() if is_hidden(measure, whole.take([j]), row, small)]
    # What is hidden would follow from the others and a target that it is part of, so that lines come from those shown.
    shown = [j for j in there.tolist() if j not in hidden]
    if len(shown) < 2:
        return None
    numerator, denominator = whole.numerator[row, shown], whole.denominator[row, shown]
    sizes = np.linspace(0, float(denominator.max()) * 1.06, _STEPS + 1)[1:]
    target, lower, upper = limits_over(funnel, measure.is_share, numerator, denominator, sizes)
    peers = tuple(
        Peer(
            series=dict(zip(whole.by, whole.keys[j], strict=True)),
            size=float(whole.denominator[row, j]),
            value=float(whole.value[row, j]),
            state=STATES[int(whole.state[row, j])],
            signals=whole.signals(row, j),
            rising=bool(whole.high[row, j]),
            asked=whole.keys[j] in asked,
        )
        for j in shown
    )
    return FunnelPlot(
        period=whole.period(row),
        peers=peers,
        hidden=len(hidden),
        target=measure.factor * target,
        sizes=sizes,
        lower=measure.factor * lower,
        upper=measure.factor * upper,
        percent=funnel.limits,
    )


def limits_over(
    funnel: Funnel, share: bool, numerator: Floats, denominator: Floats, sizes: Floats
) -> tuple[float, Floats, Floats]:
    """The target of some places, and the limits for places of any sizes, as `detect.funnel` has them for its own."""
    scale = SHARE if share else RATE
    target = float(numerator.sum() / denominator.sum())
    between = 0.0
    if funnel.overdispersion == "adjusted":
        s = 1 / (2 * np.sqrt(denominator))
        away = scale.to(numerator / denominator) - scale.to(np.asarray(target))
        drawn_in = winsorised(away / s, funnel.winsorise)
        between = spread(drawn_in, s, winsorised_variance(funnel.winsorise)).tau_squared
    if between > 0:
        return target, *adjusted_limits(scale, target, 1 / (2 * np.sqrt(sizes)), z_limit(funnel.limits), between)
    return target, *(binomial_limits if share else poisson_limits)(target, sizes, funnel.limits)
