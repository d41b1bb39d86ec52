"""Gold with DuckDB, as its users write it. Two ways: `files` reads silver anew at each tick (its history lies there as
Parquet, the newest as CSV); `table` keeps all orders in a database, inserts what is new and aggregates."""
import duckdb

COLUMNS = {
    "orders": {
        "order_id": "varchar", "customer_id": "varchar", "product": "varchar", "quantity": "decimal(18,4)",
        "unit_price": "decimal(18,4)", "total_amount": "decimal(18,4)", "order_ts": "timestamp", "order_date": "date",
        "channel": "varchar",
    },
    "customers": {
        "customer_id": "varchar", "email_h": "varchar", "first_initial": "varchar", "last_initial": "varchar",
        "country": "varchar", "signup_date": "date",
    },
}  # fmt: skip
NEWEST = {
    "orders": "qualify row_number() over (partition by order_id order by order_ts desc, tick desc, line desc) = 1",
    "customers": "qualify row_number() over (partition by customer_id order by tick desc, line desc) = 1",
}
SALES = """select orders.*, coalesce(country, 'NA') as country
    from {orders} as orders left join {customers} as customers using (customer_id)"""
KPIS = {
    "sales_by_day": "select order_date, count(*) as orders, sum(total_amount) as revenue from sales group by 1 order by 1",
    "top_products": """select row_number() over (order by sum(total_amount) desc, product) as rank, product,
        count(*) as orders, sum(quantity) as quantity, sum(total_amount) as revenue
        from sales group by product order by rank limit 10""",
    "aov": "select count(*) as orders, sum(total_amount) as revenue, avg(total_amount) as aov from sales",
    "revenue_by_channel": "select channel, count(*) as orders, sum(total_amount) as revenue from sales group by 1 order by 3 desc, 1",
    "revenue_by_country": "select country, count(*) as orders, sum(total_amount) as revenue from sales group by 1 order by 3 desc, 1",
}


class Gold:
    def __init__(self, lake, variant, work):
        self.con = duckdb.connect(f"{work}/gold.duckdb")
        self.variant = variant
        self.ticks = 0
        self.parts = {}
        for dataset, columns in COLUMNS.items():
            history = rows(dataset, f"{lake}/silver/{dataset}/*/*.csv", 0)
            if variant == "files":
                self.con.execute(f"copy (from {history}) to '{work}/{dataset}.parquet'")
                self.parts[dataset] = [f"'{work}/{dataset}.parquet'"]
            else:
                names = ", ".join(f"{name} {kind}" for name, kind in columns.items())
                self.con.execute(f"create table {dataset} ({names}, primary key ({next(iter(columns))}))")
                self.insert(dataset, history)
        if variant == "table":
            self.con.execute(f"create view sales as {SALES.format(orders='orders', customers='customers')}")

    def tick(self, orders, customers, out):
        self.ticks += 1
        fresh = {"orders": rows("orders", orders, self.ticks), "customers": rows("customers", customers, self.ticks)}
        if self.variant == "table":
            self.con.execute("begin")
            for dataset, source in fresh.items():
                self.insert(dataset, source)
            self.con.execute("commit")
        else:
            newest = {}
            for dataset, source in fresh.items():
                self.parts[dataset].append(source)
                every = " union all ".join(f"from {part}" for part in self.parts[dataset])
                newest[dataset] = f"(select * from ({every}) {NEWEST[dataset]})"
            self.con.execute(f"create or replace temp table sales as {SALES.format(**newest)}")
        for kpi, sql in KPIS.items():
            self.con.execute(f"copy ({sql}) to '{out}/{kpi}.csv' (header)")

    def insert(self, dataset, source):
        key, *others = COLUMNS[dataset]
        sets = ", ".join(f"{name} = excluded.{name}" for name in others)
        newer = "where excluded.order_ts >= orders.order_ts" if dataset == "orders" else ""
        self.con.execute(
            f"insert into {dataset} select {key}, {', '.join(others)} from {source} {NEWEST[dataset]} "
            f"on conflict ({key}) do update set {sets} {newer}"
        )


def rows(dataset, files, tick):
    """Rows of CSV files, with what tells which of two stands later."""
    read = f"read_csv('{files}', header=true, hive_partitioning=false, columns={COLUMNS[dataset]})"
    return f"(select *, {tick} as tick, row_number() over () as line from {read})"
