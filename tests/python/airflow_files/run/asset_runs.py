"""A run that follows an asset: its task finds the event that the run was made for."""

from __future__ import annotations

from airflow.sdk import DAG, Asset, task

HARVEST = Asset("harvest", uri="s3://farm/harvest")

with DAG("asset_producer", schedule=None, is_paused_upon_creation=False):

    @task(outlets=[HARVEST])
    def reap() -> None:
        print("reaped")

    reap()

with DAG("asset_consumer", schedule=[HARVEST], is_paused_upon_creation=False):

    @task
    def look(triggering_asset_events=None) -> list:
        events = triggering_asset_events[HARVEST]
        return [[event.asset.uri, event.source_dag_run.dag_id, event.source_task_instance.task_id] for event in events]

    look()
