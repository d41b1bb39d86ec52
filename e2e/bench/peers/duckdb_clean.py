"""Cleaning with DuckDB's SQL, as its users write it: clean(dataset, source, silver, rejected)."""
import duckdb

READ = {
    "orders": "read_json('{source}', format='{format}', columns={{order_id:'VARCHAR', customer_id:'VARCHAR', product:'VARCHAR', "
    "quantity:'VARCHAR', unit_price:'VARCHAR', total_amount:'VARCHAR', order_ts:'VARCHAR', channel:'VARCHAR'}})",
    "customers": "read_csv('{source}', all_varchar=true, header=true)",
    "clicks": "read_json('{source}', format='newline_delimited', ignore_errors=true, "
    "columns={{customer_id:'VARCHAR', page:'VARCHAR', ip:'VARCHAR', ts:'VARCHAR'}})",
}

TYPED = {
    "orders": """
        select *, row_number() over () as position, try_cast(order_ts as timestamptz) as ts,
          greatest(try_cast(quantity as decimal(18,4)), 0) as q, greatest(try_cast(unit_price as decimal(18,4)), 0) as p,
          case when try_cast(total_amount as decimal(18,4)) >= 0 then try_cast(total_amount as decimal(18,4))
            else (greatest(try_cast(quantity as decimal(18,4)), 0) * greatest(try_cast(unit_price as decimal(18,4)), 0))::decimal(18,4)
          end as total
        from raw""",
    "customers": "select *, row_number() over () as position, try_cast(signup_date as date) as signup from raw",
    "clicks": """
        select *, try_cast(ts as timestamptz) as instant, regexp_full_match(coalesce(ip, ''),
          '((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])[.]){3}(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])') as is_ip
        from raw""",
}

GOOD = {
    "orders": "ts is not null and coalesce(order_id, '') <> '' and total is not null",
    "customers": "signup is not null and coalesce(customer_id, '') <> ''",
    "clicks": "instant is not null and is_ip",
}

CLEAN = {
    "orders": """
        select order_id, customer_id, product, q as quantity, p as unit_price, total as total_amount, ts as order_ts,
          ts::date as order_date, coalesce(channel, 'unknown') as channel
        from typed where {good}
        qualify row_number() over (partition by order_id order by ts desc, position desc) = 1""",
    "customers": """
        select customer_id, case when coalesce(trim(email), '') = '' then '' else left(sha256('bench' || lower(trim(email))), 16) end
          as email_h, upper(left(first_name, 1)) as first_initial, upper(left(last_name, 1)) as last_initial,
          coalesce(country, 'NA') as country, signup as signup_date
        from typed where {good}
        qualify row_number() over (partition by customer_id order by position desc) = 1""",
    "clicks": "select customer_id, page, instant as ts from typed where {good}",
}


con = duckdb.connect()
con.execute("set timezone = 'UTC'")


def clean(dataset, source, silver, rejected):
    json_format = "newline_delimited" if source.endswith(".jsonl") else "array"
    con.execute(f"create or replace view raw as select * from {READ[dataset].format(source=source, format=json_format)}")
    con.execute(f"create or replace temp table typed as {TYPED[dataset]}")
    good = GOOD[dataset]
    con.execute(f"copy ({CLEAN[dataset].format(good=good)}) to '{silver}' (header)")
    con.execute(f"copy (select * from typed where not coalesce({good}, false)) to '{rejected}' (format json)")
