"""The checker itself must catch what botocore lets through."""

import pytest

import aws_model


def test_finds_unknown_members_wrong_types_and_enumerations():
    body = {
        "Cluster": {
            "Id": 7,
            "Colour": "red",
            "Status": {"State": "DONE", "Timeline": {"CreationDateTime": "2026-01-05"}},
            "Tags": {},
        }
    }
    assert sorted(aws_model.response_problems("DescribeCluster", body)) == [
        "DescribeCluster.Cluster.Colour: unknown member",
        "DescribeCluster.Cluster.Id: int 7, expected string",
        "DescribeCluster.Cluster.Status.State: 'DONE' is not among "
        "['STARTING', 'BOOTSTRAPPING', 'RUNNING', 'WAITING', 'TERMINATING', 'TERMINATED', "
        "'TERMINATED_WITH_ERRORS']",
        "DescribeCluster.Cluster.Status.Timeline.CreationDateTime: str '2026-01-05', "
        "expected timestamp",
        "DescribeCluster.Cluster.Tags: dict {}, expected a list",
    ]


def test_finds_missing_and_misspelt_members_of_requests():
    problems = aws_model.request_problems("RunJobFlow", {"Nmae": "c", "Instances": {}})
    assert "RunJobFlow.Name: missing" in problems
    assert "RunJobFlow.Nmae: unknown member" in problems
    assert aws_model.request_problems("RunJobFlow", {"Name": "c", "Instances": {}}) == []


def test_an_operation_without_output_has_no_body():
    assert aws_model.response_problems("TerminateJobFlows", None) == []
    assert aws_model.response_problems("TerminateJobFlows", {}) != []
    assert aws_model.response_problems("AddTags", {}) == []
    assert aws_model.response_problems("AddTags", None) != []
    assert aws_model.response_problems("ListClusters", None) != []


def test_finds_times_that_are_no_seconds():
    def problems(created):
        cluster = {"Id": "j-1", "Status": {"Timeline": {"CreationDateTime": created}}}
        return aws_model.response_problems("ListClusters", {"Clusters": [cluster]})

    assert problems(1767571200.25) == []
    assert problems(1767571200250) != [] and problems(20460) != []


@pytest.mark.parametrize(
    "operation, status, body, good",
    [
        ("ListSteps", 400, {"__type": "InvalidRequestException", "Message": "m"}, True),
        ("ListSteps", 400, {"__type": "InvalidRequestException", "message": "m"}, False),
        ("ListSteps", 500, {"__type": "InvalidRequestException", "Message": "m"}, False),
        ("ListSteps", 500, {"__type": "InternalServerException", "Message": ""}, True),
        ("ListSteps", 500, {"__type": "InternalServerError", "message": ""}, False),
        ("RunJobFlow", 500, {"__type": "InternalServerError", "message": ""}, True),
        ("RunJobFlow", 400, {"__type": "InvalidRequestException", "Message": "m"}, False),
        ("RunJobFlow", 400, {"__type": "ThrottlingException", "message": "Rate exceeded"}, True),
        ("RunJobFlow", 400, {"__type": "ThrottlingException", "Message": "Rate exceeded"}, False),
        ("RunJobFlow", 429, {"__type": "TooManyRequestsException", "message": "m"}, False),
        ("RunJobFlow", 400, {"message": "m"}, False),
    ],
)
def test_errors_are_those_of_the_operation(operation, status, body, good):
    headers = {"x-amzn-requestid": "1"}
    assert (aws_model.error_problems(body, headers, status, operation) == []) == good
