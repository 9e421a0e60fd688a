"""boto3, which is not ours, drives `signalbox emulator`."""

import time

import pytest
from botocore.exceptions import ClientError, HTTPClientError, WaiterError

import aws_model

QUICK = "quotas: off\n"
FAST = 2000  # a cluster's life of 17 world minutes takes half a second
WAITER = {"Delay": 0.05, "MaxAttempts": 400}


def fleet(kind, on_demand, spot):
    return {
        "Name": kind.lower(),
        "InstanceFleetType": kind,
        "TargetOnDemandCapacity": on_demand,
        "TargetSpotCapacity": spot,
        "InstanceTypeConfigs": [
            {
                "InstanceType": "r5.4xlarge",
                "WeightedCapacity": 1,
                "BidPriceAsPercentageOfOnDemandPrice": 80.0,
                "EbsConfiguration": {
                    "EbsOptimized": True,
                    "EbsBlockDeviceConfigs": [
                        {
                            "VolumeSpecification": {"VolumeType": "gp3", "SizeInGB": 64},
                            "VolumesPerInstance": 2,
                        }
                    ],
                },
                "Configurations": [{"Classification": "spark", "Properties": {"a": "b"}}],
            }
        ],
        "LaunchSpecifications": {
            "SpotSpecification": {
                "TimeoutDurationMinutes": 20,
                "TimeoutAction": "SWITCH_TO_ON_DEMAND",
                "AllocationStrategy": "price-capacity-optimized",
            }
        },
    }


def groups(core_count=2, task_count=2):
    return [
        {"InstanceRole": "MASTER", "InstanceType": "m5.xlarge", "InstanceCount": 1},
        {
            "Name": "workers",
            "InstanceRole": "CORE",
            "Market": "SPOT",
            "BidPrice": "0.12",
            "InstanceType": "r5.4xlarge",
            "InstanceCount": core_count,
            "Configurations": [{"Classification": "spark", "Properties": {"a": "b"}}],
            "EbsConfiguration": fleet("CORE", 0, 1)["InstanceTypeConfigs"][0]["EbsConfiguration"],
            "AutoScalingPolicy": {
                "Constraints": {"MinCapacity": 1, "MaxCapacity": 9},
                "Rules": [
                    {
                        "Name": "more",
                        "Action": {"SimpleScalingPolicyConfiguration": {"ScalingAdjustment": 1}},
                        "Trigger": {
                            "CloudWatchAlarmDefinition": {
                                "ComparisonOperator": "LESS_THAN",
                                "MetricName": "YARNMemoryAvailablePercentage",
                                "Period": 300,
                                "Threshold": 15.0,
                                "Unit": "PERCENT",
                            }
                        },
                    }
                ],
            },
        },
        {"InstanceRole": "TASK", "InstanceType": "m5.large", "InstanceCount": task_count},
    ]


def step(name, action_on_failure="TERMINATE_CLUSTER"):
    return {
        "Name": name,
        "ActionOnFailure": action_on_failure,
        "HadoopJarStep": {
            "Jar": "command-runner.jar",
            "Args": ["spark-submit", "s3://example/label.py"],
            "Properties": [{"Key": "k", "Value": "v"}],
        },
    }


def request(name="c", steps=2, **instances):
    return {
        "Name": name,
        "ReleaseLabel": "emr-7.8.0",
        "LogUri": "s3://example/logs/",
        "Applications": [{"Name": "Spark"}],
        "JobFlowRole": "EMR_EC2_DefaultRole",
        "ServiceRole": "EMR_DefaultRole",
        "Tags": [{"Key": "team", "Value": "ml"}],
        "Configurations": [
            {
                "Classification": "spark-env",
                "Configurations": [{"Classification": "export", "Properties": {"X": "1"}}],
                "Properties": {},
            }
        ],
        "BootstrapActions": [
            {"Name": "b", "ScriptBootstrapAction": {"Path": "s3://example/b.sh", "Args": ["x"]}}
        ],
        "Instances": {
            "InstanceFleets": [fleet("MASTER", 1, 0), fleet("CORE", 0, 4)],
            "Ec2SubnetIds": ["subnet-1", "subnet-2"],
            "KeepJobFlowAliveWhenNoSteps": False,
            **instances,
        },
        "Steps": [step(f"step {i + 1}") for i in range(steps)],
        "AutoTerminationPolicy": {"IdleTimeout": 3600},
        "StepConcurrencyLevel": 1,
    }


def group_request(name="c", steps=2, **instances):
    """As request, on groups where `instances` does not say otherwise."""
    wanted = request(name, steps)
    wanted["Instances"] = instances or {"InstanceGroups": groups()}
    return wanted


def error_of(call):
    with pytest.raises(ClientError) as caught:
        call()
    return caught.value.response


def test_creates_and_describes_a_cluster(start_emulator):
    emr = start_emulator(faults=QUICK).client()
    created = emr.run_job_flow(**request("daily job"))
    cluster_id = created["JobFlowId"]
    assert created["ClusterArn"].endswith(f":cluster/{cluster_id}")
    cluster = emr.describe_cluster(ClusterId=cluster_id)["Cluster"]
    assert cluster["Name"] == "daily job"
    assert cluster["Status"]["State"] == "STARTING"
    assert cluster["AutoTerminate"] is True
    assert cluster["InstanceCollectionType"] == "INSTANCE_FLEET"
    assert cluster["Tags"] == [{"Key": "team", "Value": "ml"}]
    assert cluster["Configurations"][0]["Configurations"][0]["Properties"] == {"X": "1"}
    assert cluster["Ec2InstanceAttributes"]["RequestedEc2SubnetIds"] == ["subnet-1", "subnet-2"]
    assert abs(time.time() - cluster["Status"]["Timeline"]["CreationDateTime"].timestamp()) < 60


def test_shows_fleets_and_steps_through_a_life(start_emulator):
    emr = start_emulator(faults=QUICK, speed=FAST).client()
    cluster_id = emr.run_job_flow(**request())["JobFlowId"]
    emr.get_waiter("cluster_terminated").wait(ClusterId=cluster_id, WaiterConfig=WAITER)

    status = emr.describe_cluster(ClusterId=cluster_id)["Cluster"]["Status"]
    assert status["State"] == "TERMINATED"
    assert status["StateChangeReason"] == {
        "Code": "ALL_STEPS_COMPLETED",
        "Message": "Steps completed",
    }
    fleets = emr.list_instance_fleets(ClusterId=cluster_id)["InstanceFleets"]
    assert {f["InstanceFleetType"]: f["TargetSpotCapacity"] for f in fleets} == {
        "MASTER": 0,
        "CORE": 4,
    }
    assert len(fleets[1]["InstanceTypeSpecifications"][0]["EbsBlockDevices"]) == 2
    steps = emr.list_steps(ClusterId=cluster_id)["Steps"]
    assert [s["Name"] for s in steps] == ["step 2", "step 1"]
    for summary in steps:
        assert summary["Status"]["State"] == "COMPLETED"
        one = emr.describe_step(ClusterId=cluster_id, StepId=summary["Id"])["Step"]
        assert one["Config"]["Properties"] == {"k": "v"}
        assert one["Status"]["Timeline"] == summary["Status"]["Timeline"]


def test_pages_through_more_than_fifty_clusters(start_emulator):
    emr = start_emulator(faults=QUICK).client()
    launched = [emr.run_job_flow(**request(f"c{i}"))["JobFlowId"] for i in range(123)]
    pages = list(emr.get_paginator("list_clusters").paginate())
    assert [len(page["Clusters"]) for page in pages] == [50, 50, 23]
    listed = [summary["Id"] for page in pages for summary in page["Clusters"]]
    assert sorted(listed) == sorted(launched)
    middle = emr.describe_cluster(ClusterId=launched[60])["Cluster"]
    created = middle["Status"]["Timeline"]["CreationDateTime"]
    later = emr.get_paginator("list_clusters").paginate(
        CreatedAfter=created, ClusterStates=["STARTING"]
    )
    assert launched[60] in [s["Id"] for s in later.search("Clusters[]")]
    assert launched[59] not in [s["Id"] for s in later.search("Clusters[]") if s["Name"] == "c60"]


def test_pages_through_more_than_fifty_steps(start_emulator):
    emr = start_emulator(faults=QUICK).client()
    cluster_id = emr.run_job_flow(**request(steps=60))["JobFlowId"]
    pages = list(emr.get_paginator("list_steps").paginate(ClusterId=cluster_id))
    assert [len(page["Steps"]) for page in pages] == [50, 10]


def test_the_waiter_fails_on_a_cluster_that_ends_with_errors(start_emulator):
    faults = QUICK + "faults: [{name: 'bad*', do: fail_step, step: 1}]\n"
    emr = start_emulator(faults=faults, speed=FAST).client()
    cluster_id = emr.run_job_flow(**request("bad one"))["JobFlowId"]
    with pytest.raises(WaiterError):
        emr.get_waiter("cluster_terminated").wait(ClusterId=cluster_id, WaiterConfig=WAITER)
    last, first = emr.list_steps(ClusterId=cluster_id)["Steps"]
    assert (first["Status"]["State"], last["Status"]["State"]) == ("FAILED", "CANCELLED")
    assert first["Status"]["FailureDetails"]["Reason"]


@pytest.mark.parametrize(
    "fault, code",
    [
        ("do: fail_bootstrap", "BOOTSTRAP_FAILURE"),
        ("do: fail_provisioning", "INTERNAL_ERROR"),
        ("do: lose_fleet, on: RUNNING, fleet: CORE", "INSTANCE_FAILURE"),
        ("do: lose_fleet, on: RUNNING, fleet: MASTER", "INSTANCE_FAILURE"),
    ],
)
def test_clusters_that_die_fit_the_model(start_emulator, fault, code):
    faults = QUICK + f"faults: [{{name: '*', {fault}}}]\n"
    emr = start_emulator(faults=faults, speed=FAST).client()
    cluster_id = emr.run_job_flow(**request())["JobFlowId"]
    with pytest.raises(WaiterError):
        emr.get_waiter("cluster_terminated").wait(ClusterId=cluster_id, WaiterConfig=WAITER)
    summary = emr.list_clusters(ClusterStates=["TERMINATED_WITH_ERRORS"])["Clusters"][0]
    assert summary["Status"]["StateChangeReason"]["Code"] == code
    emr.list_instance_fleets(ClusterId=cluster_id)


def test_a_cluster_without_core_sits_in_waiting(start_emulator):
    faults = QUICK + "faults: [{do: lose_fleet, on: RUNNING, after: 30s, cluster: WAITING}]\n"
    emr = start_emulator(faults=faults, speed=FAST).client()
    cluster_id = emr.run_job_flow(**request())["JobFlowId"]
    deadline = time.monotonic() + 20
    while emr.describe_cluster(ClusterId=cluster_id)["Cluster"]["Status"]["State"] != "WAITING":
        assert time.monotonic() < deadline
    core = emr.list_instance_fleets(ClusterId=cluster_id)["InstanceFleets"][1]
    assert core["ProvisionedSpotCapacity"] == 0 and core["TargetSpotCapacity"] == 4


def test_shows_groups_through_a_life(start_emulator):
    emr = start_emulator(faults=QUICK, speed=FAST).client()
    cluster_id = emr.run_job_flow(**group_request())["JobFlowId"]
    cluster = emr.describe_cluster(ClusterId=cluster_id)["Cluster"]
    assert cluster["InstanceCollectionType"] == "INSTANCE_GROUP"
    emr.get_waiter("cluster_terminated").wait(ClusterId=cluster_id, WaiterConfig=WAITER)
    master, core, task = emr.list_instance_groups(ClusterId=cluster_id)["InstanceGroups"]
    assert (master["InstanceGroupType"], master["Market"]) == ("MASTER", "ON_DEMAND")
    assert (core["Name"], core["Market"], core["BidPrice"]) == ("workers", "SPOT", "0.12")
    assert core["Status"]["State"] == "TERMINATED" and core["RunningInstanceCount"] == 0
    assert len(core["EbsBlockDevices"]) == 2
    assert core["AutoScalingPolicy"]["Rules"][0]["Name"] == "more"
    assert task["RequestedInstanceCount"] == 2


def test_a_count_and_types_become_groups(start_emulator):
    emr = start_emulator(faults=QUICK).client()
    plain = group_request(
        MasterInstanceType="m5.xlarge", SlaveInstanceType="r5.4xlarge", InstanceCount=5
    )
    cluster_id = emr.run_job_flow(**plain)["JobFlowId"]
    pages = emr.get_paginator("list_instance_groups").paginate(ClusterId=cluster_id)
    assert [
        (g["InstanceGroupType"], g["InstanceType"], g["RequestedInstanceCount"])
        for g in pages.search("InstanceGroups[]")
    ] == [("MASTER", "m5.xlarge", 1), ("CORE", "r5.4xlarge", 4)]


def test_groups_and_fleets_are_listed_apart(start_emulator):
    emr = start_emulator(faults=QUICK).client()
    on_fleets = emr.run_job_flow(**request())["JobFlowId"]
    on_groups = emr.run_job_flow(**group_request())["JobFlowId"]
    for refused in (
        error_of(lambda: emr.list_instance_groups(ClusterId=on_fleets)),
        error_of(lambda: emr.list_instance_fleets(ClusterId=on_groups)),
        error_of(lambda: emr.list_instance_groups(ClusterId="j-NONE")),
        error_of(lambda: emr.list_instance_groups(ClusterId=on_groups, Marker="made up")),
    ):
        assert refused["Error"]["Code"] == "InvalidRequestException"


def test_lists_instances(start_emulator):
    emr = start_emulator(faults=QUICK, speed=FAST).client()
    big = request(steps=0, KeepJobFlowAliveWhenNoSteps=True)
    big["Instances"]["InstanceFleets"] = [fleet("MASTER", 1, 0), fleet("CORE", 70, 40)]
    on_fleets = emr.run_job_flow(**big)["JobFlowId"]
    on_groups = emr.run_job_flow(**group_request())["JobFlowId"]
    emr.get_waiter("cluster_running").wait(ClusterId=on_fleets, WaiterConfig=WAITER)
    pages = list(emr.get_paginator("list_instances").paginate(ClusterId=on_fleets))
    assert [len(page["Instances"]) for page in pages] == [50, 50, 11]
    instances = [instance for page in pages for instance in page["Instances"]]
    assert len({instance["Ec2InstanceId"] for instance in instances}) == 111
    assert len([i for i in instances if i["Market"] == "SPOT"]) == 40
    masters = emr.list_instances(
        ClusterId=on_fleets, InstanceFleetType="MASTER", InstanceStates=["RUNNING"]
    )["Instances"]
    assert [m["Id"] for m in masters] == [instances[0]["Id"]]

    emr.get_waiter("cluster_terminated").wait(ClusterId=on_groups, WaiterConfig=WAITER)
    core = emr.list_instance_groups(ClusterId=on_groups)["InstanceGroups"][1]
    gone = emr.list_instances(ClusterId=on_groups, InstanceGroupId=core["Id"])["Instances"]
    assert [i["Status"]["State"] for i in gone] == ["TERMINATED"] * 2
    assert gone[0]["InstanceGroupId"] == core["Id"]

    for wrong in (
        {"ClusterId": "j-NONE"},
        {"ClusterId": on_fleets, "InstanceFleetId": "if-NONE"},
        {"ClusterId": on_fleets, "InstanceGroupTypes": ["CORE"]},
        {"ClusterId": on_groups, "InstanceFleetType": "CORE"},
        {"ClusterId": on_groups, "Marker": "made up"},
    ):
        refused = error_of(lambda: emr.list_instances(**wrong))
        assert refused["Error"]["Code"] == "InvalidRequestException"


@pytest.mark.parametrize("role", ["MASTER", "CORE"])
def test_a_lost_group_ends_its_cluster(start_emulator, role):
    faults = QUICK + f"faults: [{{do: lose_fleet, on: RUNNING, fleet: {role}}}]\n"
    emr = start_emulator(faults=faults, speed=FAST).client()
    cluster_id = emr.run_job_flow(**group_request())["JobFlowId"]
    with pytest.raises(WaiterError):
        emr.get_waiter("cluster_terminated").wait(ClusterId=cluster_id, WaiterConfig=WAITER)
    status = emr.describe_cluster(ClusterId=cluster_id)["Cluster"]["Status"]
    assert status["StateChangeReason"]["Code"] == "INSTANCE_FAILURE"
    emr.list_instance_groups(ClusterId=cluster_id)


def test_adds_steps_to_a_cluster_that_waits(start_emulator):
    emr = start_emulator(faults=QUICK, speed=FAST).client()
    alive = request(steps=0, KeepJobFlowAliveWhenNoSteps=True)
    cluster_id = emr.run_job_flow(**alive)["JobFlowId"]
    added = emr.add_job_flow_steps(
        JobFlowId=cluster_id, Steps=[step("one", "CONTINUE"), step("two", "CONTINUE")]
    )["StepIds"]
    for step_id in added:
        emr.get_waiter("step_complete").wait(
            ClusterId=cluster_id, StepId=step_id, WaiterConfig=WAITER
        )
    assert [s["Id"] for s in emr.list_steps(ClusterId=cluster_id)["Steps"]] == added[::-1]


def test_refuses_steps(start_emulator):
    emr = start_emulator(faults=QUICK).client()
    wide = request(steps=1) | {"StepConcurrencyLevel": 5}
    on_wide = emr.run_job_flow(**wide)["JobFlowId"]
    cluster_id = emr.run_job_flow(**request(steps=1))["JobFlowId"]
    ended = emr.run_job_flow(**request())["JobFlowId"]
    emr.terminate_job_flows(JobFlowIds=[ended])
    for target, steps in (
        (on_wide, [step("one", "CANCEL_AND_WAIT")]),
        (cluster_id, [step("many", "CONTINUE")] * 256),
        (ended, [step("late", "CONTINUE")]),
        ("j-NONE", [step("lost", "CONTINUE")]),
    ):
        refused = error_of(lambda: emr.add_job_flow_steps(JobFlowId=target, Steps=steps))
        assert refused["Error"]["Code"] == "ValidationException"
    emr.add_job_flow_steps(JobFlowId=cluster_id, Steps=[step("many", "CONTINUE")] * 255)


def test_cancels_steps(start_emulator):
    faults = QUICK + "faults: [{do: hang_step, step: 1}]\n"
    emr = start_emulator(faults=faults, speed=FAST).client()
    cluster_id = emr.run_job_flow(**request(steps=3))["JobFlowId"]
    emr.get_waiter("cluster_running").wait(ClusterId=cluster_id, WaiterConfig=WAITER)
    third, second, first = [s["Id"] for s in emr.list_steps(ClusterId=cluster_id)["Steps"]]

    def cancel(*step_ids):
        lines = emr.cancel_steps(
            ClusterId=cluster_id,
            StepIds=list(step_ids),
            StepCancellationOption="TERMINATE_PROCESS",
        )["CancelStepsInfoList"]
        assert [line["StepId"] for line in lines] == list(step_ids)
        return lines

    assert [line["Status"] for line in cancel(first, second)] == ["SUBMITTED", "SUBMITTED"]
    emr.get_waiter("step_complete").wait(ClusterId=cluster_id, StepId=third, WaiterConfig=WAITER)
    states = [s["Status"]["State"] for s in emr.list_steps(ClusterId=cluster_id)["Steps"]]
    assert states == ["COMPLETED", "CANCELLED", "CANCELLED"]
    late = cancel(first)[0]
    assert late["Status"] == "FAILED" and "CANCELLED" in late["Reason"]
    unknown = error_of(lambda: cancel("s-NONE"))
    assert unknown["Error"]["Code"] == "InvalidRequestException"


def test_tags_a_cluster(start_emulator):
    emr = start_emulator(faults=QUICK).client()
    cluster_id = emr.run_job_flow(**request())["JobFlowId"]
    emr.add_tags(
        ResourceId=cluster_id, Tags=[{"Key": "team", "Value": "a"}, {"Key": "x", "Value": "y"}]
    )
    emr.remove_tags(ResourceId=cluster_id, TagKeys=["x"])
    cluster = emr.describe_cluster(ClusterId=cluster_id)["Cluster"]
    assert cluster["Tags"] == [{"Key": "team", "Value": "a"}]
    emr.terminate_job_flows(JobFlowIds=[cluster_id])
    for resource in (cluster_id, "j-NONE"):
        for refused in (
            error_of(lambda: emr.add_tags(ResourceId=resource, Tags=[{"Key": "k"}])),
            error_of(lambda: emr.remove_tags(ResourceId=resource, TagKeys=["k"])),
        ):
            assert refused["Error"]["Code"] == "InvalidRequestException"


def test_modifies_a_cluster(start_emulator):
    emr = start_emulator(faults=QUICK).client()
    cluster_id = emr.run_job_flow(**request())["JobFlowId"]
    answer = emr.modify_cluster(ClusterId=cluster_id, StepConcurrencyLevel=7, ExtendedSupport=True)
    assert (answer["StepConcurrencyLevel"], answer["ExtendedSupport"]) == (7, True)
    cluster = emr.describe_cluster(ClusterId=cluster_id)["Cluster"]
    assert (cluster["StepConcurrencyLevel"], cluster["ExtendedSupport"]) == (7, True)
    for target, level in ((cluster_id, 0), (cluster_id, 257), ("j-NONE", 2)):
        refused = error_of(
            lambda: emr.modify_cluster(ClusterId=target, StepConcurrencyLevel=level)
        )
        assert refused["Error"]["Code"] == "InvalidRequestException"


def test_auto_termination_policies(start_emulator):
    emr = start_emulator(faults=QUICK, speed=FAST).client()
    alive = request(steps=0, KeepJobFlowAliveWhenNoSteps=True)
    cluster_id = emr.run_job_flow(**alive)["JobFlowId"]
    shown = emr.get_auto_termination_policy(ClusterId=cluster_id)
    assert shown["AutoTerminationPolicy"] == {"IdleTimeout": 3600}
    emr.remove_auto_termination_policy(ClusterId=cluster_id)
    gone = emr.get_auto_termination_policy(ClusterId=cluster_id)
    assert gone["AutoTerminationPolicy"] == {}

    def put(target, idle_timeout):
        policy = {"IdleTimeout": idle_timeout}
        emr.put_auto_termination_policy(ClusterId=target, AutoTerminationPolicy=policy)

    assert error_of(lambda: put(cluster_id, 59))["Error"]["Code"] == "ValidationException"
    assert error_of(lambda: put("j-NONE", 60))["Error"]["Code"] == "InvalidRequestException"
    put(cluster_id, 60)
    emr.get_waiter("cluster_terminated").wait(ClusterId=cluster_id, WaiterConfig=WAITER)
    assert error_of(lambda: put(cluster_id, 60))["Error"]["Code"] == "ValidationException"


def test_managed_scaling_policies(start_emulator):
    emr = start_emulator(faults=QUICK).client()
    cluster_id = emr.run_job_flow(**request())["JobFlowId"]

    def put(target, **limits):
        emr.put_managed_scaling_policy(
            ClusterId=target,
            ManagedScalingPolicy={"ComputeLimits": {"UnitType": "InstanceFleetUnits"} | limits},
        )

    shown = emr.get_managed_scaling_policy(ClusterId=cluster_id)
    assert shown["ManagedScalingPolicy"] == {}
    put(cluster_id, MinimumCapacityUnits=2, MaximumCapacityUnits=9, MaximumCoreCapacityUnits=3)
    shown = emr.get_managed_scaling_policy(ClusterId=cluster_id)["ManagedScalingPolicy"]
    assert shown["ComputeLimits"]["MaximumCoreCapacityUnits"] == 3
    least = {"MinimumCapacityUnits": 3, "MaximumCapacityUnits": 2}
    assert error_of(lambda: put(cluster_id, **least))["Error"]["Code"] == "ValidationException"
    wrong = least | {"UnitType": "Instances", "MaximumCapacityUnits": 9}
    assert error_of(lambda: put(cluster_id, **wrong))["Error"]["Code"] == "ValidationException"
    assert error_of(lambda: put("j-NONE", **least))["Error"]["Code"] == "InvalidRequestException"
    emr.remove_managed_scaling_policy(ClusterId=cluster_id)
    shown = emr.get_managed_scaling_policy(ClusterId=cluster_id)
    assert shown["ManagedScalingPolicy"] == {}


def test_lists_release_labels(start_emulator):
    emr = start_emulator(faults=QUICK).client()
    labels, token = [], {}
    while True:
        page = emr.list_release_labels(Filters={"Prefix": "emr-6."}, MaxResults=7, **token)
        assert 0 < len(page["ReleaseLabels"]) <= 7
        labels += page["ReleaseLabels"]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert len(labels) == len(set(labels)) == 16
    assert labels[0] == "emr-6.15.0" and all(label.startswith("emr-6.") for label in labels)
    refused = error_of(lambda: emr.list_release_labels(NextToken="made up"))
    assert refused["Error"]["Code"] == "InvalidRequestException"


def test_lists_bootstrap_actions(start_emulator):
    emr = start_emulator(faults=QUICK).client()
    cluster_id = emr.run_job_flow(**request())["JobFlowId"]
    pages = emr.get_paginator("list_bootstrap_actions").paginate(ClusterId=cluster_id)
    assert list(pages.search("BootstrapActions[]")) == [
        {"Name": "b", "ScriptPath": "s3://example/b.sh", "Args": ["x"]}
    ]
    refused = error_of(lambda: emr.list_bootstrap_actions(ClusterId="j-NONE"))
    assert refused["Error"]["Code"] == "InvalidRequestException"


def test_terminates_and_protects(start_emulator):
    emr = start_emulator(faults=QUICK, speed=FAST).client()
    cluster_id = emr.run_job_flow(**request(TerminationProtected=True))["JobFlowId"]
    refused = error_of(lambda: emr.terminate_job_flows(JobFlowIds=[cluster_id]))
    assert refused["Error"]["Code"] == "ValidationException"
    emr.set_termination_protection(JobFlowIds=[cluster_id], TerminationProtected=False)
    emr.terminate_job_flows(JobFlowIds=[cluster_id])
    emr.get_waiter("cluster_terminated").wait(ClusterId=cluster_id, WaiterConfig=WAITER)
    emr.terminate_job_flows(JobFlowIds=[cluster_id])  # once more is fine


def test_error_codes(start_emulator):
    emr = start_emulator(faults=QUICK).client()
    unknown = error_of(lambda: emr.describe_cluster(ClusterId="j-NONE"))
    assert unknown["Error"]["Code"] == "InvalidRequestException"
    assert unknown["Error"]["Message"] == "Cluster id 'j-NONE' is not valid."
    assert unknown["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert unknown["ResponseMetadata"]["RequestId"]
    both = request()
    both["Instances"]["InstanceGroups"] = [
        {"InstanceRole": "MASTER", "InstanceType": "m5.xlarge", "InstanceCount": 1}
    ]
    assert error_of(lambda: emr.run_job_flow(**both))["Error"]["Code"] == "ValidationException"
    marker = error_of(lambda: emr.list_clusters(Marker="made up"))
    assert marker["Error"]["Code"] == "InvalidRequestException"
    other = error_of(emr.list_studios)
    assert other["Error"]["Code"] == "UnknownOperationException"


def test_refuses_wrong_signatures(start_emulator):
    emulator = start_emulator(faults=QUICK)
    wrong = error_of(emulator.client(secret="wrong").list_clusters)
    assert wrong["Error"]["Code"] == "InvalidSignatureException"
    stranger = error_of(emulator.client(key="AKIDSTRANGER").list_clusters)
    assert stranger["Error"]["Code"] == "UnrecognizedClientException"
    assert emulator.client().list_clusters()["Clusters"] == []


def test_quotas_throttle_with_emrs_code(start_emulator):
    emr = start_emulator().client()
    outcomes = []
    for _ in range(12):
        try:
            emr.run_job_flow(**request())
            outcomes.append("ok")
        except ClientError as error:
            assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 400
            outcomes.append(error.response["Error"]["Code"])
    assert outcomes[:10] == ["ok"] * 10
    assert "ThrottlingException" in outcomes[10:]


def test_internal_errors_are_those_of_the_operation(start_emulator):
    """Older operations have InternalServerError, newer ones InternalServerException."""
    actions = ("RunJobFlow", "ListClusters", "DescribeCluster", "ModifyCluster", "AddTags")
    lines = [f"  - {{action: {action}, nth: 1, do: http_500}}\n" for action in actions]
    emr = start_emulator(faults=QUICK + "faults:\n" + "".join(lines)).client()
    codes = [
        error_of(call)["Error"]["Code"]
        for call in (
            lambda: emr.run_job_flow(**request()),
            emr.list_clusters,
            lambda: emr.describe_cluster(ClusterId="j-NONE"),
            lambda: emr.modify_cluster(ClusterId="j-NONE"),
            lambda: emr.add_tags(ResourceId="j-NONE", Tags=[]),
        )
    ]
    old, new = "InternalServerError", "InternalServerException"
    assert codes == [old, new, new, old, new]


def test_an_ignored_call_is_answered_like_one_that_was_done(start_emulator):
    faults = [f"  - {{action: {a}, do: ignore}}\n" for a in ("TerminateJobFlows", "RemoveTags")]
    emr = start_emulator(faults=QUICK + "faults:\n" + "".join(faults)).client()
    cluster_id = emr.run_job_flow(**request())["JobFlowId"]
    emr.terminate_job_flows(JobFlowIds=[cluster_id])
    emr.remove_tags(ResourceId=cluster_id, TagKeys=["team"])
    cluster = emr.describe_cluster(ClusterId=cluster_id)["Cluster"]
    assert cluster["Status"]["State"] == "STARTING" and cluster["Tags"]


def test_a_dropped_reply_leaves_a_cluster(start_emulator):
    faults = QUICK + "faults: [{action: RunJobFlow, nth: 1, do: drop_reply}]\n"
    emulator = start_emulator(faults=faults)
    emr = emulator.client()
    with pytest.raises(HTTPClientError):
        emr.run_job_flow(**request("lost"))
    assert [c["Name"] for c in emr.list_clusters()["Clusters"]] == ["lost"]
    line = next(line for line in emulator.journal() if line.get("action") == "RunJobFlow")
    assert line["delivery"] == "dropped" and line["cluster_id"]


def test_the_journal_holds_calls_with_their_requests(start_emulator):
    emulator = start_emulator(faults=QUICK)
    emr = emulator.client()
    sent = request("journal")
    cluster_id = emr.run_job_flow(**sent)["JobFlowId"]
    emr.describe_cluster(ClusterId=cluster_id)
    calls = [line for line in emulator.journal() if "action" in line]
    assert [line["action"] for line in calls] == ["RunJobFlow", "DescribeCluster"]
    assert calls[0]["request"] == sent and calls[0]["steps"] == 2
    for line in calls:
        assert line["http"] == 200 and line["code"] == ""
        assert line["cluster_id"] == cluster_id and line["name"] == "journal"
        assert aws_model.request_problems(line["action"], line["request"]) == []
