-- Reality checks of D8.
SELECT checked_on, district, result, finding, checked_by, loaded_at
FROM reality_checks
WHERE framework = 'D8' AND district IS NOT NULL
