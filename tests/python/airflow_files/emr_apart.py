"""EMR tasks that are not provably one job; a DAG each, named by the reason."""

from __future__ import annotations

from datetime import datetime

from airflow.providers.amazon.aws.operators.emr import (
    EmrAddStepsOperator,
    EmrCreateJobFlowOperator,
    EmrModifyClusterOperator,
    EmrTerminateJobFlowOperator,
)
from airflow.providers.amazon.aws.sensors.emr import EmrJobFlowSensor, EmrStepSensor
from airflow.providers.standard.operators.bash import BashOperator
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import DAG, chain, task
from emr_requests import request, step

ID = "{{ ti.xcom_pull('create') }}"


class HouseSensor(EmrStepSensor):
    """A subclass may do anything."""

    def poke(self, context):
        return True


def dag(name: str) -> DAG:
    return DAG(f"apart_{name}", schedule="@daily", start_date=datetime(2026, 1, 5))


def create(keep: bool = True, **more) -> EmrCreateJobFlowOperator:
    return EmrCreateJobFlowOperator(task_id="create", job_flow_overrides=request("apart", keep), **more)


def add(name: str, *steps: dict) -> EmrAddStepsOperator:
    return EmrAddStepsOperator(task_id=name, job_flow_id=ID, steps=list(steps))


def watch(name: str, of: str, number: int = 0, kind: type = EmrStepSensor, **more) -> EmrStepSensor:
    return kind(task_id=name, job_flow_id=ID, step_id=f"{{{{ ti.xcom_pull('{of}')[{number}] }}}}", **more)


def terminate(rule: str = "all_done") -> EmrTerminateJobFlowOperator:
    return EmrTerminateJobFlowOperator(task_id="terminate", job_flow_id=ID, trigger_rule=rule)


def uses_cluster(**context):
    print(context["ti"].xcom_pull("create"))


with dag("unwatched"):
    chain(create(), add("add", step("a"), step("b")), watch("watch", "add", 1), terminate())

with dag("not_awaited"):
    chain(create(), add("add", step("a"), step("b")), watch("watch", "add", 0), terminate())

with dag("fire_and_forget"):
    EmrCreateJobFlowOperator(task_id="create", job_flow_overrides=request("f", False, Steps=[step("a")]))

with dag("stays_up"):
    chain(create(), add("add", step("a")), watch("watch", "add"))

with dag("between_steps"):
    chain(
        create(),
        add("first", step("a")),
        watch("watch_a", "first"),
        BashOperator(task_id="between", bash_command="true"),
        add("second", step("b")),
        watch("watch_b", "second"),
        terminate(),
    )

with dag("uses_cluster"):
    chain(
        create(),
        add("add", step("a")),
        watch("watch", "add"),
        PythonOperator(task_id="look", python_callable=uses_cluster),
        terminate(),
    )

with dag("side_branch"):
    made = create()
    made >> EmptyOperator(task_id="tell")
    chain(made, add("add", step("a")), watch("watch", "add"), terminate())

with dag("subclass"):
    chain(create(), add("add", step("a")), watch("watch", "add", 0, HouseSensor), terminate())

with dag("xcom_in_step"):
    make = BashOperator(task_id="make", bash_command="date +%s")
    arguments = step("a", "CONTINUE", "{{ ti.xcom_pull('make') }}")
    chain(make, create(), add("add", arguments), watch("watch", "add"), terminate())

with dag("own_states"):
    chain(create(), add("add", step("a")), watch("watch", "add", 0, target_states=["RUNNING"]), terminate())

with dag("step_by_function"):

    @task
    def first_of(ids):
        return ids[0]

    made = create()
    added = add("add", step("a"))
    seen = EmrStepSensor(task_id="watch", job_flow_id=made.output, step_id=first_of(added.output))
    made >> added
    seen >> terminate()

with dag("gate_and_not"):
    first = watch("watch_a", "first", 0)
    chain(create(), add("first", step("a"), step("b")), first, add("second", step("c")), watch("watch_c", "second"))
    watch_b = watch("watch_b", "first", 1)
    first.upstream_list[0] >> watch_b
    [watch_b, first.downstream_list[0].downstream_list[0]] >> terminate()

with dag("modified"):
    resize = EmrModifyClusterOperator(task_id="resize", cluster_id=ID, step_concurrency_level=2)
    chain(create(), resize, add("add", step("a")), watch("watch", "add"), terminate())

with dag("terminate_too_early"):
    added = add("add", step("a"))
    create() >> added >> [watch("watch", "add"), terminate()]

with dag("rule"):
    late = watch("watch", "add", 0, trigger_rule="all_done")
    chain(create(), add("add", step("a")), late, terminate())

with dag("job_flow_by_name"):
    chain(
        create(False),
        EmrAddStepsOperator(task_id="add", job_flow_name="apart", cluster_states=["WAITING"], steps=[step("a")]),
        EmrJobFlowSensor(task_id="ended", job_flow_id=ID),
    )
