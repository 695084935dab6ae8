"""Letters as a browser on a phone shows them: nothing runs off the screen, every picture is there, dark mode is readable."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from alertd.rendering import Renderer
from tests.edges.rendering.kinds import EVERY_KIND
from tests.edges.rendering.samples import notice

CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine to show letters with")

PATIENCE = 120_000
"""Milliseconds that a busy machine may take."""
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

_FACTS = """() => {
  const ground = element => {
    for (let e = element; e; e = e.parentElement) {
      const colour = getComputedStyle(e).backgroundColor
      if (colour !== 'rgba(0, 0, 0, 0)') return colour
    }
    return 'rgb(255, 255, 255)'
  }
  const words = [...document.querySelectorAll('p, h1, h2, li, td, span')]
    .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()))
  return {
    wide: document.documentElement.scrollWidth,
    language: document.documentElement.lang,
    pictures: [...document.images].map(i => [i.naturalWidth, i.getBoundingClientRect().width, i.alt]),
    words: words.map(e => [parseFloat(getComputedStyle(e).fontSize), getComputedStyle(e).color, ground(e)]),
  }
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        shown = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS, timeout=PATIENCE)
        yield shown
        shown.close()


def _page(folder: Path, kind: str) -> Path:
    parts = Renderer().parts(notice(EVERY_KIND[kind]))
    html = parts.html
    for index, (cid, png) in enumerate(parts.images.items()):
        (folder / f"{index}.png").write_bytes(png)
        html = html.replace(f"cid:{cid}", f"{index}.png")
    path = folder / "letter.html"
    path.write_text(html, encoding="utf-8")
    return path


def _luminance(colour: str) -> float:
    """Relative luminance of `rgb(r, g, b)`, by WCAG 2.2."""
    parts = [int(part) / 255 for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("kind", sorted(EVERY_KIND))
def test_a_letter_fits_a_phone_and_can_be_read(browser: Any, tmp_path: Path, kind: str, scheme: str) -> None:
    """R35: WCAG 2.2 AA, at the width of a small phone."""
    page = browser.new_page(viewport={"width": 320, "height": 640}, color_scheme=scheme)
    page.goto(_page(tmp_path, kind).as_uri(), timeout=PATIENCE)
    facts = page.evaluate(_FACTS)
    page.close()
    assert facts["wide"] <= 320, "nothing runs off the screen"
    assert facts["language"] == "en-GB"
    assert all(natural > 0 and width <= 320 and alt for natural, width, alt in facts["pictures"])
    assert facts["words"]
    for size, ink, ground in facts["words"]:
        light, dark = sorted((_luminance(ink), _luminance(ground)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, (ink, ground)
        assert size >= 14
