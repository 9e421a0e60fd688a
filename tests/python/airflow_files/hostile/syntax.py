from airflow.sdk import DAG

with DAG("syntax":
    pass
