"""EMR Serverless and deferrable sensors: by Airflow's SDK alone."""

from __future__ import annotations

from datetime import datetime, timedelta

from airflow.providers.amazon.aws.operators.emr import (
    EmrServerlessCreateApplicationOperator,
    EmrServerlessDeleteApplicationOperator,
    EmrServerlessStartJobOperator,
)
from airflow.providers.amazon.aws.sensors.emr import EmrServerlessJobSensor
from airflow.providers.amazon.aws.sensors.s3 import S3KeySensor
from airflow.providers.standard.sensors.time_delta import TimeDeltaSensor
from airflow.sdk import DAG, chain

with DAG("emr_serverless", schedule="@daily", start_date=datetime(2026, 1, 5)):
    ready = S3KeySensor(task_id="ready", bucket_key="s3://in/{{ ds }}/_SUCCESS", deferrable=True, poke_interval=300)
    later = TimeDeltaSensor(task_id="later", delta=timedelta(minutes=5), deferrable=True)
    application = EmrServerlessCreateApplicationOperator(
        task_id="application", release_label="emr-7.1.0", job_type="SPARK", config={"name": "{{ dag.dag_id }}"}
    )
    job = EmrServerlessStartJobOperator(
        task_id="job",
        application_id=application.output,
        execution_role_arn="arn:aws:iam::000000000000:role/r",
        job_driver={"sparkSubmit": {"entryPoint": "s3://code/a.py"}},
        configuration_overrides=None,
        wait_for_completion=False,
    )
    done = EmrServerlessJobSensor(task_id="done", application_id=application.output, job_run_id=job.output)
    gone = EmrServerlessDeleteApplicationOperator(
        task_id="gone", application_id=application.output, trigger_rule="all_done"
    )
    chain([ready, later], application, job, done, gone)
