"""Setups and teardowns: by method, by decorator, around a group, and one that decides the run."""

from __future__ import annotations

from datetime import datetime

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG, setup, task, task_group, teardown

with DAG("setup_teardown", schedule=None, start_date=datetime(2026, 1, 5)):
    make = BashOperator(task_id="make", bash_command="true")
    use = BashOperator(task_id="use", bash_command="true")
    drop = BashOperator(task_id="drop", bash_command="true")
    make >> use >> drop.as_teardown(setups=make)

    first = BashOperator(task_id="first", bash_command="true").as_setup()
    second = BashOperator(task_id="second", bash_command="true").as_setup()
    work = BashOperator(task_id="work", bash_command="true")
    last = BashOperator(task_id="last", bash_command="true").as_teardown(on_failure_fail_dagrun=True)
    [first, second] >> work >> last
    [first, second] >> last

with DAG("setup_decorated", schedule=None, start_date=datetime(2026, 1, 5)):

    @setup
    def begin():
        return "a"

    @teardown
    def end(name):
        print(name)

    @task
    def work_on(name):
        return name

    @task_group
    def middle(name):
        work_on(name)
        work_on(name)

    begun = begin()
    with end(begun):
        middle(begun)
