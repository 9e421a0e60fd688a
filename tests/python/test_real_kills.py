"""kill -9 of a real standalone at the worst moments, fifty times in one run. The windows are a
millisecond wide in nature, so the emulator holds its replies: while RunJobFlow's reply is held,
dropped or the launch takes effect late, while the look-up that follows the restart runs, while
TerminateJobFlows is held, and while the restarted process issues it again. The emulator's journal is
the judge."""

import json

from processes import EmulatorProcess, Ledger, StandaloneProcess, clock_setting, write_project

SPEED = 300
JOBS = 17
KILLED = 8  # of the jobs are cleared while their cluster works

# Of three launches one answers late, one never, and one takes effect only after a while (in world
# time, less than the time for which a launch is not given up). Look-ups and terminates are held.
LAUNCH_FAULTS = ["delay_reply, for: 2s", "drop_reply, for: 2s", "accept_late, for: 1s"]
# Those that are not cleared work for a short while.
SHORT = ", ".join(f"'* job{job} try 1': 2m" for job in range(KILLED, JOBS))
FAULTS = "timing: {provisioning: 2m, bootstrap: 1m, step: 15m, shutdown: 1m, "
FAULTS += f"steps: {{{SHORT}}}}}\nfaults:\n" + "".join(
    f"  - {{action: RunJobFlow, nth: {n}, do: {LAUNCH_FAULTS[n % 3]}}}\n" for n in range(1, 2 * JOBS)
) + """  - {action: ListClusters, do: delay_reply, for: 200ms}
  - {action: TerminateJobFlows, do: delay_reply, for: 300ms}
"""


def look_ups(journal):
    """ListClusters calls that are look-ups: unfiltered by state."""
    return [
        line
        for line in journal
        if line.get("action") == "ListClusters" and "ClusterStates" not in line["request"]
    ]


def terminates(journal):
    return [line for line in journal if line.get("action") == "TerminateJobFlows"]


class Estate:
    def __init__(self, folder):
        self.project = write_project(folder / "project", "deployment: kills\n", JOBS)
        self.state = folder / "state"
        self.clock = clock_setting(SPEED)
        self.emulator = EmulatorProcess(folder, clock=self.clock, faults=FAULTS)
        self.log = open(folder / "standalone.log", "ab")
        self.kills = []
        self.start()

    def start(self):
        self.standalone = StandaloneProcess(
            self.project, self.state, self.emulator, self.clock, self.log
        )

    def kill(self, moment):
        self.standalone.kill()
        self.kills.append(moment)
        self.start()

    def wait_for_more(self, pick, before):
        """Until the journal has more lines of a kind than `before`."""
        while len(pick(self.emulator.journal())) <= before:
            assert self.standalone.process.poll() is None

    def kill_a_launch(self, job, attempt):
        """While its reply is out, and again while it is looked up."""
        before = len(look_ups(self.emulator.journal()))
        self.emulator.wait_for(
            lambda line: line.get("action") == "RunJobFlow"
            and line["request"]["Name"].endswith(f" job{job} try {attempt}")
        )
        self.kill(f"launch of job{job} try {attempt}")
        self.wait_for_more(look_ups, before)
        self.kill(f"look-up of job{job} try {attempt}")

    def kill_a_terminate(self, job):
        """The job is cleared while its cluster works: the terminate is held, then issued again."""
        task = f"job{job}.wait_cluster_termination"
        path = "/dags/chain/dagRuns/r/taskInstances/" + task
        while self.standalone.call(path)["state"] != "deferred":
            assert self.standalone.process.poll() is None
        before = len(terminates(self.emulator.journal()))
        self.standalone.call(
            "/dags/chain/clearTaskInstances",
            {"dag_run_id": "r", "task_ids": [task], "only_failed": False, "dry_run": False},
        )
        self.wait_for_more(terminates, before)
        self.kill(f"terminate of job{job}")

    def stop(self):
        self.standalone.stop()
        self.emulator.stop()
        self.log.close()


def test_L1_L2_T4_R1_fifty_kills_at_the_worst_moments(tmp_path):
    estate = Estate(tmp_path)
    try:
        estate.standalone.call("/dags/chain/dagRuns", {"dag_run_id": "r", "logical_date": None})
        for job in range(JOBS):
            estate.kill_a_launch(job, 1)
            if job < KILLED:
                estate.kill_a_terminate(job)
                estate.kill_a_launch(job, 2)
        assert estate.standalone.wait_for_run("chain", "r") == "success"
        for _ in range(200):
            clusters = estate.standalone.call("/clusters?live=true")
            if not Ledger(estate.emulator.journal()).alive():
                break
    finally:
        estate.stop()

    assert len(estate.kills) >= 50
    ledger = Ledger(estate.emulator.journal())
    assert clusters["total_entries"] == 0, clusters
    assert ledger.alive() == []
    assert ledger.double_work() == {}
    assert ledger.sent_twice() == []
    # Every reply was lost to a kill, and every cluster was adopted: none was launched for nothing.
    assert len(ledger.names) == JOBS + KILLED, json.dumps(ledger.names, indent=1)
