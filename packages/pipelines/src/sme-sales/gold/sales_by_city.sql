-- What was sold in each city, in all of its shops.
-- Grain: one row for each city with a sale.
select
  city,
  sum(quantity) as quantity,
  sum(revenue) as revenue
from sold_lines
group by city
order by city
