"""EMR Serverless: a job on an application, and the end of it.

A function makes the application: moto's are STARTED at once, and Airflow's operator waits for one that is CREATED.
"""

from __future__ import annotations

from airflow.providers.amazon.aws.hooks.emr import EmrServerlessHook
from airflow.providers.amazon.aws.operators.emr import (
    EmrServerlessDeleteApplicationOperator,
    EmrServerlessStartJobOperator,
    EmrServerlessStopApplicationOperator,
)
from airflow.providers.amazon.aws.sensors.emr import EmrServerlessApplicationSensor, EmrServerlessJobSensor
from airflow.sdk import DAG, chain, task

with DAG("emr_serverless_runs", schedule=None, is_paused_upon_creation=False):

    @task
    def application(name: str) -> str:
        made = EmrServerlessHook().conn.create_application(name=name, releaseLabel="emr-7.1.0", type="SPARK")
        return made["applicationId"]

    made = application("{{ run_id }}")
    ready = EmrServerlessApplicationSensor(task_id="ready", application_id=made, poke_interval=1)
    job = EmrServerlessStartJobOperator(
        task_id="job",
        application_id=made,
        execution_role_arn="arn:aws:iam::123456789012:role/r",
        job_driver={"sparkSubmit": {"entryPoint": "s3://code/a.py"}},
        configuration_overrides=None,
        wait_for_completion=False,
    )
    begun = EmrServerlessJobSensor(
        task_id="begun",
        application_id=made,
        job_run_id=job.output,
        poke_interval=1,
        target_states={"SUCCESS", "RUNNING", "SUBMITTED", "PENDING", "SCHEDULED"},
    )
    stopped = EmrServerlessStopApplicationOperator(
        task_id="stopped", application_id=made, waiter_delay=1, waiter_max_attempts=30
    )
    gone = EmrServerlessDeleteApplicationOperator(task_id="gone", application_id=made, wait_for_completion=False)
    chain(ready, job, begun, stopped, gone)
