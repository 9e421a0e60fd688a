"""The shapes of EMR in which several tasks are one job; a DAG each."""

from __future__ import annotations

from datetime import datetime, timedelta

from airflow.providers.amazon.aws.operators.emr import (
    EmrAddStepsOperator,
    EmrCreateJobFlowOperator,
    EmrTerminateJobFlowOperator,
)
from airflow.providers.amazon.aws.sensors.emr import EmrJobFlowSensor, EmrStepSensor
from airflow.providers.amazon.aws.utils.waiter import WaitPolicy
from airflow.providers.standard.operators.bash import BashOperator
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import DAG, TaskGroup, chain
from emr_requests import request, step

ID = "{{ task_instance.xcom_pull(task_ids='create', key='return_value') }}"


def dag(name: str) -> DAG:
    return DAG(f"emr_{name}", schedule="@daily", start_date=datetime(2026, 1, 5), default_args={"owner": "emr"})


def create(**more) -> EmrCreateJobFlowOperator:
    return EmrCreateJobFlowOperator(task_id="create", job_flow_overrides=request("shape"), **more)


def add(name: str, *steps: dict, **more) -> EmrAddStepsOperator:
    return EmrAddStepsOperator(task_id=name, job_flow_id=ID, steps=list(steps), **more)


def watch(name: str, of: str, number: int = 0, **more) -> EmrStepSensor:
    step_id = f"{{{{ task_instance.xcom_pull(task_ids='{of}', key='return_value')[{number}] }}}}"
    return EmrStepSensor(task_id=name, job_flow_id=ID, step_id=step_id, **more)


def terminate(rule: str = "all_done", name: str = "terminate") -> EmrTerminateJobFlowOperator:
    return EmrTerminateJobFlowOperator(task_id=name, job_flow_id=ID, trigger_rule=rule)


with dag("plain"):
    chain(
        EmptyOperator(task_id="begin"),
        create(retries=2),
        add("add", step("a", "CANCEL_AND_WAIT", "{{ ds }}"), step("b")),
        watch("watch", "add", 1, retries=3, timeout=7200),
        terminate("all_success"),
        EmptyOperator(task_id="end"),
    )

with dag("steps_at_creation"):
    made = EmrCreateJobFlowOperator(
        task_id="create", job_flow_overrides=request("whole", keep=False, Steps=[step("only", "TERMINATE_JOB_FLOW")])
    )
    chain(made, EmrJobFlowSensor(task_id="ended", job_flow_id=made.output), EmptyOperator(task_id="end"))

with dag("waits_itself"):
    EmrCreateJobFlowOperator(
        task_id="create",
        job_flow_overrides=request("waits", keep=False, Steps=[step("only", "TERMINATE_CLUSTER")]),
        wait_policy=WaitPolicy.WAIT_FOR_STEPS_COMPLETION,
        waiter_delay=30,
        waiter_max_attempts=240,
        retries=2,
        retry_delay=timedelta(minutes=7),
    )

with dag("waiting_adds"):
    chain(
        create(),
        add("first", step("a"), wait_for_completion=True, waiter_max_attempts=120),
        add("second", step("b"), step("c"), deferrable=True),
        terminate(),
        EmptyOperator(task_id="end"),
    )

with dag("gates"):
    chain(
        create(),
        EmrJobFlowSensor(task_id="up", job_flow_id=ID, target_states=["RUNNING", "WAITING"]),
        add("first", step("a")),
        watch("watch_a", "first"),
        add("second", step("b")),
        watch("watch_b", "second", -1),
        terminate(),
        EmrJobFlowSensor(task_id="gone", job_flow_id=ID),
        EmptyOperator(task_id="end"),
    )

with dag("parallel"):
    first, second = add("first", step("a")), add("second", step("b"))
    create() >> [first, second]
    first >> watch("watch_a", "first") >> (end := terminate())
    second >> watch("watch_b", "second") >> end

with dag("teardown"):
    made = create()
    done = EmrTerminateJobFlowOperator(task_id="terminate", job_flow_id=made.output)
    chain(made, add("add", step("a")), watch("watch", "add"), done.as_teardown(setups=made))

with dag("moved"):
    prepare = BashOperator(task_id="prepare", bash_command="true")
    tell = BashOperator(task_id="tell", bash_command="true")
    chain(create(), prepare, add("add", step("a")), watch("watch", "add"), tell, terminate(), EmptyOperator(task_id="end"))

with dag("grouped"):
    with TaskGroup("north") as group:
        made = create()
        chain(
            made,
            EmrAddStepsOperator(task_id="add", job_flow_id=made.output, steps=[step("a")]),
            EmrStepSensor(
                task_id="watch",
                job_flow_id=made.output,
                step_id="{{ ti.xcom_pull(task_ids='north.add', key='return_value') | first }}",
                deferrable=True,
            ),
            EmrTerminateJobFlowOperator(task_id="terminate", job_flow_id=made.output, trigger_rule="all_done"),
        )
    EmptyOperator(task_id="start") >> group >> EmptyOperator(task_id="stop")

with dag("connection"):
    made = EmrCreateJobFlowOperator(
        task_id="create",
        emr_conn_id="emr_shapes",
        job_flow_overrides={"Name": "thin", "Steps": [step("only", "TERMINATE_CLUSTER")]},
        region_name="eu-central-1",
        aws_conn_id="aws_other",
    )
    made >> EmrJobFlowSensor(task_id="ended", job_flow_id=made.output)
