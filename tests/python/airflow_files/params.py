"""Params: plain, with schemas, without a default, and one of a single task."""

from __future__ import annotations

from datetime import datetime

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG, Param

with DAG(
    "params",
    schedule=None,
    start_date=datetime(2026, 1, 5),
    params={
        "models": 4,
        "day": Param("2026-01-05", type="string", format="date", description="The day to make again", title="Day"),
        "size": Param(8, type="integer", minimum=1, maximum=64),
        "table": Param(None, type=["null", "string"]),
        "needed": Param(type="string", minLength=2),
        "shape": {"type": "m5", "cores": 4},
        "kind": Param("a", enum=["a", "b"]),
        "address": Param("a@example.com", type="string", format="idn-email"),
    },
):
    BashOperator(
        task_id="show",
        bash_command="echo {{ params.models }} {{ params.size }} {{ params.own }}",
        params={"own": "of the task"},
    )
