"""Users, tokens and roles through the real program: the command line makes them, and they let in whom they should."""

import datetime
import json
import os
import stat
import subprocess
import time
import urllib.error
import urllib.request

import pytest

from processes import (
    ROOT,
    EmulatorProcess,
    Estate,
    StandaloneProcess,
    clean_environment,
    eventually,
    signalbox_path,
    write_project,
)

PASSWORD = "four quite usual words"


class Site:
    def __init__(self, folder):
        self.folder = folder
        self.project = write_project(folder / "project", "deployment: people\n", 1)
        self.state = folder / "state"
        self.emulator = EmulatorProcess(folder)
        self.log = open(folder / "server.log", "wb")
        self.server = StandaloneProcess(self.project, self.state, self.emulator, log=self.log)

    def run(self, *args, stdin=None):
        return subprocess.run(
            [signalbox_path(), *args, "--state-dir", str(self.state)],
            input=stdin, capture_output=True, text=True, timeout=30, env=clean_environment(),
        )

    def ask(self, path, token=None, method="GET", body=None):
        request = urllib.request.Request(self.server.url + path, method=method)
        if token:
            request.add_header("Authorization", "Bearer " + token)
        if body is not None:
            request.add_header("Content-Type", "application/json")
            request.data = json.dumps(body).encode()
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, json.loads(answer.read() or b"{}")
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"{}")

    def stop(self):
        self.server.stop()
        self.emulator.stop()
        self.log.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    started = Site(tmp_path_factory.mktemp("accounts"))
    yield started
    started.stop()


def test_the_first_user_is_made_on_the_command_line(site):
    made = site.run("users", "create", "ada", "--role", "operator")
    assert made.returncode == 0, made.stderr
    once = made.stdout.strip()
    assert len(once) == 24 and "not shown again" in made.stderr
    early = site.run("login", "ada", stdin=once + "\n")
    assert early.returncode != 0 and "has to be changed first" in early.stderr
    changed = site.run("users", "change-password", "ada", stdin=f"{once}\n{PASSWORD}\n")
    assert changed.returncode == 0, changed.stderr
    token = site.run("login", "ada", stdin=PASSWORD + "\n").stdout.strip()
    assert token.startswith("sbs_")
    wrong = site.run("login", "ada", stdin="wrong\n")
    assert wrong.returncode == 6 and "the token" not in wrong.stderr, wrong.stderr
    told = json.loads(site.run("login", "ada", "-o", "json", stdin=PASSWORD + "\n").stdout)
    assert told["access_token"].startswith("sbs_") and told["expires_at"].endswith("Z")
    (site.folder / "ada").write_text(token)
    refused = site.run("users", "list", "--token-file", str(site.folder / "ada"))
    assert refused.returncode == 1 and "403" in refused.stderr
    assert site.ask("/api/v2/me", token)[1]["name"] == "ada"
    assert site.ask("/api/v2/users", token)[0] == 403
    listed = json.loads(site.run("users", "list", "-o", "json").stdout)
    assert [(user["name"], user["role"]) for user in listed] == [("ada", "operator")]
    for secret in (once, PASSWORD, token):
        assert secret not in (site.folder / "server.log").read_text()


def test_a_password_can_go_to_a_file_of_its_own(site):
    path = site.folder / "password"
    made = site.run("users", "create", "bea", "--password-file", str(path))
    assert made.returncode == 0, made.stderr
    once = path.read_text().strip()
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert len(once) == 24 and once not in made.stdout + made.stderr
    again = site.run("users", "reset-password", "bea", "--password-file", str(path))
    assert again.returncode == 6 and path.read_text().strip() == once


def test_a_programs_token_does_what_its_role_lets_it(site):
    assert site.run("users", "create", "ci", "--role", "operator", "--without-password").returncode == 0
    made = site.run("tokens", "create", "nightly", "--user", "ci", "--role", "viewer", "-o", "json")
    token = json.loads(made.stdout)
    assert site.ask("/api/v2/dags", token["token"])[0] == 200
    assert site.ask("/api/v2/pools", token["token"])[0] == 200
    dag = site.ask("/api/v2/dags", token["token"])[1]["dags"][0]["dag_id"]
    assert site.ask("/api/v2/dags/" + dag, token["token"], "PATCH", {"is_paused": True})[0] == 403
    refused = site.run("audit", "--refused", "--who", "ci", "-o", "json")
    assert "this needs the role operator" in refused.stdout
    assert site.run("tokens", "revoke", token["id"]).returncode == 2
    assert "nightly" in site.run("tokens", "revoke", token["id"], "--dry-run").stdout
    assert site.run("tokens", "revoke", token["id"], "--yes").returncode == 0
    assert site.ask("/api/v2/dags", token["token"])[0] == 401
    for command in (("users", "set-role", "ci", "viewer"), ("users", "set-scopes", "ci", "dag:x*"),
                    ("users", "disable", "ci"), ("users", "enable", "ci"), ("users", "delete", "ci", "-y")):
        done = site.run(*command)
        assert done.returncode == 0, done.stderr
    for command in (("roles", "list"), ("whoami",), ("sessions", "list"), ("audit",)):
        assert site.run(*command).stdout.count("\n") > 1


def test_the_document_says_of_the_roles_what_the_program_says(site):
    roles = json.loads(site.run("roles", "list", "-o", "json").stdout)
    page = (ROOT / "docs" / "security.md").read_text()
    table = page.partition("| role | may |")[2].partition("\n\n")[0]
    assert table.splitlines()[2:] == [f"| {role['name']} | {role['description']} |" for role in roles]


def test_scopes_are_told_as_they_are_given(site):
    site.run("users", "create", "zoe", "--scope", "tag:team-a", "--without-password")
    [zoe] = [line for line in site.run("users", "list").stdout.splitlines() if line.startswith("zoe")]
    assert zoe.split()[2] == "tag:team-a"
    token = json.loads(site.run("tokens", "create", "t", "--user", "zoe", "-o", "json").stdout)
    assert token["id"] + " " in site.run("tokens", "list").stdout
    (site.folder / "zoe").write_text(token["token"])
    me = site.run("whoami", "--token-file", str(site.folder / "zoe")).stdout
    assert " tag:team-a " in me and "[" not in me
    assert " all " in site.run("users", "create", "all", "--without-password").stdout
    gone = site.run("users", "delete", "zoe")
    assert gone.returncode == 2 and "--yes" in gone.stderr
    assert "zoe" in site.run("users", "delete", "zoe", "--dry-run").stdout
    assert site.run("users", "delete", "zoe", "--yes").returncode == 0


def test_a_new_password_is_typed_twice_at_a_terminal(site):
    once = site.run("users", "create", "kim").stdout.strip()

    def change(*typed):
        master, slave = os.openpty()
        process = subprocess.Popen(
            [signalbox_path(), "users", "change-password", "kim", "--state-dir", str(site.state)],
            stdin=slave, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=clean_environment(),
        )
        os.set_blocking(process.stderr.fileno(), True)
        said = ""
        for line in typed:
            while not said.endswith(": "):
                said += process.stderr.read(1)
            time.sleep(0.2)  # the terminal is silent a moment after the question
            os.write(master, (line + "\n").encode())
            said += "|"
        said += process.stderr.read()
        os.close(slave)
        os.close(master)
        return process.wait(timeout=30), said

    code, said = change(once, PASSWORD, PASSWORD + "x")
    assert code == 2 and "not the same" in said, said
    code, said = change(once, PASSWORD, PASSWORD)
    assert code == 0 and said.count("the new password") == 2, said
    assert site.run("login", "kim", stdin=PASSWORD + "\n").returncode == 0


def test_airflows_way_to_a_token(site):
    site.run("users", "create", "eve", "--role", "viewer", "--password-file", str(site.folder / "eve"))
    once = (site.folder / "eve").read_text().strip()
    assert site.ask("/auth/password", None, "POST",
                    {"username": "eve", "password": once, "new_password": PASSWORD})[0] == 204
    status, answer = site.ask("/auth/token", None, "POST", {"username": "eve", "password": PASSWORD})
    assert status == 201
    client = pytest.importorskip("airflow_client.client")
    with client.ApiClient(client.Configuration(host=site.server.url, access_token=answer["access_token"])) as api:
        assert client.DAGApi(api).get_dags().total_entries >= 1
        with pytest.raises(client.ApiException) as refused:
            client.DAGApi(api).patch_dag(client.DAGApi(api).get_dags().dags[0].dag_id, client.DAGPatchBody(is_paused=True))
    assert refused.value.status == 403


def test_no_secret_is_an_argument(site):
    for command in (("login",), ("users", "change-password"), ("users", "create"), ("tokens", "create")):
        help_text = subprocess.run([signalbox_path(), *command, "--help"], capture_output=True, text=True, timeout=20).stdout
        assert "--password " not in help_text and "--token " not in help_text


def test_a_session_lasts_by_the_wall_though_the_world_is_fast(tmp_path):
    estate = Estate(tmp_path, write_project(tmp_path / "project", "deployment: fast\n", 1), faults="{}", speed=3600)
    try:
        server = estate.standalone
        once = server.call("/users", {"name": "ida", "role": "viewer"})["one_time_password"]
        server.fetch("/auth/password", {"username": "ida", "password": once, "new_password": PASSWORD})
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        ask = urllib.request.Request(
            server.url + "/api/v2/auth/login", json.dumps({"username": "ida", "password": PASSWORD}).encode(),
            {"Content-Type": "application/json"})
        browser.open(ask, timeout=20).close()
        now = lambda: datetime.datetime.fromisoformat(server.call("/monitor/health")["now"])
        end = now() + datetime.timedelta(minutes=40)
        eventually(now, lambda it_is: it_is > end)
        with browser.open(server.url + "/api/v2/me", timeout=20) as reply:
            assert json.loads(reply.read())["name"] == "ida"
    finally:
        estate.stop()
