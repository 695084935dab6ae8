"""A finding in words: one part of a notice, in the order in which it is read (R37)."""

from datetime import date

from alertd.core.cases import Direction, Reason, TransitionKind
from alertd.core.findings import Finding
from alertd.core.periods import day_words, in_sentence
from alertd.core.summary import capacity_words
from alertd.rendering.clean import clean
from alertd.rendering.endings import end_label, end_sentence, withdrawn_title
from alertd.rendering.families import is_agreed, terms_of
from alertd.rendering.figures import authored, count_word, is_percent, known, whole
from alertd.rendering.grades import grade_name, grade_over
from alertd.rendering.judged import amount_in_period, condition_words, shown_value, style_of, usual_range
from alertd.rendering.lasting import how_long
from alertd.rendering.phrases import (
    day_name,
    first_place,
    in_period,
    listed,
    measure_name,
    period_words,
    place,
    read_period,
    sentence,
    stretch,
    subject_of,
    the_period,
    with_articles,
)
from alertd.rendering.quotes import more_found, quotes_of, unquoted
from alertd.rendering.signs import in_short, sign_phrases, standing, sustained
from alertd.rendering.small_print import small_print
from alertd.rendering.view import Part

REPLY = "Reply to this message"
_NOT_SHOWN = "What is usual for it is not shown, as that would give away numbers too small to show."


def part_of(finding: Finding, today: date, answer: str = REPLY) -> Part:
    """The words for one finding; data faults have their own in `data_words`. `answer` says how to answer."""
    if finding.transition.ends:
        return _ended(finding)
    signs = sign_phrases(finding)[1:]
    return Part(
        kind=finding.direction.value,
        label=_label(finding),
        place=place(finding.series),
        where=first_place(finding.series),
        against=against(finding),
        measure=measure_name(finding),
        short=short(finding),
        first=_first(finding),
        usual=_usual(finding),
        lasting=how_long(finding),
        signs=(f"It has also been {listed(signs)}.",) if signs else (),
        quotes=quotes_of(finding.written, finding.period, finding.grain),
        unquoted=unquoted(finding.written),
        more_found=more_found(finding.written),
        back=_back(finding),
        caveats=_caveats(finding),
        advice=sentence(clean(finding.advice or "", 2000)),
        theme=theme_of(finding, today),
        asked=asked(finding, today, answer),
        told_next=told_next(finding, today),
        also_told=also_told(finding),
        small_print=small_print(finding),
        on_chart=on_chart(finding),
    )


def short(finding: Finding) -> str:
    """What changed, in three words or so."""
    match finding.transition:
        case TransitionKind.CLEARED:
            return _over(finding)
        case TransitionKind.CORRECTED:
            return "corrected"
        case TransitionKind.WITHDRAWN:
            return "withdrawn" if finding.reason is Reason.ENTRY_WITHDRAWN else withdrawn_title(finding).lower()
        case TransitionKind.WORSENED if finding.reason is Reason.FURTHER_OUT:
            return f"further {in_short(finding)}"
        case TransitionKind.REMINDED | TransitionKind.ESCALATED | TransitionKind.HANDED_OVER:
            said = in_short(finding).removeprefix("down to ")
            return said if said.startswith("not yet") else f"still {said}"
    if finding.direction is Direction.IMPROVEMENT:
        return "better than usual"
    return f"changed, {in_short(finding)}" if finding.direction is Direction.CHANGED else in_short(finding)


def against(finding: Finding) -> str:
    """What the rule holds a figure against, which tells two rules of one measure and place apart."""
    return terms_of(finding).against


def _over(finding: Finding) -> str:
    if finding.reason is Reason.NOW_BETTER:
        return "no longer a concern"
    if finding.reason is Reason.RULE_CHANGED:
        return "rule changed"
    if finding.detector == "drift":
        return "no further drift"
    if over := grade_over(finding):
        return over[1]
    if finding.detector != "threshold":
        return "no longer so" if is_agreed(finding) else "back to usual"
    said = finding.condition is not None and finding.small is None
    return (
        f"no longer {condition_words(finding.condition, finding.unit)}"
        if said and finding.condition
        else "no longer so"
    )


def _label(finding: Finding) -> str:
    match finding.transition:
        case TransitionKind.REMINDED:
            return "Reminder"
        case TransitionKind.HANDED_OVER:
            return "Handed over to you"
        case TransitionKind.ESCALATED:
            return f"Passed on to you: {clean(finding.tier, 60)}" if finding.tier else "Passed on to you"
        case TransitionKind.WORSENED:
            return "Update"
    return {Direction.IMPROVEMENT: "Improvement", Direction.CHANGED: "A change"}.get(finding.direction, "Exception")


def _first(finding: Finding) -> str:
    stands = standing(finding)
    last = _last_known(finding)
    if last:
        return f"{_statement(finding)}. {last} {'was ' if stands else ''}{stands or 'stood out'}."
    if finding.direction is Direction.IMPROVEMENT:
        better = "better than usual, and it has lasted" if sustained(finding) else "better than usual"
        stands = f"{better}: {stands}" if stands else better
    return _statement(finding) + (f", {stands}." if stands else ".")


def _last_known(finding: Finding) -> str:
    """`The last one, 43% in November 2022,` where the period that is told of has no figure to say it of; else empty."""
    if finding.small is not None or finding.scale or finding.components or known(finding.value) is not None:
        return ""
    chart = finding.chart
    for point in reversed(() if chart is None else chart.points):
        value = shown_value(point)
        if value is not None and point.period != finding.period:
            return f"The last one, {style_of(finding).say(value)} {in_period(point.period, finding.grain)},"
    return "The last one"


def _statement(finding: Finding) -> str:
    head = subject_of(finding)
    if finding.components and finding.small is None and known(finding.value) is None:
        return f"{head[0].upper()}{head[1:]} {in_period(finding.period, finding.grain)}"
    return f"{head[0].upper()}{head[1:]}: {amount_in_period(finding)}"


def _usual(finding: Finding) -> str:
    if finding.small is not None:
        return "So small a number is not shown more exactly, and neither is what is usual for it."
    low, high = usual_range(finding)
    if finding.scale:
        before = grade_name(finding, finding.grade_before) if "overdue" in finding.low else None
        return f"The last grade was {before}." if before else ""
    if finding.gap:
        return _between(finding)
    edge = low if finding.low and not finding.high else high
    if finding.detector == "seasonal" and edge is not None:
        return _of_the_season(finding, edge)
    if finding.detector == "forecast":
        return _expected(finding)
    if finding.detector == "funnel" and low is not None and high is not None:
        target = known(finding.centre)
        together = f"; all together stand at {style_of(finding).say(target)}" if target is not None else ""
        return f"Places of its size can be expected to lie in {style_of(finding).span(low, high)}{together}."
    if finding.detector != "spc" or (low is None and high is None):
        return _level(finding)
    style, taken = style_of(finding), stretch(finding.baseline_from, finding.baseline_to, finding.grain)
    if low is not None and high is not None:
        usual = style.span(low, high)
    else:
        usual = f"{style.say(low)} or more" if low is not None else f"up to {style.say(high or 0.0)}"
    centre = known(finding.centre)
    shifted = "shift" in (*finding.low, *finding.high)
    level = f"usual level is {style.say(centre)} and its " if shifted and centre is not None else ""
    return f"Its {level}usual range is {usual}{f' ({taken})' if taken else ''}."


def _expected(finding: Finding) -> str:
    """What is expected of the coming period, and how sure that is."""
    expected, least = known(finding.centre), known(finding.lower)
    coming = read_period(finding.expected_in or "", finding.grain)
    if expected is None or coming is None:
        return ""
    style = style_of(finding)
    sure = "" if least is None else f", with {finding.confidence or 0:g}% confidence of more than {style.say(least)}"
    said = f"{style.say(round(expected) if finding.counted else expected)} expected in {in_sentence(coming)}{sure}."
    of = read_period(finding.capacity_of or "", finding.grain)
    return f"{said[0].upper()}{said[1:]}{'' if of is None else f' {capacity_words(of, coming)}'}"


def _between(finding: Finding) -> str:
    centre, taken = known(finding.centre), stretch(finding.baseline_from, finding.baseline_to, finding.grain)
    if centre is None:
        return _NOT_SHOWN if finding.range_rounded else ""
    return f"Usually there are about {style_of(finding).say(centre)} between one and the next{f' ({taken})' if taken else ''}."


def _of_the_season(finding: Finding, edge: float) -> str:
    """What could be expected, and the edge of what is usual on the side that stands out."""
    style, expected = style_of(finding), known(finding.centre)
    basis = f"after the {finding.grain.words}s just before it" if finding.recent else "for the time of year"
    below = finding.low and not finding.high
    usual = f"{style.say(edge)} or more" if below else f"up to {style.say(edge)}"
    about = f"About {style.say(expected)} could be expected {basis}, and {usual}" if expected is not None else usual
    return f"{about[0].upper()}{about[1:]} would have been usual."


def _level(finding: Finding) -> str:
    """The level of a chart that has no limits, or whose limits are not of the figure."""
    centre = known(finding.centre)
    if centre is None and finding.range_rounded and finding.detector in ("spc", "drift", "seasonal"):
        return _NOT_SHOWN
    if finding.detector not in ("spc", "drift") or centre is None:
        return ""
    taken = stretch(finding.baseline_from, finding.baseline_to, finding.grain)
    return f"Its usual level is {style_of(finding).say(centre)}{f' ({taken})' if taken else ''}."


def _back(finding: Finding) -> str:
    """What would have put it inside its usual range, in units that people count."""
    if finding.small is not None or finding.direction is Direction.IMPROVEMENT:
        return ""
    inside = terms_of(finding).inside.format(period=the_period(finding.period, finding.grain))
    if not inside:
        return ""
    more, nearest = finding.units_to_usual, known(finding.nearest_usual)
    if more:
        units = f"{count_word(abs(more))} {'more' if more > 0 else 'fewer'}{_of_what(finding)}"
        return sentence(f"{units} would have {inside}")
    if nearest is not None and nearest != known(finding.value):
        return f"A figure {_reaching(finding, nearest)} would have {inside}."
    return ""


def _of_what(finding: Finding) -> str:
    """More or fewer of what: ` of the 126`, ` hours`, ` than the 7,086 counted` where a rate has not said how many."""
    part, of = known(finding.numerator), known(finding.denominator)
    if is_percent(finding.unit):
        return f" of the {whole(of)}" if of is not None else ""
    if finding.counted:
        unit = clean(finding.unit or "", 30)
        return f" {unit}" if unit.endswith("s") and abs(finding.units_to_usual or 0) > 1 else ""
    return f" than the {whole(part)} counted" if part is not None else ""


def _reaching(finding: Finding, nearest: float) -> str:
    """`of 52%`, rounded towards what is usual; `above 85%` where that very figure would still have fired."""
    rises = nearest > (known(finding.value) or 0.0)
    if finding.condition is not None:
        level = authored(nearest, finding.unit)
        return f"{'above' if rises else 'below'} {level}" if finding.condition.holds(nearest) else f"of {level}"
    return f"of {style_of(finding).say_inward(nearest, upwards=rises)}"


def _caveats(finding: Finding) -> tuple[str, ...]:
    judgement = ("It is reported as a change, without judgement.",) if finding.direction is Direction.CHANGED else ()
    return (*judgement, *_two_points(finding), *(clean(one, 600) for one in finding.components), *caveats_of(finding))


def _two_points(finding: Finding) -> tuple[str, ...]:
    """That a comparison of two figures is one (R1)."""
    if not finding.compared:
        return ()
    why = clean(finding.accepted_noise or "", 120).rstrip(".")
    return (
        "This compares two figures only, which often differ by chance alone"
        + (f"; it is told all the same: {why}." if why else "."),
    )


def caveats_of(finding: Finding) -> tuple[str, ...]:
    """What to bear in mind about the data, a sentence each."""
    return tuple(sentence(with_articles(clean(caveat, 300))) for caveat in finding.caveats if clean(caveat))


def asked(finding: Finding, today: date, answer: str) -> str:
    """What is asked, by when, and how to answer."""
    wanted = {
        Direction.CONCERN: "what you found, or what you will do",
        Direction.CHANGED: "what lies behind it",
        Direction.DATA: "what you found, and when it will be put right",
    }.get(finding.direction)
    if wanted is None:
        return f"If you know what made the difference, {answer[0].lower()}{answer[1:]}, so that others can use it."
    when = f" by {day_name(finding.reply_by, today)}" if finding.reply_by is not None else ""
    return f"{answer}{when} and say {wanted}."


def theme_of(finding: Finding, today: date) -> str:
    """That its measure is the theme of a learning review, for which it has priority (R46)."""
    if finding.theme is None:
        return ""
    held = finding.theme.held
    which = f"the next learning review, on {day_words(held)}" if held > today else "today's learning review"
    if held < today:
        which = f"the learning review of {day_words(held)}"
    return sentence(f"Theme of {which}: {clean(finding.theme.words, 120)}")


def told_next(finding: Finding, today: date) -> str:
    """Who is told if nothing happens."""
    if not finding.told_next:
        return ""
    when = f" on {day_name(finding.told_next_on, today)}" if finding.told_next_on is not None else ""
    return f"{clean(finding.told_next, 80)} is told{when} if it lasts."


def also_told(finding: Finding) -> str:
    """Who else has this, and the places below whose own notices it stands for."""
    names = [clean(name, 60) for name in finding.also_told if clean(name)]
    told = f"Also told: {listed(names, 4)}." if names else ""
    places = [clean(name, 60) for name in finding.explains if clean(name)]
    below = f"The same holds for {listed(places, 6)}, which are not told of apart." if places else ""
    return " ".join(filter(None, (told, below)))


def on_chart(finding: Finding) -> tuple[str, ...]:
    """What a chart that is shown says besides its line: dated remarks, and the reference (R2: a line, no judgement)."""
    chart = finding.chart
    if chart is None or finding.small is not None:
        return ()
    lines = []
    for note in chart.notes:
        rebased = "; the usual range starts anew there" if note.rebase else ""
        lines.append(sentence(f"{period_words(note.period, chart.grain)}: {clean(note.text, 200)}{rebased}"))
    if chart.reference is not None and known(chart.reference.value) is not None:
        label = clean(chart.reference.label, 120)
        lines.append(sentence(f"a dotted line at {authored(chart.reference.value, chart.unit)}, {label}"))
    return tuple(lines)


def _ended(finding: Finding) -> Part:
    return Part(
        kind="ended",
        label=end_label(finding),
        place=place(finding.series),
        where=first_place(finding.series),
        against=against(finding),
        measure=measure_name(finding),
        short=short(finding),
        first=end_sentence(finding),
        quotes=quotes_of(finding.written, finding.period, finding.grain),
        unquoted=unquoted(finding.written),
        more_found=more_found(finding.written),
        caveats=caveats_of(finding),
        small_print=small_print(finding),
        on_chart=on_chart(finding),
    )
