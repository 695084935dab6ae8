-- One SELECT with one row a series and period. It is only ever read.
SELECT
    month,
    place,
    calls,
    in_time
FROM sample_calls
