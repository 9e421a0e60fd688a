"""A branch, every trigger rule behind it, and tasks that look at their own past."""

from __future__ import annotations

from datetime import datetime, timedelta

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.providers.standard.operators.python import BranchPythonOperator, ShortCircuitOperator
from airflow.sdk import DAG, Label, cross_downstream

RULES = [
    "all_success", "all_failed", "all_done", "all_done_min_one_success", "all_skipped", "one_failed", "one_success",
    "one_done", "none_failed", "none_failed_min_one_success", "none_skipped", "always",
]  # fmt: skip

with DAG(
    "branch",
    schedule="@daily",
    start_date=datetime(2026, 1, 5),
    default_args={"owner": "rules", "depends_on_past": True, "retries": 3, "retry_delay": timedelta(seconds=90)},
    max_active_tasks=4,
    max_consecutive_failed_dag_runs=3,
):
    choose = BranchPythonOperator(task_id="choose", python_callable=lambda: "left")
    left = EmptyOperator(task_id="left", priority_weight=5)
    right = EmptyOperator(task_id="right", wait_for_downstream=True, pool="narrow", pool_slots=2)
    choose >> Label("often") >> left
    choose >> Label("rarely") >> right
    cross_downstream([left, right], [EmptyOperator(task_id=f"by_{rule}", trigger_rule=rule) for rule in RULES])
    ShortCircuitOperator(task_id="short", python_callable=lambda: False) >> EmptyOperator(task_id="behind")
