-- Days added up to months.
SELECT
    DATE_TRUNC('month', day) AS month,
    channel,
    SUM(contacts) AS contacts,
    SUM(all_contacts) AS all_contacts,
    MAX(loaded_at) AS loaded_at
FROM fact_contact_day
GROUP BY DATE_TRUNC('month', day), channel
