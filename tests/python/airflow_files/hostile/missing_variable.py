from airflow.sdk import DAG, Variable

DAG("missing_variable")
Variable.get("absent_one")
