"""One measure by place, judged at the places, their divisions and the force: who is told of what (R25, R27)."""

import csv
import io
import json

import numpy as np
import pytest

from tests.journeys.support import Sink, alertd, fill, write_home
from tests.journeys.two_divisions import COMMANDERS, DISTRICTS, PLACES

UNALLOCATED = "unallocated: [Not located]\n"
INSPECTORS = """\
  inspector:
    by: district
    posts:
      Ash: [{name: Insp Ash, email: ash@example.org, from: 2018-01-01}]
      Birch: [{name: Insp Birch, email: birch@example.org, from: 2018-01-01}]
      Cedar: [{name: Insp Cedar, email: cedar@example.org, from: 2018-01-01}]
      Doune: [{name: Insp Doune, email: doune@example.org, from: 2018-01-01}]
    fallback: commander
"""
RULES = """\
measures:
  calls: {name: Calls, table: t, grain: month, period: period, by: [district], count: n, improvement: decrease, owner: inspector}
  late: {name: Late, table: t, grain: month, period: period, by: [district], numerator: late, denominator: n, unit: percent,
         improvement: decrease, owner: inspector}
  mean: {name: Mean, table: t, grain: month, period: period, by: [district], value: n, improvement: decrease, owner: inspector}
rules:
  calls: {measure: calls, spc: {chart: xmr, rules: three-sigma}, at: [district, division, force], hold_back: %s}
"""
MONTHS = [f"{year}-{month:02d}-01" for year in (2020, 2021, 2022) for month in range(1, 13)]


def rows(last: dict[str, int]) -> list[tuple[str, str, int, int]]:
    """Calls that vary by chance, and what the last month held."""
    draw = np.random.default_rng(4)
    return [
        (month, place, last.get(place, 100) if at == 35 else int(draw.integers(90, 111)), 10)
        for at, month in enumerate(MONTHS)
        for place in (*DISTRICTS, "Not located")
    ]


def home_of(root, port: int, last: dict[str, int], *, hold_back: bool = True):
    home = write_home(
        root,
        RULES % str(hold_back).lower(),
        smtp_port=port,
        owners=COMMANDERS + INSPECTORS,
        extra={"config/places.yaml": PLACES + UNALLOCATED},
    )
    fill(home, "t", "period date, district varchar, n integer, late integer", rows(last))
    return home


def run(home, day: str) -> None:
    alertd("run", "--once", "--as-of", day, home=home)


def told(sink: Sink) -> set[str]:
    return {address for address in sink.recipients if address != "steward@example.org"}


def test_what_happens_everywhere_is_told_once_above_with_the_places_that_it_explains(tmp_path):
    with Sink() as sink:
        home = home_of(tmp_path, sink.port, dict.fromkeys(DISTRICTS, 160))
        run(home, "2022-12-31")
        run(home, "2023-01-03")
        assert told(sink) == {"chief@example.org"}
        (mail,) = sink.to("chief@example.org")
        text = " ".join(mail.get_body(("plain",)).get_content().split())
        assert "The same holds for" in text
        assert all(place in text for place in (*DISTRICTS, "West", "East"))
        assert "Calls, force-wide: 740 in December 2022, above its usual range" in text
        assert "nobody holds the post" not in text


def test_what_is_no_place_goes_to_the_steward_whatever_stands_out_above(tmp_path):
    with Sink() as sink:
        home = home_of(tmp_path, sink.port, dict.fromkeys((*DISTRICTS, "Not located"), 160))
        run(home, "2023-01-03")
        assert told(sink) == {"chief@example.org"}
        (mail,) = sink.to("steward@example.org")
        assert "Not located" in mail["Subject"]
        (above,) = sink.to("chief@example.org")
        assert "Not located" not in above.get_body(("plain",)).get_content()


def test_what_happens_at_one_place_is_told_there(tmp_path):
    with Sink() as sink:
        home = home_of(tmp_path, sink.port, {"Ash": 135})
        run(home, "2023-01-03")
        assert told(sink) == {
            "ash@example.org",
            "west@example.org",
        }  # one place explains its division, and not the reverse


def test_without_holding_back_every_level_hears_of_its_own(tmp_path):
    with Sink() as sink:
        home = home_of(tmp_path, sink.port, dict.fromkeys(DISTRICTS, 160), hold_back=False)
        run(home, "2023-01-03")
        assert told(sink) == {"chief@example.org"} | {
            f"{name}@example.org" for name in ("west", "east", "ash", "birch", "cedar", "doune")
        }


def test_a_place_that_the_level_above_no_longer_explains_is_told_then(tmp_path):
    with Sink() as sink:
        home = home_of(tmp_path, sink.port, dict.fromkeys(DISTRICTS, 160))
        run(home, "2023-01-03")
        sink.mails.clear()
        back = [("2023-01-01", place, 160 if place == "Ash" else 60, 10) for place in (*DISTRICTS, "Not located")]
        fill(
            home,
            "t",
            "period date, district varchar, n integer, late integer",
            [*rows(dict.fromkeys(DISTRICTS, 160)), *back],
        )
        run(home, "2023-02-01")
        assert told(sink) == {"chief@example.org", "ash@example.org"}
        (mail,) = sink.to("chief@example.org")
        assert "no longer a concern" in mail["Subject"]


def test_shares_add_up_by_their_parts_and_series_are_named_by_their_level(tmp_path):
    home = home_of(tmp_path, 9, {})
    (home / "rules" / "more.yaml").write_text(
        "rules:\n  late: {measure: late, spc: {chart: p}, at: [district, division, force]}\n"
    )
    states = [
        json.loads(line)
        for line in alertd(
            "evaluate", "--rule", "late", "--all", "--as-of", "2023-01-03", "--format", "json", home=home
        ).stdout.splitlines()
    ]
    assert [one["series"] for one in states if "district" not in one["series"]] == [
        {},
        {"division": "East"},
        {"division": "West"},
    ]
    points = list(csv.DictReader(io.StringIO(alertd("explain", "late", "--format", "csv", home=home).stdout)))
    december = {one["series"]: one for one in points if one["period"] == "2022-12"}
    assert float(december["division=West"]["denominator"]) == 200
    assert float(december["division=West"]["value"]) == pytest.approx(10.0)
    assert float(december[""]["denominator"]) == 500  # what is located nowhere is the force's too
    only = alertd("explain", "late", "--where", "division=West", "--format", "csv", home=home).stdout
    assert {one["series"] for one in csv.DictReader(io.StringIO(only))} == {"division=West"}


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("measure: mean, spc: mdc, at: [district, force]", "not the sum"),
        ("measure: calls, spc: mdc, at: [distrct]", "did you mean `district`"),
        ("measure: calls, spc: mdc, at: [district], hold_back: true", "one level alone"),
        ("measure: calls, freshness: {late_after: 3 days}, at: [force]", "chooses nothing"),
    ],
)
def test_a_level_that_cannot_be_judged_is_refused(tmp_path, rule, said):
    home = home_of(tmp_path, 9, {})
    (home / "rules" / "more.yaml").write_text(f"rules:\n  wrong: {{{rule}}}\n")
    shown = alertd("check", "--offline", home=home, code=1).stdout
    assert "A125" in shown
    assert said in shown


def test_a_where_by_a_level_above_chooses_its_places(tmp_path):
    home = home_of(tmp_path, 9, {})
    (home / "rules" / "more.yaml").write_text("rules:\n  west: {measure: calls, spc: mdc, where: {division: West}}\n")
    alertd("check", home=home)
    shown = alertd("evaluate", "--rule", "west", "--all", "--as-of", "2023-01-03", "--format", "json", home=home).stdout
    assert [json.loads(line)["series"]["district"] for line in shown.splitlines()] == ["Ash", "Birch"]


def test_what_was_explained_at_its_level_survives_a_round_that_changes_nothing(tmp_path):
    with Sink() as sink:
        home = home_of(tmp_path, sink.port, dict.fromkeys(DISTRICTS, 160))
        for day in ("2023-01-03", "2023-01-04", "2023-01-05"):
            run(home, day)
        assert len(sink.to("chief@example.org")) == 1
        assert told(sink) == {"chief@example.org"}


def test_a_feed_without_a_single_row_is_judged_at_every_level(tmp_path):
    """A warehouse that was set up and not loaded, or a day for now before the first figures."""
    with Sink() as sink:
        home = home_of(tmp_path, sink.port, {})
        assert "no series to judge" in alertd("evaluate", "--as-of", "2015-01-01", home=home).stdout
        fill(home, "t", "period date, district varchar, n integer, late integer", [])
        run(home, "2023-01-03")
        assert sink.recipients == ["steward@example.org"]
        assert "no settled period" in alertd("explain", "calls", home=home).stdout


def test_a_where_by_a_level_above_is_tried_previewed_and_joined_as_it_is_judged(tmp_path):
    home = home_of(tmp_path, 9, {"Ash": 160})
    with (home / "rules" / "rules.yaml").open("a") as rules:
        rules.write("""\
  west: {measure: calls, threshold: {above: 150}, at: [district, division], where: {division: West}}
  high: {measure: calls, threshold: {above: 140}, where: {district: [Ash, Cedar]}}
  both: {all_of: [west, high], within: 1 period}
tests:
  alone: {rule: west, values: {Ash: 100 160 100, Birch: 100*3}, expect: {Ash: .FC, Birch: quiet}}
  joined: {rule: both, values: {calls: {Ash: 100 160 100, Birch: 100*3}}, expect: {Ash: .FC}}
""")
    alertd("test", home=home)
    as_of = ("--as-of", "2023-01-03")
    found = alertd("evaluate", "--rule", "both", *as_of, "--format", "csv", home=home).stdout
    assert [row["series"] for row in csv.DictReader(io.StringIO(found))] == ["district=Ash"]
    preview = alertd("preview", "west", *as_of, "--to", tmp_path / "seen", home=home).stdout
    assert "Ash" in preview
