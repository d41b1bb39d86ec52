-- What each channel sold.
-- Grain: one row for each channel.
--
-- column channel text
-- column orders integer
-- column revenue money

with channels as (
  select channel, orders, revenue from sales_by_channel
)

select channel, orders, revenue
from channels
order by revenue desc, channel
