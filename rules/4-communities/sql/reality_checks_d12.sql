-- Reality checks of D12.
SELECT checked_on, district, result, finding, checked_by, loaded_at
FROM reality_checks
WHERE framework = 'D12' AND district IS NOT NULL
