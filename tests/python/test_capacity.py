"""Slots, weights and limits through the real program, against the emulator: in which order clusters
are launched, and how many are up at once, as the emulator's journal has it; and what people are
shown."""

import json

import pytest

from processes import Estate, Ledger, eventually, write_project

# `sums` ends long before `heavy`, so that one slot is free for a while.
FAULTS = """
timing:
  {provisioning: 1m, bootstrap: 1m, step: 20m, shutdown: 30s, jitter: 0,
   steps: {"* sums try *": 15m, "* heavy try *": 40m}}
"""
SETTINGS = """
deployment: capacity
pools: {narrow: 2, wide: 9}
limits: {active: [{tag: scarce, max: 3}]}
"""

JOB = "type: emr_job, cluster: small"
ORDER = f"""
dag_id: order
is_paused_upon_creation: false
default_args: {{pool: narrow}}
tasks:
  light: {{{JOB}}}
  heavy: {{{JOB}, priority_weight: 5}}
  sums: {{{JOB}, priority_weight: 3, weight_rule: downstream}}
  last: {{{JOB}, priority_weight: 4, depends_on: [sums], pool_slots: 2}}
"""
SHARED = f"""
dag_id: shared
is_paused_upon_creation: false
tags: [scarce]
default_args: {{pool: wide}}
limits: [{{by: lane.id, max: 1}}]
lanes: [{{id: x}}, {{id: y}}, {{id: z}}, {{id: u}}]
tasks:
  one: {{{JOB}}}
  two: {{{JOB}}}
"""


@pytest.fixture
def estate(tmp_path):
    project = write_project(tmp_path / "project", SETTINGS, 1)
    (project / "dags" / "order.yaml").write_text(ORDER)
    (project / "dags" / "shared.yaml").write_text(SHARED)
    made = Estate(tmp_path, project, FAULTS)
    yield made
    made.stop()


def tasks_of(estate, dag):
    listed = estate.standalone.call(f"/dags/{dag}/dagRuns/r/taskInstances")["task_instances"]
    return {task["task_id"].removesuffix(".start_cluster"): task
            for task in listed if task["task_id"].endswith(".start_cluster")}


def finish(estate, dag):
    run = f"/dags/{dag}/dagRuns/r"
    found = eventually(lambda: estate.standalone.call(run),
                       lambda seen: seen["state"] in ("success", "failed"))
    assert found["state"] == "success"


def job_of(name):
    return name.split()[3]


def launched(estate):
    return [job_of(line["name"]) for line in estate.emulator.journal()
            if line.get("action") == "RunJobFlow" and line.get("http", 0) // 100 == 2]


def test_weights_order_the_launches_and_slots_bound_them(estate):
    estate.trigger("order")
    tasks = eventually(lambda: tasks_of(estate, "order"),
                       lambda seen: seen["heavy"]["state"] == "success")  # its cluster is up
    weights = {job: task["priority_weight"] for job, task in tasks.items()}
    assert weights == {"light": 1, "heavy": 5, "sums": 7, "last": 4}
    assert tasks["last"]["pool_slots"] == 2
    assert tasks["light"]["blocked_by"] == [
        {"kind": "pool", "message": "the pool 'narrow' is full: 2 of 2 slots are used", "until": None}]

    pool = estate.standalone.call("/pools/narrow")
    assert (pool["slots"], pool["occupied_slots"], pool["open_slots"], pool["queued_slots"]) == (
        2, 2, 0, 1)
    shown = estate.cli("pools", "list", "--output", "json")
    assert shown.returncode == 0, shown.stderr
    assert {p["name"] for p in json.loads(shown.stdout)} == {"default_pool", "narrow", "wide"}

    finish(estate, "order")
    # `last` weighs more than `light`, and waits for two slots.
    assert launched(estate) == ["sums", "heavy", "light", "last"]


def test_limits_bound_what_is_up_at_once(estate):
    estate.trigger("shared")
    tasks = eventually(lambda: tasks_of(estate, "shared"),
                       lambda seen: seen["one_z"]["state"] == "success")
    (by_lane,) = tasks["two_x"]["blocked_by"]
    assert by_lane["kind"] == "limit"
    assert by_lane["message"] == (
        "the limit 'by: lane.id, max: 1' of its DAG is reached for 'x' by one_x")
    (by_tag,) = tasks["one_u"]["blocked_by"]
    assert "the limit 'tag: scarce, max: 3' of signalbox.yaml is reached by" in by_tag["message"]

    finish(estate, "shared")
    up, lanes, most = {}, {}, 0
    for line in estate.emulator.journal():
        if line.get("change") != "cluster":
            continue
        if line["state"].startswith("TERMINATED"):
            lane = up.pop(line["cluster_id"])
            lanes[lane] -= 1
        elif line["cluster_id"] not in up:
            lane = up[line["cluster_id"]] = job_of(line["name"]).split("_")[1]
            lanes[lane] = lanes.get(lane, 0) + 1
            assert lanes[lane] == 1, line
        most = max(most, len(up))
    assert most == 3
    assert not Ledger(estate.emulator.journal()).alive()
