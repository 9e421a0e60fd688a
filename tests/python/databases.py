"""DynamoDBs that we did not write: moto's, and Amazon's own DynamoDB Local where tools/dynamodb-setup has
fetched it."""

import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import boto3
from botocore.config import Config

from lambda_runtime import REGION
from processes import ROOT, clean_environment

DYNAMODB_LOCAL = ROOT / "build" / "dynamodb-local"
START_TIMEOUT_S = 60


def client(service, url, region=REGION):
    return boto3.client(
        service,
        region_name=region,
        endpoint_url=url,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}, read_timeout=60),
    )


class MotoServer:
    """moto's server in a process of its own, on a port that it is given by the system."""

    CODE = (
        "from werkzeug.serving import make_server\n"
        "from moto.server import DomainDispatcherApplication, create_backend_app\n"
        "app = DomainDispatcherApplication(create_backend_app)\n"
        "server = make_server('127.0.0.1', 0, app, threaded=True)\n"
        "print(server.server_port, flush=True)\n"
        "server.serve_forever()\n"
    )

    def __init__(self, log):
        self.process = subprocess.Popen(
            [sys.executable, "-c", self.CODE],
            stdout=subprocess.PIPE,
            stderr=log,
            env=clean_environment(MOTO_EC2_LOAD_DEFAULT_AMIS="false"),
        )
        self.url = f"http://127.0.0.1:{int(self.process.stdout.readline())}"

    def forget(self):
        urllib.request.urlopen(self.url + "/moto-api/reset", data=b"", timeout=20).close()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=20)
        self.process.stdout.close()


class DynamoDbLocal:
    """Amazon's DynamoDB for one machine, in memory. It takes no port 0: one that was free a moment ago."""

    def __init__(self, log):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.process = subprocess.Popen(
            ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Djava.library.path=lib", "-cp", "lib/*",
             "com.amazonaws.services.dynamodbv2.local.main.ServerRunner",
             "-inMemory", "-disableTelemetry", "-port", str(port)],
            cwd=DYNAMODB_LOCAL,
            stdout=log,
            stderr=log,
            env=clean_environment(),
        )
        self.url = f"http://127.0.0.1:{port}"
        try:
            self._wait(port)
        except Exception:
            self.stop()
            raise

    @staticmethod
    def why_not():
        """Why it cannot be had; "" where it can."""
        if shutil.which("java") is None:
            return "Java is missing"
        if not (DYNAMODB_LOCAL / ".done").exists():
            return "tools/dynamodb-setup has not been run"
        return ""

    def _wait(self, port):
        deadline = time.monotonic() + START_TIMEOUT_S
        while True:
            try:
                return socket.create_connection(("127.0.0.1", port), timeout=5).close()
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError("DynamoDB Local does not start") from None
                time.sleep(0.05)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def make_table(dynamodb, table="states", keys=("cluster_id", "item")):
    """The table of deploy/aws, empty. Whoever had it before loses it."""
    try:
        dynamodb.delete_table(TableName=table)
    except dynamodb.exceptions.ResourceNotFoundException:
        pass
    dynamodb.create_table(
        TableName=table,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
        KeySchema=[
            {"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"))
        ],
    )
    dynamodb.get_waiter("table_exists").wait(TableName=table, WaiterConfig={"Delay": 1})
