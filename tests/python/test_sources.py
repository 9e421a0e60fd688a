"""Where Signalbox learns of clusters: EMR's events by webhook, by moto's SQS, and by the forwarder through
moto's DynamoDB; and EMR's API. Both policies, with events lost, doubled and out of order. What was asked
of whom is counted at the servers."""

import json
import math
import random
import subprocess
import sys
import time
import urllib.request

import pytest

from databases import MotoServer, client, make_table
from lambda_runtime import BOOTSTRAP, Function
from processes import (
    ROOT,
    TEST_KEYS,
    EmulatorProcess,
    Ledger,
    StandaloneProcess,
    clock_setting,
    write_project,
)
from recorder import Recorder
from relay import EventRelay

TOKEN = "a token of the webhook"
REGION = TEST_KEYS["AWS_REGION"]
QUICK = "timing: {provisioning: 60s, bootstrap: 30s, step: 3m, shutdown: 30s}\n"
# So rare that a run that ends in time ended without a sweep.
NEVER_SWEEPS = "emr: {poll_interval: 5000h, launch_settle: 2h}\n"


@pytest.fixture(scope="module")
def moto(tmp_path_factory):
    with open(tmp_path_factory.mktemp("moto") / "log", "wb") as log:
        server = MotoServer(log)
        yield server
        server.stop()


@pytest.fixture
def stop_later():
    """Takes what is to be stopped at the end, the latest first."""
    started = []
    yield lambda thing: started.append(thing) or thing
    for thing in reversed(started):
        thing.stop()


class Webhook:
    """What EventBridge's API destination does: posts with the token, and again where that failed."""

    def __init__(self):
        self.url, self.outcomes = None, []

    def post(self, event):
        request = urllib.request.Request(
            self.url + "/api/v2/emr-events",
            data=json.dumps(event).encode(),
            headers={"Content-Type": "application/json", "X-Signalbox-Token": TOKEN},
        )
        for _ in range(100):
            try:
                with urllib.request.urlopen(request, timeout=10) as reply:
                    return self.outcomes.append(json.load(reply)["outcome"])
            except OSError:
                time.sleep(0.05)
        raise RuntimeError("the webhook takes nothing")


def sources(text, emr=""):
    return f"deployment: demo\n{emr}sources: {text}\n"


def start_standalone(
    stop_later, folder, clock, emulator, settings, jobs=2, lanes=0, **environment
):
    project = write_project(folder / "project", settings, jobs, lanes)
    with open(folder / "standalone.log", "wb") as log:
        return stop_later(
            StandaloneProcess(
                project, folder / "state", emulator, clock, log, HOOK=TOKEN, **environment
            )
        )


def begin(standalone):
    standalone.call("/dags/chain/dagRuns", {"dag_run_id": "r", "logical_date": None})


def phases_of(standalone):
    """Every cluster's phases in the order in which the product saw them."""
    rows = standalone.call("/history?limit=1000")["history"]
    phases = {}
    for row in rows:
        if row["entity"].startswith("cluster "):
            phases.setdefault(row["entity"], []).append(row["to"])
    return phases


RANKS = {
    "STARTING": 0, "BOOTSTRAPPING": 1, "RUNNING": 2, "WAITING": 2, "TERMINATING": 3, "TERMINATED": 4,
    "TERMINATED_WITH_ERRORS": 4,
}  # fmt: skip


def test_w1_ends_told_by_webhook_need_no_sweep(stop_later, tmp_path):
    """In another region than the emulator's own, for events of other regions are left alone."""
    webhook, clock = Webhook(), clock_setting(360)
    relay = stop_later(EventRelay(webhook.post))
    emulator = stop_later(
        EmulatorProcess(
            tmp_path, clock=clock, faults=QUICK, events=relay.url, region="eu-central-1"
        )
    )
    settings = sources("{webhook: {token_env: HOOK}}", NEVER_SWEEPS)
    standalone = start_standalone(
        stop_later, tmp_path, clock, emulator, settings, AWS_REGION="eu-central-1"
    )
    webhook.url = standalone.url
    begin(standalone)
    assert standalone.wait_for_run("chain", "r") == "success"
    assert relay.errors == []
    assert {"news", "known"} >= set(webhook.outcomes) - {"held", "no_cluster"}
    metrics = standalone.fetch("/metrics").decode()
    assert 'signalbox_events_total{source="webhook",type="cluster",outcome="news"}' in metrics


def test_w1_every_event_lost_only_costs_time(stop_later, tmp_path):
    clock = clock_setting(360)
    relay = stop_later(EventRelay(lambda event: None))
    emulator = stop_later(EmulatorProcess(tmp_path, clock=clock, faults=QUICK, events=relay.url))
    settings = sources("{webhook: {token_env: HOOK}}", "emr: {launch_settle: 2h}\n")
    standalone = start_standalone(stop_later, tmp_path, clock, emulator, settings)
    begin(standalone)
    assert standalone.wait_for_run("chain", "r") == "success"
    assert len(relay.taken) > 10
    events = [
        line
        for line in standalone.fetch("/metrics").decode().splitlines()
        if line.startswith("signalbox_events_total{")
    ]
    assert events and all(line.endswith(" 0") for line in events)


def test_w2_doubled_and_late_events_change_nothing_twice(stop_later, tmp_path):
    webhook, clock, draws = Webhook(), clock_setting(360), random.Random(7)
    held = []

    def shuffle(event):
        """Each comes three times, among others that came before and after it."""
        held.extend([event] * 3)
        draws.shuffle(held)
        while len(held) > 12:
            webhook.post(held.pop())

    relay = stop_later(EventRelay(shuffle))
    emulator = stop_later(EmulatorProcess(tmp_path, clock=clock, faults=QUICK, events=relay.url))
    settings = sources("{webhook: {token_env: HOOK}}", "emr: {launch_settle: 2h}\n")
    standalone = start_standalone(stop_later, tmp_path, clock, emulator, settings, lanes=3)
    webhook.url = standalone.url
    begin(standalone)
    assert standalone.wait_for_run("chain", "r") == "success"
    assert relay.errors == []
    assert webhook.outcomes.count("known") > 20
    phases = phases_of(standalone)
    assert len(phases) == 6
    for cluster, seen in phases.items():
        ranks = [RANKS[phase] for phase in seen]
        assert ranks == sorted(ranks), (cluster, seen)
    ledger = Ledger(emulator.journal())
    assert ledger.sent_twice() == [] and ledger.double_work() == {}


def test_events_through_a_queue_are_used_and_deleted(stop_later, tmp_path, moto):
    sqs, clock = client("sqs", moto.url, REGION), clock_setting(360)
    queue = sqs.create_queue(QueueName="emr-events")["QueueUrl"]
    endpoint = {"AWS_ENDPOINT_URL_SQS": moto.url}
    emulator = stop_later(
        EmulatorProcess(
            tmp_path, clock=clock, faults=QUICK, events="sqs:" + queue, **TEST_KEYS, **endpoint
        )
    )
    settings = sources(f"{{sqs: {{queue_url: '{queue}'}}}}", NEVER_SWEEPS)
    standalone = start_standalone(stop_later, tmp_path, clock, emulator, settings, **endpoint)
    sqs.send_message(QueueUrl=queue, MessageBody="no event at all")
    begin(standalone)
    assert standalone.wait_for_run("chain", "r") == "success"
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    deadline = time.monotonic() + 20
    while True:
        counts = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
        if set(counts.values()) == {"0"} or time.monotonic() > deadline:
            break
        time.sleep(0.1)
    assert counts == dict.fromkeys(names, "0")
    metrics = standalone.fetch("/metrics").decode()
    assert 'signalbox_events_total{source="sqs",type="other",outcome="malformed"} 1' in metrics
    assert 'signalbox_events_total{source="sqs",type="cluster",outcome="news"}' in metrics
    assert 'signalbox_aws_calls_total{service="sqs",action="DeleteMessageBatch"}' in metrics


class StateTable:
    """moto's table, kept by the forwarder from the emulator's events; its readers' calls are recorded."""

    def __init__(self, stop_later, folder, moto, clock):
        make_table(client("dynamodb", moto.url, REGION))
        function = stop_later(
            Function(
                moto.url, folder / "forwarder.log", AWS_REGION=REGION, AWS_DEFAULT_REGION=REGION,
                SIGNALBOX_ACCOUNT="0" * 12, SIGNALBOX_CLOCK=clock,
            )
        )  # fmt: skip
        self.relay = stop_later(EventRelay(function.invoke))
        self.recorder = stop_later(Recorder(moto.url))

    def looks(self):
        """How often a cluster's STATE was asked for."""
        return sum(
            key["item"]["S"] == "STATE"
            for exchange in list(self.recorder.asked)
            if exchange.action == "BatchGetItem"
            for key in exchange.request["RequestItems"]["states"]["Keys"]
        )


@pytest.mark.skipif(not BOOTSTRAP.exists(), reason=f"{BOOTSTRAP} is not built")
class TestSampled:
    # At such speeds moto takes minutes of the world to answer: no look is forced here.
    SOURCES = "policy: sampled, stale_after: 100h, dynamodb: {table: states}"

    def start(self, stop_later, tmp_path, moto, speed, faults, more="", **project):
        clock = clock_setting(speed)
        table = StateTable(stop_later, tmp_path, moto, clock)
        emulator = stop_later(
            EmulatorProcess(tmp_path, clock=clock, faults=faults, events=table.relay.url)
        )
        standalone = start_standalone(
            stop_later, tmp_path, clock, emulator,
            sources(f"{{{self.SOURCES}{more}}}", "emr: {launch_settle: 2h}\n"),
            AWS_ENDPOINT_URL_DYNAMODB=table.recorder.url, **project,
        )  # fmt: skip
        begin(standalone)
        return table, emulator, standalone

    def test_nine_looks_in_ten_go_to_the_table(self, stop_later, tmp_path, moto):
        """Counted at the servers while twenty clusters work: moto's keys, the emulator's calls."""
        faults = QUICK.replace("step: 3m", "step: 2000h")
        table, emulator, standalone = self.start(
            stop_later, tmp_path, moto, 400, faults, jobs=1, lanes=20
        )
        wanted, looks, described = 4000, 0, 0
        deadline = time.monotonic() + 150
        while looks + described < wanted and time.monotonic() < deadline:
            time.sleep(0.2)
            looks = table.looks()
            described = sum(line.get("action") == "DescribeCluster" for line in emulator.journal())
        standalone.stop = lambda: None
        standalone.kill()
        looks = table.looks()
        described = sum(line.get("action") == "DescribeCluster" for line in emulator.journal())
        total = looks + described
        assert total >= wanted
        # Four standard deviations, and the looks of one minute: the kill cuts it in two.
        assert abs(looks - 0.9 * total) <= 4 * math.sqrt(total * 0.09) + 20, (looks, described)
        listed = [line for line in emulator.journal() if line.get("action") == "ListClusters"]
        minutes = total / 20
        assert len(listed) <= minutes / 2 + 10  # the reaper's, each two minutes

    def test_zero_core_is_seen_by_the_table_and_killed(self, stop_later, tmp_path, moto):
        faults = QUICK.replace("step: 3m", "step: 20m") + (
            "faults: [{name: '*job0 try 1', on: RUNNING, after: 8m, do: lose_fleet, fleet: CORE,"
            " cluster: RUNNING}]\n"
        )
        table, emulator, standalone = self.start(
            stop_later, tmp_path, moto, 360, faults, ", emr: {weight: 0}", jobs=1
        )
        assert standalone.wait_for_run("chain", "r", timeout=180) in ("success", "failed")
        assert table.relay.errors == []
        zero = [seen for seen in phases_of(standalone).values() if "ZERO_CORE" in seen]
        assert len(zero) == 1
        killed = [line for line in emulator.journal() if line.get("action") == "TerminateJobFlows"]
        assert killed

    def test_the_demo_of_the_original_design_runs_whole(self, tmp_path):
        """`make demo-delphi`, faster: it judges itself, and says so. On DynamoDB Local where it is installed."""
        program = ROOT / "tools" / "demo-delphi"
        options = ["--out", tmp_path / "out", "--speed", "600", "--limit", "180"]
        ended = subprocess.run(
            [sys.executable, program, *options], capture_output=True, text=True, timeout=240, check=False
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
        told = json.loads((tmp_path / "out" / "figures.json").read_text())
        assert told["wrong"] == [] and told["throttled"] == 0
        assert told["launched"] == 21  # of 18 jobs, three of which were tried twice
        assert told["refused"] > 20 and told["at_table"] > 3 * told["at_emr"] > 0
