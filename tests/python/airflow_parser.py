"""Talks to `python -m signalbox_airflow.parse`, and finds what its tests need."""

import json
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
FILES = pathlib.Path(__file__).resolve().parent / "airflow_files"
EXAMPLES = ROOT / "examples" / "airflow" / "dags"
VENV = pathlib.Path(os.environ.get("SIGNALBOX_AIRFLOW_VENV", ROOT / "build" / "airflow-venv"))
PYTHON = VENV / "bin" / "python"

VARIABLES = {"lake": "s3://lake", "sizes": {"core": 3}}
CONNECTIONS = {
    "store": {"conn_type": "http", "host": "store.example", "extra": {"zone": "z"}},
    "emr_shapes": {
        "conn_type": "emr",
        "extra": {
            "ReleaseLabel": "emr-7.1.0",
            "Instances": {"InstanceCount": 3, "MasterInstanceType": "m5.xlarge", "SlaveInstanceType": "m5.xlarge"},
            "JobFlowRole": "EMR_EC2_DefaultRole",
            "ServiceRole": "EMR_DefaultRole",
            "Steps": [],
        },
    },
}


def surroundings():
    """The environment of Airflow in tests: nothing of the developer's own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "AWS_"))}
    return kept | {"PYTHONPATH": str(ROOT / "airflow"), "AIRFLOW_VAR_FROM_ENVIRONMENT": "of the environment"}


def own_files():
    return sorted(str(path) for folder in (EXAMPLES, FILES) for path in folder.glob("*.py"))


def example_files():
    """Airflow's own examples, in the wheels: core's and the standard provider's."""
    found = VENV.glob("lib/python3*/site-packages/airflow/**/example_dags/*.py")
    return sorted(str(path) for path in found if path.name != "__init__.py")


class Parser:
    """One warm process; `read` gives the answers of a request."""

    def __init__(self, stderr=None):
        self.process = subprocess.Popen(
            [PYTHON, "-m", "signalbox_airflow.parse"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env=surroundings(),
            text=True,
        )

    def ask(self, text):
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()
        answers = []
        for line in self.process.stdout:
            answers.append(json.loads(line))
            if "done" in answers[-1] or "bad_request" in answers[-1]:
                return answers
        raise AssertionError(f"the parser ended: {self.process.wait()}")

    def read(self, *files, folder=None, **more):
        files = [str(file) for file in files]
        request = {"files": files, "dags_folder": str(folder or os.path.dirname(files[0]))}
        request |= {"variables": VARIABLES, "connections": CONNECTIONS} | more
        *answers, done = self.ask(json.dumps(request))
        assert done == {"done": len(files)}
        assert [answer["file"] for answer in answers] == files
        return answers

    def dag(self, file, dag_id=None, **more):
        """One DAG of a file that has no error."""
        (answer,) = self.read(file, **more)
        assert answer["error"] is None, answer["error"]
        dags = {dag["dag_id"]: dag for dag in answer["dags"]}
        return dags[dag_id] if dag_id else next(iter(dags.values()))

    def stop(self):
        self.process.stdin.close()
        return self.process.wait(timeout=60)


def rows(dag):
    return {row["task_id"]: row for row in dag["plan"]["tasks"]}


def jobs(document):
    """The jobs of a document by id, out of all its groups."""
    found = dict(document.get("tasks", {}))
    for group in document.get("groups", {}).values():
        found |= jobs(group)
    return found


def task_edges(dag):
    """The document's edges between tasks of the same DAG, by Airflow's ids."""
    ids = {row["job"]: row["task_id"] for row in dag["plan"]["tasks"]}
    edges = []
    for job, keys in jobs(dag["document"]).items():
        above = [up for up in keys.get("depends_on", []) if isinstance(up, str)]
        teardown = keys.get("teardown")
        above += teardown.get("setups", []) if isinstance(teardown, dict) else []
        edges += [[ids[up], ids[job]] for up in above]
    return sorted(edges)
