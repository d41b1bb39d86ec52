"""The stores' days with pandas, as its users write it: each day's JSON becomes a day's Parquet and a row for each store,
the rows of all days the daily metrics."""
import os

import numpy as np
import pandas as pd


def run(bronze, out, days):
    products = pd.read_json(f"{bronze}/products/products.json")
    stores = pd.read_json(f"{bronze}/stores/stores.json")
    clients = pd.read_json(f"{bronze}/clients/clients.json").drop(columns="name")
    clients.loc[~clients["age"].between(0, 120), "age"] = np.nan
    clients.drop_duplicates("id", keep="last").to_parquet(f"{out}/clients.parquet", compression="zstd")
    history = f"{out}/store_days.parquet"
    parts = [pd.read_parquet(history)] if os.path.exists(history) else []
    parts += [store_days(bronze, out, day, products, stores) for day in days]
    all_days = pd.concat(parts).drop_duplicates(["date", "store_id"], keep="last").sort_values(["date", "store_id"])
    all_days.to_parquet(history, compression="zstd")
    metrics = daily_metrics(all_days)
    metrics.to_csv(f"{out}/store_daily_metrics.csv", index=False)
    metrics.to_parquet(f"{out}/store_daily_metrics.parquet", compression="zstd")


def store_days(bronze, out, day, products, stores):
    hours = pd.read_json(f"{bronze}/retail_data/date={day}/retail_data_{day}.json", convert_dates=False)
    sales = pd.read_json(f"{bronze}/sales/sale_date={day}/sales_{day}.json", convert_dates=False)
    hours = hours[hours["store_id"].isin(stores["id"]) & hours["hour"].between(0, 23)]
    hours = hours.drop_duplicates(["store_id", "date", "hour"], keep="last")
    sales = sales[sales["store_id"].isin(stores["id"]) & (sales["quantity"] >= 0) & (sales["sale_amount"] >= 0)]
    sales = sales.drop_duplicates(["sale_id", "product_id"], keep="last")
    hours.to_parquet(f"{out}/retail_data_{day}.parquet", compression="zstd")
    sales.to_parquet(f"{out}/sales_{day}.parquet", compression="zstd")

    hours = hours.dropna(subset=["visitors", "sales"], how="all").copy()
    valid = hours[hours["visitors"].between(1, 5000)].groupby("store_id")[["sales", "visitors"]].sum()
    ratio = hours["store_id"].map(valid["sales"] / valid["visitors"])
    aberrant = (hours["visitors"] > 5000) & (ratio > 0)
    hours["visitors"] = hours["visitors"].where(~aberrant, hours["sales"] / ratio)
    by_store = hours.sort_values("hour").set_index("hour").groupby("store_id")
    traffic = pd.DataFrame({
        "total_visitors": by_store["visitors"].sum(),
        "total_transactions": by_store["sales"].sum(),
        "peak_hour_sales": by_store["sales"].idxmax(),
        "peak_hour_visitors": by_store["visitors"].idxmax(),
    })  # fmt: skip
    sold = sales.merge(products[["id", "name", "cost"]], left_on="product_id", right_on="id", how="left")
    sold["cost"] = sold["quantity"] * sold["cost"]
    turnover = sold.groupby("store_id").agg(
        total_quantity=("quantity", "sum"), total_revenue=("sale_amount", "sum"), total_cost=("cost", "sum")
    )
    best = sold.dropna(subset=["id"]).groupby(["store_id", "product_id", "name"])["quantity"].sum().reset_index()
    best = best.sort_values(["quantity", "product_id"]).groupby("store_id").last()
    best = best[["product_id", "name"]].set_axis(["best_selling_product_id", "best_selling_product_name"], axis=1)
    day_rows = traffic.join(turnover, how="outer").fillna(0).join(best).reset_index()
    day_rows.insert(0, "date", day)
    return day_rows


def daily_metrics(days):
    days = days.copy()
    days["day_of_week"] = pd.to_datetime(days["date"]).dt.day_name()
    days["total_cost"] = days["total_cost"].round(2)
    days["total_margin"] = days["total_revenue"] - days["total_cost"]
    same_weekday = days.groupby(["store_id", "day_of_week"])
    for total, name in [("visitors", "visitors"), ("transactions", "sales"), ("revenue", "revenue")]:
        average = same_weekday[f"total_{total}"].transform(lambda values: values.rolling(4, min_periods=1).mean()).round(2)
        days[f"avg_{name}_last_4_weeks"] = average
        days[f"{total}_variation_vs_avg_4w_percent"] = (days[f"total_{total}"] - average) * 100 / average.replace(0, np.nan)
    visitors, transactions = days["total_visitors"].replace(0, np.nan), days["total_transactions"].replace(0, np.nan)
    days["conversion_rate"] = days["total_transactions"] * 100 / visitors
    days["avg_transaction_value"] = days["total_revenue"] / transactions
    basket = days["avg_revenue_last_4_weeks"] / days["avg_sales_last_4_weeks"].replace(0, np.nan)
    days["transactions_amount_variation_vs_avg_4w_percent"] = (days["avg_transaction_value"] - basket) * 100 / basket
    days["revenue_per_visitor"] = days["total_revenue"] / visitors
    days["margin_per_visitor"] = days["total_margin"] / visitors
    return days
