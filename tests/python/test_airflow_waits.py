"""What waits inside the process of its task (airflow/signalbox_airflow/waits.py), judged with Airflow's own triggers."""

import json
import subprocess

import airflow_parser
from airflow_fixtures import NEEDS_AIRFLOW

pytestmark = NEEDS_AIRFLOW

AWAIT = """
import datetime, json, types
from airflow.providers.standard.triggers.temporal import TimeDeltaTrigger
from airflow.sdk.exceptions import TaskDeferred
from signalbox_airflow import waits

for delta, timeout in ((0, None), (0, 60), (0, 60.0), (0, datetime.timedelta(minutes=1)), (60, 0.01)):
    trigger = TimeDeltaTrigger(datetime.timedelta(seconds=delta))
    defer = TaskDeferred(trigger=trigger, method_name="go_on", kwargs={"given": 1}, timeout=timeout)
    method, kwargs = waits.await_trigger(defer, types.SimpleNamespace(task_id="wait"))
    print(json.dumps([method, sorted(kwargs), str(kwargs.get("error"))]))
"""


def test_a_time_out_is_a_number_of_seconds_or_a_timedelta():
    done = subprocess.run(
        [airflow_parser.PYTHON, "-c", AWAIT], capture_output=True, text=True, env=airflow_parser.surroundings(), check=True
    )
    found = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("[")]
    assert found[:4] == [["go_on", ["event", "given"], "None"]] * 4, done.stdout
    assert found[4][:2] == ["__fail__", ["error"]] and "timeout" in found[4][2].lower()
