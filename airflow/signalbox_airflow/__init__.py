"""Reads Airflow's DAG files and says what Signalbox makes of them. See airflow/README.md."""
