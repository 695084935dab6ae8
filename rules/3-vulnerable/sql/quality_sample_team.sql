-- Dip sample of hate crime and domestic abuse by public protection team, with the division that the team belongs to.
SELECT facts.month, teams.division, facts.team, facts.sampled, facts.met_standard, facts.loaded_at
FROM fact_quality_sample_team_month AS facts
LEFT JOIN dim_team AS teams ON teams.team = facts.team
