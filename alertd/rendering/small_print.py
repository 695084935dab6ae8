"""The small print: what an analyst needs to find and check the judgement (R34)."""

from alertd.core.cases import Direction
from alertd.core.findings import Finding
from alertd.core.summary import HIGHEST, LEVELS, LOWEST
from alertd.rendering.clean import clean
from alertd.rendering.figures import exact, known
from alertd.rendering.phrases import period_words, read_period, the_period


def small_print(finding: Finding) -> tuple[str, ...]:
    """Notice number, rule and version, method, exact figures, data, and whom to ask: a sentence each."""
    lines = [_numbers(finding), _rule(finding)]
    if finding.method and finding.small is None:
        lines.append(f"Method: {clean(finding.method, 300)}")
    if finding.small is None and finding.direction is not Direction.DATA:
        lines.append(_exact(finding))
    lines.append(_data(finding))
    if finding.group_floor is not None:
        lines.append(f"Shown of groups of {finding.group_floor} people and more")
    if finding.dpia is not None:
        lines.append(f"Impact assessment: {clean(finding.dpia, 200)}")
    bears_on = [clean(plan, 80) for plan in finding.supports]
    if finding.peel:
        bears_on.append(f"PEEL: {clean(finding.peel, 120)}")
    if bears_on:
        lines.append(f"Bears on: {', '.join(bears_on)}")
    if finding.analyst:
        lines.append(f"Questions: {clean(finding.analyst, 120)}")
    return tuple(f"{line.rstrip('.')}." for line in lines if line)


def _numbers(finding: Finding) -> str:
    first = f"; first told in notice {clean(finding.told_number, 40)}" if finding.told_number else ""
    return f"Notice {clean(finding.number, 40)}{first}"


def _rule(finding: Finding) -> str:
    version = f", version {clean(finding.rule_version, 40)}" if finding.rule_version.strip("-") else ""
    row = f" ({clean(finding.framework, 20)})" if finding.framework else ""
    return f"Rule {clean(finding.rule, 120)}{version}; measure {clean(finding.measure, 120)}{row}"


def _exact(finding: Finding) -> str:
    said = []
    value, part, of = known(finding.value), known(finding.numerator), known(finding.denominator)
    if finding.scale:
        return ""  # a grade has a name, and the first sentence says it
    if value is not None:
        said.append(exact(value, finding.unit))
    if part is not None and of is not None:
        said.append(f"{exact(part, None)} over {exact(of, None)}")
    limits = 0
    for name, figure in (
        (LEVELS.get(finding.detector, "usual level"), finding.centre),
        (LOWEST.get(finding.detector, "lower limit"), finding.lower),
        (HIGHEST.get(finding.detector, "upper limit"), finding.upper),
    ):
        line = known(figure)
        if line is not None:
            said.append(f"{name} {exact(line, finding.unit)}")
            limits += 1
    rounded = "; limits rounded to whole numbers" if finding.range_rounded and limits else ""
    return f"Exact figures: {', '.join(said)}{rounded}" if said else ""


def _data(finding: Finding) -> str:
    newest = _newest(finding) if finding.data_to else ""
    version = f"data version {clean(finding.data_version, 60)}" if finding.data_version else ""
    joined = "; ".join(text for text in (newest, version) if text)
    return joined[:1].upper() + joined[1:]


def _newest(finding: Finding) -> str:
    """The newest period of the data; where the judged one is earlier, also up to where the figures no longer move."""
    newest, judged = period_words(finding.data_to or "", finding.grain), the_period(finding.period, finding.grain)
    if finding.data_to == finding.period:
        return f"Data complete to {the_period(finding.period, finding.grain)}"
    first = read_period(finding.period, finding.grain)
    last = read_period(finding.data_to or "", finding.grain)
    earlier = first is not None and last is not None and first.slot < last.slot
    settled = f"; settled to {judged}" if earlier and finding.direction is not Direction.DATA else ""
    return f"Newest data: {newest}{settled}"
