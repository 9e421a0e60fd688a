"""A project whose tasks Airflow's own code does: our emulator, the real program, and what tasks leave."""

import json
import pathlib
import urllib.parse

from airflow_parser import FILES, PYTHON
from processes import EmulatorProcess, Estate, StandaloneProcess, clock_setting, eventually

RUNS = FILES / "run"
REGION = {"AWS_DEFAULT_REGION": "us-east-1"}  # boto3 does not look at AWS_REGION


class AirflowTasks(Estate):
    """`notes` is a folder that tasks find as the variable `folder`."""

    def __init__(self, folder, dags_folder, speed=600, faults="quotas: off\n", **environment):
        self.notes, self.state, self.project = folder / "notes", folder / "state", folder / "project"
        for each in (self.notes, self.project / "dags"):
            each.mkdir(parents=True)
        (self.project / "signalbox.yaml").write_text(
            f"deployment: farm\npython: {PYTHON}\nairflow: {{dags_folder: {dags_folder}}}\n"
        )
        self.clock = clock_setting(speed)
        self.environment = REGION | {"AIRFLOW_VAR_FOLDER": str(self.notes)} | environment
        self.emulator = EmulatorProcess(folder, clock=self.clock, faults=faults)
        self.log_path = folder / "server.log"
        self.begin()

    def begin(self):
        with self.log_path.open("ab") as log:
            self.standalone = StandaloneProcess(
                self.project, self.state, self.emulator, self.clock, log=log, **self.environment
            )

    def call(self, path, body=None, method=None):
        return self.standalone.call(path, body, method)

    def dag_ids(self):
        return {dag["dag_id"] for dag in self.call("/dags?limit=100")["dags"]}

    def errors(self):
        return {e["filename"]: e["stack_trace"] for e in self.call("/importErrors")["import_errors"]}

    def wait_for_dags(self, *dags):
        """Airflow is imported first, which takes a while on a busy machine."""
        eventually(lambda: (self.dag_ids(), self.errors()), lambda seen: set(dags) <= seen[0], seconds=240)

    def state_of(self, dag, run="r"):
        """The end of the run; it may wait for many others."""
        return self.standalone.wait_for_run(dag, run, timeout=300)

    def tasks(self, dag, run="r"):
        """By job, a list of what its instances are."""
        found = {}
        for task in self.call(f"/dags/{dag}/dagRuns/{run}/taskInstances?limit=500")["task_instances"]:
            found.setdefault(task["task_id"], []).append(task)
        return found

    def states(self, dag, run="r"):
        """By job, its state, or those of its instances in order."""
        found = {}
        for job, tasks in self.tasks(dag, run).items():
            states = [task["state"] for task in sorted(tasks, key=lambda task: task["map_index"])]
            found[job] = states if tasks[0]["map_index"] >= 0 else states[0]
        return found

    def task(self, dag, job, run="r"):
        return self.call(f"/dags/{dag}/dagRuns/{run}/taskInstances/{job}")

    def xcom(self, dag, job, key="return_value", run="r"):
        place = f"/dags/{dag}/dagRuns/{run}/taskInstances/{job}/xcomEntries/{urllib.parse.quote(key, safe='')}"
        return self.call(place)["value"]

    def keys(self, dag, job, run="r"):
        entries = self.call(f"/dags/{dag}/dagRuns/{run}/taskInstances/{job}/xcomEntries")["xcom_entries"]
        return {entry["key"] for entry in entries}

    def log(self, dag, job, number=1, run="r", query=""):
        """All lines of a try's log, as one text."""
        lines, token = [], ""
        while True:
            page = self.call(f"/dags/{dag}/dagRuns/{run}/taskInstances/{job}/logs/{number}?token={token}{query}")
            lines += [line["event"] for line in page["content"]]
            token = page["continuation_token"]
            if not token:
                return "\n".join(lines)

    def note(self, name):
        """The lines of a file that tasks write."""
        path = self.notes / name
        return path.read_text().split("\n")[:-1] if path.exists() else []

    def wait_for_note(self, name, lines=1):
        return eventually(lambda: self.note(name), lambda found: len(found) >= lines)

    def wait_for_state(self, dag, job, *states, run="r"):
        return eventually(lambda: self.task(dag, job, run), lambda task: task["state"] in states)

    def records(self):
        """The folders of the processes that live, or whose end is not taken yet."""
        folder = self.state / "processes"
        return [path for path in folder.iterdir() if path.is_dir()] if folder.exists() else []


def alive(pid):
    """A process that is no zombie."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def pids(record):
    """Of the supervisor and of the task's process."""
    return [json.loads((record / name).read_text())["pid"] for name in ("began", "child")]
