"""Sensors of other DAGs: those that are an edge across DAGs, and those that are not."""

from __future__ import annotations

from datetime import datetime, timedelta

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.providers.standard.sensors.external_task import ExternalTaskSensor
from airflow.sdk import DAG

with DAG("visits", schedule="0 1 * * *", start_date=datetime(2026, 1, 5)):
    EmptyOperator(task_id="sessions") >> EmptyOperator(task_id="funnels")

with DAG("visit_reports", schedule="0 1 * * *", start_date=datetime(2026, 1, 5)):
    waits = [
        ExternalTaskSensor(task_id="one", external_dag_id="visits", external_task_id="funnels"),
        ExternalTaskSensor(task_id="two", external_dag_id="visits", external_task_ids=["funnels", "sessions"]),
        ExternalTaskSensor(task_id="whole", external_dag_id="visits"),
        ExternalTaskSensor(
            task_id="earlier", external_dag_id="visits", external_task_id="funnels", execution_delta=timedelta(days=1)
        ),
        ExternalTaskSensor(
            task_id="or_skipped",
            external_dag_id="visits",
            external_task_id="funnels",
            allowed_states=["success", "skipped"],
        ),
    ]
    waits >> EmptyOperator(task_id="report")

with DAG("visit_sensors", schedule="0 1 * * *", start_date=datetime(2026, 1, 5)):
    [
        ExternalTaskSensor(task_id="timeout", external_dag_id="visits", external_task_id="funnels", timeout=3600),
        ExternalTaskSensor(task_id="soft", external_dag_id="visits", external_task_id="funnels", soft_fail=True),
        ExternalTaskSensor(
            task_id="fails", external_dag_id="visits", external_task_id="funnels", failed_states=["failed"]
        ),
        ExternalTaskSensor(
            task_id="by_function",
            external_dag_id="visits",
            external_task_id="funnels",
            execution_date_fn=lambda when: when,
        ),
        ExternalTaskSensor(task_id="group", external_dag_id="visits", external_task_group_id="g"),
    ] >> EmptyOperator(task_id="report")
