"""Cuts the clickstream into sessions: events of a visitor with no gap of more than 30 minutes.

Reads  DATA/events/day=…    Writes  DATA/sessions/day=…, one folder for the day on which a session began

A night's run makes the day of its interval, and those before it (--lookback) whose sessions are
not there yet.
"""

import argparse
import datetime

from pyspark.errors import AnalysisException
from pyspark.sql import SparkSession, Window, functions as F

GAP_SECONDS = 30 * 60


def read_time(text):
    return datetime.datetime.fromisoformat(text).astimezone(datetime.timezone.utc)


parser = argparse.ArgumentParser()
parser.add_argument("--data", required=True)
parser.add_argument("--from", dest="begin", type=read_time, required=True)
parser.add_argument("--to", type=read_time, required=True)
parser.add_argument("--lookback", type=int, default=28, help="days")
options = parser.parse_args()

spark = SparkSession.builder.appName("sessionize").getOrCreate()
spark.conf.set("spark.sql.session.timeZone", "UTC")
spark.conf.set("spark.sql.sources.partitionOverwriteMode", "dynamic")


def days_made():
    try:
        days = spark.read.parquet(f"{options.data}/sessions").select("day").distinct().collect()
    except AnalysisException:  # the first night
        return []
    return [row.day for row in days if row.day < options.begin.date()]


first_day = (options.begin - datetime.timedelta(days=options.lookback)).date()
events = (
    spark.read.schema("customer STRING, visitor STRING, at TIMESTAMP, event STRING, day DATE")
    .json(f"{options.data}/events")
    .where(F.col("day").between(F.lit(first_day), F.lit(options.to.date())))
    .where(~F.col("day").isin(days_made()) & (F.col("at") < F.lit(options.to)))
)
visitor = Window.partitionBy("customer", "visitor").orderBy("at")
since_last = F.unix_timestamp("at") - F.unix_timestamp(F.lag("at").over(visitor))
begins = F.when(since_last <= GAP_SECONDS, 0).otherwise(1)


def how_many(event):
    return F.sum((F.col("event") == event).cast("int")).alias(event + "s")


sessions = (
    events.withColumn("session", F.sum(begins).over(visitor.rowsBetween(Window.unboundedPreceding, 0)))
    .groupBy("customer", "visitor", "session")
    .agg(
        F.min("at").alias("begin"),
        F.max("at").alias("end"),
        *[how_many(event) for event in ("view", "cart", "buy")],
    )
    .drop("session")
    .withColumn("day", F.to_date("begin"))
)
sessions.coalesce(1).write.mode("overwrite").partitionBy("day").parquet(f"{options.data}/sessions")
print("sessions:", spark.read.parquet(f"{options.data}/sessions").count())
spark.stop()
