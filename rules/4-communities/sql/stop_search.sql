-- The source has a row for each object of a search; leaders are told of all of them together.
SELECT
    month,
    district,
    sum(searches) AS searches,
    sum(found) AS found,
    sum(outcome_linked) AS outcome_linked,
    max(loaded_at) AS loaded_at
FROM fact_stop_search_month
GROUP BY month, district
