-- Actions of the supporting plans that D1 answers for: open at the month's end, and past the day they fell due.
SELECT month, plan, open_actions, overdue, overdue_action, loaded_at
FROM fact_plan_action_month
WHERE plan IN (
    'Information, communication and technology strategy'
)
