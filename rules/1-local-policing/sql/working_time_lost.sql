-- Departments together.
SELECT
    month,
    division,
    SUM(hours_lost) AS hours_lost,
    SUM(hours_contracted) AS hours_contracted,
    SUM(headcount) AS headcount,
    MAX(loaded_at) AS loaded_at
FROM fact_sickness_month
GROUP BY month, division
