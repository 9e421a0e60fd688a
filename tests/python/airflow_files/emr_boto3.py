"""No EMR operator: functions that call boto3, and a sensor of the house's own."""

from __future__ import annotations

from datetime import datetime

import boto3

from airflow.providers.amazon.aws.hooks.emr import EmrHook
from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import DAG, BaseSensorOperator

client = boto3.client("emr", region_name="eu-west-1")


def launch(name, **_):
    return client.run_job_flow(Name=name, ReleaseLabel="emr-7.1.0", Instances={"InstanceCount": 1})["JobFlowId"]


def finish(cluster_id):
    client.terminate_job_flows(JobFlowIds=[cluster_id])


class IdleClusterSensor(BaseSensorOperator):
    template_fields = ("cluster_id",)

    def __init__(self, cluster_id, **kwargs):
        super().__init__(**kwargs)
        self.cluster_id = cluster_id

    def poke(self, context):
        return EmrHook().get_conn().describe_cluster(ClusterId=self.cluster_id)["Cluster"]["Status"]["State"] == "WAITING"


with DAG("emr_boto3", schedule=None, start_date=datetime(2026, 1, 5)):
    for group in ("gold", "silver"):
        cluster = f"{{{{ ti.xcom_pull('launch_{group}') }}}}"
        (
            PythonOperator(task_id=f"launch_{group}", python_callable=launch, op_kwargs={"name": group})
            >> IdleClusterSensor(task_id=f"idle_{group}", cluster_id=cluster, mode="reschedule", poke_interval=300)
            >> PythonOperator(
                task_id=f"finish_{group}", python_callable=finish, op_args=[cluster], trigger_rule="all_done"
            )
        )
