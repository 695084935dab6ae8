-- Weeks added up to the month in which they begin.
SELECT
    DATE_TRUNC('month', week) AS month,
    district,
    SUM(people) AS people,
    MAX(loaded_at) AS loaded_at
FROM fact_ksi_week
GROUP BY DATE_TRUNC('month', week), district
