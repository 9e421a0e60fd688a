"""Starts the program under test and gives boto3 clients whose every raw reply is checked."""

import os

import boto3
import pytest
from botocore.config import Config

import aws_model
from processes import EmulatorProcess, signalbox_path


class Emulator(EmulatorProcess):
    """`signalbox emulator` with boto3 clients whose every raw reply is checked."""

    def __init__(self, directory, **options):
        if not os.access(signalbox_path(), os.X_OK):
            pytest.exit(f"{signalbox_path()} is not there: build it, or set SIGNALBOX_BIN", returncode=2)
        super().__init__(directory, **({"speed": 1} | options))
        self.endpoint = self.url
        self.problems = []
        self.replies_checked = 0

    def client(self, secret="test", key="test"):
        client = boto3.client(
            "emr",
            region_name="us-east-1",
            endpoint_url=self.endpoint,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            config=Config(retries={"total_max_attempts": 1}, read_timeout=20),
        )
        client.meta.events.register("before-parse.emr", self._check)
        return client

    def _check(self, operation_model, response_dict, **_):
        self.replies_checked += 1
        self.problems += aws_model.exchange_problems(
            operation_model.name,
            response_dict["status_code"],
            response_dict["headers"],
            response_dict["body"],
        )


@pytest.fixture
def start_emulator(tmp_path):
    """A function that starts an emulator; at the end every reply must have fitted the model."""
    started = []

    def start(**options):
        started.append(Emulator(tmp_path, **options))
        return started[-1]

    yield start
    for emulator in started:
        emulator.stop()
        assert emulator.replies_checked > 0
    assert [problem for emulator in started for problem in emulator.problems] == []
