"""The page of a back-test, as a browser shows it: by itself, on a telephone, in the dark, to those who do not see it."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from alertd.app import Application, open_application
from alertd.core.disclosure import is_hidden
from alertd.core.measures import SmallNumbers
from alertd.workbench.backtest import Backtest
from alertd.workbench.expected import Expected
from alertd.workbench.figures import Figures
from alertd.workbench.known_events import events_found
from alertd.workbench.page import page_of
from alertd.workbench.page_sections import MOST_CHARTS
from alertd.workbench.page_series import as_shown, hidden_of
from alertd.workbench.replaying import replay_rule
from tests.edges.rendering.test_in_a_browser import FLAGS, PATIENCE
from tests.journeys.support import fill, write_home

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
SEEN = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine to show the page with")
MONTHS = [f"{year}-{month:02d}" for year in (2019, 2020, 2021) for month in range(1, 13)]
WAVE = (0.0, 1.5, -1.0, 0.5, -1.5, 1.0)
HOSTILE = '<script>alert(1)</script> & "Sons"</title>'
TABLE = "period varchar, place varchar, n integer, late timestamp"
OWNERS = """\
owners:
  data_steward: {email: steward@example.org}
  chief: {name: The Chief, email: chief@example.org}
  lead: {name: The <i>Lead</i>, email: lead@example.org}
"""
ROUTES = (
    "routes:\n  default: {to: owner, channel: email, remind: every 2 weeks, escalate: {after: 10 days, to: chief}}\n"
)
MEASURE = """\
measures:
  m: {name: Calls, table: t, grain: month, period: period, by: [place], count: n, improvement: decrease, owner: lead,
      marking: OFFICIAL-SENSITIVE, settles_after: 5 days}
"""
KNOWN = """\
annotations:
  flood: {effect: known_event, measures: [m], from: 2021-03, where: {place: [North]}, reason: "the <b>flood</b>"}
  rules: {effect: rebase, measures: [m], from: 2020-07, reason: counted anew, agreed_by: the board}
"""


def opened(root: Path, rules: str, figures: dict[str, list[int | None]], *, measure: str = MEASURE) -> Application:
    """A home with a table of one figure a month and place; None for a month without a row."""
    write_home(root, measure + rules, owners=OWNERS, routes=ROUTES)
    rows = [
        (MONTHS[at] if at < len(MONTHS) else f"{2019 + at // 12}-{at % 12 + 1:02d}", place, count, None)
        for place, counts in figures.items()
        for at, count in enumerate(counts)
        if count is not None
    ]
    fill(root, "t", TABLE, rows)
    return open_application(root, environ={}, with_store=False)


def tried(app: Application, *, start: str | None = None, end: str = "2022-01-20") -> Backtest:
    """Every rule of a home replayed, and what a simulation might have said of the first one."""
    begin, stop = (None if day is None else app.end_of(datetime.fromisoformat(day)) for day in (start, end))
    assert stop is not None
    figures = Figures(app.warehouse, app.home.places, stop)
    rules = app.home.rules.values()
    replayed = tuple(one for rule in rules for one in replay_rule(app.home, rule, figures, begin, stop))
    expected = {replayed[0].name: Expected(exceptions=1.4, error=0.2, share=0.25)}
    events = events_found(app.home, replayed)
    return Backtest(home=app.home, start=begin, end=stop, replayed=replayed, expected=expected, events=events)


def page(app: Application, **how: str) -> str:
    return page_of(tried(app, **how), title="Back-test of a <home>", made_at=app.end_of(datetime(2022, 1, 20)))


def quiet(place: int = 0) -> list[int | None]:
    return [round(100 + 6 * WAVE[(5 * at + place) % 6]) for at in range(36)]


def with_(counts: list[int | None], **planted: int | None) -> list[int | None]:
    """Some months written otherwise: `m26=150` is the 27th."""
    changed = list(counts)
    for name, count in planted.items():
        changed[int(name[1:])] = count
    return changed


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Two rules on one measure, with notices of every kind that these data can make, a gap and hostile names."""
    figures = {
        "North": with_(quiet(), m26=150, m27=150, m28=190, m30=None, m31=None),
        HOSTILE: with_(quiet(2), m20=None, m33=160),
        "Quiet": quiet(4),
    }
    rules = "rules:\n  high: {measure: m, threshold: {above: 120}}\n  spc: {measure: m, spc: three-sigma}\n" + KNOWN
    return page(opened(tmp_path_factory.mktemp("told"), rules, figures))


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        shown = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS, timeout=PATIENCE)
        yield shown
        shown.close()


_FACTS = """() => {
  const ground = element => {
    for (let e = element; e; e = e.parentElement) {
      const colour = getComputedStyle(e).backgroundColor
      if (colour !== 'rgba(0, 0, 0, 0)') return colour
    }
    return 'rgb(255, 255, 255)'
  }
  document.querySelectorAll('details').forEach(e => e.open = true)
  const words = [...document.querySelectorAll('body *')]
    .filter(e => !['title', 'desc'].includes(e.tagName) && e.getClientRects().length
      && [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()))
  const drawings = [...document.querySelectorAll('svg:not([aria-hidden=true])')]
  return {
    wide: document.documentElement.scrollWidth,
    language: document.documentElement.lang,
    scripts: document.scripts.length,
    foreign: document.querySelectorAll('i, script, iframe, object, [src], [onload]').length,
    names: drawings.map(e => [e.getAttribute('role'), e.querySelector(':scope > title').textContent.trim(),
      e.querySelector(':scope > desc').textContent.trim()]),
    ids: [...document.querySelectorAll('[id]')].map(e => e.id),
    targets: [...document.querySelectorAll('a[href^="#"]')].map(e => !!document.querySelector(e.getAttribute('href'))),
    small: [...document.querySelectorAll('summary, nav a')].map(e => e.getBoundingClientRect().height),
    words: words.map(e => [parseFloat(getComputedStyle(e).fontSize),
      e.tagName === 'text' ? getComputedStyle(e).fill : getComputedStyle(e).color, ground(e), e.textContent]),
    text: document.body.innerText,
  }
}"""


def shown(browser: Any, folder: Path, html: str, width: int, scheme: str) -> dict[str, Any]:
    """What a browser makes of the page; fails where it asks for anything else, or complains."""
    path = folder / "backtest.html"
    path.write_text(html, encoding="utf-8")
    tab = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
    asked: list[str] = []
    said: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("console", lambda message: said.append(message.text))
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.on("dialog", lambda dialog: said.append("a dialog opened"))
    tab.goto(path.as_uri(), timeout=PATIENCE)
    facts: dict[str, Any] = tab.evaluate(_FACTS)
    tab.close()
    assert [url for url in asked if not url.startswith("data:")] == [path.as_uri()]
    assert said == []
    return facts


def contrast(ink: str, ground: str) -> float:
    """The contrast of two colours, by WCAG 2.2."""

    def luminance(colour: str) -> float:
        parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(ink), luminance(ground)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@SEEN
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1200])
def test_the_page_stands_by_itself_and_can_be_read(
    browser: Any, tmp_path: Path, told: str, width: int, scheme: str
) -> None:
    facts = shown(browser, tmp_path, told, width, scheme)
    assert facts["wide"] <= width, "nothing runs off the screen, with everything unfolded"
    assert facts["language"] == "en-GB"
    assert facts["scripts"] == facts["foreign"] == 0
    assert len(facts["names"]) > 4
    assert all(role == "img" and name and description for role, name, description in facts["names"])
    assert len(set(facts["ids"])) == len(facts["ids"])
    assert facts["targets"]
    assert all(facts["targets"])
    assert min(facts["small"]) >= 24, "large enough to be hit"
    assert [words for words in facts["words"] if contrast(words[1], words[2]) < 4.5] == []
    assert min(size for size, *_ in facts["words"]) >= 12


@SEEN
def test_text_from_the_warehouse_and_the_files_is_only_text(browser: Any, tmp_path: Path, told: str) -> None:
    text = shown(browser, tmp_path, told, 1200, "light")["text"]
    assert HOSTILE in text
    assert "The <i>Lead</i>" in text
    assert "the <b>flood</b>" in text
    assert "Back-test of a <home>" in text


@SEEN
def test_what_was_replayed_comes_first_then_figures_months_leaders_events_and_charts(
    browser: Any, tmp_path: Path, told: str
) -> None:
    text = shown(browser, tmp_path, told, 1200, "light")["text"]
    heads = ["OFFICIAL-SENSITIVE", "2 rules, replayed from", "Rules", "By month", "By leader", "Known events", "Calls"]
    places = [re.search(rf"^{re.escape(head)}", text, flags=re.MULTILINE) for head in heads]
    assert all(places), heads
    found = [place.start() for place in places if place]
    assert found == sorted(found)
    assert "1.4 (1.0 to 1.8)" in text
    assert "25%" in text
    assert "not simulated" in text
    assert "1 of 1 series" in text
    assert "1 series of 3 told nobody" in text
    assert text.rstrip().endswith("OFFICIAL-SENSITIVE")


def charts(html: str) -> list[str]:
    """The charts of series, in their order."""
    return re.findall(r'<svg class="chart".*?</svg>', html[html.index('<div class="heads') :], flags=re.DOTALL)


def test_rules_on_one_measure_stand_side_by_side_on_one_axis(told: str) -> None:
    rows = told.split('<div class="beside">')[1:]
    assert len(rows) == 2
    for row in rows:
        level, spc = charts('<div class="heads' + row)
        assert "rule high</title>" in level
        assert "rule spc</title>" in spc
        axes = [re.findall(r"<text.*?</text>", one) for one in (level, spc)]
        assert axes[0] == axes[1]
        line = re.compile(r'<path class="line" d="([^"]+)"')
        assert line.findall(level) == line.findall(spc) != []


def shape(mark: str) -> tuple[object, ...]:
    """A mark's outline by the way that each of its edges goes."""
    points = [tuple(map(float, point.split())) for point in re.findall(r"[ML]([\d.]+ [\d.]+)", mark)]
    edges = [(x - a, y - b) for (a, b), (x, y) in pairwise(points)]
    return tuple((int(x > 0.2) - int(x < -0.2), int(y > 0.2) - int(y < -0.2)) for x, y in edges)


def test_a_line_has_gaps_and_a_mark_of_its_own_shape_for_each_kind_of_notice(told: str) -> None:
    north = next(one for one in charts(told) if "North, rule high" in one)
    line = re.search(r'<path class="line" d="([^"]+)"', north)
    assert line is not None
    assert line[1].count("M") == 2
    kinds: dict[str, set[tuple[object, ...]]] = {}
    for mark, kind in re.findall(r'<\w+ class="k[ h]*"([^>]*)><title>[^<:]*: (\w+), about', north):
        kinds.setdefault(kind, set()).add(shape(mark))
    assert kinds.keys() == {"opened", "worsened", "reminded", "escalated", "cleared"}
    assert all(len(shapes) == 1 for shapes in kinds.values())
    assert len(set.union(*kinds.values())) == 5
    for words in ("exception opened", "worsened", "reminded", "escalated", "cleared"):
        assert f"{words}</li>" in told


def test_each_notice_is_told_in_words_with_its_date_its_figure_and_who_was_told(told: str) -> None:
    listed = re.findall(r"<li>(.*?)</li>", told)
    assert "6 Apr 2021, opened: March 2021, 150: beyond the agreed level. To The &lt;i&gt;Lead&lt;/i&gt;." in listed
    assert any(one.startswith("7 Jun 2021, worsened: May 2021, 190: ") for one in listed)
    assert any("escalated: " in one and one.endswith("To The Chief.") for one in listed)
    opened_ = "8 Nov 2021, opened: October 2021, 160 (usual range "
    assert any(one.startswith(opened_) and ": beyond its usual range. To" in one for one in listed)


def test_dated_remarks_are_drawn_where_they_bear_and_written_once(told: str) -> None:
    assert "<b>A</b> July 2020: counted anew (the usual range begins anew)" in told
    assert "<b>B</b> March 2021: the &lt;b&gt;flood&lt;/b&gt;" in told
    for one in charts(told):
        assert 'class="rebase"' in one
        assert ('class="event"' in one) is ("<title>North" in one)


def test_bands_are_those_that_each_period_was_judged_by(told: str) -> None:
    """After the rebase nothing is drawn until there is a baseline again, and the level steps as the baseline moves."""
    north = next(one for one in charts(told) if "North, rule spc" in one)
    edge = re.search(r'<path class="(?:band )?edge" d="([^"]+)"', north)
    assert edge is not None
    assert edge[1].count("V") > 4


def test_small_numbers_cannot_be_read_from_the_page(tmp_path: Path) -> None:
    """R31: pages that differ in hidden counts alone are the same, to the last coordinate."""
    hidden = MEASURE.replace("owner: lead,", "owner: lead, small_numbers: {fewer_than: 10},")
    rules = "rules:\n  high: {measure: m, threshold: {above: 120}}\n"
    pages = {}
    for low in (1, 9):
        figures = {"North": with_(quiet(), m5=low, m26=150, m27=low, m28=low)}
        for name, measure in (("hidden", hidden), ("open", MEASURE)):
            pages[name, low] = page(opened(tmp_path / f"{name}{low}", rules, figures, measure=measure))
    assert pages["hidden", 1] == pages["hidden", 9]
    assert pages["open", 1] != pages["open", 9]
    assert "too small to show" in pages["hidden", 1]
    assert "April 2021, a number too small to show" in pages["hidden", 1]
    assert "150" in pages["hidden", 1]


def test_exact_limits_do_not_give_a_hidden_count_away(tmp_path: Path) -> None:
    hidden = MEASURE.replace("owner: lead,", "owner: lead, small_numbers: {fewer_than: 10},")
    figures = {"North": with_(quiet(), m20=7, m28=190), "South": quiet(2)}
    app = opened(tmp_path, "rules:\n  spc: {measure: m, spc: three-sigma}\n", figures, measure=hidden)
    (replayed,) = tried(app).replayed
    small = app.home.measures["m"].small_numbers
    seen, where = as_shown(replayed, [0, 1], small)
    assert where.sum() == 1
    assert where[20, 0]
    exact = replayed.history
    for name in ("lower", "upper"):
        shown_, real = getattr(seen, name), getattr(exact, name)
        known = np.isfinite(shown_[:, 0])
        assert known.any()
        assert (shown_[known, 0] == np.round(shown_[known, 0])).all()
        assert (np.abs(shown_[known, 0] - real[known, 0]) < 1).all()
        assert np.array_equal(shown_[:, 1], real[:, 1], equal_nan=True), "nothing is hidden of the other"
    assert np.isnan(seen.centre[:, 0]).all()


def test_a_change_against_a_hidden_count_shows_no_limits(tmp_path: Path) -> None:
    hidden = MEASURE.replace("owner: lead,", "owner: lead, small_numbers: {fewer_than: 10},")
    rule = (
        "rules:\n  jump: {measure: m, change: {versus: previous period, worse_by: 50 percent}, accept_noise: tried}\n"
    )
    app = opened(tmp_path, rule, {"North": with_(quiet(), m20=7)}, measure=hidden)
    html = page(app)
    assert len(charts(html)) == 1
    assert "band" not in charts(html)[0]
    assert "edge" not in charts(html)[0]


def test_what_is_hidden_of_all_at_once_is_what_is_hidden_of_each(tmp_path: Path) -> None:
    share = (
        MEASURE.replace("count: n,", "numerator: n, denominator: whole, unit: percent,")
        .replace("improvement: decrease", "improvement: increase")
        .replace("owner: lead,", "owner: lead, small_numbers: {fewer_than: 5},")
    )
    root = write_home(tmp_path, share + "rules:\n  low: {measure: m, threshold: {below: 20}}\n", owners=OWNERS)
    rows = [(month, "North", at % 9, 9) for at, month in enumerate(MONTHS)]
    fill(root, "t", "period varchar, place varchar, n integer, whole integer", rows)
    app = open_application(root, environ={}, with_store=False)
    (replayed,) = tried(app).replayed
    for small in (SmallNumbers(fewer_than=2), SmallNumbers(fewer_than=5), None):
        every = hidden_of(replayed.measure, replayed.history, small)[:, 0].tolist()
        each = [is_hidden(replayed.measure, replayed.history, row, small) for row in range(replayed.history.periods)]
        assert every == each
        assert any(each) is (small is not None)


def test_of_many_series_the_most_telling_are_drawn_and_the_page_stays_small(tmp_path: Path) -> None:
    app = opened(tmp_path, "rules:\n  spc: {measure: m, spc: three-sigma}\n", {})
    months = "strftime(date '2019-01-01' + to_months(i), '%Y-%m')"
    counts = "case when (i + p) % 30 < 2 and i > 27 then 190 else 95 + (5 * i + p) % 11 end"
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as warehouse:
        warehouse.execute(
            f"insert into t select {months}, printf('Place %03d', p), {counts}, null "
            "from range(60) a(i), range(500) b(p)"
        )
    html = page(app, end="2024-01-20")
    assert len(charts(html)) == MOST_CHARTS
    left = re.search(r"(\d+) more series told less; 60 are drawn", html)
    assert left is not None
    assert int(left[1]) + 60 == 500
    assert len(html) < 3_000_000
    told_of = [int(count) for count in re.findall(r"<summary>(\d+) notices?:", html)]
    assert told_of == sorted(told_of, reverse=True)


def test_a_feed_and_a_joined_rule_are_drawn_without_a_band(tmp_path: Path) -> None:
    rules = """\
rules:
  high: {measure: m, threshold: {above: 120}}
  jump: {measure: m, change: {versus: previous period, worse_by: 20 percent}, accept_noise: tried}
  both: {all_of: [high, jump], within: 2}
  feed: {measure: m, freshness: {missing: any}}
"""
    figures = {"North": with_(quiet(), m26=150), "South": with_(quiet(2), m28=None)}
    html = page(opened(tmp_path, rules, figures))
    drawn = charts(html)
    joined = next(one for one in drawn if "rule both</title>" in one)
    assert 'class="band' not in joined, "the limits of one of its parts are not what judged it"
    assert ": opened, about March 2021</title>" in joined
    assert "both: rules joined" in html
    missing = next(one for one in drawn if "South, rule feed" in one)
    assert ": opened, about May 2021</title>" in missing


def test_periods_before_watching_began_are_set_off(tmp_path: Path) -> None:
    rules = "rules:\n  high: {measure: m, threshold: {above: 120}}\n"
    app = opened(tmp_path, rules, {"North": with_(quiet(), m5=150, m26=150)})
    html = page(app, start="2021-01-31")
    assert "before watching began" in html
    assert 'class="watch"' in charts(html)[0]
    assert "July 2019" not in "".join(re.findall(r"<li>.*?</li>", html))
    assert "before watching began" not in page(app)


def test_a_rule_that_told_nobody_and_one_that_could_not_be_replayed_are_said(tmp_path: Path) -> None:
    app = opened(tmp_path, "rules:\n  high: {measure: m, threshold: {above: 500}}\n", {"North": quiet()})
    found = tried(app)
    html = page_of(found, title="t", made_at=app.end_of(datetime(2022, 1, 20)))
    assert "None of 1 series told anybody." in html
    assert charts(html) == []
    nothing = replace(found, replayed=(), expected={}, events=(), errors=("table `x` is <not> there",))
    html = page_of(nothing, title="t", made_at=app.end_of(datetime(2022, 1, 20)))
    assert "Nothing could be replayed." in html
    assert "Not replayed: table `x` is &lt;not&gt; there" in html
    assert "OFFICIAL-SENSITIVE" in html


def test_the_browser_is_told_to_load_and_run_nothing(told: str) -> None:
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    assert f'<meta http-equiv="Content-Security-Policy" content="{policy}">' in told.replace("&#39;", "'")
    assert not re.search(r"https?://", told)
