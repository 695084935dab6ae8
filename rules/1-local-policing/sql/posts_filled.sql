-- All ranks of a department together: no group below ten.
SELECT
    month,
    division,
    department,
    100 * SUM(actual_fte) / SUM(establishment) AS filled_percent,
    MAX(loaded_at) AS loaded_at
FROM fact_posts_month
GROUP BY month, division, department
