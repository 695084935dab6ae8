-- Actions of the supporting plans that M7 answers for: open at the month's end, and past the day they fell due.
SELECT month, plan, open_actions, overdue, overdue_action, loaded_at
FROM fact_plan_action_month
WHERE plan IN (
    'Early action plan',
    'Mental Health policy plan',
    'Alcohol harm (tactical and strategic) plans'
)
