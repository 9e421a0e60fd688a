"""`make demo LANES=24`: as many clusters at once within EMR's quotas, nothing scripted."""

import datetime
import json
import subprocess

import pytest

from processes import ROOT, clean_environment, signalbox_path

LANES = 24
SPEED = "900"  # four hours of world time in a quarter of a minute; quotas are in world time too
BURST, PER_SECOND = 10, 0.5  # of RunJobFlow


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lanes")
    demo = subprocess.run(
        [str(ROOT / "tools" / "demo-lanes"), "--lanes", str(LANES), "--speed", SPEED, "--out", str(folder)],
        env=clean_environment(SIGNALBOX_BIN=signalbox_path()),
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert demo.returncode == 0, demo.stdout + demo.stderr
    assert "clusters up at once" in demo.stdout
    return folder


def test_a_cluster_for_each_lane_at_once_and_no_call_is_throttled(out):
    told = json.loads((out / "figures.json").read_text())
    assert told["peak_clusters"] >= LANES
    assert told["throttled"] == 0
    # Four jobs a lane, publish, and sessionize: no try was spent on anything else.
    assert told["tries"] == told["launches"] == 4 * LANES + 2


def test_launches_come_at_their_quotas_pace(out):
    calls = [json.loads(line) for line in (out / "emulator.jsonl").open()]
    times = [
        datetime.datetime.fromisoformat(call["t"].replace("Z", "+00:00"))
        for call in calls
        if call.get("action") == "RunJobFlow"
    ]
    assert any((later - first).total_seconds() < 60 for first, later in zip(times, times[10:]))  # it is met
    for first in range(len(times)):
        for last in range(first + 1, len(times)):
            span = (times[last] - times[first]).total_seconds()
            assert last - first + 1 <= BURST + PER_SECOND * span + 0.01


def test_the_example_stays_as_it_is(out):
    assert not (ROOT / "examples" / "delphi" / ".signalbox").exists()
    assert (out / "project" / "dags" / "purchase_propensity.yaml").exists()
    assert not (out / "project" / "faults.yaml").exists()
