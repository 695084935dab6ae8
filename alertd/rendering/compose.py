"""A notice in words: its findings as parts, in sections, with what holds for all of them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from alertd.core.cases import Direction
from alertd.core.findings import Finding, Notice
from alertd.core.owners import Via
from alertd.core.periods import day_words
from alertd.rendering.brevity import brief
from alertd.rendering.clean import clean
from alertd.rendering.data_words import data_part, ended_data_part
from alertd.rendering.phrases import first_place
from alertd.rendering.subject import marking_of, subject_line, summary_of
from alertd.rendering.view import Part, Picture, Section, View
from alertd.rendering.words import REPLY, part_of

_HEADINGS = {
    "exceptions": "What stands out",
    "data": "Figures that need attention",
    "ended": "Closed",
    "improvement": "Better than usual",
}
_LAST = ("improvement", "ended")
_VIA = {
    Via.DEPUTY: "You have this as deputy while the post-holder is away.",
    Via.ROLE_ACCOUNT: "This is the post's shared mailbox: nobody holds the post now.",
    Via.FALLBACK: "You have this because nobody holds the post.",
    Via.ABOVE: "You have this because the figures are of more than one place.",
    Via.UNALLOCATED: "You have this because the figures belong to no place.",
    Via.REFUSED: "You have this because the first address was refused.",
    Via.OPS: "You have this because no owner could be found.",
}


def compose(notice: Notice, pictures: Mapping[int, Picture]) -> View:
    """The whole notice in words; `pictures` are charts by the place of their finding in the notice."""
    sections = _told_apart(_sections(notice, pictures))
    parts = tuple(part for section in sections for part in section.parts)
    shared = _asked_of_all(parts)
    if shared:
        sections = tuple(replace(s, parts=tuple(replace(part, asked="") for part in s.parts)) for s in sections)
    marking = marking_of(notice)
    summary = summary_of(parts, data=all(finding.direction is Direction.DATA for finding in notice.findings))
    return View(
        marking=marking,
        subject=subject_line(marking, summary),
        summary=summary,
        sections=sections,
        asked=shared,
        footer=_footer(notice),
    )


def _sections(notice: Notice, pictures: Mapping[int, Picture]) -> tuple[Section, ...]:
    """Sections in the order of their first, so most serious, finding; improvement stands apart, and what is over ends."""
    groups: dict[str, list[tuple[Finding, Picture | None]]] = {}
    for index, finding in enumerate(notice.findings):
        groups.setdefault(_group(finding), []).append((finding, pictures.get(index)))
    ordered = sorted(groups, key=lambda name: _LAST.index(name) if name in _LAST else -1)
    made = {name: _parts(groups[name], notice) for name in ordered}
    several = sum(map(len, made.values())) > 1
    return tuple(Section(heading=_HEADINGS[name] if several else "", parts=made[name]) for name in ordered)


def _parts(findings: Sequence[tuple[Finding, Picture | None]], notice: Notice) -> tuple[Part, ...]:
    """A part for each finding, and one for the same data fault of one rule wherever it is."""
    together: dict[tuple[str, ...], list[tuple[Finding, Picture | None]]] = {}
    for index, (finding, picture) in enumerate(findings):
        together.setdefault(_sameness(finding, index), []).append((finding, picture))
    return tuple(brief(_part([finding for finding, _ in same], same[0][1], notice)) for same in together.values())


def _sameness(finding: Finding, index: int) -> tuple[str, ...]:
    """What findings have in common that are told as one; every finding but a data fault stands alone."""
    if finding.direction is not Direction.DATA:
        return (str(index),)
    return (finding.rule, finding.transition.value, finding.period, *sorted({*finding.high, *finding.low}))


def _part(findings: Sequence[Finding], picture: Picture | None, notice: Notice) -> Part:
    first = findings[0]
    if first.direction is Direction.DATA:
        if first.transition.ends:
            return ended_data_part(findings)
        return data_part(findings, notice.day, _answer(first, notice))
    part = replace(part_of(first, notice.day, _answer(first, notice)), picture=picture)
    return replace(part, first=_placeless(part.first, notice))


def _placeless(first: str, notice: Notice) -> str:
    """The first sentence with "in Not located" put as what it is, where that is known of the figures that it is about."""
    series = {tuple(finding.series.items()) for finding in notice.findings if finding.direction is not Direction.DATA}
    if notice.recipient.via is not Via.UNALLOCATED or len(series) != 1:
        return first
    name = first_place(dict(*series))
    return first.replace(f" in {name}:", f" with no place ({name}):", 1)


def _answer(finding: Finding, notice: Notice) -> str:
    """How to answer: a reply reaches the analyst only where all findings share one."""
    shared = len({other.analyst for other in notice.findings}) == 1
    return REPLY if shared or not finding.analyst else f"Write to {clean(finding.analyst, 120)}"


def _group(finding: Finding) -> str:
    if finding.transition.ends:
        return "ended"
    return {Direction.DATA: "data", Direction.IMPROVEMENT: "improvement"}.get(finding.direction, "exceptions")


def _asked_of_all(parts: Sequence[Part]) -> str:
    """What is asked, where every part that asks anything asks the same; said once at the end then."""
    asks = [part.asked for part in parts if part.asked]
    return asks[0].replace("say", "say, for each,", 1) if len(asks) > 1 and len(set(asks)) == 1 else ""


def _told_apart(sections: tuple[Section, ...]) -> tuple[Section, ...]:
    """Parts of one place and measure that are held against different things say which, in their three words."""
    seen = Counter((part.place, part.measure) for section in sections for part in section.parts)

    def apart(part: Part) -> Part:
        if seen[part.place, part.measure] < 2 or not part.against or part.against.split()[0] in part.short:
            return part
        return replace(part, short=f"{part.short} ({part.against})")

    return tuple(replace(section, parts=tuple(map(apart, section.parts))) for section in sections)


def _footer(notice: Notice) -> tuple[str, ...]:
    to = clean(notice.recipient.name, 80)
    why = _VIA.get(notice.recipient.via, "")
    if len(notice.findings) > 1:  # one letter may hold what came to the same address for different reasons
        why = why.replace("You have this", "You have this, or some of it,", 1)
    return tuple(
        line for line in (f"Sent to {to} by {clean(notice.instance, 60)} on {day_words(notice.day)}.", why) if line
    )
