"""Whose Airflow a file is of, and what of older ones is told."""

import json
import subprocess

import airflow_parser
import pytest
from airflow_fixtures import NEEDS_AIRFLOW, parser  # noqa: F401 - a fixture
from airflow_parser import FILES, jobs

pytestmark = NEEDS_AIRFLOW

SAME = """
from datetime import datetime
from airflow import DAG
from airflow.operators.empty import EmptyOperator
with DAG("cron", schedule="0 4 * * *", start_date=datetime(2026, 1, 5)):
    EmptyOperator(task_id="go")
with DAG("absent", start_date=datetime(2026, 1, 5)):
    EmptyOperator(task_id="go")
with DAG("said", schedule=None, start_date=datetime(2026, 1, 5), catchup=False):
    EmptyOperator(task_id="go")
"""


def warnings(answer):
    return [warning["message"] for warning in answer["warnings"]]


@pytest.fixture
def same(tmp_path):
    file = tmp_path / "same.py"
    file.write_text(SAME)
    return file


def test_the_same_file_means_other_things_in_2_and_3(parser, same):  # noqa: F811
    two = {dag["dag_id"]: dag["document"] for dag in parser.read(same, airflow_version=2)[0]["dags"]}
    three = {dag["dag_id"]: dag["document"] for dag in parser.read(same, airflow_version=3)[0]["dags"]}
    assert two["cron"]["schedule"] == {"cron": "0 4 * * *", "timetable": "data_interval"}
    assert three["cron"]["schedule"] == {"cron": "0 4 * * *"}
    assert two["cron"]["catchup"] is True and "catchup" not in three["cron"]
    assert two["absent"]["schedule"] == {"interval": "1d", "timetable": "data_interval"}
    assert three["absent"]["schedule"] is None
    assert two["said"] == three["said"] and two["said"]["schedule"] is None


def test_a_dag_of_airflow_2_may_start_with_its_tasks(parser, tmp_path):  # noqa: F811
    file = tmp_path / "starts.py"
    file.write_text(
        "from datetime import datetime\nfrom airflow import DAG\nfrom airflow.operators.empty import EmptyOperator\n"
        "dag = DAG('starts', schedule='@daily')\n"
        "EmptyOperator(task_id='b', start_date=datetime(2026, 2, 5), dag=dag)\n"
        "EmptyOperator(task_id='a', start_date=datetime(2026, 1, 5), dag=dag)\n"
    )
    document = parser.dag(file, airflow_version=2)["document"]
    assert document["start_date"] == "2026-01-05T00:00:00+00:00" and document["catchup"] is True


@pytest.mark.parametrize(
    "imports, number, why",
    [
        ("from airflow.sdk import DAG", 3, "it imports airflow.sdk"),
        ("from airflow import DAG\nimport airflow.providers.standard.operators.bash", 3, "airflow.providers.standard"),
        ("from airflow import DAG\nfrom airflow.operators.bash_operator import BashOperator", 2, "a path of Airflow 1.10"),
        ("from airflow import DAG\nfrom airflow.contrib.hooks.aws_hook import AwsHook", 2, "a path of Airflow 1.10"),
        ("from airflow import DAG", 2, "nothing that only Airflow 3 has"),
    ],
)
def test_a_guess_is_told_with_its_reason(parser, tmp_path, imports, number, why):  # noqa: F811
    file = tmp_path / "guess.py"
    file.write_text(f"{imports}\nDAG('guess')\n")
    (answer,) = parser.read(file)
    assert answer["error"] is None, answer["error"]
    assert answer["airflow_version"] == number
    assert any(f"read as one of Airflow {number}" in text and why in text for text in warnings(answer))
    (said,) = parser.read(file, airflow_version=number)
    assert not any("read as one of Airflow" in text for text in warnings(said))


def test_old_paths_and_arguments_load_and_are_told(parser):  # noqa: F811
    (answer,) = parser.read(FILES / "old_paths.py")
    assert answer["error"] is None
    told = warnings(answer)
    for text in (
        "airflow.operators.dummy_operator.DummyOperator is airflow.providers.standard.operators.empty.EmptyOperator today",
        "airflow.utils.dates.days_ago is not in Airflow 3",
        "DAG(schedule_interval=…) is schedule today",
        "DAG(concurrency=…) is max_active_tasks today",
        "DAG(default_view=…) is left out: it was of Airflow's own pages",
        "BashOperator(task_concurrency=…) is max_active_tis_per_dag today",
        "PythonOperator(provide_context=…) is left out: the context is always given",
        "PythonOperator(sla=…) is left out: SLAs were removed in Airflow 3; a deadline takes their place",
    ):
        assert text in told, told
    lines = {warning["message"]: warning["line"] for warning in answer["warnings"]}
    assert lines["BashOperator(task_concurrency=…) is max_active_tis_per_dag today"] == 33
    dags = {dag["dag_id"]: dag for dag in answer["dags"]}
    document = dags["old_paths"]["document"]
    assert document["max_active_tasks"] == 4 and "start_date" not in document
    assert jobs(document)["bash"]["command"] == ["bash", "-c", "echo {{ macros.ds_add(ds, -1) }}"]
    assert jobs(document)["bash"]["max_active_tis_per_dag"] == 1
    assert any("moves with each reading" in text for text in dags["old_paths"]["plan"]["changes"])


def test_each_path_of_today_exists():
    """The table's targets, of the providers that are installed here."""
    program = """
import importlib, importlib.util, json, os, sys
sys.path.insert(0, os.environ["PYTHONPATH"])
from signalbox_airflow import compat, old_paths
wrong, looked = [], 0
for names in old_paths.OLD_PATHS.values():
    for name, target in names.items():
        if target.startswith("!"):
            continue
        module, _, found = target.partition(":")
        try:
            here = importlib.util.find_spec(module) is not None
        except (ModuleNotFoundError, ValueError):
            here = False
        if not here:
            installed = module.startswith(("airflow.sdk", "airflow.providers.amazon", "airflow.providers.standard"))
            wrong += [module] if installed else []
            continue
        looked += 1
        if found and not hasattr(importlib.import_module(module), found):
            wrong.append(target)
print(json.dumps([looked, wrong]))
"""
    done = subprocess.run(
        [airflow_parser.PYTHON, "-c", program], capture_output=True, text=True, check=True, env=airflow_parser.surroundings()
    )
    looked, wrong = json.loads(done.stdout.splitlines()[-1])
    assert wrong == []
    assert looked > 90


def test_variables_connections_and_what_is_read(parser):  # noqa: F811
    (answer,) = parser.read(FILES / "variables.py")
    assert answer["error"] is None, answer["error"]
    say = jobs(answer["dags"][0]["document"])["say"]["command"][2]
    assert say == "echo s3://lake 3 absent of the environment store.example z beside x airflow_files"
    assert answer["reads"] == ["beside.json", "emr_requests.py"]
    needs = answer["dags"][0]["plan"]["needs"]
    assert needs == {"connections": ["store"], "variables": ["deep", "later"]}
