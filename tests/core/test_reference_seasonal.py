"""Farrington and EARS against surveillance 1.20.3 on its own salmonella.agona counts (weekly, 1990-1995)."""

import csv
from pathlib import Path

import numpy as np
import pytest
from scipy.special import ndtr

from alertd.core.detect.farrington import design_of, expect, fit_reweighted, trend_chance
from alertd.core.detect.quasipoisson import Design, dispersion, fit, predict, surge_weights
from alertd.core.detect.seasons import shape_of
from alertd.core.detect.surge_bounds import Bound, delta, muan, nb_plugin
from alertd.core.parameters.seasonal import Seasonal
from alertd.core.periods import Grain
from tests.core.make import block, measure, rule, verdicts

REFERENCE = Path(__file__).resolve().parents[3] / "shared" / "reference" / "salmonella_agona"
pytestmark = pytest.mark.skipif(
    not REFERENCE.is_dir(), reason="the published outputs are not beside the project (../shared/reference)"
)
WINDOWS = {"noperiods": 1, "exclude_recent": 3}
PARTS = {"noperiods": 10, "exclude_recent": 26, "trend_p": 1}
CALLS = {
    "control1": {**WINDOWS, "weights_threshold": 1, "threshold": "delta", "alpha": 0.1},
    "control2": {**PARTS, "threshold": "delta", "alpha": 0.1},
    "delta": {**PARTS, "threshold": "delta", "alpha": 0.05},
    "nbPlugin": {**PARTS, "threshold": "nb_plugin", "alpha": 0.05},
    "muan": {**PARTS, "threshold": "muan", "alpha": 0.05},
    "limit54_0": {**WINDOWS, "limit54": (0, 4), "threshold": "delta", "alpha": 0.05},
    "noreweight": {**PARTS, "reweight": False, "threshold": "nb_plugin", "alpha": 0.05},
}
"""How each published file was made, in our words (meta.json has the calls; all with four years and a half-window of 3)."""


def seasonal(name: str) -> Seasonal:
    return Seasonal.model_validate({"method": "farrington_flexible", "years": 4, "half_window": 3, **CALLS[name]})


def published(name: str) -> dict[str, np.ndarray]:
    with (REFERENCE / name).open(newline="") as file:
        rows = list(csv.DictReader(file))
    return {key: np.array([float(row[key] or "nan") for row in rows]) for key in rows[0]}


def counts() -> np.ndarray:
    return published("input_agona.csv")["observed"]


def bound(of: Seasonal, figures: np.ndarray, mean: np.ndarray, log_variance: np.ndarray, phi: np.ndarray) -> Bound:
    match of.threshold:
        case "delta":
            return delta(figures, mean, log_variance, phi, of.alpha)
        case "nb_plugin":
            return nb_plugin(figures, mean, phi, of.alpha)
        case _:
            return muan(figures, mean, log_variance, phi, of.alpha)


def same(ours: np.ndarray, theirs: np.ndarray, tolerance: float = 1e-6) -> None:
    np.testing.assert_allclose(ours, theirs, rtol=tolerance, atol=1e-12)


def test_farrington_without_reweighting_equals_the_published_one_in_every_column():
    theirs, of, y = published("farringtonflex_agona_noreweight.csv"), seasonal("noreweight"), counts()
    design, rows = design_of(shape_of(of, Grain.WEEK)), theirs["t"].astype(int) - 1
    past = y[rows[None, :] - design.offsets[:, None]]
    ours = expect(of, design, past, np.ones_like(past), np.ones(len(rows)))
    upper, sigmas = bound(of, y[rows], ours.mean, ours.log_variance, ours.phi)
    same(ours.mean, theirs["expected"], 1e-9)
    same(ours.phi, theirs["phi"], 1e-9)
    same(ours.slope, theirs["trend_coef"], 1e-9)
    same(ndtr(-sigmas), theirs["pvalue"], 1e-9)
    assert upper.tolist() == theirs["upperbound"].tolist()
    assert (y[rows] > upper).astype(int).tolist() == theirs["alarm"].tolist()


def test_a_rule_without_reweighting_gives_the_published_expectations_bounds_and_alarms():
    theirs = published("farringtonflex_agona_noreweight.csv")
    detector = {"method": "farrington_flexible", "years": 4, **CALLS["noreweight"]}
    found = verdicts(rule(seasonal=detector), block(counts(), first="1990-W01"), of=measure(grain="week", count="n"))
    rows = theirs["t"].astype(int) - 1
    same(found.centre[rows, 0], theirs["expected"], 1e-9)
    assert found.upper[rows, 0].tolist() == theirs["upperbound"].tolist()
    assert [found.signals(row, 0) == ("surge",) for row in rows] == (theirs["alarm"] == 1).tolist()
    assert np.isnan(found.lower).all()
    assert np.isnan(found.upper[: 4 * 52 + 3, 0]).all(), "no bound before four years and the half-window are there"
    assert not np.isnan(found.centre[4 * 52 + 3 :, 0]).any()


class AsThePackage:
    """The package's reweighted model, put together from our own parts with its slip.

    After the second fit it writes the surge weights over the working weights, so that the dispersion that standard errors
    and the p-value of the trend are made of becomes sum(omega * residual^2) / df in place of sum(omega * mean *
    residual^2) / df. (The phi of the bounds is taken before, and is right.)
    """

    def __init__(self, of: Seasonal, design: Design, past: np.ndarray, *, trend: bool) -> None:
        used, ones = np.ones(past.shape, dtype=bool), np.ones_like(past)
        first = fit(design, past, ones, ones, trend=trend)
        phi = np.maximum(dispersion(first, past), 1)
        omega = surge_weights(design, first, past, phi, used, of.weights_threshold)
        self.model = fit(design, past, ones, omega, trend=trend)
        self.phi = np.maximum(dispersion(self.model, past), 1)
        self.slip = (omega * (past / self.model.mean - 1) ** 2).sum(axis=0) / self.model.freedom
        self.mean, variance = predict(design, self.model, np.ones(past.shape[1]))
        self.log_variance = self.slip * variance

    def keeps_trend(self, of: Seasonal, past: np.ndarray) -> np.ndarray:
        return (trend_chance(self.model, self.slip) < of.trend_p) & (self.mean <= past.max(axis=0))


def as_the_package(of: Seasonal, y: np.ndarray, rows: np.ndarray) -> dict[str, np.ndarray]:
    design = design_of(shape_of(of, Grain.WEEK))
    past = y[rows[None, :] - design.offsets[:, None]]
    sloped, level = (AsThePackage(of, design, past, trend=trend) for trend in (True, False))
    kept = sloped.keeps_trend(of, past)
    mean, log_variance, phi = (
        np.where(kept, getattr(sloped, name), getattr(level, name)) for name in ("mean", "log_variance", "phi")
    )
    upper, sigmas = bound(of, y[rows], mean, log_variance, phi)
    slope = np.where(kept, sloped.model.slope, np.nan)
    return {"kept": kept, "expected": mean, "phi": phi, "upper": upper, "sigmas": sigmas, "slope": slope}


@pytest.mark.parametrize("name", [name for name in CALLS if name != "noreweight"])
def test_with_the_packages_slip_our_parts_give_its_reweighted_outputs(name):
    theirs, y = published(f"farringtonflex_agona_{name}.csv"), counts()
    rows = theirs["t"].astype(int) - 1
    ours = as_the_package(seasonal(name), y, rows)
    assert ours["kept"].tolist() == (theirs["trend_included"] == 1).tolist()
    same(ours["expected"], theirs["expected"])
    same(ours["phi"], theirs["phi"])
    same(ours["upper"], theirs["upperbound"])
    same(ours["slope"], theirs["trend_coef"])
    same(ndtr(-ours["sigmas"]), theirs["pvalue"])
    assert (y[rows] > ours["upper"]).astype(int).tolist() == theirs["alarm"].tolist()


def test_reweighted_bounds_that_use_no_standard_error_equal_the_published_ones():
    """With the trend kept whatever its p-value, and a bound from expectation and phi alone, the slip touches nothing."""
    theirs, y = published("farringtonflex_agona_nbPlugin.csv"), counts()
    found = verdicts(
        rule(seasonal={"method": "farrington_flexible", "years": 4, **CALLS["nbPlugin"]}),
        block(y, first="1990-W01"),
        of=measure(grain="week", count="n"),
    )
    rows = theirs["t"].astype(int) - 1
    same(found.centre[rows, 0], theirs["expected"])
    assert found.upper[rows, 0].tolist() == theirs["upperbound"].tolist()
    assert [found.signals(row, 0) == ("surge",) for row in rows] == (theirs["alarm"] == 1).tolist()


@pytest.mark.parametrize("name", ["control1", "limit54_0"])
def test_we_drop_trends_that_the_package_keeps_by_its_slip(name):
    """The working weights of a log-linear Poisson model are its means: without them the dispersion is off by their size.

    These counts are about 1 to 5 a week, so the package's standard errors come out too small, its p-values too: it keeps
    trends that are not significant, and a bound by `delta` is too near to the expected count.
    """
    theirs, of, y = published(f"farringtonflex_agona_{name}.csv"), seasonal(name), counts()
    design, rows = design_of(shape_of(of, Grain.WEEK)), theirs["t"].astype(int) - 1
    past = y[rows[None, :] - design.offsets[:, None]]
    ours = expect(of, design, past, np.ones_like(past), np.ones(len(rows)))
    kept, theirs_kept = ours.slope != 0, theirs["trend_included"] == 1
    assert not (kept & ~theirs_kept).any(), "we keep none that the package drops"
    assert kept.sum() < theirs_kept.sum()
    slip = AsThePackage(of, design, past, trend=True)
    _, spread = fit_reweighted(of, design, past, np.ones_like(past), np.ones(past.shape, dtype=bool), trend=True)
    assert (slip.slip < spread).all(), "its standard errors are smaller throughout"


@pytest.mark.parametrize("method", ["C1", "C2"])
def test_ears_equals_the_published_bounds_and_alarms(method):
    theirs = published(f"ears_agona_{method}.csv")
    found = verdicts(
        rule(seasonal={"method": f"ears_{method.lower()}"}),
        block(counts(), first="1990-W01"),
        of=measure(grain="week", count="n"),
    )
    rows = theirs["t"].astype(int) - 1
    same(found.upper[rows, 0], theirs["upperbound"], 1e-9)
    assert [found.signals(row, 0) == ("surge",) for row in rows] == (theirs["alarm"] == 1).tolist()
