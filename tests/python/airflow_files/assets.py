"""Assets: who makes them, who follows them, by and, or and time."""

from __future__ import annotations

from datetime import datetime

from airflow.providers.standard.operators.bash import BashOperator
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, Asset, AssetOrTimeSchedule, CronTriggerTimetable, Metadata, task

raw = Asset("raw_orders", uri="s3://shop/raw/", extra={"team": "orders"})
clean = Asset("s3://shop/clean/")
rates = Asset("rates", group="finance")

with DAG("asset_makers", schedule="@hourly", start_date=datetime(2026, 1, 5)):
    BashOperator(task_id="load", bash_command="true", outlets=[raw])
    EmptyOperator(task_id="read", inlets=[raw], outlets=[clean, rates])

    @task(outlets=[rates])
    def with_extra():
        yield Metadata(rates, {"rows": 3})

    with_extra()

with DAG("asset_both", schedule=[raw, clean], start_date=datetime(2026, 1, 5)):
    EmptyOperator(task_id="go")
with DAG("asset_either", schedule=(raw | (clean & rates)), start_date=datetime(2026, 1, 5)):
    EmptyOperator(task_id="go")
with DAG(
    "asset_or_time",
    schedule=AssetOrTimeSchedule(timetable=CronTriggerTimetable("0 6 * * *", timezone="Asia/Tokyo"), assets=raw | rates),
    start_date=datetime(2026, 1, 5),
):
    EmptyOperator(task_id="go")
