"""Streams of events by the real program: each change once, also over kills; the command line follows them."""

import http.client
import json
import signal
import subprocess
import threading
import time

import pytest
import yaml

from processes import Estate, StandaloneProcess, clean_environment, eventually, write_project

FAULTS = "timing: {provisioning: 1m, bootstrap: 1m, step: 5m, shutdown: 30s}\n"
EMPTY = "dag_id: empty\nis_paused_upon_creation: false\nmax_active_runs: 100\ntasks: {only: {type: empty}}\n"


@pytest.fixture
def estate(tmp_path):
    project = write_project(tmp_path / "project", "deployment: streamed\n", jobs=2)
    (project / "dags" / "empty.yaml").write_text(EMPTY)
    made = Estate(tmp_path, project, FAULTS)
    yield made
    made.stop()


class Follower(threading.Thread):
    """As a browser's EventSource: comes back with the id of what it got last, wherever the server is by then."""

    def __init__(self, estate, query=""):
        super().__init__(daemon=True)
        self.estate, self.query = estate, query
        self.events, self.last, self.is_over, self.connects = [], "0", False, 0
        self.start()

    def run(self):
        while not self.is_over:
            try:
                self.read()
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(0.05)

    def read(self):
        server = self.estate.standalone
        connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=20)
        token = (server.state_dir / "token").read_text().strip()
        headers = {"Authorization": f"Bearer {token}", "Last-Event-ID": self.last}
        connection.request("GET", "/api/v2/events" + self.query, headers=headers)
        reply = connection.getresponse()
        assert reply.headers["Content-Type"] == "text/event-stream"
        self.connects += 1
        identity, data = self.last, None
        while not self.is_over and (line := reply.readline()):
            text = line.decode().rstrip("\n")
            if text.startswith("id: "):
                identity = text[4:]
            elif text.startswith("data: "):
                data = json.loads(text[6:])
            elif not text:
                if data:
                    self.events.append(data)
                self.last, data = identity, None
        connection.close()


def whole_history(estate, query=""):
    rows, after = [], 0
    while True:
        page = estate.standalone.call(f"/history?after={after}&limit=1000{query}")
        rows += page["history"]
        if len(page["history"]) < 1000:
            return rows
        after = rows[-1]["seq"]


def restart(estate):
    estate.standalone.kill()
    estate.standalone = StandaloneProcess(estate.project, estate.state, estate.emulator, estate.clock)


def test_a_client_sees_each_change_once_over_kills(estate):
    follower = Follower(estate)
    runs_alone = Follower(estate, "?kind=run&dag_id=empty")
    estate.trigger("chain")
    for life in range(3):
        for number in range(40):
            estate.trigger("empty", f"r{life}-{number}")
        restart(estate)
    for number in range(10):
        estate.trigger("empty", f"last-{number}")
    assert estate.standalone.wait_for_run("chain", "r") == "success"
    assert estate.standalone.wait_for_run("empty", "last-9") == "success"
    newest = whole_history(estate)[-1]["seq"]
    eventually(lambda: int(follower.last), lambda last: last >= newest)
    wanted = [row for row in whole_history(estate) if row["seq"] <= newest]
    assert [event for event in follower.events if event["seq"] <= newest] == wanted
    assert follower.connects > 3
    wanted = [row for row in whole_history(estate, "&kind=run&dag_id=empty") if row["seq"] <= newest]
    eventually(lambda: len(runs_alone.events), lambda count: count >= len(wanted))
    assert runs_alone.events[: len(wanted)] == wanted
    follower.is_over = runs_alone.is_over = True


def test_the_command_line_follows(estate):
    estate.trigger("empty", "before")
    estate.standalone.wait_for_run("empty", "before")
    process = subprocess.Popen(
        estate.command(["events", "--dag", "empty", "--kind", "run", "-o", "json", "--follow"]),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=clean_environment(), text=True,
    )
    lines = []
    reader = threading.Thread(target=lambda: [lines.append(line) for line in process.stdout], daemon=True)
    reader.start()
    eventually(lambda: len(lines), lambda count: count >= 3)
    restart(estate)
    estate.trigger("empty", "after")
    estate.standalone.wait_for_run("empty", "after")
    wanted = whole_history(estate, "&kind=run&dag_id=empty")
    eventually(lambda: len(lines), lambda count: count >= len(wanted))
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=10)
    reader.join(timeout=10)
    events = [json.loads(line) for line in lines]
    assert [event["seq"] for event in events] == [row["seq"] for row in wanted]
    assert {event["dag_run_id"] for event in events} == {"before", "after"}


def test_the_command_line_shows_what_happened_last(estate):
    estate.trigger("empty")
    estate.standalone.wait_for_run("empty", "r")
    latest = estate.cli("events", "--limit", "3", "--kind", "run", "--dag", "empty")
    assert latest.returncode == 0, latest.stderr
    assert "run empty/r" in latest.stdout and "success" in latest.stdout.splitlines()[-1]
    all_of_them = estate.cli("events", "--after", "0", "-o", "json")
    seqs = [json.loads(line)["seq"] for line in all_of_them.stdout.splitlines()]
    assert seqs == list(range(1, len(seqs) + 1))
    for command in (("limits", "list"), ("sources", "list"), ("dags", "lanes", "chain")):
        shown = estate.cli(*command)
        assert shown.returncode == 0, shown.stderr
    assert "dags/empty.yaml" in estate.cli("sources", "list").stdout
    rows = [line.split("\t") for line in estate.cli("sources", "list", "-o", "plain").stdout.splitlines()]
    assert {len(row) for row in rows} == {5} and "dags/empty.yaml" in [row[0] for row in rows]
    assert estate.cli("sources", "list", "-o", "yaml").stdout.startswith("project:\n")
    documents = list(yaml.safe_load_all(estate.cli("events", "--after", "0", "-o", "yaml").stdout))
    assert [document["seq"] for document in documents] == seqs
    plain = estate.cli("events", "--after", "0", "-o", "plain").stdout.splitlines()
    assert {line.count("\t") for line in plain} == {5} and len(plain) == len(seqs)
