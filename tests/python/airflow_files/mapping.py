"""Dynamic mapping: over literal lists, over their product, and over what another task returns."""

from __future__ import annotations

from datetime import datetime

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import dag, task


@dag(schedule=None, start_date=datetime(2026, 1, 5))
def mapping():
    @task
    def customers() -> list[str]:
        return ["ada", "bob"]

    @task(max_active_tis_per_dagrun=2)
    def score(customer: str) -> int:
        return len(customer)

    @task
    def total(scores: list[int]) -> int:
        return sum(scores)

    literal = BashOperator.partial(task_id="literal", retries=1, map_index_template="{{ item }}").expand(
        bash_command=["echo {{ ds }}", "echo 'two'"]
    )
    product = BashOperator.partial(task_id="product").expand(bash_command=["pwd", "ls"], cwd=["/tmp", "/"])
    numbers = BashOperator.partial(task_id="numbers", bash_command="echo $N").expand(env=[{"N": "1"}, {"N": "2"}])
    literal >> product >> numbers
    total(score.expand(customer=customers()))
    BashOperator.partial(task_id="of_another").expand(bash_command=customers())


mapping()
