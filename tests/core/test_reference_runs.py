"""Rules and run charts against NHSRplotthedots 0.2.2 and qicharts2 0.8.1, on their own published examples.

Both colour a chart in hindsight; we signal when a pattern completes. A run of theirs is ours coloured back to its start.
"""

import csv
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from alertd.core.calendar import Annotation, Calendar
from alertd.core.detect.run import fewest_crossings_allowed, longest_run_allowed
from alertd.core.rulesets import signal_bit
from tests.core.make import block, rule, verdicts

REFERENCE = Path(__file__).resolve().parents[3] / "shared" / "reference"
pytestmark = pytest.mark.skipif(
    not REFERENCE.is_dir(), reason="the published outputs are not beside the project (../shared/reference)"
)
BACK = {"astronomical": 1, "shift": 7, "trend": 7}


def rows_of(name):
    with (REFERENCE / name).open(newline="") as file:
        return list(csv.DictReader(file))


def facets(name):
    """The rows of a published output by facet, in order of time."""
    found = {}
    for row in rows_of(f"ae_attendances/{name}"):
        found.setdefault(row["f"], []).append(row)
    return [sorted(rows, key=lambda row: row["x"]) for rows in found.values()]


def has(mask, name):
    return (mask[:, 0] & np.uint32(signal_bit(name))) != 0


def coloured_back(found, rows):
    """Which points our signals colour, each back to the start of its pattern, and which of theirs we never signal.

    Two in three colours only its near points. Theirs also colours two near points once a third point follows that is on
    their side and not itself near: nothing has happened at that third point, so we are silent (the newest point of a
    pattern is one of the two).
    """
    near = np.array([row["close_to_limits"] == "TRUE" for row in rows])
    side = np.array([int(row["relative_to_mean"]) for row in rows])
    colour, silent = np.zeros(len(rows), dtype=bool), np.zeros(len(rows), dtype=bool)
    for mask in (found.high, found.low):
        for name, length in BACK.items():
            for row in np.flatnonzero(has(mask, name)):
                colour[max(0, row - length + 1) : row + 1] = True
        for row in np.flatnonzero(has(mask, "two_in_three")):
            colour[row - 2 : row + 1] |= near[row - 2 : row + 1]
    for row in range(2, len(rows)):
        window = slice(row - 2, row + 1)
        if near[window].sum() == 2 and not near[row] and abs(side[window].sum()) == 3:
            silent[row - 2 : row] = True
    return colour, silent & ~colour


@pytest.mark.parametrize(
    ("name", "screen"),
    [
        ("ptd_RJZ_breaches.csv", True),
        ("ptd_5trusts_breaches.csv", True),
        ("ptd_5trusts_perf_target95.csv", True),
        ("ptd_5trusts_attendances_targets.csv", True),
        ("ptd_all_trusts_breaches.csv", True),
        ("ptd_vignette_outlier_screened.csv", True),
        ("ptd_vignette_outlier_unscreened.csv", False),
    ],
)
def test_every_point_that_plotthedots_colours_is_one_of_ours(name, screen):
    compared = 0
    for rows in facets(name):
        detector = {"chart": "xmr", "rules": "nhsr-plotthedots", "baseline": "all", "screen": screen}
        found = verdicts(rule(spc=detector), block([float(row["y"]) for row in rows], first=rows[0]["x"][:7]))
        colour, silent = coloured_back(found, rows)
        theirs = np.array([row["special_cause_flag"] == "TRUE" for row in rows])
        np.testing.assert_array_equal(colour | silent, theirs)
        kinds = {row["special_cause_type"] for row in np.array(rows)[silent]}
        assert kinds <= {"2 in 3 Above CL", "2 in 3 Below CL"}
        compared += len(rows)
    assert compared >= 18


def test_flags_start_anew_at_each_rebase():
    (rows,) = facets("ptd_england_attendances_rebase.csv")
    calendar = Calendar(
        annotations={
            at: Annotation.model_validate(
                {"id": f"from-{at}", "effect": "rebase", "measures": "m", "from": at, "reason": "r", "agreed_by": "a"}
            )
            for at in ("2017-04", "2018-04")
        }
    )
    detector = {"chart": "xmr", "rules": "nhsr-plotthedots", "baseline": "all", "screen": True}
    series = block([float(row["y"]) for row in rows], first=rows[0]["x"][:7])
    colour, silent = coloured_back(verdicts(rule(spc=detector), series, calendar), rows)
    assert (colour | silent).tolist() == [row["special_cause_flag"] == "TRUE" for row in rows]


def test_making_data_count_flags_more_than_plotthedots_does():
    """The Excel tool counts any point beyond two sigma, and lets the third lie anywhere; the R package does neither."""
    more = fewer = 0
    for rows in facets("ptd_all_trusts_breaches.csv"):
        series = block([float(row["y"]) for row in rows], first=rows[0]["x"][:7])
        one, other = (
            verdicts(rule(spc={"chart": "xmr", "rules": name, "baseline": "all", "screen": True}), series)
            for name in ("mdc-2024", "nhsr-plotthedots")
        )
        ours, theirs = (has(found.high | found.low, "two_in_three") for found in (one, other))
        more += int((ours & ~theirs).sum())
        fewer += int((theirs & ~ours).sum())
    assert more > 0
    assert fewer == 0


def test_critical_values_of_anhoejs_rules_equal_the_published_ones():
    rows = rows_of("qicharts2/anhoej_critical_values.csv")
    useful = np.array([int(row["n_useful"]) for row in rows])
    assert longest_run_allowed(useful).tolist() == [int(row["longest_run_max"]) for row in rows]
    assert fewest_crossings_allowed(useful - 1).tolist() == [int(row["crossings_min"]) for row in rows]
    assert len(rows) == 200


@pytest.mark.parametrize(
    ("name", "baseline"),
    [
        ("cdi_run", "all"),
        ("cdi_run_anhoej", "all"),
        ("cdi_run_freeze24", "first 24 periods"),
        ("cabg_readm_run", "all"),
    ],
)
def test_run_charts_equal_the_published_ones_at_their_last_point(name, baseline):
    rows = rows_of(f"qicharts2/{name}.csv")
    series = block([float(row["y"]) for row in rows], first=rows[0]["x"][:7])
    found = verdicts(rule(spc={"chart": "run", "baseline": baseline}), series)
    last = rows[-1]
    np.testing.assert_allclose(found.centre[-1, 0], float(last["cl"]), rtol=1e-12)
    too_long = int(last["longest.run"]) > int(last["longest.run.max"])
    too_few = int(last["n.crossings"]) < int(last["n.crossings.min"])
    assert has(found.high | found.low, "run_length")[-1] == too_long
    assert has(found.high | found.low, "crossings")[-1] == too_few
    assert (too_long or too_few) == (last["runs.signal"] == "TRUE")


@pytest.mark.parametrize("name", ["cdi_run", "cdi_run_freeze24", "cabg_readm_run"])
def test_useful_figures_longest_run_and_crossings_equal_the_published_ones(name):
    rows = rows_of(f"qicharts2/{name}.csv")
    above = [float(row["y"]) > float(row["cl"]) for row in rows if float(row["y"]) != float(row["cl"])]
    turns = [one != other for one, other in pairwise(above)]
    longest = max(len(run) for run in "".join("x" if turn else "." for turn in turns).split("x")) + 1
    last = rows[-1]
    assert len(above) == int(last["n.useful"])
    assert sum(turns) == int(last["n.crossings"])
    assert longest == int(last["longest.run"])
    assert longest_run_allowed(np.array([len(above)]))[0] == int(last["longest.run.max"])
    assert fewest_crossings_allowed(np.array([len(above) - 1]))[0] == int(last["n.crossings.min"])
