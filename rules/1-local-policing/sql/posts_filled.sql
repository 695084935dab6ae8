-- All ranks of a department together.
SELECT
    month,
    division,
    department,
    100 * SUM(actual_fte) / SUM(establishment) AS filled_percent,
    SUM(actual_fte) AS people,
    MAX(loaded_at) AS loaded_at
FROM fact_posts_month
GROUP BY month, division, department
