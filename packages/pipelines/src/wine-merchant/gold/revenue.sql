-- What each product earned: price × total_sales, in exact decimals.
-- Grain: one row for each joined product.
select
  product_id,
  sku,
  title,
  price,
  total_sales,
  cast(price * total_sales as decimal(38, 6)) as revenue
from joined
order by product_id
