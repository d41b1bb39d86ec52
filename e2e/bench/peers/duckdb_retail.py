"""The stores' days with DuckDB, as its users write it: each day's JSON becomes a day's Parquet, and SQL over them the daily
metrics. The SQL of the metrics is Ingot's own: to write it again would measure nothing."""
from pathlib import Path

import duckdb

MODELS = Path(__file__).resolve().parents[3] / "packages/pipelines/src/retail-stores"


def run(bronze, out, days):
    con = duckdb.connect()
    for table, kinds in {
        "products": "id: 'varchar', name: 'varchar', category: 'varchar', price: 'decimal(18,2)', cost: 'decimal(18,2)'",
        "stores": "id: 'varchar', name: 'varchar', location: 'varchar', capacity: 'int', opening_hour: 'int', closing_hour: 'int'",
        "clients": "id: 'varchar', age: 'int', gender: 'varchar', loyalty_card: 'bool', city: 'varchar'",
    }.items():
        con.execute(f"create table {table} as from read_json('{bronze}/{table}/{table}.json', columns = {{{kinds}}})")
    con.execute("update clients set age = null where age not between 0 and 120")
    con.execute(f"copy clients to '{out}/clients.parquet' (compression zstd)")
    for day in days:
        con.execute(f"""create or replace table retail_data as from read_json(
                '{bronze}/retail_data/date={day}/retail_data_{day}.json',
                columns = {{store_id: 'varchar', date: 'date', hour: 'int', visitors: 'int', sales: 'int'}})
            where hour between 0 and 23 and store_id in (select id from stores)
            qualify row_number() over (partition by store_id, date, hour) = 1""")
        con.execute(f"""create or replace table sales as from read_json(
                '{bronze}/sales/sale_date={day}/sales_{day}.json',
                columns = {{sale_id: 'varchar', nb_type_product: 'int', product_id: 'varchar', client_id: 'varchar',
                store_id: 'varchar', quantity: 'int', sale_amount: 'decimal(18,2)', sale_date: 'date', sale_time: 'time'}})
            where quantity >= 0 and sale_amount >= 0 and store_id in (select id from stores)
            qualify row_number() over (partition by sale_id, product_id) = 1""")
        for table in ["retail_data", "sales"]:
            con.execute(f"copy {table} to '{out}/{table}_{day}.parquet' (compression zstd)")
        con.execute(f"copy ({sql('silver/store_days.sql')}) to '{out}/store_days_{day}.parquet' (compression zstd)")
    con.execute(f"create view store_days as from read_parquet('{out}/store_days_*.parquet')")
    con.execute(f"create table metrics as {sql('gold/store_daily_metrics.sql')}")
    con.execute(f"copy metrics to '{out}/store_daily_metrics.csv' (header)")
    con.execute(f"copy metrics to '{out}/store_daily_metrics.parquet' (compression zstd)")


def sql(file):
    return (MODELS / file).read_text()
