-- What was sold on each business date.
-- Grain: one row for each order_date.
--
-- column order_date date
-- column orders integer
-- column revenue money

with days as (
  select order_date, orders, revenue from sales_by_day
)

select order_date, orders, revenue
from days
order by order_date
