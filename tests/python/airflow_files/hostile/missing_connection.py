from airflow.sdk import DAG, BaseHook

DAG("missing_connection")
BaseHook.get_connection("absent_one")
