"""The XmR kernel on figures in memory."""

import math
from collections.abc import Iterator

from alertd.core.calendar import Calendar
from alertd.core.evaluate import judge
from benchmarks.data import NOW, PERIODS, block_of, figures, measure, rule
from benchmarks.measuring import Row, Sizes, best, rate, ratio

NAME = "kernel"


def run(sizes: Sizes) -> Iterator[Row]:
    """Judging the newest period against adding up the same matrix, judging all periods, and how that grows."""
    of, by, series = measure(), rule(), sizes.matrix
    for gaps, words in ((0.0, "no gaps"), (0.1, "10% gaps")):
        matrix = figures(series, gaps=gaps)
        block = block_of(matrix)
        adding = best(matrix.sum, sizes.repeats)
        judging = best(lambda block=block: judge(by, of, block, Calendar(), NOW), sizes.repeats)
        yield ratio(
            NAME,
            f"XmR, newest of {PERIODS} periods, {series:,} series, {words}",
            judging,
            adding,
            against="NumPy's sum of the matrix",
            most=4,
            note=f"{series / judging:,.0f} series/s",
        )
    some = figures(min(series, 100_000))
    block = block_of(some)
    every = best(lambda: judge(by, of, block, Calendar(), NOW, every_period=True), max(1, sizes.repeats // 2))
    windows = PERIODS * some.shape[1] / every
    yield rate(
        NAME, f"XmR, all {PERIODS} periods, {some.shape[1]:,} series", windows, "series-windows", least=1_000_000
    )
    yield from _growth(sizes)


def _growth(sizes: Sizes) -> Iterator[Row]:
    counts = [sizes.matrix // 100, sizes.matrix // 10, sizes.matrix]
    blocks = [block_of(figures(count)) for count in counts]
    taken = [
        best(lambda block=block: judge(rule(), measure(), block, Calendar(), NOW), sizes.repeats) for block in blocks
    ]
    exponent = math.log(taken[-1] / taken[0]) / math.log(counts[-1] / counts[0])
    yield Row(
        part=NAME,
        what=f"growth of judging from {counts[0]:,} to {counts[-1]:,} series",
        figure=exponent,
        unit="exponent",
        goal="<= 1.1",
        met=exponent <= 1.1,
        note=", ".join(f"{count:,}: {count / time:,.0f}/s" for count, time in zip(counts, taken, strict=True)),
    )
