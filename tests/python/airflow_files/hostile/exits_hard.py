import os

from airflow.sdk import DAG

DAG("exits_hard")
os._exit(0)
