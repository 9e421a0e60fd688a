import boto3

from airflow.sdk import DAG

DAG("asks_s3")
boto3.client("s3", region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b").list_buckets()
