import subprocess

from airflow.sdk import DAG

subprocess.run(["touch", "/tmp/signalbox-was-here"], check=False)
DAG("runs_a_program")
