"""Starts the program under test and gives boto3 clients whose every raw reply is checked."""

import json
import os
import pathlib
import selectors
import subprocess
import time

import boto3
import pytest
from botocore.config import Config

import aws_model

ROOT = pathlib.Path(__file__).resolve().parents[2]
START_TIMEOUT_S = 20


def signalbox():
    path = os.environ.get("SIGNALBOX_BIN", ROOT / "build" / "release" / "signalbox")
    if not os.access(path, os.X_OK):
        pytest.exit(f"{path} is not there: build it, or set SIGNALBOX_BIN", returncode=2)
    return str(path)


class Emulator:
    """`signalbox emulator` in a process of its own."""

    def __init__(self, directory, speed=1, faults=None, seed=1):
        self.journal_path = directory / "emulator.jsonl"
        command = [signalbox(), "emulator", "--port", "0", "--speed", str(speed)]
        command += ["--journal", str(self.journal_path), "--seed", str(seed)]
        if faults is not None:
            path = directory / "faults.yaml"
            path.write_text(faults)
            command += ["--faults", str(path)]
        environment = {k: v for k, v in os.environ.items() if k != "SIGNALBOX_CLOCK"}
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment)
        self.endpoint = self._read_endpoint()
        self.problems = []
        self.replies_checked = 0

    def _read_endpoint(self):
        prefix = b"listening on "
        deadline = time.monotonic() + START_TIMEOUT_S
        text = b""
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            while selector.select(max(0, deadline - time.monotonic())):
                piece = os.read(self.process.stdout.fileno(), 4096)
                if not piece:
                    break
                text += piece
                for line in text.split(b"\n")[:-1]:
                    if line.startswith(prefix):
                        return line[len(prefix) :].decode().strip()
        self.stop()
        raise RuntimeError(f"the emulator did not say where it listens: {text!r}")

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
        raw = response_dict["body"]
        body = json.loads(raw) if raw else None
        if response_dict["status_code"] >= 300:
            self.problems += aws_model.error_problems(body, response_dict["headers"])
        else:
            self.problems += aws_model.response_problems(operation_model.name, body)

    def journal(self):
        return [json.loads(line) for line in self.journal_path.read_text().splitlines()]

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


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
