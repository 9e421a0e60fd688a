"""The server and Airflow's DAG files in the project: real program, real Airflow, our emulator."""

import json
import os
import subprocess
import time
import urllib.error

import pytest

from airflow_fixtures import NEEDS_AIRFLOW
from airflow_parser import PYTHON
from processes import (
    ROOT,
    Estate,
    StandaloneProcess,
    clean_environment,
    eventually,
    signalbox_path,
)

pytestmark = NEEDS_AIRFLOW

NIGHTLY = """
from airflow.providers.standard.operators.bash import BashOperator
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG

with DAG("nightly", schedule=None, is_paused_upon_creation=False, tags=["nightly"]):
    EmptyOperator(task_id="begin") >> BashOperator(task_id="work", bash_command="echo the work of {{ run_id }}")
"""
EMR = (ROOT / "examples/airflow/dags/harvest_groups.py").read_text()


class AirflowEstate(Estate):
    """A project whose DAG files are Airflow's."""

    def __init__(self, folder, files, more=""):
        project = folder / "project"
        self.dags = project / "dags"
        self.dags.mkdir(parents=True)
        (project / "signalbox.yaml").write_text(f"deployment: farm\npython: {PYTHON}\n{more}")
        for name, text in files.items():
            self.write(name, text)
        super().__init__(folder, project, "quotas: off\n", speed=600)

    def write(self, name, text):
        path = self.dags / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def dag_ids(self):
        return {dag["dag_id"] for dag in self.standalone.call("/dags?limit=100")["dags"]}

    def errors(self):
        return {e["filename"]: e["stack_trace"] for e in self.standalone.call("/importErrors")["import_errors"]}

    def version(self, dag):
        versions = self.standalone.call(f"/dags/{dag}/dagVersions")["dag_versions"]
        return max(each["version_number"] for each in versions)

    def printed(self, dag, task, run="r"):
        """The lines of the first try's log, page after page."""
        lines, token = [], ""
        while True:
            page = self.standalone.call(f"/dags/{dag}/dagRuns/{run}/taskInstances/{task}/logs/1?token={token}")
            lines += [line["event"] for line in page["content"]]
            token = page["continuation_token"]
            if not token:
                return lines

    def wait_for_dag(self, dag):
        eventually(self.dag_ids, lambda ids: dag in ids)


@pytest.fixture
def estate(tmp_path):
    made = []

    def make(files, more=""):
        made.append(AirflowEstate(tmp_path, files, more))
        return made[-1]

    yield make
    for each in made:
        each.stop()


def test_a_file_of_airflow_runs_as_it_is(estate):
    farm = estate({"nightly.py": NIGHTLY, "deep/harvest.py": EMR, "beside.py": "value = 3\n"})
    farm.wait_for_dag("nightly")
    farm.wait_for_dag("harvest")
    farm.trigger("nightly")
    assert farm.standalone.wait_for_run("nightly", "r") == "success"
    assert "the work of r" in farm.printed("nightly", "work")
    farm.standalone.call("/dags/harvest", {"is_paused": False}, "PATCH")
    farm.trigger("harvest")
    assert farm.standalone.wait_for_run("harvest", "r") == "success"
    names = [line["name"] for line in farm.emulator.journal() if line.get("action") == "RunJobFlow"]
    assert len([name for name in names if " harvest r " in name]) == 3, names
    assert farm.errors() == {}
    assert farm.standalone.call("/dags/harvest")["fileloc"].endswith("/project/dags/deep/harvest.py")


def test_an_edit_is_a_version_and_a_mistake_leaves_the_last_good_one(estate):
    farm = estate({"nightly.py": NIGHTLY})
    farm.wait_for_dag("nightly")
    assert farm.version("nightly") == 1
    farm.write("nightly.py", NIGHTLY.replace("the work", "the new work"))
    eventually(lambda: farm.version("nightly"), lambda number: number == 2)
    farm.write("nightly.py", NIGHTLY + "\nimport not_there\n")
    told = eventually(farm.errors, bool)
    assert list(told) == ["dags/nightly.py"]
    assert "not_there" in told["dags/nightly.py"] and "Traceback" in told["dags/nightly.py"]
    assert farm.dag_ids() == {"nightly"}
    farm.trigger("nightly")
    assert farm.standalone.wait_for_run("nightly", "r") == "success"
    # What was missing may be in any file: it is read again.
    farm.write("not_there.py", "x = 1\n")
    eventually(farm.errors, lambda errors: errors == {})
    assert farm.version("nightly") == 2


def test_one_file_may_have_many_dags_and_lose_one(estate):
    many = "from airflow.sdk import DAG\nfrom airflow.providers.standard.operators.empty import EmptyOperator\n"
    loop = many + "for name in {names}:\n    with DAG(name, schedule=None):\n        EmptyOperator(task_id='x')\n"
    farm = estate({"many.py": loop.format(names=["a", "b", "c"]), "nightly.py": NIGHTLY})
    eventually(farm.dag_ids, lambda ids: ids == {"a", "b", "c", "nightly"})
    farm.write("many.py", loop.format(names=["a", "c", "d"]))
    eventually(farm.dag_ids, lambda ids: ids == {"a", "c", "d", "nightly"})
    # One that cannot be taken over stays as it was; what it needs is told.
    farm.write("many.py", loop.format(names=["a", "c"]) +
               "from airflow.sdk import task_group\n@task_group\ndef g(x):\n    EmptyOperator(task_id='f')\n"
               "with DAG('d', schedule=None):\n    g.expand(x=[1])\n")  # fmt: skip
    told = eventually(farm.errors, bool)
    assert "the task 'g.f' cannot run: it stands in a mapped task group" in told["dags/many.py"]
    assert farm.dag_ids() == {"a", "c", "d", "nightly"}
    (farm.dags / "many.py").unlink()
    eventually(farm.dag_ids, lambda ids: ids == {"nightly"})


def test_modules_data_variables_and_connections_count(estate):
    farm = estate({
        "lib/words.py": "WORD = 'first'\n",
        "lib/__init__.py": "",
        "data.json": '{"count": 1}',
        "uses.py": """
import json, pathlib
from airflow.sdk import DAG, Variable
from airflow.providers.standard.operators.bash import BashOperator
from lib.words import WORD
count = json.loads((pathlib.Path(__file__).parent / "data.json").read_text())["count"]
with DAG("uses", schedule=None, is_paused_upon_creation=False):
    BashOperator(task_id="say", bash_command=f"echo {WORD} {count} {Variable.get('lake', 'none')}")
""",
    })  # fmt: skip

    farm.wait_for_dag("uses")
    versions = [farm.version("uses")]

    def changes(change):
        change()
        versions.append(eventually(lambda: farm.version("uses"), lambda number: number > versions[-1]))

    changes(lambda: farm.write("lib/words.py", "WORD = 'second'\n"))
    changes(lambda: farm.write("data.json", '{"count": 2}'))
    changes(lambda: farm.standalone.call("/variables", {"key": "lake", "value": "s3://lake"}))
    assert versions == [1, 2, 3, 4]
    # A file that it does not look at, and a variable that it does not ask for, change nothing.
    farm.write("other.json", "{}")
    farm.standalone.call("/variables", {"key": "other", "value": "x"})
    farm.trigger("uses")
    assert farm.standalone.wait_for_run("uses", "r") == "success"
    assert "second 2 s3://lake" in farm.printed("uses", "say")
    assert farm.version("uses") == 4


def test_a_restart_keeps_the_dags_while_python_reads(estate, tmp_path):
    farm = estate({"nightly.py": NIGHTLY})
    farm.wait_for_dag("nightly")
    farm.standalone.kill()
    # A Python that never answers: nothing is known anew, and nothing is lost.
    slow = tmp_path / "slow"
    slow.write_text("#!/bin/sh\nsleep 600\n")
    slow.chmod(0o755)
    settings = farm.project / "signalbox.yaml"
    settings.write_text(settings.read_text().replace(str(PYTHON), str(slow)))
    farm.standalone = StandaloneProcess(farm.project, farm.state, farm.emulator, farm.clock)
    time.sleep(5)  # long enough for the scans that would miss the file
    assert farm.dag_ids() == {"nightly"}
    farm.trigger("nightly")
    assert farm.standalone.wait_for_run("nightly", "r") == "success"
    # The setting is followed without a restart.
    settings.write_text(settings.read_text().replace(str(slow), str(PYTHON)))
    farm.write("nightly.py", NIGHTLY.replace("the work", "more work"))
    eventually(lambda: farm.version("nightly"), lambda number: number == 2)


def test_a_file_that_hangs_holds_up_nobody_and_ignore_files_count(estate):
    farm = estate({
        "nightly.py": NIGHTLY,
        "zz_hangs.py": "from airflow.sdk import DAG\nwhile True: pass\n",
        "left/out.py": NIGHTLY.replace('"nightly"', '"left_out"'),
        ".airflowignore": "left\n",
    })  # fmt: skip
    farm.wait_for_dag("nightly")
    assert farm.errors() == {}, "the file that hangs is still being read"
    farm.trigger("nightly")
    assert farm.standalone.wait_for_run("nightly", "r") == "success"
    told = eventually(farm.errors, bool, seconds=90)
    assert list(told) == ["dags/zz_hangs.py"] and "takes too long to read" in told["dags/zz_hangs.py"]
    assert farm.dag_ids() == {"nightly"}


def test_the_folder_may_lie_beside_the_project(tmp_path, estate):
    (tmp_path / "beside").mkdir()
    path = tmp_path / "beside" / "nightly.py"
    path.write_text(NIGHTLY)
    farm = estate({}, more="airflow: {dags_folder: ../beside/}\n")
    farm.wait_for_dag("nightly")
    path.write_text(NIGHTLY.replace("the work", "the new work"))
    eventually(lambda: farm.version("nightly"), lambda number: number == 2)


def test_a_python_without_airflow_is_told(estate):
    farm = estate({"nightly.py": NIGHTLY}, more="")
    farm.wait_for_dag("nightly")
    settings = farm.project / "signalbox.yaml"
    settings.write_text("deployment: farm\npython: /usr/bin/python3\n")
    told = eventually(farm.errors, bool)
    assert "import airflow.sdk" in told["signalbox.yaml"]
    assert farm.dag_ids() == {"nightly"}
    settings.write_text(f"deployment: farm\npython: {PYTHON}\nairflow: {{dags_folder: dagz}}\n")
    eventually(lambda: farm.errors().get("signalbox.yaml", ""), lambda told: "there is no folder" in told)
    assert farm.dag_ids() == {"nightly"}
    settings.write_text("deployment: farm\n")
    eventually(farm.errors, lambda errors: errors == {})


def signalbox(*arguments, **environment):
    return subprocess.run(
        [signalbox_path(), *map(str, arguments)], env=clean_environment(**environment), capture_output=True, text=True,
        timeout=120, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def test_the_command_line_reads_them_without_a_server(tmp_path):
    dags = tmp_path / "dags"
    dags.mkdir()
    (tmp_path / "signalbox.yaml").write_text(f"deployment: farm\npython: {PYTHON}\n")
    (dags / "nightly.py").write_text(NIGHTLY)
    (dags / "harvest.py").write_text(EMR)
    good = signalbox("dags", "validate", tmp_path)
    assert good.returncode == 0 and "2 good DAGs: harvest" in good.stdout, good
    shown = signalbox("dags", "show", "nightly", "--project", tmp_path)
    assert shown.returncode == 0 and "begin" in shown.stdout
    plan = signalbox("dags", "show", "harvest", "--native", "--project", tmp_path)
    assert plan.returncode == 0 and "emr_job" in plan.stdout, plan
    told = json.loads(signalbox("dags", "show", "harvest", "--native", "--project", tmp_path, "-o", "json").stdout)
    assert {row["verdict"] for row in told["tasks"]} == {"native"}
    (dags / "nightly.py").write_text(NIGHTLY + "\n\n1 / 0\n")
    bad = signalbox("dags", "validate", tmp_path)
    assert bad.returncode == 3 and "dags/nightly.py:10" in bad.stdout.replace(str(tmp_path) + "/", ""), bad
    (tmp_path / "signalbox.yaml").write_text("deployment: farm\n")
    without = signalbox("dags", "validate", tmp_path)
    assert without.returncode == 0 and "'python'" in without.stdout, without
