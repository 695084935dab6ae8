-- All types of crime of a district together, by the month of record.
SELECT
    month,
    district,
    SUM(recorded) AS recorded,
    SUM(charged) AS charged,
    SUM(out_of_court) AS out_of_court,
    SUM(evidential_difficulties) AS evidential_difficulties,
    MAX(loaded_at) AS loaded_at
FROM fact_crime_outcome_month
GROUP BY month, district
