"""Dynamic mapping: how many instances there are, what each of them gets, and what comes after them."""

from __future__ import annotations

from airflow.sdk import dag, task
from airflow.sdk.exceptions import AirflowSkipException


@dag(schedule=None, is_paused_upon_creation=False)
def mapped():
    @task
    def numbers() -> list[int]:
        return [1, 2, 3]

    @task
    def pair() -> list[int]:
        return [8, 9]

    @task
    def none() -> list[int]:
        return []

    @task
    def settings() -> list[dict]:
        return [{"a": 1, "b": 2}, {"a": 3, "b": 4}]

    @task
    def letters() -> list[str]:
        return ["xs", "ys"]

    @task
    def words() -> dict[str, int]:
        return {"x": 7, "y": 8}

    @task
    def double(n: int) -> int:
        return 2 * n

    @task
    def odd_alone(n: int) -> int:
        if n % 2 == 0:
            raise AirflowSkipException("even")
        return n

    @task
    def add(a: int, b: int) -> int:
        return 10 * a + b

    @task
    def name(item) -> str:
        return f"{item[0]}{item[1]}"

    @task
    def gather(values) -> list:
        return list(values)

    @task
    def at(value: int, ti=None) -> list:
        return [ti.map_index, value]

    doubled = double.expand(n=numbers())
    gather.override(task_id="sums")(doubled)
    twice = double.override(task_id="twice").expand(n=doubled)
    gather.override(task_id="fan_in")(twice)
    product = add.override(task_id="product").expand(a=numbers(), b=pair())
    gather.override(task_id="products")(product)
    gather.override(task_id="kwargs")(add.override(task_id="by_kwargs").expand_kwargs(settings()))
    zipped = numbers().zip(letters().map(lambda word: word[0]))
    gather.override(task_id="zips")(name.override(task_id="zip").expand(item=zipped))
    gather.override(task_id="concats")(at.override(task_id="concat").expand(value=numbers().concat(pair())))
    gather.override(task_id="items")(name.override(task_id="by_dict").expand(item=words()))
    nobody = double.override(task_id="nobody").expand(n=none())
    gather.override(task_id="behind_nobody")(nobody)
    gather.override(task_id="not_skipped", trigger_rule="all_done")(nobody)
    gather.override(task_id="odds", trigger_rule="none_failed")(odd_alone.expand(n=numbers()))


mapped()
