SELECT
    month,
    overdue,
    overdue_action,
    loaded_at
FROM fact_plan_action_month
WHERE plan = 'Fleet strategy'
