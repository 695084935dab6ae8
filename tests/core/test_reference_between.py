"""Charts of rare events against qicharts2 0.8.1 on heart operations (deaths after CABG), and where we differ on purpose."""

import csv
from pathlib import Path

import numpy as np
import pytest

from tests.core.make import block, measure, rule, verdicts

REFERENCE = Path(__file__).resolve().parents[3] / "shared" / "reference" / "qicharts2"
pytestmark = pytest.mark.skipif(
    not REFERENCE.is_dir(), reason="the published outputs are not beside the project (../shared/reference)"
)


def published(name: str) -> list[dict[str, str]]:
    with (REFERENCE / name).open(newline="") as file:
        return list(csv.DictReader(file))


def column(rows: list[dict[str, str]], name: str) -> np.ndarray:
    return np.array([float(row[name]) for row in rows])


def judged(rows: list[dict[str, str]], chart: str):
    """Our verdicts over the published gaps, with limits from all of them."""
    return verdicts(rule(spc={"chart": chart, "baseline": "all"}), block(column(rows, "y").tolist()), of=measure())


def test_the_textbook_g_chart_equals_the_published_one():
    rows = published("cabg_g.csv")
    found = judged(rows, "g_3sigma")
    for ours, theirs in (("centre", "cl"), ("lower", "lcl"), ("upper", "ucl")):
        np.testing.assert_allclose(getattr(found, ours)[:, 0], column(rows, theirs), rtol=1e-9, atol=1e-9)
    flagged = [row["sigma.signal"] == "TRUE" for row in rows]
    assert (found.high | found.low)[:, 0].astype(bool).tolist() == flagged
    assert sum(flagged) == 1


def test_our_g_chart_has_limits_of_the_same_chance_as_three_sigma():
    """The published limit is passed by 1.8% of geometric gaps; ours lies where .135% pass it, and fours have a limit too."""
    rows = published("cabg_g.csv")
    found, mean = judged(rows, "g"), column(rows, "y").mean()
    passing = (mean / (mean + 1)) ** np.floor(np.array([column(rows, "ucl")[0], found.upper[0, 0]]) + 1)
    assert 0.017 < passing[0] < 0.019
    assert 0.0008 < passing[1] < 0.00135, "wider than with a known mean, for 67 gaps are not all there are"
    assert found.centre[0, 0] == pytest.approx(mean)
    assert np.isnan(found.lower).all()
    assert np.flatnonzero(found.high[:, 0] | found.low[:, 0]).tolist() == []


def test_our_t_chart_differs_from_the_published_one_on_purpose():
    """qicharts2 takes gaps to the power of 1/3.6 for normal figures; ours takes them for the exponential ones that they are.

    Its limits are passed by .07% of exponential gaps above and by .006% below. Ours are passed by .135%, and the number of
    gaps that they come from counts; four short gaps together stand in for a lower limit that no gap of a day can pass.
    """
    gaps = np.random.default_rng(3).exponential(1, 1_000_000)
    roots = gaps ** (1 / 3.6)
    spread = 3 * np.abs(np.diff(roots)).mean() / 1.128
    upper, lower = (roots.mean() + spread) ** 3.6, (roots.mean() - spread) ** 3.6
    assert np.exp(-upper) == pytest.approx(0.0007, rel=0.1)
    assert 1 - np.exp(-lower) == pytest.approx(0.00006, rel=0.2)

    rows = published("cabg_t.csv")
    found, days = judged(rows, "t"), column(rows, "y")
    assert column(rows, "lcl")[0] < 1, "a gap of nought days is an error there, so nothing can ever be below"
    assert found.centre[0, 0] == pytest.approx(days.mean())
    assert found.upper[0, 0] == pytest.approx(67 * days.mean() * (0.00135 ** (-1 / 67) - 1), rel=1e-12)
    assert 0.0009 < np.exp(-found.upper[0, 0] / days.mean()) < 0.00135, "wider than if 67 gaps told the mean exactly"
    flagged = [int(row["x"]) for row in rows if row["sigma.signal"] == "TRUE"]
    assert (np.flatnonzero(found.high[:, 0]) + 1).tolist() == flagged == [24], "both find the longest one"
    assert not found.low.any()
