-- Median minutes by district and month.
SELECT
    r.month,
    r.district,
    r.median_minutes,
    r.loaded_at,
    CASE WHEN p.area = 'rural' THEN 20 ELSE 15 END AS reference_minutes
FROM fact_response_grade1_month AS r
JOIN dim_place AS p ON p.place = r.district AND p.level = 'district'
