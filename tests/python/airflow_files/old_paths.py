# Written for Airflow 1.10: contrib paths, dag=, days_ago, set_downstream, old arguments.
from datetime import timedelta

from airflow import DAG
from airflow.contrib.operators.emr_create_job_flow_operator import EmrCreateJobFlowOperator
from airflow.contrib.sensors.emr_job_flow_sensor import EmrJobFlowSensor
from airflow.hooks.base_hook import BaseHook
from airflow.operators.bash_operator import BashOperator
from airflow.operators.dummy_operator import DummyOperator
from airflow.operators.python_operator import PythonOperator
from airflow.utils.dates import days_ago
from airflow.utils.helpers import chain
from emr_requests import request, step

ARGS = {
    'owner': 'old',
    'depends_on_past': False,
    'start_date': days_ago(2),
    'email': ['old@example.com'],
    'retries': 1,
    'provide_context': True,
}

dag = DAG('old_paths', default_args=ARGS, schedule_interval='10 4 * * *', concurrency=4, catchup=False,
          default_view='graph', orientation='LR')


def look(**context):
    BaseHook.get_connection('somewhere')


begin = DummyOperator(task_id='begin', dag=dag)
bash = BashOperator(task_id='bash', bash_command='echo {{ yesterday_ds }}', task_concurrency=1, dag=dag)
python = PythonOperator(task_id='python', python_callable=look, provide_context=True, sla=timedelta(hours=1), dag=dag)
create = EmrCreateJobFlowOperator(
    task_id='create', job_flow_overrides=request('old', keep=False, Steps=[step('a', 'TERMINATE_JOB_FLOW')]), dag=dag)
watch = EmrJobFlowSensor(
    task_id='watch', job_flow_id="{{ task_instance.xcom_pull('create', key='return_value') }}", dag=dag)
begin.set_downstream(bash)
python.set_upstream(bash)
chain(python, create, watch)

plain = DAG('old_plain', start_date=days_ago(1))
DummyOperator(task_id='only', dag=plain)
