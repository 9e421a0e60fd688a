"""Branches, short circuits, and joins behind them."""

from __future__ import annotations

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.providers.standard.operators.python import ShortCircuitOperator
from airflow.sdk import DAG, TaskGroup, task

with DAG("branches", schedule=None, is_paused_upon_creation=False):

    @task.branch
    def choose(run_id: str | None = None) -> list[str]:
        return ["left", "group.in_group"]

    @task
    def left() -> str:
        return "left"

    @task
    def right() -> str:
        return "right"

    @task(trigger_rule="none_failed_min_one_success")
    def join() -> str:
        return "joined"

    with TaskGroup("group") as group:
        EmptyOperator(task_id="in_group")
        EmptyOperator(task_id="not_chosen")
    chosen = choose()
    chosen >> [left(), right()] >> join()
    chosen >> group
    chosen >> EmptyOperator(task_id="native_right") >> EmptyOperator(task_id="behind_right")

with DAG("circuits", schedule=None, is_paused_upon_creation=False):
    start = EmptyOperator(task_id="start")
    ends = EmptyOperator(task_id="ends", trigger_rule="none_failed")
    hard = ShortCircuitOperator(task_id="hard", python_callable=lambda: False)
    soft = ShortCircuitOperator(task_id="soft", python_callable=lambda: 0, ignore_downstream_trigger_rules=False)
    passes = ShortCircuitOperator(task_id="passes", python_callable=lambda: "yes")
    start >> hard >> EmptyOperator(task_id="hard_1") >> EmptyOperator(task_id="hard_2", trigger_rule="all_done")
    start >> soft >> EmptyOperator(task_id="soft_1") >> EmptyOperator(task_id="soft_2", trigger_rule="all_done")
    start >> passes >> EmptyOperator(task_id="passed") >> ends

    @task.short_circuit
    def decorated() -> bool:
        return False

    start >> decorated() >> EmptyOperator(task_id="behind_decorated")

with DAG("branch_to_nowhere", schedule=None, is_paused_upon_creation=False):

    @task.branch
    def wrong() -> str:
        return "no_such_task"

    @task.branch
    def nothing() -> None:
        return None

    wrong() >> EmptyOperator(task_id="behind_wrong")
    nothing() >> EmptyOperator(task_id="behind_nothing")
