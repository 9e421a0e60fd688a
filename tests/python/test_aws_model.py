"""The checker itself must catch what botocore lets through."""

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
    assert aws_model.response_problems("TerminateJobFlows", {"x": 1}) != []
    assert aws_model.response_problems("ListClusters", None) != []
