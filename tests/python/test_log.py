"""The log of a real standalone: a reader that stops or goes away, a flood of mistakes, what its lines
say, what they never say, and its file under logrotate."""

import json
import os
import signal
import time
import urllib.error
import urllib.request

import pytest

from processes import EmulatorProcess, StandaloneProcess, clock_setting, write_project

MISTAKES = "dag_id: x\n" + "a: 1\n" * 20000
FAULTS = """
timing: {provisioning: 1m, bootstrap: 1m, step: 3m, shutdown: 1m}
faults:
  - {name: "* job1 try *", do: fail_step, step: 1}
"""


@pytest.fixture
def clock():
    return clock_setting(300)


@pytest.fixture
def emulator(tmp_path, clock):
    started = EmulatorProcess(tmp_path, clock=clock, faults=FAULTS)
    yield started
    started.stop()


@pytest.fixture
def project(tmp_path):
    return write_project(tmp_path / "project", "deployment: logs\n", 2)


def until(condition, timeout=60):
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.02)
    raise TimeoutError("it never came true")


def lines_of(path):
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def errors_are_seen(standalone):
    return standalone.call("/importErrors")["total_entries"] > 0


@pytest.mark.parametrize("reader", ["stopped", "gone"])
def test_whoever_reads_the_log_cannot_stop_the_scheduler(tmp_path, emulator, clock, project, reader):
    read_end, write_end = os.pipe()
    standalone = StandaloneProcess(project, tmp_path / "state", emulator, clock, log=write_end)
    os.close(write_end)
    try:
        if reader == "gone":
            os.close(read_end)
        for edit in range(5):  # more than the pipe holds, were all of it written
            (project / "dags" / "bad.yaml").write_text(MISTAKES + f"b{edit}: 1\n")
        until(lambda: errors_are_seen(standalone))
        standalone.call("/dags/chain/dagRuns", {"dag_run_id": "r", "logical_date": None})
        emulator.wait_for(lambda line: line.get("action") == "RunJobFlow")
        assert standalone.process.poll() is None
    finally:
        standalone.stop()
        if reader == "stopped":
            os.close(read_end)
    assert standalone.process.returncode == 0


def test_a_flood_of_one_kind_is_a_hundred_lines_and_a_count(tmp_path, emulator, project):
    path = tmp_path / "standalone.log"
    with open(path, "ab") as log:
        standalone = StandaloneProcess(project, tmp_path / "state", emulator, log=log)
    (project / "dags" / "bad.yaml").write_text(MISTAKES)
    until(lambda: errors_are_seen(standalone))
    standalone.stop()
    errors = [line for line in lines_of(path) if line["event"] == "import_error"]
    assert 0 < len(errors) <= 100
    suppressed = [line for line in lines_of(path) if line["event"] == "log_suppressed"]
    assert all(line["count"] > 0 for line in suppressed)
    assert path.stat().st_size < 100_000


def test_what_happens_is_a_line_each_and_secrets_are_none(tmp_path, emulator, clock, project):
    path = tmp_path / "standalone.log"
    standalone = StandaloneProcess(
        project, tmp_path / "state", emulator, clock, SIGNALBOX_LOG_FILE=str(path), SIGNALBOX_LOG_LEVEL="debug"
    )
    token = (tmp_path / "state" / "token").read_text().strip()
    try:
        standalone.call("/dags/chain/dagRuns", {"dag_run_id": "r", "logical_date": None})
        assert standalone.wait_for_run("chain", "r") == "failed"
        with pytest.raises(urllib.error.HTTPError):
            request = urllib.request.Request(
                f"{standalone.url}/api/v2/dags", headers={"Authorization": f"Bearer x{token}"}
            )
            urllib.request.urlopen(request, timeout=10)
    finally:
        standalone.stop()
    lines = lines_of(path)
    events = [line["event"] for line in lines]
    for event in ("launch", "launched", "verdict", "task_failed", "run_ended", "action"):
        assert event in events, event
    verdicts = [line for line in lines if line["event"] == "verdict"]
    assert {line["job"]: line["verdict"] for line in verdicts} == {"job0": "success", "job1": "application"}
    ended = next(line for line in lines if line["event"] == "run_ended")
    assert (ended["dag"], ended["run"], ended["state"]) == ("chain", "r", "failed")
    assert all("reason" in line for line in lines if line["event"] == "task_failed")
    action = next(line for line in lines if line["event"] == "action")
    assert action["who"] and action["from"].startswith("127.0.0.1") and action["status"] == 200
    assert token not in path.read_text()


def test_its_file_is_begun_anew_at_a_hangup(tmp_path, emulator, project):
    path = tmp_path / "standalone.log"
    standalone = StandaloneProcess(project, tmp_path / "state", emulator, SIGNALBOX_LOG_FILE=str(path))
    try:
        (project / "dags" / "bad.yaml").write_text("dag_id: x\na: 1\n")
        until(lambda: lines_of(path))
        path.rename(tmp_path / "standalone.log.1")
        standalone.process.send_signal(signal.SIGHUP)
        until(path.exists)
        (project / "dags" / "bad.yaml").write_text("dag_id: x\na: 1\nb: 1\n")
        until(lambda: lines_of(path))
        assert standalone.process.poll() is None
    finally:
        standalone.stop()


def test_a_file_that_cannot_be_opened_ends_the_start(tmp_path, emulator, project):
    with open(tmp_path / "stderr", "wb") as log, pytest.raises(RuntimeError):
        StandaloneProcess(
            project, tmp_path / "state", emulator, log=log, SIGNALBOX_LOG_FILE=str(tmp_path / "no" / "x.log")
        )
    assert "--log-file" in (tmp_path / "stderr").read_text()


def test_without_a_choice_its_lines_are_readable(tmp_path, emulator, project):
    (project / "dags" / "bad.yaml").write_text("dag_id: x\na: 1\n")
    path = tmp_path / "stderr"
    with open(path, "wb") as log:
        standalone = StandaloneProcess(
            project, tmp_path / "state", emulator, log=log, SIGNALBOX_LOG_FORMAT="text"
        )
    standalone.stop()
    line = next(line for line in path.read_text().splitlines() if "import_error" in line)
    assert not line.startswith("{") and " ERROR " in line and 'message="' in line
