-- Reality checks of D10.
SELECT checked_on, district, result, finding, checked_by, loaded_at
FROM reality_checks
WHERE framework = 'D10' AND district IS NOT NULL
