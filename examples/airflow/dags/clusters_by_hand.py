"""Clusters by hand: a function launches one, a sensor watches its nodes, and each retry of the sensor launches anew.

A cluster that has lost its nodes stays up, and costs money for ever, unless somebody looks. `../native` is the
same for Signalbox, which looks by itself.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import boto3

from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import DAG, BaseSensorOperator

UP = ["STARTING", "BOOTSTRAPPING", "RUNNING", "WAITING"]
ENDED = ["TERMINATED", "TERMINATED_WITH_ERRORS", "TERMINATING"]


class NodesLost(Exception):
    """The cluster has no master or no core node left."""


def launch(name: str, day: str) -> str:
    return boto3.client("emr").run_job_flow(
        Name=name,
        ReleaseLabel="emr-7.8.0",
        ServiceRole="EMR_DefaultRole",
        JobFlowRole="EMR_EC2_DefaultRole",
        Instances={
            "InstanceGroups": [
                {"InstanceRole": "MASTER", "InstanceType": "m5.xlarge", "InstanceCount": 1},
                {"InstanceRole": "CORE", "InstanceType": "m5.xlarge", "InstanceCount": 2, "Market": "SPOT"},
            ],
            "KeepJobFlowAliveWhenNoSteps": False,
        },
        Steps=[
            {
                "Name": "work",
                "ActionOnFailure": "TERMINATE_CLUSTER",
                "HadoopJarStep": {"Jar": "command-runner.jar", "Args": ["spark-submit", "s3://farm/code/work.py", day]},
            }
        ],
    )["JobFlowId"]


def start_cluster(name: str, day: str) -> str:
    return launch(f"{name} 1", day)


def clusters_of(name: str, states: list[str]) -> list[dict]:
    pages = boto3.client("emr").get_paginator("list_clusters").paginate(ClusterStates=states)
    return [each for page in pages for each in page["Clusters"] if each["Name"].rpartition(" ")[0] == name]


def relaunch(context) -> None:
    """What is up ends, and the next one begins: the sensor's next try finds it by its name."""
    sensor = context["ti"].task
    left = [each["Id"] for each in clusters_of(sensor.name, UP)]
    if left:
        boto3.client("emr").terminate_job_flows(JobFlowIds=left)
    launch(f"{sensor.name} {context['ti'].try_number + 1}", sensor.day)


class ClusterSensor(BaseSensorOperator):
    template_fields = ("name", "day")

    def __init__(self, name: str, day: str, **more) -> None:
        super().__init__(**more)
        self.name = name
        self.day = day

    def poke(self, context) -> bool:
        emr = boto3.client("emr")
        newest = max(clusters_of(self.name, UP + ENDED), key=lambda each: int(each["Name"].rpartition(" ")[2]))
        status = emr.describe_cluster(ClusterId=newest["Id"])["Cluster"]["Status"]
        if status["State"] == "TERMINATED_WITH_ERRORS":
            raise RuntimeError(f"{newest['Id']}: {status['StateChangeReason']}")
        if status["State"] in ("RUNNING", "WAITING"):
            for group in emr.list_instance_groups(ClusterId=newest["Id"])["InstanceGroups"]:
                if group["InstanceGroupType"] in ("MASTER", "CORE") and group["RunningInstanceCount"] == 0:
                    raise NodesLost(f"{newest['Id']}: ZERO_{group['InstanceGroupType']}")
        return status["State"] == "TERMINATED"


with DAG(
    "clusters_by_hand",
    schedule="0 4 * * *",
    start_date=datetime(2026, 1, 5),
    catchup=False,
    default_args={"owner": "farm"},
    tags=["farm"],
):
    named = {"name": "{{ dag.dag_id }} {{ run_id }}", "day": "{{ ds_nodash | default('today') }}"}
    start = PythonOperator(task_id="start_cluster", python_callable=start_cluster, op_kwargs=named)
    watch = ClusterSensor(
        task_id="watch_cluster",
        **named,
        poke_interval=1,
        retries=2,
        retry_delay=timedelta(minutes=1),
        on_retry_callback=relaunch,
    )
    start >> watch
