"""The forwarder in Python with boto3, for bench/forwarder.py to compare with: the same events, the same items,
the same conditional write, as a custom runtime of its own. Not a part of the product."""

import calendar
import http.client
import json
import os
import time

import boto3
from botocore.config import Config

CLUSTER = {"STARTING": 0, "BOOTSTRAPPING": 1, "RUNNING": 2, "WAITING": 2, "TERMINATING": 3}
CLUSTER |= {"TERMINATED": 4, "TERMINATED_WITH_ERRORS": 4}
STEP = {"PENDING": 0, "RUNNING": 1, "CANCEL_PENDING": 1}
STEP |= {"COMPLETED": 2, "CANCELLED": 2, "FAILED": 2, "INTERRUPTED": 2}
TTL_S = 30 * 86400
CONDITION = (
    "attribute_not_exists(#rank) OR #rank < :rank OR (#rank = :rank AND (#time < :time "
    "OR (#time = :time AND #state < :state)))"
)


def epoch_seconds(text):
    return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ"))


def item_of(event, raw):
    detail = event["detail"]
    state = detail["state"]
    item = {"cluster_id": detail["clusterId"]}
    if event["detail-type"] == "EMR Cluster State Change":
        reason = json.loads(detail["stateChangeReason"])
        item |= {"item": "STATE", "rank": CLUSTER[state], "reason_code": reason.get("code", "")}
        item["message"] = reason.get("message", "")
    else:
        item |= {"item": "STEP#" + detail["stepId"], "rank": STEP[state], "message": detail["message"]}
    at = epoch_seconds(event["time"])
    item |= {"event_time": at, "state": state, "name": detail["name"], "raw": raw, "ttl": at + TTL_S}
    return {
        name: {"N": str(value)} if isinstance(value, int) else {"S": value}
        for name, value in item.items()
        if value != ""
    }


def handle(dynamodb, raw):
    event = json.loads(raw)
    if event["source"] != "aws.emr" or event["region"] != os.environ["AWS_REGION"]:
        return {"outcome": "ignored"}
    item = item_of(event, raw)
    try:
        dynamodb.put_item(
            TableName=os.environ["SIGNALBOX_TABLE"],
            Item=item,
            ConditionExpression=CONDITION,
            ExpressionAttributeNames={"#rank": "rank", "#time": "event_time", "#state": "state"},
            ExpressionAttributeValues={
                ":rank": item["rank"],
                ":time": item["event_time"],
                ":state": item["state"],
            },
        )
    except dynamodb.exceptions.ConditionalCheckFailedException:
        return {"outcome": "known"}
    return {"outcome": "written"}


def main():
    dynamodb = boto3.client("dynamodb", config=Config(retries={"total_max_attempts": 5}))
    lambda_ = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    base = "/2018-06-01/runtime/invocation/"
    while True:
        lambda_.request("GET", base + "next")
        invocation = lambda_.getresponse()
        raw = invocation.read().decode()
        answer = handle(dynamodb, raw)
        request_id = invocation.headers["Lambda-Runtime-Aws-Request-Id"]
        lambda_.request("POST", f"{base}{request_id}/response", json.dumps(answer).encode())
        lambda_.getresponse().read()


if __name__ == "__main__":
    main()
