"""Write alertd/core/detect/drift_table.py: simulate the limits of CUSUM and EWMA for every default baseline.

And, as `simulated_limit` does, those that rules of the framework's home ask for, so that no command waits for them.

Run it when the way that baselines are reckoned changes. It takes about a quarter of an hour; each limit is the mean of four
simulations, and the mean's standard error in the interval is about 1%, 3% at one alarm in 3,000 periods.
"""

import sys
from pathlib import Path

import numpy as np

from alertd.core.detect.baselines import plan
from alertd.core.detect.drift_design import Method, exact_limit, limit_on, simulated_limit, standardised_noise
from alertd.core.detect.drift_table import INTERVALS
from alertd.core.parameters.drift import Drift
from alertd.core.periods import Grain

TABLE = Path(__file__).resolve().parents[1] / "alertd" / "core" / "detect" / "drift_table.py"
SEEDS = range(1, 5)
FRAMEWORK: tuple[tuple[float, int, int, int], ...] = ((0.75, 24, 3, 2000), (0.75, 24, 3, 4000), (0.75, 52, 6, 50000))
"""The k, the rolling baseline, its gap and the interval of the framework's CUSUMs."""
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
    known = [
        f'    ("cusum", {k}, True, {length}, {gap}, {interval}): '
        f"{simulated_limit('cusum', k, (length, gap), interval, rolling=True)!r},\n"
        for k, length, gap, interval in FRAMEWORK
    ]
    _write(rows, known)


def _write(rows: list[str], known: list[str]) -> None:
    """Put the lines of both tables in place of those that are there."""
    head, defaults, framework = TABLE.read_text().split("] = {\n")
    between, tail = defaults[defaults.index("}") :], framework[framework.index("}") :]
    TABLE.write_text(f"{head}] = {{\n{''.join(rows)}{between}] = {{\n{''.join(known)}{tail}")


if __name__ == "__main__":
    main()
