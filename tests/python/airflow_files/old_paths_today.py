"""The same as old_paths.py, as it is written today; Airflow reads this one."""

from __future__ import annotations

from datetime import datetime

from airflow.providers.amazon.aws.operators.emr import EmrCreateJobFlowOperator
from airflow.providers.amazon.aws.sensors.emr import EmrJobFlowSensor
from airflow.providers.standard.operators.bash import BashOperator
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import DAG, chain
from emr_requests import request, step

with DAG("old_paths", start_date=datetime(2026, 1, 5), schedule="10 4 * * *"):
    create = EmrCreateJobFlowOperator(
        task_id="create", job_flow_overrides=request("old", keep=False, Steps=[step("a", "TERMINATE_JOB_FLOW")])
    )
    chain(
        EmptyOperator(task_id="begin"),
        BashOperator(task_id="bash", bash_command="echo {{ yesterday_ds }}"),
        PythonOperator(task_id="python", python_callable=print),
        create,
        EmrJobFlowSensor(task_id="watch", job_flow_id=create.output),
    )
with DAG("old_plain", start_date=datetime(2026, 1, 5)):
    EmptyOperator(task_id="only")
