"""Every schedule that Airflow has: those that Signalbox has too, and those that it names as errors."""

from __future__ import annotations

from datetime import datetime, timedelta

import pendulum
from dateutil.relativedelta import relativedelta

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import (
    DAG,
    CronDataIntervalTimetable,
    CronTriggerTimetable,
    DeltaDataIntervalTimetable,
    DeltaTriggerTimetable,
    EventsTimetable,
    MultipleCronTriggerTimetable,
)

START = pendulum.datetime(2026, 1, 5, tz="Europe/Istanbul")
SCHEDULES = {
    "none": None,
    "once": "@once",
    "continuous": "@continuous",
    "cron": "30 2 * * MON-FRI",
    "preset": "@monthly",
    "delta": timedelta(hours=6),
    "cron_trigger": CronTriggerTimetable("0 4 * * *", timezone="Asia/Tokyo"),
    "cron_interval": CronDataIntervalTimetable("0 4 * * *", timezone="UTC"),
    "delta_trigger": DeltaTriggerTimetable(timedelta(days=2)),
    "delta_interval": DeltaDataIntervalTimetable(timedelta(minutes=90)),
    "several": MultipleCronTriggerTimetable("0 4 * * *", "0 16 * * 0", timezone="UTC"),
    "events": EventsTimetable([pendulum.datetime(2026, 3, 1), pendulum.datetime(2026, 5, 1, 12)]),
    "cron_with_interval": CronTriggerTimetable("0 4 * * *", timezone="UTC", interval=timedelta(days=1)),
    "months": relativedelta(months=1),
}

for name, schedule in SCHEDULES.items():
    with DAG(
        f"by_{name}",
        schedule=schedule,
        start_date=START,
        end_date=datetime(2027, 1, 5),
        catchup=name in ("cron", "delta"),
        max_active_runs=1,
    ):
        EmptyOperator(task_id="go")

with DAG("by_fixed_offset", schedule="@daily", start_date=datetime.fromisoformat("2026-01-05T00:00:00+03:30")):
    EmptyOperator(task_id="go")
with DAG("without_schedule", start_date=START):
    EmptyOperator(task_id="go")
