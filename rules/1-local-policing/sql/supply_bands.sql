-- Weeks added up to the month in which they begin: a week of six hours a day says little. Officers work all bands in
-- turn, so those of the whole day stand behind each: full-time, with a week of 38 hours.
SELECT
    DATE_TRUNC('month', week) AS month,
    district,
    hour_band,
    SUM(officer_hours) / SUM(incident_hours) AS supply_ratio,
    MAX(officers) AS officers,
    MAX(loaded_at) AS loaded_at
FROM (
    SELECT *, SUM(officer_hours) OVER (PARTITION BY week, district) / 38 AS officers
    FROM fact_supply_demand_band_week
) AS bands
GROUP BY DATE_TRUNC('month', week), district, hour_band
