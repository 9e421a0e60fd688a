from airflow import DAG
from airflow.operators.subdag import SubDagOperator

SubDagOperator(task_id="sub", subdag=DAG("sub"))
