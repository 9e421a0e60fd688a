"""deploy/prometheus and deploy/grafana: promtool judges rules and expressions, a real page has their metrics."""

import json
import re
import shutil
import subprocess

import pytest
import yaml

from processes import (
    ROOT,
    EmulatorProcess,
    StandaloneProcess,
    clock_setting,
    signalbox_path,
    write_project,
)

prometheus = pytest.importorskip("prometheus_client.parser")

PROMTOOL = shutil.which("promtool") or shutil.which(str(ROOT / "build" / "promtool"))
DEPLOY = ROOT / "deploy"
ALERTS = DEPLOY / "prometheus" / "alerts.yaml"
needs_promtool = pytest.mark.skipif(PROMTOOL is None, reason="no promtool: tools/promtool-setup makes it")


def alerts():
    return [rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]


def panels():
    dashboard = json.loads((DEPLOY / "grafana" / "signalbox.json").read_text())
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def expressions():
    shown = [target["expr"].replace("$dag", ".*") for panel in panels() for target in panel["targets"]]
    return [rule["expr"] for rule in alerts()] + shown


@pytest.fixture(scope="module")
def samples(tmp_path_factory):
    """The names of all samples, and their labels, on the page of a server that has run something."""
    folder = tmp_path_factory.mktemp("page")
    project = write_project(folder / "project", "deployment: page\n", 1)
    clock = clock_setting(300)
    emulator = EmulatorProcess(folder, clock=clock)
    server = StandaloneProcess(project, folder / "state", emulator, clock)
    try:
        server.call("/dags/chain/dagRuns", {"dag_run_id": "r", "logical_date": None})
        assert server.wait_for_run("chain", "r") == "success"
        text = server.fetch("/metrics").decode()
    finally:
        server.stop()
        emulator.stop()
    found = {}
    for family in prometheus.text_string_to_metric_families(text):
        found.setdefault(family.name, set())
        for sample in family.samples:
            found.setdefault(sample.name, set()).update(sample.labels.items())
    return found


def test_every_metric_that_is_named_exists(samples):
    # A counter without a sample has its family's name, which leaves out `_total`.
    known = set(samples) | {f"{name}_total" for name in samples}
    for expression in expressions():
        names = re.findall(r"\b(?:signalbox|process)_[a-z_]+", expression)
        assert names, expression
        assert set(names) <= known, expression


def test_every_value_of_a_label_that_is_named_exists(samples):
    for expression in expressions():
        for name, label, wanted in re.findall(r'(\w+)\{(\w+)="(\w+)"\}', expression):
            assert (label, wanted) in samples[name], expression


@needs_promtool
def test_promtool_takes_the_rules_and_what_the_panels_ask(tmp_path):
    asked = {"groups": [{"name": "all", "rules": [
        {"record": f"check:{number}", "expr": expression.replace("$__all", ".*")}
        for number, expression in enumerate(expressions())
    ]}]}
    (tmp_path / "asked.yaml").write_text(yaml.safe_dump(asked))
    for path in (ALERTS, tmp_path / "asked.yaml"):
        done = subprocess.run([PROMTOOL, "check", "rules", path], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr + done.stdout


@needs_promtool
def test_the_rules_fire_when_their_tests_say_so():
    tests = DEPLOY / "prometheus" / "alerts_test.yaml"
    done = subprocess.run([PROMTOOL, "test", "rules", tests], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr + done.stdout
    tested = {
        test["alertname"] for case in yaml.safe_load(tests.read_text())["tests"] for test in case["alert_rule_test"]
    }
    assert tested == {rule["alert"] for rule in alerts()}


def test_the_commands_that_alerts_name_exist():
    found = 0
    for rule in alerts():
        for command in re.findall(r"`signalbox ([a-z -]+?)[ `{]*(?:--[^`]*)?`", rule["annotations"]["description"]):
            done = subprocess.run(
                [signalbox_path(), *command.split(), "--help"],
                capture_output=True, text=True, timeout=30,
            )
            assert done.returncode == 0, (rule["alert"], command, done.stderr)
            found += 1
    assert found > 5


def test_each_panel_has_a_place_of_its_own():
    taken = set()
    for panel in panels():
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
        assert not cells & taken and place["x"] + place["w"] <= 24, panel["title"]
        taken |= cells
