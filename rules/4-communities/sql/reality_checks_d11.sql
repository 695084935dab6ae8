-- Reality checks of D11.
SELECT checked_on, district, result, finding, checked_by, loaded_at
FROM reality_checks
WHERE framework = 'D11' AND district IS NOT NULL
