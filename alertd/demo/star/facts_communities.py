"""Draws quadrant 4, Developing safe, confident communities."""

import numpy as np

from alertd.demo.star.facts_policing import GROUPS, Filled
from alertd.demo.star.facts_vulnerable import SURVEY_LAG
from alertd.demo.star.forces import PER_HOUSEHOLD
from alertd.demo.star.grid import Draw, Floats, Ints
from alertd.demo.star.long import long


def confidence(draw: Draw) -> Filled:
    """M10: each quarter's release covers the 12 months before, so that neighbouring ones share three quarters."""
    grid = draw.grid("fact_confidence_quarter", question=["Confidence", "Perceptions"])
    number = 760 + grid.rng.integers(-40, 40, grid.shape)
    quarter = grid.share(
        "percent", number // 4, grid.of("question", {"Confidence": 0.6, "Perceptions": 0.66}), spread=0.02
    )
    share = _last_four(quarter) / _last_four(number // 4)
    error = np.sqrt(1.4 * share * (1 - share) / number)
    ends = {"lower": share - 1.96 * error, "upper": share + 1.96 * error, "percent": share}
    figures = {name: np.round(100 * figure, 2) for name, figure in ends.items()}
    yield (
        grid.table.name,
        long(grid, figures | {"responses": number, "standard_error": np.round(100 * error, 3)}, lag=SURVEY_LAG),
    )
    if draw.force.number == 0:
        peers = [draw.force.name, *(f"Similar Force {letter}" for letter in "ABCDEFGHIJK")]
        grid = draw.grid("fact_confidence_peer_quarter", peer_force=peers)
        number = 760 + grid.rng.integers(-60, 60, grid.shape)
        between = np.clip(grid.rng.normal(0.6, 0.02, grid.shape[1]), 0.5, 0.7)
        yield (
            grid.table.name,
            long(
                grid,
                {"responses": number, "confident": grid.share("confident", number, between, spread=0.02)},
                lag=SURVEY_LAG,
            ),
        )


def _last_four(figures: Ints) -> Floats:
    """Sums of four quarters; the first ones stand in for those before the beginning."""
    padded = np.concatenate([np.repeat(figures[:1], 3, axis=0), figures]).astype(np.float64)
    return np.asarray(padded[3:] + padded[2:-1] + padded[1:-2] + padded[:-3])


def engagement(draw: Draw) -> Filled:
    """M11."""
    grid = draw.grid("fact_itk_month")
    homes = np.round(grid.residents / PER_HOUSEHOLD).astype(np.int64)
    need = grid.of("district", {one.name: one.need for one in draw.force.districts})
    level = 0.047 * need * grid.planted("subscribers") * (1.05**grid.span.years)[:, None]
    yield (
        grid.table.name,
        long(
            grid,
            {
                "households": homes,
                "nni_weight": need,
                "weighted_households": np.round(homes * need).astype(np.int64),
                "subscribers": np.round(homes * level * np.exp(grid.remembered(0.008))).astype(np.int64),
                "messages": grid.count("messages", 26),
                "social_media_posts": grid.count("social_media_posts", 48),
                "social_media_followers": np.round(
                    homes * 0.16 * (1.08**grid.span.years)[:, None] * np.exp(grid.remembered(0.006))
                ).astype(np.int64),
            },
        ),
    )
    grid = draw.grid("fact_pact_month")
    planned = 8 + grid.rng.binomial(8, 0.5, grid.shape)
    held = grid.share("held", planned, 0.93, spread=0.02)
    yield (
        grid.table.name,
        long(
            grid,
            {
                "planned": planned,
                "held": held,
                "attendees": grid.rng.poisson(9.0 * held),
                "electronic_sessions": grid.count("electronic_sessions", 3),
            },
        ),
    )
    grid = draw.grid("fact_neighbourhood_contact_month", teams=("neighbourhood",))
    yield (
        grid.table.name,
        long(
            grid,
            {
                "contacts": grid.count("contacts", 620, season=0.1, dispersion=3.0),
                "residents": grid.residents,
            },
        ),
    )


def visibility(draw: Draw) -> Filled:
    """M12."""
    for name, teams in (("fact_visibility_week", ()), ("fact_visibility_team_week", ("response", "neighbourhood"))):
        grid = draw.grid(name, teams=teams)
        officers = np.maximum(10, grid.steady(64 if not teams else 58, wobble=0.01))
        hours = officers * 36
        # An hour is no trial of its own: a shift of some nine is.
        outside = np.minimum(hours, 9 * grid.share("hours_outside", hours // 9, 0.57, spread=0.05))
        yield (
            name,
            long(
                grid,
                {
                    "officers": officers,
                    "duty_hours": hours,
                    "hours_outside": outside,
                    "percent_outside": np.round(100 * outside / hours, 2),
                },
            ),
        )


def surveys(draw: Draw) -> Filled:
    """D9."""
    for name, column, share, size in (
        ("fact_feel_safe_year", "feel_safe", 0.84, 420),
        ("fact_smsr_quarter", "confident", 0.8, 150),
    ):
        grid = draw.grid(name)
        number = size + grid.rng.integers(-20, 20, grid.shape)
        said = grid.share(column, number, share, spread=0.03)
        percent = 100 * said / number
        error = np.sqrt(1.3 * percent * (100 - percent) / number)  # the design effect of a quota sample
        figures = {
            "responses": number,
            column: said,
            "percent": np.round(percent, 2),
            "standard_error": np.round(error, 3),
        }
        yield name, long(grid, figures, lag=SURVEY_LAG)


def problem_solving(draw: Draw) -> Filled:
    """D10."""
    grid = draw.grid("fact_problem_plan_quarter")
    plans = 14 + grid.count("plans_open", 16)
    sampled = 10 + grid.rng.binomial(8, 0.5, grid.shape)
    yield (
        grid.table.name,
        long(
            grid,
            {
                "plans_open": plans,
                "past_review": grid.share("past_review", plans, 0.13),
                "sampled": sampled,
                "met_standard": grid.share("met_standard", sampled, 0.77),
            },
        ),
    )


def stop_search(draw: Draw) -> Filled:
    """D11."""
    objects = {"Drugs": 31, "Weapons": 7, "Stolen property": 8, "Other": 5}
    grid = draw.grid("fact_stop_search_month", object=list(objects))
    searches = 2 + grid.count("searches", grid.of("object", objects), season=0.06, dispersion=1.6, memory=0.04)
    found = grid.share(
        "found", searches, grid.of("object", {"Drugs": 0.27, "Weapons": 0.14, "Stolen property": 0.18, "Other": 0.2})
    )
    linked = np.minimum(
        searches,
        grid.share(
            "outcome_linked",
            searches,
            grid.of("object", {"Drugs": 0.24, "Weapons": 0.12, "Stolen property": 0.15, "Other": 0.17}),
        ),
    )
    residents = grid.residents
    yield (
        grid.table.name,
        long(grid, {"searches": searches, "found": found, "outcome_linked": linked, "residents": residents}),
    )
    grid = draw.grid("fact_stop_search_rate_month")
    residents = grid.residents
    minority = np.round(residents * 0.11).astype(np.int64)
    yield (
        grid.table.name,
        long(
            grid,
            {
                "minority_searches": 1 + grid.count("minority_searches", 9.5),
                "minority_residents": minority,
                "majority_searches": 1 + grid.count("majority_searches", 40),
                "majority_residents": residents - minority,
            },
        ),
    )
    grid = draw.grid("fact_grounds_sample_month")
    sampled = 10 + grid.rng.binomial(12, 0.5, grid.shape)
    yield grid.table.name, long(grid, {"sampled": sampled, "reasonable": grid.share("reasonable", sampled, 0.88)})


def legitimacy(draw: Draw) -> Filled:
    """D12."""
    grid = draw.grid("fact_complaint_quarter")
    made = grid.count("complaints", 13, dispersion=1.3)
    yield (
        grid.table.name,
        long(
            grid,
            {
                "staff": grid.steady(360, wobble=0.003),
                "complaints": made,
                "closed": 3 + grid.count("closed", 12),
                "days_to_resolve": grid.value("days_to_resolve", 84, spread=0.07),
            },
            lag=8,
        ),
    )
    grid = draw.grid("fact_workforce_diversity_quarter", protected_group=list(GROUPS))
    staff = grid.steady(360)
    level = grid.of("protected_group", GROUPS) * grid.planted("headcount") * (1.01**grid.span.years)[:, None]
    yield (
        grid.table.name,
        long(
            grid,
            {"headcount": np.round(staff * level * np.exp(grid.remembered(0.01))).astype(np.int64), "staff": staff},
            lag=8,
        ),
    )


MAKERS = (confidence, engagement, visibility, surveys, problem_solving, stop_search, legitimacy)
