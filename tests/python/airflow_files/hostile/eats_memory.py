from airflow.sdk import DAG

DAG("eats_memory")
hoard = []
while True:
    hoard.append(bytearray(10_000_000))
