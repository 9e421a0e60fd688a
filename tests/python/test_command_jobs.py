"""Commands with the real program: processes that outlive it, and what becomes of them."""

import json
import os
import pathlib
import signal
import subprocess
import time

import pytest

from processes import Estate, StandaloneProcess, eventually, write_project

SETTINGS = "deployment: commands\npools: {machine: 4}\n"
FAULTS = "quotas: off\n"


class Machine(Estate):
    """A project with one DAG, `jobs`, of these tasks."""

    def __init__(self, folder, tasks, settings=SETTINGS, **environment):
        project = write_project(folder / "project", settings, jobs=1)
        (project / "dags" / "jobs.yaml").write_text(
            "dag_id: jobs\nis_paused_upon_creation: false\n"
            "default_args: {pool: machine, retry_delay: 1s}\ntasks:\n" + tasks
        )
        self.environment = environment
        super().__init__(folder, project, FAULTS, speed=1)
        if environment:
            self.again(self.standalone.stop)

    def again(self, end):
        """The server ends so, and another begins."""
        end()
        self.standalone = StandaloneProcess(
            self.project, self.state, self.emulator, self.clock, **self.environment
        )

    def task(self, job, run="r"):
        return self.standalone.call(f"/dags/jobs/dagRuns/{run}/taskInstances/{job}")

    def wait(self, job, *states, run="r"):
        return eventually(lambda: self.task(job, run), lambda task: task["state"] in states)

    def attempts(self, job, run="r"):
        return self.standalone.call(f"/dags/jobs/dagRuns/{run}/taskInstances/{job}/tries")["task_instances"]

    def log(self, job, number=1, run="r", query=""):
        token, events = "", []
        while True:
            path = f"/dags/jobs/dagRuns/{run}/taskInstances/{job}/logs/{number}?token={token}&{query}"
            page = self.standalone.call(path.rstrip("&"))
            events += page["content"]
            token = page["continuation_token"]
            if not token:
                return events

    def post(self, path, body):
        return self.standalone.call(path, body)

    def line(self, name):
        """What a command has written to a file of the project."""
        path = self.project / name
        return eventually(lambda: path.read_text() if path.exists() else "", bool).strip()


@pytest.fixture
def machine(tmp_path):
    made = []

    def make(tasks, **environment):
        made.append(Machine(tmp_path, tasks, **environment))
        return made[-1]

    yield make
    for each in made:
        each.stop()


def alive(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_values_go_from_one_to_the_next(machine):
    estate = machine("""
  count:
    type: command
    command: [bash, -c, 'echo working on $DAY >&2; cat; echo; echo "{\\"rows\\": 3, \\"parts\\": [5, 6]}"']
    env: {DAY: "{{ ds }}"}
    stdin: "from {{ run_id }}"
    outputs: last_line
  word: {type: command, command: [echo, hello], outputs: last_line}
  file: {type: command, command: [bash, -c, 'echo {\\"a\\":[1]} > $SIGNALBOX_OUTPUTS'], outputs: file}
  use:
    type: command
    command: [echo, "{{ outputs.count.rows }} {{ outputs.word.return_value }} {{ outputs.file.a[0] }}"]
    depends_on: [count, word, file]
    when: outputs.count.rows > 2
  each:
    type: command
    command: [echo, "item {{ item }}"]
    depends_on: [count]
    map_over: "{{ outputs.count.parts }}"
  not_now: {type: command, command: [bash, -c, 'exit 99'], depends_on: [count]}
""")
    estate.standalone.call("/dags/jobs/dagRuns", {"dag_run_id": "r", "logical_date": "2026-01-05T00:00:00Z"})
    assert estate.standalone.wait_for_run("jobs", "r") == "success"
    events = [line["event"] for line in estate.log("use")]
    assert "3 hello 1" in events, events
    printed = [line["event"] for line in estate.log("each", query="map_index=1")]
    assert "item 6" in printed, printed
    events = [(line.get("logger"), line["event"]) for line in estate.log("count")]
    assert ("command stderr", "working on 2026-01-05") in events
    assert ("command stdout", "from r") in events
    assert estate.task("not_now")["state"] == "skipped"
    entry = estate.standalone.call("/dags/jobs/dagRuns/r/taskInstances/count/xcomEntries/rows")
    assert entry["value"] == 3
    assert estate.task("use")["operator"] == "BashOperator"
    shown = estate.cli("tasks", "logs", "jobs", "r", "use")
    assert "3 hello 1" in shown.stdout, shown


def test_failures_are_told_and_tried_again(machine):
    estate = machine("""
  fails: {type: command, command: [bash, -c, 'echo no luck >&2; exit 3'], retries: 1}
  absent: {type: command, command: [no-such-program], retries: 5}
  nowhere: {type: command, command: ["true"], cwd: /no/such/folder, retries: 5}
  slow: {type: command, command: [sleep, "600"], execution_timeout: 1s}
  large: {type: command, command: [bash, -c, 'head -c 60000 /dev/zero | tr "\\\\0" x'], outputs: last_line}
  silent: {type: command, command: ["true"], outputs: last_line}
""")
    estate.trigger("jobs")
    assert estate.standalone.wait_for_run("jobs", "r") == "failed"
    assert estate.task("fails")["try_number"] == 2
    said = {}
    for job in ("fails", "absent", "nowhere", "slow", "large", "silent"):
        said[job] = " ".join(line["event"] for line in estate.log(job, estate.task(job)["try_number"]))
    assert "application, exit code 3: no luck" in said["fails"]
    assert "configuration, it could not begin: 'no-such-program' cannot be started" in said["absent"]
    assert "the folder '/no/such/folder' cannot be entered" in said["nowhere"]
    assert estate.task("absent")["try_number"] == 1, "a mistake is not tried again"
    assert "it took longer than its execution_timeout" in said["slow"]
    assert "take more than 49152 bytes" in said["large"]
    assert "it printed no line" in said["silent"]


def test_a_command_outlives_the_server(machine):
    estate = machine("""
  long: {type: command, command: [bash, -c, 'echo $$ >> pids; while [ ! -e go ]; do sleep 0.01; done; echo done'], outputs: last_line}
""")
    estate.trigger("jobs")
    estate.wait("long", "running")
    pid = int(estate.line("pids"))
    for _ in range(3):
        estate.again(estate.standalone.kill)
        assert estate.wait("long", "running")["try_number"] == 1
    assert alive(pid)
    # It ends while nobody is there.
    estate.standalone.kill()
    (estate.project / "go").write_text("")
    eventually(lambda: alive(pid), lambda lives: not lives)
    estate.again(lambda: None)
    assert estate.standalone.wait_for_run("jobs", "r") == "success"
    assert (estate.project / "pids").read_text().split() == [str(pid)], "it ran once"
    assert estate.standalone.call("/dags/jobs/dagRuns/r/taskInstances/long/xcomEntries/return_value")["value"] == "done"


def test_kills_at_any_moment_neither_lose_nor_double_a_command(machine):
    estate = machine("""
  count: {type: command, command: [bash, -c, 'echo {{ run_id }} >> runs; sleep 0.05']}
""")
    runs = [f"r{i}" for i in range(12)]
    for i, run in enumerate(runs):
        estate.trigger("jobs", run)
        time.sleep(0.004 * i)
        estate.again(estate.standalone.kill)
    for run in runs:
        assert estate.standalone.wait_for_run("jobs", run) == "success"
    assert sorted((estate.project / "runs").read_text().split()) == sorted(runs)


def test_clear_and_abort_end_the_process(machine):
    estate = machine("""
  long: {type: command, command: [bash, -c, 'echo $$ >> pids; sleep 600 & wait']}
""")
    estate.trigger("jobs")
    first = int(estate.line("pids"))
    estate.wait("long", "running")
    estate.post("/dags/jobs/clearTaskInstances", {"dag_run_id": "r", "dry_run": False, "only_failed": False})
    eventually(lambda: alive(first), lambda lives: not lives)
    second = int(eventually(lambda: (estate.project / "pids").read_text().split(), lambda pids: len(pids) == 2)[1])
    estate.standalone.call("/dags/jobs/dagRuns/r", {"state": "failed"}, "PATCH")
    eventually(lambda: alive(second), lambda lives: not lives)
    assert estate.standalone.wait_for_run("jobs", "r") == "failed"


def test_a_dead_supervisor_is_an_infrastructure_failure(machine):
    estate = machine("""
  long: {type: command, command: [bash, -c, 'echo $$ >> pids; sleep 600'], retries: 0, infra_retries: 1}
""")
    estate.trigger("jobs")
    command = int(estate.line("pids"))
    estate.wait("long", "running")
    [record] = (estate.state / "processes").iterdir()
    os.kill(json.loads((record / "began").read_text())["pid"], signal.SIGKILL)
    eventually(lambda: alive(command), lambda lives: not lives)
    eventually(lambda: estate.task("long")["try_number"], lambda number: number == 2)
    said = " ".join(line["event"] for line in estate.log("long"))
    assert "infrastructure, it runs no more, and nobody saw how it ended: its supervisor has died" in said
    estate.standalone.call("/dags/jobs/dagRuns/r", {"state": "failed"}, "PATCH")


def test_secrets_reach_the_process_and_nobody_else(machine):
    estate = machine(
        """
  tell: {type: command, command: [bash, -c, 'echo "got $TOKEN"; echo ${SIGNALBOX_SECRET_KEY:-none}; cat'],
         env: {TOKEN: "{{ conn.meters.password }}"}, stdin: "{{ conn.meters.password }}", outputs: last_line}
""",
        AIRFLOW_CONN_METERS="postgres://ada:ssecrett@db/x",
        SIGNALBOX_SECRET_KEY="k" * 44,
    )
    estate.trigger("jobs")
    assert estate.standalone.wait_for_run("jobs", "r") == "success"
    events = [line["event"] for line in estate.log("tell")]
    assert "got ***" in events and "none" in events and "***" in events, events
    database = b"".join(path.read_bytes() for path in estate.state.glob("*.db*"))
    assert b"ssecrett" not in database


def test_a_pool_bounds_them_and_why_tells(machine):
    estate = machine("".join(
        f"  c{i}: {{type: command, command: [bash, -c, 'while [ ! -e go ]; do sleep 0.01; done']}}\n" for i in range(6)
    ))
    estate.trigger("jobs")
    eventually(
        lambda: [estate.task(f"c{i}")["state"] for i in range(6)].count("running"), lambda count: count == 4
    )
    waits = next(f"c{i}" for i in range(6) if estate.task(f"c{i}")["state"] == "queued")
    assert "pool" in estate.cli("why", "jobs", "r", waits).stdout
    (estate.project / "go").write_text("")
    assert estate.standalone.wait_for_run("jobs", "r") == "success"


def test_the_supervisor_is_small(machine):
    estate = machine("""
  long: {type: command, command: [bash, -c, 'while [ ! -e go ]; do sleep 0.01; done']}
""")
    estate.trigger("jobs")
    estate.wait("long", "running")
    [record] = (estate.state / "processes").iterdir()
    pid = eventually(lambda: json.loads((record / "began").read_text()) if (record / "began").exists() else None, bool)["pid"]
    rollup = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    own = sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith(("Private_Dirty", "Private_Clean")))
    print(f"a supervisor has {own} KiB of its own")
    assert own < 16 * 1024
    assert "supervise" in subprocess.run(["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True).stdout
    (estate.project / "go").write_text("")
    assert estate.standalone.wait_for_run("jobs", "r") == "success"
