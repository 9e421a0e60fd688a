"""What steps and their containers wrote, read by the real program from somebody else's S3: moto. boto3 asks
the emulator's own S3 the same."""

import gzip
import subprocess

import boto3
import pytest
from botocore.config import Config

from databases import MotoServer, client
from processes import (
    Estate,
    StandaloneProcess,
    clean_environment,
    eventually,
    signalbox_path,
    write_project,
)

FAULTS = "quotas: off\ntiming: {provisioning: 1m, bootstrap: 1m, step: 20h, shutdown: 1m}\n"
APPLICATION = "application_1767607200000_0001"
SUBMITTED = f"26/01/05 10:00:00 INFO YarnClientImpl: Submitted application {APPLICATION}\n"
DRIVER = """Traceback (most recent call last):
  File "/mnt/tmp/spark-1/train.py", line 12, in main
    fit(frame)
ModuleNotFoundError: No module named 'lightgbm'
"""
CAUSE = (
    "ModuleNotFoundError: No module named 'lightgbm' (train.py line 12, in main); the package is not on the "
    "cluster: ship it with --py-files or --archives, or install it in a bootstrap action\n"
)


@pytest.fixture(scope="module")
def moto(tmp_path_factory):
    with open(tmp_path_factory.mktemp("moto") / "moto.log", "wb") as log:
        server = MotoServer(log)
        client("s3", server.url, "us-east-1").create_bucket(Bucket="logs")
        yield server
        server.stop()


@pytest.fixture(scope="module")
def estate(tmp_path_factory, moto):
    folder = tmp_path_factory.mktemp("estate")
    project = write_project(folder / "project", "deployment: logs\n", jobs=1)
    with (project / "clusters" / "small.yaml").open("a") as template:
        template.write("LogUri: s3://logs/e m r\n")
    estate = Estate(folder, project, FAULTS, speed=600)
    estate.standalone.stop()
    estate.standalone = StandaloneProcess(
        project, estate.state, estate.emulator, estate.clock, AWS_ENDPOINT_URL_S3=moto.url
    )
    estate.trigger("chain")
    yield estate
    estate.stop()


class Step:
    """The running step of the run's only cluster, and where its logs belong."""

    def __init__(self, estate, moto, run="r"):
        def running():
            clusters = estate.standalone.call("/clusters")["clusters"]
            clusters = [cluster for cluster in clusters if cluster["dag_run_id"] == run]
            cluster = estate.standalone.call(f"/clusters/{clusters[0]['cluster_id']}") if clusters else {"steps": []}
            return [(cluster["cluster_id"], step["step_id"]) for step in cluster["steps"] if step["start_date"]]

        self.cluster, self.id = eventually(running, bool)[0]
        self.s3 = client("s3", moto.url, "us-east-1")

    def put(self, key, text):
        self.s3.put_object(Bucket="logs", Key=f"e m r/{self.cluster}/{key}", Body=gzip.compress(text.encode()))


@pytest.fixture(scope="module")
def step(estate, moto):
    return Step(estate, moto)


def test_a_log_that_is_not_there_says_when_it_comes(estate, step):
    told = estate.cli("tasks", "logs", "chain", "r", "job0", "--stream", "syslog")
    assert told.returncode == 1
    assert f"s3://logs/e m r/{step.cluster}/steps/{step.id}/syslog.gz is not there (yet)" in told.stderr


def test_the_log_is_read_in_pages_and_from_its_end(estate, step):
    lines = [f"line {number} ä" for number in range(200_000)]
    step.put(f"steps/{step.id}/stdout.gz", "\n".join(lines) + "\n")
    whole = estate.cli("tasks", "logs", "chain", "r", "job0", "--stream", "stdout").stdout
    assert whole.splitlines() == lines
    end = estate.cli("tasks", "logs", "chain", "r", "job0", "--stream", "stdout", "--tail", "40").stdout
    assert end.splitlines() == lines[-2:]
    path = f"/clusters/{step.cluster}/steps/{step.id}/logs/stdout"
    page = estate.standalone.call(f"{path}?offset=3&limit=5")
    assert (page["content"], page["offset"], page["next_offset"]) == ("e 0 ", 3, 7)
    # A page after the first is of the same reading; the first, and what follows the end, are read anew.
    step.put(f"steps/{step.id}/stdout.gz", "other\n" * 1_000_000)
    assert estate.standalone.call(f"{path}?offset=7&limit=3")["content"] == "ä\n"
    assert estate.standalone.call(f"{path}?offset=5000000&limit=6")["content"] == "her\n"
    assert estate.standalone.call(f"{path}?limit=6")["content"] == "other\n"
    for wrong in (f"{path}?limit=0", f"/clusters/{step.cluster}/steps/..%2f..%2fx/logs/stdout", f"{path}x"):
        with pytest.raises(Exception, match="40[04]|422"):
            estate.standalone.call(wrong)


def test_a_very_long_line_is_several_events(estate, step):
    text = "ä" * 200_000 + "\nshort\n"
    step.put(f"steps/{step.id}/stdout.gz", text)
    path, token, events = "/dags/chain/dagRuns/r/taskInstances/job0.start_cluster/logs/1", "0.1.0", []
    while token and token.startswith("0.1."):
        page = estate.standalone.call(f"{path}?token={token}")
        events += [event["event"] for event in page["content"]]
        token = page["continuation_token"]
    assert "".join(events) == "ä" * 200_000 + "short" and events[-1] == "short"
    assert max(len(event.encode()) for event in events) <= 65536


def test_the_cause_is_found_in_the_drivers_container(estate, step):
    step.put(f"steps/{step.id}/stderr.gz", SUBMITTED)
    nothing = estate.cli("tasks", "cause", "chain", "r", "job0").stdout
    assert nothing == "the logs name no cause\n"
    for number in range(250):  # more than one page of a list
        step.put(f"containers/{APPLICATION}/container_1767607200000_0001_01_{number + 1:06}/stderr.gz", "well\n")
    step.put(f"containers/{APPLICATION}/container_1767607200000_0001_01_000001/stderr.gz", DRIVER)
    assert estate.cli("tasks", "cause", "chain", "r", "job0").stdout == CAUSE
    told = estate.standalone.call(f"/clusters/{step.cluster}/cause")
    assert told["where"] == "train.py line 12, in main"
    names = [source.rsplit(f"{step.cluster}/", 1)[1] for source in told["sources"]]
    driver = f"containers/{APPLICATION}/container_1767607200000_0001_01_000001/stderr.gz"
    assert names == [f"steps/{step.id}/stderr.gz", f"steps/{step.id}/stdout.gz", driver]


def test_who_follows_too_early_waits_and_others_are_told_why(estate, step, moto):
    made = estate.cli("dags", "trigger", "chain", "--run-id", "early")
    assert made.returncode == 0, made.stderr
    follower = subprocess.Popen(
        estate.command(("tasks", "logs", "chain", "early", "job0", "--follow", "--stream", "stdout")),
        env=clean_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )
    try:
        told = estate.cli("tasks", "logs", "chain", "early", "job0")
        assert told.returncode == 1 and "did you mean" not in told.stderr
        assert "job0.start_cluster is " in told.stderr or "has begun" in told.stderr
        unknown = estate.cli("tasks", "logs", "chain", "early", "jobb0", "--follow")
        assert unknown.returncode == 1 and "did you mean 'job0'?" in unknown.stderr
        early = Step(estate, moto, "early")
        early.put(f"steps/{early.id}/stdout.gz", "it has begun\n")
        assert "waiting for it" in follower.stderr.readline()
        assert follower.stdout.readline() == "it has begun\n"
    finally:
        follower.kill()
        follower.communicate()


def test_who_follows_a_paused_dag_is_told(estate):
    assert estate.cli("dags", "pause", "chain").returncode == 0
    try:
        assert estate.cli("dags", "trigger", "chain", "--run-id", "paused").returncode == 0
        follower = subprocess.Popen(
            estate.command(("tasks", "logs", "chain", "paused", "job0", "--follow")),
            env=clean_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        try:
            assert "waiting for it" in follower.stderr.readline()
            told = follower.stderr.readline()
            assert "the DAG 'chain' is paused, and begins nothing until `signalbox dags unpause chain`" in told
            assert follower.poll() is None
        finally:
            follower.kill()
            follower.communicate()
    finally:
        assert estate.cli("dags", "unpause", "chain").returncode == 0


def test_shells_complete_tasks(estate):
    asked = [signalbox_path(), "__complete", "--", "tasks", "logs", "--state-dir", estate.state, "chain", "r", ""]
    named = subprocess.run(asked, env=clean_environment(), capture_output=True, text=True, timeout=30).stdout
    assert "job0.start_cluster" in [line.split("\t")[0] for line in named.splitlines()]


def test_a_step_that_is_not_known_has_no_logs(estate, step):
    with pytest.raises(Exception, match="404|is not there"):
        estate.standalone.call(f"/clusters/{step.cluster}/steps/s-OTHER/logs/stderr")


def test_boto3_lists_what_the_emulator_has(estate):
    s3 = boto3.client(
        "s3",
        endpoint_url=estate.emulator.url,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(
            s3={"addressing_style": "path", "payload_signing_enabled": True},
            request_checksum_calculation="when_required",
        ),
    )
    for key in ("a/1", "a/2 <&>", "a/3", "b/1"):
        s3.put_object(Bucket="x", Key=key, Body=b"body")
    listed = s3.list_objects_v2(Bucket="x", Prefix="a/", MaxKeys=2)
    assert [item["Key"] for item in listed["Contents"]] == ["a/1", "a/2 <&>"] and listed["IsTruncated"]
    rest = s3.list_objects_v2(Bucket="x", Prefix="a/", StartAfter="a/2 <&>")
    assert [item["Key"] for item in rest["Contents"]] == ["a/3"] and not rest["IsTruncated"]
    assert rest["Contents"][0]["Size"] == 4
    assert "Contents" not in s3.list_objects_v2(Bucket="y")
