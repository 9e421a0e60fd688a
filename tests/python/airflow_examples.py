#!/usr/bin/env python3
"""Airflow's own example DAGs, from the wheels in build/airflow-venv, run by the real program.

    airflow_examples.py [DAG_ID …]           run them, and compare with what is recorded
    airflow_examples.py --write              the same for all, and write docs/airflow-examples.md
    airflow_examples.py --oracle [DAG_ID …]  run them under Airflow itself, and record airflow_files/examples.json

The files stay where pip has put them: the project's folder of DAG files has links to their folders.
"""

import argparse
import collections
import datetime
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.error

from airflow_parser import FILES, PYTHON, VENV, Parser
from processes import ROOT, EmulatorProcess, StandaloneProcess

RECORD = FILES / "examples.json"
TABLE = ROOT / "docs" / "airflow-examples.md"
RUN = "examples"
AT_ONCE = 6  # runs
ENDED = ("success", "failed")

# What a run needs to be told.
CONFS = {"example_params_ui_tutorial": {"required_field": "given by hand"}}

# What `airflow db migrate` puts into Airflow's own database and an example needs.
CONNECTIONS = {"AIRFLOW_CONN_FS_DEFAULT": '{"conn_type": "fs", "extra": {"path": "/"}}'}

# DAGs that cannot end by themselves on one machine without a network, and why.
_INDEX = "it installs packages from PyPI while it runs"
_OTHER = "it waits for a run of another DAG, and `airflow dags test` runs no other"
OUTSIDE = {
    "example_analytics": "it reads S3 and a catalog of AWS Glue",
    "example_branch_operator": _INDEX,
    "example_branch_python_operator_decorator": _INDEX,
    "example_dag_decorator": "it asks httpbingo.org",
    "example_external_task": _OTHER,
    "example_external_task_marker_child": _OTHER,
    "example_hitl_operator": "it waits for a person",
    "example_python_decorator": _INDEX,
    "example_python_operator": _INDEX,
    "example_retry_policy": "it asks api.example.com, and tries again for half an hour",
    "example_sensors": "one of its sensors waits for an hour",
    "tutorial_objectstorage": "it asks api.open-meteo.com, and writes to S3",
    "tutorial_taskflow_api_virtualenv": _INDEX,
}

# DAGs that take one of several ways: only the numbers of states are compared.
VARY = {
    "example_branch_datetime_operator": "the clock decides the branch",
    "example_branch_datetime_operator_2": "the clock decides the branch",
    "example_branch_datetime_operator_3": "the clock decides the branch",
    "example_branch_dop_operator_v3": "the minute of the run decides the branch",
    "example_weekday_branch_operator": "the day of the week decides the branch",
}

# Why a DAG does not end here as it does under Airflow.
_READS = "the producer has run before on this server, so there are events to read; under `airflow dags test` there are none"
EXPLAINED = {"read_asset_event": _READS, "read_asset_event_from_classic": _READS}

# The same end for another reason.
NOTED = {
    "example_task_state_store_async": "it asks for `aget`, which the task state store of this Airflow has not",
}


def folders():
    """The folders of examples, by a name for each."""
    packages = next(VENV.glob("lib/python3*/site-packages")) / "airflow"
    found = {"core": packages / "example_dags"}
    for folder in sorted(packages.glob("providers/**/example_dags")):
        found["_".join(folder.relative_to(packages / "providers").parts[:-1])] = folder
    return found


def short(path):
    """A file as people know it: seen from site-packages."""
    return str(path).rpartition("/site-packages/")[2]


class Estate:
    """A project whose DAG files are the examples, its server, and an EMR that nobody uses."""

    def __init__(self, folder):
        folder = pathlib.Path(folder)
        self.project = folder / "project"
        (self.project / "dags").mkdir(parents=True)
        for name, target in folders().items():
            (self.project / "dags" / name).symlink_to(target)
        settings = f"deployment: examples\npython: {PYTHON}\nairflow: {{version: 3, unknown_schedules_by_hand: true}}\n"
        (self.project / "signalbox.yaml").write_text(settings)
        self.log_path = folder / "server.log"
        with self.log_path.open("w") as log:
            self.emulator = EmulatorProcess(folder)
            self.standalone = StandaloneProcess(
                self.project, folder / "state", self.emulator, log=log, **CONNECTIONS
            )

    def call(self, *arguments):
        return self.standalone.call(*arguments)

    def dags(self):
        """All that are known, by id."""
        page = self.call("/dags?limit=100&order_by=dag_id")
        found = list(page["dags"])
        while len(found) < page["total_entries"]:
            page = self.call(f"/dags?limit=100&order_by=dag_id&offset={len(found)}")
            found += page["dags"]
        return {dag["dag_id"]: dag for dag in found}

    def errors(self):
        """What is wrong, by file as people know it; without the place."""
        told = {}
        for error in self.call("/importErrors?limit=100")["import_errors"]:
            sentence = re.sub(r"^\S+:\d+:\d+: ", "", error["stack_trace"])
            told.setdefault(self.file_of(error["filename"]), []).append(sentence)
        return told

    def file_of(self, name):
        path = pathlib.Path(name)
        return short((path if path.is_absolute() else self.project / path).resolve())

    def wait_until_read(self, files, seconds=120):
        """Until each of the files has made a DAG or an error."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            dags, errors = self.dags(), self.errors()
            missing = files - {self.file_of(dag["fileloc"]) for dag in dags.values()} - errors.keys()
            if not missing:
                return dags, errors
            time.sleep(0.2)
        raise AssertionError(f"not read in {seconds} s: {sorted(missing)}")

    def start(self, dag):
        self.call(f"/dags/{dag}", {"is_paused": False}, "PATCH")
        now = datetime.datetime.now(datetime.UTC).isoformat()
        self.call(f"/dags/{dag}/dagRuns", {"dag_run_id": RUN, "logical_date": now, "conf": CONFS.get(dag, {})})

    def state(self, dag):
        return self.call(f"/dags/{dag}/dagRuns/{RUN}")["state"]

    def tasks(self, dag):
        """The states of the task instances, by the names that Airflow's record has."""
        rows = self.call(f"/dags/{dag}/dagRuns/{RUN}/taskInstances?limit=100")["task_instances"]
        names = {
            row["task_id"] if row["map_index"] < 0 else f"{row['task_id']}[{row['map_index']}]": row["state"] or "none"
            for row in rows
        }
        return dict(sorted(names.items()))

    def give_up(self, dag):
        self.call(f"/dags/{dag}/dagRuns/{RUN}", {"state": "failed"}, "PATCH")

    def stop(self):
        self.standalone.stop()
        self.emulator.stop()


def run_all(estate, wanted, seconds):
    """What becomes of each DAG: the end state of its run and of its tasks; a few at once."""
    waiting, running, done = collections.deque(wanted), {}, {}
    while waiting or running:
        while waiting and len(running) < AT_ONCE:
            dag = waiting.popleft()
            try:
                estate.start(dag)
            except urllib.error.HTTPError as error:
                done[dag] = {"run": "refused", "tasks": {}, "reason": error.read().decode()}
                continue
            running[dag] = time.monotonic()
        for dag, began in list(running.items()):
            state = estate.state(dag)
            is_late = time.monotonic() - began > seconds
            if state not in ENDED and not is_late:
                continue
            done[dag] = {"run": state, "tasks": estate.tasks(dag), "seconds": round(time.monotonic() - began, 1)}
            if state not in ENDED:
                estate.give_up(dag)
            estate.call(f"/dags/{dag}", {"is_paused": True}, "PATCH")
            del running[dag]
        time.sleep(0.1)
    return done


def refusal(dag, file, errors):
    """Why a DAG is not there: what is told of it by name, or else of its file."""
    told = errors.get(file, [])
    own = [text for text in told if f"'{dag}'" in text] or told
    return "; ".join(dict.fromkeys(own[:2])) or "nobody told why"


def judge(wanted, recorded, seconds):
    """One row for each DAG: what became of it here and under Airflow, and whether that is the same."""
    with tempfile.TemporaryDirectory(prefix="signalbox-examples-") as folder:
        estate = Estate(folder)
        try:
            known, errors = estate.wait_until_read({each["file"] for each in recorded.values()})
            runnable = [dag for dag in wanted if dag in known and dag not in OUTSIDE]
            done = run_all(estate, runnable, seconds)
        finally:
            estate.stop()
    rows = {}
    for dag in wanted:
        file = recorded[dag]["file"]
        row = rows[dag] = {"file": file, "parsed": dag in known, "here": None, "reason": ""}
        if not row["parsed"]:
            row |= {"verdict": "refused", "reason": refusal(dag, file, errors)}
        elif dag in done:
            differences = compare(dag, done[dag], recorded[dag])
            row |= {"here": done[dag], "verdict": "different" if differences else "equal", "differences": differences}
            row["reason"] = EXPLAINED.get(dag, "; ".join(differences)) if differences else NOTED.get(dag, "")
        if dag in OUTSIDE:
            row |= {"verdict": "outside", "reason": OUTSIDE[dag]}
    return rows


def job_names(tasks):
    """Airflow's `group.task` is the job `group__task`."""
    return {name.replace(".", "__"): state for name, state in tasks.items()}


def compare(dag, here, there):
    """What differs, a text each."""
    ours, theirs = here["tasks"], job_names(there["tasks"])
    differences = [] if here["run"] == there["run"] else [f"the run: {here['run']}, in Airflow {there['run']}"]
    if "reason" in here:
        differences.append(here["reason"])
    if dag in VARY:
        ours, theirs = (dict(collections.Counter(tasks.values())) for tasks in (ours, theirs))
    for name in sorted(ours.keys() | theirs.keys()):
        if ours.get(name) != theirs.get(name):
            differences.append(f"{name}: {ours.get(name, 'not there')}, in Airflow {theirs.get(name, 'not there')}")
    return differences


def counts(rows):
    """The figures, a sentence each."""
    numbers = collections.Counter(row["verdict"] for row in rows.values())
    judged = len(rows) - numbers["outside"]
    share = 100 * numbers["equal"] / judged if judged else 0
    return (
        f"{len(rows)} DAGs; {numbers['outside']} need something from outside. Of the other {judged}, {numbers['equal']} "
        f"({share:.0f} %) end as under Airflow, {numbers['different']} end otherwise, {numbers['refused']} are refused."
    )


def record(wanted, seconds):
    """Runs the DAGs under Airflow, and keeps what became of them."""
    kept = json.loads(RECORD.read_text()) if RECORD.exists() else {"dags": {}}
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AIRFLOW", "AWS_", "SIGNALBOX")) and not name.lower().endswith("_proxy")
    }
    with tempfile.TemporaryDirectory(prefix="signalbox-examples-") as folder:
        environment |= {"AIRFLOW_HOME": folder, "AIRFLOW__CORE__LOAD_EXAMPLES": "True"}
        command = [str(PYTHON), str(ROOT / "tests/python/airflow_examples_oracle.py"), folder, str(seconds), *wanted]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
        ) as process:
            process.stdin.write(json.dumps(CONFS))
            process.stdin.close()
            for line in process.stdout:
                keep(kept, json.loads(line))
    if process.returncode:
        sys.exit(f"the oracle ended with {process.returncode}")
    save(kept)


def keep(kept, told):
    if "dag_id" not in told:
        kept["airflow"] = told["airflow"]
        return
    print(f"{told['dag_id']}: {told['run']}, {told['seconds']:.0f} s", flush=True)
    row = {"file": short(told["file"]), "run": told["run"], "tasks": told["tasks"]}
    if told["run"] not in ENDED:
        row["cut_off"] = True  # it would wait longer than the oracle does
    kept["dags"][told["dag_id"]] = row


def save(kept):
    """One line a DAG."""
    lines = [f"    {json.dumps(dag)}: {json.dumps(kept['dags'][dag])}" for dag in sorted(kept["dags"])]
    RECORD.write_text(f'{{\n  "airflow": "{kept["airflow"]}",\n  "dags": {{\n' + ",\n".join(lines) + "\n  }\n}\n")


def verdicts():
    """By DAG: how many tasks Signalbox does itself, and how many Airflow's SDK does."""
    parser = Parser(stderr=subprocess.DEVNULL)
    found = {}
    try:
        for folder in folders().values():
            files = sorted(path for path in folder.glob("*.py") if path.name != "__init__.py")
            for answer in parser.read(*files, folder=folder, airflow_version=3):
                for dag in answer["dags"]:
                    found[dag["dag_id"]] = collections.Counter(row["verdict"] for row in dag["plan"]["tasks"])
    finally:
        parser.stop()
    return found


def outcome(told):
    """`success: 3 success, 1 skipped`."""
    if not told or told["run"] is None:
        return "–"
    states = collections.Counter(told["tasks"].values())
    return f"{told['run']}: " + ", ".join(f"{number} {state}" for state, number in states.most_common())


def table(rows, recorded, airflow):
    tasks = verdicts()
    lines = [
        "# Airflow's example DAGs",
        "",
        f"The examples in the wheels of Airflow {airflow}, run by Signalbox from where pip has put them, and what becomes of",
        "the same DAGs under `airflow dags test`. `tests/python/airflow_examples.py --write` makes this page.",
        "",
        f"**{counts(rows)}**",
        "",
        "Tasks: by Signalbox itself + by Airflow's SDK. DAGs that take one of several ways, by the clock, are compared by the",
        "numbers of states.",
        "",
        "| DAG | file | tasks | verdict | here | under Airflow | reason |",
        "|---|---|---|---|---|---|---|",
    ]
    for dag, row in sorted(rows.items(), key=lambda each: (each[1]["file"], each[0])):
        name = row["file"].removeprefix("airflow/").replace("example_dags/", "")
        own = tasks.get(dag, {})
        amounts = f"{own.get('native', 0)} + {own.get('airflow', 0)}" if row["parsed"] else "–"
        cells = [f"`{dag}`", f"`{name}`", amounts, row["verdict"], outcome(row["here"]), outcome(recorded[dag]), row["reason"]]
        lines.append("| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--oracle", action="store_true")
    arguments.add_argument("--write", action="store_true")
    arguments.add_argument("--seconds", type=float, default=150, help="for each DAG")
    arguments.add_argument("dags", nargs="*", metavar="DAG_ID")
    given = arguments.parse_args()
    if given.oracle:
        return record(given.dags, given.seconds)
    recorded = json.loads(RECORD.read_text())
    wanted = given.dags or sorted(recorded["dags"])
    rows = judge(wanted, recorded["dags"], given.seconds)
    for dag, row in rows.items():
        if row["verdict"] != "equal":
            print(f"{dag}: {row['verdict']}: {'; '.join(row.get('differences', [])) or row['reason']}")
    print(counts(rows))
    explained = [dag for dag in EXPLAINED if rows.get(dag, {}).get("verdict") == "equal"]
    print("explained, and equal now:", ", ".join(explained) or "none")
    if given.write:
        TABLE.write_text(table(rows, recorded["dags"], recorded["airflow"]))


if __name__ == "__main__":
    main()
