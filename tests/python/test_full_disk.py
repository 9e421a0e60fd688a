"""A disk that is really full under a running standalone: launching stops, watching goes on, nothing that
was committed is lost, and with space again the run goes on to its end."""

import errno
import os
import subprocess

import pytest

from processes import EmulatorProcess, Ledger, StandaloneProcess, clock_setting, write_project

SPEED = 300
JOBS = 3
FAULTS = "timing: {provisioning: 2m, bootstrap: 1m, step: 6m, shutdown: 1m}\n"


@pytest.fixture
def small_disk(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m,mode=0700", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("no small disk: this user may not mount a tmpfs")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def fill(disk):
    """Takes the last byte of the disk; returns the file that holds it."""
    path = disk / "ballast"
    with open(path, "wb", buffering=0) as ballast:
        for size in (1 << 16, 1 << 12, 1):
            try:
                while True:
                    ballast.write(b"x" * size)
            except OSError as error:
                assert error.errno == errno.ENOSPC
    return path


def launches(emulator):
    return [line for line in emulator.journal() if line.get("action") == "RunJobFlow"]


def ended(emulator):
    """The clusters that EMR has ended."""
    states = Ledger(emulator.journal()).states.values()
    return [state for state in states if state.startswith("TERMINATED")]


def test_D5_F1_a_full_disk_stops_launches_and_loses_nothing(tmp_path, small_disk):
    project = write_project(tmp_path / "project", "deployment: full\n", JOBS)
    clock = clock_setting(SPEED)
    emulator = EmulatorProcess(tmp_path, clock=clock, faults=FAULTS)
    log_path = tmp_path / "standalone.log"
    log = open(log_path, "ab")
    standalone = StandaloneProcess(project, small_disk, emulator, clock, log)
    try:
        standalone.call("/dags/chain/dagRuns", {"dag_run_id": "r", "logical_date": None})
        emulator.wait_for(lambda line: line.get("change") == "step" and line["state"] == "RUNNING")
        ballast = fill(small_disk)

        # The first job's cluster ends by itself; that is seen and stored from the reserve.
        emulator.wait_for(lambda _: len(ended(emulator)) == 1)
        emulator.wait_for(lambda _: first_job(standalone) == "success")
        assert len(launches(emulator)) == 1, "launched with a full disk"
        assert standalone.process.poll() is None
        assert "commit_refused" in log_path.read_text()

        os.unlink(ballast)
        assert standalone.wait_for_run("chain", "r") == "success"
    finally:
        standalone.stop()
        emulator.stop()
        log.close()
    ledger = Ledger(emulator.journal())
    assert (ledger.alive(), ledger.double_work(), ledger.sent_twice()) == ([], {}, [])
    assert len(ledger.names) == JOBS


def first_job(standalone):
    tasks = standalone.call("/dags/chain/dagRuns/r/taskInstances")["task_instances"]
    return next(t["state"] for t in tasks if t["task_id"] == "job0.wait_cluster_termination")
