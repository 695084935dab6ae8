-- Reality checks of M9.
SELECT checked_on, district, result, finding, checked_by, loaded_at
FROM reality_checks
WHERE framework = 'M9' AND district IS NOT NULL
