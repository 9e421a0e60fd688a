"""The AWS CLI, as people type it, drives every operation of `signalbox emulator`. A recorder stands
between the two: every raw reply must fit botocore's model of EMR."""

import contextlib
import io
import json
import os
import pathlib
import subprocess
import sys
from unittest import mock

import boto3
import pytest
import requests
from awscli.clidriver import create_clidriver
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

import aws_model
from processes import TEST_KEYS, EmulatorProcess, clean_environment
from recorder import Recorder
from test_emulator_boto3 import request

SPEED = 5000  # a cluster lives for a quarter of a second, less than the CLI needs to start
FAULTS = """
quotas: off
faults:
  - {name: 'hangs*', do: hang_step, step: 1}
  - {name: 'bad*', do: fail_bootstrap}
"""
DRIVEN = {}


def drives(*operations):
    """The test fails unless each of them was called by it, and answered with success."""

    def decorate(test):
        DRIVEN.update({operation: test.__name__ for operation in operations})
        test.operations = operations
        return test

    return decorate


class Cli:
    def __init__(self, emulator, home):
        self.emulator = emulator
        self.recorder = Recorder(emulator.url)
        self.environment = clean_environment(
            **TEST_KEYS,
            AWS_DEFAULT_REGION=TEST_KEYS["AWS_REGION"],
            AWS_ENDPOINT_URL_EMR=self.recorder.url,
            AWS_CONFIG_FILE=str(home / "none"),
            AWS_SHARED_CREDENTIALS_FILE=str(home / "none"),
            AWS_EC2_METADATA_DISABLED="true",
            AWS_MAX_ATTEMPTS="1",
            HOME=str(home),
        )

    def program(self, *arguments):
        """(exit code, stdout, stderr) of the program `aws`."""
        result = subprocess.run(
            [sys.executable, pathlib.Path(sys.executable).parent / "aws", "emr", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return result.returncode, result.stdout, result.stderr

    def inside(self, *arguments):
        """The same in this process: the program's start takes a second."""
        out, err = io.StringIO(), io.StringIO()
        # Set by importing awscli: where its data is.
        environment = self.environment | {"AWS_DATA_PATH": os.environ["AWS_DATA_PATH"]}
        with mock.patch.dict(os.environ, environment, clear=True):
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                code = create_clidriver().main(["emr", *arguments])
        return code, out.getvalue(), err.getvalue()

    def __call__(self, *arguments, run=None):
        """What the command prints; it must have succeeded."""
        code, out, err = (run or self.inside)(*arguments, "--output", "json")
        assert code == 0, err
        return json.loads(out) if out.strip() else None

    def error(self, *arguments, run=None):
        code, out, err = (run or self.inside)(*arguments)
        assert code != 0, out
        return err.strip()


@pytest.fixture(scope="module")
def aws(tmp_path_factory):
    folder = tmp_path_factory.mktemp("aws-cli")
    emulator = EmulatorProcess(folder, speed=SPEED, faults=FAULTS)
    made = Cli(emulator, folder)
    yield made
    made.recorder.stop()
    emulator.stop()


@pytest.fixture(autouse=True)
def replies_fit_the_model(aws, request):
    before = len(aws.recorder.exchanges)
    yield
    exchanges = aws.recorder.exchanges[before:]
    problems = [
        problem
        for exchange in exchanges
        for problem in aws_model.exchange_problems(
            exchange.action, exchange.status, exchange.reply_headers, exchange.reply
        )
    ]
    assert problems == []
    done = {exchange.action for exchange in exchanges if exchange.status == 200}
    assert set(getattr(request.function, "operations", ())) <= done


FLEETS = [
    {
        "InstanceFleetType": "MASTER",
        "TargetOnDemandCapacity": 1,
        "InstanceTypeConfigs": [{"InstanceType": "m5.xlarge"}],
    },
    {
        "InstanceFleetType": "CORE",
        "TargetSpotCapacity": 3,
        "InstanceTypeConfigs": [{"InstanceType": "r5.4xlarge", "WeightedCapacity": 1}],
        "LaunchSpecifications": {
            "SpotSpecification": {
                "TimeoutDurationMinutes": 20,
                "TimeoutAction": "SWITCH_TO_ON_DEMAND",
            }
        },
    },
]
ALIVE = ("--release-label", "emr-7.8.0", "--use-default-roles", "--no-auto-terminate")


def on_fleets(aws, name, *more):
    return aws(
        "create-cluster", "--name", name, *ALIVE, "--instance-fleets", json.dumps(FLEETS), *more
    )["ClusterId"]


def on_groups(aws, name, *more):
    groups = "InstanceGroupType=MASTER,InstanceCount=1,InstanceType=m5.xlarge InstanceGroupType=CORE,InstanceCount=2,InstanceType=m5.xlarge,BidPrice=0.12"
    return aws(
        "create-cluster", "--name", name, *ALIVE, "--instance-groups", *groups.split(), *more
    )["ClusterId"]


@pytest.fixture(scope="module")
def fleets(aws):
    """A cluster on fleets that waits for steps."""
    cluster = on_fleets(
        aws,
        "waits on fleets",
        "--applications",
        "Name=Spark",
        "--tags",
        "team=ml",
        "--bootstrap-actions",
        "Path=s3://b/boot.sh,Name=boot,Args=[a,b]",
    )
    aws.emulator.wait_for(
        lambda line: line.get("cluster_id") == cluster and line.get("state") == "WAITING"
    )
    return cluster


@pytest.fixture(scope="module")
def groups(aws):
    cluster = on_groups(aws, "waits on groups")
    aws.emulator.wait_for(
        lambda line: line.get("cluster_id") == cluster and line.get("state") == "WAITING"
    )
    return cluster


@drives("DescribeCluster", "ListInstanceFleets", "ListBootstrapActions")
def test_describes_a_cluster_with_its_fleets(aws, fleets):
    shown = aws("describe-cluster", "--cluster-id", fleets)["Cluster"]
    assert (shown["Name"], shown["Status"]["State"]) == ("waits on fleets", "WAITING")
    assert shown["Tags"] == [{"Key": "team", "Value": "ml"}]
    assert [f["InstanceFleetType"] for f in shown["InstanceFleets"]] == ["MASTER", "CORE"]
    assert shown["InstanceFleets"][1]["ProvisionedSpotCapacity"] == 3
    assert shown["BootstrapActions"] == [
        {"Name": "boot", "ScriptPath": "s3://b/boot.sh", "Args": ["a", "b"]}
    ]


@drives("DescribeCluster", "ListInstanceGroups", "ListBootstrapActions")
def test_describes_a_cluster_with_its_groups(aws, groups):
    shown = aws("describe-cluster", "--cluster-id", groups)["Cluster"]
    kinds = {g["InstanceGroupType"]: g["RunningInstanceCount"] for g in shown["InstanceGroups"]}
    assert kinds == {"MASTER": 1, "CORE": 2}
    assert {g.get("BidPrice") for g in shown["InstanceGroups"]} == {None, "0.12"}


@drives("RunJobFlow", "DescribeCluster", "ListSteps", "DescribeStep")
def test_runs_steps_and_waits_for_the_end(aws):
    steps = "Type=Spark,Name=one,ActionOnFailure=TERMINATE_CLUSTER,Args=[--class,Main,s3://b/a.jar] Type=CUSTOM_JAR,Name=two,ActionOnFailure=CONTINUE,Jar=command-runner.jar,Args=[spark-submit,s3://b/x.py]"
    cluster = aws(
        "create-cluster",
        "--name",
        "a job",
        "--release-label",
        "emr-7.8.0",
        "--use-default-roles",
        "--instance-type",
        "m5.xlarge",
        "--instance-count",
        "3",
        "--auto-terminate",
        "--auto-termination-policy",
        "IdleTimeout=3600",
        "--log-uri",
        "s3://b/logs/",
        "--steps",
        *steps.split(),
        run=aws.program,
    )["ClusterId"]
    aws("wait", "cluster-terminated", "--cluster-id", cluster, run=aws.program)
    listed = aws("list-steps", "--cluster-id", cluster, "--step-states", "COMPLETED")["Steps"]
    assert sorted(step["Name"] for step in listed) == ["one", "two"]
    one = aws("describe-step", "--cluster-id", cluster, "--step-id", listed[0]["Id"])["Step"]
    assert one["Config"] == listed[0]["Config"] and one["Status"]["State"] == "COMPLETED"


def test_the_wait_fails_for_a_cluster_that_ends_with_errors(aws):
    cluster = on_fleets(aws, "bad cluster")
    aws.emulator.wait_for(
        lambda line: line.get("cluster_id") == cluster
        and line.get("state") == "TERMINATED_WITH_ERRORS"
    )
    assert "Waiter ClusterTerminated failed" in aws.error(
        "wait", "cluster-terminated", "--cluster-id", cluster
    )


@drives("AddJobFlowSteps", "ListSteps", "CancelSteps")
def test_adds_and_cancels_steps(aws):
    cluster = on_fleets(aws, "hangs")
    steps = [
        f"Type=CUSTOM_JAR,Name=step{i},ActionOnFailure=CONTINUE,Jar=command-runner.jar,Args=[sleep,{i}]"
        for i in (1, 2)
    ]
    first, second = aws("add-steps", "--cluster-id", cluster, "--steps", *steps)["StepIds"]
    aws.emulator.wait_for(lambda line: line.get("step_id") == first and line["state"] == "RUNNING")
    told = aws(
        "cancel-steps",
        "--cluster-id",
        cluster,
        "--step-ids",
        first,
        second,
        "--step-cancellation-option",
        "SEND_INTERRUPT",
    )
    assert [line["Status"] for line in told["CancelStepsInfoList"]] == ["SUBMITTED"] * 2
    aws("wait", "cluster-running", "--cluster-id", cluster)
    aws.emulator.wait_for(
        lambda line: line.get("step_id") == first and line["state"] == "CANCELLED"
    )
    states = {
        step["Id"]: step["Status"]["State"]
        for step in aws("list-steps", "--cluster-id", cluster)["Steps"]
    }
    assert states == {first: "CANCELLED", second: "CANCELLED"}


@drives("SetTerminationProtection", "TerminateJobFlows")
def test_protects_and_terminates(aws):
    cluster = on_groups(aws, "protected", "--termination-protected")
    assert "ValidationException" in aws.error("terminate-clusters", "--cluster-ids", cluster)
    assert (
        aws("modify-cluster-attributes", "--cluster-id", cluster, "--no-termination-protected")
        is None
    )
    assert aws("terminate-clusters", "--cluster-ids", cluster) is None
    aws.emulator.wait_for(
        lambda line: line.get("cluster_id") == cluster and line.get("state") == "TERMINATED"
    )
    aws("wait", "cluster-terminated", "--cluster-id", cluster)
    unknown = aws.error("terminate-clusters", "--cluster-ids", "j-NONE")
    assert "(ValidationException) when calling the TerminateJobFlows" in unknown


@drives("ListInstanceFleets", "ListInstances")
def test_lists_fleets_and_instances(aws, fleets, groups):
    found = aws("list-instance-fleets", "--cluster-id", fleets)["InstanceFleets"]
    assert [f["InstanceFleetType"] for f in found] == ["MASTER", "CORE"]
    core = aws(
        "list-instances",
        "--cluster-id",
        fleets,
        "--instance-fleet-type",
        "CORE",
        "--instance-states",
        "RUNNING",
    )
    assert [i["Market"] for i in core["Instances"]] == ["SPOT"] * 3
    masters = aws("list-instances", "--cluster-id", groups, "--instance-group-types", "MASTER")
    assert len(masters["Instances"]) == 1
    refused = aws.error("list-instance-fleets", "--cluster-id", groups)
    assert "(InvalidRequestException) when calling the ListInstanceFleets" in refused


@drives("AddTags", "RemoveTags", "ModifyCluster")
def test_tags_and_modifies(aws, groups):
    assert aws("add-tags", "--resource-id", groups, "--tags", "a=1", "b=zwei") in ({}, None)
    assert aws("remove-tags", "--resource-id", groups, "--tag-keys", "a") in ({}, None)
    assert (
        aws("modify-cluster", "--cluster-id", groups, "--step-concurrency-level", "4")[
            "StepConcurrencyLevel"
        ]
        == 4
    )
    shown = aws("describe-cluster", "--cluster-id", groups)["Cluster"]
    assert shown["Tags"] == [{"Key": "b", "Value": "zwei"}] and shown["StepConcurrencyLevel"] == 4


@drives("PutAutoTerminationPolicy", "GetAutoTerminationPolicy", "RemoveAutoTerminationPolicy")
def test_auto_termination_policies(aws, fleets):
    week = 7 * 24 * 3600  # two minutes of this test's time
    aws(
        "put-auto-termination-policy",
        "--cluster-id",
        fleets,
        "--auto-termination-policy",
        f"IdleTimeout={week}",
    )
    assert aws("get-auto-termination-policy", "--cluster-id", fleets) == {
        "AutoTerminationPolicy": {"IdleTimeout": week}
    }
    aws("remove-auto-termination-policy", "--cluster-id", fleets)


@drives("PutManagedScalingPolicy", "GetManagedScalingPolicy", "RemoveManagedScalingPolicy")
def test_managed_scaling_policies(aws, fleets):
    limits = (
        "ComputeLimits={UnitType=InstanceFleetUnits,MinimumCapacityUnits=2,MaximumCapacityUnits=9}"
    )
    aws("put-managed-scaling-policy", "--cluster-id", fleets, "--managed-scaling-policy", limits)
    shown = aws("get-managed-scaling-policy", "--cluster-id", fleets)["ManagedScalingPolicy"]
    assert shown["ComputeLimits"]["MaximumCapacityUnits"] == 9
    aws("remove-managed-scaling-policy", "--cluster-id", fleets)


@drives("ListReleaseLabels")
def test_lists_release_labels(aws):
    labels = aws("list-release-labels", "--filters", "Prefix=emr-6.", "--max-results", "7")[
        "ReleaseLabels"
    ]
    assert labels[0] == "emr-6.15.0" and len(labels) <= 16


@drives("ListClusters")
def test_pages_through_clusters(aws, fleets):
    """Sixty clusters of one second; the CLI asks page by page by itself."""
    client = boto3.client(
        "emr",
        region_name="us-east-1",
        endpoint_url=aws.emulator.url,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}),
    )
    begun = aws("describe-cluster", "--cluster-id", fleets)["Cluster"]["Status"]["Timeline"][
        "CreationDateTime"
    ]
    made = {client.run_job_flow(**request(f"p{i}"))["JobFlowId"] for i in range(60)}
    before = len(aws.recorder.of("ListClusters"))
    listed = aws("list-clusters", "--created-after", str(begun))["Clusters"]
    assert made <= {cluster["Id"] for cluster in listed}
    assert len(aws.recorder.of("ListClusters")) - before == -(-len(listed) // 50)
    some = aws("list-clusters", "--max-items", "55")
    more = aws("list-clusters", "--starting-token", some["NextToken"])["Clusters"]
    assert len(some["Clusters"]) == 55
    assert not {c["Id"] for c in some["Clusters"]} & {c["Id"] for c in more}


@drives("ListClusters")
def test_lists_clusters_by_state(aws, fleets, groups):
    active = aws("list-clusters", "--active")["Clusters"]
    assert {fleets, groups} <= {cluster["Id"] for cluster in active}
    assert not [c for c in active if c["Status"]["State"].startswith("TERMINATED")]
    for flag, state in (("--terminated", "TERMINATED"), ("--failed", "TERMINATED_WITH_ERRORS")):
        found = aws("list-clusters", flag)["Clusters"]
        assert {c["Status"]["State"] for c in found} <= {state}


def test_errors_reach_the_user(aws):
    unknown = aws.error("describe-cluster", "--cluster-id", "j-NONE", run=aws.program)
    assert (
        "(InvalidRequestException) when calling the DescribeCluster operation: Cluster id 'j-NONE' is not valid."
        in unknown
    )
    assert "UnknownOperationException" in aws.error("list-studios")


def knows(url, operation):
    """Whether an EMR there knows the operation: one that it does not is refused by that name."""
    call = AWSRequest("POST", url + "/", data="{}")
    call.headers["Content-Type"] = "application/x-amz-json-1.1"
    call.headers["X-Amz-Target"] = f"ElasticMapReduce.{operation}"
    SigV4Auth(Credentials("test", "test"), "elasticmapreduce", "us-east-1").add_auth(call)
    reply = requests.post(call.url, data=call.data, headers=dict(call.headers), timeout=20)
    return "UnknownOperationException" not in reply.text


def test_every_operation_of_the_emulator_is_driven(aws):
    operations = aws_model.service_model().operation_names
    assert {name for name in operations if knows(aws.emulator.url, name)} == set(DRIVEN)
