"""Every point of a rule's chart for `alertd explain`, as csv or as JSON lines; quick for a thousand series."""

import csv
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, TextIO

from alertd.cli.printing import csv_cell, json_text
from alertd.core.model import Key
from alertd.core.rulesets import signal_names
from alertd.core.series import series_text
from alertd.core.verdicts import STATES, Verdicts

COLUMNS = (
    *("rule", "series", "period", "value", "numerator", "denominator", "centre", "lower", "upper"),
    *("state", "signals"),
)
Stretch = Callable[[Key, int], tuple[str | None, str | None]]
"""The first and the last period that a row of a series was judged by."""


def write_csv(history: Verdicts, out: TextIO, *, header: bool = True) -> None:
    """Every point as a row of csv, series by series; drift has its statistic in a last column."""
    writer = csv.writer(out, lineterminator="\n")
    if header:
        writer.writerow(COLUMNS if history.statistic is None else (*COLUMNS, "statistic"))
    periods = [str(history.period(row)) for row in range(history.periods)]
    rule, empty = csv_cell(history.rule), [""] * len(periods)
    states = [state.value for state in STATES]

    @cache
    def signals(mask: int) -> str:
        return "+".join(signal_names(mask))

    for column, key in enumerate(history.keys):
        series = csv_cell(series_text(dict(zip(history.by, key, strict=True))))

        def figures(array: Any, column: int = column) -> list[str]:
            return empty if array is None else [_figure(value) for value in array[:, column].tolist()]

        given = [history.value, history.numerator, history.denominator, history.centre, history.lower, history.upper]
        found = (history.high[:, column] | history.low[:, column]).tolist()
        columns: list[Sequence[str]] = [
            *([rule] * len(periods), [series] * len(periods), periods),
            *map(figures, given),
            [states[code] for code in history.state[:, column].tolist()],
            [signals(mask) for mask in found],
        ]
        if history.statistic is not None:
            columns.append(figures(history.statistic))
        writer.writerows(zip(*columns, strict=True))


def _figure(value: float) -> str:
    """A figure in full precision, as `csv_cell` writes it."""
    if math.isnan(value):
        return ""
    return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def json_lines(history: Verdicts, stretch: Stretch, told: Mapping[tuple[Key, str], Mapping[str, Any]]) -> Iterator[str]:
    """Every point as a JSON object; `told` is what is said besides of some of them, by series and period."""
    periods = [str(history.period(row)) for row in range(history.periods)]
    names = ("value", "numerator", "denominator", "centre", "lower", "upper", "excess", "statistic")
    arrays = {name: array for name in names if (array := getattr(history, name)) is not None}
    for column, key in enumerate(history.keys):
        series = dict(zip(history.by, key, strict=True))
        figures = {name: array[:, column].tolist() for name, array in arrays.items()}
        for row, period in enumerate(periods):
            first, last = stretch(key, row)
            point = {
                "rule": history.rule,
                "series": series,
                "period": period,
                **dict.fromkeys(("value", "numerator", "denominator", "centre", "lower", "upper")),
                **{name: _known(values[row]) for name, values in figures.items() if name not in _LAST},
                "state": STATES[int(history.state[row, column])].value,
                "signals": list(history.signals(row, column)),
                **{name: _known(figures[name][row]) for name in _LAST if name in figures},
                "baseline_from": first,
                "baseline_to": last,
            }
            if (more := told.get((key, period))) is not None:
                point["explanation"] = more
            yield json_text(point)


_LAST = ("statistic", "excess")


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None
