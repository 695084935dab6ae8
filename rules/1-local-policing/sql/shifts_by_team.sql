-- Response teams: each has an inspector.
SELECT
    s.week,
    s.team,
    s.compliant,
    s.shifts,
    s.loaded_at
FROM fact_shift_week AS s
JOIN dim_team AS t ON t.team = s.team AND t.function = 'response'
