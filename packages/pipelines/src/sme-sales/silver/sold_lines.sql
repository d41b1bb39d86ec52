-- Sales with their product, city and price.
-- Grain: one row for each sale.
--
-- Revenue is rounded to cents by the line, as on a receipt, so that every sum of lines is the sum of what it shows.
select
  sales.date,
  sales.product_id,
  products.name as product,
  sales.shop_id,
  coalesce(shops.city, 'unknown') as city,
  sales.quantity,
  products.price,
  cast(round(sales.quantity * products.price, 2) as decimal(38, 2)) as revenue
from sales
join products on products.product_id = sales.product_id
join shops on shops.shop_id = sales.shop_id
order by sales.date, sales.product_id, sales.shop_id
