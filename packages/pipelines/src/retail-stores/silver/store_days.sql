-- What happened in each store on each day (contract: retail stores, 6.2 and 6.3).
-- Grain: one row for each date and store that has hours or sales.
with hours as (
  select * from retail_data where visitors is not null or sales is not null
),
-- An hour with more than 5000 visitors is a fault of the counter. What the other hours of the store and day say of
-- sales for each visitor tells how many there were.
ratios as (
  select date, store_id, sum(sales) as valid_sales, sum(visitors) as valid_visitors
  from hours
  where visitors > 0 and visitors <= 5000
  group by all
),
repaired as (
  select
    hours.* exclude (visitors),
    valid_sales,
    valid_visitors,
    coalesce(hours.visitors > 5000 and valid_visitors is not null and (sales is null or valid_sales > 0), false)
      as is_repaired,
    case when is_repaired then sales * valid_visitors / valid_sales::double else hours.visitors end as visitors
  from hours
  left join ratios using (date, store_id)
),
traffic as (
  select
    date,
    store_id,
    -- One division for all repaired hours: the sum depends on no order.
    coalesce(sum(visitors) filter (not is_repaired), 0) + coalesce(
      sum(sales) filter (is_repaired) * any_value(valid_visitors) / any_value(valid_sales)::double, 0
    ) as total_visitors,
    coalesce(sum(sales), 0)::bigint as total_transactions,
    coalesce(arg_max(hour, (sales, -hour)) filter (sales is not null), 0) as peak_hour_sales,
    coalesce(arg_max(hour, (visitors, -hour)) filter (visitors is not null), 0) as peak_hour_visitors
  from repaired
  group by all
),
product_days as (
  select sale_date as date, store_id, product_id, sum(quantity) as quantity, sum(sale_amount) as revenue
  from sales
  group by all
),
-- A product that is not in the list has no cost and no name.
turnover as (
  select
    date,
    store_id,
    sum(quantity)::bigint as total_quantity,
    sum(revenue)::decimal(18, 2) as total_revenue,
    coalesce(sum(quantity * products.cost), 0)::decimal(18, 2) as total_cost,
    coalesce(sum(quantity) filter (products.id is null), 0)::bigint as unknown_quantity,
    arg_max(product_id, (quantity, product_id)) filter (products.id is not null) as best_selling_product_id,
    arg_max(products.name, (quantity, product_id)) filter (products.id is not null) as best_selling_product_name
  from product_days
  left join products on products.id = product_id
  group by all
)
select
  date,
  store_id,
  coalesce(total_visitors, 0) as total_visitors,
  coalesce(total_transactions, 0) as total_transactions,
  coalesce(total_quantity, 0) as total_quantity,
  best_selling_product_id,
  best_selling_product_name,
  coalesce(total_revenue, 0)::decimal(18, 2) as total_revenue,
  coalesce(total_cost, 0)::decimal(18, 2) as total_cost,
  coalesce(peak_hour_sales, 0) as peak_hour_sales,
  coalesce(peak_hour_visitors, 0) as peak_hour_visitors,
  coalesce(unknown_quantity, 0) as unknown_quantity
from traffic
full join turnover using (date, store_id)
order by date, store_id
