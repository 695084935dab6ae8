-- Actions of the supporting plans that D7 answers for: open at the month's end, and past the day they fell due.
SELECT month, plan, open_actions, overdue, overdue_action, loaded_at
FROM fact_plan_action_month
WHERE plan IN (
    'Domestic Abuse plan',
    'Child Sexual Exploitation plan',
    'Rape action plan',
    'Missing from home action plan',
    'Child abuse action plan',
    'Forced marriage and honour based violence',
    'FGM action plan',
    'Sex worker and vulnerable adult plan',
    'Modern slavery plan'
)
