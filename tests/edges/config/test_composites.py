"""Rules that join others: what cannot be joined is an error at its place, and the measure is filled in."""

import pytest

from alertd.config.composites import lead_measure
from tests.edges.config.homes import Read, found

MEASURES = """\
measures:
  a: {name: A, table: t, grain: month, period: p, by: [district], value: v, owner: lead}
  b: {name: B, table: t, grain: week, period: p, by: [crime, district], value: v, owner: lead}
  other: {name: O, table: t, grain: month, period: p, by: [station], value: v, owner: lead}
  wide: {name: W, table: t, grain: month, period: p, value: v, owner: lead}
rules:
  a: {measure: a, threshold: {above: 1}, status: shadow}
  b: {measure: b, threshold: {above: 1}, status: shadow}
  other: {measure: other, threshold: {above: 1}}
  wide: {measure: wide, threshold: {above: 1}}
  off: {measure: a, threshold: {above: 1}, enabled: false}
"""


@pytest.mark.parametrize(
    ("rules", "code", "words"),
    [
        ("p: {all_of: [a, bb]}", "A102", "did you mean `b`?"),
        ("p: {all_of: [a, nowhere]}", "A102", "unknown rule `nowhere`"),
        ("p: {all_of: [a, p]}", "A121", "rule `p` joins itself: `p` -> `p`"),
        ("p: {all_of: [a, q]}\n  q: {any_of: [b, p]}", "A121", "`p` -> `q` -> `p`"),
        ("p: {all_of: [a, a]}", "A121", "twice"),
        ("p: {all_of: [a, off]}", "A121", "not in force"),
        ("p: {all_of: [a, other]}", "A121", "share no series: `a` is by district, and `other` by station"),
        ("p: {any_of: [wide, a, other]}", "A121", "share no series"),
        ("p: {all_of: [a, b], measure: other}", "A121", "none of the rules that it joins judges measure `other`"),
        ("p: {all_of: [a, b], measure: nowhere}", "A102", "unknown measure `nowhere`"),
        ("p: {all_of: [a, b], where: {crime: [x]}}", "A107", "do not share `crime`"),
        ("p: {all_of: [a, b], spc: mdc}", "A106", "exactly one detector"),
        ("p: {all_of: [a, b], clear: {above: 3}}", "A103", "`clear` needs a figure"),
        ("p: {all_of: [a]}", "A103", "`all_of` of rule `p`"),
        ("p: {all_of: a}", "A103", "`all_of` of rule `p`"),
        ("p: {threshold: {above: 3}}", "A114", "lacks `measure`"),
        ("p: {all_of: [a, b], within: 2 weeks}", "A103", "counts no periods"),
        ("p: {measure: a, threshold: {above: 3}, within: 2 periods}", "A103", "`within` goes with"),
        ("p: {measure: a, rating: {overdue: 3 days}, for: 2 periods}", "A103", "do not go with `overdue`"),
    ],
)
def test_what_cannot_be_joined_is_an_error_at_its_place(read: Read, rules: str, code: str, words: str) -> None:
    reading = read({"rules/y.yaml": MEASURES, "rules/x.yaml": f"rules:\n  {rules}\n"})
    assert {one.partition(":")[0] for one in found(reading)} == {f"{code} rules/x.yaml"}, found(reading)
    assert any(words in one.message + one.hint + one.note for one in reading.problems), found(reading)
    assert all(one.line >= 2 for one in reading.errors)


@pytest.mark.parametrize(
    "rules",
    [
        "p: {all_of: [a, b], within: 2 periods}",
        "p: {any_of: [a, wide]}",
        "p: {all_of: [a, b], measure: b, where: {district: [x]}}",
        "p: {all_of: [a, q]}\n  q: {any_of: [b, a], enabled: true}",
        "p: {all_of: [a, off], enabled: false}",
    ],
)
def test_what_can_be_joined_passes(read: Read, rules: str) -> None:
    assert not read({"rules/y.yaml": MEASURES, "rules/x.yaml": f"rules:\n  {rules}\n"}).errors


def test_the_measure_of_the_first_component_that_has_one_is_filled_in(read: Read) -> None:
    rules = "rules:\n  p: {all_of: [q, a]}\n  q: {any_of: [b, a]}\n  r: {any_of: [a, b], measure: b}\n"
    reading = read({"rules/y.yaml": MEASURES, "rules/x.yaml": rules})
    measures = {name: reading.parts.rules[name].measure for name in "pqr"}
    assert measures == {"p": "b", "q": "b", "r": "b"}
    assert lead_measure(reading.parts.entries, "nowhere") is None


def test_an_owner_by_a_column_that_is_not_shared_is_warned_of(read: Read) -> None:
    owners = "owners:\n  boss: {by: crime, posts: {x: [{name: X, email: x@example.org, from: 2020-01-01}]}}\n"
    rules = "rules:\n  p: {all_of: [b, a], to: boss}\n"
    reading = read({"rules/y.yaml": MEASURES, "rules/x.yaml": rules, "config/boss.yaml": owners})
    assert any(one.code == "W205" and one.file == "rules/x.yaml" for one in reading.problems), found(reading)
