"""The cause of a failure is found by the server itself, in logs that come to S3 minutes after it: moto's."""

import gzip

import pytest
from databases import MotoServer, client

from processes import EmulatorProcess, StandaloneProcess, clock_setting, eventually, write_project

FAULTS = """quotas: off
timing: {provisioning: 1m, bootstrap: 1m, step: 2m, shutdown: 30s}
faults:
  - {name: "* job0 try *", do: fail_step, step: 1}
"""
TRACEBACK = """Traceback (most recent call last):
  File "/mnt/tmp/spark-1/train.py", line 12, in main
    fit(frame)
ValueError: no rows
"""
CAUSE = "ValueError: no rows (train.py line 12, in main)"
PATH = "/dags/chain/dagRuns/{}/taskInstances/job0.wait_cluster_termination"


class Causes:
    def __init__(self, folder, moto):
        self.folder, self.moto = folder, moto
        self.project = write_project(folder / "project", "deployment: causes\n", jobs=1)
        with (self.project / "clusters" / "small.yaml").open("a") as template:
            template.write("LogUri: s3://causes/emr\n")
        self.clock = clock_setting(60)
        self.emulator = EmulatorProcess(folder, clock=self.clock, faults=FAULTS)
        self.log = open(folder / "standalone.log", "ab")
        self.s3 = client("s3", moto.url, "us-east-1")
        self.start()

    def start(self):
        self.standalone = StandaloneProcess(
            self.project, self.folder / "state", self.emulator, self.clock, self.log, AWS_ENDPOINT_URL_S3=self.moto.url
        )

    def fail(self, run):
        self.standalone.call("/dags/chain/dagRuns", {"dag_run_id": run, "logical_date": None})
        assert self.standalone.wait_for_run("chain", run) == "failed"

    def write_log(self, run, text):
        clusters = self.standalone.call("/clusters")["clusters"]
        cluster = next(each["cluster_id"] for each in clusters if each["dag_run_id"] == run)
        [step] = self.standalone.call(f"/clusters/{cluster}")["steps"]
        self.s3.put_object(Bucket="causes", Key=f"emr/{cluster}/steps/{step['step_id']}/stderr.gz",
                           Body=gzip.compress(text.encode()))

    def cause(self, run):
        return eventually(lambda: self.standalone.call(PATH.format(run) + "/tries/1")["cause"], bool)

    def stop(self):
        self.standalone.stop()
        self.emulator.stop()
        self.log.close()


@pytest.fixture(scope="module")
def causes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("causes")
    with open(folder / "moto.log", "wb") as log:
        moto = MotoServer(log)
        client("s3", moto.url, "us-east-1").create_bucket(Bucket="causes")
        made = Causes(folder, moto)
        yield made
        made.stop()
        moto.stop()


def test_a_cause_that_comes_after_the_run_is_kept_with_the_try(causes):
    causes.fail("r")
    assert causes.standalone.call(PATH.format("r") + "/tries/1")["cause"] is None
    causes.write_log("r", TRACEBACK)
    assert causes.cause("r") == CAUSE
    [attempt] = causes.standalone.call("/dags/chain/dagRuns/r/attempts")["attempts"]
    assert attempt["cause"] == CAUSE
    [line] = [row for row in causes.standalone.call("/history?dag_id=chain&limit=1000")["history"]
              if row["cause"].startswith("why try 1 failed")]
    assert line["cause"].endswith(CAUSE) and line["from"] == line["to"] == "failed"
    assert b'signalbox_causes_total{outcome="found"} 1' in causes.standalone.fetch("/metrics")
    # What is found later does not take its place.
    causes.write_log("r", "KeyError: other\n")
    assert causes.cause("r") == CAUSE


def test_a_restart_goes_on_looking(causes):
    causes.fail("killed")
    causes.standalone.kill()
    causes.start()
    causes.write_log("killed", TRACEBACK)
    assert causes.cause("killed") == CAUSE


def test_a_run_that_is_gone_has_no_cause(causes):
    causes.fail("gone")
    causes.standalone.fetch("/api/v2/dags/chain/dagRuns/gone", method="DELETE")
    causes.fail("after")
    causes.write_log("after", TRACEBACK)
    assert causes.cause("after") == CAUSE
    assert '"level":"error"' not in (causes.folder / "standalone.log").read_text()
