"""The real server under people who mean no good: connections that say nothing, that dribble, that
guess tokens; and texts from outside on a terminal. Others must go on being served."""

import json
import os
import pty
import resource
import select
import socket
import subprocess
import time
import urllib.parse

import pytest

from processes import EmulatorProcess, StandaloneProcess, clean_environment, clock_setting, signalbox_path

CLUSTER = """ReleaseLabel: emr-7.8.0
ServiceRole: EMR_DefaultRole
JobFlowRole: EMR_EC2_DefaultRole
Instances:
  InstanceFleets:
    - {InstanceFleetType: MASTER, TargetOnDemandCapacity: 1, InstanceTypeConfigs: [{InstanceType: m5.xlarge}]}
    - {InstanceFleetType: CORE, TargetSpotCapacity: 2, InstanceTypeConfigs: [{InstanceType: m5.xlarge}]}
"""
# A title, a colour, a cleared screen, CSI as one character, a turned line.
HOSTILE = '"\\e]0;T\\a\\e[31mred\\e[2J\\x9b1m\\u202eabc"'
DAG = f"""dag_id: hostile
description: {HOSTILE}
owner: {HOSTILE}
tags: [{HOSTILE}]
is_paused_upon_creation: false
tasks:
  a:
    type: emr_job
    cluster: small
    steps: [{{name: {HOSTILE}, spark_submit: {{application: "s3://b/x.py"}}}}]
"""
EMPTY = "dag_id: empty\nparams: {k: null}\nis_paused_upon_creation: false\ntasks:\n  only: {type: empty}\n"


@pytest.fixture
def server(tmp_path):
    project = tmp_path / "project"
    for folder in ("clusters", "dags"):
        (project / folder).mkdir(parents=True)
    (project / "signalbox.yaml").write_text("deployment: hostile\n")
    (project / "clusters" / "small.yaml").write_text(CLUSTER)
    (project / "dags" / "hostile.yaml").write_text(DAG)
    (project / "dags" / "empty.yaml").write_text(EMPTY)
    clock = clock_setting(60)
    faults = "timing: {provisioning: 10s, bootstrap: 10s, step: 20s}\nfaults:\n  - {name: '* a try 1', do: fail_step, step: 1}\n"
    emulator = EmulatorProcess(tmp_path, clock=clock, faults=faults)
    with open(tmp_path / "standalone.log", "wb") as log:
        standalone = StandaloneProcess(project, tmp_path / "state", emulator, clock=clock, log=log)
    standalone.log = tmp_path / "standalone.log"
    yield standalone
    standalone.stop()
    emulator.stop()


def address(server):
    return "127.0.0.1", urllib.parse.urlsplit(server.url).port


def cli(server, *arguments):
    return subprocess.run(
        [signalbox_path(), *arguments, "--state-dir", str(server.state_dir)],
        env=clean_environment(),
        capture_output=True,
        timeout=60,
    )


def metric(server, name):
    lines = server.fetch("/metrics").decode().splitlines()
    return next(float(line.split()[-1]) for line in lines if line.startswith(name + " "))


def many(server, count, first_bytes=b""):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, count + 200)), hard))
    connections = []
    for _ in range(count):
        connections.append(socket.create_connection(address(server), timeout=10))
        if first_bytes:
            connections[-1].sendall(first_bytes)
    return connections


@pytest.mark.parametrize("first_bytes", [b"", b"GET /api/v2/version HTTP/1.1\r\nHost: localhost\r\nX: "])
def test_silent_and_slow_connections_keep_nobody_out(server, first_bytes):
    held = many(server, 700, first_bytes)
    try:
        for _ in range(20):
            assert cli(server, "dags", "list").returncode == 0
            assert server.call("/version")["version"]
        assert metric(server, "signalbox_http_strangers") <= 129
        assert metric(server, "signalbox_http_evicted_total") >= 500
    finally:
        for connection in held:
            connection.close()


def test_wrong_tokens_wait_are_counted_and_logged_and_right_ones_do_not_wait(server):
    guess = b"GET /api/v2/dags HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + b"0" * 64 + b"\r\n\r\n"
    guesses = many(server, 40, guess)
    # With all of these owed, one more wrong one is held back for about two seconds; a right one is
    # answered before it, though it comes later.
    last = many(server, 1, guess)[0]
    assert server.call("/dags")["total_entries"] == 2
    assert select.select([last], [], [], 0)[0] == []
    for connection in [*guesses, last]:
        assert connection.recv(100).startswith(b"HTTP/1.1 401 ")
        connection.close()
    assert metric(server, "signalbox_refused_logins_total") == 41
    log = server.log.read_text()
    assert "login_refused" in log and "127.0.0.1" in log
    assert "0" * 64 not in log


def test_bodies_of_strangers_are_not_read(server):
    start = b"POST /api/v2/dags/empty/dagRuns HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    with socket.create_connection(address(server), timeout=30) as stranger:
        stranger.sendall(start + b"Content-Length: 1000000\r\n\r\n")
        assert stranger.recv(100).startswith(b"HTTP/1.1 401 ")


def test_large_confs_are_refused_before_and_by_the_server(server):
    large = json.dumps({"k": "x" * (64 << 10)})
    refused = cli(server, "dags", "trigger", "empty", "--conf", large)
    assert refused.returncode == 2 and b"at most 65536" in refused.stderr
    assert cli(server, "dags", "trigger", "empty", "--conf", '{"k": "' + "x" * 60000 + '"}').returncode == 0
    runs = server.call("/dags/~/dagRuns")["dag_runs"]
    assert [(run["conf"], run["conf_left_out"]) for run in runs] == [(None, True)]


def controls(text):
    return [c for c in text if (c < " " and c not in "\n\t") or "\x7f" <= c <= "\x9f" or c in "\u202e\ufffd"]


def test_no_command_lets_a_text_steer_the_terminal(server):
    server.call("/dags/hostile/dagRuns", {"dag_run_id": "r", "logical_date": None})
    deadline = time.monotonic() + 60
    while server.call("/dags/hostile/dagRuns/r")["state"] != "failed" and time.monotonic() < deadline:
        time.sleep(0.1)
    cluster = server.call("/clusters")["clusters"][0]["cluster_id"]
    commands = [
        ["dags", "list"],
        ["dags", "show", "hostile"],
        ["tasks", "states-for-dag-run", "hostile", "r"],
        ["clusters", "list"],
        ["clusters", "show", cluster],
        ["tasks", "clear", "\x1b[31mno\u202e", "\x1b[2J", "--yes"],
    ]
    for command in commands:
        for output in ([], ["-o", "json"]):
            where = ["--project", str(server.state_dir.parent / "project")]
            if command[:2] != ["dags", "show"]:
                where = ["--state-dir", str(server.state_dir)]
            told = subprocess.run(
                [signalbox_path(), *command, *output, *where], env=clean_environment(), capture_output=True
            )
            text = (told.stdout + told.stderr).decode("utf-8")  # strict
            assert controls(text) == [], (command, output, text)
    assert "red" in cli(server, "clusters", "show", cluster).stdout.decode()


def test_on_a_terminal_colours_are_all_that_passes(server):
    project = server.state_dir.parent / "project"
    ours, theirs = pty.openpty()
    shown = subprocess.Popen(
        [signalbox_path(), "dags", "show", "hostile", "--project", str(project)],
        env=clean_environment(TERM="xterm"),
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    raw = b""
    while True:
        try:
            piece = os.read(ours, 4096)
        except OSError:  # EIO: the other end is closed
            break
        if not piece:
            break
        raw += piece
    os.close(ours)
    assert shown.wait(timeout=30) == 0
    text = raw.decode("utf-8").replace("\r\n", "\n")
    assert "\x1b[1m" in text  # a colour of ours
    for code in ("\x1b[1m", "\x1b[0m"):
        text = text.replace(code, "")
    assert controls(text) == [], text
    assert "\\u001b[2J" in text
