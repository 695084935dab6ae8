-- One row a reality check of this row of the framework.
SELECT
    checked_on,
    division,
    district,
    result,
    finding,
    checked_by,
    loaded_at
FROM reality_checks
WHERE framework = 'M5'
