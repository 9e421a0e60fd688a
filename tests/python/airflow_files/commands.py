"""Commands: their environment, folder and exit codes, and whose output is wanted."""

from __future__ import annotations

from datetime import datetime, timedelta

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG, task

with DAG("commands", schedule=None, start_date=datetime(2026, 1, 5), template_searchpath=[]):
    plain = BashOperator(task_id="plain", bash_command="echo {{ ds }}", execution_timeout=timedelta(minutes=3))
    told = BashOperator(
        task_id="told",
        bash_command="echo $DAY; exit 7",
        env={"DAY": "{{ execution_date.strftime('%d') }}"},
        append_env=True,
        cwd="/tmp",
        skip_on_exit_code=[7, 99],
    )
    pulled = BashOperator(task_id="pulled", bash_command="date +%s")
    puller = BashOperator(task_id="puller", bash_command="echo {{ ti.xcom_pull('pulled') }}")
    keyed = BashOperator(task_id="keyed", bash_command="echo {{ ti.xcom_pull(task_ids='pulled', key='other') }}")
    secret = BashOperator(task_id="secret", bash_command="echo {{ conn.store.password }}")
    hidden = BashOperator(task_id="hidden", bash_command="echo $PASSWORD", env={"PASSWORD": "{{ conn.store.password }}"})
    user = BashOperator(task_id="user", bash_command="id", run_as_user="nobody")
    processed = BashOperator(task_id="processed", bash_command="echo 1", output_processor=int)
    lacking = BashOperator(task_id="lacking", bash_command="echo {{ macros.uuid.uuid4() }} {% if 1 %}x{% endif %}")
    script = BashOperator(task_id="script", bash_command="beside.sh")

    @task
    def takes(value):
        return value

    takes(plain.output)
    pulled >> [puller, keyed]
