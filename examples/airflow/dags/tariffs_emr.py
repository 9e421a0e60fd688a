"""The plain shape of EMR in Airflow: create a cluster, add steps, wait for the last one, terminate.

Signalbox reads it as one job, `create_cluster`.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from airflow.providers.amazon.aws.operators.emr import (
    EmrAddStepsOperator,
    EmrCreateJobFlowOperator,
    EmrTerminateJobFlowOperator,
)
from airflow.providers.amazon.aws.sensors.emr import EmrStepSensor
from airflow.sdk import DAG

BUCKET = "s3://harbour"

CLUSTER = {
    "Name": "tariffs",
    "ReleaseLabel": "emr-7.1.0",
    "LogUri": f"{BUCKET}/logs/",
    "Applications": [{"Name": "Spark"}],
    "Instances": {
        "InstanceGroups": [
            {"Name": "head", "InstanceRole": "MASTER", "InstanceType": "m5.xlarge", "InstanceCount": 1},
            {"Name": "body", "InstanceRole": "CORE", "Market": "SPOT", "InstanceType": "r5.2xlarge", "InstanceCount": 6},
        ],
        "Ec2SubnetId": "subnet-0c1d2e3f4a5b60001",
        "KeepJobFlowAliveWhenNoSteps": True,
    },
    "JobFlowRole": "EMR_EC2_DefaultRole",
    "ServiceRole": "EMR_DefaultRole",
}


def spark(name: str, *args: str) -> dict:
    return {
        "Name": name,
        "ActionOnFailure": "CANCEL_AND_WAIT",
        "HadoopJarStep": {
            "Jar": "command-runner.jar",
            "Args": ["spark-submit", "--deploy-mode", "cluster", f"{BUCKET}/code/{name}.py", *args],
        },
    }


STEPS = [spark("collect", "--day", "{{ ds }}"), spark("price", "--day", "{{ ds }}")]

with DAG(
    "tariffs",
    schedule="15 1 * * *",
    start_date=datetime(2026, 1, 5),
    default_args={"owner": "pricing", "retries": 1, "retry_delay": timedelta(minutes=10)},
    max_active_runs=1,
    tags=["pricing"],
):
    create = EmrCreateJobFlowOperator(task_id="create_cluster", job_flow_overrides=CLUSTER)
    add = EmrAddStepsOperator(task_id="add_steps", job_flow_id=create.output, steps=STEPS)
    wait = EmrStepSensor(
        task_id="wait_for_last_step",
        job_flow_id=create.output,
        step_id="{{ ti.xcom_pull(task_ids='add_steps')[-1] }}",
    )
    end = EmrTerminateJobFlowOperator(task_id="terminate_cluster", job_flow_id=create.output, trigger_rule="all_done")
    create >> add >> wait >> end
