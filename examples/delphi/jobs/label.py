"""Says of each visitor of a group's customers whether they bought within the horizon before --date.

Reads  DATA/sessions, the group's file    Writes  DATA/labels/date=…/group=…

The cut-off is the horizon's begin: what is known of a visitor for training ends there.
"""

import argparse
import json

from pyspark.sql import SparkSession, functions as F

parser = argparse.ArgumentParser()
parser.add_argument("--data", required=True)
parser.add_argument("--date", required=True)
parser.add_argument("--customers", required=True, help="the group's file")
parser.add_argument("--horizon", default="7 days")
options = parser.parse_args()

spark = SparkSession.builder.appName("label").getOrCreate()
spark.conf.set("spark.sql.session.timeZone", "UTC")

group = json.loads("\n".join(row.value for row in spark.read.text(options.customers).collect()))
date = F.lit(options.date).cast("timestamp")
cutoff = F.expr(f"timestamp '{options.date}' - interval {options.horizon}")

labels = (
    spark.read.parquet(f"{options.data}/sessions")
    .where(F.col("customer").isin(group["customers"]) & (F.col("begin") < date))
    .groupBy("customer", "visitor")
    .agg(
        F.max(((F.col("begin") >= cutoff) & (F.col("buys") > 0)).cast("int")).alias("label"),
        F.min("begin").alias("first_seen"),
    )
    .where(F.col("first_seen") < cutoff)
    .select("customer", "visitor", "label", cutoff.alias("cutoff"))
)
out = f"{options.data}/labels/date={options.date}/group={group['group']}"
labels.coalesce(1).write.mode("overwrite").parquet(out)
counts = spark.read.parquet(out).groupBy().agg(F.count("*"), F.sum("label")).first()
print(f"group {group['group']}: {counts[0]} visitors, {counts[1]} of them bought")
spark.stop()
