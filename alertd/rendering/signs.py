"""Which signals, in plain words: where a figure stands against what is usual for it."""

from alertd.core.cases import Direction
from alertd.core.findings import Finding
from alertd.core.periods import Grain
from alertd.rendering.figures import known, ordinal
from alertd.rendering.judged import condition_words, run_beyond, run_of_trend, threshold_run
from alertd.rendering.own_signs import own_signs
from alertd.rendering.phrases import units

_LEAST_RUN = 7  # what every rule set with a shift asks for at least
_SHORTEST_TREND = 6  # Nelson's; the others ask for seven
_PATTERNS = (
    "astronomical", "shift", "trend", "two_in_three", "four_in_five", "run_length", "crossings", "eight_outside",
    "alternating", "stratified",
)  # fmt: skip
"""Signals of control charts, the plainest first."""
_NEARLY = ("two_in_three", "four_in_five")
_SHORT = {
    "four_in_five": ("low lately", "high lately"),
    "run_length": ("below usual level", "above usual level"),
    "crossings": ("long runs to one side", "long runs to one side"),
    "eight_outside": ("away from usual", "away from usual"),
    "alternating": ("up and down in turn", "up and down in turn"),
    "stratified": ("varying less than usual", "varying less than usual"),
}


def standing(finding: Finding) -> str:
    """Where the figure stands, for the end of a sentence: `below its usual range`; empty where nothing stands out."""
    signs = sign_phrases(finding)
    return signs[0] if signs else ""


def sign_phrases(finding: Finding) -> tuple[str, ...]:
    """Every signal as a phrase, the plainest first."""
    if finding.detector == "threshold":
        return _threshold(finding)
    own = own_signs(finding)
    if own is not None:
        return (own[0],) if own[0] else ()
    phrases = []
    for name in _PATTERNS:
        for above, names in ((False, finding.low), (True, finding.high)):
            if name in names and not (name in _NEARLY and "astronomical" in names):  # it would add nothing
                phrases.append(_phrase(finding, name, above=above))
    others = {*finding.low, *finding.high} - set(_PATTERNS) - {"limit"}
    if not phrases and others and finding.direction is not Direction.DATA:
        return ("away from its usual pattern",)
    return tuple(dict.fromkeys(phrases))


def says_how_long(finding: Finding) -> bool:
    """Whether the end of the first sentence has said for how many periods it has been so."""
    return standing(finding).endswith(" running")


def in_short(finding: Finding) -> str:
    """Where the figure stands in three words, for a subject or a list."""
    if finding.detector == "threshold" and finding.condition is not None:
        if finding.small is not None or not _condition_holds(finding):
            return "past the agreed level" if finding.small is not None else "not yet back"
        return condition_words(finding.condition, finding.unit)
    own = own_signs(finding)
    if own is not None:
        return own[1]
    if "astronomical" in finding.low or "astronomical" in finding.high:
        return "below usual range" if "astronomical" in finding.low else "above usual range"
    if "shift" in finding.low or "shift" in finding.high:
        return "below usual level" if "shift" in finding.low else "above usual level"
    if "trend" in finding.low or "trend" in finding.high:
        return "falling steadily" if "trend" in finding.low else "rising steadily"
    if "two_in_three" in finding.low or "two_in_three" in finding.high:
        return "low lately" if "two_in_three" in finding.low else "high lately"
    for name, (below, above) in _SHORT.items():
        if name in finding.low or name in finding.high:
            return below if name in finding.low else above
    return "away from usual" if finding.low or finding.high else "not yet back"


def sustained(finding: Finding) -> bool:
    """Whether the exception has lasted for more than the one period."""
    return finding.lasting > 1 or any(
        name in _PATTERNS and name != "astronomical" for name in (*finding.low, *finding.high)
    )


def _phrase(finding: Finding, name: str, *, above: bool) -> str:
    side, months = ("above" if above else "below"), finding.grain
    edge = "upper" if above else "lower"
    match name:
        case "astronomical":
            return f"{side} its usual range"
        case "shift":
            run = run_beyond(finding, known(finding.centre), above=above)
            return f"{side} its usual level for {_running(months, max(_LEAST_RUN, run))}"
        case "trend":
            run = run_of_trend(finding, rising=above)
            shown = run if run >= _SHORTEST_TREND else _LEAST_RUN
            return f"{'rising' if above else 'falling'} for {_running(months, shown)}"
        case "two_in_three":
            return (
                f"close to or beyond the {edge} edge of its usual range in at least two of the last {units(months, 3)}"
            )
        case "four_in_five":
            return f"well {side} its usual level in at least four of the last {units(months, 5)}"
        case "run_length":
            return f"{side} its usual level for unusually long"
        case "crossings":
            return "on one side of its usual level for longer stretches than chance would bring"
        case "eight_outside":
            return f"away from its usual level, to either side, for {_running(months, 8)}"
        case "alternating":
            return f"up and down in turn for {_running(months, 14)}"
        case _:
            return f"varying much less than usual for {_running(months, 15)}"


def _running(grain: Grain, count: int) -> str:
    return f"{units(grain, count)} running"


def _threshold(finding: Finding) -> tuple[str, ...]:
    if finding.condition is None:
        return ()
    if finding.small is not None:
        return ("past the agreed level",)
    if not _condition_holds(finding):
        return ("not yet back to the level agreed for closing this",)
    agreed = "range" if finding.condition.outside is not None else "level"
    return (f"{condition_words(finding.condition, finding.unit)}, the agreed {agreed}{_lasted(finding)}",)


def _condition_holds(finding: Finding) -> bool:
    value = known(finding.value)
    return finding.condition is None or value is None or finding.condition.holds(value)


def _lasted(finding: Finding) -> str:
    """How long a threshold rule's condition has held, counting the periods that its `for` waited."""
    need, _, of = (finding.lasted_for or "").removesuffix(" periods").partition(" of ")
    if need.isdigit() and of.isdigit():
        return f", in at least {units(finding.grain, int(need)).split()[0]} of the last {units(finding.grain, int(of))}"
    running = threshold_run(finding)
    return f", for the {ordinal(running)} {finding.grain.words} running" if running > 1 else ""
