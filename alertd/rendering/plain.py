"""The notice as plain text and the barest HTML without any template: what is sent when a home's template fails."""

from html import escape

from alertd.rendering.brevity import labelled
from alertd.rendering.view import Part, Picture, View


def plain_text(view: View) -> str:
    """The whole notice as text."""
    blocks = [view.marking]
    if view.digest:
        blocks.append("\n".join(f"- {part.place}: {part.measure}, {part.short}" for part in view.parts))
    for section in view.sections:
        blocks.extend([section.heading.upper()] if section.heading else [])
        blocks.extend(_part(part) for part in section.parts)
    blocks.extend([labelled("Asked of you", view.asked), "\n".join(view.footer), view.marking])
    return "\n\n".join(block for block in blocks if block) + "\n"


def plain_html(view: View) -> str:
    """The same text for readers that show HTML only, with the charts at its end."""
    pictures = "".join(_picture(part.picture) for part in view.parts if part.picture is not None)
    return html_of_lines(view.summary, plain_text(view).split("\n\n"), pictures)


def html_of_lines(title: str, blocks: list[str], after: str = "") -> str:
    """Blocks of text as a minimal HTML document."""
    written = "".join(f"<p>{escape(block.strip()).replace(chr(10), '<br>')}</p>" for block in blocks if block.strip())
    return (
        '<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title></head>"
        '<body style="max-width:600px;margin:0 auto;padding:16px;font:16px/1.5 Arial,sans-serif">'
        f"{written}{after}</body></html>"
    )


def _picture(picture: Picture) -> str:
    shown = f'src="cid:{escape(picture.cid)}" alt="{escape(picture.alt)}" width="{picture.width}"'
    return f'<p><img {shown} style="max-width:100%"></p>'


def _part(part: Part) -> str:
    picture = f"Chart: {part.picture.alt}." if part.picture is not None else ""
    lines = [
        part.label,
        " ".join(filter(None, (part.first, part.usual, part.lasting, *part.signs))),
        *(quote.text for quote in part.quotes),
        part.more_found,
        *(f"- {detail}" for detail in part.details),
        part.more,
        picture,
        *part.on_chart,
        part.back,
        *part.caveats,
        labelled("Look first", part.advice),
        labelled("Asked of you", part.asked),
        " ".join(filter(None, (part.told_next, part.also_told))),
        "Small print: " + " ".join(part.small_print),
    ]
    return "\n".join(line for line in lines if line)
