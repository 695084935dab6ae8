"""What templates are given: the words of a notice, ready to print, as frozen plain data."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A chart: the id that the HTML refers to, its text for those who do not see it, its size in CSS pixels."""

    cid: str
    alt: str
    width: int
    height: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Words from the warehouse, and the sentence that says whose they are. They hold no double quotation mark."""

    lead: str
    words: str

    @property
    def text(self) -> str:
        """Both in a line."""
        return f'{self.lead} "{self.words}"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One exception in words. Empty text means that there is nothing to say; `first` is never empty."""

    kind: str
    """concern, improvement, changed, data or ended."""
    findings: int = 1
    """How many findings it tells of: the same data fault at many places is one part."""
    label: str
    """What sort of message it is: `New exception`, `Reminder`, `Back to usual`."""
    place: str
    measure: str
    short: str
    """What changed, in three words."""
    where: str = ""
    """The one place it is best known by, for a subject that names several."""
    against: str = ""
    """What the figure is held against: `usual range`, `agreed level`."""
    first: str
    usual: str = ""
    lasting: str = ""
    signs: tuple[str, ...] = ()
    quotes: tuple[Quote, ...] = ()
    """What assessors wrote of it."""
    unquoted: int = 0
    """How many findings there are beyond `quotes`."""
    more_found: str = ""
    """The same as a sentence, or that their words are withheld."""
    back: str = ""
    caveats: tuple[str, ...] = ()
    advice: str = ""
    theme: str = ""
    """That it is the theme of a learning review."""
    asked: str = ""
    told_next: str = ""
    also_told: str = ""
    details: tuple[str, ...] = ()
    """A list under the first sentence: data faults."""
    unlisted: int = 0
    """How many faults there are beyond `details`."""
    more: str = ""
    """The same as a sentence."""
    small_print: tuple[str, ...] = ()
    picture: Picture | None = None
    on_chart: tuple[str, ...] = ()
    """Dated remarks on the chart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Parts that belong together; the heading is empty in a notice of one part."""

    heading: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A whole notice in words."""

    marking: str
    subject: str
    """The whole subject line, marking first."""
    summary: str
    """The subject without its marking."""
    sections: tuple[Section, ...]
    asked: str
    """What is asked of every part alike; empty where each part says its own."""
    footer: tuple[str, ...]

    @property
    def parts(self) -> tuple[Part, ...]:
        """Every part in the order of the notice."""
        return tuple(part for section in self.sections for part in section.parts)

    @property
    def digest(self) -> bool:
        """Whether there is more than one part."""
        return len(self.parts) > 1
