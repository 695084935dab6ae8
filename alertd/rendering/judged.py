"""What the words and the picture need to know of a finding's figures: how they are written, and how long a pattern has run."""

from alertd.core.findings import ChartPoint, Finding
from alertd.core.parameters.condition import Condition
from alertd.rendering.figures import Style, authored, authored_span, is_percent, known, style_for, whole
from alertd.rendering.grades import grade_name
from alertd.rendering.phrases import in_period, read_period, the_period


def style_of(finding: Finding) -> Style:
    """How the finding's figures are written."""
    beside = [finding.lower, finding.upper, finding.centre, finding.told_value, *bounds_of(finding.condition)]
    return style_for(finding.unit, counted=finding.counted, main=known(finding.value), beside=beside)


def bounds_of(condition: Condition | None) -> tuple[float, ...]:
    """Every figure that a condition names."""
    if condition is None:
        return ()
    single = (condition.above, condition.at_or_above, condition.below, condition.at_or_below)
    return (*(bound for bound in single if bound is not None), *(condition.outside or ()))


def amount(finding: Finding) -> str:
    """The figure as the first sentence says it: `93 of 126 (73.8%)`, `12.4 minutes`, `fewer than 5`."""
    if finding.small is not None:
        return f"all but fewer than {finding.small}" if finding.small_rest else f"fewer than {finding.small}"
    value, part, of = known(finding.value), known(finding.numerator), known(finding.denominator)
    if value is None:
        return "no grade" if finding.scale else "no figure"
    if finding.gap:
        between = "since the last one" if finding.gap == "open" else "after the one before"
        return f"{style_of(finding).say(value)} {between}"
    if finding.scale:
        return grade_name(finding, value) or "no grade"
    said = style_of(finding).say(value)
    factor = 100.0 if is_percent(finding.unit) else 1.0
    if part is None or of is None or not 0 <= part <= of or of == 0 or abs(value - factor * part / of) > 1e-6 * factor:
        return said
    return f"{whole(part)} of {whole(of)} ({said})"


def amount_in_period(finding: Finding) -> str:
    """The figure and its period: `93 of 126 (73.8%) in March 2022`, `58 days since the last one, to the end of March 2022`."""
    if finding.gap and finding.small is None and known(finding.value) is not None:
        if finding.gap == "open":
            return f"{amount(finding)}, to the end of {the_period(finding.period, finding.grain)}"
        return f"{amount(finding)}, {in_period(finding.period, finding.grain)}"
    return f"{amount(finding)} {in_period(finding.period, finding.grain)}"


def usual_range(finding: Finding) -> tuple[float | None, float | None]:
    """The usual range as it may be shown: no lower than the figure can go, and no higher; whole for counts."""
    low, high = known(finding.lower), known(finding.upper)
    least, most = natural_bounds(finding)
    if low is not None and least is not None:
        low = max(low, least)
    if high is not None and most is not None:
        high = min(high, most)
    if finding.counted and low is not None and high is not None and -(-low // 1) <= high // 1:
        return -(-low // 1), high // 1
    return low, high


def natural_bounds(finding: Finding) -> tuple[float | None, float | None]:
    """The lowest and highest figure there can be, where that is known."""
    chart = finding.chart
    least = None if chart is None else known(chart.minimum)
    most = None if chart is None else known(chart.maximum)
    share = is_percent(finding.unit) and finding.numerator is not None and finding.denominator is not None
    if least is None and (finding.counted or share):
        least = 0.0
    return least, 100.0 if most is None and share else most


def condition_words(condition: Condition, unit: str | None) -> str:
    """A condition as it is read: `below 85%`, `outside 10 to 20 minutes`."""
    if condition.outside is not None:
        low, high = condition.outside
        return f"outside {authored_span(low, high, unit)}"
    named = (("above", condition.above), ("at or above", condition.at_or_above),
             ("below", condition.below), ("at or below", condition.at_or_below))  # fmt: skip
    return " and ".join(f"{words} {authored(bound, unit)}" for words, bound in named if bound is not None)


def threshold_run(finding: Finding) -> int:
    """How many periods a threshold has fired for, those that its `for` waited included."""
    return max(finding.lasting, 1) + _waited(finding)


def began(finding: Finding) -> str | None:
    """The first period of the stretch that the finding is about; for a threshold that waited, the first that it counted."""
    start = read_period(finding.since, finding.grain) if finding.since else None
    return finding.since if start is None else str(start + -_waited(finding))


def _waited(finding: Finding) -> int:
    """For how many periods a threshold's condition held before it fired; none that are certain for `2 of 3 periods`."""
    need = (finding.lasted_for or "").removesuffix(" periods")
    return int(need) - 1 if finding.detector == "threshold" and need.isdigit() and int(need) > 0 else 0


def run_beyond(finding: Finding, line: float | None, *, above: bool) -> int:
    """How many periods in a row, up to the finding's, lie strictly beyond `line`; 0 where that cannot be seen."""
    values = _trailing(finding)
    count = 0
    while line is not None and count < len(values) and (values[count] > line if above else values[count] < line):
        count += 1
    return count


def run_of_trend(finding: Finding, *, rising: bool) -> int:
    """How many periods in a row, up to the finding's, rise or fall all the way; 0 where that cannot be seen."""
    values = _trailing(finding)
    count = min(1, len(values))
    while (
        count
        and count < len(values)
        and (values[count] < values[count - 1] if rising else values[count] > values[count - 1])
    ):
        count += 1
    return count


def _trailing(finding: Finding) -> list[float]:
    """The figures of the chart's unbroken stretch up to the finding's period, the newest first."""
    if finding.chart is None:
        return []
    grain, values = finding.chart.grain, list[float]()
    expected = read_period(finding.period, grain)
    for point in reversed(finding.chart.points):
        here = read_period(point.period, grain)
        if expected is None or here is None or here.slot > expected.slot:
            continue
        value = shown_value(point)
        if here.slot != expected.slot or value is None:
            break
        values.append(value)
        expected = expected + -1
    return values


def shown_value(point: ChartPoint) -> float | None:
    """A point's figure, where there is one that may be shown."""
    return None if point.hidden else known(point.value)
