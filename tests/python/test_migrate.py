"""`signalbox migrate` with the real program and real Airflow: the report, and projects that it writes."""

import json
import os
import pathlib
import subprocess

import pytest

from airflow_parser import VENV
from processes import ROOT, clean_environment, signalbox_path

EXAMPLES = ROOT / "examples" / "airflow"
PYTHON = VENV / "bin" / "python"
needs_airflow = pytest.mark.skipif(not PYTHON.exists(), reason="Airflow cannot be had: tools/airflow-setup")


def migrate(*arguments, python=PYTHON):
    return subprocess.run(
        [signalbox_path(), "migrate", *map(str, arguments), "--python", str(python)],
        env=clean_environment(), capture_output=True, text=True, timeout=300, stdin=subprocess.DEVNULL,
    )


@needs_airflow
def test_the_report_tells_each_task(tmp_path):
    shown = migrate(EXAMPLES)
    assert shown.returncode in (0, 3), shown
    assert "one emr_job with" in shown.stdout
    last = shown.stdout.strip().splitlines()
    assert any("DAGs can run as they are" in line for line in last[-3:]), shown.stdout
    told = json.loads(migrate(EXAMPLES, "--json").stdout)
    tasks = [task for file in told["files"] for dag in file["dags"] for task in dag["plan"]["tasks"]]
    assert {task["verdict"] for task in tasks} <= {"native", "airflow", "impossible"}
    assert all(task["reason"] for task in tasks)


@needs_airflow
def test_what_it_writes_is_a_good_project(tmp_path):
    folder = tmp_path / "dags"
    folder.mkdir()
    (folder / "nightly.py").write_text("""
from airflow.sdk import DAG
from airflow.providers.standard.operators.bash import BashOperator
from airflow.providers.standard.operators.empty import EmptyOperator
from datetime import datetime

with DAG("nightly", schedule="0 3 * * *", start_date=datetime(2026, 1, 1), tags=["x"]):
    EmptyOperator(task_id="begin") >> BashOperator(task_id="work", bash_command="echo {{ ds }}")
""")
    (folder / "broken.py").write_text("from airflow.sdk import DAG\nimport not_there\n")
    project = tmp_path / "project"
    shown = migrate(folder, "--write", project)
    assert shown.returncode == 3, "one file cannot be read"
    assert "not_there" in shown.stdout and "work" in shown.stdout
    validated = subprocess.run(
        [signalbox_path(), "dags", "validate", str(project)], env=clean_environment(), capture_output=True, text=True
    )
    assert validated.returncode == 0, validated
    again = migrate(folder, "--write", project)
    assert again.returncode == 2 and "is there already" in again.stderr


def test_without_airflow_it_says_what_to_do(tmp_path):
    shown = migrate(tmp_path, python="/usr/bin/python3")
    assert shown.returncode == 6
    assert "cannot import airflow.sdk" in shown.stderr and "pip install apache-airflow-core" in shown.stderr
    shown = migrate(tmp_path, python=tmp_path / "nothing")
    assert shown.returncode == 6 and "pip install" in shown.stderr


def test_nothing_of_the_package_stays_behind(tmp_path):
    subprocess.run(
        [signalbox_path(), "migrate", str(tmp_path), "--python", "/usr/bin/python3"],
        env=clean_environment(TMPDIR=str(tmp_path)), capture_output=True, timeout=60,
    )
    assert not list(pathlib.Path(tmp_path).glob("signalbox-airflow*")), os.listdir(tmp_path)
