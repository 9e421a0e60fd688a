import os

from airflow.sdk import DAG

DAG("missing_environment")
os.environ["ABSENT_ONE"]
