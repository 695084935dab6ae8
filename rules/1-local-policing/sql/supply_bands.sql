-- Weeks added up to the month in which they begin: a week of six hours a day says little.
SELECT
    DATE_TRUNC('month', week) AS month,
    district,
    hour_band,
    SUM(officer_hours) / SUM(incident_hours) AS supply_ratio,
    MAX(loaded_at) AS loaded_at
FROM fact_supply_demand_band_week
GROUP BY DATE_TRUNC('month', week), district, hour_band
