"""Write alertd/core/detect/drift_table.py: simulate the limits of CUSUM and EWMA for every default baseline.

Run it when the way that baselines are reckoned changes. It takes about a quarter of an hour; each limit is the mean of four
simulations, and the mean's standard error in the interval is about 1%, 3% at one alarm in 3,000 periods.
"""

import sys
from pathlib import Path

import numpy as np

from alertd.core.detect.baselines import plan
from alertd.core.detect.drift_design import Method, exact_limit, limit_on, standardised_noise
from alertd.core.detect.drift_table import INTERVALS
from alertd.core.parameters.drift import Drift
from alertd.core.periods import Grain

TABLE = Path(__file__).resolve().parents[1] / "alertd" / "core" / "detect" / "drift_table.py"
SEEDS = range(1, 5)
DESIGNS: tuple[tuple[Method, float], ...] = (("cusum", 0.5), ("ewma", 0.2))


def main() -> None:
    """Simulate every row and replace the table."""
    defaults = {(plan(Drift(), grain).length, plan(Drift(), grain).gap) for grain in Grain}
    baselines = [(True, *one) for one in sorted(defaults)] + [(False, length, 0) for length, _ in sorted(defaults)]
    rows = []
    for rolling, length, gap in dict.fromkeys(baselines):
        found: dict[Method, list[list[float]]] = {method: [] for method, _ in DESIGNS}
        for seed in SEEDS:
            noise = standardised_noise(length, gap, rolling=rolling, seed=seed)
            for method, weight in DESIGNS:
                limits: list[float] = []
                for interval in INTERVALS:
                    start = exact_limit(method, weight, interval)
                    if limits:  # as far above the exact limit as the last one
                        start *= limits[-1] / exact_limit(method, weight, INTERVALS[len(limits) - 1])
                    limits.append(limit_on(noise, method, weight, interval, start))
                found[method].append(limits)
        for method, weight in DESIGNS:
            mean = ", ".join(f"{limit:.3f}" for limit in np.mean(found[method], axis=0))
            rows.append(f'    ("{method}", {weight}, {rolling}, {length}, {gap}): ({mean}),\n')
            sys.stdout.write(rows[-1])
            sys.stdout.flush()
    text = TABLE.read_text()
    head, rest = text.split("] = {\n")
    tail = rest[rest.index("}  # fmt: skip") :]
    TABLE.write_text(f"{head}] = {{\n{''.join(rows)}{tail}")


if __name__ == "__main__":
    main()
