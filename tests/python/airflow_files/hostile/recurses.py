from airflow.sdk import DAG

DAG("recurses")


def again():
    return again()


again()
