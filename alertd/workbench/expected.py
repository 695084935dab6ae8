"""How much of what a rule told over the past is to be expected when nothing is wrong."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from alertd.config.home import Home
from alertd.core.cases import TransitionKind
from alertd.core.detect.dispatch import COMPARES_SERIES
from alertd.core.errors import WarehouseError
from alertd.core.model import Key
from alertd.core.replay import Moved
from alertd.workbench.figures import Figures
from alertd.workbench.replaying import Replayed
from alertd.workbench.simulated import false_moves, models_for, why_not

CELLS = 60_000
"""So many simulated figures a rule give its expectation within a few percent, in a second."""
_MOST_COPIES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a rule would have told over the same time had nothing been wrong."""

    exceptions: float
    """Exceptions opened."""
    error: float
    """The standard error of that, from simulating."""
    share: float | None
    """What part of the exceptions that it did open that is, at most 1; None where it opened none."""


def expected_over(
    home: Home, levels: Sequence[Replayed], figures: Figures, seed: int, cells: int = CELLS
) -> tuple[Expected | None, ...]:
    """Simulate some `cells` figures of a replayed rule over the same periods, at all its levels; None where they cannot be.

    Of many series a sample is simulated, each by its own model.
    """
    nothing = (None,) * len(levels)
    rule = levels[0].rule
    periods = max(one.history.periods for one in levels)
    judged: list[Key] = [key for one in levels for key in one.history.keys]
    if why_not(home, rule) or not periods or not judged:
        return nothing
    most = max(1, cells // periods)
    alone = len(home.needs(rule)) == 1 and rule.kind not in COMPARES_SERIES and not rule.components and rule.at is None
    chosen = judged
    if alone and len(judged) > most:
        chosen = [judged[place] for place in np.random.default_rng(seed).choice(len(judged), most, replace=False)]
    try:
        models = models_for(home, rule, figures, only=set(chosen) if alone else None)
    except WarehouseError:  # nothing is settled, so nothing was told either
        return nothing
    copies = int(np.clip(most // len(judged), 1, _MOST_COPIES))
    simulated = false_moves(
        home,
        rule,
        models,
        periods=periods,
        start=levels[0].start,
        end=levels[0].end,
        seeds=[(seed, copy) for copy in range(copies)],
        gaps_of=figures,
    )
    opened = Counter(one.level for copy in simulated for one in copy.moved if _opens(one))
    scale = len(judged) / len(chosen)
    return tuple(_expected(one, opened[level], scale, copies) for level, one in enumerate(levels))


def _expected(replayed: Replayed, opened: int, scale: float, copies: int) -> Expected | None:
    """What is to be expected at one level, of which so many exceptions were opened in all copies."""
    if not replayed.history.keys:
        return None
    exceptions = scale * opened / copies
    real = sum(_opens(one) for one in replayed.moved)
    return Expected(
        exceptions=exceptions,
        error=scale * sqrt(max(opened, 1)) / copies,
        share=min(1.0, exceptions / real) if real else None,
    )


def _opens(moved: Moved) -> bool:
    return moved.transition.kind is TransitionKind.OPENED
