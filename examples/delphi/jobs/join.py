"""Joins the labels with what was known of each visitor before the cut-off.

Reads  DATA/labels/date=…/group=…, DATA/sessions    Writes  DATA/examples/date=…/group=…
"""

import argparse

from pyspark.sql import SparkSession, functions as F

parser = argparse.ArgumentParser()
parser.add_argument("--data", required=True)
parser.add_argument("--date", required=True)
parser.add_argument("--group", required=True)
options = parser.parse_args()

spark = SparkSession.builder.appName("join").getOrCreate()
spark.conf.set("spark.sql.session.timeZone", "UTC")

place = f"date={options.date}/group={options.group}"
labels = spark.read.parquet(f"{options.data}/labels/{place}")
sessions = spark.read.parquet(f"{options.data}/sessions").drop("day")
seconds = F.unix_timestamp("end") - F.unix_timestamp("begin")
examples = (
    labels.join(sessions, ["customer", "visitor"])
    .where(F.col("begin") < F.col("cutoff"))
    .groupBy("customer", "visitor", "label", "cutoff")
    .agg(
        F.count("*").cast("double").alias("sessions"),
        F.sum("views").cast("double").alias("views"),
        F.sum("carts").cast("double").alias("carts"),
        F.sum("buys").cast("double").alias("buys"),
        (F.sum(seconds) / 60).alias("minutes"),
        F.max("begin").alias("last_seen"),
    )
    .withColumn("days_away", F.datediff("cutoff", "last_seen").cast("double"))
    .drop("cutoff", "last_seen")
)
examples.coalesce(1).write.mode("overwrite").parquet(f"{options.data}/examples/{place}")
spark.stop()
