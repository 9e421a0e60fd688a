"""airflowctl, Airflow's command line for a server, command by command: what each of them does here.
docs/rest-api.md has the same table; SIGNALBOX_WRITE_TABLE=1 writes it."""

import json
import os

import pytest

from airflow_operations import ABSENT, WORKS
from airflowctl_program import Airflowctl
from processes import ROOT
from test_airflow_client import SECOND, Judged

PASSWORD = "four quite usual words"
FAULT = "its own fault"
# Which commands fail in airflowctl itself, against any server: what it then says, and why.
FAULTS = {
    "assets create-event": ("triggering", "knows fewer fields than Airflow 3.3 answers with"),
    "assets delete-dag-queued-events": ("there is nothing at", "asks for a path that Airflow has not, either"),
    "assets delete-queued-event": ("there is nothing at", "asks for a path that Airflow has not, either"),
    "assets materialize": ("has no attribute 'output'", "makes the run, and fails to print it"),
    "backfill create-dry-run": ("validation errors for BackfillResponse", "takes the plan for a backfill"),
    "backfill pause": ("Method Not Allowed", "sends POST where Airflow has PUT"),
    "backfill unpause": ("Method Not Allowed", "sends POST where Airflow has PUT"),
    "backfill cancel": ("Method Not Allowed", "sends POST where Airflow has PUT"),
    "dags get-stats": ("[]", "takes the id apart, a DAG for each letter"),
    "dags get-tags": ("non-dictionary data", "prints no lists of texts"),
}


@pytest.fixture(scope="module")
def estate(tmp_path_factory):
    made = Judged(tmp_path_factory.mktemp("airflowctl"))
    yield made
    made.stop()


@pytest.fixture(scope="module")
def airflowctl(estate, tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    ctl = Airflowctl(home, estate.standalone.url, (estate.state / "token").read_text().strip())
    printed, end = ctl("auth", "login", "--api-url", ctl.url, "--api-token", os.environ["AIRFLOW_CLI_TOKEN"])
    assert end is None, printed
    return ctl


def parts(e, home):
    """{command: [(arguments, what its output must have)]}. Of several calls the last one counts."""
    asset = e.asset()
    once = e.call("/users", {"name": "ada", "role": "viewer"})["one_time_password"]
    # A password is slow to check, on purpose.
    new = {"username": "ada", "password": once, "new_password": PASSWORD}
    e.standalone.fetch("/auth/password", new, timeout=120)
    e.call("/dags/hourly", {"is_paused": True}, "PATCH")
    e.call("/variables", {"key": "gone", "value": "1"})
    e.call("/connections", {"connection_id": "gone", "conn_type": "http"})
    e.trigger("maps", "dropped")
    e.call("/dags/maps/dagRuns/dropped", {"state": "failed"}, "PATCH")
    (home / "variables.json").write_text(json.dumps({"imported": "2"}))
    (home / "connections.json").write_text(json.dumps({"imported": {"conn_type": "http", "host": "h"}}))
    (home / "pools.json").write_text(json.dumps([{"name": "p", "slots": 1}]))
    queued = ["assets", "create-event", "--asset-id", asset]
    setting = next(part for part in e.call("/config")["sections"] if part["options"])
    day = "2030-01-01T00:00:00Z"
    tick = ["--dag-id", "hourly", "--from-date", "2026-01-04T20:00:00Z", "--to-date", "2026-01-04T20:00:00Z",
            "--max-active-runs", "1", "--reprocess-behavior", "none"]
    xcom = ["chain", "r", SECOND, "rows"]
    return {
        "assets create-event": [(queued, "")],
        "assets list": [(["assets", "list"], "s3://lake/sessions")],
        "assets get": [(["assets", "get", asset], "sessions")],
        "assets list-by-alias": [(["assets", "list-by-alias"], "[]")],
        "assets get-by-alias": [(["assets", "get-by-alias", "1"], ABSENT)],
        "assets get-queued-events": [(["assets", "get-queued-events", asset], "waits")],
        "assets get-dag-queued-events": [(["assets", "get-dag-queued-events", "waits", day], "waits")],
        "assets get-dag-queued-event": [(["assets", "get-dag-queued-event", "waits", asset], "waits")],
        "assets delete-dag-queued-events": [(["assets", "delete-dag-queued-events", "waits", day], "")],
        "assets delete-queued-event": [(queued, ""), (["assets", "delete-queued-event", "waits", asset], "")],
        "assets delete-queued-events": [(queued, ""), (["assets", "delete-queued-events", asset], "")],
        "assets materialize": [(["assets", "materialize", asset], "maker")],
        "auth list-envs": [(["auth", "list-envs"], "production")],
        "auth login": [(["auth", "login", "--api-url", e.standalone.url, "--api-token", os.environ["AIRFLOW_CLI_TOKEN"]],
                        "successful")],
        "auth token": [(["auth", "token", "--api-url", e.standalone.url, "--username", "ada", "--password", PASSWORD],
                        "sbs_")],
        "backfill create-dry-run": [(["backfill", "create-dry-run", *tick], "2026-01-04")],
        "backfill create": [(["backfill", "create", *tick], "hourly")],
        "backfill list": [(["backfill", "list", "hourly"], "hourly")],
        "backfill get": [(["backfill", "get", "1"], "hourly")],
        "backfill pause": [(["backfill", "pause", "1"], "")],
        "backfill unpause": [(["backfill", "unpause", "1"], "")],
        "backfill cancel": [(["backfill", "cancel", "1"], "")],
        "config list": [(["config", "list"], "deployment")],
        "config get": [(["config", "get", setting["name"], setting["options"][0]["key"]], setting["options"][0]["key"])],
        "config lint": [(["config", "lint"], "")],
        "connections create": [(["connections", "create", "--connection-id", "db", "--conn-type", "postgres",
                                 "--password", "p"], "postgres")],
        "connections create-defaults": [(["connections", "create-defaults"], ABSENT)],
        "connections delete": [(["connections", "delete", "gone"], "")],
        "connections get": [(["connections", "get", "db"], "***")],
        "connections import": [(["connections", "import", home / "connections.json"], "imported")],
        "connections list": [(["connections", "list"], "db")],
        "connections test": [(["connections", "test", "--connection-id", "db", "--conn-type", "postgres"], ABSENT)],
        "connections update": [(["connections", "update", "--connection-id", "db", "--conn-type", "mysql"], "mysql")],
        "dagrun get": [(["dagrun", "get", "chain", "r"], "success")],
        "dagrun list": [(["dagrun", "list", "--dag-id", "chain", "--state", "success", "--limit", "5"], "chain")],
        "dags delete": [(["dags", "delete", "grouped"], "")],
        "dags get": [(["dags", "get", "chain"], "chain")],
        "dags get-details": [(["dags", "get-details", "chain"], "chain")],
        "dags get-import-error": [(["dags", "get-import-error", "1"], "broken.yaml")],
        "dags get-stats": [(["dags", "get-stats", "chain"], "success")],
        "dags get-tags": [(["dags", "get-tags"], "weekly")],
        "dags get-version": [(["dags", "get-version", "chain", "1"], "chain")],
        "dags list": [(["dags", "list"], "chain")],
        "dags list-import-errors": [(["dags", "list-import-errors"], "broken.yaml")],
        "dags list-version": [(["dags", "list-version", "chain"], "chain")],
        "dags list-warning": [(["dags", "list-warning"], "[]")],
        "dags next-execution": [(["dags", "next-execution", "hourly"], "hourly")],
        "dags pause": [(["dags", "pause", "maps"], "successful")],
        "dags unpause": [(["dags", "unpause", "maps"], "successful")],
        "dags trigger": [(["dags", "trigger", "maps", "--dag-run-id", "by_ctl", "--note", "n"], "by_ctl")],
        "dags update": [(["dags", "update", "maps", "--no-is-paused"], "maps")],
        "jobs list": [(["jobs", "list"], "SchedulerJob")],
        "plugins list": [(["plugins", "list"], "[]")],
        "plugins list-import-errors": [(["plugins", "list-import-errors"], "[]")],
        "pools create": [(["pools", "create", "--name", "p", "--slots", "1"], ABSENT)],
        "pools delete": [(["pools", "delete", "p"], ABSENT)],
        "pools export": [(["pools", "export", home / "out.json"], "")],
        "pools get": [(["pools", "get", "default_pool"], "default_pool")],
        "pools import": [(["pools", "import", home / "pools.json"], ABSENT)],
        "pools list": [(["pools", "list"], "default_pool")],
        "pools update": [(["pools", "update", "--pool", "p", "--slots", "2"], ABSENT)],
        "providers list": [(["providers", "list"], "[]")],
        "variables create": [(["variables", "create", "--key", "chosen_by_ctl", "--value", "first-value"], "first-value")],
        "variables delete": [(["variables", "delete", "gone"], "")],
        "variables get": [(["variables", "get", "chosen_by_ctl"], "first-value")],
        "variables import": [(["variables", "import", home / "variables.json"], "imported")],
        "variables list": [(["variables", "list"], "chosen_by_ctl")],
        "variables update": [(["variables", "update", "--key", "chosen_by_ctl", "--value", "second-value"], "second-value")],
        "version": [(["version", "--remote"], "0.1.0")],
        "xcom add": [(["xcom", "add", *xcom, "1"], ABSENT)],
        "xcom delete": [(["xcom", "delete", *xcom], ABSENT)],
        "xcom edit": [(["xcom", "edit", *xcom, "1"], ABSENT)],
        "xcom get": [(["xcom", "get", *xcom], "3")],
        "xcom list": [(["xcom", "list", "chain", "r", SECOND], "rows")],
    }


def classify(e, ctl, folder):
    """{command: class}, and what does not fit."""
    calls = parts(e, folder)
    table, wrong = {}, {}
    for command, steps in calls.items():
        for arguments, expected in steps:
            printed, end = ctl(*arguments)
        said = f"{printed}{end}"
        if command in FAULTS:
            says, why = FAULTS[command]
            table[command], is_right = f"{FAULT}: {why}", says in said
        elif expected == ABSENT:
            table[command], is_right = ABSENT, ctl.status == 501
        else:
            table[command], is_right = WORKS, end is None and expected in printed
        if not is_right:
            wrong[command] = f"ends with {end!r} and prints {printed[-600:]}"
    return table, wrong


BEGIN, END = "<!-- commands: written by tests/python/test_airflowctl.py -->\n", "<!-- end of commands -->\n"


def written(table):
    lines = ["| command | |", "|---|---|"]
    return "\n".join(lines + [f"| `{command}` | {kind} |" for command, kind in sorted(table.items())]) + "\n"


def test_every_command_works_or_says_why_not(estate, airflowctl, tmp_path):
    table, wrong = classify(estate, airflowctl, tmp_path)
    text = written(table)
    assert not wrong, "\n".join(f"{name}: {trouble}" for name, trouble in wrong.items())
    assert sorted(table) == airflowctl.commands()
    page = ROOT / "docs" / "rest-api.md"
    before, _, rest = page.read_text().partition(BEGIN)
    if os.environ.get("SIGNALBOX_WRITE_TABLE"):
        page.write_text(before + BEGIN + text + END + rest.partition(END)[2])
    assert rest.partition(END)[0] == text or os.environ.get("SIGNALBOX_WRITE_TABLE")
