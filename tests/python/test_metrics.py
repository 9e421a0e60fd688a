"""Prometheus' own client reads /metrics, and what it reads agrees with the REST API."""

import urllib.error
import urllib.request

import pytest

from processes import EmulatorProcess, StandaloneProcess, clock_setting, write_project

prometheus = pytest.importorskip("prometheus_client.parser")


def test_metrics_are_read_by_prometheus_and_agree_with_the_api(tmp_path):
    project = write_project(tmp_path / "project", "deployment: numbers\n", 1, lanes=3)
    clock = clock_setting(300)
    emulator = EmulatorProcess(tmp_path, clock=clock)
    standalone = StandaloneProcess(project, tmp_path / "state", emulator, clock)
    try:
        standalone.call("/dags/chain/dagRuns", {"dag_run_id": "r", "logical_date": None})
        assert standalone.wait_for_run("chain", "r") == "success"
        while standalone.call("/clusters?live=true")["total_entries"]:
            pass
        text = standalone.fetch("/metrics").decode()
        families = {f.name: f for f in prometheus.text_string_to_metric_families(text)}

        made = {}
        for sample in families["signalbox_emr_calls"].samples:
            action = sample.labels["action"]
            made[action] = made.get(action, 0) + sample.value
        journal = [line["action"] for line in emulator.journal() if "action" in line]
        assert made["RunJobFlow"] == journal.count("RunJobFlow") == 3
        assert families["signalbox_emr_calls"].type == "counter"
        assert not families["signalbox_clusters"].samples
        (slots,) = families["signalbox_pool_slots"].samples
        assert slots.labels == {"pool": "default_pool"} and slots.value == 128
        assert families["signalbox_launching_held"].samples[0].value == 0
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(standalone.url + "/metrics", timeout=10)
        assert refused.value.code == 401
    finally:
        standalone.stop()
        emulator.stop()
