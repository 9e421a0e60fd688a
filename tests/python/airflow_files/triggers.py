"""Jobs that trigger a run of another DAG."""

from __future__ import annotations

from datetime import datetime

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import DAG, task

with DAG("triggered", schedule=None, start_date=datetime(2026, 1, 5)):
    EmptyOperator(task_id="go")

with DAG("triggers", schedule="@daily", start_date=datetime(2026, 1, 5), catchup=False):
    TriggerDagRunOperator(task_id="plain", trigger_dag_id="triggered")
    TriggerDagRunOperator(
        task_id="all_of_it",
        trigger_dag_id="triggered",
        trigger_run_id="from_{{ ds }}",
        logical_date="{{ logical_date }}",
        conf={"day": "{{ ds }}", "full": True},
        reset_dag_run=True,
        wait_for_completion=True,
        allowed_states=["success", "failed"],
        failed_states=[],
    )
    no_date = TriggerDagRunOperator(task_id="no_date", trigger_dag_id="triggered", logical_date=None)

    @task
    def conf_of():
        return {"a": 1}

    TriggerDagRunOperator(task_id="by_xcom", trigger_dag_id="triggered", conf=conf_of())
