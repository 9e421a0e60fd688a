from airflow.sdk import DAG

DAG("hangs_hard")
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
