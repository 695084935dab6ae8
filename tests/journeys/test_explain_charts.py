"""`alertd explain --chart`: the whole past of a rule as a picture, for every detector, safe to show and to read."""

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from click.testing import CliRunner

from alertd.cli.explain import command
from alertd.core.errors import UsageError
from alertd.rendering.charts.frame import WIDTH
from alertd.rendering.charts.shapes import width_of
from tests.journeys.support import alertd, fill, write_home

SVG = "{http://www.w3.org/2000/svg}"
MONTHS = [f"{2017 + i // 12}-{i % 12 + 1:02d}-01" for i in range(72)]
PLACES = ("Ashby & Son", "Barrow", "Colne", "Dalton")
RULES = """\
measures:
  value: {name: Minutes to answer, table: t, grain: month, period: period, by: [place], value: v, unit: minutes, improvement: decrease, settles_after: 20 days, owner: lead, reference: {value: 48, label: national standard}}
  share: {name: Victims contacted, table: t, grain: month, period: period, by: [place], numerator: n, denominator: d, unit: percent, improvement: increase, owner: lead}
  count: {name: Hate crimes, table: t, grain: month, period: period, by: [place], count: n, owner: lead}
  small: {name: Homicides reviewed, table: t, grain: month, period: period, by: [place], count: s, owner: lead, small_numbers: {fewer_than: 5}}
  event: {name: Deaths in custody, table: e, grain: month, by: [place], event: {date: day}, owner: lead}
  grades: {name: File quality, table: g, grain: quarter, period: period, by: [place], grade: grade, scale: [Inadequate, Requires improvement, Good, Outstanding], owner: lead}
rules:
  xmr: {measure: value, spc: nelson-1984}
  p: {measure: share, spc: {chart: pp}}
  t: {measure: event, spc: {chart: t}}
  small: {measure: small, spc: mdc}
  run: {measure: value, spc: {chart: run}}
  cusum: {measure: value, drift: {method: cusum}}
  ewma: {measure: value, drift: {method: ewma}}
  farrington: {measure: count, seasonal: {method: farrington_flexible, years: 3}}
  ears: {measure: count, seasonal: {method: ears_c2}}
  funnel: {measure: share, funnel: {min_peers: 3, last: 3 periods}}
  change: {measure: value, change: {versus: previous period, worse_by: 10 percent}, accept_noise: a test}
  low: {measure: share, threshold: {below: 85}, for: 2 periods, clear: {at_or_above: 87}}
  feed: {measure: share, freshness: {late_after: 10 days, missing: any}, to: data_steward}
  grade: {measure: grades, rating: {dropped: 1 grade}}
  overdue: {measure: grades, rating: {overdue: 30 days}}
  both: {any_of: [xmr, low], within: 2 periods}
  many: {measure: many, threshold: {above: 9}}
"""
MANY = "  many: {name: Many, table: m, grain: month, period: period, by: [place], value: v, owner: lead}\n"
CALENDAR = """\
annotations:
  system: {effect: rebase, measures: [value], from: 2020-06, reason: A new system times <calls> from pick-up, agreed_by: Board}
suppressions:
  outage: {measures: [value], from: 2019-05, to: 2019-06, effect: exclude, reason: telephony outage}
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Four places with a step, a gap, a rebase, and one that falls; and a measure of too many places for one picture."""
    rules = RULES.replace("rules:\n", MANY + "rules:\n", 1)
    root = write_home(tmp_path_factory.mktemp("pictures"), rules, extra={"config/calendar.yaml": CALENDAR})
    random = np.random.default_rng(12)
    rows = []
    for i, month in enumerate(MONTHS):
        for place in PLACES:
            if place == "Colne" and i in (30, 31):
                continue
            value = 50 + random.normal(0, 3) + (9 if i >= 41 else 0) + (25 if (place, i) == ("Barrow", 20) else 0)
            whole = int(random.integers(80, 140))
            share = 0.93 if i < 60 or place != "Dalton" else 0.80
            rows.append(
                (
                    month,
                    place,
                    float(value),
                    int(random.binomial(whole, share)),
                    whole,
                    int(random.poisson(0.3 if place == "Colne" else 5)),
                )
            )
    fill(root, "t", "period DATE, place TEXT, v DOUBLE, n INTEGER, d INTEGER, s INTEGER", rows)
    fill(
        root, "e", "day DATE, place TEXT", [(f"{month[:8]}{random.integers(1, 28):02d}", "Barrow") for month in MONTHS]
    )
    scale = ("Inadequate", "Requires improvement", "Good", "Outstanding")
    grades = [(f"{2017 + i // 4}-{3 * (i % 4) + 1:02d}-01", "Barrow", scale[(i * 7) % 4]) for i in range(20)]
    fill(root, "g", "period DATE, place TEXT, grade TEXT", grades)
    fill(root, "m", "period DATE, place TEXT, v DOUBLE", [(m, f"p{j}", j) for m in MONTHS[-30:] for j in range(14)])
    return root


def drawn(home, rule, file, *where):
    """The picture as XML, and what was said of it."""
    chosen = [part for one in where for part in ("--where", f"place={one}")]
    arguments = [rule, "--home", str(home), "--as-of", "2023-01-15", "--chart", str(file), *chosen]
    result = CliRunner().invoke(command, arguments, standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    return ET.parse(file).getroot(), result.stdout


def words(root):
    """Every text that is on the picture."""
    return [element.text or "" for element in root.iter(f"{SVG}text")]


def tips(root):
    """What a pointer tells of each point."""
    return [element.text or "" for group in root.iter(f"{SVG}g") for element in group.findall(f"{SVG}title")]


@pytest.mark.parametrize(
    ("rule", "wanted"),
    [
        (
            "xmr",
            ["usual range, as each period was judged", "may still change", "left out, or told to nobody", "learning"],
        ),
        ("p", ["usual range, as each period was judged", "a run on one side"]),
        ("t", ["days", "usual level"]),
        ("small", ["too small to show"]),
        ("run", ["usual level"]),
        ("cusum", ["CUSUM: small moves added up, in sigma", "limits of what adds up, as each period was judged"]),
        ("ewma", ["EWMA: the mean that weighs new figures most, minutes"]),
        ("farrington", ["expected"]),
        ("ears", ["expected"]),
        ("funnel", ["99.8% of places lie in here by chance", "all together"]),
        ("change", ["no change told within"]),
        ("low", ["fires below 85%", "clears at or above 87%", "grey: not long enough yet", "past the agreed level"]),
        ("feed", ["there in time", "missing where others are there", "4 series"]),
        ("grade", ["Outstanding", "improvement", "a grade that fires"]),
        ("overdue", ["overdue"]),
        ("both", ["Joined", "Minutes to answer (xmr)", "Victims contacted (low)"]),
    ],
)
def test_every_detector_has_a_picture_with_its_own_words_that_stay_on_it(home, tmp_path, rule, wanted):
    root, said = drawn(home, rule, tmp_path / "x.svg")
    assert said.startswith("Chart: ")
    texts = words(root)
    assert set(wanted) <= set(texts), texts
    assert texts[0] == "OFFICIAL"
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert title.text
    assert description is not None
    assert len(description.text or "") > 40
    assert root.get("role") == "img"
    for element in root.iter(f"{SVG}text"):
        size, wide = float(element.get("font-size")), width_of(element.text or "", float(element.get("font-size")))
        left = float(element.get("x")) - {"middle": wide / 2, "end": wide}.get(element.get("text-anchor"), 0)
        assert left > -6, element.text
        assert left + wide * 0.93 < WIDTH + 4, element.text
        assert size >= 15, "it can be read on a telephone"


def test_a_period_is_drawn_within_the_limits_that_it_was_judged_by(home, tmp_path):
    root, _ = drawn(home, "xmr", tmp_path / "x.svg", "Barrow")
    told = [tip for tip in tips(root) if "minutes, " in tip]
    assert len(told) == 72
    ranges = {tip.partition("; ")[2] for tip in told} - {""}
    assert len(ranges) > 20, "the range rolls on"
    peak = next(tip for tip in told if tip.startswith("September 2018"))
    assert "exception (astronomical" in peak
    band = max((e.get("points", "") for e in root.iter(f"{SVG}polygon")), key=len)
    assert len(band.split()) > 40, "steps, and not one band"


def test_annotations_are_named_and_hostile_names_are_only_text(home, tmp_path):
    root, said = drawn(home, "xmr", tmp_path / "x.svg", "Ashby & Son")
    assert any(text.startswith("June 2020: A new system times <calls>") for text in words(root))
    assert any(text.startswith("May 2019: left out: telephony outage") for text in words(root))
    assert any(text.startswith("Ashby & Son: ") for text in words(root))
    assert "Ashby & Son" in said


def test_small_numbers_are_nowhere_on_the_picture(home, tmp_path):
    root, _ = drawn(home, "small", tmp_path / "x.svg", *PLACES)
    told = " ".join([*tips(root), *words(root), root.find(f"{SVG}desc").text])
    assert re.search(r"\d{4}: [1-4],", told) is None
    assert sum("too small a number to show" in tip for tip in tips(root)) > 20
    assert re.search(r"[Ll]owest [1-4] ", told) is None


def test_where_draws_each_series_and_too_many_are_an_error_that_says_what_to_do(home, tmp_path):
    root, said = drawn(home, "xmr", tmp_path / "x.svg", "Barrow", "Colne", "Dalton")
    heads = [text for text in words(root) if re.match(r"(Barrow|Colne|Dalton): ", text)]
    assert [head.partition(":")[0] for head in heads] == ["Barrow", "Colne", "Dalton"]
    assert "3 series" in said
    with pytest.raises(UsageError, match=r"12 series at most, and `--where` leaves 13; name one"):
        drawn(home, "many", tmp_path / "y.svg", *(f"p{j}" for j in range(13)))


def test_without_where_the_series_that_stands_out_most_is_drawn(home, tmp_path):
    root, said = drawn(home, "low", tmp_path / "x.svg")
    assert "Dalton, which stands out most of 4 series" in said
    assert any(text.startswith("Dalton: exception at December 2022") for text in words(root))


def test_a_png_is_a_picture_and_the_points_stay_on_standard_output(home, tmp_path):
    file = tmp_path / "x.png"
    arguments = ["xmr", "--home", str(home), "--as-of", "2023-01-15", "--format", "csv", "--chart", str(file)]
    result = CliRunner().invoke(command, arguments, standalone_mode=False)
    assert result.exception is None
    content = file.read_bytes()
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(content[16:20], "big") == 1200
    assert result.stdout.startswith("rule,series,period,")
    assert "Chart: " in result.stderr


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("x.pdf", "a chart is an .svg or a .png, and this has `.pdf`; write x.svg"),
        ("x", "this has no ending; write x.svg"),
        ("nowhere/x.svg", "there is no folder"),
    ],
)
def test_a_file_that_cannot_be_written_is_refused_before_anything_is_read(tmp_path, file, message):
    done = alertd("explain", "xmr", "--home", tmp_path, "--chart", tmp_path / file, code=2)
    assert message in done.stderr


def test_a_folder_that_may_not_be_written_to_is_named(home, tmp_path):
    (tmp_path / "x.svg").mkdir()
    with pytest.raises(UsageError, match="that is a folder"):
        drawn(home, "xmr", tmp_path / "x.svg")
    with pytest.raises(UsageError, match="it cannot be written"):
        drawn(home, "xmr", "/proc/x.svg")
