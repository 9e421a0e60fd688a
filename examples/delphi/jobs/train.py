"""Fits one model for each customer of a group: who will buy, by logistic regression.

Reads  DATA/train/date=…/group=…    Writes  DATA/models/date=…/group=…/customer=…
"""

import argparse

from pyspark.ml.classification import LogisticRegression
from pyspark.ml.feature import VectorAssembler
from pyspark.sql import SparkSession, functions as F

FEATURES = ["sessions", "views", "carts", "buys", "minutes", "days_away"]

parser = argparse.ArgumentParser()
parser.add_argument("--data", required=True)
parser.add_argument("--date", required=True)
parser.add_argument("--group", required=True)
options = parser.parse_args()

spark = SparkSession.builder.appName("train").getOrCreate()
place = f"date={options.date}/group={options.group}"
examples = spark.read.parquet(f"{options.data}/train/{place}").coalesce(1)
examples = VectorAssembler(inputCols=FEATURES, outputCol="features").transform(examples).cache()
regression = LogisticRegression(maxIter=12, regParam=0.02)
customers = sorted(row.customer for row in examples.select("customer").distinct().collect())
for customer in customers:
    model = regression.fit(examples.where(F.col("customer") == customer))
    model.write().overwrite().save(f"{options.data}/models/{place}/customer={customer}")
    weights = {name: round(weight, 3) for name, weight in zip(FEATURES, model.coefficients)}
    print(customer, weights)
print("models:", len(customers))
spark.stop()
