-- The ERP's products with what the shop sold of them.
-- Grain: one row for each product of the ERP that the list of links finds in the shop. An empty key finds nothing.
select
  erp.product_id,
  web.sku,
  web.title,
  erp.price,
  erp.price_text,
  web.total_sales,
  web.total_sales_text,
  erp.stock_quantity,
  erp.stock_status
from clean_erp as erp
join clean_liaison as liaison on liaison.product_id = erp.product_id
join dedup_web as web on web.sku = liaison.id_web
order by erp.product_id, web.sku
