-- Departments together.
SELECT
    month,
    division,
    SUM(due) AS due,
    SUM(completed) AS completed,
    MAX(loaded_at) AS loaded_at
FROM fact_development_plan_month
GROUP BY month, division
