"""Cleaning with polars, as its users write it: clean(dataset, source, silver, rejected)."""
import hashlib
import hmac
import json

import polars as pl

KEY = b"bench"
IPV4 = r"^((25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)$"


def clean(dataset, source, silver, rejected):
    {"orders": orders, "customers": customers, "clicks": clicks}[dataset](source, silver, rejected)


def instant(column):
    zoned = pl.col(column).str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%#z", time_zone="UTC", strict=False)
    naive = pl.col(column).str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", time_zone="UTC", strict=False)
    return pl.coalesce(zoned, naive)


def orders(source, silver, rejected):
    read = pl.read_ndjson if source.endswith(".jsonl") else pl.read_json
    df = read(source, infer_schema_length=None)
    df = df.with_columns(pl.col("quantity", "unit_price", "total_amount").cast(pl.Float64, strict=False))
    df = df.with_columns(
        ts=instant("order_ts"), quantity=pl.col("quantity").clip(0), unit_price=pl.col("unit_price").clip(0)
    ).with_columns(
        total_amount=pl.when(pl.col("total_amount") >= 0)
        .then(pl.col("total_amount"))
        .otherwise(pl.col("quantity") * pl.col("unit_price"))
        .round(4)
    )
    good = pl.col("ts").is_not_null() & (pl.col("order_id").fill_null("") != "") & pl.col("total_amount").is_not_null()
    df.filter(~good).write_ndjson(rejected)
    (
        df.filter(good)
        .sort("ts", maintain_order=True)
        .unique("order_id", keep="last", maintain_order=True)
        .with_columns(order_ts=pl.col("ts"), order_date=pl.col("ts").dt.date(), channel=pl.col("channel").fill_null("unknown"))
        .drop("ts")
        .write_csv(silver)
    )


def customers(source, silver, rejected):
    df = pl.read_csv(source, infer_schema=False).with_columns(
        signup=pl.col("signup_date").str.to_date("%Y-%m-%d", strict=False)
    )
    good = pl.col("signup").is_not_null() & (pl.col("customer_id").fill_null("") != "")
    df.filter(~good).write_ndjson(rejected)
    hashed = lambda e: hmac.new(KEY, e.encode(), hashlib.sha256).hexdigest()[:16]
    (
        df.filter(good)
        .unique("customer_id", keep="last", maintain_order=True)
        .select(
            "customer_id",
            email_h=pl.col("email").str.strip_chars().str.to_lowercase().map_elements(hashed, return_dtype=pl.String),
            first_initial=pl.col("first_name").str.slice(0, 1).str.to_uppercase(),
            last_initial=pl.col("last_name").str.slice(0, 1).str.to_uppercase(),
            country=pl.col("country").fill_null("NA"),
            signup_date="signup",
        )
        .write_csv(silver)
    )


def clicks(source, silver, rejected):
    rows, bad = [], []
    with open(source, encoding="utf-8") as lines:
        for line in lines:
            try:
                rows.append(json.loads(line))
            except ValueError:
                bad.append({"line": line})
    df = pl.DataFrame(rows, schema=dict.fromkeys(["customer_id", "page", "ip", "ts"], pl.String))
    df = df.with_columns(instant=instant("ts"))
    good = pl.col("instant").is_not_null() & pl.col("ip").fill_null("").str.contains(IPV4)
    pl.concat([df.filter(~good).drop("instant"), pl.DataFrame(bad)], how="diagonal").write_ndjson(rejected)
    df.filter(good).select("customer_id", "page", ts="instant").write_csv(silver)
