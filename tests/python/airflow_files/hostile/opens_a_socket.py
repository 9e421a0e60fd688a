import urllib.request

from airflow.sdk import DAG

DAG("opens_a_socket")
urllib.request.urlopen("http://127.0.0.1:9/")
