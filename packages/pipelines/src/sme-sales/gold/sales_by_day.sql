-- What was sold on each day.
-- Grain: one row for each day with a sale.
select
  date,
  sum(quantity) as quantity,
  sum(revenue) as revenue
from sold_lines
group by date
order by date
