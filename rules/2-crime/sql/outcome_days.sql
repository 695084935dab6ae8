-- A median of fewer than twenty crimes says nothing.
SELECT
    month,
    district,
    crime_type,
    median_days,
    loaded_at
FROM fact_crime_outcome_month
WHERE recorded >= 20 AND median_days IS NOT NULL
