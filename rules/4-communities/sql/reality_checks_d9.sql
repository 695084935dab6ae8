-- Reality checks of D9.
SELECT checked_on, district, result, finding, checked_by, loaded_at
FROM reality_checks
WHERE framework = 'D9' AND district IS NOT NULL
