"""SVG to PNG, with the shipped font: without one, the text of a chart would silently be left out."""

from pathlib import Path

_FONTS = Path(__file__).parent.parent / "fonts"
_FONT_FILES = [str(_FONTS / name) for name in ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")]


def png(svg: str, width: int) -> bytes:
    """The picture as PNG, `width` pixels wide."""
    from resvg_py import svg_to_bytes  # noqa: PLC0415 - a compiled library that only letters need

    return bytes(
        svg_to_bytes(
            svg_string=svg, width=width, skip_system_fonts=True, font_files=_FONT_FILES, font_family="DejaVu Sans"
        )
    )
