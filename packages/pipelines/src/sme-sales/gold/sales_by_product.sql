-- What was sold of each product.
-- Grain: one row for each product with a sale.
select
  product_id,
  product,
  sum(quantity) as quantity,
  sum(revenue) as revenue
from sold_lines
group by product_id, product
order by product_id
