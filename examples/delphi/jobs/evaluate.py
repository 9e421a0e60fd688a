"""Measures each model of a group with examples that it has not seen: the area under the ROC curve.

Reads  DATA/models/…, DATA/test/date=…/group=…
Writes DATA/metrics/date=…/group=…/part-….json  {"customer", "auc", "visitors", "model"} a line
"""

import argparse

from pyspark.ml.classification import LogisticRegressionModel
from pyspark.ml.evaluation import BinaryClassificationEvaluator
from pyspark.ml.feature import VectorAssembler
from pyspark.sql import SparkSession, functions as F

FEATURES = ["sessions", "views", "carts", "buys", "minutes", "days_away"]

parser = argparse.ArgumentParser()
parser.add_argument("--data", required=True)
parser.add_argument("--date", required=True)
parser.add_argument("--group", required=True)
options = parser.parse_args()

spark = SparkSession.builder.appName("evaluate").getOrCreate()
place = f"date={options.date}/group={options.group}"
examples = spark.read.parquet(f"{options.data}/test/{place}").coalesce(1)
examples = VectorAssembler(inputCols=FEATURES, outputCol="features").transform(examples).cache()
area = BinaryClassificationEvaluator(metricName="areaUnderROC")
metrics = []
for row in sorted(examples.groupBy("customer").count().collect()):
    path = f"{options.data}/models/{place}/customer={row.customer}"
    model = LogisticRegressionModel.load(path)
    auc = area.evaluate(model.transform(examples.where(F.col("customer") == row.customer)))
    metrics.append((row.customer, auc, row["count"], path))
    print(f"{row.customer}: AUC {auc:.3f} over {row['count']} visitors")
schema = "customer STRING, auc DOUBLE, visitors LONG, model STRING"
out = f"{options.data}/metrics/{place}"
spark.createDataFrame(metrics, schema).coalesce(1).write.mode("overwrite").json(out)
spark.stop()
