import os

from airflow.sdk import DAG

DAG("forks")
while True:
    os.fork()
