-- Reality checks of M7.
SELECT checked_on, district, result, finding, checked_by, loaded_at
FROM reality_checks
WHERE framework = 'M7' AND district IS NOT NULL
