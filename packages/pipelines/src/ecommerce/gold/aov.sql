-- Average order value: mean revenue of an order.
-- Grain: one row, none while there are no orders.
--
-- column orders integer
-- column revenue money
-- column aov money

with channels as (
  select orders, revenue from sales_by_channel
),

totals as (
  select sum(orders) as orders, sum(revenue) as revenue from channels
)

select
  orders,
  revenue,
  -- Whole 1/10000, cut off: rounding that half up to cents gives what rounding the exact quotient would.
  cast(revenue / orders as bigint) as aov
from totals
where orders > 0
