-- Victim contacts by team, with the division that the team belongs to.
SELECT facts.month, teams.division, facts.team, facts.due, facts.on_time, facts.loaded_at
FROM fact_victim_contact_team_month AS facts
LEFT JOIN dim_team AS teams ON teams.team = facts.team
