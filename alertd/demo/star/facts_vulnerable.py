"""Draws quadrant 3, Supporting vulnerable people and victims."""

import numpy as np

from alertd.core.periods import Grain
from alertd.demo.star.facts_policing import Filled
from alertd.demo.star.grid import Draw, Floats, Ints
from alertd.demo.star.long import coded, listed, long
from alertd.demo.star.planted import effect
from alertd.demo.star.schema import TABLES
from alertd.demo.star.spans import AS_AT, span_of

SURVEY_LAG = 26
"""Days from the end of a quarter until the contractor's figures come."""


def early_action(draw: Draw) -> Filled:
    """M7."""
    grid = draw.grid("fact_vulnerable_caller_month")
    callers = grid.count("callers", 120, season=0.04)
    yield (
        grid.table.name,
        long(
            grid,
            {
                "callers": callers,
                "repeat_callers": grid.share("repeat_callers", callers, 0.22),
                "calls": np.round(callers * 1.7).astype(np.int64),
            },
        ),
    )
    grid = draw.grid("fact_missing_month")
    episodes = 6 + grid.count("episodes", 38, season=0.08)
    again = grid.share("repeat_episodes", episodes, 0.34)
    yield (
        grid.table.name,
        long(grid, {"episodes": episodes, "repeat_episodes": again, "people": episodes - (again * 2) // 3}),
    )
    grid = draw.grid("fact_step_down_month", teams=("early action",))
    cases = grid.count("open_cases", 48, dispersion=1.05)
    reviewed = 6 + grid.count("step_downs_reviewed", 9)
    yield (
        grid.table.name,
        long(
            grid,
            {
                "open_cases": cases,
                "stepped_down": grid.share("stepped_down", cases, 0.19),
                "step_downs_reviewed": reviewed,
                "returned": grid.share("returned", reviewed, 0.16),
            },
        ),
    )


def victims_code(draw: Draw) -> Filled:
    """M8."""
    kinds = {"Standard": 210, "Enhanced": 66}
    grid = draw.grid("fact_victim_contact_month", entitlement=list(kinds))
    due = grid.count("due", grid.of("entitlement", kinds), season=0.05, dispersion=1.5)
    on_time = grid.share("on_time", due, grid.of("entitlement", {"Standard": 0.88, "Enhanced": 0.82}))
    yield grid.table.name, long(grid, {"due": due, "on_time": on_time})
    grid = draw.grid("fact_victim_contact_team_month", teams=("response", "investigation"))
    due = grid.count("due", 160, dispersion=1.5)
    yield grid.table.name, long(grid, {"due": due, "on_time": grid.share("on_time", due, 0.87)})
    grid = draw.grid("fact_victims_code_sample_month")
    sampled = 10 + grid.rng.binomial(16, 0.5, grid.shape)
    yield grid.table.name, long(grid, {"sampled": sampled, "compliant": grid.share("compliant", sampled, 0.83)})


SATISFIED = {"Violence": 0.72, "Burglary": 0.83, "Vehicle crime": 0.76, "Hate crime": 0.7}


def satisfaction(draw: Draw) -> Filled:
    """M9: answers drawn one by one, quarters and rolling years added up from them."""
    grid = draw.grid("fact_victim_survey_quarter", crime_type=list(SATISFIED))
    number = 20 + grid.count("responses", 26)
    odds = np.log(grid.of("crime_type", SATISFIED) / (1 - grid.of("crime_type", SATISFIED)))
    moved = grid.planted("satisfied")
    chance = 1 / (1 + np.exp(-(odds + np.log(moved) + grid.remembered(0.05))))
    cell = np.repeat(np.arange(number.size), number.ravel())
    rng = grid.rng
    weight = np.round(rng.gamma(9, 1 / 9, len(cell)) + 0.2, 2)
    satisfied = (rng.random(len(cell)) < chance.ravel()[cell]).astype(np.int64)
    sums = [
        np.bincount(cell, by, minlength=number.size).reshape(number.shape)
        for by in (satisfied, weight, weight * satisfied, weight**2)
    ]
    share = np.clip(sums[2] / sums[1], 0.005, 0.995)
    error = np.sqrt(share * (1 - share) * sums[3]) / sums[1]
    part = {"responses": number, "satisfied": sums[0].astype(np.int64)}
    yield (
        grid.table.name,
        long(
            grid,
            part | {"percent": np.round(100 * share, 2), "standard_error": np.round(100 * error, 3)},
            lag=SURVEY_LAG,
        ),
    )
    yield _rolling(draw, part)

    quarter, series = cell // number.shape[1], cell % number.shape[1]
    length = (grid.span.last - grid.span.first).astype(np.int64)[quarter] + 1
    day = grid.span.first[quarter] + rng.integers(0, length).astype("m8[D]")
    loaded = (grid.span.last[quarter] + SURVEY_LAG).astype("M8[m]") + np.timedelta64(195, "m")
    there = loaded <= np.datetime64(AS_AT)
    table = TABLES["fact_victim_survey_answer"]
    answers = {name: coded(series[there], values.tolist(), "string") for name, values in grid.series.items()}
    yield (
        table.name,
        listed(
            table,
            answers
            | {
                "answer_id": np.arange(int(there.sum())) + 1 + draw.force.number * 1_000_000,
                "day": day[there],
                "satisfied": satisfied[there],
                "weight": weight[there],
                "loaded_at": loaded[there].astype("M8[us]"),
            },
        ),
    )


def _rolling(draw: Draw, part: dict[str, Ints]) -> tuple[str, object]:
    grid = draw.grid("fact_victim_survey_rolling")
    span = grid.span
    summed = {name: figure.reshape(len(span), grid.shape[1], -1).sum(axis=2) for name, figure in part.items()}
    rolled = {
        name: np.apply_along_axis(
            lambda column: np.convolve(column, np.ones(4, dtype=np.int64))[: len(span)], 0, figure
        )
        for name, figure in summed.items()
    }
    percent = 100 * rolled["satisfied"] / rolled["responses"]
    error = np.sqrt(percent * (100 - percent) / rolled["responses"])
    whole = rolled | {"percent": np.round(percent, 2), "standard_error": np.round(error, 3)}
    rows = long(grid, whole, lag=SURVEY_LAG)
    return grid.table.name, rows.slice(3 * grid.shape[1])  # the first three have no whole year behind them


STRANDS = {"Fraud": 22, "IIOC": 4.5, "Cyber": 9, "DA": 155, "CSE": 12, "MFH": 36}
RARE = {"CT": 0.8, "HBV": 0.9, "FGM": 0.4}


def safeguarding(draw: Draw) -> Filled:
    """D7."""
    for name, strands in (("fact_safeguarding_month", STRANDS), ("fact_safeguarding_force_month", RARE)):
        grid = draw.grid(name, strand=list(strands))
        base = grid.of("strand", strands)
        referrals = grid.count("referrals", base, season=0.05, dispersion=1.3)
        due = 3 + grid.count("due", base * 0.8)
        yield (
            name,
            long(
                grid,
                {
                    "referrals": referrals,
                    "open_cases": grid.steady(1 + base * 1.6, wobble=0.05),
                    "due": due,
                    "on_time": grid.share("on_time", due, 0.87),
                },
            ),
        )


def quality(draw: Draw) -> Filled:
    """D8."""
    grid = draw.grid("fact_quality_sample_month", theme=["Hate crime", "Domestic abuse"])
    sampled = 8 + grid.rng.binomial(12, 0.5, grid.shape)
    yield grid.table.name, long(grid, {"sampled": sampled, "met_standard": grid.share("met_standard", sampled, 0.81)})
    grid = draw.grid("fact_quality_sample_team_month", teams=("public protection",))
    sampled = 24 + grid.rng.binomial(16, 0.5, grid.shape)
    yield grid.table.name, long(grid, {"sampled": sampled, "met_standard": grid.share("met_standard", sampled, 0.82)})


def daily_rate(draw: Draw, table: str, column: str, series: dict[str, list[str]], yearly: Floats) -> Floats:
    """Expected events of each day and series, with what is planted."""
    span = span_of(Grain.DAY)
    known = {name: np.array(values) for name, values in series.items()}
    moved = effect(draw.plants.get(table, ()), column, span, known, len(yearly))
    rate = np.broadcast_to(yearly / 365.25, (len(span), len(yearly)))
    return rate if moved is None else rate * moved


MAKERS = (early_action, victims_code, satisfaction, safeguarding, quality)
