"""One finding for everything that a notice can say."""

from alertd.core.cases import Reason, TransitionKind
from tests.edges.rendering.samples import changed, cleared, data, finding, improvement, small, threshold

EVERY_KIND = {
    "concern": finding(),
    "concern-further-out": finding(
        transition=TransitionKind.WORSENED,
        reason=Reason.FURTHER_OUT,
        told_value=78.2,
        told_period="2022-02",
        told_number="1001",
        lasting=2,
        since="2022-02",
    ),
    "concern-new-signal": finding(
        transition=TransitionKind.WORSENED, reason=Reason.NEW_SIGNAL, told_number="1001", low=("astronomical", "trend")
    ),
    "already-so": finding(reason=Reason.ALREADY_SO, lasting=3, since="2022-01"),
    "two-in-three": finding(low=("two_in_three",), value=82.0, numerator=None, units_to_usual=None, nearest_usual=None),
    "threshold": threshold(),
    "threshold-two-of-three": threshold(lasted_for="2 of 3 periods"),
    "changed": changed(),
    "improvement": improvement(),
    "data": data(),
    "reminded": finding(
        transition=TransitionKind.REMINDED, reason=Reason.REMINDER_DUE, lasting=4, since="2021-12", told_number="1001"
    ),
    "escalated": finding(
        transition=TransitionKind.ESCALATED,
        reason=Reason.ESCALATION_DUE,
        lasting=4,
        since="2021-12",
        told_number="1001",
    ),
    "cleared": cleared(),
    "corrected": cleared(
        transition=TransitionKind.CORRECTED,
        reason=Reason.REVISED,
        period="2022-03",
        value=84.9,
        numerator=107,
        denominator=126,
    ),
    "withdrawn": cleared(
        transition=TransitionKind.WITHDRAWN, reason=Reason.RULE_WITHDRAWN, value=None, numerator=None, chart=None
    ),
    "data-cleared": data(
        transition=TransitionKind.CLEARED,
        reason=Reason.BACK_TO_USUAL,
        period="2022-04",
        low=(),
        told_number="1046",
        caveats=("There are no figures for March 2022.",),
        data_to="2022-04",
    ),
    "data-of-a-measure": data(
        rule="data:response_grade1",
        rule_version="-",
        detector="data",
        series={},
        low=(),
        faults=(
            "Burnley: no figures where others have them, June 2020 to July 2020",
            "Preston: a part larger than its whole, March 2022",
        ),
        faults_in_all=2,
    ),
    "data-stopped": data(
        rule="data:response_grade1",
        rule_version="-",
        detector="data",
        series={},
        low=(),
        faults=("no newer figures have arrived, January 2022 (newest figures are for January 2022)",),
        faults_in_all=1,
        data_to="2022-01",
    ),
    "threshold-cleared": threshold(
        transition=TransitionKind.CLEARED,
        reason=Reason.BACK_TO_USUAL,
        value=93.3,
        numerator=112,
        denominator=120,
        low=(),
        told_number="1043",
        lasting=0,
        since=None,
        units_to_usual=None,
        nearest_usual=None,
    ),
    "shift-cleared": cleared(told_signals=("shift",)),
    "now-better": cleared(reason=Reason.NOW_BETTER, high=("astronomical",), value=100.0, numerator=125),
    "no-longer-judged": cleared(transition=TransitionKind.WITHDRAWN, reason=Reason.NO_LONGER_JUDGED, chart=None),
    "feed-shrunk": data(low=("shrunk",)),
    "small": small(),
    "small-rest": small(small_rest=True),
}
"""One finding for everything that a notice can say."""
