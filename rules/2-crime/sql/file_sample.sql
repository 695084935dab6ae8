-- Both types of file together. The month is text, such as 2022-10.
SELECT
    month,
    district,
    SUM(sampled) AS sampled,
    SUM(met_minimum) AS met_minimum,
    SUM(compliant) AS compliant,
    SUM(documents) AS documents,
    SUM(documents_good) AS documents_good,
    MAX(loaded_at) AS loaded_at
FROM fact_file_sample_month
GROUP BY month, district
