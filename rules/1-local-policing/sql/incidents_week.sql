-- Days added up to whole weeks from Monday; the newest week is left out until all seven days are there.
SELECT
    DATE_TRUNC('week', day) AS week,
    district,
    incident_type,
    SUM(incidents) AS incidents,
    MAX(loaded_at) AS loaded_at
FROM fact_incident_day
GROUP BY DATE_TRUNC('week', day), district, incident_type
HAVING COUNT(*) >= 7
