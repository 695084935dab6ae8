-- Reality checks of M11.
SELECT checked_on, district, result, finding, checked_by, loaded_at
FROM reality_checks
WHERE framework = 'M11' AND district IS NOT NULL
