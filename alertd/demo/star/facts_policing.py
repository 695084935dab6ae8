"""Draws quadrant 1, Protecting local policing, but for calls and demand."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from alertd.demo.star.grid import Draw, Grid, Ints
from alertd.demo.star.long import long

DEPARTMENTS = {
    "Response": 0.31,
    "Neighbourhood": 0.16,
    "Investigation": 0.17,
    "Contact": 0.1,
    "Custody": 0.07,
    "Public protection": 0.09,
    "Support": 0.1,
}
RANKS = {"Constable": 0.55, "Sergeant": 0.12, "Inspector and above": 0.05, "PCSO": 0.08, "Police staff": 0.2}
Filled = Iterator[tuple[str, pa.Table]]


def our_people(draw: Draw) -> Filled:
    """M1."""
    yield from _posts(draw)
    yield from _sickness(draw)
    yield from _health_referrals(draw)
    yield from _agile(draw)
    yield from _temporary_promotions(draw)
    yield from _development_plans(draw)


def _posts(draw: Draw) -> Filled:
    """Posts by department and rank: funded, filled, temporary, unfunded."""
    grid = draw.grid("fact_posts_month", department=list(DEPARTMENTS), rank=list(RANKS))
    share = grid.of("department", DEPARTMENTS) * grid.of("rank", RANKS)
    establishment = np.maximum(2.0, np.round(360 * share * grid.weight))
    actual = np.round(
        establishment * np.clip(0.97 * grid.planted("actual_fte") * np.exp(grid.remembered(0.012)), 0.4, 1.2), 1
    )
    temporary = np.round(actual * np.clip(0.05 + grid.remembered(0.006), 0.01, 0.2), 1)
    yield (
        grid.table.name,
        long(
            grid,
            {
                "establishment": establishment,
                "actual_fte": actual,
                "temporary_fte": temporary,
                "unfunded_fte": np.round(
                    actual * np.clip(0.02 * grid.planted("unfunded_fte") + grid.remembered(0.003), 0, 0.3), 1
                ),
                "percent_of_establishment": np.round(100 * actual / establishment, 2),
            },
        ),
    )


def _sickness(draw: Draw) -> Filled:
    """Working time lost."""
    grid = draw.grid("fact_sickness_month", department=list(DEPARTMENTS))
    staff = grid.steady(360 * grid.of("department", DEPARTMENTS), wobble=0.004)
    hours = np.round(staff * 0.94 * 161).astype(np.int64)
    lost = _clumped(grid, "hours_lost", hours, 0.043, season=0.12, peak=1, spread=0.05)
    yield (
        grid.table.name,
        long(
            grid,
            {
                "headcount": staff,
                "hours_contracted": hours,
                "hours_lost": lost,
                "days_lost": np.round(lost / 7.6).astype(np.int64),
                "fte": np.round(staff * 0.94, 1),
                "long_term_cases": grid.rng.binomial(staff, 0.013),
            },
        ),
    )


def _health_referrals(draw: Draw) -> Filled:
    """Referrals to H1 and PIU."""
    grid = draw.grid("fact_health_referral_month", referral=["H1", "PIU"])
    referrals = grid.count("referrals", grid.of("referral", {"H1": 0.35, "PIU": 2.2}), dispersion=1.05)
    yield grid.table.name, long(grid, {"referrals": referrals, "headcount": grid.steady(360)})


def _agile(draw: Draw) -> Filled:
    """Devices, forms and hours away from a desk."""
    grid = draw.grid("fact_agile_month")
    issued = grid.steady(240, trend=0.04)
    forms, duty = grid.count("forms", 3200), grid.steady(46_000, wobble=0.01)
    yield (
        grid.table.name,
        long(
            grid,
            {
                "devices_issued": issued,
                "devices_active": grid.share("devices_active", issued, 0.86),
                "forms": forms,
                "mobile_forms": grid.share("mobile_forms", forms, 0.42, drift=0.05),
                "duty_hours": duty,
                "agile_hours": _clumped(grid, "agile_hours", duty, 0.22, spread=0.03),
            },
        ),
    )


def _temporary_promotions(draw: Draw) -> Filled:
    """Posts that are filled by temporary promotion."""
    grid = draw.grid("fact_temporary_promotion_month", rank=["Sergeant", "Inspector and above"])
    posts = grid.steady(grid.of("rank", {"Sergeant": 43, "Inspector and above": 18}))
    temporary_posts = grid.share("temporary_promotions", posts, 0.11, spread=0.08)
    yield (
        grid.table.name,
        long(
            grid,
            {
                "posts": posts,
                "temporary_promotions": temporary_posts,
                "with_plan": grid.share("with_plan", temporary_posts, 0.75),
            },
        ),
    )


def _development_plans(draw: Draw) -> Filled:
    """Development reviews, due and done."""
    grid = draw.grid("fact_development_plan_month", department=list(DEPARTMENTS))
    due = 4 + grid.count("due", 300 * grid.of("department", DEPARTMENTS) / 12)
    yield grid.table.name, long(grid, {"due": due, "completed": grid.share("completed", due, 0.82)})


def _clumped(grid: Grid, column: str, whole: Ints, level: float, **moved: float) -> Ints:
    """Parts of large wholes that come in clumps of some eight: hours, which are no trials of their own."""
    return np.minimum(whole, 8 * grid.share(column, whole // 8, level, **moved))


def frontline(draw: Draw) -> Filled:
    """M3."""
    grid = draw.grid("fact_frontline_quarter", role=["Constable", "Sergeant", "Inspector and above"])
    officers = grid.steady(grid.of("role", {"Constable": 190, "Sergeant": 42, "Inspector and above": 18}), wobble=0.004)
    hours = officers * 440
    yield (
        grid.table.name,
        long(
            grid,
            {
                "officers": officers,
                "frontline_officers": grid.share("frontline_officers", officers, 0.9, spread=0.02),
                "duty_hours": hours,
                "frontline_hours": _clumped(grid, "frontline_hours", hours, 0.74, spread=0.03),
            },
        ),
    )


def shifts(draw: Draw) -> Filled:
    """D2."""
    grid = draw.grid("fact_shift_week", teams=("response", "neighbourhood"))
    rostered = grid.steady(110, wobble=0.01)
    yield (
        grid.table.name,
        long(
            grid,
            {
                "shifts": rostered,
                "compliant": grid.share("compliant", rostered, 0.93),
                "below_minimum": grid.share("below_minimum", rostered, 0.05),
            },
        ),
    )
    for name, banded in (("fact_supply_demand_week", False), ("fact_supply_demand_band_week", True)):
        grid = draw.grid(name, hour_band=list(_BANDS)) if banded else draw.grid(name)
        part = grid.of("hour_band", _BANDS) if banded else np.ones(1)
        hours = grid.value("incident_hours", 2000 * part * grid.weight, spread=0.04, season=0.08)
        officers = grid.value("officer_hours", 2060 * part * grid.weight, spread=0.025)
        yield (
            name,
            long(
                grid,
                {"officer_hours": officers, "incident_hours": hours, "supply_ratio": np.round(officers / hours, 4)},
            ),
        )


_BANDS = {"00-06": 0.15, "06-12": 0.22, "12-18": 0.33, "18-24": 0.3}


def support_officers(draw: Draw) -> Filled:
    """D3."""
    grid = draw.grid("fact_pcso_month")
    people = grid.steady(22, wobble=0.01)
    hours = people * 138
    crimes = grid.count("crimes", 900, season=0.06, dispersion=2.0)
    yield (
        grid.table.name,
        long(
            grid,
            {
                "pcsos": people,
                "hours_duty": hours,
                "hours_on_task": _clumped(grid, "hours_on_task", hours, 0.57, spread=0.04),
                "crimes_allocated": grid.count("crimes_allocated", 34),
                "crimes": crimes,
            },
        ),
    )


GROUPS = {"Women": 0.41, "Minority ethnic": 0.07, "Disabled (declared)": 0.06, "Under 30": 0.3}


def citizens(draw: Draw) -> Filled:
    """D4."""
    roles = {"Special constable": 24, "Volunteer": 31, "Cadet": 40, "Neighbourhood Watch": 210}
    grid = draw.grid("fact_citizens_quarter", role=list(roles))
    people = grid.steady(grid.of("role", roles) * grid.planted("headcount"), wobble=0.02)
    per_head = grid.of("role", {"Special constable": 48, "Volunteer": 22, "Cadet": 30, "Neighbourhood Watch": 4})
    hours = np.round(people * per_head * grid.planted("hours") * np.exp(grid.remembered(0.05)))
    yield (
        grid.table.name,
        long(
            grid,
            {
                "headcount": people,
                "hours": hours.astype(np.int64),
                "joined": grid.rng.binomial(people, 0.05),
                "left_service": grid.rng.binomial(people, 0.05),
            },
        ),
    )
    grid = draw.grid("fact_citizens_development_quarter")
    due = 12 + grid.count("due", 28)
    yield grid.table.name, long(grid, {"due": due, "trained": grid.share("trained", due, 0.8)})
    grid = draw.grid("fact_citizens_diversity_quarter", protected_group=list(GROUPS))
    every = grid.steady(95)
    yield (
        grid.table.name,
        long(
            grid,
            {
                "headcount": grid.share("headcount", every, grid.of("protected_group", GROUPS), spread=0.02),
                "all_headcount": every,
            },
        ),
    )


MAKERS = (our_people, frontline, shifts, support_officers, citizens)
