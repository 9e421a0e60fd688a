"""Steps as real processes: the emulator with a program that stands for spark-submit, and the example's
jobs on PySpark itself (tools/spark-setup; skipped, and said so, where that or Java is missing)."""

import gzip
import json
import os
import re
import shutil
import signal
import subprocess
import time

import pytest

from processes import (
    ROOT,
    Program,
    StandaloneProcess,
    clean_environment,
    clock_setting,
    signalbox_path,
    write_project,
)

needs_spark = pytest.mark.skipif(
    shutil.which("java") is None or not (ROOT / "build" / "spark-venv" / ".requirements").exists(),
    reason="no Java or no PySpark: tools/setup spark and tools/spark-setup install them",
)

# The first call fails, the second writes down who it is and waits, the others do well.
FAKE = """#!/usr/bin/env python3
import os, pathlib, sys, time
folder = pathlib.Path(__file__).parent
calls = folder / "calls"
with calls.open("a") as file:
    file.write("x")
print("arguments:", *sys.argv[1:])
print("secret:", os.environ.get("AWS_SECRET_ACCESS_KEY"))
number = calls.stat().st_size
if number == 1:
    sys.exit("ValueError: no rows in the table")
(folder / "pid").write_text(f"{os.getpid()}\\n")
while number == 2 and not (folder / "go").exists():
    time.sleep(0.02)
"""


def wait_for(what, timeout=60):
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if found := what():
            return found
        time.sleep(0.05)
    raise TimeoutError("it never came")


def is_alive(pid):
    """One that nobody has waited for yet is dead nonetheless."""
    try:
        return open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


class Small:
    """A project with one job of one step, a server, and an emulator that runs FAKE for it."""

    def __init__(self, folder):
        self.folder, self.s3 = folder, folder / "s3"
        project = write_project(
            folder / "project", "deployment: small\nemr: {region: us-east-1}\n", jobs=1
        )
        (project / "dags" / "chain.yaml").write_text(
            "dag_id: chain\nis_paused_upon_creation: false\n"
            "tasks: {job0: {type: emr_job, cluster: small, retries: 2, retry_delay: 1m}}\n"
        )
        with (project / "clusters" / "small.yaml").open("a") as template:
            template.write("LogUri: s3://logs/emr\n")
        program = folder / "bin" / "spark-submit"
        program.parent.mkdir()
        program.write_text(FAKE)
        program.chmod(0o755)
        self.clock = clock_setting(600)
        self.emulator = Program(
            ["emulator", "--port", "0", "--steps", "run", "--s3-root", str(self.s3)],
            clean_environment(
                SIGNALBOX_CLOCK=self.clock,
                AWS_SECRET_ACCESS_KEY="a-secret",
                PATH=f"{program.parent}:{os.environ['PATH']}",
            ),
        )
        self.state = folder / "state"
        self.server = StandaloneProcess(
            project, self.state, self.emulator, self.clock, AWS_ENDPOINT_URL_S3=self.emulator.url
        )

    def trigger(self):
        body = {"dag_run_id": "r", "logical_date": "2026-01-05T00:00:00Z"}
        self.server.call("/dags/chain/dagRuns", body)

    def log(self, *arguments, command="logs", **environment):
        return subprocess.run(
            [signalbox_path(), "tasks", command, "chain", "r", *arguments]
            + ["--state-dir", str(self.state)],
            env=clean_environment(**environment),
            capture_output=True,
            text=True,
            timeout=30,
        )

    def pid(self):
        path = self.folder / "bin" / "pid"
        return wait_for(lambda: path.exists() and path.read_text().endswith("\n") and int(path.read_text()))


@pytest.fixture
def small(tmp_path):
    world = Small(tmp_path)
    yield world
    world.server.stop()
    if world.emulator.process.poll() is None:
        world.emulator.stop()


def test_steps_are_processes_and_their_logs_are_found(small):
    small.trigger()
    small.pid()  # the second try is at work
    first = small.log("job0", "--try", "1")
    assert (first.returncode, first.stdout) == (0, "ValueError: no rows in the table\n")
    attempts = small.server.call("/dags/chain/dagRuns/r/attempts")["attempts"]
    assert attempts[0]["verdict"] == "application"
    assert "ValueError: no rows in the table (exit code 1)" in attempts[0]["reason"]

    running = small.log("job0")
    assert running.returncode == 1 and "is not there (yet): EMR ships logs" in running.stderr
    (small.folder / "bin" / "go").touch()
    assert small.server.wait_for_run("chain", "r") == "success"
    task = "job0.wait_cluster_termination"
    second = small.log(task, "--stream", "stdout")
    arguments, secret = second.stdout.splitlines()
    assert arguments.endswith(f" {small.s3}/b/work.py") and "--master local[" in arguments
    assert secret == "secret: None"

    cause = small.log("job0", "--try", "1", command="cause")
    assert cause.stdout == "ValueError: no rows in the table; exit code 1\n", cause
    followed = small.log("job0", "--stream", "stdout", "--follow", "--tail", "20")
    assert followed.stdout == "secret: None\n"

    # Airflow's log goes on where the events end.
    log = f"/dags/chain/dagRuns/r/taskInstances/{task}/logs/1"
    page = small.server.call(log)
    assert any("exit code 1" in line["event"] for line in page["content"])
    told = []
    while page["continuation_token"]:
        page = small.server.call(f"{log}?token={page['continuation_token']}")
        told += [(line["logger"].split()[-1], line["event"]) for line in page["content"]]
    assert ("stderr", "ValueError: no rows in the table") in told
    assert "did you mean 'job0'?" in small.log("jab0").stderr
    assert "no step 'other'" in small.log("job0", "--step", "other").stderr


def test_a_step_ends_with_its_cluster_and_with_the_emulator(small):
    small.trigger()
    pid = small.pid()
    assert is_alive(pid)
    small.emulator.stop()
    assert not is_alive(pid)
    assert not any((small.s3 / ".steps").iterdir())


@pytest.mark.skipif(not os.path.exists("/usr/bin/setpriv"), reason="no setpriv of util-linux")
def test_a_step_ends_with_an_emulator_that_is_killed(small):
    small.trigger()
    pid = small.pid()
    small.emulator.kill()
    wait_for(lambda: not is_alive(pid))


def test_emulator_says_what_it_needs_to_run_steps(tmp_path):
    def refused(*arguments):
        result = subprocess.run(
            [signalbox_path(), "emulator", "--steps", "run", *arguments],
            env=clean_environment(PATH="/none"),
            capture_output=True,
            text=True,
            timeout=30,
        )
        return result.returncode, result.stderr

    assert refused() == (2, "signalbox: --steps run needs --s3-root DIR, the folder that s3:// stands for\n")
    code, told = refused("--s3-root", str(tmp_path))
    assert code == 6 and "spark-submit: there is no such program" in told


@pytest.fixture(scope="module")
def spark_demo(tmp_path_factory):
    """The whole example on PySpark, with two customers in each group instead of eight."""
    out = tmp_path_factory.mktemp("spark")
    demo = subprocess.Popen(
        [ROOT / "tools" / "demo-spark", "--out", out, "--customers", "2", "--speed", "240"],
        env=clean_environment(SIGNALBOX_BIN=signalbox_path()),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        text, _ = demo.communicate(timeout=1200)
    except subprocess.TimeoutExpired:
        demo.send_signal(signal.SIGINT)
        text, _ = demo.communicate()
    assert demo.returncode == 0, text
    return out, text


def bucket_of(out):
    return out / "s3" / "example-delphi"


@needs_spark
def test_every_customer_has_a_model_that_is_better_than_a_guess(spark_demo):
    out, text = spark_demo
    bucket = bucket_of(out)
    models = {
        (path.parts[-3], path.parts[-2])
        for path in bucket.glob("models/date=2026-01-04/group=*/customer=*/metadata")
    }
    groups = {f"group={n}": {f"customer=shop-{n}-{m}" for m in (1, 2)} for n in (1, 2, 3, 4)}
    assert models == {(group, name) for group, names in groups.items() for name in names}
    metrics = [
        json.loads(line)
        for path in bucket.glob("metrics/date=2026-01-04/group=*/part-*.json")
        for line in path.read_text().splitlines()
    ]
    assert len(metrics) == 8 and {row["visitors"] > 50 for row in metrics} == {True}
    auc = [row["auc"] for row in metrics]
    # A guess has 0.5; 1 would mean that the answer is among the features.
    assert all(0.5 < value < 0.98 for value in auc) and sum(auc) / 8 > 0.6, auc
    assert f"8 saved, 8 measured: AUC {sum(auc) / 8:.3f} on average, {min(auc):.3f} to {max(auc):.3f}" in text
    published = [
        json.loads(line)
        for path in bucket.glob("published/date=2026-01-04/part-*.json")
        for line in path.read_text().splitlines()
    ]
    assert sorted(row["auc"] for row in published) == sorted(auc)


@needs_spark
def test_faults_struck_real_processes_and_every_run_succeeded(spark_demo):
    out, _ = spark_demo
    summary = json.loads((out / "summary.json").read_text())
    assert summary["ok"] is True and summary["clusters"]["left_over"] == 0
    failed = {i["job"] for i in summary["incidents"] if i["kind"] == "try_failed"}
    assert failed == {"dataset_preparation_3", "training_2"}
    assert not any((out / "s3" / ".steps").iterdir())


@needs_spark
def test_every_step_that_ran_left_its_logs(spark_demo):
    out, _ = spark_demo
    journal = [json.loads(line) for line in (out / "emulator.jsonl").open()]
    steps = {
        (line["cluster_id"], line["step_id"]): (line["step"], line["state"])
        for line in journal
        if line.get("change") == "step"
    }
    ran = {key: step for key, step in steps.items() if step[1] in ("COMPLETED", "FAILED")}
    assert len(ran) >= 24
    for (cluster, step), (name, state) in ran.items():
        folder = bucket_of(out) / "logs" / cluster / "steps" / step
        controller = gzip.decompress((folder / "controller.gz").read_bytes()).decode()
        if state == "COMPLETED":
            assert f"jobs/{name}.py" in controller and "exit code 0" in controller
        else:  # by a fault, which may come before a slot is free, or at the process's end
            assert any(
                end in controller
                for end in ("stopped before a slot", "the step is stopped", "exit code 0")
            ), controller
        assert (folder / "stdout.gz").exists() and (folder / "stderr.gz").exists()
