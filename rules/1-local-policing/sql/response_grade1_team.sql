-- Grade 1 alone: the framework asks for team and place there.
SELECT
    month,
    team,
    median_minutes,
    within_standard,
    incidents,
    loaded_at
FROM fact_response_team_month
WHERE grade = 'Grade 1'
