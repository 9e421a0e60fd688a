import time

from airflow.sdk import DAG

with DAG("hangs"):
    time.sleep(10_000)
