"""Draws quadrant 2, Tackling crime and reoffending."""

import numpy as np
import pyarrow as pa

from alertd.demo.star.facts_policing import Filled
from alertd.demo.star.forces import NOT_LOCATED
from alertd.demo.star.grid import Draw, Floats, Grid, Ints
from alertd.demo.star.long import TYPES, coded, long
from alertd.demo.star.spans import AS_AT

CRIMES = {
    "Violence": 295,
    "Burglary": 58,
    "Vehicle crime": 62,
    "Theft": 150,
    "Robbery": 8,
    "Criminal damage": 95,
    "Drugs": 24,
    "Public order": 88,
    "Sexual offences": 27,
    "Other crime": 38,
}
CHARGED = {
    "Violence": 0.085,
    "Burglary": 0.055,
    "Vehicle crime": 0.035,
    "Theft": 0.08,
    "Robbery": 0.1,
    "Criminal damage": 0.06,
    "Drugs": 0.32,
    "Public order": 0.09,
    "Sexual offences": 0.045,
    "Other crime": 0.12,
}
_LEFT_OPEN = 0.98  # so much is closed at last
_CLOSED_IN = 0.45  # of what is left, each month
_CHARGED_IN = 0.45
AGES = 13


def outcomes(draw: Draw) -> Filled:
    """M4: crimes, and what became of them month after month."""
    grid = draw.grid("fact_crime_month", extra=(NOT_LOCATED,), crime_type=list(CRIMES))
    recorded = 1 + grid.count("recorded", grid.of("crime_type", CRIMES) - 1, season=0.07, dispersion=1.5, memory=0.03)
    somewhere = grid.series["district"] != NOT_LOCATED
    residents = np.where(somewhere, grid.residents, 1)
    yield grid.table.name, long(grid, {"recorded": recorded, "residents": residents})
    yield from _what_became(draw, recorded)

    grid = draw.grid("fact_crime_response_month")
    crimes = recorded.reshape(len(grid.span), -1, len(CRIMES)).sum(axis=2)[:, : grid.shape[1]]
    yield (
        grid.table.name,
        long(grid, {"crimes": crimes, "responded_in_time": grid.share("responded_in_time", crimes, 0.88)}),
    )

    for name, teams in (("fact_investigation_month", ()), ("fact_investigation_team_month", ("investigation",))):
        grid = draw.grid(name, teams=teams)
        begun = grid.count("investigations", 330, season=0.06, dispersion=1.6)
        yield (
            name,
            long(
                grid,
                {
                    "investigations": begun,
                    "reviewed_on_time": grid.share("reviewed_on_time", begun, 0.84),
                    "median_days": grid.value("median_days", 31, spread=0.05),
                },
            ),
        )

    grid = draw.grid("fact_court_month")
    defendants = grid.count("defendants", 62, dispersion=1.4)
    yield (
        grid.table.name,
        long(grid, {"defendants": defendants, "convicted": grid.share("convicted", defendants, 0.83)}, lag=12),
    )

    grid = draw.grid("fact_attrition_month")
    named = grid.count("crimes_with_suspect", 210, season=0.06)
    grown = _matured(ages_now(grid), 0.45)[:, None]
    withdrew = grid.rng.binomial(grid.share("victim_withdrew", named, 0.36), grown)
    yield grid.table.name, long(grid, {"crimes_with_suspect": named, "victim_withdrew": withdrew})


def ages_now(grid: Grid) -> Ints:
    """Whole months from the end of each period until the warehouse was frozen."""
    frozen = np.datetime64(AS_AT, "M").astype(np.int64)
    ages: Ints = frozen - 1 - grid.span.last.astype("M8[M]").astype(np.int64)
    return ages


def _matured(age: Ints, monthly: float) -> Floats:
    """Which part of what will come has come at an age of whole months; 12 and more count as all."""
    grown = (1 - (1 - monthly) ** (age + 0.7)) / (1 - (1 - monthly) ** 12.7)
    return np.asarray(np.minimum(1.0, grown))


def _what_became(draw: Draw, recorded: Ints) -> Filled:
    """Outcomes as known now, and at each age from 0 to 12 months."""
    grid = draw.grid("fact_crime_outcome_month", extra=(NOT_LOCATED,), crime_type=list(CRIMES))
    charge = grid.of("crime_type", CHARGED)
    last = {"charged": grid.share("charged", recorded, charge, spread=0.04)}
    left = recorded - last["charged"]
    for column, share in (("out_of_court", 0.04), ("evidential_difficulties", 0.45), ("no_suspect", 0.93)):
        last[column] = grid.share(column, left, share, spread=0.03)
        left = left - last[column]
    speed = {
        "charged": _CHARGED_IN,
        "out_of_court": _CHARGED_IN,
        "evidential_difficulties": _CLOSED_IN,
        "no_suspect": 0.6,
    }
    known = [{name: np.zeros_like(recorded) for name in last}]
    for age in range(AGES):  # of what has not come yet, so much comes in this month of its age
        before = known[-1]
        grown: dict[str, Ints] = {}
        for name, total in last.items():
            done, now = (_matured(np.array(one), speed[name]) if one >= 0 else np.array(0.0) for one in (age - 1, age))
            part = 1.0 if age == AGES - 1 else float((now - done) / (1 - done))
            grown[name] = before[name] + grid.rng.binomial(total - before[name], part)
        known.append(grown)
    at_age = known[1:]
    age_now = np.minimum(ages_now(grid), AGES - 1)
    current = {name: np.choose(age_now[:, None], [one[name] for one in at_age]) for name in last}
    days = grid.value("median_days", 34, spread=0.07) * np.minimum(1, 0.35 + 0.11 * age_now)[:, None]
    still = recorded - np.sum(list(current.values()), axis=0)
    yield (
        grid.table.name,
        long(grid, current | {"recorded": recorded, "still_open": still, "median_days": np.round(days, 1)}),
    )
    yield "fact_crime_outcome_snapshot", _snapshots(draw, grid, recorded, at_age)


def _snapshots(draw: Draw, grid: Grid, recorded: Ints, at_age: list[dict[str, Ints]]) -> pa.Table:
    periods, width = grid.shape
    period, age = (index.ravel() for index in np.indices((periods, AGES)))
    minute = draw.rng("fact_crime_outcome_snapshot").integers(150, 330, len(period))
    month_end = grid.span.last.astype("M8[M]")[period] + 1 + age.astype("m8[M]")
    taken = (month_end.astype("M8[D]").astype("M8[m]") + (1440 + minute).astype("m8[m]")).astype("M8[us]")
    there = np.flatnonzero(taken <= np.datetime64(AS_AT))
    period, age, taken = period[there], age[there], taken[there]
    series = np.tile(np.arange(width), len(period))

    def figure(name: str) -> pa.Array:
        return pa.array(np.stack([one[name] for one in at_age], axis=1)[period, age].ravel(), type=pa.int32())

    rows = np.repeat(np.arange(len(period)), width)
    return pa.table(
        {
            "month": coded(period[rows], grid.span.starts, TYPES["DATE"]),
            **{name: coded(series, values.tolist(), pa.string()) for name, values in grid.series.items()},
            "age_months": pa.array(age[rows], type=pa.int32()),
            "recorded": pa.array(recorded[period].ravel(), type=pa.int32()),
            **{name: figure(name) for name in ("charged", "out_of_court", "evidential_difficulties")},
            "loaded_at": coded(rows, taken, TYPES["TIMESTAMP"]),
        }
    )


def files(draw: Draw) -> Filled:
    """M5."""
    kinds = {"Guilty plea expected": 9, "Not guilty plea expected": 11}
    grid = draw.grid("fact_file_sample_month", file_type=list(kinds))
    sampled = 5 + grid.rng.binomial(12, grid.of("file_type", kinds) / 20, grid.shape)
    documents = sampled * 6
    yield (
        grid.table.name,
        long(
            grid,
            {
                "sampled": sampled,
                "met_minimum": grid.share("met_minimum", sampled, 0.8),
                "compliant": grid.share("compliant", sampled, 0.85),
                "documents": documents,
                "documents_good": grid.share("documents_good", documents, 0.78),
                "median_days": grid.value(
                    "median_days",
                    grid.of("file_type", {"Guilty plea expected": 42, "Not guilty plea expected": 95}),
                    spread=0.06,
                ),
            },
        ),
    )
    grid = draw.grid("fact_file_sample_team_month", teams=("investigation",))
    sampled = 20 + grid.rng.binomial(20, 0.5, grid.shape)
    yield (
        grid.table.name,
        long(
            grid,
            {
                "sampled": sampled,
                "met_minimum": grid.share("met_minimum", sampled, 0.8),
                "compliant": grid.share("compliant", sampled, 0.85),
            },
        ),
    )


def reoffending(draw: Draw) -> Filled:
    """M6."""
    grid = draw.grid("fact_soc_month")
    nominals = grid.steady(14, wobble=0.02)
    yield (
        grid.table.name,
        long(
            grid,
            {
                "active_groups": grid.steady(4.5, wobble=0.03),
                "disruptions": grid.count("disruptions", 5),
                "nominals": nominals,
                "nominals_reoffended": grid.share("nominals_reoffended", nominals, 0.09),
            },
        ),
    )
    grid = draw.grid("fact_repeat_domestic_month")
    suspects = grid.count("suspects", 85, season=0.05)
    grown = _matured(ages_now(grid), 0.55)[:, None]
    yield (
        grid.table.name,
        long(
            grid,
            {
                "suspects": suspects,
                "repeat_suspects": grid.rng.binomial(grid.share("repeat_suspects", suspects, 0.31), grown),
            },
        ),
    )
    grid = draw.grid("fact_dvpn_month")
    asked = 2 + grid.count("disclosure_applications", 7)
    yield (
        grid.table.name,
        long(
            grid,
            {
                "domestic_arrests": grid.count("domestic_arrests", 52),
                "dvpn_issued": grid.count("dvpn_issued", 3.4),
                "disclosure_applications": asked,
                "disclosures": grid.share("disclosures", asked, 0.42),
            },
        ),
    )
    grid = draw.grid("fact_offender_visit_month", teams=("offender management",))
    due = grid.count("visits_due", 36)
    yield (
        grid.table.name,
        long(
            grid,
            {
                "offenders_managed": grid.steady(140, trend=0.02),
                "visits_due": due,
                "visits_on_time": grid.share("visits_on_time", due, 0.91),
            },
        ),
    )


def investigations(draw: Draw) -> Filled:
    """D5."""
    lines = {
        "fact_key_lines_month": (0.42, 0.3),
        "fact_digital_identification_month": (0.2, 0.27),
        "fact_identifiable_property_month": (0.12, 0.16),
        "fact_named_offender_month": (0.35, 0.38),
    }
    kinds = ("Violence", "Burglary", "Vehicle crime", "Robbery", "Theft")
    for name, (part, positive) in lines.items():
        grid = draw.grid(name, crime_type=kinds)
        crimes = 2 + grid.count("with_line", part * grid.of("crime_type", CRIMES))
        grown = _matured(ages_now(grid), 0.5)[:, None]
        yield (
            name,
            long(
                grid,
                {
                    "with_line": crimes,
                    "positive_outcome": grid.rng.binomial(grid.share("positive_outcome", crimes, positive), grown),
                },
            ),
        )
    grid = draw.grid("fact_investigation_sample_month", teams=("investigation",))
    sampled = 18 + grid.rng.binomial(16, 0.5, grid.shape)
    yield grid.table.name, long(grid, {"sampled": sampled, "met_standard": grid.share("met_standard", sampled, 0.79)})


def high_impact(draw: Draw) -> Filled:
    """D6, what is counted by the week, and the many small series of neighbourhoods."""
    kinds = {"Serious assault": 4.2, "HIAC": 24, "Hate crime": 3.1, "Rape": 1.6, "Sexual assault": 3.0}
    grid = draw.grid("fact_high_impact_week", extra=(NOT_LOCATED,), crime_type=list(kinds))
    residents = np.where(grid.series["district"] == NOT_LOCATED, 1, grid.residents)
    yield (
        grid.table.name,
        long(grid, {"crimes": grid.count("crimes", grid.of("crime_type", kinds), season=0.07), "residents": residents}),
    )


CATEGORIES = {
    "Anti-social behaviour": 5.1,
    "Bicycle theft": 0.2,
    "Burglary": 0.9,
    "Criminal damage": 1.6,
    "Drugs": 0.5,
    "Other crime": 0.5,
    "Other theft": 1.3,
    "Possession of weapons": 0.2,
    "Public order": 1.6,
    "Robbery": 0.2,
    "Shoplifting": 1.1,
    "Theft from the person": 0.2,
    "Vehicle crime": 0.9,
    "Violence and sexual offences": 5.4,
}


def neighbourhoods(draw: Draw) -> Filled:
    """D6, recorded crime of each neighbourhood and category; a district at a time, so that it needs little memory."""
    kinds = list(CATEGORIES)
    for place, district in enumerate(draw.force.districts):
        names = draw.force.neighbourhoods(district)
        grid = _of_one_district(draw, place, names, kinds)
        yield (
            grid.table.name,
            long(grid, {"crimes": grid.count("crimes", grid.of("category", CATEGORIES), season=0.08)}),
        )


def _of_one_district(draw: Draw, place: int, names: list[str], kinds: list[str]) -> Grid:
    whole = draw.grid("fact_crime_neighbourhood_month", neighbourhood=names, category=kinds)
    rng = np.random.default_rng([draw.seed, draw.force.number, place, 6])
    size = rng.lognormal(-0.1, 0.45, len(names)) * 12 / draw.force.neighbourhoods_each
    return Grid(
        table=whole.table,
        span=whole.span,
        series=whole.series,
        weight=np.repeat(size, len(kinds)),
        average=whole.average,
        rng=rng,
        plants=whole.plants,
    )


MAKERS = (outcomes, files, reoffending, investigations, high_impact, neighbourhoods)
