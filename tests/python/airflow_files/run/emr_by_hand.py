"""No operator of EMR: a function that calls boto3, waits in a loop, and ends the cluster."""

from __future__ import annotations

import time

import boto3

from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import DAG


def run_on_cluster(name: str, **context) -> str:
    emr = boto3.client("emr")
    cluster = emr.run_job_flow(
        Name=name,
        ReleaseLabel="emr-7.1.0",
        ServiceRole="EMR_DefaultRole",
        JobFlowRole="EMR_EC2_DefaultRole",
        Instances={
            "KeepJobFlowAliveWhenNoSteps": False,
            "InstanceGroups": [
                {"InstanceRole": "MASTER", "InstanceType": "m5.xlarge", "InstanceCount": 1},
                {"InstanceRole": "CORE", "InstanceType": "m5.xlarge", "InstanceCount": 2},
            ],
        },
        Steps=[
            {
                "Name": "work",
                "ActionOnFailure": "TERMINATE_CLUSTER",
                "HadoopJarStep": {"Jar": "command-runner.jar", "Args": ["spark-submit", "s3://code/work.py"]},
            }
        ],
    )["JobFlowId"]
    context["ti"].xcom_push("cluster", cluster)
    while True:
        status = emr.describe_cluster(ClusterId=cluster)["Cluster"]["Status"]
        if status["State"] in ("TERMINATED", "TERMINATED_WITH_ERRORS"):
            break
        time.sleep(0.2)
    if status["State"] != "TERMINATED":
        raise RuntimeError(f"{cluster}: {status}")
    return status["StateChangeReason"]["Code"]


with DAG("emr_by_hand", schedule=None, is_paused_upon_creation=False):
    PythonOperator(task_id="work", python_callable=run_on_cluster, op_args=["{{ dag.dag_id }} {{ run_id }}"])
