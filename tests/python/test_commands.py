"""The command line has everything that the API has: for each route its command, or why it has none. From the
table of routes, so that a new one cannot be forgotten; and the commands that only show an answer, by the real
program."""

import json
import subprocess

import pytest

from processes import Estate, clean_environment, signalbox_path, write_project

RUN = "dags/{dag_id}/dagRuns/{dag_run_id}"
TASK = RUN + "/taskInstances/{task_id}"
COMMANDS = {
    "GET monitor/health": "health",
    "GET version": "info",
    "GET openapi.json": "openapi",
    "GET map": "map",
    "GET importErrors": "dags list-import-errors",
    "GET jobs": "jobs list",
    "GET config": "config list",
    "GET config/section/{section}/option/{option}": "config get-value",
    "GET pools": "pools list",
    "GET pools/{pool_name}": "pools get",
    "GET dags": "dags list",
    "GET dagTags": "dags tags",
    "GET dagStats": "dags stats",
    "GET dagWarnings": "dags warnings",
    "GET dagSources/{dag_id}": "dags source",
    "PUT parseDagFile/{file_token}": "dags reparse",
    "GET dags/{dag_id}": "dags details",
    "GET dags/{dag_id}/details": "dags details",
    "PATCH dags/{dag_id}": "dags pause",
    "DELETE dags/{dag_id}": "dags delete",
    "POST dags/{dag_id}/favorite": "dags favorite",
    "POST dags/{dag_id}/unfavorite": "dags unfavorite",
    "POST dags/~/deactivate": "dags deactivate",
    "GET dags/{dag_id}/tasks": "tasks list",
    "GET dags/{dag_id}/dagRuns": "dags list-runs",
    "POST dags/{dag_id}/dagRuns": "dags trigger",
    "POST dags/{dag_id}/dagRuns/dry_run": "dags trigger",
    f"GET {RUN}": "dags show-run",
    f"PATCH {RUN}": "dags mark-success",
    f"DELETE {RUN}": "dags delete-run",
    f"POST {RUN}/clear": "dags clear",
    f"GET {RUN}/wait": "dags wait",
    f"GET {RUN}/upstreamAssetEvents": "dags asset-events",
    f"GET {RUN}/attempts": "tasks attempts",
    f"GET {RUN}/spend": "spend",
    f"GET {RUN}/forecast": "dags forecast",
    "POST dags/{dag_id}/clearTaskInstances": "tasks clear",
    f"GET {RUN}/taskInstances": "tasks states-for-dag-run",
    f"GET {TASK}": "tasks state",
    f"PATCH {TASK}": "tasks set-state",
    f"PATCH {TASK}/dry_run": "tasks set-state",
    f"PATCH {RUN}/taskGroupInstances/{{group_id}}": "tasks set-state",
    f"PATCH {RUN}/taskGroupInstances/{{group_id}}/dry_run": "tasks set-state",
    f"GET {TASK}/tries": "tasks tries",
    f"GET {TASK}/links": "tasks links",
    f"GET {TASK}/logs/{{try_number}}": "tasks decisions",
    f"GET {TASK}/xcomEntries": "tasks outputs",
    f"GET {TASK}/xcomEntries/{{xcom_key}}": "tasks outputs",
    f"GET {TASK}/dependencies": "why",
    f"GET {TASK}/listMapped": "tasks states-for-dag-run",
    f"GET {TASK}/{{map_index}}": "tasks states-for-dag-run",
    f"PATCH {TASK}/{{map_index}}": "tasks note",
    "GET backfills": "backfill list",
    "POST backfills": "backfill create",
    "POST backfills/dry_run": "backfill create",
    "GET backfills/{backfill_id}": "backfill show",
    "GET backfills/{backfill_id}/ticks": "backfill show",
    "PUT backfills/{backfill_id}/pause": "backfill pause",
    "PUT backfills/{backfill_id}/unpause": "backfill unpause",
    "PUT backfills/{backfill_id}/cancel": "backfill cancel",
    "GET assets": "assets list",
    "GET assets/events": "assets events",
    "POST assets/events": "assets create-event",
    "POST assets/{asset_id}/materialize": "assets materialize",
    "GET assets/{asset_id}/queuedEvents": "assets queued",
    "DELETE assets/{asset_id}/queuedEvents": "assets drop-queued",
    "GET dags/{dag_id}/assets/queuedEvents": "assets queued",
    "DELETE dags/{dag_id}/assets/queuedEvents": "assets drop-queued",
    "GET dags/{dag_id}/assets/{asset_id}/queuedEvents": "assets queued",
    "DELETE dags/{dag_id}/assets/{asset_id}/queuedEvents": "assets drop-queued",
    "GET variables": "variables list",
    "POST variables": "variables set",
    "PATCH variables": "variables import",
    "GET variables/{variable_key}": "variables get",
    "PATCH variables/{variable_key}": "variables set",
    "DELETE variables/{variable_key}": "variables delete",
    "GET connections": "connections list",
    "POST connections": "connections add",
    "PATCH connections": "connections import",
    "GET connections/{connection_id}": "connections get",
    "PATCH connections/{connection_id}": "connections add",
    "DELETE connections/{connection_id}": "connections delete",
    "POST secrets/rotateKey": "secrets rotate-key",
    "GET notifiers": "notifiers list",
    "POST notifiers/{notifier_name}/test": "notifiers test",
    "GET dags/{dag_id}/holes": "dags list-holes",
    "POST dags/{dag_id}/holes/fill": "holes fill",
    "GET holds": "holds list",
    "POST holds": "holds create",
    "POST holds/{hold_id}/release": "holds release",
    "GET dags/{dag_id}/dagVersions": "dags versions",
    "GET dags/{dag_id}/dagVersions/{version_number}": "dags show",
    "GET dags/{dag_id}/nextTicks": "dags next-ticks",
    "GET dags/{dag_id}/lanes": "dags lanes",
    "GET clusters": "clusters list",
    "GET clusters/{cluster_id}": "clusters show",
    "POST clusters/{cluster_id}/terminate": "clusters terminate",
    "GET clusters/{cluster_id}/cause": "tasks cause",
    "GET clusters/{cluster_id}/steps/{step_id}/logs/{stream}": "tasks logs",
    f"GET {TASK}/tries/{{try_number}}/output": "tasks logs",
    "GET orphans": "clusters reap",
    "GET spend": "spend",
    "GET forecast": "dags forecast",
    "GET deadlines": "deadlines",
    "GET deadlines/past": "deadlines",
    "GET budget": "budget",
    "GET limits": "limits list",
    "GET sources": "sources list",
    "GET history": "events",
    "GET audit": "audit",
    "GET me": "whoami",
    "GET roles": "roles list",
    "POST /auth/token": "login",
    "POST /auth/password": "users change-password",
    "GET tokens": "tokens list",
    "POST tokens": "tokens create",
    "DELETE tokens/{token_id}": "tokens revoke",
    "GET sessions": "sessions list",
    "DELETE sessions/{session_id}": "sessions end",
    "GET users": "users list",
    "POST users": "users create",
    "PATCH users/{user_name}": "users set-role",
    "DELETE users/{user_name}": "users delete",
    "POST users/{user_name}/resetPassword": "users reset-password",
}
EMPTY = "always empty: there is no such thing here"
IN_LIST = "the list has all of it: -o json"
BATCH = "the same list, asked by a body"
MANY = "many at once, for pages: each by a command of its own"
BROWSER = "for browsers"
INDEX = "of one instance of a mapped job: the same rows as its task's"
NO_COMMAND = {
    "GET budget/history": "for the board's chart; `budget` tells the sums",
    "GET map/layout": "for the board; `dags map` draws the same from the files",
    "GET plugins": EMPTY,
    "GET plugins/importErrors": EMPTY,
    "GET providers": EMPTY,
    "GET assets/aliases": EMPTY,
    "GET importErrors/{import_error_id}": IN_LIST,
    "GET assets/{asset_id}": IN_LIST,
    "GET dags/{dag_id}/tasks/{task_id}": IN_LIST,
    "GET users/{user_name}": IN_LIST,
    f"GET {TASK}/tries/{{try_number}}": IN_LIST,
    f"GET {TASK}/externalLogUrl/{{try_number}}": "one of the links of `tasks links`",
    "GET eventLogs": "the rows of `events`, in Airflow's form",
    "GET eventLogs/{event_log_id}": "the rows of `events`, in Airflow's form",
    "GET events": "`events --follow` asks for the history, which can be resumed anywhere",
    "POST dags/{dag_id}/dagRuns/list": BATCH,
    "GET dags/~/recentRuns": MANY,
    f"POST {RUN}/taskInstances/list": BATCH,
    "PATCH dags": MANY,
    "PATCH dags/{dag_id}/dagRuns": MANY,
    "POST dags/{dag_id}/clearDagRuns": MANY,
    f"PATCH {RUN}/taskInstances": MANY,
    f"GET {TASK}/{{map_index}}/dependencies": INDEX,
    f"GET {TASK}/{{map_index}}/tries": INDEX,
    f"GET {TASK}/{{map_index}}/tries/{{try_number}}": INDEX,
    f"PATCH {TASK}/{{map_index}}/dry_run": "`tasks set-state` names an instance as TASK[INDEX]",
    "GET /metrics": "for Prometheus",
    "POST emr-events": "AWS posts here",
    "POST /auth/token/cli": "the same as /auth/token, as airflowctl calls it",
    "POST auth/login": BROWSER,
    "POST auth/logout": BROWSER + "; a command's session ends by `sessions end`",
    "GET /auth/login": BROWSER,
    "GET /auth/callback": BROWSER,
    "POST /auth/logout": BROWSER,
    "POST /auth/token/sso": "`login --sso`, which needs a provider: test_sso.py",
    "POST /auth/backchannel-logout": "the provider of single sign-on posts here",
}


@pytest.fixture(scope="module")
def estate(tmp_path_factory):
    folder = tmp_path_factory.mktemp("commands")
    project = write_project(folder / "project", "deployment: commands\npools: {small: 2}\n", jobs=1)
    (project / "dags" / "maker.yaml").write_text(
        "dag_id: maker\ntags: [etl]\nis_paused_upon_creation: false\nschedule: '0 3 * * *'\nstart_date: 2026-01-04\n"
        "tasks: {make: {type: empty, outlets: [sessions]}}\n")
    (project / "dags" / "follower.yaml").write_text(
        "dag_id: follower\nis_paused_upon_creation: false\nschedule: {assets: {all: [sessions, prices]}}\n"
        "groups: {load: {tasks: {use: {type: empty}}}}\n")
    made = Estate(folder, project, "quotas: off\n")
    for dag in ("maker", "follower", "chain"):
        made.trigger(dag)
    for dag in ("maker", "follower", "chain"):
        assert made.standalone.wait_for_run(dag, "r") == "success"
    yield made
    made.stop()


def routes(estate):
    """"GET dags/{dag_id}" of all that is served, but for what is answered with 501."""
    paths = estate.standalone.call("/openapi.json")["paths"]
    return {
        f"{verb.upper()} {path.removeprefix('/api/v2/')}"
        for path, operations in paths.items() for verb, operation in operations.items()
        if "absent" not in operation.get("tags", [])
    }


def test_each_route_has_its_command_or_a_reason_for_having_none(estate):
    served = routes(estate)
    assert not COMMANDS.keys() & NO_COMMAND.keys()
    assert served - COMMANDS.keys() - NO_COMMAND.keys() == set()
    assert (COMMANDS.keys() | NO_COMMAND.keys()) - served == set()


def test_each_of_these_commands_exists():
    for command in sorted(set(COMMANDS.values())):
        done = subprocess.run([signalbox_path(), *command.split(), "--help"], env=clean_environment(),
                              capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
        assert done.returncode == 0 and command.split()[-1] in done.stdout, command


# A command, its arguments, what its table and its JSON have.
SHOWN = [
    ("info", [], "version", lambda a: a["version"]),
    ("openapi", [], "3.1.0", lambda a: "/api/v2/dags" in a["paths"]),
    ("map", [], "1 success", lambda a: {dag["dag_id"] for dag in a} >= {"maker", "follower"}),
    ("jobs list", [], "SchedulerJob", lambda a: a[0]["state"] == "running"),
    ("config list", [], "deployment", lambda a: any(part["options"] for part in a)),
    ("pools get", ["small"], "slots", lambda a: a["slots"] == 2),
    ("dags tags", [], "etl", lambda a: a == ["etl"]),
    ("dags stats", [], "SUCCESS", lambda a: {dag["dag_id"] for dag in a} >= {"maker"}),
    ("dags warnings", [], "DAG", lambda a: a == []),
    ("dags source", ["maker"], "content", lambda a: json.loads(a["content"])["dag_id"] == "maker"),
    ("dags next-ticks", ["maker"], "RUN AFTER", lambda a: len(a) == 20),
    ("dags show-run", ["maker", "r"], "success", lambda a: a["dag_run_id"] == "r"),
    ("dags wait", ["maker", "r"], "success", lambda a: a["state"] == "success"),
    ("dags asset-events", ["follower", "r"], "ASSET", lambda a: a == []),
    ("dags reparse", ["maker"], "dags/maker.yaml is looked at", lambda a: a["relative_fileloc"] == "dags/maker.yaml"),
    ("tasks list", ["maker"], "EmptyOperator", lambda a: [task["task_id"] for task in a] == ["make"]),
    ("tasks state", ["maker", "r", "make"], "success", lambda a: a["task_id"] == "make"),
    ("tasks tries", ["maker", "r", "make"], "success", lambda a: [one["state"] for one in a] == ["success"]),
    ("tasks attempts", ["chain", "r"], "VERDICT",
     lambda a: [(one["job_id"], one["try_number"], one["verdict"]) for one in a] == [("job0", 1, "success")]),
    ("tasks links", ["chain", "r", "job0.start_cluster"], "EMR Cluster", lambda a: "/j-" in a["EMR Cluster"]),
    ("tasks decisions", ["maker", "r", "make", "1"], "EVENT", lambda a: any("success" in line["event"] for line in a)),
]


@pytest.mark.parametrize("command, arguments, told, is_right", SHOWN, ids=[row[0] for row in SHOWN])
def test_a_command_shows_the_answer_for_people_and_for_programs(estate, command, arguments, told, is_right):
    for_people = estate.cli(*command.split(), *arguments)
    assert for_people.returncode == 0, for_people.stderr
    assert told in for_people.stdout
    for_programs = estate.cli(*command.split(), *arguments, "-o", "json")
    assert for_programs.returncode == 0, for_programs.stderr
    assert is_right(json.loads(for_programs.stdout))
    assert estate.cli(*command.split(), *arguments, "-o", "plain").returncode == 0
    assert estate.cli(*command.split(), *arguments, "-o", "yaml").returncode == 0


def test_one_setting(estate):
    settings = json.loads(estate.cli("config", "list", "-o", "json").stdout)
    section = next(part for part in settings if part["options"])
    option = section["options"][0]
    done = estate.cli("config", "get-value", section["name"], option["key"])
    assert done.returncode == 0 and option["value"] in done.stdout


def test_favorites(estate):
    assert estate.cli("dags", "favorite", "maker").returncode == 0
    assert "maker" in estate.cli("dags", "favorites").stdout
    assert estate.cli("dags", "unfavorite", "maker").returncode == 0
    assert "maker" not in estate.cli("dags", "favorites").stdout


def test_queued_events(estate):
    made = estate.cli("assets", "create-event", "sessions", "--extra", '{"rows": 3}', "-o", "json")
    assert json.loads(made.stdout)["extra"]["rows"] == 3

    def queued(*filters):
        done = estate.cli("assets", "queued", *filters, "-o", "json")
        assert done.returncode == 0, done.stderr
        return [event["dag_id"] for event in json.loads(done.stdout)]

    for filters in (["sessions"], ["--dag", "follower"], ["sessions", "--dag", "follower"]):
        assert queued(*filters) == ["follower"], filters
    assert queued("sessions", "--before", "2026-01-01T00:00:00Z") == []
    assert queued("prices", "--dag", "follower") == []
    assert estate.cli("assets", "queued").returncode == 2
    assert estate.cli("assets", "drop-queued", "sessions", "--dry-run").returncode == 0
    assert estate.cli("assets", "drop-queued", "sessions").returncode == 2  # nobody can be asked
    assert queued("sessions") == ["follower"]
    assert estate.cli("assets", "drop-queued", "sessions", "--dag", "follower", "--yes").returncode == 0
    assert queued("sessions") == []


def test_a_group_is_marked(estate):
    done = estate.cli("tasks", "set-state", "follower", "r", "load", "failed", "--yes", "-o", "json")
    assert done.returncode == 0, done.stderr
    assert estate.standalone.call("/dags/follower/dagRuns/r/taskInstances/use")["state"] == "failed"
    assert estate.cli("dags", "wait", "follower", "r").returncode == 1
