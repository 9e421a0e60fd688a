"""The emulator's S3, with objects that were put and files of its folder, through boto3. moto is the judge of
what S3 answers: both are asked the same."""

import datetime
import email.utils

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from databases import MotoServer
from processes import Program, clean_environment

BODY = b"0123456789" * 10
KEYS = ["a.txt", "logs/1", "logs/2/x", "logs/2/y", "logs/3", "z/1/2", "z <&>"]
MEMBERS = ("Name", "Prefix", "Delimiter", "MaxKeys", "KeyCount", "IsTruncated", "CommonPrefixes")


def s3_at(url):
    return boto3.client(
        "s3", endpoint_url=url, region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test",
        config=Config(s3={"addressing_style": "path", "payload_signing_enabled": True},
                      request_checksum_calculation="when_required"),
    )


@pytest.fixture(scope="module")
def judge(tmp_path_factory):
    with open(tmp_path_factory.mktemp("moto") / "moto.log", "wb") as log:
        server = MotoServer(log)
        s3 = s3_at(server.url)
        s3.create_bucket(Bucket="objects")
        for key in KEYS:
            s3.put_object(Bucket="objects", Key=key, Body=BODY)
        yield s3
        server.stop()


@pytest.fixture(scope="module", params=["put", "folder", "both"])
def ours(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("s3")
    spark = folder / "bin" / "spark-submit"
    spark.parent.mkdir()
    spark.write_text("#!/bin/sh\n")
    spark.chmod(0o755)
    emulator = Program(["emulator", "--port", "0", "--steps", "run", "--s3-root", str(folder / "root")],
                       clean_environment(PATH=f"{spark.parent}:/usr/bin:/bin"))
    s3 = s3_at(emulator.url)
    for number, key in enumerate(KEYS):
        if request.param == "put" or (request.param == "both" and number % 2):
            s3.put_object(Bucket="objects", Key=key, Body=BODY)
        else:
            path = folder / "root" / "objects" / key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(BODY)
    yield s3
    emulator.stop()


def of_list(answer):
    return ({name: answer.get(name) for name in MEMBERS},
            [(item["Key"], item["Size"], item["StorageClass"]) for item in answer.get("Contents", [])])


@pytest.mark.parametrize("query", [
    {}, {"Prefix": "logs/"}, {"Delimiter": "/"}, {"Prefix": "logs/", "Delimiter": "/"}, {"Prefix": "z", "Delimiter": "/"},
    {"Prefix": "none"}, {"StartAfter": "logs/2/x"}, {"Delimiter": "/", "StartAfter": "b"},
])
def test_lists_are_as_s3s(ours, judge, query):
    assert of_list(ours.list_objects_v2(Bucket="objects", **query)) == of_list(judge.list_objects_v2(Bucket="objects", **query))


@pytest.mark.parametrize("most", [1, 2, 3, 100])
@pytest.mark.parametrize("query", [{}, {"Delimiter": "/"}, {"Prefix": "logs/", "Delimiter": "/"}])
def test_pages_lead_on(ours, judge, query, most):
    def whole(s3):
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket="objects", PaginationConfig={"PageSize": most}, **query)
        names = [[item["Key"] for item in page.get("Contents", [])] + [
            part["Prefix"] for part in page.get("CommonPrefixes", [])] for page in pages]
        return sorted(name for page in names for name in page), max(map(len, names))
    names, longest = whole(ours)
    assert names == whole(judge)[0] and longest <= most


def part_of(s3, **arguments):
    try:
        answer = s3.get_object(Bucket="objects", Key="logs/1", **arguments)
    except ClientError as refused:
        return refused.response["ResponseMetadata"]["HTTPStatusCode"], refused.response["Error"]["Code"]
    return (answer["ResponseMetadata"]["HTTPStatusCode"], answer.get("ContentRange"), answer["ContentLength"],
            answer["Body"].read())


@pytest.mark.parametrize("part", ["bytes=0-9", "bytes=10-", "bytes=-7", "bytes=90-500", "bytes=100-", "bytes=99-99"])
def test_ranges_are_as_s3s(ours, judge, part):
    assert part_of(ours, Range=part) == part_of(judge, Range=part)


def test_a_head_says_what_a_get_has(ours, judge):
    got, head, wanted = (ours.get_object(Bucket="objects", Key="logs/1"), ours.head_object(Bucket="objects", Key="logs/1"),
                         judge.head_object(Bucket="objects", Key="logs/1"))
    assert got["Body"].read() == BODY
    for answer in (got, head):
        for member in ("ContentLength", "ContentType", "AcceptRanges"):
            assert answer.get(member, "") in (wanted.get(member, ""), "bytes"), member
        written = email.utils.parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["last-modified"])
        assert abs(written - datetime.datetime.now(datetime.timezone.utc)) < datetime.timedelta(hours=1)
    for s3 in (ours, judge):
        with pytest.raises(ClientError) as refused:
            s3.head_object(Bucket="objects", Key="none")
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404
