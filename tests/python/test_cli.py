"""The command line against a real server, and what it says to wrong input: one clear message on
stderr, with the place and the fix, and an exit code that scripts can rely on."""

import json
import os
import shutil
import signal
import subprocess
import time
import xml.etree.ElementTree

import pytest

from processes import (
    ROOT,
    TEST_KEYS,
    EmulatorProcess,
    StandaloneProcess,
    clean_environment,
    clock_setting,
    signalbox_path,
)

EXAMPLE = ROOT / "examples" / "delphi"
OK, FAILED, USAGE, INVALID_PROJECT, UNREACHABLE, LOCKED, ENVIRONMENT = range(7)
# Nothing listens on port 1; a refused endpoint is never AWS.
REFUSED = TEST_KEYS | {"AWS_ENDPOINT_URL_EMR": "http://127.0.0.1:1"}


def run(*arguments, cwd=None, timeout=60, **environment):
    return subprocess.run(
        [signalbox_path(), *map(str, arguments)],
        cwd=cwd,
        env=clean_environment(**environment),
        capture_output=True,
        text=True,
        timeout=timeout,
    )


def messages(result):
    """What people are told: stderr without the log's JSON lines."""
    return [line for line in result.stderr.splitlines() if not line.startswith("{")]


def assert_fails(result, code, *parts):
    assert result.returncode == code, result.stderr + result.stdout
    told = "\n".join(messages(result))
    assert told.startswith("signalbox: ") and told.count("signalbox: ") == 1, told
    for part in parts:
        assert str(part) in told, told


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "project"
    shutil.copytree(EXAMPLE, folder)
    return folder


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


# Without a server.


def test_version_and_help():
    assert run("version").stdout.startswith("signalbox ")
    assert run("--version").stdout.startswith("signalbox ")
    for command in ([], ["standalone"], ["emulator"], ["demo"], ["dags"], ["dags", "trigger"]):
        result = run(*command, "--help")
        assert result.returncode == OK and "Usage: signalbox" in result.stdout


def test_validate_accepts_the_example():
    for path in (EXAMPLE, EXAMPLE / "dags" / "sessionize.yaml"):
        result = run("dags", "validate", path)
        assert result.returncode == OK, result.stdout
        assert "purchase_propensity (17 jobs)" in result.stdout


def test_validate_tells_every_mistake_with_its_place(project):
    edit(project / "dags" / "sessionize.yaml", "Europe/Istanbul", "Europe/Istambul")
    weekly = project / "dags" / "purchase_propensity.yaml"
    edit(weekly, '"0 2 * * 1"', '"0 25 * * 1"')
    edit(weekly, "cluster: memory", "cluster: memmory")
    (project / "dags" / "broken.yaml").write_text("dag_id: [\n")
    result = run("dags", "validate", ".", cwd=project)
    assert result.returncode == INVALID_PROJECT and result.stderr == ""
    for place, part in [
        ("dags/broken.yaml:2:1:", "not closed"),
        ("dags/purchase_propensity.yaml:5:", "out of range"),
        ("dags/purchase_propensity.yaml:51:", "did you mean 'memory'?"),
        ("dags/sessionize.yaml:6:", "not an IANA time zone"),
    ]:
        assert any(l.startswith(place) and part in l for l in result.stdout.splitlines()), result.stdout


def test_dags_map_draws_the_whole_project(tmp_path):
    week = ROOT / "examples" / "delphi-week"
    picture = tmp_path / "map.svg"
    result = run("dags", "map", "--project", week, "--svg", picture)
    assert (result.returncode, result.stdout, result.stderr) == (OK, "", "")
    root = xml.etree.ElementTree.parse(picture).getroot()
    texts = {text.text for text in root.iter("{http://www.w3.org/2000/svg}text")}
    layout = json.loads(run("dags", "map", "--project", week, "-o", "json").stdout)
    assert {line["label"] for line in layout["lines"]} == {path.stem for path in (week / "dags").iterdir()} <= texts
    assert len(layout["stations"]) == 159
    assert_fails(run("dags", "map", "--project", week, "--svg", tmp_path / "no" / "map.svg"), ENVIRONMENT, "map.svg")


def test_show_draws_the_lanes():
    result = run("dags", "show", "purchase_propensity", "--project", EXAMPLE)
    assert result.returncode == OK
    assert "2  labeling_2 ----> dataset_preparation_2 ----> training_2 ----> evaluation_2" in result.stdout
    assert "17 jobs, 34 tasks" in result.stdout and "sessionize/build" in result.stdout
    shown = json.loads(
        run("dags", "show", "purchase_propensity", "--project", EXAMPLE, "-o", "json").stdout
    )
    assert shown["dag_id"] == "purchase_propensity" and len(shown["jobs"]) == 17


def test_next_execution_goes_by_the_world_clock():
    result = run(
        *("dags", "next-execution", "purchase_propensity", "--project", EXAMPLE),
        *("-n", "2", "-o", "json"),
        SIGNALBOX_CLOCK=clock_setting(1, "2026-01-04T21:55:00Z"),
    )
    assert [fire["run_after"] for fire in json.loads(result.stdout)] == [
        "2026-01-04T23:00:00Z",
        "2026-01-11T23:00:00Z",
    ]


@pytest.mark.parametrize(
    "arguments, parts",
    [
        (["nonsense"], ["does not know 'nonsense'"]),
        (["dags", "lst"], ["did you mean 'list'?"]),
        (["dags"], ["needs a command"]),
        (["dags", "list", "--outpt", "json"], ["did you mean '--output'?"]),
        (["dags", "list", "--output", "xml"], ["--output", "xml"]),
        (["dags", "trigger"], ["DAG is required"]),
        (["dags", "trigger", "x", "--conf", "[1]"], ["--conf", "JSON object"]),
        (["dags", "trigger", "x", "--logical-date", "soon"], ["--logical-date", "'soon'"]),
        (["dags", "trigger", "x", "--data-interval", "soon", "2026-01-05"], ["--data-interval", "'soon'"]),
        (
            ["dags", "trigger", "x", "--data-interval", "2026-01-06", "2026-01-05"],
            ["--data-interval", "START comes first"],
        ),
        (["emulator", "--speed", "-1"], ["--speed", "positive"]),
        (["emulator", "--world-epoch", "soon"], ["--world-epoch", "'soon'"]),
        (["standalone", "--project", EXAMPLE, "--db", "mysql://x"], ["--db", "sqlite:///"]),
    ],
)
def test_wrong_usage(arguments, parts):
    assert_fails(run(*arguments), USAGE, *parts)


def test_place_without_a_project(tmp_path):
    typo = EXAMPLE / "dags" / "sesionize.yaml"
    assert_fails(run("dags", "validate", typo), USAGE, "no file or folder", typo)
    assert_fails(run("dags", "validate", tmp_path), INVALID_PROJECT, "signalbox.yaml", "--project")
    assert_fails(run("standalone", "--project", tmp_path), INVALID_PROJECT, tmp_path)
    assert_fails(run("dags", "list", cwd=tmp_path), USAGE, "--project", "--server")


def test_malformed_project_file_names_the_place(project):
    (project / "signalbox.yaml").write_text("deployment: [\n")
    result = run("standalone", "--project", project, "--port", "0", **REFUSED)
    assert_fails(result, INVALID_PROJECT, "signalbox.yaml:2:1:", "not closed")


def test_faults_file_names_the_place(tmp_path):
    faults = tmp_path / "faults.yaml"
    faults.write_text("faults: [{do: explode}]\n")
    assert_fails(run("emulator", "--faults", faults), USAGE, "faults.yaml:1:15", "explode")
    assert_fails(run("emulator", "--faults", tmp_path / "none"), ENVIRONMENT, "No such file")


def test_no_credentials(project):
    result = run("standalone", "--project", project, "--port", "0")
    assert_fails(result, ENVIRONMENT, "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


def test_no_region(project):
    edit(project / "signalbox.yaml", "  region: eu-west-1\n", "")
    keys = {name: value for name, value in REFUSED.items() if name != "AWS_REGION"}
    result = run("standalone", "--project", project, "--port", 0, **keys)
    assert_fails(result, ENVIRONMENT, "AWS_REGION")


def test_bad_time_out(project):
    result = run("standalone", "--project", project, "--port", 0,
                 SIGNALBOX_HTTP_TIMEOUT="soon", **REFUSED)
    assert_fails(result, ENVIRONMENT, "SIGNALBOX_HTTP_TIMEOUT", "soon")


def test_bad_clock(project):
    result = run("standalone", "--project", project, "--port", "0", SIGNALBOX_CLOCK="x", **REFUSED)
    assert_fails(result, ENVIRONMENT, "SIGNALBOX_CLOCK", "WORLD_EPOCH")


def test_unwritable_folder(project):
    # Below a file, since root may write everywhere else.
    state = project / "signalbox.yaml" / "state"
    result = run("standalone", "--project", project, "--state-dir", state, "--port", "0", **REFUSED)
    assert_fails(result, ENVIRONMENT, state, "Not a directory")
    result = run("demo", "--project", project, "--out", state)
    assert_fails(result, ENVIRONMENT, state, "Not a directory")


def test_no_server(project, tmp_path):
    assert_fails(run("dags", "list", "--project", project), UNREACHABLE, "signalbox standalone")
    assert_fails(run("clusters", "list", "--server", "http://127.0.0.1:1"), UNREACHABLE, "127.0.0.1:1")
    # A server that was killed leaves its record.
    (project / ".signalbox").mkdir()
    (project / ".signalbox" / "server.json").write_text('{"url": "http://127.0.0.1:1", "pid": 1}')
    result = run("dags", "list", cwd=project / "dags")
    assert_fails(result, UNREACHABLE, "http://127.0.0.1:1", "refused")


# With one.


@pytest.fixture
def server(project, tmp_path):
    """A standalone on the example and an emulator, 600 times as fast as the wall."""
    clock = clock_setting(600)
    log = open(tmp_path / "standalone.log", "ab")
    with log:
        emulator = EmulatorProcess(tmp_path, clock=clock)
        standalone = StandaloneProcess(project, tmp_path / "state", emulator, clock, log)
    yield standalone
    standalone.stop()
    emulator.stop()
    assert standalone.process.returncode == OK
    assert emulator.process.returncode == OK


def ask(server, *arguments):
    return run(*arguments, "--state-dir", server.state_dir)


def ask_json(server, *arguments):
    result = ask(server, *arguments, "--output", "json")
    assert result.returncode == OK, result.stderr
    return json.loads(result.stdout)


def test_a_run_from_trigger_to_its_clusters(server):
    assert [dag["dag_id"] for dag in ask_json(server, "dags", "list")] == [
        "purchase_propensity",
        "sessionize",
    ]
    result = ask(server, "dags", "trigger", "sessionize", "--run-id", "mine", "--wait")
    assert result.returncode == OK, result.stderr
    assert "mine" in result.stdout and "success" in result.stdout
    assert "\x1b" not in result.stdout  # a pipe gets plain text

    runs = ask_json(server, "dags", "list-runs", "sessionize", "--state", "success")
    assert "mine" in [row["dag_run_id"] for row in runs]
    # The server's clock: the logical date is of the world's January.
    assert next(r for r in runs if r["dag_run_id"] == "mine")["logical_date"].startswith("2026-01-0")
    tasks = ask_json(server, "tasks", "states-for-dag-run", "sessionize", "mine")
    assert [(task["task_id"], task["state"]) for task in tasks] == [
        ("build.start_cluster", "success"),
        ("build.wait_cluster_termination", "success"),
    ]
    cluster = next(c for c in ask_json(server, "clusters", "list") if c["dag_run_id"] == "mine")
    shown = ask_json(server, "clusters", "show", cluster["cluster_id"])
    assert shown["phase"] == "TERMINATED" and shown["steps"][0]["state"] == "COMPLETED"
    table = ask(server, "clusters", "show", cluster["cluster_id"]).stdout
    assert "COMPLETED" in table and "CORE" in table

    again = ask(server, "dags", "trigger", "sessionize", "--run-id", "mine")
    assert_fails(again, FAILED, "409", "mine", "exists")


def test_a_run_with_a_data_interval_of_its_own(server):
    interval = ["2026-01-02T22:00:00Z", "2026-01-03T22:00:00Z"]
    told = ask_json(server, "dags", "trigger", "sessionize", "--data-interval", *interval)
    assert [told["data_interval_start"], told["data_interval_end"]] == interval
    assert told["logical_date"] == interval[1]  # as the schedule dates its runs
    assert told["dag_run_id"] == "manual__2026-01-03T22:00:00+00:00"
    assert ask_json(server, "dags", "list-holes", "sessionize") == []
    reserved = ask(server, "dags", "trigger", "sessionize", "--run-id", "scheduled__x")
    assert_fails(reserved, FAILED, "422", "scheduled__")


def test_pause_holds_and_unpause_lets_go(server):
    def paused():
        return {dag["dag_id"]: dag["is_paused"] for dag in ask_json(server, "dags", "list")}

    assert ask(server, "dags", "pause", "sessionize").returncode == OK
    assert paused() == {"purchase_propensity": False, "sessionize": True}
    assert ask_json(server, "dags", "unpause", "sessionize")["is_paused"] is False
    assert paused()["sessionize"] is False


def test_what_does_not_exist(server):
    assert_fails(ask(server, "dags", "trigger", "nope"), FAILED, "404", "nope")
    assert_fails(ask(server, "dags", "pause", "nope"), FAILED, "nope")
    assert_fails(ask(server, "clusters", "show", "j-NOPE"), FAILED, "j-NOPE")
    assert_fails(ask(server, "tasks", "states-for-dag-run", "sessionize", "nope"), FAILED, "nope")


def test_without_the_token(server, tmp_path):
    result = run("dags", "list", "--server", server.url, cwd=tmp_path)
    assert_fails(result, ENVIRONMENT, "401", "SIGNALBOX_TOKEN", "--project DIR")


def test_second_process_on_the_database(server, project):
    result = run(
        *("standalone", "--project", project, "--state-dir", server.state_dir, "--port", "0"),
        **REFUSED,
    )
    assert_fails(result, LOCKED, "signalbox.db", f"pid {server.process.pid}")
    assert ask(server, "dags", "list").returncode == OK  # the first one goes on


def test_port_in_use(server, project, tmp_path):
    port = server.url.rsplit(":", 1)[1]
    result = run(
        *("standalone", "--project", project, "--state-dir", tmp_path / "other", "--port", port),
        **REFUSED,
    )
    assert_fails(result, ENVIRONMENT, port, "--port")


def test_state_folder(server, project):
    record = json.loads((server.state_dir / "server.json").read_text())
    assert record == {"url": server.url, "pid": server.process.pid}
    assert os.stat(server.state_dir / "token").st_mode & 0o777 == 0o600
    assert not (project / ".signalbox").exists()
    token = (server.state_dir / "token").read_text()
    server.process.send_signal(signal.SIGINT)
    assert server.process.wait(timeout=10) == OK
    assert not (server.state_dir / "server.json").exists()
    assert (server.state_dir / "token").read_text() == token


def test_refused_endpoint_is_told_once_and_loses_nothing(project, tmp_path):
    """The server goes on: EMR may come back. What is wrong stands in its log."""

    class Nowhere:
        url = "http://127.0.0.1:1"

    log_path = tmp_path / "log"
    with open(log_path, "wb") as log:
        server = StandaloneProcess(project, tmp_path / "state", Nowhere, clock_setting(600), log)
    try:
        assert ask(server, "dags", "trigger", "sessionize", "--run-id", "mine").returncode == OK
        deadline = time.monotonic() + 30

        def warnings():
            lines = [json.loads(line) for line in log_path.read_text().splitlines()]
            return [line for line in lines if line["event"] == "emr_call_failed"]

        while not warnings() and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(1)  # ten minutes of world time: many more calls
        # Launches, and the list that orphans are looked for in: one line each.
        actions = [warning["action"] for warning in warnings()]
        assert "RunJobFlow" in actions and len(actions) == len(set(actions))
        assert "127.0.0.1:1" in warnings()[0]["message"]
        assert "AWS_ENDPOINT_URL_EMR" in warnings()[0]["fix"]
        runs = ask_json(server, "dags", "list-runs", "sessionize")
        assert [row["state"] for row in runs if row["dag_run_id"] == "mine"] == ["running"]
    finally:
        server.stop()
    assert server.process.returncode == OK


def test_emulator_says_what_others_need():
    process = subprocess.Popen(
        [signalbox_path(), "emulator", "--port", "0", "--speed", "60"],
        stdout=subprocess.PIPE,
        env=clean_environment(),
        text=True,
    )
    lines = [process.stdout.readline().strip() for _ in range(5)]
    process.terminate()
    assert process.wait(timeout=10) == OK
    process.stdout.close()
    url = lines[0].removeprefix("listening on ")
    assert url.startswith("http://127.0.0.1:")
    assert lines[1].startswith("export SIGNALBOX_CLOCK=")
    assert lines[2] == f"export AWS_ENDPOINT_URL_EMR={url}"
    assert lines[3] == f"export AWS_ENDPOINT_URL_S3={url}"
    assert "AWS_ACCESS_KEY_ID=test" in lines[4]
