"""Run lengths and limits of CUSUM and EWMA against the R package spc 0.6.7, where level and sigma are known.

Both solve the same integral equations by quadrature; we agree to about eleven digits in run lengths, and in limits to the
tolerance that spc searches with (1e-9).
"""

import csv
from pathlib import Path

import pytest

from alertd.core.detect.drift_design import cusum_interval, ewma_interval, exact_limit

REFERENCE = Path(__file__).resolve().parents[3] / "shared" / "reference" / "arl"
pytestmark = pytest.mark.skipif(
    not REFERENCE.is_dir(), reason="the published outputs are not beside the project (../shared/reference)"
)


def rows_of(name):
    with (REFERENCE / name).open(newline="") as file:
        return [{key: float(cell) for key, cell in row.items()} for row in csv.DictReader(file)]


CUSUMS = {
    "cusum_k.5_h4": (4.0, True),
    "cusum_k.5_h4.774": (4.774, True),
    "cusum_k.5_h5": (5.0, True),
    "cusum1_k.5_h4": (4.0, False),
    "cusum1_k.5_h5": (5.0, False),
}
EWMAS = {
    "ewma_l.2_L2.86": (0.2, 2.86),
    "ewma_l.2_L2.962": (0.2, 2.962),
    "ewma_l.1_L2.703": (0.1, 2.703),
    "ewma_l.2_L3": (0.2, 3.0),
}


@pytest.mark.parametrize(("column", "design"), CUSUMS.items())
def test_cusum_run_lengths_equal_the_published_ones(column, design):
    h, two_sided = design
    for row in rows_of("arl_exact.csv"):
        assert cusum_interval(0.5, h, row["delta"], two_sided=two_sided) == pytest.approx(row[column], rel=1e-11)


@pytest.mark.parametrize(("column", "design"), EWMAS.items())
def test_ewma_run_lengths_equal_the_published_ones(column, design):
    for row in rows_of("arl_exact.csv"):
        assert ewma_interval(*design, row["delta"]) == pytest.approx(row[column], rel=1e-11)


@pytest.mark.parametrize(
    ("column", "method", "weight"),
    [
        ("cusum_two_k.5_h", "cusum", 0.5),
        ("cusum_two_k.25_h", "cusum", 0.25),
        ("ewma_l.1_L", "ewma", 0.1),
        ("ewma_l.2_L", "ewma", 0.2),
        ("ewma_l.3_L", "ewma", 0.3),
    ],
)
def test_limits_for_a_wanted_interval_equal_the_published_ones(column, method, weight):
    for row in rows_of("critical_values.csv"):
        assert exact_limit(method, weight, row["arl0"]) == pytest.approx(row[column], rel=5e-9)


def test_one_sided_limits_are_those_of_two_sides_at_half_the_interval():
    for row in rows_of("critical_values.csv"):
        assert exact_limit("cusum", 0.5, row["arl0"] / 2) == pytest.approx(row["cusum_one_k.5_h"], rel=5e-9)
