"""The page `docs/demo-warehouse-score.md`: what counts as found, and how the framework's rules did."""

from collections.abc import Iterator, Sequence
from statistics import median
from typing import Any

from alertd.core.periods import Grain
from alertd.demo.score.matching import AFTER, LATER, LATER_DRIFT
from alertd.demo.score.rows import COLUMNS, framework_rows, happening_rows, stray_rows
from alertd.demo.score.scoring import Outcome, Score
from alertd.demo.star.planted import NOTICE

_HEAD = f"""\
# What the rules find in the demonstration warehouse

`alertd demo-warehouse score [FILE] [--row M2] [--rule RULE] [--all] [--no-chance] [--format table|json|csv|markdown]`
replays every live rule of a home over the six years of a [demonstration warehouse](demo-warehouse.md), as
`alertd backtest` does, and holds what would have been told against what is planted there (its table `truth`). Everything
in it is simulated. This page is written by `python scripts/write_demo_warehouse_score_page.py`, some minutes' work: write
it anew when rules change.

## What counts as found

A notice tells of a happening where all of these hold:

- **Its row and figures**: the rule's measure belongs to the happening's row of the framework, and its SQL reads the column
  that the happening moves (or one that is drawn with it, such as the share within the standard with the minutes), of the
  same grade, strand or crime type.
- **Its place**: the same place or team, one in it, or one that it lies in.
- **Its time**: the period that the notice is about lies between the happening's first and last, and at most {LATER} periods
  later ({LATER_DRIFT} for a drift, which stays; a shock fades for 120 days).
- **Its direction**: worse is told as a concern, better as an improvement; where the measure takes neither way for better,
  the figure lies on the side of its centre that the happening moves it to.

It is **missed** where no opening (or worsening) of a live rule does. **Not asked**: seen, but better than usual, and the
route tells nobody of improvement (`improvement: ignore`). A **fault** in the data is found where the data steward would
be told of it: by a rule about the feed, or by the measure's own data notice. What is **quiet** is no news (a rebase, a month
that has not settled, one event alone, chance), and is kept quiet where no exception takes it for news.

The **delay** counts periods from the happening's first one to the one that is first told of: 0 is the same period. How
long a period takes to settle is not in it.

An exception is **false** where nothing planted explains it: none in its figures and place at its time, up to {AFTER}
periods later; and, of what lasted, none that the usual range still holds, so that the former level looks unusual.
**By chance** is how many exceptions the same rules open over the same years when nothing is wrong, by simulation
([noise](noise.md)); grades are simulated by drawing from those that were given, so that rows of few measures and many
grades have more by chance than were opened. Exceptions that a rule at a level above explains are held back, and not counted.
Rules in shadow tell nobody and are left out.
"""


_OTHERS = """\
## On other seeds

The same happenings, planted in other figures. The rules were written with the warehouse above in view, and asked to be quieter
with those of the seeds 7 and 2026 beside it; what those of 31 and 404 hold was looked at only afterwards. What is missed
there may have reached the warehouse too late to be judged: a homicide that is reclassified months afterwards belongs to a
month that was judged without it."""


def page(found: Score, rows: Sequence[str], others: Sequence[Score] = ()) -> str:
    """The whole page, from a score with everything in it, and scores of the same rules over other warehouses."""
    planted = found.planted
    titles = found.home.framework.rows
    lines = [_HEAD, "## The score\n", f"Simulated, {planted.size}, seed {planted.seed}.", *_summary(found), ""]
    table = [
        {**row, "row": f"{row['row']} {titles[row['row']].title}" if row["row"] in titles else row["row"]}
        for row in framework_rows(found, rows)
    ]
    lines += [*_table(table, COLUMNS), "", "## What is missed, and what is told though it is none\n"]
    odd = (Outcome.MISSED, Outcome.WRONGLY_TOLD, Outcome.NOT_ASKED)
    every = list(happening_rows(found))
    poor = [row for row in every if row["outcome"] in odd]
    lines += [*_table(poor, ("row", "table", "where", "from", "to", "outcome", "note")), ""]
    lines += _elsewhere(others, rows)
    lines.append("## Every happening\n")
    columns = ("row", "table", "where", "from", "kind", "expected", "outcome", "delay", "rule", "told_of")
    lines += [*_table(every, columns), "", "## False exceptions\n"]
    lines += _table(list(stray_rows(found)), ("row", "rule", "told_of", "period", "direction", "value", "centre"))
    return "\n".join(lines).rstrip() + "\n"


def _elsewhere(others: Sequence[Score], rows: Sequence[str]) -> Iterator[str]:
    """The totals on other seeds, and what is missed there."""
    if not others:
        return
    sums = [{"seed": one.planted.seed, **framework_rows(one, rows)[-1]} for one in others]
    yield f"{_OTHERS}\n"
    yield from _table(sums, ("seed", *(column for column in COLUMNS if column not in ("row", "rules", "by_chance"))))
    missed = [
        {"seed": one.planted.seed, **row}
        for one in others
        for row in happening_rows(one)
        if row["outcome"] in (Outcome.MISSED, Outcome.WRONGLY_TOLD)
    ]
    if missed:
        yield "\nMissed there:\n"
        yield from _table(missed, ("seed", "row", "table", "where", "from", "to", "outcome", "note"))
    yield ""


def _summary(found: Score) -> Iterator[str]:
    """The whole in words, and the delay by grain."""
    planned = [one for one in found.scored if one.happening.expected == NOTICE]
    told = [one for one in planned if one.outcome is Outcome.FOUND]
    missed = sum(one.outcome is Outcome.MISSED for one in planned)
    share = len(told) / (len(told) + missed) if told else 0.0
    yield f"{len(told)} of {len(told) + missed} happenings that somebody has to hear of are found ({share:.0%})."
    for grain in Grain:
        delays = [
            one.delay for one in told if one.period is not None and one.period.grain is grain and one.delay is not None
        ]
        if delays:
            yield f"By the {grain.words}: median delay {median(delays):g}, at most {max(delays)} ({len(delays)} found)."


def _table(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> Iterator[str]:
    yield f"| {' | '.join(column.replace('_', ' ') for column in columns)} |"
    yield f"|{'---|' * len(columns)}"
    for row in rows:
        yield f"| {' | '.join(_cell(row[column]) for column in columns)} |"


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return "" if value != value else f"{value:.1f}".removesuffix(".0")
    return str(value).replace("|", "\\|")
