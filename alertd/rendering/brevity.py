"""At most 120 words for a finding above the small print: what is left over moves into the small print, nothing is lost."""

from dataclasses import replace

from alertd.rendering.quotes import and_more
from alertd.rendering.view import Part

MOST_WORDS = 120
_MOST_DETAILS = 5
_LEAST_QUOTED = 30
"""So many words of an assessor are read above the small print before anything else is cut short for them."""


def words_in(part: Part) -> int:
    """How many words are read above the small print; chart remarks are not counted."""
    texts = [
        part.label,
        part.first,
        part.usual,
        part.lasting,
        *part.signs,
        *(quote.text for quote in part.quotes),
        part.more_found,
        *part.details,
        part.more,
        part.back,
        *part.caveats,
        part.theme,
    ]
    texts += [labelled("Look first", part.advice), labelled("Asked of you", part.asked), part.told_next, part.also_told]
    return sum(len(text.split()) for text in texts)


def labelled(label: str, text: str) -> str:
    """A text under its label: `Look first: crew gaps.`; empty where there is no text."""
    return f"{label}: {text}" if text else ""


def brief(part: Part) -> Part:
    """The part within its words: what matters least moves first, and stands in the small print whole."""
    whole, most = part, _MOST_DETAILS
    part = _within(whole, most)
    if _over(part):
        whole = replace(whole, also_told="", small_print=_moved(whole, whole.also_told))
    if _over(_within(whole, most)):
        whole = replace(whole, theme="", small_print=_moved(whole, whole.theme))
    while _over(part := _within(whole, most)) and most > 2:
        most -= 1
    while _over(part) and len(part.quotes) > 1:
        left = part.unquoted + 1
        moved = _moved(part, part.quotes[-1].text)
        part = replace(part, quotes=part.quotes[:-1], unquoted=left, more_found=and_more(left), small_print=moved)
    while _over(part) and len(part.caveats) > 1:
        part = replace(part, caveats=part.caveats[:-1], small_print=_moved(part, part.caveats[-1]))
    if _over(part):
        part = replace(part, signs=(), small_print=_moved(part, *part.signs))
    if _over(part):
        part = replace(part, told_next="", small_print=_moved(part, part.told_next))
    if _over(part) and part.quotes:
        part = _quoting_less(part, _LEAST_QUOTED)
    if _over(part):
        part = replace(part, advice=_cut(part, part.advice), small_print=_moved(part, part.advice))
    if _over(part):
        part = replace(part, caveats=(), small_print=_moved(part, *part.caveats))
    if _over(part):
        part = replace(part, back="", lasting="", small_print=_moved(part, part.lasting, part.back))
    while _over(part) and part.details:
        part = _within(part, len(part.details) - 1)
    if _over(part) and part.quotes:
        part = _quoting_less(part, 0)
    return part


def _quoting_less(part: Part, least: int) -> Part:
    """The part with as many words of its quotation as there is room for, and `least` at any rate; whole in the small print."""
    quote = part.quotes[0]
    words = quote.words.split()
    kept = words[: max(least, len(words) - (words_in(part) - MOST_WORDS))]
    if len(kept) >= len(words):
        return part
    short = replace(quote, words=" ".join(kept).rstrip(" ,;:.-") + "...")
    print_ = part.small_print if quote.text in part.small_print else _moved(part, quote.text)
    return replace(part, quotes=(short,) if kept else (), small_print=print_)


def _over(part: Part) -> bool:
    return words_in(part) > MOST_WORDS


def _moved(part: Part, *texts: str) -> tuple[str, ...]:
    return (*part.small_print, *(text for text in texts if text))


def _within(part: Part, most: int) -> Part:
    """At most so many details; a sentence says how many more there are, and the small print has them."""
    kept, rest = part.details[:most], part.details[most:]
    left = part.unlisted + len(rest)
    return replace(
        part, details=kept, unlisted=left, small_print=_moved(part, *rest), more=f"And {left:,} more." if left else ""
    )


def _cut(part: Part, text: str) -> str:
    """As many words of a text as there is room for; fewer than four say nothing."""
    words = text.split()
    kept = words[: max(0, len(words) - (words_in(part) - MOST_WORDS))]
    return " ".join(kept).rstrip(" ,;:.-") + "..." if len(kept) >= 4 else ""
