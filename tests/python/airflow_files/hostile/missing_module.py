from airflow.sdk import DAG
from nowhere.at_all import thing

DAG("missing_module")
