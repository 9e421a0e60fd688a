"""Groups: nested, with defaults of their own, without a prefix, with ids that ours have not, and mapped."""

from __future__ import annotations

from datetime import datetime

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, TaskGroup, task, task_group

with DAG("groups", schedule=None, start_date=datetime(2026, 1, 5), default_args={"retries": 1}):
    with TaskGroup("outer", tooltip="all of it", default_args={"retries": 4}) as outer:
        first = EmptyOperator(task_id="first")
        with TaskGroup("inner") as inner:
            EmptyOperator(task_id="a") >> EmptyOperator(task_id="b")
        with TaskGroup("bare", prefix_group_id=False):
            EmptyOperator(task_id="without_prefix")
        first >> inner
    EmptyOperator(task_id="2_begins_with_a_digit") >> outer >> EmptyOperator(task_id="dots.in.it")

with DAG("mapped_group", schedule=None, start_date=datetime(2026, 1, 5)):

    @task_group
    def each(name):
        @task
        def work(value):
            return value

        work(name)

    each.expand(name=["a", "b"])
