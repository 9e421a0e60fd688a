"""Orphans with the real program: clusters that boto3 launches by hand under our names. An armed reaper
ends those of this very database and nothing else; an unarmed one only lists them."""

import json
import subprocess
import time

import pytest

from processes import StandaloneProcess, clean_environment, clock_setting, signalbox_path, write_project

SPEED = 600
FAULTS = "quotas: off\ntiming: {provisioning: 1m, bootstrap: 1m, step: 3m, shutdown: 1m}\n"
SETTINGS = "deployment: orphans\nreaper: {armed: %s, grace: 20m, interval: 1m}\n"


def launch(client, name):
    """A cluster that works until somebody ends it."""
    reply = client.run_job_flow(
        Name=name,
        ReleaseLabel="emr-7.8.0",
        JobFlowRole="EMR_EC2_DefaultRole",
        ServiceRole="EMR_DefaultRole",
        Instances={
            "KeepJobFlowAliveWhenNoSteps": True,
            "InstanceFleets": [
                {
                    "InstanceFleetType": "MASTER",
                    "TargetOnDemandCapacity": 1,
                    "InstanceTypeConfigs": [{"InstanceType": "m5.xlarge"}],
                }
            ],
        },
    )
    return reply["JobFlowId"]


def wait_until(condition, what, timeout=60):
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


class Estate:
    """A standalone that has launched once, and four clusters that it did not make."""

    def __init__(self, tmp_path, emulator, clock, armed):
        self.client = emulator.client()
        project = write_project(tmp_path / "project", SETTINGS % str(armed).lower(), 1)
        self.state_dir = tmp_path / "state"
        self.log_path = tmp_path / "standalone.log"
        with open(self.log_path, "ab") as log:
            self.server = StandaloneProcess(project, self.state_dir, emulator, clock, log)
        self.server.call("/dags/chain/dagRuns", {"dag_run_id": "r", "logical_date": None})
        assert self.server.wait_for_run("chain", "r") == "success"
        (launched,) = self.server.call("/clusters")["clusters"]
        mine = launched["name"].split(" ")[0].rsplit("-", 1)[0]
        assert mine.startswith("sbx-orphans-")
        token = "a" * 20
        self.orphan = launch(self.client, f"{mine}-{token} chain lost job0 try 1")
        self.foreign = launch(self.client, f"sbx-orphans-zzzzzz-{token} chain r job0 try 1")
        self.others = [
            launch(self.client, f"sbx-prod-{mine[-6:]}-{token} chain r job0 try 1"),
            launch(self.client, "ada's notebook"),
        ]

    def listed(self):
        return {row["cluster_id"]: row for row in self.server.call("/orphans")["orphans"]}

    def state(self, cluster):
        return self.client.describe_cluster(ClusterId=cluster)["Cluster"]["Status"]["State"]

    def cli(self, *arguments):
        return subprocess.run(
            [signalbox_path(), "clusters", *arguments, "--state-dir", str(self.state_dir)],
            env=clean_environment(),
            capture_output=True,
            text=True,
            timeout=30,
        )

    def logged(self, event):
        lines = [json.loads(line) for line in self.log_path.read_text().splitlines()]
        return [line for line in lines if line["event"] == event]


@pytest.fixture
def start(tmp_path, start_emulator):
    estates = []

    def make(armed):
        clock = clock_setting(SPEED)
        emulator = start_emulator(clock=clock, speed=None, faults=FAULTS)
        estates.append(Estate(tmp_path, emulator, clock, armed))
        return estates[-1]

    yield make
    for estate in estates:
        estate.server.stop()


def test_I1_I16_an_armed_reaper_ends_the_orphan_and_nothing_else(start):
    estate = start(armed=True)
    wait_until(
        lambda: estate.state(estate.orphan).startswith("TERMINATED"), "the orphan was never ended"
    )
    assert estate.state(estate.foreign) == "WAITING"
    assert [estate.state(cluster) for cluster in estate.others] == ["WAITING", "WAITING"]
    wait_until(lambda: set(estate.listed()) == {estate.foreign}, "the list is not that of EMR")
    assert "only a person" in estate.listed()[estate.foreign]["fate"]
    assert {line["cluster"] for line in estate.logged("orphan_found")} == {
        estate.orphan,
        estate.foreign,
    }
    assert [line["cluster"] for line in estate.logged("orphan_killed")] == [estate.orphan]


def test_F4_unarmed_it_lists_and_a_person_ends_what_they_name(start):
    estate = start(armed=False)
    would = "it would be killed if reaper.armed were true"
    wait_until(
        lambda: would in estate.listed().get(estate.orphan, {}).get("fate", ""),
        "the list never said what would be killed",
    )
    assert set(estate.listed()) == {estate.orphan, estate.foreign}
    assert {row["class"] for row in estate.listed().values()} == {"orphan", "foreign"}

    table = estate.cli("reap")
    assert table.returncode == 0 and would in table.stdout and estate.foreign in table.stdout
    rows = json.loads(estate.cli("list", "--orphans", "--output", "json").stdout)
    assert {row["cluster_id"] for row in rows} == {estate.orphan, estate.foreign}
    assert estate.cli("reap", "--dry-run", estate.foreign).stdout.count("j-") == 1
    asked = estate.cli("reap", estate.foreign)
    assert asked.returncode == 2 and "--yes" in asked.stderr
    unknown = estate.cli("reap", "--yes", estate.others[0])
    assert unknown.returncode == 2 and "is no orphan" in unknown.stderr
    assert estate.state(estate.foreign) == "WAITING"

    ended = estate.cli("reap", "--yes", estate.foreign)
    assert ended.returncode == 0, ended.stderr
    wait_until(
        lambda: estate.state(estate.foreign).startswith("TERMINATED"), "it was never ended"
    )
    assert estate.state(estate.orphan) == "WAITING"
    assert estate.logged("orphan_killed") == [] or all(
        line["cluster"] == estate.foreign for line in estate.logged("orphan_killed")
    )
