-- Actions of the supporting plans that D5 answers for: open at the month's end, and past the day they fell due.
SELECT month, plan, open_actions, overdue, overdue_action, loaded_at
FROM fact_plan_action_month
WHERE plan IN (
    'Digital intelligence and investigation strategy',
    'Evidence based policing',
    'Cyber-crime strategy'
)
