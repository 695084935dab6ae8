-- All types of crime together.
SELECT
    month,
    district,
    SUM(with_line) AS with_line,
    SUM(positive_outcome) AS positive_outcome,
    MAX(loaded_at) AS loaded_at
FROM fact_digital_identification_month
GROUP BY month, district
