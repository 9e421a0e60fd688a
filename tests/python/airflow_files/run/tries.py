"""Tries: what is tried again, what is not, what is skipped, and who is called."""

from __future__ import annotations

import pathlib
from datetime import timedelta

from airflow.exceptions import AirflowFailException, AirflowSkipException
from airflow.sdk import DAG, Variable, task


def note(name: str, text: str) -> None:
    with (pathlib.Path(Variable.get("folder")) / name).open("a") as file:
        file.write(text + "\n")


def retried(context) -> None:
    note("callbacks", f"retry {context['ti'].task_id} {context['ti'].try_number}")


def failed(context) -> None:
    note("callbacks", f"failure {context['ti'].task_id} {type(context['exception']).__name__}")


def succeeded(context) -> None:
    note("callbacks", f"success {context['ti'].task_id}")


ARGUMENTS = {
    "retries": 2,
    "retry_delay": timedelta(seconds=20),
    "on_retry_callback": retried,
    "on_failure_callback": failed,
    "on_success_callback": succeeded,
}

with DAG("tries", schedule=None, is_paused_upon_creation=False, default_args=ARGUMENTS):

    @task
    def second_time(ti=None) -> list:
        ti.xcom_push("of_try", ti.try_number)
        if ti.try_number == 1:
            ti.xcom_push("of_first", 1)
            raise ValueError("no luck the first time")
        return [ti.try_number, ti.max_tries]

    @task
    def for_good() -> None:
        note("for_good", "x")
        raise AirflowFailException("for good")

    @task
    def each_time() -> None:
        note("each_time", "x")
        raise RuntimeError("no luck at all")

    @task
    def skips() -> None:
        raise AirflowSkipException("nothing to do")

    @task(execution_timeout=timedelta(seconds=1), retries=0)
    def slow() -> None:
        import time

        time.sleep(600)

    @task(retries=0)
    def exits() -> None:
        raise SystemExit(3)

    @task(retries=0)
    def exits_well() -> None:
        raise SystemExit(0)

    @task
    def behind() -> str:
        return "behind"

    @task(trigger_rule="all_done")
    def always() -> str:
        return "always"

    second_time()
    for_good()
    each_time() >> always()
    skips() >> behind()
    slow()
    exits()
    exits_well()
