-- All that was sold.
-- Grain: one row.
select
  count(*) as sales,
  coalesce(sum(quantity), 0) as quantity,
  coalesce(sum(revenue), 0) as revenue
from sold_lines
