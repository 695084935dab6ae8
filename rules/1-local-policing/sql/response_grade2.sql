-- Median minutes by district and month.
SELECT
    r.month,
    r.district,
    r.median_minutes,
    r.loaded_at
FROM fact_response_grade2_month AS r
