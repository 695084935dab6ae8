-- Actions of the supporting plans that M8 answers for: open at the month's end, and past the day they fell due.
SELECT month, plan, open_actions, overdue, overdue_action, loaded_at
FROM fact_plan_action_month
WHERE plan IN (
    'Victim and Witnesses plan'
)
