import sys

from airflow.sdk import DAG

DAG("exits")
sys.exit(0)
