-- Duty time outside stations by team, with the district that the team belongs to.
SELECT facts.week, teams.district, facts.team, facts.officers, facts.duty_hours, facts.hours_outside, facts.loaded_at
FROM fact_visibility_team_week AS facts
LEFT JOIN dim_team AS teams ON teams.team = facts.team
