"""Fixtures of the tests that need Airflow; without its virtual environment they are skipped loudly."""

import json
import subprocess

import pytest

import airflow_parser

NEEDS_AIRFLOW = pytest.mark.skipif(
    not airflow_parser.PYTHON.exists(),
    reason=f"{airflow_parser.VENV} is not there: tools/airflow-setup makes it, from PyPI",
)


@pytest.fixture(scope="session")
def parser():
    started = airflow_parser.Parser()
    yield started
    started.stop()


@pytest.fixture(scope="session")
def ask_airflow():
    """What Airflow's own DagBag makes of files."""

    def ask(files, folder):
        done = subprocess.run(
            [airflow_parser.PYTHON, airflow_parser.ROOT / "tests/python/airflow_oracle.py"],
            input=json.dumps({"files": files, "dags_folder": str(folder)}),
            capture_output=True,
            text=True,
            check=True,
            env=airflow_parser.surroundings()
            | {
                "AIRFLOW_VAR_LAKE": "s3://lake",
                "AIRFLOW_VAR_SIZES": '{"core": 3}',
                "AIRFLOW_CONN_STORE": json.dumps(airflow_parser.CONNECTIONS["store"]),
                "AIRFLOW_CONN_EMR_SHAPES": json.dumps(airflow_parser.CONNECTIONS["emr_shapes"]),
            },
        )
        return json.loads(done.stdout)

    return ask
