"""Traces of the real program, posted to a real receiver. OpenTelemetry's own Protocol Buffers judge them: each body
has to be an ExportTraceServiceRequest by the rules of OTLP's JSON."""

import base64
import json

import pytest

from processes import EmulatorProcess, StandaloneProcess, clock_setting, eventually, write_project
from receiver import Receiver

json_format = pytest.importorskip("google.protobuf.json_format")
ExportTraceServiceRequest = pytest.importorskip(
    "opentelemetry.proto.collector.trace.v1.trace_service_pb2"
).ExportTraceServiceRequest
Status = pytest.importorskip("opentelemetry.proto.trace.v1.trace_pb2").Status

FAULTS = """quotas: off
timing: {provisioning: 1m, bootstrap: 1m, step: 5m, shutdown: 30s}
faults:
  - {name: "* job1 try *", do: fail_step, step: 1}
"""


def parsed(body):
    """OTLP's JSON writes ids as hexadecimal digits, where JSON of Protocol Buffers has base64."""
    message = json.loads(body)
    for resource in message["resourceSpans"]:
        for scope in resource["scopeSpans"]:
            for span in scope["spans"]:
                for name in ("traceId", "spanId", "parentSpanId"):
                    span[name] = base64.b64encode(bytes.fromhex(span[name])).decode()
    return json_format.ParseDict(message, ExportTraceServiceRequest())


def attributes(things):
    return {each.key: each.value.string_value or each.value.int_value for each in things}


class Traces:
    def __init__(self, folder):
        self.receiver = Receiver()
        self.folder = folder
        self.project = write_project(
            folder / "project",
            f"deployment: traces\ntraces: {{endpoint: '{self.receiver.url}', allow_private: true, "
            "headers: {x-tenant: env:TENANT}}\n",
            jobs=2,
        )
        self.clock = clock_setting(600)
        self.emulator = EmulatorProcess(folder, clock=self.clock, faults=FAULTS)
        self.start()

    def start(self):
        self.standalone = StandaloneProcess(
            self.project, self.folder / "state", self.emulator, self.clock, TENANT="a-secret-tenant"
        )

    def run(self, name):
        self.standalone.call("/dags/chain/dagRuns", {"dag_run_id": name, "logical_date": None})
        return self.standalone.wait_for_run("chain", name)

    def spans(self, count):
        """Of the first so many traces, by trace; a repeat has the same ids."""
        def traces():
            found = {}
            for _, _, body in self.receiver.taken:
                for resource in parsed(body).resource_spans:
                    for scope in resource.scope_spans:
                        for span in scope.spans:
                            found.setdefault(span.trace_id, {})[span.span_id] = span
            return found
        return list(eventually(traces, lambda found: len(found) >= count).values())

    def stop(self):
        self.standalone.stop()
        self.emulator.stop()
        self.receiver.stop()


@pytest.fixture
def traces(tmp_path):
    made = Traces(tmp_path)
    yield made
    made.stop()


def test_a_run_is_a_trace_down_to_its_steps(traces):
    assert traces.run("r") == "failed"
    [spans] = traces.spans(1)
    by_name = {}
    for span in spans.values():
        by_name.setdefault(span.name, []).append(span)
    [root] = by_name["run chain"]
    assert root.parent_span_id == b"" and root.status.code == Status.STATUS_CODE_ERROR
    assert attributes(root.attributes)["cicd.pipeline.run.id"] == "r"
    assert attributes(root.attributes)["cicd.pipeline.result"] == "failure"
    assert {"job job0", "job job1", "try 1", "cluster", "step work"} <= set(by_name)
    for span in spans.values():
        assert len(span.trace_id) == 16 and len(span.span_id) == 8
        assert span.start_time_unix_nano <= span.end_time_unix_nano
        if span.name != "run chain":
            parent = spans[span.parent_span_id]
            assert parent.name.split()[0] == {"job": "run", "try": "job", "cluster": "try", "step": "cluster"}[
                span.name.split()[0]]
    [good], [bad] = by_name["job job0"], by_name["job job1"]
    assert good.status.code == Status.STATUS_CODE_UNSET and bad.status.code == Status.STATUS_CODE_ERROR
    assert attributes(bad.attributes)["error.type"] == "application" and bad.status.message
    path, headers, body = traces.receiver.taken[0]
    assert path == "/v1/traces" and headers["x-tenant"] == "a-secret-tenant"
    resource = attributes(parsed(body).resource_spans[0].resource.attributes)
    assert resource["service.name"] == "signalbox" and resource["service.namespace"] == "traces"


def test_a_run_that_begins_again_is_a_trace_of_its_own(traces):
    traces.run("again")
    traces.spans(1)
    traces.standalone.call("/dags/chain/clearTaskInstances",
                           {"dag_run_id": "again", "dry_run": False, "only_failed": True})
    first, second = traces.spans(2)
    assert {span.name for span in second.values()} < {span.name for span in first.values()} | {"try 2"}
    assert "job job0" not in {span.name for span in second.values()}


def test_no_trace_is_lost_while_the_receiver_is_down_and_the_server_is_killed(traces):
    traces.receiver.stop()
    for number in range(3):
        traces.run(f"r{number}")
        traces.standalone.kill()
        traces.start()
    traces.receiver.refusals = [503]
    traces.receiver.start()
    runs = set()
    for spans in traces.spans(3):
        runs.update(attributes(span.attributes).get("cicd.pipeline.run.id") for span in spans.values())
    assert {"r0", "r1", "r2"} <= runs
