-- Both ranks together.
SELECT
    month,
    division,
    SUM(posts) AS posts,
    SUM(temporary_promotions) AS temporary_promotions,
    SUM(with_plan) AS with_plan,
    MAX(loaded_at) AS loaded_at
FROM fact_temporary_promotion_month
GROUP BY month, division
