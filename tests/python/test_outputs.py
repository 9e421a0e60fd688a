"""Outputs with the real program: what a step leaves in S3 reaches the jobs after it. moto, somebody else's
S3, answers our client; boto3 and the emulator's own S3 judge each other."""

import time

import boto3
import pytest
from botocore.config import Config

from databases import MotoServer, client
from processes import Estate, StandaloneProcess, eventually, write_project

FAULTS = "quotas: off\ntiming: {provisioning: 1m, bootstrap: 1m, step: 20m, shutdown: 1m}\n"
KEY = "{{ run_id }}/{{ job_id }} {{ try_number }}.json"
SETTINGS = "deployment: outputs\npools: {default_pool: 9}\n"


def write_dag(project, outputs, text='{"day": "monday", "rows": 3}'):
    """`tell` leaves its outputs, by its own step where `text` is given; two jobs depend on them."""
    step = f", \"--write-outputs\", \"{outputs}\", '{text}'" if text else ""
    (project / "clusters" / "tell.yaml").write_text(
        (project / "clusters" / "small.yaml").read_text().replace('"s3://b/work.py"', '"s3://b/work.py"' + step)
    )
    (project / "dags" / "chain.yaml").write_text(f"""
dag_id: chain
is_paused_upon_creation: false
tasks:
  tell: {{type: emr_job, cluster: tell, outputs: "{outputs}"}}
  hear:
    type: emr_job
    cluster: {{template: small, overrides: {{LogUri: "s3://logs/{{{{ outputs.tell.day }}}}"}}}}
    depends_on: [tell]
    when: outputs.tell.rows > 2
  deaf: {{type: empty, depends_on: [tell], when: "outputs['tell'].rows > 3"}}
""")


@pytest.fixture(scope="module")
def moto(tmp_path_factory):
    with open(tmp_path_factory.mktemp("moto") / "moto.log", "wb") as log:
        server = MotoServer(log)
        yield server
        server.stop()


class Outputs(Estate):
    """The emulator's EMR, and S3 at the given endpoint or at the emulator's."""

    def __init__(self, folder, s3=None, **dag):
        project = write_project(folder / "project", SETTINGS, jobs=1)
        write_dag(project, **dag)
        super().__init__(folder, project, FAULTS, speed=600)
        self.standalone.stop()
        self.standalone = StandaloneProcess(
            project, self.state, self.emulator, self.clock, AWS_ENDPOINT_URL_S3=s3 or self.emulator.url
        )
        self.trigger("chain")

    def tasks(self):
        listed = self.standalone.call("/dags/chain/dagRuns/r/taskInstances")["task_instances"]
        return {task["task_id"]: task for task in listed}

    def of(self, task, key=""):
        return self.standalone.call(f"/dags/chain/dagRuns/r/taskInstances/{task}/xcomEntries{key}")

    def check_that_they_arrived(self):
        assert self.standalone.wait_for_run("chain", "r") == "success"
        listed = self.of("tell.wait_cluster_termination")
        assert [entry["key"] for entry in listed["xcom_entries"]] == ["day", "rows"]
        assert "value" not in listed["xcom_entries"][0]
        assert self.of("tell.wait_cluster_termination", "/rows")["value"] == 3
        assert self.of("tell.wait_cluster_termination", "/day?stringify=true")["value"] == '"monday"'
        assert self.of("tell.start_cluster")["total_entries"] == 0
        assert self.tasks()["deaf"]["state"] == "skipped"
        shown = self.cli("tasks", "outputs", "chain", "r", "tell")
        assert shown.stdout.split() == ["KEY", "VALUE", "day", "monday", "rows", "3"], shown
        launched = [line for line in self.emulator.journal() if line.get("action") == "RunJobFlow"]
        assert launched[-1]["request"]["LogUri"] == "s3://logs/monday"


def test_what_a_step_writes_reaches_the_jobs_after_it(tmp_path):
    estate = Outputs(tmp_path, outputs="s3://bucket/" + KEY)
    try:
        estate.check_that_they_arrived()
    finally:
        estate.stop()


def test_moto_answers_our_client(tmp_path, moto):
    s3 = client("s3", moto.url, "us-east-1")
    s3.create_bucket(Bucket="told")
    estate = Outputs(tmp_path, s3=moto.url, outputs="s3://told/" + KEY, text="")
    try:
        eventually(lambda: estate.tasks()["tell.wait_cluster_termination"]["state"], lambda s: s == "deferred")
        time.sleep(1.1)  # HTTP dates are whole seconds: it must be younger than the step
        s3.put_object(Bucket="told", Key="r/tell 1.json", Body=b'{"day": "monday", "rows": 3}')
        estate.check_that_they_arrived()
    finally:
        estate.stop()


@pytest.mark.parametrize(
    "outputs, body, said",
    [
        ("s3://nobody-has-this/x-{{ run_id }}.json", None, "does not exist"),
        ("s3://told/list-{{ run_id }}.json", b"[1]", "no JSON object"),
        ("s3://told/empty-{{ run_id }}.json", b"", "no JSON"),
        ("s3://told/large-{{ run_id }}.json", b"{" + b" " * 60000 + b"}", "more than 49152 bytes"),
        ("s3://told/none-{{ run_id }}.json", None, "left no outputs at s3://told/none-r.json"),
    ],
)
def test_what_is_wrong_is_told(tmp_path, moto, outputs, body, said):
    s3 = client("s3", moto.url, "us-east-1")
    s3.create_bucket(Bucket="told")
    estate = Outputs(tmp_path, s3=moto.url, outputs=outputs, text="")
    try:
        eventually(lambda: estate.tasks()["tell.wait_cluster_termination"]["state"], lambda s: s == "deferred")
        if body is not None:
            time.sleep(1.1)
            s3.put_object(Bucket="told", Key=outputs.split("/")[-1].replace("{{ run_id }}", "r"), Body=body)
        assert estate.standalone.wait_for_run("chain", "r") == "failed"
        attempts = estate.standalone.call("/dags/chain/dagRuns/r/attempts")["attempts"]
        assert said in attempts[-1]["reason"], attempts[-1]["reason"]
    finally:
        estate.stop()


def test_boto3_takes_the_emulators_s3(tmp_path, start_emulator):
    emulator = start_emulator()
    emulator.client().list_clusters()
    s3 = boto3.client(
        "s3",
        endpoint_url=emulator.url,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(
            s3={"addressing_style": "path"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )
    s3.put_object(Bucket="some", Key="a b/ü+1.json", Body=b'{"a": 1}')
    got = s3.get_object(Bucket="some", Key="a b/ü+1.json")
    assert got["Body"].read() == b'{"a": 1}'
    assert s3.head_object(Bucket="some", Key="a b/ü+1.json")["ResponseMetadata"]["HTTPStatusCode"] == 200
    with pytest.raises(s3.exceptions.NoSuchKey):
        s3.get_object(Bucket="some", Key="b")
