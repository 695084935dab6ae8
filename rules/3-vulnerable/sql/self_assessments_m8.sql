-- Self-assessments of M8 that came back; one that did not is the absence of a row.
SELECT quarter, district, grade, finding, returned_by, returned_on, loaded_at
FROM self_assessments
WHERE framework = 'M8' AND grade IS NOT NULL
