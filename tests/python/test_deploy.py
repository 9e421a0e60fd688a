"""deploy/aws: cfn-lint judges the template and the policy; the code says what both must hold."""

import json
import pathlib
import re
import subprocess
import sys

import boto3
import pytest
from cfnlint.decode import cfn_yaml

from processes import ROOT

DEPLOY = ROOT / "deploy" / "aws"
TEMPLATE = DEPLOY / "signalbox.yaml"
POLICY = DEPLOY / "orchestrator-policy.json"
FILLED_IN = {
    "SERVICE_ROLE": "EMR_DefaultRole",
    "INSTANCE_ROLE": "EMR_EC2_DefaultRole",
    "DEPLOYMENT": "prod",
    "ACCOUNT": "123456789012",
    "REGION": "eu-west-1",
}


def findings(path):
    """What cfn-lint says, warnings and remarks too."""
    ended = subprocess.run(
        [pathlib.Path(sys.executable).parent / "cfn-lint", "--include-checks", "I", "--", path],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return ended.stdout + ended.stderr


@pytest.fixture(scope="module")
def resources():
    return cfn_yaml.load(str(TEMPLATE))["Resources"]


@pytest.fixture
def statements():
    text = POLICY.read_text()
    for name, value in FILLED_IN.items():
        text = text.replace(name, value)
    return json.loads(text)["Statement"]


def as_list(value):
    return value if isinstance(value, list) else [value]


def allowed(statements):
    return {
        action
        for statement in statements
        if statement["Effect"] == "Allow"
        for action in as_list(statement["Action"])
    }


def test_cfn_lint_finds_nothing_in_the_template():
    assert findings(TEMPLATE) == ""


def test_cfn_lint_finds_a_planted_mistake(tmp_path):
    broken = tmp_path / "broken.yaml"
    broken.write_text(TEMPLATE.read_text().replace("PAY_PER_REQUEST", "PAY_PER_QUEST"))
    assert "'PAY_PER_QUEST' is not one of" in findings(broken)


def test_cfn_lint_finds_nothing_in_the_policy(tmp_path, statements):
    wrapped = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Resources": {
            "Policy": {
                "Type": "AWS::IAM::ManagedPolicy",
                "Properties": {
                    "PolicyDocument": {"Version": "2012-10-17", "Statement": statements},
                },
            }
        },
    }
    path = tmp_path / "policy.json"
    path.write_text(json.dumps(wrapped))
    # The policy names one region, account and partition: that is its purpose.
    assert [line for line in findings(path).splitlines() if re.match("[EW]", line)] == []


def detail_types(rule):
    pattern = rule["Properties"]["EventPattern"]
    return set(pattern["detail-type"])


def test_the_rules_match_what_the_code_understands(resources):
    source = (ROOT / "src" / "wire" / "emr_event.cc").read_text()
    kinds = dict(re.findall(r'\{kE\w+, "([^"]+)", Read(\w+)\}', source))
    assert len(kinds) >= 9
    assert detail_types(resources["EventRule"]) == set(kinds)
    of_states = {kind for kind, read in kinds.items() if read in ("Cluster", "Step", "Fleet", "Group")}
    assert detail_types(resources["StateRule"]) == of_states


def operations_named_in(*modules):
    """{service: operations of botocore's model that these modules' sources name}."""
    text = "".join(
        path.read_text()
        for module in modules
        for path in sorted((ROOT / "src" / module).glob("*.cc"))
        if not path.name.endswith("_test.cc")
    )
    literals = set(re.findall(r'"([A-Z][A-Za-z]+)"', text))
    return {
        service: set(boto3.client(service, region_name="eu-west-1").meta.service_model.operation_names)
        & literals
        for service in ("emr", "dynamodb", "sqs")
    }


def test_signalbox_may_do_what_it_does_and_no_more(statements):
    may = allowed(statements)
    used = operations_named_in("driver")
    assert "RunJobFlow" in used["emr"] and "TerminateJobFlows" in used["emr"]
    of_emr = {action for action in may if action.startswith("elasticmapreduce:")}
    assert of_emr == {f"elasticmapreduce:{operation}" for operation in used["emr"]}
    assert {f"dynamodb:{operation}" for operation in used["dynamodb"]} <= may
    # One permission covers a call and its batch.
    assert {f"sqs:{operation.removesuffix('Batch')}" for operation in used["sqs"]} <= may
    assert not [action for action in may if "*" in action]


def test_signalbox_launches_and_ends_only_under_its_tag(statements):
    tagged = {}
    for statement in statements:
        for operator, tests in statement.get("Condition", {}).items():
            for key, value in tests.items():
                for action in as_list(statement["Action"]):
                    tagged.setdefault(action, []).append((statement["Effect"], operator, key, value))
    tag = "signalbox:deployment"
    assert f'"{tag}"' in (ROOT / "src" / "emr" / "request.cc").read_text()
    assert tagged["elasticmapreduce:RunJobFlow"] == [
        ("Allow", "StringEquals", f"aws:RequestTag/{tag}", "prod")
    ]
    for action in ("TerminateJobFlows", "SetTerminationProtection"):
        assert tagged[f"elasticmapreduce:{action}"] == [
            ("Allow", "StringEquals", f"aws:ResourceTag/{tag}", "prod")
        ]
    services = [value for _, _, key, value in tagged["iam:PassRole"] if key == "iam:PassedToService"]
    assert sorted(services) == ["ec2.amazonaws.com", "elasticmapreduce.amazonaws.com"]
    for statement in statements:
        if statement["Effect"] == "Allow" and statement["Resource"] == "*":
            # Neither call names a resource that exists.
            assert statement["Action"] in ("elasticmapreduce:RunJobFlow", "elasticmapreduce:ListClusters")


def test_the_roles_of_the_stack_do_one_thing_each(resources):
    may = {}
    for name, resource in resources.items():
        if resource["Type"] == "AWS::IAM::Role":
            found = [
                statement
                for policy in resource["Properties"]["Policies"]
                for statement in policy["PolicyDocument"]["Statement"]
            ]
            may[name] = allowed(found)
            assert all(set(s["Resource"]) == {"Fn::GetAtt"} for s in found), "one named resource each"
    used = operations_named_in("forwarder")["dynamodb"]
    assert may == {
        "ForwarderRole": {f"dynamodb:{operation}" for operation in used}
        | {"logs:CreateLogStream", "logs:PutLogEvents", "sqs:SendMessage"},
        "WebhookRole": {"events:InvokeApiDestination"},
    }


def test_the_function_is_told_by_variables_that_it_reads(resources):
    function = resources["Forwarder"]["Properties"]
    source = (ROOT / "src" / "forwarder" / "settings.cc").read_text()
    for variable in function["Environment"]["Variables"]:
        assert f'environment("{variable}")' in source
    assert (function["Runtime"], function["Architectures"]) == ("provided.al2023", ["x86_64"])
    table = resources["StateTable"]["Properties"]
    names = [key["AttributeName"] for key in table["KeySchema"]]
    names.append(table["TimeToLiveSpecification"]["AttributeName"])
    known = (ROOT / "src" / "wire" / "state_item.cc").read_text()
    assert names == ["cluster_id", "item", "ttl"] and all(f'"{name}"' in known for name in names)


def test_the_webhooks_token_is_as_long_as_signalbox_asks():
    parameter = cfn_yaml.load(str(TEMPLATE))["Parameters"]["WebhookToken"]
    code = (ROOT / "src" / "runtime" / "environment.cc").read_text()
    least = int(re.search(r"\bkLeast = (\d+);", code).group(1))
    allowed_pattern = re.compile(parameter["AllowedPattern"])
    assert allowed_pattern.search("x" * least) and allowed_pattern.search(parameter["Default"])
    assert not allowed_pattern.search("x" * (least - 1))
