"""What a request sets comes back, wherever EMR's model has a member for it.

The requests are drawn from botocore's shapes: every member has a value that occurs once, or, where
that is impossible, another one in each round. So a member that is new in botocore fails here until
the emulator returns it or a table below says why it does not.
"""

import itertools

import pytest

import aws_model
from test_aws_cli import knows

ROUNDS = 3  # enumerations and booleans take another value in each

# Where the model returns a member: a path in the request -> paths in the replies. The longest
# prefix counts. Paths leave out the positions in lists.
RETURNED = {
    "RunJobFlow": ["DescribeCluster.Cluster"],
    "RunJobFlow.AmiVersion": ["DescribeCluster.Cluster.RequestedAmiVersion"],
    "RunJobFlow.JobFlowRole": ["DescribeCluster.Cluster.Ec2InstanceAttributes.IamInstanceProfile"],
    "RunJobFlow.PlacementGroupConfigs": ["DescribeCluster.Cluster.PlacementGroups"],
    "RunJobFlow.AutoTerminationPolicy": ["GetAutoTerminationPolicy.AutoTerminationPolicy"],
    "RunJobFlow.ManagedScalingPolicy": ["GetManagedScalingPolicy.ManagedScalingPolicy"],
    "RunJobFlow.StepExecutionRoleArn": ["DescribeStep.Step.ExecutionRoleArn"],
    "RunJobFlow.BootstrapActions": ["ListBootstrapActions.BootstrapActions"],
    "RunJobFlow.BootstrapActions.ScriptBootstrapAction.Path": [
        "ListBootstrapActions.BootstrapActions.ScriptPath"
    ],
    "RunJobFlow.BootstrapActions.ScriptBootstrapAction.Args": [
        "ListBootstrapActions.BootstrapActions.Args"
    ],
    "RunJobFlow.Instances": ["DescribeCluster.Cluster.Ec2InstanceAttributes"],
    "RunJobFlow.Instances.Ec2SubnetIds": [
        "DescribeCluster.Cluster.Ec2InstanceAttributes.RequestedEc2SubnetIds"
    ],
    "RunJobFlow.Instances.Placement.AvailabilityZone": [
        "DescribeCluster.Cluster.Ec2InstanceAttributes.Ec2AvailabilityZone"
    ],
    "RunJobFlow.Instances.Placement.AvailabilityZones": [
        "DescribeCluster.Cluster.Ec2InstanceAttributes.RequestedEc2AvailabilityZones"
    ],
    "RunJobFlow.Instances.TerminationProtected": ["DescribeCluster.Cluster.TerminationProtected"],
    "RunJobFlow.Instances.UnhealthyNodeReplacement": [
        "DescribeCluster.Cluster.UnhealthyNodeReplacement"
    ],
    "RunJobFlow.Instances.MasterInstanceType": ["ListInstanceGroups.InstanceGroups.InstanceType"],
    "RunJobFlow.Instances.SlaveInstanceType": ["ListInstanceGroups.InstanceGroups.InstanceType"],
    "RunJobFlow.Instances.InstanceFleets": ["ListInstanceFleets.InstanceFleets"],
    "RunJobFlow.Instances.InstanceFleets.InstanceTypeConfigs": [
        "ListInstanceFleets.InstanceFleets.InstanceTypeSpecifications"
    ],
    "RunJobFlow.Instances.InstanceGroups": ["ListInstanceGroups.InstanceGroups"],
    "RunJobFlow.Instances.InstanceGroups.InstanceRole": [
        "ListInstanceGroups.InstanceGroups.InstanceGroupType"
    ],
    "RunJobFlow.Instances.InstanceGroups.InstanceCount": [
        "ListInstanceGroups.InstanceGroups.RequestedInstanceCount"
    ],
    "RunJobFlow.Steps": ["ListSteps.Steps", "DescribeStep.Step"],
    "AddJobFlowSteps.Steps": ["ListSteps.Steps", "DescribeStep.Step"],
    "AddJobFlowSteps.ExecutionRoleArn": ["DescribeStep.Step.ExecutionRoleArn"],
    "AddTags.Tags": ["DescribeCluster.Cluster.Tags"],
    "ModifyCluster": ["ModifyCluster", "DescribeCluster.Cluster"],
    "PutAutoTerminationPolicy": ["GetAutoTerminationPolicy"],
    "PutManagedScalingPolicy": ["GetManagedScalingPolicy"],
    "SetTerminationProtection": ["DescribeCluster.Cluster"],
}
for steps in ("RunJobFlow.Steps", "AddJobFlowSteps.Steps"):
    for member, name in {
        "HadoopJarStep": "Config",
        "StepMonitoringConfiguration.S3MonitoringConfiguration.LogUri": "LogUri",
        "StepMonitoringConfiguration.S3MonitoringConfiguration.EncryptionKeyArn": "EncryptionKeyArn",
    }.items():
        RETURNED[f"{steps}.{member}"] = [f"{place}.{name}" for place in RETURNED[steps]]
for spec in ("InstanceFleets.InstanceTypeConfigs", "InstanceGroups"):
    place = RETURNED[f"RunJobFlow.Instances.{spec}"][0]
    ebs = f"RunJobFlow.Instances.{spec}.EbsConfiguration"
    RETURNED[ebs] = [place]
    RETURNED[f"{ebs}.EbsBlockDeviceConfigs"] = [f"{place}.EbsBlockDevices"]

# Members that no Describe or List operation of the model returns. Sources: botocore's texts.
NOT_IN_THE_MODEL = {
    "RunJobFlow.AdditionalInfo": "goes to EMR alone",
    "RunJobFlow.SupportedProducts": "of the releases 2.x and 3.x; DescribeJobFlows, deprecated",
    "RunJobFlow.NewSupportedProducts": "of the releases 2.x and 3.x",
    "RunJobFlow.Instances.HadoopVersion": "of releases before 4.0; DescribeJobFlows, deprecated",
    "RunJobFlow.Instances.InstanceCount": "as RequestedInstanceCount of two groups, see the test",
    "RunJobFlow.Instances.KeepJobFlowAliveWhenNoSteps": "as AutoTerminate, see the test",
}
for ebs in [path for path in RETURNED if path.endswith(".EbsBlockDeviceConfigs")]:
    NOT_IN_THE_MODEL[f"{ebs}.VolumesPerInstance"] = "as so many EbsBlockDevices, see the test"

# The model returns them, and EMR another value than was asked for.
OTHERWISE = {
    "RunJobFlow.VisibleToAllUsers": "always true: 'Setting it to false now has no effect.'",
}

# What EMR takes beside what its shapes say: a value, or a function of the filler.
VALUES = {
    "RunJobFlow.StepConcurrencyLevel": 1,
    "RunJobFlow.AutoTerminationPolicy.IdleTimeout": lambda f: 60 + f.number(),
    "PutAutoTerminationPolicy.AutoTerminationPolicy.IdleTimeout": lambda f: 60 + f.number(),
    "ModifyCluster.StepConcurrencyLevel": lambda f: 2 + f.round,
    "AddJobFlowSteps.Steps.ActionOnFailure": lambda f: f.pick(["CONTINUE", "CANCEL_AND_WAIT"]),
    "RunJobFlow.Instances.TerminationProtected": True,
}
for ebs in [path for path in RETURNED if path.endswith(".EbsBlockDeviceConfigs")]:
    VALUES[f"{ebs}.VolumesPerInstance"] = lambda f: 1 + f.number() % 25


class Filler:
    """A value for every member of a shape, and what has to come back: (path, value)."""

    def __init__(self, salt, round_):
        self.salt, self.round = salt, round_
        self.numbers = itertools.count(salt)
        self.sent = []

    def number(self):
        return next(self.numbers)

    def pick(self, values):
        return values[self.round % len(values)]

    def fill(self, shape, path, skip=(), values=None):
        """`skip` has paths that are left out; `values` comes before VALUES."""
        values = VALUES | (values or {})
        if path in values:
            value = values[path]
            value = value(self) if callable(value) else value
            return self._note(path, value) if not isinstance(value, (dict, list)) else value
        if shape.type_name == "structure":
            return {
                name: self.fill(member, f"{path}.{name}", skip, values)
                for name, member in shape.members.items()
                if f"{path}.{name}" not in skip and not self._too_deep(path, name)
            }
        if shape.type_name == "list":
            return [self.fill(shape.member, path, skip, values)]
        if shape.type_name == "map":
            keys = getattr(shape.key, "enum", None)
            key = self.pick(keys) if keys else f"key{self.number()}"
            return {key: self.fill(shape.value, f"{path}.{key}", skip, values)}
        return self._note(path, self._scalar(shape))

    @staticmethod
    def _too_deep(path, name):
        return name == "Configurations" and path.endswith("Configurations.Configurations")

    def _note(self, path, value):
        self.sent.append((path, value))
        return value

    def _scalar(self, shape):
        if getattr(shape, "enum", None):
            return self.pick(shape.enum)
        if shape.type_name == "boolean":
            return self.pick([True, False])
        if shape.type_name == "string":
            return f"text{self.number()}".ljust(shape.metadata.get("min", 0), "x")
        low = shape.metadata.get("min", 0)
        high = shape.metadata.get("max", 1000)
        value = low + self.number() % (high - low + 1)
        return value + 0.5 if shape.type_name == "double" else value


def leaves(value, path):
    if isinstance(value, dict):
        # A list in the request, a map in the reply: Key and Value of HadoopJarStep.Properties.
        for key, element in value.items():
            if path.endswith(".Config.Properties"):
                yield f"{path}.Key", key
                yield f"{path}.Value", element
            yield from leaves(element, f"{path}.{key}")
    elif isinstance(value, list):
        for element in value:
            yield from leaves(element, path)
    else:
        yield path, value


def places_of(path):
    """Where the replies have what a request sets at `path`."""
    known = max((p for p in RETURNED if path == p or path.startswith(p + ".")), key=len)
    return [place + path[len(known) :] for place in RETURNED[known]]


def is_under(path, table):
    return any(path == p or path.startswith(p + ".") for p in table)


def missing(sent, replies):
    """What was sent and is nowhere in `replies`; they are bodies by operation."""
    back = {leaf for name, bodies in replies.items() for body in bodies for leaf in leaves(body, name)}
    found = []
    for path, value in sent:
        for place in [] if is_under(path, NOT_IN_THE_MODEL | OTHERWISE) else places_of(path):
            if (place, value) not in back:
                found.append(f"{path} = {value!r} is not at {place}")
    return found


class Account:
    """A client, and all replies that speak of one cluster."""

    def __init__(self, client):
        self.client = client

    def call(self, operation, **request):
        name = "".join("_" + c.lower() if c.isupper() else c for c in operation).strip("_")
        reply = getattr(self.client, name)(**request)
        return {key: value for key, value in reply.items() if key != "ResponseMetadata"}

    def replies(self, cluster, uses_fleets):
        nodes = "ListInstanceFleets" if uses_fleets else "ListInstanceGroups"
        names = ["DescribeCluster", "ListSteps", "ListBootstrapActions", nodes]
        names += ["GetAutoTerminationPolicy", "GetManagedScalingPolicy"]
        found = {name: [self.call(name, ClusterId=cluster)] for name in names}
        found["DescribeStep"] = [
            self.call("DescribeStep", ClusterId=cluster, StepId=step["Id"])
            for step in found["ListSteps"][0]["Steps"]
        ]
        return found


@pytest.fixture
def account(start_emulator):
    emulator = start_emulator(faults="quotas: off\n", speed=1)
    return Account(emulator.client())


def shape_of(operation):
    return aws_model.service_model().operation_model(operation).input_shape


def fleets(filler):
    path = "RunJobFlow.Instances.InstanceFleets"
    shape = shape_of("RunJobFlow").members["Instances"].members["InstanceFleets"].member
    found = []
    for role in ("MASTER", "CORE", "TASK"):
        values = {f"{path}.InstanceFleetType": role, **time_outs(path)}
        if role == "MASTER":
            values |= {f"{path}.TargetOnDemandCapacity": 1, f"{path}.TargetSpotCapacity": 0}
        found.append(filler.fill(shape, path, values=values))
    return found


def time_outs(path):
    return {
        f"{path}.LaunchSpecifications.SpotSpecification.TimeoutDurationMinutes": lambda f: (
            5 + f.number() % 1400
        )
    }


def groups(filler):
    path = "RunJobFlow.Instances.InstanceGroups"
    shape = shape_of("RunJobFlow").members["Instances"].members["InstanceGroups"].member
    found = []
    for role in ("MASTER", "CORE", "TASK"):
        values = {f"{path}.InstanceRole": role}
        if role == "MASTER":
            values[f"{path}.InstanceCount"] = 1
        found.append(filler.fill(shape, path, values=values))
    return found


NODES = ("InstanceFleets", "InstanceGroups", "InstanceCount", "MasterInstanceType", "SlaveInstanceType")


def limits(path, uses_fleets):
    """ComputeLimits that EMR takes."""
    at = f"{path}.ComputeLimits"
    return {
        f"{at}.UnitType": "InstanceFleetUnits" if uses_fleets else lambda f: f.pick(["Instances", "VCPU"]),
        f"{at}.MinimumCapacityUnits": 2,
        f"{at}.MaximumCapacityUnits": 5000,
    }


def run_job_flow(filler, kind):
    instances = "RunJobFlow.Instances"
    # Only one of them may be given.
    skip = {f"{instances}.{name}" for name in NODES}
    skip.add(f"{instances}.Ec2SubnetId" + ("" if kind == "fleets" else "s"))
    values = limits("RunJobFlow.ManagedScalingPolicy", kind == "fleets")
    if kind == "counts":
        skip -= {f"{instances}.{name}" for name in NODES[2:]}
        values[f"{instances}.InstanceCount"] = 5
    request = filler.fill(shape_of("RunJobFlow"), "RunJobFlow", skip, values)
    if kind == "fleets":
        request["Instances"]["InstanceFleets"] = fleets(filler)
    if kind == "groups":
        request["Instances"]["InstanceGroups"] = groups(filler)
    return request


@pytest.mark.parametrize("round_", range(ROUNDS))
@pytest.mark.parametrize("kind", ["fleets", "groups", "counts"])
def test_what_a_launch_sets_comes_back(account, kind, round_):
    filler = Filler(1, round_)
    request = run_job_flow(filler, kind)
    assert aws_model.request_problems("RunJobFlow", request) == []
    cluster = account.call("RunJobFlow", **request)["JobFlowId"]
    replies = account.replies(cluster, kind == "fleets")
    assert missing(filler.sent, replies) == []

    detail = replies["DescribeCluster"][0]["Cluster"]
    assert detail["AutoTerminate"] != request["Instances"]["KeepJobFlowAliveWhenNoSteps"]
    if kind == "counts":
        listed = replies["ListInstanceGroups"][0]["InstanceGroups"]
        assert [group["RequestedInstanceCount"] for group in listed] == [1, 4]
    if kind == "groups":
        wanted = request["Instances"]["InstanceGroups"]
        for group, shown in zip(wanted, replies["ListInstanceGroups"][0]["InstanceGroups"], strict=True):
            config = group["EbsConfiguration"]["EbsBlockDeviceConfigs"][0]
            assert len(shown["EbsBlockDevices"]) == config["VolumesPerInstance"]


@pytest.mark.parametrize("round_", range(ROUNDS))
@pytest.mark.parametrize("kind", ["fleets", "groups"])
def test_what_is_changed_later_comes_back(account, kind, round_):
    launch = run_job_flow(Filler(1, round_), kind)
    launch["Instances"]["KeepJobFlowAliveWhenNoSteps"] = True
    cluster = account.call("RunJobFlow", **launch)["JobFlowId"]
    subjects = {"ClusterId": cluster, "JobFlowId": cluster, "ResourceId": cluster, "JobFlowIds": [cluster]}
    filler = Filler(10_000, round_)
    own = {}
    for operation in (
        "AddJobFlowSteps",
        "AddTags",
        "ModifyCluster",
        "PutAutoTerminationPolicy",
        "PutManagedScalingPolicy",
        "SetTerminationProtection",
    ):
        shape = shape_of(operation)
        subject = {name: subjects[name] for name in shape.members if name in subjects}
        skip = {f"{operation}.{name}" for name in subject}
        values = limits("PutManagedScalingPolicy.ManagedScalingPolicy", kind == "fleets")
        request = subject | filler.fill(shape, operation, skip, values)
        assert aws_model.request_problems(operation, request) == []
        own[operation] = [account.call(operation, **request)]
    assert missing(filler.sent, own | account.replies(cluster, kind == "fleets")) == []


def test_a_failed_step_names_its_log(start_emulator):
    faults = "quotas: off\nfaults: [{name: '*', do: fail_step, step: 1}]\n"
    account = Account(start_emulator(faults=faults, speed=20_000).client())
    request = run_job_flow(Filler(1, 0), "fleets")
    request["LogUri"] = "s3://example/logs"
    del request["Steps"][0]["StepMonitoringConfiguration"]
    cluster = account.call("RunJobFlow", **request)["JobFlowId"]
    step = None
    while step is None or step["Status"]["State"] in ("PENDING", "RUNNING"):
        step = account.call("ListSteps", ClusterId=cluster)["Steps"][0]
    assert step["Status"]["FailureDetails"]["LogFile"] == (
        f"s3://example/logs/{cluster}/steps/{step['Id']}/stderr.gz"
    )


def test_the_tables_above_are_needed():
    """Each place exists in the model, and nothing counts as absent that the model has."""
    model = aws_model.service_model()

    def has(place):
        operation, *names = place.split(".")
        shape = model.operation_model(operation).output_shape
        for name in names:
            while shape.type_name == "list":
                shape = shape.member
            if shape.type_name != "structure" or name not in shape.members:
                return False
            shape = shape.members[name]
        return True

    assert [place for places in RETURNED.values() for place in places if not has(place)] == []
    assert [path for path in NOT_IN_THE_MODEL if all(has(place) for place in places_of(path))] == []
    assert [path for path in OTHERWISE if not all(has(place) for place in places_of(path))] == []


def test_every_operation_that_changes_something_is_tried(account):
    """A new operation of the emulator comes into a test above, or takes something away."""
    account.call("ListClusters")
    takes_away = {"CancelSteps", "RemoveTags", "RemoveAutoTerminationPolicy"}
    takes_away |= {"RemoveManagedScalingPolicy", "TerminateJobFlows"}
    reads = ("Describe", "List", "Get")
    changing = {
        name
        for name in aws_model.service_model().operation_names
        if not name.startswith(reads) and knows(account.client.meta.endpoint_url, name)
    }
    assert changing - takes_away == {path.split(".")[0] for path in RETURNED}
