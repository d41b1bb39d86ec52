"""Gold with pandas, as its users write it: all orders in memory, each tick appended, everything computed anew."""
import glob

import pandas as pd

TEXTS = {"order_id": str, "customer_id": str, "product": str, "channel": str, "country": str}


class Gold:
    def __init__(self, lake, variant, work):
        self.orders, self.customers = (
            pd.concat([read(file) for file in sorted(glob.glob(f"{lake}/silver/{dataset}/*/*.csv"))])
            for dataset in ("orders", "customers")
        )

    def tick(self, orders, customers, out):
        self.orders = (
            pd.concat([self.orders, read(orders)])
            .sort_values("order_ts", kind="stable")
            .drop_duplicates("order_id", keep="last")
        )
        self.customers = pd.concat([self.customers, read(customers)]).drop_duplicates("customer_id", keep="last")
        countries = self.customers[["customer_id", "country"]]
        sales = self.orders.merge(countries, on="customer_id", how="left").fillna({"country": "NA"})
        for kpi, table in kpis(sales).items():
            table.round(2).to_csv(f"{out}/{kpi}.csv", index=False)


def read(file):
    return pd.read_csv(file, dtype=TEXTS, keep_default_na=False)


def kpis(sales):
    sums = {"orders": ("order_id", "count"), "revenue": ("total_amount", "sum")}
    with_quantity = {"orders": sums["orders"], "quantity": ("quantity", "sum"), "revenue": sums["revenue"]}
    orders, revenue = len(sales), sales["total_amount"].sum()
    products = sales.groupby("product", as_index=False).agg(**with_quantity)
    top = products.sort_values(["revenue", "product"], ascending=[False, True]).head(10)
    return {
        "sales_by_day": sales.groupby("order_date", as_index=False).agg(**sums),
        "top_products": top.assign(rank=range(1, len(top) + 1)),
        "aov": pd.DataFrame({"orders": [orders], "revenue": [revenue], "aov": [revenue / orders]}),
        "revenue_by_channel": sales.groupby("channel", as_index=False).agg(**sums),
        "revenue_by_country": sales.groupby("country", as_index=False).agg(**sums),
    }
