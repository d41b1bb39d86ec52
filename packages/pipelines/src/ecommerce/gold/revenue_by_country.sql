-- What the customers of each country bought. Customers that are not known (yet) count as NA.
-- Grain: one row for each country.
--
-- column country text
-- column orders integer
-- column revenue money

with countries as (
  select country, orders, revenue from sales_by_country
)

select country, orders, revenue
from countries
order by revenue desc, country
