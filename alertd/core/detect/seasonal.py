"""The seasonal detectors: which of them a rule means."""

from alertd.core.detect.adjusted import judge_adjusted
from alertd.core.detect.base import Look, Signals
from alertd.core.detect.ears import judge_ears
from alertd.core.detect.farrington import judge_farrington
from alertd.core.parameters.seasonal import Seasonal


def judge_seasonal(seasonal: Seasonal, look: Look) -> Signals:
    """Judge a block for surges above its season, or by an XmR chart of seasonally adjusted figures."""
    match seasonal.method:
        case "farrington_flexible":
            return judge_farrington(seasonal, look)
        case "ears_c1" | "ears_c2":
            return judge_ears(seasonal, look)
        case "adjusted_xmr":
            return judge_adjusted(seasonal, look)
