"""Which algorithm judges which detector: the one place to look, and to add a family to."""

from alertd.core.detect.base import Look, Signals
from alertd.core.detect.change import judge_change
from alertd.core.detect.drift import judge_drift
from alertd.core.detect.forecast import judge_forecast
from alertd.core.detect.funnel import judge_funnel
from alertd.core.detect.rating import judge_rating
from alertd.core.detect.seasonal import judge_seasonal
from alertd.core.detect.shewhart import judge_spc
from alertd.core.detect.threshold import judge_threshold
from alertd.core.parameters.change import Change
from alertd.core.parameters.drift import Drift
from alertd.core.parameters.forecast import Forecast
from alertd.core.parameters.freshness import Freshness
from alertd.core.parameters.funnel import Funnel
from alertd.core.parameters.rating import Rating
from alertd.core.parameters.seasonal import Seasonal
from alertd.core.parameters.spc import Spc
from alertd.core.parameters.threshold import Threshold
from alertd.core.rules import Detector


def detect(detector: Detector, look: Look) -> Signals:
    """Judge some rows of a block by the algorithm of its detector."""
    match detector:
        case Threshold():
            return judge_threshold(detector, look)
        case Spc():
            return judge_spc(detector, look)
        case Funnel():
            return judge_funnel(detector, look)
        case Change():
            return judge_change(detector, look)
        case Rating():
            return judge_rating(detector, look)
        case Drift():
            return judge_drift(detector, look)
        case Seasonal():
            return judge_seasonal(detector, look)
        case Forecast():
            return judge_forecast(detector, look)
        case Freshness():
            raise TypeError("freshness judges rows that are not there, and has its own way in `evaluate`")


COMPARES_SERIES = frozenset(("funnel",))
"""Detectors that hold series against each other, so that a rule's `where` narrows what is told and not what is compared."""
