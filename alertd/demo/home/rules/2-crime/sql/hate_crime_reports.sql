-- The source has a row for each category of hate crime; notices are about all of them together.
SELECT
    period,
    place AS borough,
    SUM("count") AS reports
FROM nypd_hate_crime
GROUP BY period, place
