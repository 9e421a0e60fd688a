import os
import signal

from airflow.sdk import DAG

DAG("kills_its_parent")
os.kill(os.getppid(), signal.SIGKILL)
