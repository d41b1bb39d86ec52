-- The daily metrics of each store, in the columns and the order of the contract (retail stores, 6.3 and 6.4).
-- Grain: one row for each date and store.
with history as (
  select
    *,
    -- The same weekday up to four weeks back, oldest first; of what is there the last four count.
    list_slice(list(total_visitors) over four_weeks, -4, -1) as visitors_history,
    list_slice(list(total_transactions::double) over four_weeks, -4, -1) as transactions_history,
    list_slice(list(total_revenue::double) over four_weeks, -4, -1) as revenue_history
  from store_days
  window four_weeks as (
    partition by store_id, dayofweek(date)
    order by date
    range between interval 28 days preceding and current row
  )
),
averages as (
  select
    * exclude (visitors_history, transactions_history, revenue_history),
    -- Other than round() this rounds the number that is there, and not its product with 100.
    format('{:.2f}', list_avg(visitors_history))::decimal(18, 2) as visitors_4w,
    format('{:.2f}', list_avg(transactions_history))::decimal(18, 2) as transactions_4w,
    format('{:.2f}', list_avg(revenue_history))::decimal(18, 2) as revenue_4w,
    total_revenue - total_cost as total_margin,
    nullif(total_visitors, 0) as visitors,
    nullif(total_transactions, 0) as transactions
  from history
)
select
  strftime(date, '%Y-%m-%d') as date,
  dayname(date) as day_of_week,
  store_id,
  total_visitors,
  visitors_4w as avg_visitors_last_4_weeks,
  (total_visitors - visitors_4w) * 100 / nullif(visitors_4w, 0)::double as visitors_variation_vs_avg_4w_percent,
  total_transactions,
  transactions_4w as avg_sales_last_4_weeks,
  (total_transactions - transactions_4w) * 100 / nullif(transactions_4w, 0)::double
    as transactions_variation_vs_avg_4w_percent,
  total_quantity,
  best_selling_product_id,
  best_selling_product_name,
  total_revenue,
  revenue_4w as avg_revenue_last_4_weeks,
  (total_revenue - revenue_4w) * 100 / nullif(revenue_4w, 0)::double as revenue_variation_vs_avg_4w_percent,
  total_cost,
  total_margin,
  total_transactions * 100 / visitors as conversion_rate,
  total_revenue / transactions::double as avg_transaction_value,
  -- The basket against that of the averages.
  (total_revenue / transactions::double - revenue_4w / nullif(transactions_4w, 0)::double) * 100
    / nullif(revenue_4w / nullif(transactions_4w, 0)::double, 0) as transactions_amount_variation_vs_avg_4w_percent,
  total_revenue / visitors as revenue_per_visitor,
  total_margin / visitors as margin_per_visitor,
  peak_hour_sales,
  peak_hour_visitors
from averages
order by averages.date, store_id
