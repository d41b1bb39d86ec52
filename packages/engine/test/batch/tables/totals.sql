select day, quantity, revenue from day_totals order by day
