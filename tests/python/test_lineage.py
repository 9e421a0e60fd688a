"""OpenLineage's events of the real program, posted to a real receiver. Their own Python client judges them: its
classes are made of the published JSON Schemas, and each event has to come through them unchanged."""

import importlib
import json
import pkgutil
import uuid

import pytest

from processes import EmulatorProcess, StandaloneProcess, clock_setting, eventually, write_project
from receiver import Receiver

event_v2 = pytest.importorskip("openlineage.client.event_v2")
generated = pytest.importorskip("openlineage.client.generated")
Serde = pytest.importorskip("openlineage.client.serde").Serde

FAULTS = """quotas: off
timing: {provisioning: 1m, bootstrap: 1m, step: 5m, shutdown: 30s}
faults:
  - {name: "* job1 try *", do: fail_step, step: 1}
"""
DAG = """
dag_id: chain
is_paused_upon_creation: false
description: a chain
owner: team-data
tags: [nightly, "tier:1"]
tasks:
  job0: {type: emr_job, cluster: small, retries: 0, inlets: [raw], doc_md: makes the table,
         outlets: [{name: table, uri: "s3://lake/table"}]}
  job1: {type: emr_job, cluster: small, retries: 1, retry_delay: 1m, depends_on: [job0],
         outlets: [{name: report, uri: "s3://lake/report"}]}
"""
CLASSES = {
    name: thing
    for module in pkgutil.iter_modules(generated.__path__)
    for name, thing in vars(importlib.import_module(f"{generated.__name__}.{module.name}")).items()
    if isinstance(thing, type)
}


def judged_facets(facets):
    made = {}
    for key, facet in facets.items():
        kind = CLASSES[facet["_schemaURL"].rpartition("/")[2]]
        assert facet["_schemaURL"] == kind._get_schema()
        made[key] = kind(**{name: value for name, value in facet.items() if not name.startswith("_")})
        made[key]._producer = facet["_producer"]
    return made


def judged(event):
    """The event as the client's own classes have it; an unknown or wrong member raises."""
    run, job = event["run"], event["job"]
    made = event_v2.RunEvent(
        eventType=event_v2.RunState[event["eventType"]],
        eventTime=event["eventTime"],
        run=event_v2.Run(runId=run["runId"], facets=judged_facets(run["facets"])),
        job=event_v2.Job(job["namespace"], job["name"], facets=judged_facets(job["facets"])),
        inputs=[event_v2.InputDataset(**dataset) for dataset in event["inputs"]],
        outputs=[event_v2.OutputDataset(**dataset) for dataset in event["outputs"]],
        producer=event["producer"],
    )
    again = Serde.to_dict(made)
    for dataset in again["inputs"] + again["outputs"]:
        for name in ("facets", "inputFacets", "outputFacets"):
            assert not dataset.pop(name, None)
    assert again == event
    return event


class Lineage:
    def __init__(self, folder, settings="", speed=600):
        self.receiver = Receiver()
        self.folder = folder
        self.project = write_project(
            folder / "project",
            f"deployment: lineage\nopenlineage: {{url: '{self.receiver.url}', allow_private: true, "
            f"api_key: env:LINEAGE_KEY{settings}}}\n",
            jobs=1,
        )
        (self.project / "dags" / "chain.yaml").write_text(DAG)
        with (self.project / "clusters" / "small.yaml").open("a") as template:
            template.write("Applications: [{Name: Spark}]\n")
        (self.project / "assets").mkdir()
        (self.project / "assets" / "lake.yaml").write_text('raw: {uri: "s3://lake/raw/day"}\n')
        self.clock = clock_setting(speed)
        self.emulator = EmulatorProcess(folder, clock=self.clock, faults=FAULTS)
        self.log = open(folder / "standalone.log", "ab")
        self.start()

    def start(self):
        self.standalone = StandaloneProcess(
            self.project, self.folder / "state", self.emulator, self.clock, self.log, LINEAGE_KEY="a-key-of-lineage"
        )

    def run(self, name, logical_date=None):
        self.standalone.call("/dags/chain/dagRuns", {"dag_run_id": name, "logical_date": logical_date})
        return self.standalone.wait_for_run("chain", name)

    def events(self):
        return [json.loads(body) for _, _, body in self.receiver.taken]

    def await_end(self, count=1):
        """All events, once so many runs' ends are there."""
        def seen():
            return [event for event in self.events()
                    if event["job"]["name"] == "chain" and event["eventType"] != "START"]
        eventually(seen, lambda ends: len(ends) >= count)
        return self.events()

    def stop(self):
        self.standalone.stop()
        self.emulator.stop()
        self.receiver.stop()
        self.log.close()


@pytest.fixture
def lineage(tmp_path):
    made = Lineage(tmp_path)
    yield made
    made.stop()


def told(events):
    return [(event["job"]["name"], event["eventType"]) for event in events]


IN_ORDER = [
    ("chain", "START"),
    ("chain.job0", "START"),
    ("chain.job0", "COMPLETE"),
    ("chain.job1", "START"),
    ("chain.job1", "FAIL"),
    ("chain.job1", "START"),
    ("chain.job1", "FAIL"),
    ("chain", "FAIL"),
]


def test_a_run_is_told_in_order_as_the_clients_classes_have_it(lineage):
    assert lineage.run("r1", "2026-01-04T00:00:00Z") == "failed"
    events = [judged(event) for event in lineage.await_end()]
    # The last rows of a run are written in one step: its job's and its own may come in either order.
    assert told(events)[:6] == IN_ORDER[:6] and sorted(told(events)) == sorted(IN_ORDER)
    path, headers, _ = lineage.receiver.taken[0]
    assert path == "/api/v1/lineage" and headers["Authorization"] == "Bearer a-key-of-lineage"
    assert headers["Content-Type"] == "application/json"

    state = json.loads((lineage.folder / "state" / "database.json").read_text())
    space = uuid.uuid5(uuid.NAMESPACE_URL, f"signalbox:{state['incarnation']}")
    run_id = str(uuid.uuid5(space, "run\nchain\nr1\n0\n0"))
    begun = events[0]
    assert begun["run"]["runId"] == run_id and begun["job"]["namespace"] == "signalbox.lineage"
    assert begun["job"]["facets"]["documentation"]["description"] == "a chain"
    assert begun["run"]["facets"]["nominalTime"]["nominalStartTime"].startswith("2026-01-04T00:00:00")
    tries = [event for event in events if event["job"]["name"] == "chain.job1"]
    assert len({event["run"]["runId"] for event in tries}) == 2
    assert tries[0]["run"]["runId"] == str(uuid.uuid5(space, "attempt\nchain\nr1\n0\njob1\n\n-1\n1"))
    assert {event["run"]["facets"]["parent"]["run"]["runId"] for event in tries} == {run_id}
    assert "FAILED" in tries[1]["run"]["facets"]["errorMessage"]["message"].upper()
    done = next(event for event in events if event["eventType"] == "COMPLETE")
    assert done["outputs"] == [{"namespace": "s3://lake", "name": "table"}]
    assert done["inputs"] == [{"namespace": "s3://lake", "name": "raw/day"}]
    assert "a-key-of-lineage" not in (lineage.folder / "standalone.log").read_text()


def test_a_run_that_begins_again_is_another_one(lineage):
    lineage.run("again")
    first = lineage.await_end()
    lineage.standalone.call("/dags/chain/clearTaskInstances",
                            {"dag_run_id": "again", "dry_run": False, "only_failed": True})
    events = lineage.await_end(2)[len(first):]
    assert told(events)[0] == ("chain", "START")
    assert events[0]["run"]["runId"] not in {event["run"]["runId"] for event in first}


def test_nothing_is_lost_while_the_receiver_is_down_and_the_server_is_killed(lineage):
    lineage.receiver.stop()
    assert lineage.run("down") == "failed"
    page = lineage.standalone.fetch("/metrics")
    assert b'signalbox_exported_total{to="openlineage",outcome="sent"} 0' in page
    assert b'signalbox_health{component="openlineage"} 0' in page
    lineage.standalone.kill()
    lineage.start()
    lineage.receiver.refusals = [503, 429, 401, 500]
    lineage.receiver.start()
    events = lineage.await_end()
    assert sorted(told(events)) == sorted(IN_ORDER)

    # Killed while events are under way: what is sent again is the same.
    for number in range(3):
        lineage.standalone.call("/dags/chain/dagRuns", {"dag_run_id": f"k{number}", "logical_date": None})
        seen = len(lineage.events())
        eventually(lambda: len(lineage.events()), lambda count: count > seen)
        lineage.standalone.kill()
        lineage.start()
    for number in range(3):
        lineage.standalone.wait_for_run("chain", f"k{number}")
    events = [judged(event) for event in lineage.await_end(4)]
    distinct = {json.dumps(event, sort_keys=True) for event in events}
    per_run = {}
    for event in map(json.loads, distinct):
        run = next(tag["value"] for tag in event["run"]["facets"]["tags"]["tags"] if tag["key"] == "dag_run_id")
        per_run.setdefault(run, []).append((event["job"]["name"], event["eventType"]))
    assert {run: sorted(each) for run, each in per_run.items()} == {
        run: sorted(IN_ORDER) for run in ("down", "k0", "k1", "k2")
    }


def test_an_event_that_the_receiver_refuses_does_not_hold_up_the_others(lineage):
    lineage.receiver.refusals = [422]
    lineage.run("refused")
    events = lineage.await_end()
    assert sorted(told(events)) == sorted(IN_ORDER[1:])
    page = lineage.standalone.fetch("/metrics")
    assert b'signalbox_exported_total{to="openlineage",outcome="refused"} 1' in page


def test_what_is_older_than_a_day_is_left_out(tmp_path):
    lineage = Lineage(tmp_path, speed=7200)  # a day in twelve seconds
    try:
        lineage.receiver.stop()
        lineage.run("old")
        def numbers():
            page = lineage.standalone.fetch("/metrics").decode()
            return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2])
                    for line in page.splitlines() if line.startswith("signalbox_export")}
        seen = eventually(numbers, lambda found: found['signalbox_exported_total{to="openlineage",outcome="too_old"}'] and
                          found['signalbox_export_rows_behind{to="openlineage"}'] == 0, seconds=120)
        assert seen['signalbox_exported_total{to="openlineage",outcome="sent"}'] == 0
        lineage.receiver.start()
        lineage.run("new")
        assert {tag["value"] for event in lineage.await_end()
                for tag in event["run"]["facets"]["tags"]["tags"] if tag["key"] == "dag_run_id"} == {"new"}
        assert "export_too_old" in (lineage.folder / "standalone.log").read_text()
    finally:
        lineage.stop()


def test_spark_is_told_who_its_parent_is(tmp_path):
    made = Lineage(tmp_path, ", spark: true, namespace: team")
    try:
        made.run("s")
        launched = [line["request"] for line in made.emulator.journal() if line.get("action") == "RunJobFlow"]
        [defaults] = [each for each in launched[0]["Configurations"] if each["Classification"] == "spark-defaults"]
        begun = next(event for event in made.await_end() if told([event]) == [("chain.job0", "START")])
        assert defaults["Properties"] == {
            "spark.openlineage.parentJobNamespace": "team",
            "spark.openlineage.parentJobName": "chain.job0",
            "spark.openlineage.parentRunId": begun["run"]["runId"],
        }
    finally:
        made.stop()


def test_a_secret_that_is_not_there_stops_the_start(tmp_path):
    made = Lineage(tmp_path)
    try:
        made.standalone.stop()
        settings = made.project / "signalbox.yaml"
        settings.write_text(settings.read_text().replace("env:LINEAGE_KEY", "env:NOT_THERE"))
        with pytest.raises(RuntimeError):
            made.start()
        assert "environment has no variable NOT_THERE" in (tmp_path / "standalone.log").read_text()
    finally:
        made.stop()
