"""EMR's operators in shapes that are not one job: Airflow's own code does them."""

from __future__ import annotations

from airflow.providers.amazon.aws.hooks.emr import EmrHook
from airflow.providers.amazon.aws.operators.emr import (
    EmrAddStepsOperator,
    EmrCreateJobFlowOperator,
    EmrModifyClusterOperator,
    EmrTerminateJobFlowOperator,
)
from airflow.providers.amazon.aws.sensors.emr import EmrJobFlowSensor, EmrStepSensor
from airflow.sdk import DAG, chain, task

ID = "{{ ti.xcom_pull('create') }}"


def step(name: str, *args: str) -> dict:
    return {
        "Name": name,
        "ActionOnFailure": "CONTINUE",
        "HadoopJarStep": {"Jar": "command-runner.jar", "Args": ["spark-submit", f"s3://code/{name}.py", *args]},
    }


REQUEST = {
    "ReleaseLabel": "emr-7.1.0",
    "Instances": {
        "InstanceGroups": [
            {"Name": "m", "InstanceRole": "MASTER", "InstanceType": "m5.xlarge", "InstanceCount": 1},
            {"Name": "c", "InstanceRole": "CORE", "InstanceType": "m5.xlarge", "InstanceCount": 2},
        ],
        "KeepJobFlowAliveWhenNoSteps": True,
    },
    "JobFlowRole": "EMR_EC2_DefaultRole",
    "ServiceRole": "EMR_DefaultRole",
}

with DAG("emr_operators", schedule=None, is_paused_upon_creation=False):

    @task
    def look(cluster: str) -> str:
        return EmrHook().get_conn().describe_cluster(ClusterId=cluster)["Cluster"]["Name"]

    create = EmrCreateJobFlowOperator(task_id="create", job_flow_overrides=REQUEST | {"Name": "looked at {{ run_id }}"})
    first = EmrAddStepsOperator(task_id="first", job_flow_id=create.output, steps=[step("a", "{{ run_id }}"), step("b")])
    watch = EmrStepSensor(
        task_id="watch", job_flow_id=ID, step_id="{{ ti.xcom_pull('first')[-1] }}", poke_interval=0.5
    )
    resize = EmrModifyClusterOperator(task_id="resize", cluster_id=ID, step_concurrency_level=2)
    second = EmrAddStepsOperator(
        task_id="second", job_flow_id=ID, steps=[step("c")], wait_for_completion=True, waiter_delay=1
    )
    terminate = EmrTerminateJobFlowOperator(task_id="terminate", job_flow_id=ID, trigger_rule="all_done")
    ended = EmrJobFlowSensor(task_id="ended", job_flow_id=ID, poke_interval=0.5)
    chain(create, first, watch, resize, look(create.output), second, terminate, ended)

with DAG("emr_failing_step", schedule=None, is_paused_upon_creation=False):
    create = EmrCreateJobFlowOperator(
        task_id="create",
        job_flow_overrides=REQUEST | {"Name": "fails"},
        wait_for_completion=True,
        waiter_delay=1,
    )

    @task
    def name_of(cluster: str) -> str:
        return EmrHook().get_conn().describe_cluster(ClusterId=cluster)["Cluster"]["Status"]["State"]

    add = EmrAddStepsOperator(task_id="add", job_flow_id=ID, steps=[step("breaks")])
    watch = EmrStepSensor(task_id="watch", job_flow_id=ID, step_id="{{ ti.xcom_pull('add')[0] }}", poke_interval=0.5)
    terminate = EmrTerminateJobFlowOperator(task_id="terminate", job_flow_id=ID, trigger_rule="all_done")
    chain(create, name_of(create.output), add, watch, terminate)
