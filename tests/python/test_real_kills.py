"""kill -9 of a real standalone at the worst moments. The windows are a millisecond wide in nature, so
the emulator holds its replies: while RunJobFlow's reply is held or dropped, and while the look-up that
follows the restart runs. The emulator's journal is the judge."""

import json

from processes import EmulatorProcess, Ledger, StandaloneProcess, clock_setting, write_project

SPEED = 300
JOBS = 5

# Every second RunJobFlow is executed and its reply dropped, the others' replies are held; every
# ListClusters is held, so that a look-up can be caught.
FAULTS = """
timing: {provisioning: 2m, bootstrap: 1m, step: 3m, shutdown: 1m}
faults:
  - {action: RunJobFlow, nth: 1, do: delay_reply, for: 3s}
  - {action: RunJobFlow, nth: 2, do: drop_reply, for: 3s}
  - {action: RunJobFlow, nth: 3, do: delay_reply, for: 3s}
  - {action: RunJobFlow, nth: 4, do: drop_reply, for: 3s}
  - {action: RunJobFlow, nth: 5, do: delay_reply, for: 3s}
  - {action: ListClusters, do: delay_reply, for: 300ms}
"""


def launched(emulator, number):
    """Whether RunJobFlow number `number` (from 1) has been executed."""

    def condition(line):
        return line.get("action") == "RunJobFlow" and line["name"].endswith(f" job{number - 1} try 1")

    return emulator.wait_for(condition)


def look_ups(emulator):
    """ListClusters calls that are look-ups: unfiltered by state."""
    return [
        line
        for line in emulator.journal()
        if line.get("action") == "ListClusters" and "ClusterStates" not in line["request"]
    ]


def test_L1_L2_ten_kills_at_the_worst_moments(tmp_path):
    project, state = write_project(tmp_path / "project", "deployment: kills\n", JOBS), tmp_path / "state"
    clock = clock_setting(SPEED)
    emulator = EmulatorProcess(tmp_path, clock=clock, faults=FAULTS)
    log = open(tmp_path / "standalone.log", "ab")

    def start():
        return StandaloneProcess(project, state, emulator, clock, log)

    kills = []
    standalone = None
    try:
        standalone = start()
        standalone.call("/dags/chain/dagRuns", {"dag_run_id": "r", "logical_date": None})
        for number in range(1, JOBS + 1):
            launched(emulator, number)
            standalone.kill()
            kills.append(f"RunJobFlow {number} held")

            before = len(look_ups(emulator))
            standalone = start()
            while len(look_ups(emulator)) == before:
                assert standalone.process.poll() is None
            standalone.kill()
            kills.append(f"look-up after RunJobFlow {number}")
            standalone = start()
        assert standalone.wait_for_run("chain", "r") == "success"
        clusters = standalone.call("/clusters?live=true")
        for _ in range(200):
            if not Ledger(emulator.journal()).alive():
                break
            clusters = standalone.call("/clusters?live=true")
        assert clusters["total_entries"] == 0, clusters
    finally:
        if standalone is not None:
            standalone.stop()
        emulator.stop()
        log.close()

    ledger = Ledger(emulator.journal())
    assert len(kills) == 10
    assert ledger.alive() == []
    assert ledger.double_work() == {}
    assert ledger.sent_twice() == []
    # Every reply was lost to a kill, and every cluster was adopted: none was launched for nothing.
    assert len(ledger.names) == JOBS, json.dumps(ledger.names, indent=1)
