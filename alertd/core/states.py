"""From signals to states: how long a condition must hold, when it ends, and what a gap or a rebase does to it.

State derives from data alone, period by period; nothing here knows who was told.
"""

import numpy as np

from alertd.core.detect.base import Known, Signals
from alertd.core.detect.threshold import meets
from alertd.core.measures import Improvement, Towards
from alertd.core.parameters.condition import ForPeriods
from alertd.core.rules import Rule
from alertd.core.series import Bools, Floats
from alertd.core.verdicts import Codes, State

_ONE_PERIOD = ForPeriods(need=1, of=1)


def states(rule: Rule, improvement: Improvement | Towards, found: Signals, value: Floats, known: Known) -> Codes:
    """The state of every judged period and series, as codes (periods x series).

    `value` and `known` are of the same, consecutive rows as `found`. Rules with `for` or `clear` need every row
    from the first on, since their state depends on the way there.
    """
    concern, favourable = _sides(improvement, found, value)
    hold = rule.for_ or _ONE_PERIOD
    ends = None if rule.clear is None else np.logical_or(*meets(rule.clear, value))
    bad, waiting = _follow(concern, found, known, hold, ends)
    # What ends a threshold is about the figure, whichever side is better; elsewhere it ends exceptions alone.
    good, hoping = _follow(favourable, found, known, hold, None if rule.threshold is None else ends)
    state = np.full(found.high.shape, State.QUIET.code, dtype=np.uint8)
    state[waiting | hoping] = State.PENDING.code
    state[good] = State.IMPROVEMENT.code
    state[bad] = State.CHANGED.code if improvement is Improvement.NEITHER else State.EXCEPTION.code
    state[found.learning & ~bad & ~good] = State.LEARNING.code
    state[found.missing] = State.UNKNOWN.code
    state[known.muted & (bad | good) & ~found.missing] = State.MUTED.code
    state[known.excluded] = State.MUTED.code
    return state


def _sides(improvement: Improvement | Towards, found: Signals, value: Floats) -> tuple[Bools, Bools]:
    """Where there is a signal on the side of concern, and where on the favourable side.

    Towards a band, a signal on the far side of it is a concern, and any other is favourable: the figure moved nearer, or in.
    """
    high, low = found.high != 0, found.low != 0
    if isinstance(improvement, Towards):
        lower, upper = improvement.towards
        with np.errstate(invalid="ignore"):
            away = (high & (value > upper)) | (low & (value < lower))
            nearer = (high & (value <= upper)) | (low & (value >= lower))
        return away, nearer
    match improvement:
        case Improvement.INCREASE:
            return low, high
        case Improvement.DECREASE:
            return high, low
        case Improvement.NEITHER:
            return high | low, np.zeros_like(high)


def _follow(fired: Bools, found: Signals, known: Known, hold: ForPeriods, ends: Bools | None) -> tuple[Bools, Bools]:
    """Where an exception stands, and where one is pending, going through the periods once.

    A missing period breaks `N periods` in a row, counts as a miss in `M of N`, and leaves a standing exception as it was.
    Learning leaves it too; a rebase ends it.
    """
    periods = len(fired)
    if periods == 1 and hold.need == 1:  # what fires stands, and there is no way there to follow
        return fired, np.zeros_like(fired)
    stands = np.zeros(fired.shape, dtype=np.bool_)
    pending = np.zeros(fired.shape, dtype=np.bool_)
    blind = found.missing | known.excluded
    before = np.zeros(fired.shape[1], dtype=np.bool_)
    for row in range(periods):
        if row:
            before = before & (known.segment[row] == known.segment[row - 1])
        recent = fired[max(0, row - hold.of + 1) : row + 1]
        held = fired[row] & (np.count_nonzero(recent, axis=0) >= hold.need)
        going_on = fired[row] if ends is None else ~ends[row]
        carried = before & (going_on | blind[row] | found.learning[row])
        stands[row] = held | carried
        pending[row] = fired[row] & ~stands[row]
        before = stands[row]
    return stands, pending
