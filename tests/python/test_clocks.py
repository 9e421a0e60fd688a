"""The real programs under a machine's clock that is wrong: set back at run time and over a restart, set
forward, and hours away from AWS's. libfaketime stands for whoever sets it."""

import json
import pathlib
import time

import pytest

from processes import EmulatorProcess, Ledger, StandaloneProcess, clock_setting, write_project

SPEED = 60
FAULTS = "timing: {provisioning: 1m, bootstrap: 1m, step: 4m, shutdown: 1m}\n"
FAKETIME = next(pathlib.Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)

pytestmark = pytest.mark.skipif(FAKETIME is None, reason="libfaketime is not installed")


class SetClock:
    """The wall clock of programs that are started with `environment`."""

    def __init__(self, path):
        self.path = path
        self.set_by(0)
        self.environment = {
            "LD_PRELOAD": str(FAKETIME),
            "FAKETIME_TIMESTAMP_FILE": str(path),
            "FAKETIME_NO_CACHE": "1",
            "DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }

    def set_by(self, seconds):
        new = self.path.with_suffix(".new")
        new.write_text(f"{seconds:+d}")
        new.replace(self.path)  # never seen empty


@pytest.fixture
def wall(tmp_path):
    return SetClock(tmp_path / "faketime")


def health(standalone):
    return standalone.call("/monitor/health")["clock"]


def trigger(standalone, run):
    standalone.call("/dags/chain/dagRuns", {"dag_run_id": run, "logical_date": None})


def until(condition, timeout=60):
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.05)
    raise TimeoutError("it never came true")


def assert_done_once(emulator, clusters):
    ledger = Ledger(emulator.journal())
    assert (ledger.alive(), ledger.double_work(), ledger.sent_twice()) == ([], {}, [])
    assert len(ledger.names) == clusters


# In world time, hours: the world is 60 times as fast.
@pytest.mark.parametrize("step", [-120, -2, 120])
def test_watching_goes_on_while_the_clock_is_wrong(tmp_path, wall, step):
    project = write_project(tmp_path / "project", "deployment: clocks\n", 2)
    clock = clock_setting(SPEED)
    emulator = EmulatorProcess(tmp_path, clock=clock, faults=FAULTS)
    standalone = StandaloneProcess(project, tmp_path / "state", emulator, clock, **wall.environment)
    try:
        assert health(standalone)["status"] == "healthy" and health(standalone)["message"] is None
        trigger(standalone, "before")
        emulator.wait_for(lambda line: line.get("change") == "step" and line["state"] == "RUNNING")
        wall.set_by(step)
        trigger(standalone, "after")
        assert standalone.wait_for_run("chain", "before") == "success"
        assert standalone.wait_for_run("chain", "after") == "success"
        if step == -120:
            until(lambda: health(standalone)["status"] == "unhealthy")
            assert "was set back" in health(standalone)["message"] and health(standalone)["since"]
        # A new process knows nothing of what the old one saw, but for what is stored.
        standalone.stop()
        standalone = StandaloneProcess(project, tmp_path / "state", emulator, clock, **wall.environment)
        trigger(standalone, "restarted")
        assert standalone.wait_for_run("chain", "restarted") == "success"
        wall.set_by(0)
        if step < 0:
            until(lambda: health(standalone)["status"] == "healthy")
        until(lambda: not Ledger(emulator.journal()).alive())
    finally:
        standalone.stop()
        emulator.stop()
    assert_done_once(emulator, clusters=6)


@pytest.mark.parametrize("skew", [7200, -7200])
def test_many_refusals_at_once_teach_one_offset(tmp_path, wall, skew):
    project = write_project(tmp_path / "project", "deployment: clocks\n", 1, lanes=8)
    emulator = EmulatorProcess(tmp_path, **wall.environment)
    path = tmp_path / "standalone.log"
    with open(path, "ab") as log:
        standalone = StandaloneProcess(project, tmp_path / "state", emulator, log=log)

    def runs():
        return [line for line in emulator.journal() if line.get("action") == "RunJobFlow"]

    try:
        wall.set_by(skew)
        trigger(standalone, "r")
        until(lambda: sum(line["http"] == 200 for line in runs()) == 8)
        assert len(runs()) <= 16
        assert abs(skew) - 5 <= abs(metric(standalone, "signalbox_clock_skew_seconds")) <= abs(skew) + 5
        until(lambda: health(standalone)["status"] == "unhealthy")
        assert "AWS's" in health(standalone)["message"]
    finally:
        standalone.stop()
        emulator.stop()
    learned = [json.loads(line) for line in path.read_text().splitlines() if '"clock_skew"' in line]
    assert len(learned) == 1


def metric(standalone, name):
    page = standalone.fetch("/metrics").decode().splitlines()
    return next(float(line.split()[-1]) for line in page if line.startswith(name + " "))
