"""Publishes the models of all groups that are better than a guess, with what was measured of them.

Reads  DATA/metrics/date=…/group=…    Writes  DATA/published/date=…/part-….json, a model a line
"""

import argparse

from pyspark.sql import SparkSession, functions as F

AUC_MIN = 0.5

parser = argparse.ArgumentParser()
parser.add_argument("--data", required=True)
parser.add_argument("--date", required=True)
options = parser.parse_args()

spark = SparkSession.builder.appName("publish").getOrCreate()
metrics = spark.read.json(f"{options.data}/metrics/date={options.date}").coalesce(1)
good = metrics.where(F.col("auc") > AUC_MIN).orderBy("group", "customer")
good.coalesce(1).write.mode("overwrite").json(f"{options.data}/published/date={options.date}")
for row in metrics.groupBy("group").agg(F.count("*").alias("models"), F.avg("auc").alias("auc")).collect():
    print(f"group {row.group}: {row.models} models, AUC {row.auc:.3f} on average")
spark.stop()
