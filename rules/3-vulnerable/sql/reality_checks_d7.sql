-- Reality checks of D7.
SELECT checked_on, district, result, finding, checked_by, loaded_at
FROM reality_checks
WHERE framework = 'D7' AND district IS NOT NULL
