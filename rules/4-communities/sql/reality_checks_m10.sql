-- Reality checks of M10.
SELECT checked_on, district, result, finding, checked_by, loaded_at
FROM reality_checks
WHERE framework = 'M10' AND district IS NOT NULL
