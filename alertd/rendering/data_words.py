"""Data faults in words, for data stewards: what is wrong, since when, and what cannot be judged until it is put right."""

from collections.abc import Sequence
from datetime import date

from alertd.core.cases import Reason, TransitionKind
from alertd.core.findings import Finding
from alertd.rendering.clean import clean
from alertd.rendering.fault_words import fault_words, of_the_whole, what_is_wrong
from alertd.rendering.lasting import how_long
from alertd.rendering.phrases import (
    first_place,
    is_place,
    listed,
    measure_name,
    place,
    places_of,
    read_period,
    sentence,
    the_period,
)
from alertd.rendering.small_print import small_print
from alertd.rendering.view import Part
from alertd.rendering.words import REPLY, also_told, asked, caveats_of, theme_of, told_next

_NAMED = 200
_LABELS = {
    TransitionKind.REMINDED: "Data fault: reminder",
    TransitionKind.ESCALATED: "Data fault: passed on to you",
    TransitionKind.CORRECTED: "Arrived",
    TransitionKind.CLEARED: "Arrived",
    TransitionKind.WITHDRAWN: "Rule withdrawn",
}


def data_part(findings: Sequence[Finding], today: date, answer: str = REPLY) -> Part:
    """One part for one data fault, or for the same fault of one rule at several series."""
    first = findings[0]
    faults = [fault for finding in findings for fault in finding.faults if clean(fault)]
    listed_faults = [] if len(findings) == 1 and of_the_whole(faults) else _faults(findings)
    in_all = sum(max(finding.faults_in_all, len(finding.faults)) for finding in findings)
    return Part(
        kind="data",
        findings=len(findings),
        label=_LABELS.get(first.transition, "Data fault"),
        place=_place(findings),
        where=first_place(first.series) if first.series and len(findings) == 1 else _place(findings),
        measure=measure_name(first),
        short=_short(first, faults),
        first=_first(findings, faults),
        usual=_newest(first),
        lasting=how_long(first),
        details=tuple(listed_faults[:_NAMED]),
        unlisted=max(0, in_all - len(listed_faults[:_NAMED])) if listed_faults else 0,
        back=_until(findings),
        caveats=caveats_of(first),
        advice=sentence(clean(first.advice or "", 2000)),
        theme=theme_of(first, today),
        asked=asked(first, today, answer),
        told_next=told_next(first, today),
        also_told=also_told(first),
        small_print=_small_print(findings),
    )


def _short(finding: Finding, faults: Sequence[str]) -> str:
    if finding.detector != "freshness":
        return what_is_wrong(faults)[1]
    few = "few" if finding.low == ("shrunk",) else "no"
    return f"{few} figures for {the_period(finding.period, finding.grain)}"


def ended_data_part(findings: Sequence[Finding]) -> Part:
    """One part for one data fault that is over, or for the same fault of one rule at several series."""
    first = findings[0]
    fresh, withdrawn = first.detector == "freshness", first.transition is TransitionKind.WITHDRAWN
    arrived = "figures have arrived" if fresh else "figures in order again"
    label, short = _LABELS[first.transition] if fresh or withdrawn else "In order again", arrived
    if first.reason is Reason.RULE_CHANGED:
        label, short = "Rule changed", "rule changed"
    return Part(
        kind="ended",
        findings=len(findings),
        label=label,
        place=_place(findings),
        where=first_place(first.series) if first.series and len(findings) == 1 else _place(findings),
        measure=measure_name(first),
        short="rule withdrawn" if withdrawn else short,
        first=f"{measure_name(first)}{_over(findings)}",
        caveats=_still_missing(findings),
        small_print=_small_print(findings),
    )


def _place(findings: Sequence[Finding]) -> str:
    if len(findings) > 1:
        many = places_of(findings)
        return many[0].upper() + many[1:]
    return place(findings[0].series) if findings[0].series else "Data"


def _first(findings: Sequence[Finding], faults: Sequence[str]) -> str:
    first, name = findings[0], measure_name(findings[0])
    if first.detector == "freshness" and first.low == ("shrunk",):
        return f"{name}: far fewer places than usual have figures for {the_period(first.period, first.grain)}."
    if first.detector == "freshness":
        return f"{name}: figures for {the_period(first.period, first.grain)} have not arrived{_where(findings)}."
    whole = of_the_whole(faults) if len(findings) == 1 else ""
    if whole:
        return f"{name}: {whole[0].lower()}{whole[1:]}"
    return f"{name}: {what_is_wrong(faults)[0]}{_where(findings)}."


def _where(findings: Sequence[Finding]) -> str:
    """` in Rossenshaw`, ` in 14 districts (Brunford, Chorwell and 12 more)`; nothing for a whole measure."""
    series = findings[0].series
    if len(findings) > 1:
        return f" in {places_of(findings)} ({listed([place(finding.series) for finding in findings], 4)})"
    return f" {'in' if all(map(is_place, series)) else 'for'} {place(series)}" if series else ""


def _newest(finding: Finding) -> str:
    """Which figures are the newest, where those that are due come after them."""
    due = read_period(finding.period, finding.grain)
    newest = read_period(finding.data_to, finding.grain) if finding.data_to else None
    if finding.detector != "freshness" or due is None or newest is None or newest.slot >= due.slot:
        return ""
    return f"The newest figures are for {the_period(str(newest), finding.grain)}."


def _until(findings: Sequence[Finding]) -> str:
    if findings[0].detector != "freshness":
        return "Until it is put right, these figures are not judged, and silence about them means nothing."
    there = " there" if findings[0].series else ""
    return f"Until they arrive, this measure cannot be judged{there}, and silence about it means nothing."


def _over(findings: Sequence[Finding]) -> str:
    """How a fault ended: only what came is said to have come."""
    first = findings[0]
    told = [clean(finding.told_number, 40) for finding in findings if finding.told_number]
    notice = f"notice {told[0]}" if len(findings) == len(told) == 1 else "the earlier notice"
    notice = notice if len(findings) == 1 else f"{places_of(findings).split()[0]} notices"
    if first.transition is TransitionKind.WITHDRAWN:
        return f": the rule behind {notice} was withdrawn, so nothing more is asked of you about it."
    if first.reason is Reason.RULE_CHANGED:
        return f": the rule behind {notice} was changed, and as it now reads there is no fault{_where(findings)}."
    if first.detector == "freshness":
        when = the_period(first.period, first.grain)
        return f": figures for {when} have arrived{_where(findings)}. This closes {notice}."
    return f": the figures are in order again{_where(findings)}. This closes {notice}."


def _still_missing(findings: Sequence[Finding]) -> tuple[str, ...]:
    """What is known to be missing still, once where it is the same everywhere."""
    said: dict[str, list[str]] = {}
    for finding in findings:
        for caveat in caveats_of(finding):
            said.setdefault(_as_missing(caveat, finding), []).append(place(finding.series))
    return tuple(
        caveat if len(places) == len(findings) else f"{listed(places, 4)}: {caveat}" for caveat, places in said.items()
    )


def _as_missing(caveat: str, finding: Finding) -> str:
    if finding.detector != "freshness":
        return caveat
    head, tail = "There are no figures for ", " have no figures."
    if caveat.startswith(head):
        return sentence(f"{caveat.removeprefix(head).removesuffix('.')} is still missing")
    return f"{caveat.removesuffix(tail)} are still missing." if caveat.endswith(tail) else caveat


def _faults(findings: Sequence[Finding]) -> list[str]:
    several = len(findings) > 1
    return [
        f"{place(finding.series)}: {fault_words(fault)}" if several else fault_words(fault)
        for finding in findings
        for fault in finding.faults
        if clean(fault)
    ]


def _small_print(findings: Sequence[Finding]) -> tuple[str, ...]:
    lines = list(small_print(findings[0]))
    if len(findings) > 1:
        lines[0] = f"Notices {listed([clean(finding.number, 40) for finding in findings], 40)}."
        told = [clean(finding.told_number, 40) for finding in findings if finding.told_number]
        lines.extend([f"First told in {listed(told, 40)}."] if told else [])
        lines.append(f"Places: {listed([place(finding.series) for finding in findings], 200)}.")
    return tuple(lines)
