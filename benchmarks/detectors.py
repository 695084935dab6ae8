"""Every detector at its newest period."""

import typing
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from alertd.core.calendar import Calendar
from alertd.core.evaluate import judge
from alertd.core.parameters.seasonal import Seasonal
from alertd.core.parameters.spc import ChartKind
from alertd.core.rules import COMPOSITES, DETECTORS
from alertd.core.rulesets import RULE_SETS
from alertd.core.series import Capacity, SeriesBlock
from benchmarks.data import NOW, PERIODS, block_of, figures, measure, rule
from benchmarks.measuring import Row, Sizes, best, rate

NAME = "detector"
_VALUE = {"value": "v"}
_COUNT = {"count": "n"}
_RARE = {"count": "n", "absent": "zero"}
_SHARE = {"numerator": "n", "denominator": "d", "unit": "percent"}
_RATE = {"count": "n", "denominator": {"column": "d", "kind": "exposure", "per": 1000}}
_GRADE = {"grade": "g", "scale": ["Inadequate", "Requires improvement", "Good", "Outstanding"]}
_NOISE = {"accept_noise": "a benchmark"}
_OF_CHART = {
    "p": _SHARE,
    "pp": _SHARE,
    "u": _RATE,
    "up": _RATE,
    "c": _COUNT,
    "g": _RARE,
    "t": _RARE,
    "g_3sigma": _RARE,
}

CASES: dict[str, list[tuple[str, dict[str, Any], dict[str, Any]]]] = {
    "threshold": [("", _VALUE, {"threshold": {"above": 120}})],
    "spc": [
        *(
            (f"chart {kind}", _OF_CHART.get(kind, _VALUE), {"spc": {"chart": kind}})
            for kind in typing.get_args(ChartKind)
        ),
        *(
            (f"xmr, {name}", _VALUE, {"spc": {"chart": "xmr", "rules": name}})
            for name, one in RULE_SETS.items()
            if "crossings" not in one.signals
        ),
    ],
    "drift": [(method, _VALUE, {"drift": {"method": method}}) for method in ("cusum", "ewma")],
    "funnel": [("", _SHARE, {"funnel": {"last": 12}})],
    "change": [("", _VALUE, {"change": {"versus": "same period last year", "worse_by": "20 percent"}} | _NOISE)],
    "rating": [("", _GRADE, {"rating": {"dropped": "1 grade"}})],
    "freshness": [("", _VALUE, {"freshness": {"late_after": "10 days", "missing": "any"}})],
    "forecast": [
        ("value, within 3", _VALUE, {"forecast": {"capacity": "c", "within": 3}}),
        ("count, within 12", _COUNT, {"forecast": {"capacity": "c", "within": 12}}),
    ],
    "seasonal": [
        (method, _VALUE if method == "adjusted_xmr" else _COUNT, {"seasonal": {"method": method}})
        for method in typing.get_args(Seasonal.model_fields["method"].annotation)
        if method != "farrington_flexible"
    ],
}
"""By detector key: words for the case, what the measure is of, and the detector; every chart, rule set and method."""


def run(sizes: Sizes) -> Iterator[Row]:
    """How many series a second each detector judges; one that is not listed here is named."""
    blocks: dict[str, SeriesBlock] = {}
    for key in DETECTORS:
        if key in COMPOSITES:
            continue
        if key not in CASES:
            yield Row(part=NAME, what=key, figure=float("nan"), unit="", note="not listed in benchmarks/detectors.py")
        for words, of, detector in CASES.get(key, []):
            block = blocks.setdefault(repr(of), _block(of, sizes.detectors))
            least = 50_000 if key == "forecast" else 100_000
            yield _measured(f"{key} {words}".strip(), of, detector, block, sizes, least=least)
    few = max(sizes.detectors // 20, 10)
    farrington = {"seasonal": {"method": "farrington_flexible", "years": 3}}
    yield _measured(
        "seasonal farrington_flexible", _COUNT, farrington, _block(_COUNT, few), sizes, least=2000, unit="fits"
    )


def _measured(
    what: str,
    of: dict[str, Any],
    detector: dict[str, Any],
    block: SeriesBlock,
    sizes: Sizes,
    *,
    least: float,
    unit: str = "series",
) -> Row:
    series = len(block.keys)
    if "forecast" in detector:
        room = np.full(block.value.shape, 1.1 * np.nanmean(block.value))
        block = replace(block, capacity=Capacity(figures=room, of=np.zeros(room.shape, dtype=np.int64)))
    of_what, by = measure(**of), rule(**detector)
    taken = best(lambda: judge(by, of_what, block, Calendar(), NOW), max(1, sizes.repeats // 2))
    return rate(NAME, f"{what}, newest of {PERIODS} periods, {series:,} series", series / taken, unit, least=least)


def _block(of: dict[str, Any], series: int) -> SeriesBlock:
    random = np.random.default_rng(2)
    if of is _VALUE:
        return block_of(figures(series))
    if of is _GRADE:
        return block_of(random.integers(1, 5, (PERIODS, series)).astype(float))
    counts = random.poisson(0.5 if of is _RARE else 40.0, (PERIODS, series)).astype(float)
    if of in (_COUNT, _RARE):
        return block_of(counts)
    wholes = counts + random.poisson(60.0, counts.shape)
    return block_of(counts * measure(**of).factor / wholes, counts, wholes)
