SELECT
    month,
    overdue,
    loaded_at
FROM fact_plan_action_month
WHERE plan = 'Fleet strategy'
