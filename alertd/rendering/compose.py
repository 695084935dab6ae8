"""A notice in words: its findings as parts, in sections, with what holds for all of them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from alertd.core.cases import Direction
from alertd.core.findings import Finding, Notice
from alertd.core.owners import Via
from alertd.core.periods import day_words
from alertd.rendering.brevity import brief
from alertd.rendering.clean import clean
from alertd.rendering.data_words import data_part
from alertd.rendering.subject import marking_of, subject_line, summary_of
from alertd.rendering.view import Part, Picture, Section, View
from alertd.rendering.words import REPLY, is_ended, part_of

_HEADINGS = {
    "exceptions": "What stands out",
    "data": "Figures that need attention",
    "ended": "Closed",
    "improvement": "Better than usual",
}
_VIA = {
    Via.DEPUTY: "You have this as deputy while the post-holder is away.",
    Via.FALLBACK: "You have this because nobody holds the post.",
    Via.UNALLOCATED: "You have this because the figures belong to no place.",
    Via.REFUSED: "You have this because the first address was refused.",
    Via.OPS: "You have this because no owner could be found.",
}


def compose(notice: Notice, pictures: Mapping[int, Picture]) -> View:
    """The whole notice in words; `pictures` are charts by the place of their finding in the notice."""
    sections = _sections(notice, pictures)
    parts = tuple(part for section in sections for part in section.parts)
    shared = _asked_of_all(parts)
    if shared:
        sections = tuple(replace(s, parts=tuple(replace(part, asked="") for part in s.parts)) for s in sections)
    marking = marking_of(notice)
    summary = summary_of(parts, sum(_group(finding) == "data" for finding in notice.findings))
    return View(
        marking=marking,
        subject=subject_line(marking, summary),
        summary=summary,
        sections=sections,
        asked=shared,
        footer=_footer(notice),
    )


def _sections(notice: Notice, pictures: Mapping[int, Picture]) -> tuple[Section, ...]:
    """Sections in the order of their first, so most serious, finding; improvement always comes last."""
    groups: dict[str, list[tuple[Finding, Picture | None]]] = {}
    for index, finding in enumerate(notice.findings):
        groups.setdefault(_group(finding), []).append((finding, pictures.get(index)))
    ordered = sorted(groups, key=lambda name: name == "improvement")
    made = {name: _parts(name, groups[name], notice) for name in ordered}
    several = sum(map(len, made.values())) > 1
    return tuple(Section(heading=_HEADINGS[name] if several else "", parts=made[name]) for name in ordered)


def _parts(group: str, findings: Sequence[tuple[Finding, Picture | None]], notice: Notice) -> tuple[Part, ...]:
    today = notice.day
    if group != "data":
        return tuple(
            brief(replace(part_of(finding, today, _answer(finding, notice)), picture=picture))
            for finding, picture in findings
        )
    same: dict[tuple[str, ...], list[Finding]] = {}
    for finding, _ in findings:
        kind = (finding.rule, finding.transition.value, finding.period, *sorted({*finding.high, *finding.low}))
        same.setdefault(kind, []).append(finding)
    return tuple(brief(data_part(members, today, _answer(members[0], notice))) for members in same.values())


def _answer(finding: Finding, notice: Notice) -> str:
    """How to answer: a reply reaches the analyst only where all findings share one."""
    shared = len({other.analyst for other in notice.findings}) == 1
    return REPLY if shared or not finding.analyst else f"Write to {clean(finding.analyst, 120)}"


def _group(finding: Finding) -> str:
    if is_ended(finding):
        return "ended"
    return {Direction.DATA: "data", Direction.IMPROVEMENT: "improvement"}.get(finding.direction, "exceptions")


def _asked_of_all(parts: Sequence[Part]) -> str:
    """What is asked, where every part that asks anything asks the same; said once at the end then."""
    asks = [part.asked for part in parts if part.asked]
    return asks[0].replace("say", "say, for each,", 1) if len(asks) > 1 and len(set(asks)) == 1 else ""


def _footer(notice: Notice) -> tuple[str, ...]:
    to = clean(notice.recipient.name, 80)
    lines = [f"Sent to {to} by {clean(notice.instance, 60)} on {day_words(notice.day)}."]
    lines.append(_VIA.get(notice.recipient.via, ""))
    return tuple(line for line in lines if line)
