-- Reality checks of M8.
SELECT checked_on, district, result, finding, checked_by, loaded_at
FROM reality_checks
WHERE framework = 'M8' AND district IS NOT NULL
