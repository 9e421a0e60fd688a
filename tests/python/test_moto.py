"""moto, somebody else's EMR, takes the calls of our real client. What moto knows afterwards, asked with
boto3, must be what we sent.

moto 5.2.5 is no whole EMR, and each fault of it shows here:
- ListInstanceFleets (and more) is missing: HTTP 500 with a page of HTML, which is no AWS error;
- a cluster is WAITING (without steps TERMINATED) at once, its first step RUNNING, and nothing moves by
  itself; a StateChangeReason is always empty;
- TerminateJobFlows ends a cluster at once and leaves its steps RUNNING; an unknown id is a 500;
- instance fleets are taken and forgotten; there are no pages, quotas, or checks of signatures."""

import json
import time

import pytest

import aws_model
from databases import MotoServer, client
from processes import StandaloneProcess, clock_setting, write_project
from recorder import Recorder

SPEED = 60
GROUPS = """
ReleaseLabel: emr-7.8.0
LogUri: s3://logs/emr/
ServiceRole: EMR_DefaultRole
JobFlowRole: EMR_EC2_DefaultRole
Applications: [{Name: Spark}]
Tags: [{Key: team, Value: "ml & co"}]
Configurations: [{Classification: spark-env, Properties: {A: "1"}}]
Instances:
  InstanceGroups:
    - {Name: main, InstanceRole: MASTER, InstanceType: m5.xlarge, InstanceCount: 1}
    - {Name: work, InstanceRole: CORE, InstanceType: r5.4xlarge, InstanceCount: 3, Market: SPOT, BidPrice: "0.25"}
Steps:
  - {Name: first, ActionOnFailure: TERMINATE_CLUSTER,
     HadoopJarStep: {Jar: command-runner.jar, Args: [spark-submit, "s3://b/{{ ds }}.py"]}}
  - {Name: second, ActionOnFailure: CONTINUE, HadoopJarStep: {Jar: x.jar, MainClass: M, Args: ["ü"]}}
"""


class Moto(MotoServer):
    def __init__(self, log):
        super().__init__(log)
        self.emr = client("emr", self.url, "us-east-1")


@pytest.fixture(scope="module")
def moto(tmp_path_factory):
    with open(tmp_path_factory.mktemp("moto") / "moto.log", "wb") as log:
        server = Moto(log)
        yield server
        server.stop()


class Estate:
    """A real standalone that takes moto, behind a recorder, for EMR."""

    def __init__(self, folder, moto, cluster=None):
        moto.forget()
        project = write_project(folder / "project", "deployment: moto\n", jobs=1)
        if cluster:
            (project / "clusters" / "small.yaml").write_text(cluster)
        self.recorder = Recorder(moto.url)
        self.log_path = folder / "log"
        self.log = open(self.log_path, "wb")
        self.standalone = StandaloneProcess(
            project,
            folder / "state",
            self.recorder,
            clock_setting(SPEED, time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())),
            self.log,
        )
        self.standalone.call("/dags/chain/dagRuns", {"dag_run_id": "r", "logical_date": None})

    def wait(self, condition, timeout=60):
        deadline = time.monotonic() + timeout
        while not condition():
            assert time.monotonic() < deadline, self.log_path.read_text()[-3000:]
            assert self.standalone.process.poll() is None, self.log_path.read_text()
            time.sleep(0.02)

    def stop(self):
        self.standalone.stop()
        self.recorder.stop()
        self.log.close()


@pytest.fixture
def start(tmp_path, moto):
    started = []

    def begin(cluster=None):
        started.append(Estate(tmp_path, moto, cluster))
        return started[-1]

    yield begin
    for estate in started:
        estate.stop()
        # Everything that we sent, whatever moto made of it.
        problems = [
            problem
            for exchange in estate.recorder.exchanges
            for problem in aws_model.request_problems(exchange.action, exchange.request)
        ]
        assert problems == []


def test_moto_holds_what_was_sent(start, moto):
    estate = start(GROUPS)
    estate.wait(lambda: estate.recorder.of("RunJobFlow"))
    (launch,) = estate.recorder.of("RunJobFlow")
    assert launch.status == 200
    sent = launch.request
    (summary,) = moto.emr.list_clusters()["Clusters"]
    assert sent["Name"] == summary["Name"] and summary["Name"].startswith("sbx-moto-")
    cluster = moto.emr.describe_cluster(ClusterId=summary["Id"])["Cluster"]
    assert by_key(cluster["Tags"]) == by_key(sent["Tags"])
    tags = {tag["Key"]: tag["Value"] for tag in cluster["Tags"]}
    assert tags["team"] == "ml & co" and tags["signalbox:job"] == "job0"
    assert cluster["AutoTerminate"] is True
    assert (cluster["LogUri"], cluster["ReleaseLabel"]) == ("s3://logs/emr/", "emr-7.8.0")
    assert cluster["ServiceRole"] == "EMR_DefaultRole"
    assert cluster["Ec2InstanceAttributes"]["IamInstanceProfile"] == "EMR_EC2_DefaultRole"
    assert [a["Name"] for a in cluster["Applications"]] == ["Spark"]
    assert cluster["Configurations"] == sent["Configurations"]
    groups = moto.emr.list_instance_groups(ClusterId=summary["Id"])["InstanceGroups"]
    assert {
        (g["Name"], g["InstanceGroupType"], g["InstanceType"], g["RequestedInstanceCount"])
        for g in groups
    } == {("main", "MASTER", "m5.xlarge", 1), ("work", "CORE", "r5.4xlarge", 3)}
    assert {g.get("BidPrice") for g in groups} == {None, "0.25"}
    steps = moto.emr.list_steps(ClusterId=summary["Id"])["Steps"]
    assert sorted((s["Name"], s["ActionOnFailure"], s["Config"]["Args"]) for s in steps) == sorted(
        (s["Name"], s["ActionOnFailure"], s["HadoopJarStep"]["Args"]) for s in sent["Steps"]
    )


def by_key(tags):
    return sorted(tags, key=lambda tag: tag["Key"])


def logged(estate, action):
    """What the log says of failed calls of that action."""
    lines = [json.loads(line) for line in estate.log_path.read_text().splitlines()]
    return [line for line in lines if line.get("action") == action]


def test_a_missing_operation_is_logged_and_tried_again_and_the_end_is_judged(start, moto):
    estate = start()  # on fleets
    estate.wait(lambda: len(estate.recorder.of("ListInstanceFleets")) >= 3)
    for exchange in estate.recorder.of("ListInstanceFleets"):
        assert exchange.status == 500 and exchange.reply.startswith(b"<!doctype html>")
    told = logged(estate, "ListInstanceFleets")
    assert told and told[0]["code"] == "HTTP 500" and "Internal Server Error" in told[0]["message"]
    (cluster,) = moto.emr.list_clusters()["Clusters"]
    # Nobody of ours ended it and its steps are not over: no success, whatever its empty reason says.
    moto.emr.terminate_job_flows(JobFlowIds=[cluster["Id"]])
    assert estate.standalone.wait_for_run("chain", "r") == "failed"
    (row,) = estate.standalone.call("/clusters")["clusters"]
    assert (row["cluster_id"], row["state"]) == (cluster["Id"], "TERMINATED")
    assert len(estate.recorder.of("RunJobFlow")) == 1


def test_a_launch_that_moto_carried_out_and_answered_500_is_adopted(start, moto):
    """moto stumbles over a group's Configurations when the cluster is made already."""
    stumbling = "Configurations: [{Classification: spark, Properties: {A: b}}], Market: SPOT"
    estate = start(GROUPS.replace("Market: SPOT", stumbling))
    estate.wait(lambda: estate.recorder.of("DescribeCluster"))
    (launch,) = estate.recorder.of("RunJobFlow")
    assert launch.status == 500 and logged(estate, "RunJobFlow")[0]["class"] == "may-have-happened"
    (cluster,) = moto.emr.list_clusters()["Clusters"]
    estate.wait(lambda: estate.standalone.call("/clusters")["total_entries"])
    (row,) = estate.standalone.call("/clusters")["clusters"]
    assert (row["cluster_id"], row["try_number"]) == (cluster["Id"], 1)
    assert row["name"] == cluster["Name"] == launch.request["Name"]


def test_protection_is_lifted_before_a_kill(start, moto):
    estate = start(GROUPS.replace("Instances:", "Instances:\n  TerminationProtected: true"))
    estate.wait(lambda: estate.standalone.call("/clusters")["total_entries"])
    (row,) = estate.standalone.call("/clusters")["clusters"]
    estate.standalone.call(f"/clusters/{row['cluster_id']}/terminate", {})
    assert estate.standalone.wait_for_run("chain", "r") == "failed"
    sent = [(e.action, e.status) for e in estate.recorder.exchanges]
    kills = [call for call in sent if call[0] in ("TerminateJobFlows", "SetTerminationProtection")]
    assert kills[:3] == [
        ("TerminateJobFlows", 400),
        ("SetTerminationProtection", 200),
        ("TerminateJobFlows", 200),
    ]
    # moto's cluster is TERMINATED with its step RUNNING: until that is believed, it is asked again.
    assert set(kills[3:]) <= {("TerminateJobFlows", 200)}
    cluster = moto.emr.describe_cluster(ClusterId=row["cluster_id"])["Cluster"]
    assert (cluster["Status"]["State"], cluster["TerminationProtected"]) == ("TERMINATED", False)
    assert len(estate.recorder.of("RunJobFlow")) == 1
