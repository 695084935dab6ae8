-- Full-time officers behind the hours on duty: a week of theirs is 38 hours.
SELECT
    week,
    district,
    supply_ratio,
    officer_hours / 38 AS officers,
    loaded_at
FROM fact_supply_demand_week
