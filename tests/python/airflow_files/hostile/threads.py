import threading

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG

with DAG("threads", schedule=None):
    EmptyOperator(task_id="only")
worker = threading.Thread(target=print)
worker.start()
worker.join()
