-- Reality checks of M12.
SELECT checked_on, district, result, finding, checked_by, loaded_at
FROM reality_checks
WHERE framework = 'M12' AND district IS NOT NULL
