"""Findings and notices to render: one of each kind, with figures that belong together."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from alertd.core.cases import Direction, Reason, TransitionKind
from alertd.core.findings import ChartNote, Finding, Notice
from alertd.core.measures import Improvement, Reference
from alertd.core.owners import Recipient, Via
from alertd.core.parameters.condition import Condition
from alertd.core.periods import Grain
from tests.edges.rendering.pictures import chart

NOW = datetime(2022, 4, 6, 7, 0, tzinfo=ZoneInfo("Europe/London"))
SENDER = "Performance <alerts@example.org>"

_RESPONSE = [
    91,
    89,
    92,
    94,
    90,
    88,
    91,
    93,
    90,
    92,
    89,
    91,
    87,
    90,
    93,
    95,
    91,
    90,
    92,
    88,
    90,
    91,
    93,
    89,
    92,
    90,
    88,
    86,
    87,
    83,
    73.8095238095238,
]


def finding(**more: Any) -> Finding:
    """A concern about response times at Burnley, with whatever is to be different."""
    base: dict[str, Any] = {
        "number": "1042",
        "case": "case-1",
        "transition": TransitionKind.OPENED,
        "reason": Reason.FIRST_SEEN,
        "direction": Direction.CONCERN,
        "rule": "response-spc",
        "rule_version": "3f9a1c",
        "detector": "spc",
        "method": "XmR chart, rule set mdc-2024, baseline last 24 periods with a gap of 3",
        "advice": "Check crew gaps between 18:00 and 22:00.",
        "measure": "response_grade1",
        "measure_name": "Grade 1 incidents attended within the standard",
        "framework": "M2",
        "unit": "percent",
        "improvement": Improvement.INCREASE,
        "analyst": "analyst@example.org",
        "series": {"district": "Burnley"},
        "grain": Grain.MONTH,
        "period": "2022-03",
        "value": 73.8095238095238,
        "numerator": 93,
        "denominator": 126,
        "centre": 90.2,
        "lower": 80.9123,
        "upper": 99.4877,
        "low": ("astronomical",),
        "baseline_from": "2020-01",
        "baseline_to": "2021-12",
        "since": "2022-03",
        "lasting": 1,
        "nearest_usual": 80.9123,
        "units_to_usual": 9,
        "caveats": ("Two days of March are still being entered.",),
        "data_to": "2022-03",
        "data_version": "8c21d0",
        "reply_by": date(2022, 4, 13),
        "told_next": "The divisional commander",
        "told_next_on": date(2022, 4, 27),
        "chart": chart(
            list(_RESPONSE),
            marks={-1: "exception"},
            centre=90.2,
            lower=80.9123,
            upper=99.4877,
            baseline_from="2020-01",
            baseline_to="2021-12",
            unit="percent",
            minimum=0,
            maximum=100,
            reference=Reference(value=90, label="the force's own ambition"),
            notes=(ChartNote(period="2021-04", text="New command and control system", rebase=True),),
        ),
    }
    return Finding(**(base | more))


def threshold(**more: Any) -> Finding:
    """A threshold rule that has fired for the second month running."""
    base: dict[str, Any] = {
        "number": "1043",
        "case": "case-2",
        "rule": "response-low",
        "detector": "threshold",
        "method": "threshold: below 85, for 2 periods",
        "series": {"district": "Preston"},
        "value": 83.1,
        "numerator": 108,
        "denominator": 130,
        "centre": None,
        "lower": 85.0,
        "upper": None,
        "low": ("limit",),
        "condition": Condition(below=85),
        "lasted_for": "2 periods",
        "nearest_usual": 85.0,
        "units_to_usual": 3,
        "baseline_from": None,
        "baseline_to": None,
        "caveats": (),
        "chart": chart(
            [*_RESPONSE[:-2], 84.2, 83.1], marks={-1: "exception"}, lower=85.0, unit="percent", minimum=0, maximum=100
        ),
    }
    return finding(**(base | more))


def changed(**more: Any) -> Finding:
    """A measure without a better direction, above its usual level for eight months."""
    values: list[float | None] = [
        41,
        38,
        44,
        40,
        39,
        43,
        37,
        42,
        40,
        41,
        44,
        38,
        39,
        42,
        41,
        37,
        None,
        43,
        40,
        38,
        47,
        46,
        49,
        48,
        46,
        51,
        47,
        50,
    ]
    base: dict[str, Any] = {
        "number": "1044",
        "case": "case-3",
        "direction": Direction.CHANGED,
        "rule": "stop-search",
        "measure": "stop_search",
        "measure_name": "Stop and search",
        "improvement": Improvement.NEITHER,
        "framework": None,
        "unit": "searches",
        "counted": True,
        "series": {"district": "Lancaster"},
        "value": 50,
        "numerator": None,
        "denominator": None,
        "centre": 40.4,
        "lower": 29.7,
        "upper": 51.1,
        "low": (),
        "high": ("shift",),
        "lasting": 2,
        "since": "2022-02",
        "nearest_usual": None,
        "units_to_usual": None,
        "caveats": (),
        "advice": None,
        "reply_by": date(2022, 4, 13),
        "told_next": None,
        "told_next_on": None,
        "chart": chart(
            values,
            marks={-1: "changed", -2: "changed"},
            centre=40.4,
            lower=29.7,
            upper=51.1,
            unit="searches",
            minimum=0,
            notes=(ChartNote(period="2021-08", text="Summer operation in the city centre", rebase=False),),
        ),
    }
    return finding(**(base | more))


def improvement(**more: Any) -> Finding:
    """Burglary below its usual level for nine months."""
    values: list[float | None] = [
        62,
        58,
        65,
        61,
        59,
        63,
        66,
        60,
        57,
        64,
        62,
        59,
        61,
        63,
        60,
        58,
        50,
        52,
        49,
        47,
        51,
        48,
        50,
        46,
        45,
    ]
    base: dict[str, Any] = {
        "number": "1045",
        "case": "case-4",
        "direction": Direction.IMPROVEMENT,
        "rule": "burglary-spc",
        "measure": "burglary",
        "measure_name": "Burglary recorded",
        "improvement": Improvement.DECREASE,
        "framework": "M4",
        "unit": "offences",
        "counted": True,
        "series": {"district": "Pendle"},
        "value": 45,
        "numerator": None,
        "denominator": None,
        "centre": 61.1,
        "lower": 52.3,
        "upper": 69.9,
        "low": ("astronomical", "shift"),
        "lasting": 3,
        "since": "2022-01",
        "nearest_usual": None,
        "units_to_usual": None,
        "caveats": (),
        "advice": None,
        "reply_by": None,
        "told_next": None,
        "told_next_on": None,
        "chart": chart(
            values,
            marks={-index: "improvement" for index in range(1, 4)},
            centre=61.1,
            lower=52.3,
            upper=69.9,
            unit="offences",
            minimum=0,
            baseline_from="2020-03",
            baseline_to="2021-06",
        ),
    }
    return finding(**(base | more))


def data(**more: Any) -> Finding:
    """Figures that are late, for the steward."""
    base: dict[str, Any] = {
        "number": "1046",
        "case": "case-5",
        "direction": Direction.DATA,
        "rule": "response-late",
        "detector": "freshness",
        "method": "freshness: late after 5 working days",
        "value": None,
        "numerator": None,
        "denominator": None,
        "centre": None,
        "lower": None,
        "upper": None,
        "low": ("late",),
        "high": (),
        "units_to_usual": None,
        "nearest_usual": None,
        "caveats": (),
        "advice": None,
        "told_next": None,
        "told_next_on": None,
        "chart": None,
        "data_to": "2022-02",
    }
    return finding(**(base | more))


def cleared(**more: Any) -> Finding:
    """A concern that is over."""
    base: dict[str, Any] = {
        "number": "1071",
        "transition": TransitionKind.CLEARED,
        "reason": Reason.BACK_TO_USUAL,
        "period": "2022-04",
        "value": 91.2,
        "numerator": 114,
        "denominator": 125,
        "low": (),
        "told_number": "1042",
        "told_signals": ("astronomical",),
        "told_value": 73.8,
        "told_period": "2022-03",
        "lasting": 0,
        "since": None,
        "units_to_usual": None,
        "nearest_usual": None,
        "caveats": (),
        "chart": chart(
            [*_RESPONSE, 91.2],
            last="2022-04",
            marks={-2: "exception"},
            centre=90.2,
            lower=80.9123,
            upper=99.4877,
            unit="percent",
            minimum=0,
            maximum=100,
        ),
    }
    return finding(**(base | more))


def small(**more: Any) -> Finding:
    """A count that may not be shown: every figure here is one that must never be seen."""
    values: list[float | None] = [7311.25, 6113.25, 8317.25, 9719.25, 6199.25, 7723.25]
    base: dict[str, Any] = {
        "number": "N-77",
        "small": 5,
        "measure": "hate_crime",
        "measure_name": "Hate crime recorded",
        "rule": "hate-spc",
        "unit": "offences",
        "counted": True,
        "value": 4177.25,
        "numerator": 4177.25,
        "denominator": 98563.5,
        "centre": 6271.25,
        "lower": 5143.25,
        "upper": 7459.25,
        "nearest_usual": 5144.25,
        "units_to_usual": 2953,
        "told_value": 3889.25,
        "told_period": "2022-01",
        "caveats": (),
        "method": "XmR 5143.25 to 7459.25",
        "chart": chart(values, centre=6271.25, lower=5143.25, upper=7459.25, marks={-1: "exception"}),
    }
    return finding(**(base | more))


def notice(*findings: Finding, **more: Any) -> Notice:
    """A notice to one leader."""
    base: dict[str, Any] = {
        "recipient": Recipient(
            owner="district_commander",
            name="Supt A Example",
            email="a.example@example.org",
            via=Via.HOLDER,
            deputy="b.example@example.org",
        ),
        "channel": "email",
        "instance": "lancashire",
        "day": NOW.date(),
        "marking": "OFFICIAL",
        "findings": findings,
    }
    return Notice(**(base | more))


_PLAIN: dict[str, Any] = {
    "numerator": None,
    "denominator": None,
    "baseline_from": None,
    "baseline_to": None,
    "units_to_usual": None,
    "nearest_usual": None,
    "caveats": (),
    "advice": None,
}
"""A finding of whose usual range nothing is known."""


def surge(**more: Any) -> Finding:
    """More burglaries in a week than the season makes usual."""
    values: list[float | None] = [12, 14, 11, 15, 13, 12, 16, 14, 13, 15, 12, 14, 13, 15, 14, 16, 15, 29]
    base: dict[str, Any] = _PLAIN | {
        "rule": "burglary-surge",
        "detector": "seasonal",
        "method": "Farrington flexible: 5 years, nb_plugin bound, one-sided alpha 0.01.",
        "measure": "burglary_weekly",
        "measure_name": "Burglary recorded",
        "unit": "offences",
        "counted": True,
        "improvement": Improvement.DECREASE,
        "grain": Grain.WEEK,
        "period": "2022-W12",
        "since": "2022-W12",
        "data_to": "2022-W12",
        "value": 29,
        "centre": 14.6,
        "lower": None,
        "upper": 24.0,
        "low": (),
        "high": ("surge",),
        "nearest_usual": 24.0,
        "units_to_usual": -5,
        "chart": chart(
            values,
            last="2022-W12",
            grain=Grain.WEEK,
            marks={-1: "exception"},
            centre=14.6,
            upper=24.0,
            unit="offences",
            minimum=0,
        ),
    }
    return finding(**(base | more))


def drift(**more: Any) -> Finding:
    """Sickness that creeps up."""
    values: list[float | None] = [31, 29, 32, 30, 28, 31, 30, 32, 29, 31, 30, 31, 32, 32, 33, 32, 34, 33, 34, 35]
    base: dict[str, Any] = _PLAIN | {
        "rule": "sickness-drift",
        "detector": "drift",
        "method": "CUSUM for a shift of 1 sigma, a false alarm every 370 periods.",
        "measure": "sickness",
        "measure_name": "Days lost to sickness",
        "unit": "days",
        "improvement": Improvement.DECREASE,
        "value": 35,
        "centre": 30.3,
        "lower": None,
        "upper": None,
        "low": (),
        "high": ("drift",),
        "chart": chart(values, marks={-1: "exception"}, unit="days", minimum=0),
    }
    return finding(**(base | more))


def outlier(**more: Any) -> Finding:
    """A place outside the funnel of the others."""
    base: dict[str, Any] = _PLAIN | {
        "rule": "charge-outlier",
        "detector": "funnel",
        "method": "Funnel of all series of the measure: 99.8% limits, widened for overdispersion, the last 12 months pooled.",
        "measure": "charged_share",
        "measure_name": "Offences charged",
        "value": 6.9,
        "numerator": 402,
        "denominator": 5826,
        "centre": 11.2,
        "lower": 8.1,
        "upper": 14.6,
        "low": ("outlier",),
        "nearest_usual": 8.1,
        "units_to_usual": 70,
        "chart": None,
    }
    return finding(**(base | more))


def change(**more: Any) -> Finding:
    """Two figures compared, because the finance board wants it."""
    base: dict[str, Any] = _PLAIN | {
        "rule": "overtime-yoy",
        "detector": "change",
        "method": "Two-point comparison with the same period last year: worse by 20 percent and at least 40 hours.",
        "measure": "overtime",
        "measure_name": "Overtime worked",
        "unit": "hours",
        "improvement": Improvement.DECREASE,
        "value": 1260,
        "centre": 1000,
        "lower": None,
        "upper": 1200,
        "low": (),
        "high": ("change",),
        "compared": "same period last year",
        "accepted_noise": "agreed with the finance board",
        "nearest_usual": 1200,
        "chart": chart(
            [1000, 980, 1010, 990, 1020, 1005, 970, 1015, 1000, 990, 1010, 1040, 1260],
            marks={-1: "exception"},
            unit="hours",
        ),
    }
    return finding(**(base | more))


def forecast(**more: Any) -> Finding:
    """Demand that is expected to pass a capacity."""
    base: dict[str, Any] = _PLAIN | {
        "rule": "calls-above-crews",
        "detector": "forecast",
        "method": "Forecast, seasonal with three years of figures: 80% sure of more than `crews` within 3 months.",
        "measure": "calls",
        "measure_name": "Calls for service",
        "unit": "calls",
        "counted": True,
        "improvement": Improvement.NEITHER,
        "value": 1180,
        "centre": 1312.4,
        "lower": 1247.7,
        "upper": 1230,
        "low": (),
        "high": ("capacity",),
        "expected_in": "2022-06",
        "confidence": 80,
        "chart": chart(
            [1100, 1180, 1210, 1290, 1250, 1170, 1100, 1040, 1010, 1030, 1090, 1140, 1180],
            marks={-1: "exception"},
            unit="calls",
        ),
    }
    return finding(**(base | more))


def rating(**more: Any) -> Finding:
    """A grade that fell."""
    base: dict[str, Any] = _PLAIN | {
        "rule": "file-quality",
        "detector": "rating",
        "method": "Grades: fell by 1 or more and at or below Requires improvement.",
        "measure": "cj_file_grade",
        "measure_name": "Quality of case files",
        "unit": None,
        "scale": ("Inadequate", "Requires improvement", "Good", "Outstanding"),
        "value": 2,
        "grade_before": 3,
        "centre": None,
        "lower": None,
        "upper": None,
        "low": ("grade",),
        "chart": None,
    }
    return finding(**(base | more))


def joined(**more: Any) -> Finding:
    """Two rules that fired together."""
    base: dict[str, Any] = _PLAIN | {
        "rule": "pressure",
        "detector": "all_of",
        "method": "Joins rules: all of response-spc, overtime-yoy, within 2 months.",
        "components": (
            "Grade 1 incidents attended within the standard: 73.8% in March 2022, below its usual range.",
            "Overtime worked: 1,260 hours in February 2022, up by 260 hours on the same period last year.",
        ),
        "low": ("all_of",),
        "high": (),
        "centre": None,
        "lower": None,
        "upper": None,
        "chart": None,
    }
    return finding(**(base | more))


def gap(**more: Any) -> Finding:
    """Rare events that follow each other faster than usual."""
    base: dict[str, Any] = _PLAIN | {
        "rule": "homicide",
        "method": "t chart (time between events), three-sigma; usual range from the 24 months that end 3 before the one judged.",
        "measure": "homicide",
        "measure_name": "Homicide",
        "unit": "days",
        "improvement": Improvement.DECREASE,
        "gap": "closed",
        "value": 4,
        "centre": 61.2,
        "lower": None,
        "upper": 421.5,
        "low": (),
        "high": ("astronomical",),
        "baseline_from": "2020-01",
        "baseline_to": "2021-12",
        "chart": chart(
            [40, 71, 90, 12, 43, 74, 30, 61, 20, 51, 80, 9, 4],
            marks={-1: "exception"},
            centre=61.2,
            upper=421.5,
            unit="days",
            minimum=0,
        ),
    }
    return finding(**(base | more))
