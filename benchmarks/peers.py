"""Other Python packages on the same figures and rule set, in the same run, where they are installed (group `bench`)."""

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

from alertd.core.calendar import Calendar
from alertd.core.evaluate import judge
from benchmarks.data import NOW, PERIODS, block_of, figures, measure, rule
from benchmarks.measuring import Row, Sizes, best, times_faster

NAME = "peer"


def run(sizes: Sizes) -> Iterator[Row]:
    """pandas with a groupby, and pyqicharts a series at a time."""
    try:
        import pandas as pd
    except ImportError:
        yield _absent("pandas: groupby and XmR", "pandas")
        yield _absent("pyqicharts", "pandas")
        return
    matrix = figures(sizes.feed)
    block = block_of(matrix)
    ours = best(lambda: judge(rule(), measure(), block, Calendar(), NOW), sizes.repeats) / sizes.feed
    table = pd.DataFrame(
        {
            "place": np.tile(np.arange(sizes.feed), PERIODS),
            "month": np.repeat(np.arange(PERIODS), sizes.feed),
            "v": matrix.reshape(-1),
        }
    )
    theirs = best(lambda: xmr_by_pandas(table), 1) / sizes.feed
    what = f"XmR, mdc-2024, newest of {PERIODS} periods, {sizes.feed:,} series"
    note = f"{1 / theirs:,.0f} series/s there, {1 / ours:,.0f} here; outliers stay in its baseline"
    yield times_faster(NAME, what, ours, theirs, against="pandas groupby", least=None, note=note)
    try:
        from pyqicharts import qic_table
    except ImportError:
        yield _absent("pyqicharts", "pyqicharts")
        return
    few = table[table["place"] < sizes.peers].sort_values(["place", "month"])

    def one_by_one() -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for _, series in few.groupby("place"):
                qic_table(series, x="month", y="v", chart="i")

    theirs = best(one_by_one, 1) / sizes.peers
    note = f"{1 / theirs:,.0f} series/s there (all periods by one fixed baseline), {1 / ours:,.0f} here"
    yield times_faster(NAME, what, ours, theirs, against="pyqicharts", least=None, note=note)


def xmr_by_pandas(table: Any) -> Any:
    """The newest point of each place by a rolling baseline of 24 with a gap of 3, and the signals of mdc-2024."""
    table = table.sort_values(["place", "month"])
    values = table.groupby("place", sort=False)["v"]
    ranges = values.diff().abs()
    newest = values.tail(1).index
    usual = table[["place"]].assign(v=values.shift(3), r=ranges.groupby(table["place"]).shift(3))
    last = usual.groupby("place", sort=False).tail(24).groupby("place", sort=False)
    ranged = usual.groupby("place", sort=False).tail(23).groupby("place", sort=False)
    centre, spread = last["v"].mean(), ranged["r"].mean()
    recent = table.groupby("place", sort=False).tail(7)
    away = recent["v"] - recent["place"].map(centre)
    limit = recent["place"].map(2.66 * spread)
    side = away.gt(0).groupby(recent["place"]).agg(["all", "any"])
    steps = recent.groupby("place", sort=False)["v"].diff().dropna()
    trend = steps.gt(0).groupby(recent["place"]).agg(["all", "any"])
    last_three = (away.abs() > 2 / 3 * limit).groupby(recent["place"]).tail(3)
    two_in_three = last_three.groupby(recent["place"]).sum() >= 2
    beyond = (away.abs() > limit).loc[newest]
    return beyond.to_numpy() | side["all"] | ~side["any"] | trend["all"] | ~trend["any"] | two_in_three


def _absent(what: str, package: str) -> Row:
    note = f"{package} is not installed: pip install --group bench"
    return Row(part=NAME, what=what, figure=float("nan"), unit="", note=note)
