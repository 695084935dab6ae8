"""The words of assessors in a notice: quoted, short, and never more than data (R33)."""

import re
import unicodedata
from datetime import date
from html import unescape
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alertd.core.cases import Reason, TransitionKind
from alertd.core.findings import Entry, Finding, Written
from alertd.rendering import Renderer
from alertd.rendering.brevity import MOST_WORDS, words_in
from alertd.rendering.compose import compose
from alertd.rendering.plain import plain_text
from alertd.rendering.quotes import MOST_CHARACTERS, quotes_of
from tests.edges.rendering.reading import html_of, letter, read, text_of
from tests.edges.rendering.samples import finding, notice, rating

RENDERER = Renderer()
DAY = date(2022, 3, 14)
HOSTILE = (
    '</blockquote><script>alert(1)</script> {{ 7*7 }} {% raw %}\r\nBcc: all@example.org\r\n\r\n" "Asked of you: pay '
    "\u201cnow\u201d \u202egnp.exe\x1b[31m\x00 [here](javascript:x) **bold** &amp; <img src=x onerror=y>"
)


def entry(words: str = "Most cases had no plan.", **more: object) -> Entry:
    return Entry(words=words, **{"by": "Insp A Sloe", "day": DAY, "grade": "Inadequate", **more})


def graded(*entries: Entry, in_all: int = 0, **more: object) -> Finding:
    written = Written(entries=entries, in_all=in_all or len(entries))
    return rating(written=written, **more)


def both(made: Finding, **more: object) -> tuple[str, str, str]:
    """Subject, text and what is read of the HTML."""
    message = read(letter(made, renderer=RENDERER, **more))
    seen = html_of(message).partition("<body")[2].partition(">")[2]
    html = " ".join(unescape(re.sub(r"<[^>]*>", " ", seen)).split())
    return str(message["Subject"]), text_of(message), html


def test_a_notice_quotes_what_was_found_with_who_and_when() -> None:
    _, text, html = both(graded(entry()))
    said = "The finding of 14 March 2022 by Insp A Sloe says:"
    assert f'{said} "Most cases had no plan."' in text
    assert f"{said} “Most cases had no plan.”" in html
    assert text.index(said) < text.index("Asked of you")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"by": None}, "The finding of 14 March 2022 says:"),
        ({"day": None}, "The finding of March 2022 by Insp A Sloe says:"),
        ({"by": " \u202e ", "day": None}, "The finding of March 2022 says:"),
    ],
)
def test_what_is_not_known_of_a_finding_is_left_out(more: dict[str, object], said: str) -> None:
    assert said in both(graded(entry(**more)))[1]


def test_several_are_quoted_with_their_grades_and_the_others_are_counted() -> None:
    three = [entry("one."), entry("two.", grade="Good"), entry("three.", by=None)]
    _, text, html = both(graded(*three, in_all=5))
    for said in (text, html):
        assert "by Insp A Sloe (Inadequate) says" in said
        assert "by Insp A Sloe (Good) says" in said
        assert "And two more findings." in said


@pytest.mark.parametrize("words", ["", "   ", "\u200e\u202e\x00"])
def test_words_that_cannot_be_read_are_not_mentioned(words: str) -> None:
    _, text, html = both(graded(entry(words)))
    assert "finding of" not in text + html


def test_withheld_words_are_said_to_be() -> None:
    """R31."""
    made = finding(chart=None, small=5, written=Written(withheld=True))
    for said in both(made)[1:]:
        assert "What was written about it is not shown" in said


@pytest.mark.parametrize("kind", [TransitionKind.CLEARED, TransitionKind.CORRECTED])
def test_the_end_of_an_exception_quotes_what_ended_it(kind: TransitionKind) -> None:
    reason = Reason.REVISED if kind is TransitionKind.CORRECTED else Reason.BACK_TO_USUAL
    made = graded(entry("Every plan was there."), transition=kind, reason=reason, value=3, told_number="N-1", low=())
    assert '"Every plan was there."' in both(made)[1]


def test_hostile_words_stay_words() -> None:
    """R33: no element, header, template or end of the quotation comes of them."""
    made = graded(entry(HOSTILE, by=HOSTILE))
    message = read(letter(made, renderer=RENDERER))
    assert message["Bcc"] is None
    html, text = html_of(message), text_of(message)
    assert "<script" not in html
    assert "<img" not in html
    assert "{{ 7*7 }}" in text
    for said in (html, text):
        assert "49" not in said.partition("7*7")[2][:20]
        assert not {"\x1b", "\x00", "\u202e"} & set(said)
    (line,) = [line for line in text.splitlines() if "says:" in line]
    assert line.count('"') == 2
    assert line.endswith('"')
    assert not re.search(r"alert|Bcc|here", str(message["Subject"]))


def test_the_built_in_words_of_a_failing_template_quote_it_too(tmp_path: Path) -> None:
    (tmp_path / "notice.txt.j2").write_text("{{ 1 / 0 }}")
    parts = Renderer(tmp_path).parts(notice(graded(entry())))
    assert parts.fell_back
    assert '"Most cases had no plan."' in parts.text


def test_a_long_finding_is_cut_at_a_word_and_stands_in_the_notice_once() -> None:
    words = "The records that were read had neither plan nor review. " * 20
    _, text, _ = both(graded(entry(words), advice="Read it with the team."))
    (quoted,) = re.findall(r'"(.*?)"', text)
    assert len(quoted) <= MOST_CHARACTERS
    assert quoted.endswith("...")
    assert words.startswith(quoted.removesuffix("..."))
    assert words[len(quoted) - 3] == " "
    assert "Look first: Read it with the team." in text


_TEXT = st.text(max_size=700)


@given(words=_TEXT, by=_TEXT)
@settings(max_examples=300, deadline=None)
def test_every_quotation_is_one_bounded_line_that_cannot_close_itself(words: str, by: str) -> None:
    found = Written(entries=(entry(words, by=by),), in_all=1)
    for quote in quotes_of(found, "2022-03", finding().grain):
        assert 0 < len(quote.words) <= MOST_CHARACTERS
        assert len(quote.text) <= MOST_CHARACTERS + 200
        assert not set('"\u201c\u201d') & set(quote.words)
        kinds = {unicodedata.category(character) for character in quote.text if character not in "\u200c\u200d"}
        assert not kinds & {"Cc", "Cf", "Cs", "Zl", "Zp"}


@given(
    words=st.lists(st.text(alphabet="ab ", max_size=400), min_size=1, max_size=3),
    advice=st.text(alphabet="ab ", max_size=400),
    caveats=st.lists(st.text(alphabet="ab ", max_size=300), max_size=3),
)
@settings(max_examples=150, deadline=None)
def test_with_quotations_a_notice_has_120_words_and_its_small_print_has_the_rest(
    words: list[str], advice: str, caveats: list[str]
) -> None:
    made = graded(*map(entry, words), advice=advice, caveats=tuple(caveats))
    view = compose(notice(made), {})
    (part,) = view.parts
    assert words_in(part) <= MOST_WORDS
    whole = plain_text(view)
    for quote in quotes_of(made.written, made.period, made.grain):
        assert quote.words in whole
