-- The ten products with the greatest revenue.
-- Grain: one row for each rank. Products of equal revenue stand in the order of their names.
--
-- column rank integer
-- column product text
-- column orders integer
-- column quantity quantity
-- column revenue money

with products as (
  select product, orders, quantity, revenue from sales_by_product
),

-- Limited before it is ranked, so that a large catalogue is not sorted at every tick.
best as (
  select product, orders, quantity, revenue
  from products
  order by revenue desc, product
  limit 10
)

select
  row_number() over (order by revenue desc, product) as rank,
  product,
  orders,
  quantity,
  revenue
from best
order by revenue desc, product
