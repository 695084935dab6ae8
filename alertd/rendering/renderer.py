"""From a notice to a letter: words, charts, templates, MIME."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from pathlib import Path

from jinja2 import TemplateSyntaxError

from alertd.core.findings import Finding, Notice, quoted
from alertd.core.letters import Letter
from alertd.core.owners import OPS
from alertd.rendering.charts import Drawing, alt_text, draw, png
from alertd.rendering.clean import clean, shorten
from alertd.rendering.compose import compose
from alertd.rendering.families import range_words
from alertd.rendering.headers import domain_of
from alertd.rendering.mime import message_bytes, message_id_for
from alertd.rendering.plain import html_of_lines, plain_html, plain_text
from alertd.rendering.sandbox import MOST_SECONDS, TemplateBoundError, environment, run
from alertd.rendering.subject import MOST, subject_line
from alertd.rendering.view import Picture, View

_MESSAGE_ID = re.compile(r"<[!-;=?-~]{3,250}>")
_PIXELS = 750  # twice a phone's 335 CSS pixels, and more than a wide screen's 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """A rendered notice, part by part. `images` and `svgs` are by content id; `fell_back` says that a template failed."""

    subject: str
    text: str
    html: str
    images: dict[str, bytes]
    svgs: dict[str, str]
    fell_back: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateProblem:
    """A home's template that failed, for ops."""

    template: str
    message: str

    def __str__(self) -> str:
        return f"templates/{self.template}: {self.message}; the built-in plain text is sent instead"


class Renderer:
    """Renders notices with the templates of a home, which come before the shipped ones of the same name."""

    def __init__(self, templates: Path | None = None, *, template_seconds: float = MOST_SECONDS) -> None:
        """Use the templates of a home's `templates/` folder, where there is one, each for at most so many seconds."""
        self._environment = environment(templates)
        self._seconds = template_seconds
        self._given_up: set[str] = set()
        self.fallbacks: list[TemplateProblem] = []
        """Each template problem met so far, once."""

    def parts(self, notice: Notice) -> Parts:
        """The notice's subject, text, HTML and charts."""
        view, svgs = _composed(notice)
        subject, text, html, fell_back = self._words(view)
        images = {cid: png(svg, _PIXELS) for cid, svg in svgs.items()}
        return Parts(subject=subject, text=text, html=html, images=images, svgs=svgs, fell_back=fell_back)

    def words(self, notice: Notice) -> tuple[str, str]:
        """The notice's subject and text alone, which takes a tenth of the time: no chart is painted."""
        subject, text, _, _ = self._words(_composed(notice)[0])
        return subject, text

    def letter(
        self,
        notice: Notice,
        *,
        sender: str,
        first_message_ids: Mapping[str, str],
        now: datetime,
        message_id: str | None = None,
    ) -> Letter:
        """The notice as a letter; `first_message_ids` are those of the first letters of its cases, by case id.

        `message_id` is the one that it goes by already, of a letter that is written anew.
        """
        parts = self.parts(notice)
        keys = tuple(finding.key for finding in notice.findings)
        numbers = (finding.number for finding in notice.findings)
        message_id = message_id or message_id_for(
            domain_of(sender), notice.instance, notice.recipient.email, *keys, *numbers
        )
        analysts = {finding.analyst for finding in notice.findings}
        earlier = (first_message_ids.get(finding.case, "") for finding in notice.findings)
        message = message_bytes(
            sender=sender,
            to_address=notice.recipient.email,
            to_name=notice.recipient.name,
            subject=parts.subject,
            text=parts.text,
            html=parts.html,
            images=parts.images,
            message_id=message_id,
            keys=keys,
            now=now,
            reply_to=next(iter(analysts)) if len(analysts) == 1 else None,
            references=tuple(
                dict.fromkeys(known for known in earlier if _MESSAGE_ID.fullmatch(known) and known != message_id)
            ),
        )
        return Letter(
            id=message_id[1:13],
            message_id=message_id,
            channel=notice.channel,
            recipient=notice.recipient.email,
            recipient_name=clean(notice.recipient.name, 120),
            owner=notice.recipient.owner,
            deputy=notice.recipient.deputy,
            subject=parts.subject,
            message=message,
            keys=keys,
            made_at=now,
        )

    def ops_letter(
        self,
        *,
        instance: str,
        address: str,
        channel: str,
        sender: str,
        subject: str,
        lines: Sequence[str],
        now: datetime,
    ) -> Letter:
        """A letter to operations about alertd itself; no template, no chart, no figure of any measure."""
        name, marking = clean(instance, 60), "OFFICIAL"
        line = f"{marking} - {shorten(clean(f'alertd {name}: {subject}'), MOST - 3)}"
        key = f"ops/{quoted(clean(subject, 80))}/{now:%Y-%m-%dT%H:%M}/opened"
        message_id = message_id_for(domain_of(sender), instance, address, key, *lines)
        listed = any(each.startswith("- ") for each in lines)  # it has its own points, with words before and after them
        blocks = [
            marking,
            clean(subject),
            "\n".join(clean(each, 1000) if listed else f"- {clean(each, 1000)}" for each in lines),
            f"Sent by alertd {name}.",
            marking,
        ]
        message = message_bytes(
            sender=sender,
            to_address=address,
            to_name="Operations",
            subject=line,
            text="\n\n".join(block for block in blocks if block) + "\n",
            html=html_of_lines(line, blocks),
            images={},
            message_id=message_id,
            keys=(key,),
            now=now,
        )
        return Letter(
            id=message_id[1:13],
            message_id=message_id,
            channel=channel,
            recipient=address,
            recipient_name="Operations",
            owner=OPS,
            deputy=None,
            subject=line,
            message=message,
            keys=(key,),
            made_at=now,
        )

    def _words(self, view: View) -> tuple[str, str, str, bool]:
        """Subject, text and HTML by the templates; without any of them where one fails."""
        made = [self._run(name, view) for name in ("subject.txt.j2", "notice.txt.j2", "notice.html.j2")]
        subject, text, html = made
        if subject is None or text is None or html is None:
            return view.subject, plain_text(view), plain_html(view), True
        return _marked_subject(view, subject), _marked_text(view, text), _marked_html(view, html), False

    def _run(self, name: str, view: View) -> str | None:
        if name in self._given_up:
            return None
        try:
            text = run(self._environment, name, {"view": view}, self._seconds)
            return inline(text) if ".html." in name else text
        except Exception as error:  # noqa: BLE001 - a template is foreign code: whatever it does, the notice survives
            self._note(name, error)
            if isinstance(error, TemplateBoundError):
                self._given_up.add(name)  # else each letter of a round would wait for it anew
            return None

    def _note(self, name: str, error: Exception) -> None:
        where = getattr(error, "name", None) or name
        line = f", line {error.lineno}" if isinstance(error, TemplateSyntaxError) else ""
        problem = TemplateProblem(
            template=str(where), message=f"{type(error).__name__}{line}: {clean(str(error), 300)}"
        )
        if problem not in self.fallbacks:
            self.fallbacks.append(problem)


def inline(html: str) -> str:
    """HTML with its styles moved into the elements; media queries stay where they are."""
    from css_inline import CSSInliner  # noqa: PLC0415 - a compiled library that only letters need

    return str(CSSInliner(load_remote_stylesheets=False, keep_at_rules=True).inline(html))


def _composed(notice: Notice) -> tuple[View, dict[str, str]]:
    """What a notice says, and the charts that are shown in it, as SVG by content id."""
    drawings = {index: drawing_of(finding) for index, finding in enumerate(notice.findings) if _has_chart(finding)}
    pictures = {index: _picture(notice, index, drawing) for index, drawing in drawings.items()}
    view = compose(notice, pictures)
    shown = {part.picture.cid for part in view.parts if part.picture is not None}
    return view, {
        pictures[index].cid: drawing.svg for index, drawing in drawings.items() if pictures[index].cid in shown
    }


def _has_chart(finding: Finding) -> bool:
    return finding.chart is not None and bool(finding.chart.points) and finding.small is None


def drawing_of(finding: Finding) -> Drawing:
    """The picture of a finding that has a chart."""
    assert finding.chart is not None  # _has_chart has seen to it
    chart = finding.chart
    if finding.gap and "astronomical" in finding.high:  # the last few gaps are short together; each lies in the band
        chart = chart.model_copy(update={"lower": None, "upper": None})
    return draw(
        chart,
        label=alt_text(finding),
        agreed=finding.detector == "threshold",
        counted=finding.counted,
        stretch=(finding.since, finding.period) if finding.since else None,
        usual=range_words(finding),
    )


def _picture(notice: Notice, index: int, drawing: Drawing) -> Picture:
    finding = notice.findings[index]
    identity = message_id_for("alertd", notice.instance, finding.number, finding.key, str(index))
    return Picture(
        cid=f"chart-{index + 1}.{identity[1:-1]}", alt=alt_text(finding), width=drawing.width, height=drawing.height
    )


def _marked_subject(view: View, subject: str) -> str:
    """A template's subject on one line, with the marking at its head and no longer than may be (R29, R36)."""
    line = clean(subject, 1000).removeprefix(view.marking).lstrip(" -:")
    return subject_line(view.marking, shorten(line or view.summary, MOST - 3))


def _marked_text(view: View, text: str) -> str:
    text = text.strip() + "\n"
    return text if text.startswith(view.marking) else f"{view.marking}\n\n{text}"


def _marked_html(view: View, html: str) -> str:
    """A template's HTML, with the marking put at its head where the template left it out (R29)."""
    body = re.search(r"<body[^>]*>", html)
    head = body.end() if body else 0
    shown = " ".join(re.sub(r"<[^>]*>", " ", html[head : head + 4000]).split())
    if shown.startswith(escape(view.marking)):
        return html
    return f"{html[:head]}<p><strong>{escape(view.marking)}</strong></p>{html[head:]}"
