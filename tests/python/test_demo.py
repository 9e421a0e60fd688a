"""`signalbox demo`: its account must agree with the emulator's journal, which is the truth."""

import collections
import json
import os
import pty
import re
import signal
import subprocess
import time

import pytest

import aws_model
from processes import ROOT, clean_environment, signalbox_path

EXAMPLE = ROOT / "examples" / "delphi"
SPEED = 600


def start_demo(out, *arguments):
    # Keys and a profile of a real account, a proxy, a switch that ignores endpoints: the demo must
    # not care.
    return subprocess.Popen(
        [signalbox_path(), "demo", "--project", str(EXAMPLE), "--out", str(out), *arguments],
        env=clean_environment(
            AWS_ACCESS_KEY_ID="AKIAREAL",
            AWS_SECRET_ACCESS_KEY="real",
            AWS_SESSION_TOKEN="real",
            AWS_PROFILE="real",
            HTTP_PROXY="http://127.0.0.1:1",
            AWS_IGNORE_CONFIGURED_ENDPOINT_URLS="true",
        ),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


class Account:
    def __init__(self, out, text, code):
        self.out, self.text, self.code = out, text, code
        self.summary = json.loads((out / "summary.json").read_text())
        self.journal = [json.loads(line) for line in (out / "emulator.jsonl").open()]
        self.calls = [line for line in self.journal if "action" in line]

    def clusters(self):
        """Name and last state by cluster id, as the journal tells them."""
        return {
            line["cluster_id"]: (line["name"], line["state"])
            for line in self.journal
            if line.get("change") == "cluster"
        }


@pytest.fixture(scope="module")
def account(tmp_path_factory):
    out = tmp_path_factory.mktemp("demo")
    demo = start_demo(out, "--speed", str(SPEED))
    text, _ = demo.communicate(timeout=240)
    assert demo.returncode == 0, text
    return Account(out, text, demo.returncode)


def test_both_dags_succeed(account):
    assert account.summary["ok"] is True
    runs = {run["dag_id"]: run for run in account.summary["runs"]}
    assert set(runs) == {"purchase_propensity", "sessionize"}
    weekly = runs["purchase_propensity"]
    assert weekly["dag_run_id"] == "scheduled__2026-01-04T23:00:00+00:00"
    assert (weekly["state"], weekly["jobs"], weekly["tasks"]) == ("success", 17, 34)
    assert runs["sessionize"]["dag_run_id"] == "scheduled__2026-01-04T22:00:00+00:00"
    # 17 jobs and two retries; sessionize's one.
    assert weekly["tries"] == 19 and account.summary["tries"] == 20


def test_clusters_agree_with_the_journal(account):
    clusters = account.clusters()
    launched = [c for c in account.calls if c["action"] == "RunJobFlow" and c["http"] == 200]
    ended = [id for id, (_, state) in clusters.items() if state.startswith("TERMINATED")]
    assert account.summary["clusters"] == {
        "launched": len(launched),
        "terminated": len(ended),
        "left_over": len(clusters) - len(ended),
    }
    assert len(launched) == 20 and len(ended) == 20
    assert len({call["name"] for call in launched}) == 20  # no token was sent twice


# Logs of failed steps are looked for beside EMR's calls, and count nowhere.
S3_ACTIONS = {"GetObject", "ListObjectsV2"}


def test_calls_agree_with_the_journal(account):
    calls = [call for call in account.calls if call["action"] not in S3_ACTIONS]
    made = collections.Counter(call["action"] for call in calls)
    assert {name: count["made"] for name, count in account.summary["calls"].items()} == made
    assert account.summary["calls_total"] == len(calls)
    throttled = collections.Counter(call["action"] for call in calls if call["code"] == "ThrottlingException")
    told = {name: count["throttled"] for name, count in account.summary["calls"].items()}
    assert collections.Counter({n: c for n, c in told.items() if c}) == throttled
    assert throttled["RunJobFlow"] >= 1
    refused = [call for call in calls if call["http"] // 100 != 2]
    assert sum(throttled.values()) == len(refused)  # nothing else went wrong


def test_every_request_that_we_sent_fits_botocores_model(account):
    actions = collections.Counter()
    for call in account.calls:
        if call["action"] in S3_ACTIONS:
            continue
        assert aws_model.request_problems(call["action"], call["request"]) == []
        actions[call["action"]] += 1
    assert set(actions) >= {
        "RunJobFlow", "ListClusters", "DescribeCluster", "ListSteps", "ListInstanceFleets",
        "TerminateJobFlows",
    }


def test_incidents_agree_with_the_journal(account):
    struck = {
        (line["cluster_id"], line["fault"]): line["name"]
        for line in account.journal
        if "fault" in line and "action" not in line
    }
    failed = [i for i in account.summary["incidents"] if i["kind"] == "try_failed"]
    assert {i["cluster_ids"][0] for i in failed} == {id for id, _ in struck}
    for incident in failed:
        name = account.clusters()[incident["cluster_ids"][0]][0]
        assert name.endswith(
            f" {incident['dag_id']} {incident['dag_run_id']} {incident['job']}"
            f" try {incident['try_number']}"
        )
    verdicts = {i["job"]: (i["verdict"], i["reason"]) for i in failed}
    assert verdicts["dataset_preparation_3"][0] == "infrastructure"
    assert "ZERO_CORE" in verdicts["dataset_preparation_3"][1]
    assert verdicts["training_2"][0] == "application" and "train" in verdicts["training_2"][1]
    throttled = [i for i in account.summary["incidents"] if i["kind"] == "throttled"]
    assert ("RunJobFlow", 1) in [(i["action"], i["times"]) for i in throttled]


def test_text_tells_the_same(account):
    text = account.text
    assert "20 launched, 20 terminated, 0 left over" in text
    assert "dataset_preparation_3 try 1" in text and "training_2 try 1" in text
    assert "throttled 1 time" in text
    assert re.search(r"of world time in \d", text)
    # One line a change, and nothing that only a terminal understands.
    assert "\x1b" not in text
    assert re.search(r"^2026-01-05 0\d:\d\d:\d\d\+03:00  purchase_propensity training_2: RUNNING #2$", text, re.M)


def test_example_stays_as_it_is(account):
    assert not (EXAMPLE / ".signalbox").exists()
    assert (account.out / "state" / "signalbox.db").exists()
    assert not (account.out / "state" / "server.json").exists()  # both stopped cleanly


def test_wall_and_world_time(account):
    summary = account.summary
    assert summary["speed"] == SPEED
    assert summary["world_seconds"] / summary["wall_seconds"] <= SPEED * 1.01


def test_it_says_where_the_board_is_and_who_may_log_in(account):
    line = r"^board +http://127\.0\.0\.1:\d+  \(name: demo, password: \S{15,}\)$"
    assert re.search(line, account.text, re.MULTILINE), account.text


def test_child_that_does_not_start_says_why(tmp_path):
    faults = tmp_path / "faults.yaml"
    faults.write_text("faults: [{do: explode}]\n")
    demo = start_demo(tmp_path / "out", "--faults", str(faults))
    text, _ = demo.communicate(timeout=30)
    assert demo.returncode == 2, text
    assert "faults.yaml:1:15: unknown fault 'explode'" in text and "emulator.log" in text


def test_interrupt_leaves_no_process(tmp_path):
    demo = start_demo(tmp_path, "--speed", "60")
    # The first lines come once both children serve.
    record = tmp_path / "state" / "server.json"
    deadline = time.monotonic() + 30
    while not record.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    server = json.loads(record.read_text())["pid"]
    second = start_demo(tmp_path)
    text, _ = second.communicate(timeout=30)
    assert second.returncode == 5 and "another demo is running" in text, text
    demo.send_signal(signal.SIGINT)
    text, _ = demo.communicate(timeout=30)
    assert demo.returncode == 1 and "interrupted" in text, text
    assert not record.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(server, 0)


def in_terminal(arguments, end, **environment):
    """Runs a program on a terminal of its own; at the first sight of `end` Ctrl-C is typed."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(signalbox_path(), ["signalbox", *arguments], clean_environment(**environment))
    text, typed = "", False
    while True:
        try:
            piece = os.read(terminal, 65536).decode()
        except OSError:  # the program has gone
            break
        text += piece
        if end is not None and end in text and not typed:
            os.write(terminal, b"\x03")
            typed = True
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), text


def test_terminal_is_redrawn_and_ctrl_c_stops_everything(tmp_path):
    arguments = ["demo", "--project", str(EXAMPLE), "--out", str(tmp_path)]
    code, text = in_terminal(arguments, "A\x1b[2Kworld time", TERM="xterm")
    assert code == 1
    assert "sessionize" in text and "\x1b[1m" in text
    assert not (tmp_path / "state" / "server.json").exists()


def test_colour_needs_a_terminal_that_wants_it():
    arguments = ["dags", "show", "sessionize", "--project", str(EXAMPLE)]
    assert "\x1b[" in in_terminal(arguments, None, TERM="xterm", NO_COLOR="")[1]
    assert "\x1b[" not in in_terminal(arguments, None, TERM="xterm", NO_COLOR="1")[1]
    assert "\x1b[" not in in_terminal(arguments, None, TERM="dumb", NO_COLOR="")[1]
