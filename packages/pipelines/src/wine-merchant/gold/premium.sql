-- The products by class: premium where the price's z-score over all joined products is greater than 2.
-- Grain: one row for each joined product.
--
-- The standard deviation is the sample's. Where all prices are the same, or there is one product only, nothing stands out:
-- the score is 0.
with prices as (
  select
    avg(cast(price as double)) as mean,
    case when min(price) < max(price) then stddev_samp(cast(price as double)) end as deviation
  from revenue
),
scored as (
  select
    revenue.product_id,
    revenue.sku,
    revenue.title,
    revenue.price,
    revenue.total_sales,
    revenue.revenue,
    coalesce((cast(revenue.price as double) - prices.mean) / prices.deviation, 0) as zscore
  from revenue
  cross join prices
)
select
  *,
  case when zscore > 2 then 'premium' else 'ordinaire' end as class
from scored
order by product_id
