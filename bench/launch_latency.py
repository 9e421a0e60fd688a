#!/usr/bin/env python3
"""From "dependency satisfied" to "launch call sent", on the real programs: a standalone on SQLite and an
emulator in a process of its own, over HTTP with signatures.

Each lane is a chain of jobs. When a job's success is applied (the time of its history row), the next
one's dependency is satisfied; its launch call is sent when the emulator's journal has its RunJobFlow,
which includes the network, the signature's check and the journal's own line, so the figure is an upper
bound. In between lies one durable commit, of the success and the launch's intent together.

    bench/launch_latency.py [--lanes N] [--jobs N]
"""

import argparse
import pathlib
import sys
import tempfile
import time
from datetime import datetime

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "tests" / "python"))
from processes import EmulatorProcess, StandaloneProcess, clock_setting, write_project  # noqa: E402

SPEED = 100
SETTINGS = "deployment: bench\nemr: {poll_interval: 10s}\n"
FAULTS = "quotas: off\ntiming: {provisioning: 1m, bootstrap: 30s, step: 12m, shutdown: 30s, jitter: 0.5}\n"


def seconds(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def history(standalone):
    after = 0
    while True:
        rows = standalone.call(f"/history?after={after}&limit=1000")["history"]
        if not rows:
            return
        yield from rows
        after = rows[-1]["seq"]


def measure(lanes, jobs, directory):
    clock = clock_setting(SPEED)
    emulator = EmulatorProcess(directory, clock=clock, faults=FAULTS)
    project = write_project(directory / "project", SETTINGS, jobs, lanes)
    log = open(directory / "standalone.log", "ab")
    standalone = StandaloneProcess(project, directory / "state", emulator, clock, log)
    try:
        standalone.call("/dags/chain/dagRuns", {"dag_run_id": "r", "logical_date": None})
        state = standalone.wait_for_run("chain", "r", timeout=300)
        if state != "success":
            raise SystemExit(f"the run ended as {state}")
        satisfied = {}
        for row in history(standalone):
            if row["to"] == "queued" and row["entity"].endswith(".start_cluster"):
                job = row["entity"].split("/")[-1].removesuffix(".start_cluster")
                satisfied[job] = seconds(row["at"])
        delays = []
        for line in emulator.journal():
            if line.get("action") == "RunJobFlow" and " job0_" not in line["name"]:
                job = line["name"].split(" ")[-3]
                delays.append((seconds(line["t"]) - satisfied[job]) / SPEED * 1000)
        return sorted(delays)
    finally:
        standalone.stop()
        emulator.stop()
        log.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lanes", type=int, default=50)
    parser.add_argument("--jobs", type=int, default=5)
    options = parser.parse_args()
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="signalbox-bench-") as directory:
        delays = measure(options.lanes, options.jobs, pathlib.Path(directory))
    at = lambda q: delays[min(len(delays) - 1, int(q * len(delays)))]  # noqa: E731
    print(
        f"dependency satisfied -> launch call received: p50 {at(0.5):.1f} ms, p99 {at(0.99):.1f} ms, "
        f"max {delays[-1]:.1f} ms ({len(delays)} launches, {time.monotonic() - begun:.0f} s)"
    )


if __name__ == "__main__":
    main()
