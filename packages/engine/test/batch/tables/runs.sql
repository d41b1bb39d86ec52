select revenue, run_id from runs_before
union all
select cast(sum(revenue) as decimal(38, 2)), getvariable('run_id') from totals
