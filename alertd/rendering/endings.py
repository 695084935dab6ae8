"""The end of an exception in words: back to usual, corrected, or withdrawn with its rule."""

from alertd.core.cases import Reason, TransitionKind
from alertd.core.findings import Finding
from alertd.rendering.clean import clean
from alertd.rendering.families import is_agreed, terms_of
from alertd.rendering.figures import known
from alertd.rendering.grades import grade_name, grade_over
from alertd.rendering.judged import amount_in_period, style_of, usual_range
from alertd.rendering.phrases import subject_of, the_period

_WITHDRAWN = {Reason.NO_LONGER_JUDGED: "No longer judged", Reason.ENTRY_WITHDRAWN: "Entry withdrawn"}


def end_label(finding: Finding) -> str:
    """What kind of end it is, in two or three words."""
    if finding.transition is TransitionKind.CLEARED:
        if finding.reason is Reason.NOW_BETTER:
            return "No longer a concern"
        if finding.reason is Reason.RULE_CHANGED:
            return "Rule changed"
        if finding.detector == "drift":  # it starts anew after an alarm, wherever the figure stands
            return "No further drift"
        if over := grade_over(finding):
            return over[1][0].upper() + over[1][1:]
        return "No longer so" if is_agreed(finding) else "Back to usual"
    if finding.transition is TransitionKind.CORRECTED:
        return "Correction"
    return withdrawn_title(finding)


def withdrawn_title(finding: Finding) -> str:
    """What was withdrawn, or is over, in two or three words."""
    return _WITHDRAWN.get(finding.reason, "Rule withdrawn")


def end_sentence(finding: Finding) -> str:
    """What ended, where it stands now, and which notice that closes."""
    notice = f"notice {clean(finding.told_number, 40)}" if finding.told_number else "the earlier notice"
    what, has_figure = subject_of(finding), finding.small is not None or known(finding.value) is not None
    if finding.reason is Reason.NO_LONGER_JUDGED:
        return f"{what}: the rule behind {notice} no longer judges it, so nothing more is asked of you about it."
    if finding.reason is Reason.ENTRY_WITHDRAWN:
        return f"{what}: what {notice} told of was recorded by mistake and is withdrawn; nothing more is asked of you about it."
    if finding.transition is TransitionKind.WITHDRAWN:
        return f"{what}: the rule behind {notice} was withdrawn, so nothing more is asked of you about it."
    if finding.transition is TransitionKind.CORRECTED:
        return _corrected(finding, notice)
    figure = f": {amount_in_period(finding)}" if has_figure else ""
    if finding.reason is Reason.RULE_CHANGED:
        return f"{what}{figure}. The rule behind {notice} was changed, and as it now reads there is no exception."
    if finding.reason is Reason.REBASED:
        return f"{what}{figure}. Its usual range was started anew, so {notice} is closed."
    if finding.reason is Reason.NOW_BETTER:
        return (
            f"{what}{figure}{',' if figure else ':'} no longer a concern, and better than usual. This closes {notice}."
        )
    low, high = usual_range(finding)
    over = grade_over(finding)
    now = terms_of(finding).over if over is None else over[0]
    if _shows_range(finding) and low is not None and high is not None:
        span = style_of(finding).span(low, high)
        was_outside = "astronomical" in finding.told_signals
        now = f"back inside its usual range of {span}" if was_outside else f"back to usual; its usual range is {span}"
    said = f"{figure}, {now}" if figure and now else figure or f": {now}"
    return f"{what}{said}. This closes {notice}."


def _shows_range(finding: Finding) -> bool:
    low, high, value = known(finding.lower), known(finding.upper), known(finding.value)
    if finding.small is not None or finding.detector != "spc" or value is None:
        return False
    return (low is None or value >= low) and (high is None or value <= high)


def _corrected(finding: Finding, notice: str) -> str:
    about = finding.told_period or finding.period
    told, now = known(finding.told_value), known(finding.value)
    said = ""
    if told is not None and finding.small is None:
        words = grade_name(finding, told) or style_of(finding).say(told)
        said = f" (it said {words} for {the_period(about, finding.grain)})"
    figure = (
        f" The {'grade' if finding.scale else 'figure'} is now {amount_in_period(finding)}."
        if now is not None or finding.small is not None
        else ""
    )
    return f"{subject_of(finding)}: {notice} is corrected{said}. The figures were revised, and no exception remains.{figure}"
