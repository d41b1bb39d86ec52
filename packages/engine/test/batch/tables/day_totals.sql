select day, sum(quantity) as quantity, sum(quantity * price) as revenue
from sales
join items using (item)
group by day
