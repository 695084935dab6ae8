"""How much of what a rule told over the past is to be expected when nothing is wrong."""

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


def expected_over(home: Home, replayed: Replayed, figures: Figures, seed: int, cells: int = CELLS) -> Expected | None:
    """Simulate some `cells` figures of a replayed rule over the same periods; None where they cannot be simulated.

    Of many series a sample is simulated, each by its own model.
    """
    rule, history = replayed.rule, replayed.history
    if why_not(home, rule) or not history.periods or not history.keys:
        return None
    most = max(1, cells // history.periods)
    judged: list[Key] = list(history.keys)
    alone = len(home.needs(rule)) == 1 and rule.kind not in COMPARES_SERIES and not rule.components and rule.at is None
    chosen = judged
    if alone and len(judged) > most:
        chosen = [judged[place] for place in np.random.default_rng(seed).choice(len(judged), most, replace=False)]
    try:
        models = models_for(home, rule, figures, only=set(chosen) if alone else None)
    except WarehouseError:  # nothing is settled, so nothing was told either
        return None
    scale = len(judged) / len(chosen)
    copies = int(np.clip(most // len(judged), 1, _MOST_COPIES))
    opened = []
    for copy in range(copies):
        simulated = false_moves(
            home,
            rule,
            models,
            periods=history.periods,
            start=replayed.start,
            end=replayed.end,
            seed=(seed, copy),
            level=replayed.level,
            gaps_of=figures,
        )
        opened.append(_opened(simulated.moved))
    exceptions = scale * sum(opened) / copies
    real = _opened(replayed.moved)
    return Expected(
        exceptions=exceptions,
        error=scale * sqrt(max(sum(opened), 1)) / copies,
        share=min(1.0, exceptions / real) if real else None,
    )


def _opened(moved: tuple[Moved, ...]) -> int:
    return sum(one.transition.kind is TransitionKind.OPENED for one in moved)
