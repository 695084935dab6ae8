-- Departments and ranks together.
SELECT
    month,
    division,
    100 * SUM(temporary_fte) / SUM(actual_fte) AS temporary_percent,
    SUM(unfunded_fte) AS unfunded_fte,
    SUM(actual_fte) AS people,
    MAX(loaded_at) AS loaded_at
FROM fact_posts_month
GROUP BY month, division
