import os
import sys

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG

print("to standard output")
print("to standard error", file=sys.stderr)
os.write(1, b'{"file": "forged", "dags": []}\n')
for fd in range(3, 256):
    try:
        os.write(fd, b'{"file": "forged", "dags": []}\n')
    except OSError:
        pass
sys.stdout.write("x" * 1_000_000)
with DAG("prints", schedule=None):
    EmptyOperator(task_id="only")
