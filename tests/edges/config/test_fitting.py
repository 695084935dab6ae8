"""A detector that does not fit its measure could never fire, and `check` says so where it is written."""

import pytest

from tests.edges.config.homes import Read, found

MEASURES = """\
measures:
  share: {name: S, table: t, grain: month, period: p, by: [place], numerator: n, denominator: d, unit: percent, owner: lead}
  rate: {name: R, table: t, grain: month, period: p, by: [place], count: n, denominator: {column: d, kind: exposure}, owner: lead}
  count: {name: C, table: t, grain: week, period: p, by: [place], count: n, owner: lead}
  force: {name: F, table: t, grain: year, period: p, count: n, unit: hours, owner: lead}
  graded: {name: G, table: t, grain: quarter, period: p, by: [place], grade: g, scale: [Poor, Fair, Good], owner: lead}
  event: {name: E, table: t, grain: day, by: [place], event: {date: p}, owner: lead}
  crews: {name: W, table: t, grain: month, period: p, value: v, owner: lead}
  pooled: {name: P, table: t, grain: month, period: p, by: [place], numerator: n, denominator: d, pool: {until_denominator: 30, at_most: 4 periods}, owner: lead}
  ratio: {name: Q, table: t, grain: month, period: p, by: [place], ratio: {of: [n, d], to: [m, e]}, owner: lead}
"""


@pytest.mark.parametrize(
    ("measure", "detector", "words"),
    [
        ("m", "spc: {chart: p}", "needs a `numerator`"),
        ("m", "spc: {chart: u}", "needs a `count`"),
        ("ratio", "spc: {chart: t}", "needs an `event`"),
        ("ratio", "spc: {chart: g_3sigma}", "needs an `event`"),
        ("graded", "spc: mdc", "no usual level"),
        ("event", "spc: {rules: mdc, signals: [trend]}", "show none of these"),
        ("count", "spc: {min_denominator: 5}", "no denominator"),
        ("pooled", "spc: {signals: [shift]}", "none of these signals can hold"),
        ("m", "seasonal: {method: farrington_flexible}", "is for counts"),
        ("force", "seasonal: {method: farrington_flexible}", "compares seasons"),
        ("count", "seasonal: {method: farrington_flexible, years: 1, exclude_recent: 520}", "leaves nothing"),
        ("m", "seasonal: {method: adjusted_xmr, factors: [weekday]}", "tells days apart"),
        ("force", "seasonal: {method: adjusted_xmr}", "compares seasons"),
        ("event", "seasonal: {method: ears_c1}", "rare events"),
        ("m", "spc: {min_baseline: 30}", "for ever"),
        ("m", "drift: {baseline: {from: 2020-01, to: 2020-12}, min_baseline: 20}", "for ever"),
        ("graded", "drift: {method: cusum}", "has grades"),
        ("pooled", "drift: {method: cusum}", "share data"),
        ("graded", "rating: {at_or_below: good}", "every grade"),
        ("force", "freshness: {missing: any}", "one force-wide series"),
        ("force", "freshness: {shrunk_by: 30 percent}", "one force-wide series"),
        ("m", "funnel: {last: 12 periods}", "no denominator"),
        ("force", "funnel: {last: 12 periods}", "no peers"),
        ("force", "change: {versus: previous period, worse_by: 40 minutes}, accept_noise: wanted", "does not fit"),
        ("share", "change: {versus: previous period, and_at_least: 3 hours}, accept_noise: wanted", "does not fit"),
        ("graded", "change: {versus: previous period, worse_by: 1}, accept_noise: wanted", "has grades"),
        ("m", "rating: {dropped: 1 grade}", "has no grades"),
        ("graded", "rating: {at_or_below: Bad}", "is no grade"),
        ("graded", "rating: {at_or_below: Fair enough}", "is no grade"),
        ("graded", "rating: {share_above: {grade: Bad, share: 0.2}}", "is no grade"),
        ("graded", "rating: {dropped: 3 grades}", "can fall by 3"),
        ("graded", "forecast: {capacity: force}", "are no demand"),
        ("pooled", "forecast: {capacity: crews}", "share data"),
        ("m", "forecast: {capacity: m}", "against itself"),
        ("m", "forecast: {capacity: count}", "need one grain"),
        ("crews", "forecast: {capacity: m}", "is by `place`"),
        ("m", "forecast: {capacity: share}", "need one unit"),
    ],
)
def test_a_detector_that_does_not_fit_is_refused(read: Read, measure: str, detector: str, words: str) -> None:
    reading = read({"rules/y.yaml": MEASURES, "rules/x.yaml": f"rules:\n  r: {{measure: {measure}, {detector}}}\n"})
    assert {one.partition(":")[0] for one in found(reading)} == {"A120 rules/x.yaml"}
    assert any(words in problem.message + problem.note for problem in reading.problems)
    assert all(problem.note for problem in reading.problems)


@pytest.mark.parametrize(
    ("measure", "detector"),
    [
        ("share", "spc: {chart: pp, min_denominator: 20}"),
        ("share", "funnel: {last: 12 periods, min_peers: 5}"),
        ("share", "change: {versus: previous period, worse_by: 3 points}, accept_noise: wanted"),
        ("rate", "spc: {chart: up}"),
        ("rate", "seasonal: {method: farrington_flexible, years: 3}"),
        ("count", "spc: {chart: t}"),
        ("m", "spc: {chart: t}"),
        ("count", "seasonal: {method: ears_c2, window: 8}"),
        ("force", "change: {versus: previous period, worse_by: 40 hours}, accept_noise: wanted"),
        ("graded", "rating: {dropped: 1 grade, at_or_below: Fair}"),
        ("graded", "rating: {overdue: 30 days}"),
        ("event", "spc: {chart: t}"),
        ("force", "freshness: {missing: any, late_after: 5 days}"),
        ("m", "drift: {method: ewma, lambda: 0.2}"),
        ("m", "seasonal: {method: adjusted_xmr}"),
        ("m", "rating: {overdue: 30 days}"),
        ("m", "forecast: {capacity: crews, within: 6 periods}"),
        ("rate", "forecast: {demand: rate, capacity: m, confidence: 95}"),
    ],
)
def test_a_detector_that_fits_is_taken(read: Read, measure: str, detector: str) -> None:
    reading = read({"rules/y.yaml": MEASURES, "rules/x.yaml": f"rules:\n  r: {{measure: {measure}, {detector}}}\n"})
    assert found(reading) == []


@pytest.mark.parametrize(
    ("detector", "words"),
    [
        ("change: {versus: previous period, worse_by: 10 percent}", "accept_noise"),
        ("change: {versus: previous period}, accept_noise: wanted", "worse_by"),
        ("change: {versus: last tuesday, worse_by: 1}, accept_noise: wanted", "previous period"),
        ("seasonal: {method: ears_c1, years: 5}", "does not go with"),
        ("seasonal: {years: 5}", "method"),
        ("drift: {method: cusum, lambda: 0.2}", "belongs to"),
        ("drift: {false_alarm_every: 3 weeks}", "counts no periods"),
        ("funnel: {last: 12 months}", "counts no periods"),
        ("rating: {}", "give `dropped`"),
        ("rating: {overdue: 30 days, dropped: 1 grade}", "stands alone"),
        ("spc: {chart: run, rules: mdc}", "run chart"),
        ("spc: {rules: anhoej-2014}", "chart: run"),
        ("spc: {chart: g, signals: [trend]}", "no signal of"),
        ("spc: {chart: z}", "not one of"),
        ("threshold: {above: 1}, within: 2 periods", "goes with"),
    ],
)
def test_parameters_that_make_no_sense_are_said_at_their_place(read: Read, detector: str, words: str) -> None:
    reading = read({"rules/x.yaml": f"rules:\n  r: {{measure: m, {detector}}}\n"})
    assert reading.errors
    assert any(words in f"{problem.message} {problem.hint} {problem.note}" for problem in reading.problems)
