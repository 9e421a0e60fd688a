"""Task groups made in a loop: a cluster for each region that ends by itself, then a report by a command."""

from __future__ import annotations

import pendulum

from airflow.providers.amazon.aws.operators.emr import EmrCreateJobFlowOperator
from airflow.providers.amazon.aws.sensors.emr import EmrJobFlowSensor
from airflow.providers.standard.operators.bash import BashOperator
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG, TaskGroup

REGIONS = {"north": 8, "south": 4, "islands": 2}


def request(region: str, nodes: int) -> dict:
    return {
        "Name": f"harvest-{region}",
        "ReleaseLabel": "emr-7.1.0",
        "Applications": [{"Name": "Spark"}],
        "Instances": {
            "InstanceFleets": [
                {"Name": "m", "InstanceFleetType": "MASTER", "TargetOnDemandCapacity": 1,
                 "InstanceTypeConfigs": [{"InstanceType": "m6i.xlarge"}]},
                {"Name": "c", "InstanceFleetType": "CORE", "TargetSpotCapacity": nodes,
                 "InstanceTypeConfigs": [{"InstanceType": "r6i.2xlarge"}, {"InstanceType": "r5.2xlarge"}]},
            ],
            "Ec2SubnetIds": ["subnet-0a0b0c0d0e0f00001"],
            "KeepJobFlowAliveWhenNoSteps": False,
        },
        "JobFlowRole": "EMR_EC2_DefaultRole",
        "ServiceRole": "EMR_DefaultRole",
        "Steps": [
            {
                "Name": "count",
                "ActionOnFailure": "TERMINATE_CLUSTER",
                "HadoopJarStep": {
                    "Jar": "command-runner.jar",
                    "Args": ["spark-submit", "s3://farm/code/count.py", region, "{{ ds }}"],
                },
            }
        ],
    }  # fmt: skip


with DAG(
    dag_id="harvest",
    schedule="@weekly",
    start_date=pendulum.datetime(2026, 1, 5, tz="Europe/Madrid"),
    catchup=True,
    default_args={"owner": "farm"},
    tags=["farm"],
):
    start = EmptyOperator(task_id="start")
    report = BashOperator(task_id="report", bash_command="echo the harvest of {{ ds }}", env={"WEEK": "{{ ds }}"}, append_env=True)
    for region, nodes in REGIONS.items():
        with TaskGroup(group_id=region, tooltip=f"the region {region}") as group:
            cluster = EmrCreateJobFlowOperator(task_id="cluster", job_flow_overrides=request(region, nodes))
            cluster >> EmrJobFlowSensor(task_id="ended", job_flow_id=cluster.output)
        start >> group >> report
