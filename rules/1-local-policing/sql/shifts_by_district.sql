-- All teams of a district, by the month in which the week begins.
SELECT
    DATE_TRUNC('month', week) AS month,
    district,
    SUM(below_minimum) AS below_minimum,
    SUM(shifts) AS shifts,
    MAX(loaded_at) AS loaded_at
FROM fact_shift_week
GROUP BY DATE_TRUNC('month', week), district
