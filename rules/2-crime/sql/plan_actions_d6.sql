-- Actions of the supporting plans that D6 answers for: open at the month's end, and past the day they fell due.
SELECT month, plan, open_actions, overdue, overdue_action, loaded_at
FROM fact_plan_action_month
WHERE plan IN (
    'Serious harm strategy',
    'Hate crime strategy',
    'Crime prevention strategy',
    'Anti-social behaviour strategy',
    'Business crime strategy',
    'Rural policing strategy',
    'Prevent strategy'
)
