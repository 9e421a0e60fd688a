"""Prometheus' own client and checker read /metrics, and what they read agrees with the REST API."""

import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request

import pytest

from processes import ROOT, EmulatorProcess, StandaloneProcess, clock_setting, write_project

prometheus = pytest.importorskip("prometheus_client.parser")

PROMTOOL = shutil.which("promtool") or shutil.which(str(ROOT / "build" / "promtool"))


class Server:
    def __init__(self, folder, **project):
        self.folder = folder
        self.project = write_project(folder / "project", "deployment: numbers\n", 1, **project)
        self.clock = clock_setting(300)
        self.emulator = EmulatorProcess(folder, clock=self.clock)
        self.start()

    def start(self):
        self.standalone = StandaloneProcess(
            self.project, self.folder / "state", self.emulator, self.clock
        )

    def restart(self):
        self.standalone.stop()
        self.start()

    def text(self):
        return self.standalone.fetch("/metrics").decode()

    def families(self):
        return {f.name: f for f in prometheus.text_string_to_metric_families(self.text())}

    def run(self, dag="chain"):
        self.standalone.call(f"/dags/{dag}/dagRuns", {"dag_run_id": "r", "logical_date": None})
        assert self.standalone.wait_for_run(dag, "r") == "success"
        while self.standalone.call("/clusters?live=true")["total_entries"]:
            time.sleep(0.05)

    def stop(self):
        self.standalone.stop()
        self.emulator.stop()


@pytest.fixture
def server(tmp_path):
    made = Server(tmp_path, lanes=3)
    yield made
    made.stop()


def value(families, family, name=None, **labels):
    found = [
        s.value
        for s in families[family].samples
        if s.name == (name or s.name) and labels.items() <= s.labels.items()
    ]
    assert found, (family, name, labels)
    return sum(found)


def assert_promtool_finds_nothing(text):
    if PROMTOOL is None:
        pytest.skip("promtool is not there: tools/promtool-setup")
    checked = subprocess.run(
        [PROMTOOL, "check", "metrics"], input=text, capture_output=True, text=True, timeout=60
    )
    assert checked.returncode == 0 and not checked.stderr, checked.stderr + checked.stdout


def test_metrics_are_read_by_prometheus_and_agree_with_the_api(server):
    server.run()
    families = server.families()
    journal = [line["action"] for line in server.emulator.journal() if "action" in line]
    launches = value(families, "signalbox_emr_calls", action="RunJobFlow")
    assert launches == journal.count("RunJobFlow") == 3
    assert families["signalbox_emr_calls"].type == "counter"
    assert value(families, "signalbox_clusters") == 0
    (slots,) = families["signalbox_pool_slots"].samples
    assert slots.labels == {"pool": "default_pool"} and slots.value == 128
    assert value(families, "signalbox_launching_held") == 0
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(server.standalone.url + "/metrics", timeout=10)
    assert refused.value.code == 401


def test_every_series_is_there_before_anything_happens(server):
    before = {(s.name, tuple(s.labels.items())) for f in server.families().values() for s in f.samples}
    server.run()
    after = {(s.name, tuple(s.labels.items())) for f in server.families().values() for s in f.samples}
    assert after == before
    for family in server.families().values():
        assert family.documentation and family.type != "unknown", family.name


def test_outcomes_and_durations_by_dag_agree_with_the_api(server):
    server.run()
    run = server.standalone.call("/dags/chain/dagRuns/r")
    tasks = server.standalone.call("/dags/chain/dagRuns/r/taskInstances")["task_instances"]
    families = server.families()
    assert value(families, "signalbox_dag_runs", dag="chain", state="success") == 1
    assert value(families, "signalbox_dag_runs", dag="chain") == 1
    succeeded = [t for t in tasks if t["state"] == "success"]
    assert value(families, "signalbox_task_instances", dag="chain", state="success") == len(succeeded) == 6
    durations = "signalbox_dag_run_duration_seconds"
    assert value(families, durations, durations + "_count", dag="chain") == 1
    assert value(families, durations, durations + "_sum", dag="chain") == pytest.approx(run["duration"], abs=1e-3)
    durations = "signalbox_task_duration_seconds"
    total = value(families, durations, durations + "_sum", dag="chain")
    assert total == pytest.approx(sum(t["duration"] for t in tasks), abs=1e-3)
    lag = "signalbox_scheduler_lag_seconds"
    assert value(families, lag, lag + "_count", until="launched") == 3


def test_the_last_success_outlives_a_restart_and_counters_begin_anew(server):
    server.run()
    name = "signalbox_dag_last_success_timestamp_seconds"
    before = value(server.families(), name, dag="chain")
    assert before > 1e9
    server.restart()
    families = server.families()
    assert value(families, name, dag="chain") == before
    assert value(families, "signalbox_dag_runs", dag="chain") == 0


def test_the_process_is_the_one_that_answers(server):
    families = server.families()
    pid = server.standalone.process.pid
    resident = value(families, "process_resident_memory_bytes")
    pages = int(open(f"/proc/{pid}/statm").read().split()[1])
    assert resident == pytest.approx(pages * os.sysconf("SC_PAGESIZE"), rel=0.5)
    assert 0 < value(families, "process_open_fds") < value(families, "process_max_fds")
    assert value(families, "process_start_time_seconds") == pytest.approx(time.time(), abs=600)
    (build,) = families["signalbox_build_info"].samples
    assert build.value == 1 and build.labels["version"]


def test_promtool_finds_nothing_to_criticise(server):
    assert_promtool_finds_nothing(server.text())
    server.run()
    assert_promtool_finds_nothing(server.text())


def test_a_page_of_many_dags_is_bounded(tmp_path):
    project = write_project(tmp_path / "project", "deployment: many\n", 1)
    for i in range(2100):
        (project / "dags" / f"d{i}.yaml").write_text(
            f"dag_id: d{i}\nschedule: null\ntasks:\n  only: {{type: empty}}\n"
        )
    emulator = EmulatorProcess(tmp_path, clock=clock_setting(1))
    standalone = StandaloneProcess(project, tmp_path / "state", emulator, clock_setting(1))
    try:
        text = standalone.fetch("/metrics").decode()
        families = {f.name: f for f in prometheus.text_string_to_metric_families(text)}
        shown = {s.labels["dag"] for s in families["signalbox_dag_runs"].samples}
        assert len(shown) == 2000
        assert value(families, "signalbox_dags_not_shown") == 101
        assert_promtool_finds_nothing(text)
    finally:
        standalone.stop()
        emulator.stop()
