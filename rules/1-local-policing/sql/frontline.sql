-- Roles together.
SELECT
    quarter,
    division,
    SUM(officers) AS officers,
    SUM(frontline_officers) AS frontline_officers,
    SUM(duty_hours) AS duty_hours,
    SUM(frontline_hours) AS frontline_hours,
    MAX(loaded_at) AS loaded_at
FROM fact_frontline_quarter
GROUP BY quarter, division
