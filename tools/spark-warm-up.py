"""A small program that touches what PySpark jobs touch, for tools/spark-setup: the classes that it
loads go into an archive of the JVM (class data sharing), with which each job starts in a third of
the processor time.

    spark-submit tools/spark-warm-up.py FOLDER
"""

import sys

from pyspark.ml.classification import LogisticRegression, LogisticRegressionModel
from pyspark.ml.evaluation import BinaryClassificationEvaluator
from pyspark.ml.feature import VectorAssembler
from pyspark.sql import SparkSession, Window, functions as F

folder = sys.argv[1]
spark = SparkSession.builder.appName("warm-up").getOrCreate()
rows = spark.range(200).select(
    (F.col("id") % 4).cast("string").alias("name"),
    F.timestamp_seconds("id").alias("at"),
    F.rand(1).alias("x"),
    (F.col("id") % 2).cast("double").alias("label"),
)
rows.write.mode("overwrite").json(f"{folder}/json", compression="gzip")
read = spark.read.schema(rows.schema).json(f"{folder}/json")
order = Window.partitionBy("name").orderBy("at")
read = read.withColumn("before", F.unix_timestamp(F.lag("at").over(order)))
read.write.mode("overwrite").partitionBy("name").parquet(f"{folder}/parquet")
both = spark.read.parquet(f"{folder}/parquet")
sums = both.groupBy("name").agg(F.max("at").alias("last"), F.avg("x").alias("mean"))
examples = both.join(sums, "name").withColumn("day", F.to_date("last")).orderBy("at").cache()
examples = VectorAssembler(inputCols=["x", "mean"], outputCol="features").transform(examples)
LogisticRegression(maxIter=3).fit(examples).write().overwrite().save(f"{folder}/model")
scored = LogisticRegressionModel.load(f"{folder}/model").transform(examples)
print(BinaryClassificationEvaluator().evaluate(scored), examples.select("name").distinct().count())
spark.createDataFrame([("a", 1.0)], "name STRING, auc DOUBLE").coalesce(1).write.json(f"{folder}/out")
spark.stop()
