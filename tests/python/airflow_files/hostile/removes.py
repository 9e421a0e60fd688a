import os

from airflow.sdk import DAG

DAG("removes")
os.unlink(os.path.abspath(__file__))
