"""A home's own templates: they may change everything, except that the notice arrives."""

import re
import time
from pathlib import Path

import pytest

from alertd.rendering import Renderer
from alertd.rendering.sandbox import SHIPPED
from tests.edges.rendering.reading import html_of, letter, read, text_of
from tests.edges.rendering.samples import finding


def home(folder: Path, **templates: str) -> Renderer:
    """A renderer over a home's `templates/` folder; `__` in a name stands for a dot."""
    for name, text in templates.items():
        (folder / (name.replace("__", ".") + ".j2")).write_text(text)
    return Renderer(folder, template_seconds=0.4)


def test_a_home_template_may_extend_the_shipped_one(tmp_path: Path) -> None:
    renderer = home(
        tmp_path,
        notice__html='{% extends "shipped/notice.html.j2" %}'
        "{% block foot %}<tr><td>Ask <b>{{ view.footer[0] }}</b></td></tr>{% endblock %}",
        notice__txt='{% extends "shipped/notice.txt.j2" %}{% block foot %}Ask the desk.{% endblock %}',
    )
    message = read(letter(finding(), renderer=renderer))
    assert "<b>Sent to Supt A Example" in html_of(message)
    assert text_of(message).rstrip().endswith("Ask the desk.")
    assert renderer.fallbacks == []


def test_a_home_subject_keeps_its_marking_and_its_length(tmp_path: Path) -> None:
    """R29, R36."""
    renderer = home(tmp_path, subject__txt="{{ view.parts[0].place }}\r\nBcc: x@example.com " + "and so on " * 30)
    subject = read(letter(finding(), renderer=renderer))["Subject"]
    assert subject.startswith("OFFICIAL - Burnley Bcc: x@example.com and so on")
    assert len(subject) <= len("OFFICIAL") + 65


def test_a_home_template_without_the_marking_gets_it(tmp_path: Path) -> None:
    """R29."""
    renderer = home(
        tmp_path,
        notice__txt="Hello {{ view.parts[0].first }}",
        notice__html="<html><body class='x'><p>{{ view.parts[0].first }}</p></body></html>",
    )
    message = read(letter(finding(), renderer=renderer))
    assert text_of(message).startswith("OFFICIAL\n\nHello ")
    assert re.sub(r"<[^>]*>", " ", html_of(message)).split()[0] == "OFFICIAL"


BROKEN = {
    "syntax": "{% if %}",
    "unknown name": "{{ view.nonsense }}",
    "endless calls": "{% macro m(n) %}{% for a in view.subject %}{{ m(n) }}{% endfor %}{% endmacro %}{{ m(1) }}",
    "silent endless loop": "{% for a in view.subject %}" * 8 + "{% endfor %}" * 8,
    "too long": "{% for a in view.subject %}" * 4 + "{{ view.subject }}" * 30 + "{% endfor %}" * 4,
    "recursion": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "includes itself": "{% include 'notice.txt.j2' %}",
    "huge string": "{{ 'a' * 9000000000 }}",
    "huge power": "{{ 9 ** 9 ** 9 ** 9 }}",
    "huge padding": "{{ 'a'.ljust(99999999999) }}",
    "huge format": "{{ '%99999999999d' % 1 }}",
    "reaches outside": "{{ view.__class__.__mro__[1].__subclasses__() }}",
    "opens a file": "{% include '/etc/passwd' %}",
    "divides by zero": "{{ 1 // 0 }}",
}


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.parametrize("template", ["notice__txt", "notice__html", "subject__txt"])
def test_a_template_that_fails_costs_no_notice_and_ops_can_be_told(tmp_path: Path, name: str, template: str) -> None:
    source = BROKEN[name].replace("notice.txt.j2", template.replace("__", ".") + ".j2")
    renderer = home(tmp_path, **{template: source})
    started = time.process_time()
    told = finding(chart=None)
    message = read(letter(told, renderer=renderer))
    assert time.process_time() - started < 10
    assert "93 of 126 (73.8%) in March 2022, below its usual range." in text_of(message)
    assert text_of(message).startswith("OFFICIAL\n")
    assert "Reply to this message by Wednesday 13 April" in html_of(message)
    assert message["Subject"].startswith("OFFICIAL - Burnley")
    letter(told, renderer=renderer)
    assert len(renderer.fallbacks) == 1, "each problem is kept once"
    assert template.replace("__", ".") in str(renderer.fallbacks[0]) or "built-in plain text" in str(
        renderer.fallbacks[0]
    )


def test_the_built_in_text_still_carries_the_charts(tmp_path: Path) -> None:
    message = read(letter(finding(), renderer=home(tmp_path, notice__txt="{{ nonsense }}")))
    assert re.findall(r'src="cid:([^"]+)"', html_of(message)) == [
        part["Content-ID"].strip("<>") for part in message.walk() if part.get_content_type() == "image/png"
    ]


def test_text_is_escaped_in_html_and_left_alone_in_text() -> None:
    """R33."""
    message = read(letter(finding(series={"district": "Fish & <b>Chips</b>"}, chart=None)))
    assert "Fish &amp; &lt;b&gt;Chips&lt;/b&gt;" in html_of(message)
    assert "in Fish & <b>Chips</b>: 93 of 126" in text_of(message)


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _rules(css: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for selectors, body in re.findall(r"([^{}]+)\{([^{}]*)\}", css):
        for selector in selectors.split(","):
            pairs = re.findall(r"(?<![-\w])(color|background-color)\s*:\s*(#[0-9a-f]{6})", body)
            found.setdefault(selector.strip().split()[-1], {}).update(dict(pairs))
    return found


WITHIN = {
    ".label": ".part",
    ".small": ".part",
    ".section": ".body",
    ".first": ".part",
    ".say": ".part",
    ".contents": ".body",
}


@pytest.mark.parametrize("dark", [False, True])
def test_every_colour_of_text_stands_out_from_what_is_behind_it(dark: bool) -> None:
    """R35: contrast of at least 4.5 to 1, in light and in dark mode."""
    css = (SHIPPED / "notice.html.j2").read_text().partition("{% block style %}")[2].partition("{% endblock %}")[0]
    light, _, media = css.partition("@media (prefers-color-scheme: dark) {")
    rules = _rules(light)
    if dark:
        for selector, colours in _rules(media).items():
            rules.setdefault(selector, {}).update(colours)
    ratios = {}
    for selector, colours in rules.items():
        around = rules[WITHIN[selector]] if selector in WITHIN else colours
        if "color" in colours or selector in WITHIN:
            text, behind = (
                colours.get("color", around.get("color", "")),
                colours.get("background-color", around.get("background-color", "")),
            )
            ratios[selector] = _contrast(text, behind)
    assert {".marking", ".part", ".label", ".small", ".foot", ".tag", ".tag-quiet", ".look"} <= set(ratios)
    assert {selector: ratio for selector, ratio in ratios.items() if ratio < 4.5} == {}
