-- One row a district and month. The period column may be any date in the month.
SELECT
    month AS month_start,
    district,
    incidents,
    within_standard
FROM sim_response
