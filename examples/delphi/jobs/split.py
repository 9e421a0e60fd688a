"""Parts the examples into those to train with and those to test with, by a hash of the visitor: the
same visitor is on the same side every week.

Reads  DATA/examples/date=…/group=…    Writes  DATA/train/… and DATA/test/… of the same name
"""

import argparse

from pyspark.sql import SparkSession, functions as F

TEST_PERCENT = 40

parser = argparse.ArgumentParser()
parser.add_argument("--data", required=True)
parser.add_argument("--date", required=True)
parser.add_argument("--group", required=True)
options = parser.parse_args()

spark = SparkSession.builder.appName("split").getOrCreate()
place = f"date={options.date}/group={options.group}"
examples = spark.read.parquet(f"{options.data}/examples/{place}")
is_test = F.pmod(F.xxhash64("customer", "visitor"), F.lit(100)) < TEST_PERCENT
for side, rows in (("train", examples.where(~is_test)), ("test", examples.where(is_test))):
    rows.coalesce(1).write.mode("overwrite").parquet(f"{options.data}/{side}/{place}")
spark.stop()
