"""How long it has been so, and what moved since the last notice."""

from alertd.core.cases import Direction, Reason, TransitionKind
from alertd.core.findings import Finding
from alertd.rendering.families import has_range
from alertd.rendering.figures import known, ordinal
from alertd.rendering.judged import began, run_beyond, style_of, threshold_run
from alertd.rendering.phrases import since_period, the_period, units
from alertd.rendering.signs import says_how_long


def how_long(finding: Finding) -> str:
    """One sentence on how long it has lasted and why it is told now; empty where the first sentence has said it."""
    match finding.transition:
        case TransitionKind.REMINDED:
            return f"This is a reminder: {_since(finding)}."
        case TransitionKind.HANDED_OVER:
            return f"It stood before the post became yours; {_since(finding)}."
        case TransitionKind.ESCALATED:
            return f"Nothing was heard in the agreed time; {_since(finding)}."
        case TransitionKind.WORSENED:
            return _moved(finding)
        case TransitionKind.OPENED:
            return _opened(finding)
    return ""


def _opened(finding: Finding) -> str:
    if finding.reason is Reason.CHANGED_SIDE:
        return "At the last notice it stood out in another way."
    if finding.direction is Direction.DATA:
        return _data(finding)
    if finding.reason is Reason.ALREADY_SO:
        if finding.lasting <= 1 or says_how_long(finding):
            return "It was already so when watching began."
        return f"It was already so when watching began; this is the {_nth(finding)} running."
    if says_how_long(finding):
        return ""
    if finding.lasting <= 1:
        return (
            ""
            if finding.detector == "threshold" and (finding.lasted_for or "1 periods") != "1 periods"
            else "This is new."
        )
    return "" if finding.detector == "threshold" else f"This is the {_nth(finding)} running {_of_what(finding)}."


def _nth(finding: Finding) -> str:
    return f"{ordinal(_count(finding))} {finding.grain.words}"


def _count(finding: Finding) -> int:
    return threshold_run(finding) if finding.detector == "threshold" else finding.lasting


def _of_what(finding: Finding) -> str:
    """`below it` where every period of the stretch is seen to lie there, else that it stands out."""
    for signals, line, above in ((finding.low, finding.lower, False), (finding.high, finding.upper, True)):
        if (
            "astronomical" in signals
            and finding.small is None
            and run_beyond(finding, known(line), above=above) >= finding.lasting
        ):
            return "above it" if above else "below it"
    return "that it stands out"


def _moved(finding: Finding) -> str:
    if finding.direction is Direction.DATA or finding.reason is Reason.NEW_FAULT:
        return "There is more to put right than at the last notice."
    counted = finding.lasting > 1 and not (finding.detector == "threshold" and says_how_long(finding))
    running = f" It has stood out for {units(finding.grain, _count(finding))}." if counted else ""
    if finding.reason is Reason.NEW_SIGNAL:
        return f"There is a new sign since the last notice.{running}"
    further = "worse" if finding.direction is Direction.CONCERN else "further from usual"
    told = known(finding.told_value)
    figure = ""
    if told is not None and finding.small is None:
        when = f" for {the_period(finding.told_period, finding.grain)}" if finding.told_period else ""
        figure = f" ({style_of(finding).say(told)}{when})"
    return f"It is {further} than at the last notice{figure}.{running}"


def _since(finding: Finding) -> str:
    """Since when, and for how long; a run that the first sentence counts began before it stood out."""
    so = "stood out" if has_range(finding) else "been so"
    first, count = began(finding), _count(finding)
    since = f"since {since_period(first, finding.grain)}" if first else "since it was first told"
    return f"it has {so} {since}" + (f", {units(finding.grain, count)}" if finding.lasting and count > 1 else "")


def _data(finding: Finding) -> str:
    already = "It was already so when watching began" if finding.reason is Reason.ALREADY_SO else ""
    since = (
        f"{'and' if already else 'It'} has been so since {since_period(finding.since, finding.grain)}"
        if finding.since and finding.lasting > 1
        else ""
    )
    joined = " ".join(text for text in (already, since) if text)
    return f"{joined}." if joined else ""
