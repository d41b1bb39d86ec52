-- One row for each product of the shop: of its rows the one with the greatest total_sales.
-- Grain: one row for each sku.
--
-- Where they are equal the product stands for itself rather than the picture attached to it, then the row that comes first
-- in the file. A row whose sales cannot be read comes before all others, so that nobody takes 0 of the picture for what was
-- sold: joined finds it.
select * exclude (bronze_key, position)
from clean_web
qualify row_number() over (
  partition by sku
  order by
    total_sales is null and total_sales_text is not null desc,
    total_sales desc nulls last,
    post_type is not distinct from 'product' desc,
    position
) = 1
order by sku
