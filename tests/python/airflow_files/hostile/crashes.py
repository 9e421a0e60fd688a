import ctypes

from airflow.sdk import DAG

DAG("crashes")
ctypes.string_at(0)
