"""Data faults in words, for data stewards: what is wrong, since when, and what cannot be judged until it is put right."""

from collections.abc import Sequence
from datetime import date

from alertd.core.cases import TransitionKind
from alertd.core.findings import Finding
from alertd.rendering.clean import clean
from alertd.rendering.figures import count_word
from alertd.rendering.lasting import how_long
from alertd.rendering.phrases import listed, measure_name, place, sentence, subject_of
from alertd.rendering.small_print import small_print
from alertd.rendering.view import Part
from alertd.rendering.words import REPLY, also_told, asked, told_next

_NAMED = 200


def data_part(findings: Sequence[Finding], today: date, answer: str = REPLY) -> Part:
    """One part for one data fault, or for the same fault of one rule at several series."""
    first = findings[0]
    faults = _faults(findings)
    return Part(
        kind="data",
        label={
            TransitionKind.REMINDED: "Data fault: reminder",
            TransitionKind.ESCALATED: "Data fault: passed on to you",
        }.get(first.transition, "Data fault"),
        place=_where(findings),
        measure=measure_name(first),
        short=f"figures {state_of(first)}",
        first=_first(findings),
        lasting=how_long(first),
        details=tuple(faults[:_NAMED]),
        unlisted=max(0, sum(max(f.faults_in_all, len(f.faults)) for f in findings) - len(faults[:_NAMED])),
        back="Until it is put right, these figures are not judged, and silence about them means nothing.",
        caveats=tuple(sentence(clean(caveat, 300)) for caveat in first.caveats if clean(caveat)),
        advice=sentence(clean(first.advice or "", 2000)),
        asked=asked(first, today, answer),
        told_next=told_next(first, today),
        also_told=also_told(first),
        small_print=_small_print(findings),
    )


def _where(findings: Sequence[Finding]) -> str:
    if len(findings) > 1:
        return f"{len(findings):,} series"
    return place(findings[0].series) if findings[0].series else "Data"


def state_of(finding: Finding) -> str:
    """What is wrong in a word: `late`, `missing`, `late and missing`, `with faults`."""
    signals = (*finding.high, *finding.low)
    named = [name for name in ("late", "missing") if name in signals]
    return " and ".join(named) or "with faults"


def _first(findings: Sequence[Finding]) -> str:
    first, state = findings[0], state_of(findings[0])
    if state == "with faults":
        head, what = "Some figures", "cannot be used"
    else:
        head, what = "Figures", f"are {state}"
    if len(findings) == 1:
        about = subject_of(first) if first.series else measure_name(first)
        return f"{head} for {about} {what}."
    places = listed([place(finding.series) for finding in findings], 4)
    return f"{head} for {measure_name(first)} {what} in {count_word(len(findings))} series: {places}."


def _faults(findings: Sequence[Finding]) -> list[str]:
    several = len(findings) > 1
    return [
        sentence(f"{place(finding.series)}: {clean(fault, 200)}" if several else clean(fault, 200))
        for finding in findings
        for fault in finding.faults
        if clean(fault)
    ]


def _small_print(findings: Sequence[Finding]) -> tuple[str, ...]:
    lines = list(small_print(findings[0]))
    if len(findings) > 1:
        numbers = listed([clean(finding.number, 40) for finding in findings], 40)
        lines[0] = f"Notices {numbers}."
        lines.append(f"Series: {listed([place(finding.series) for finding in findings], 200)}.")
    return tuple(lines)
