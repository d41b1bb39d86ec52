-- What each run found: its total revenue, and that of each product and city. Earlier runs stay.
-- Grain: one row for each run, analysis, and product or city of the analysis.
with found as (
  select 1 as part, 'total_revenue' as analysis, null as product_id, null as product, null as city, revenue as value
  from total_revenue
  union all
  select 2, 'sales_by_product', product_id, product, null, revenue
  from sales_by_product
  union all
  select 3, 'sales_by_city', null, null, city, revenue
  from sales_by_city
),
now_and_before as (
  select row_number() over () as position, 0 as part, null as product_id, *
  from analysis_results_before
  union all
  select 0, part, product_id, analysis, product, city, value, getvariable('run_id'), getvariable('run_at')
  from found
)
select
  analysis,
  product,
  city,
  cast(value as decimal(38, 2)) as value,
  run_id,
  run_at
from now_and_before
order by run_at, run_id, part, position, product_id, city
