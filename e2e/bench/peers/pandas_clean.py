"""Cleaning with pandas, as its users write it: clean(dataset, source, silver, rejected)."""
import hashlib
import hmac
import ipaddress
import json

import pandas as pd

KEY = b"bench"


def clean(dataset, source, silver, rejected):
    {"orders": orders, "customers": customers, "clicks": clicks}[dataset](source, silver, rejected)


def orders(source, silver, rejected):
    df = pd.read_json(source, lines=source.endswith(".jsonl"), dtype=False, convert_dates=False)
    ts = pd.to_datetime(df["order_ts"], utc=True, errors="coerce", format="ISO8601")
    quantity = pd.to_numeric(df["quantity"], errors="coerce").clip(lower=0)
    price = pd.to_numeric(df["unit_price"], errors="coerce").clip(lower=0)
    total = pd.to_numeric(df["total_amount"], errors="coerce")
    total = total.where(total >= 0, quantity * price)
    good = ts.notna() & df["order_id"].fillna("").ne("") & total.notna()
    df[~good].to_json(rejected, orient="records", lines=True)
    df = df.assign(quantity=quantity, unit_price=price, total_amount=total.round(4), order_ts=ts)[good]
    df = df.sort_values("order_ts", kind="stable").drop_duplicates("order_id", keep="last").sort_index()
    df["order_date"] = df["order_ts"].dt.date
    df["channel"] = df["channel"].fillna("unknown")
    columns = "order_id customer_id product quantity unit_price total_amount order_ts order_date channel".split()
    df[columns].to_csv(silver, index=False)


def customers(source, silver, rejected):
    df = pd.read_csv(source, dtype=str, keep_default_na=False)
    signup = pd.to_datetime(df["signup_date"], errors="coerce", format="ISO8601")
    good = signup.notna() & df["customer_id"].ne("")
    df[~good].to_json(rejected, orient="records", lines=True)
    email = df["email"].str.strip().str.lower()
    out = pd.DataFrame(
        {
            "customer_id": df["customer_id"],
            "email_h": email.map(lambda e: hmac.new(KEY, e.encode(), hashlib.sha256).hexdigest()[:16] if e else ""),
            "first_initial": df["first_name"].str[:1].str.upper(),
            "last_initial": df["last_name"].str[:1].str.upper(),
            "country": df["country"].replace("", "NA"),
            "signup_date": signup.dt.date,
        }
    )
    out[good].drop_duplicates("customer_id", keep="last").to_csv(silver, index=False)


def is_ip(text):
    try:
        return bool(ipaddress.IPv4Address(text))
    except ValueError:
        return False


def clicks(source, silver, rejected):
    rows, bad = [], []
    with open(source, encoding="utf-8") as lines:
        for line in lines:
            try:
                rows.append(json.loads(line))
            except ValueError:
                bad.append({"line": line})
    df = pd.DataFrame(rows)
    ts = pd.to_datetime(df["ts"], utc=True, errors="coerce", format="ISO8601")
    good = ts.notna() & df["ip"].map(is_ip)
    pd.concat([pd.DataFrame(bad), df[~good]]).to_json(rejected, orient="records", lines=True)
    df.assign(ts=ts)[good][["customer_id", "page", "ts"]].to_csv(silver, index=False)
