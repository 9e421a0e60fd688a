"""Dynamic mapping over lists that stand in the file, alone and together with those of other tasks."""

from __future__ import annotations

from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import dag, task


@dag(schedule=None, is_paused_upon_creation=False)
def mapped_literals():
    @task
    def numbers() -> list[int]:
        return [1, 2, 3]

    @task
    def add(a: int, b: int) -> int:
        return 10 * a + b

    @task
    def gather(values) -> list:
        return list(values)

    gather.override(task_id="sums")(add.partial(b=5).expand(a=[6, 7]))
    gather.override(task_id="products")(add.override(task_id="product").expand(a=numbers(), b=[1, 2]))
    classic = PythonOperator.partial(task_id="classic", python_callable=lambda a, b: a * b).expand(op_args=[[2, 3], [4, 5]])
    gather.override(task_id="classics")(classic.output)


mapped_literals()
