"""Variables and connections with the real program: a secret reaches EMR, and stands nowhere else."""

import concurrent.futures
import gzip
import json
import os
import stat
import subprocess
import time
import urllib.error
import urllib.parse

import pytest

from databases import MotoServer, client
from processes import Estate, StandaloneProcess, clean_environment, signalbox_path, write_project

FAULTS = "quotas: off\ntiming: {provisioning: 1m, bootstrap: 1m, step: 5m, shutdown: 30s}\n"
PASSWORD = "s3cr3t-of-the-warehouse'\"$x"
TOKEN = "t0ken-in-the-environment"
EXTRA = "k3y-in-the-extra"
KEY = "a key of the environment with more than 32 characters"
ARGS = """[spark-submit, "s3://b/work.py", "--to", "{{ var.value.bucket }}/{{ conn.warehouse.host }}",
  "--url=jdbc:{{ conn.warehouse.login }}:{{ conn.warehouse.password }}@x", "{{ var.value.api_token }}",
  "{{ conn.warehouse.extra_dejson.private_key }}", "{{ var.json.limits.rows + 1 }}", "{{ var.value.get('no', 'd') }}"]"""


def write_dags(project):
    small = (project / "clusters" / "small.yaml").read_text()
    (project / "clusters" / "small.yaml").write_text(small.replace('[spark-submit, "s3://b/work.py"]', ARGS))
    (project / "clusters" / "missing.yaml").write_text(small.replace("s3://b/work.py", "{{ var.value.nowhere }}"))
    for name in ("chain", "missing"):
        cluster = "small" if name == "chain" else "missing"
        (project / "dags" / f"{name}.yaml").write_text(
            f"dag_id: {name}\nis_paused_upon_creation: false\n"
            f"tasks: {{job: {{type: emr_job, cluster: {cluster}, retries: 0}}}}\n"
        )


class Secrets(Estate):
    def __init__(self, folder):
        project = write_project(folder / "project", "deployment: secrets\n", jobs=1)
        write_dags(project)
        super().__init__(folder, project, FAULTS, speed=600)
        self.log = folder / "standalone.log"
        self.restart()

    def restart(self, **environment):
        self.standalone.stop()
        with open(self.log, "ab") as log:
            self.standalone = StandaloneProcess(
                self.project, self.state, self.emulator, self.clock, log=log, AIRFLOW_VAR_API_TOKEN=TOKEN, **environment
            )

    def raw(self, *arguments, stdin=""):
        return subprocess.run(
            self.command(arguments), env=clean_environment(), capture_output=True, text=True, timeout=60, input=stdin
        )

    def say(self, *arguments, stdin="", code=0):
        """What the command prints."""
        done = self.raw(*arguments, stdin=stdin)
        assert done.returncode == code, done
        assert PASSWORD not in done.stdout + done.stderr
        return done.stdout if code == 0 else done.stderr

    def fill(self):
        self.say("variables", "set", "bucket", "s3://lake")
        self.say("variables", "set", "limits", "-", stdin='{"rows": 41}\n')
        self.say(
            "connections", "add", "warehouse", "--conn-type", "postgres", "--conn-host", "db.example",
            "--conn-login", "me", "--conn-password", "-", "--conn-extra", json.dumps({"private_key": EXTRA, "n": 1}),
            stdin=PASSWORD + "\n",
        )

    def last_arguments(self):
        launched = [line for line in self.emulator.journal() if line.get("action") == "RunJobFlow"]
        return launched[-1]["request"]["Steps"][0]["HadoopJarStep"]["Args"]

    def refusal(self, path, body=None, method=None):
        with pytest.raises(urllib.error.HTTPError) as refused:
            self.standalone.call(path, body, method)
        return refused.value.code, json.loads(refused.value.read())["detail"]

    def holds(self, secret):
        """Which of our files hold it."""
        return [
            str(path) for folder in (self.state, self.project) for path in folder.rglob("*")
            if path.is_file() and secret.encode() in path.read_bytes()
        ] + [str(self.log)] * (secret.encode() in self.log.read_bytes())


@pytest.fixture
def secrets(tmp_path):
    made = Secrets(tmp_path)
    yield made
    made.stop()


def test_a_secret_reaches_emr_and_stands_nowhere_else(secrets):
    secrets.fill()
    secrets.trigger("chain")
    assert secrets.standalone.wait_for_run("chain", "r") == "success"
    assert secrets.last_arguments() == [
        "spark-submit", "s3://b/work.py", "--to", "s3://lake/db.example", f"--url=jdbc:me:{PASSWORD}@x",
        TOKEN, EXTRA, "42", "d",
    ]
    for secret in (PASSWORD, TOKEN, EXTRA):
        assert secrets.holds(secret) == []
    run = "/dags/chain/dagRuns/r"
    answers = [
        secrets.standalone.fetch("/api/v2" + path).decode() for path in (
            "/variables", "/connections", "/connections/warehouse", "/history", "/eventLogs", "/clusters",
            f"{run}/taskInstances", f"{run}/attempts", f"{run}/taskInstances/job.start_cluster/logs/1",
            "/dagSources/chain", "/config",
        )
    ] + [secrets.standalone.fetch("/metrics").decode()]
    for text in answers:
        for secret in (PASSWORD, json.dumps(PASSWORD)[1:-1], TOKEN, EXTRA):
            assert secret not in text
    shown = secrets.standalone.call("/connections/warehouse")
    assert (shown["password"], json.loads(shown["extra"])) == ("***", {"private_key": "***", "n": 1})
    key = secrets.state / "secret.key"
    assert stat.S_IMODE(os.stat(key).st_mode) == 0o600


def test_a_secret_that_a_step_wrote_is_masked_where_its_log_is_shown(secrets, tmp_path):
    secrets.fill()
    small = secrets.project / "clusters" / "small.yaml"
    small.write_text(small.read_text() + "LogUri: s3://logs/\n")
    with open(tmp_path / "moto.log", "wb") as log:
        moto = MotoServer(log)
    try:
        s3 = client("s3", moto.url, "us-east-1")
        s3.create_bucket(Bucket="logs")
        secrets.restart(AWS_ENDPOINT_URL_S3=moto.url)
        secrets.trigger("chain")
        assert secrets.standalone.wait_for_run("chain", "r") == "success"
        cluster = secrets.standalone.call("/clusters")["clusters"][0]["cluster_id"]
        step = secrets.standalone.call(f"/clusters/{cluster}")["steps"][0]["step_id"]
        text = f"connecting with {PASSWORD}\nand {TOKEN}\n"
        s3.put_object(Bucket="logs", Key=f"{cluster}/steps/{step}/stderr.gz", Body=gzip.compress(text.encode()))
        for _ in ("this life", "the next"):
            shown = secrets.standalone.call(f"/clusters/{cluster}/steps/{step}/logs/stderr")["content"]
            assert shown == "connecting with ***\nand ***\n"
            secrets.restart(AWS_ENDPOINT_URL_S3=moto.url)
    finally:
        moto.stop()


def test_what_is_missing_fails_the_attempt_with_the_fix(secrets):
    secrets.trigger("missing")
    assert secrets.standalone.wait_for_run("missing", "r") == "failed"
    attempts = json.dumps(secrets.standalone.call("/dags/missing/dagRuns/r/attempts"))
    assert "there is no variable 'nowhere': `signalbox variables set nowhere VALUE`" in attempts
    secrets.say("variables", "set", "nowhere", "s3://b/here.py")
    secrets.trigger("missing", "again")
    assert secrets.standalone.wait_for_run("missing", "again") == "success"
    assert secrets.last_arguments() == ["spark-submit", "s3://b/here.py"]


def test_a_rotated_key_opens_what_the_old_one_sealed(secrets):
    secrets.fill()
    key = secrets.state / "secret.key"
    old = key.read_text()
    assert "3 records" in secrets.say("secrets", "rotate-key")
    assert key.read_text() != old and len(key.read_text().split()) == 1
    secrets.restart()
    assert secrets.standalone.call("/variables/bucket")["value"] == "s3://lake"
    # As a crash in the middle of a rotation would leave it: the new key first.
    key.write_text("1" * 64 + "\n" + key.read_text())
    secrets.restart()
    assert secrets.standalone.call("/variables/bucket")["value"] == "s3://lake"
    # The environment's key, and then that alone.
    secrets.restart(SIGNALBOX_SECRET_KEY=KEY)
    assert "leave the others out" in secrets.say("secrets", "rotate-key")
    key.unlink()
    secrets.restart(SIGNALBOX_SECRET_KEY=KEY)
    assert secrets.standalone.call("/variables/bucket")["value"] == "s3://lake"
    assert secrets.refusal("/secrets/rotateKey", {}, "POST")[0] == 422


def test_what_is_written_while_the_key_changes_stays_readable(secrets):
    names = [f"v{i}" for i in range(60)]

    def write(name):
        secrets.standalone.call("/variables", {"key": name, "value": name}, "POST")

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        written = [pool.submit(write, name) for name in names]
        rotated = [pool.submit(secrets.standalone.call, "/secrets/rotateKey", {}, "POST") for _ in range(3)]
        for each in written:
            each.result()
        # 409: another one was under way, or something was written in between.
        codes = [getattr(each.exception(), "code", 200) for each in rotated]
    assert set(codes) <= {200, 409} and 200 in codes, codes
    secrets.restart()
    listed = secrets.standalone.call("/variables?limit=100")["variables"]
    assert sorted(v["value"] for v in listed) == sorted(names)


def test_a_kill_while_the_key_changes_loses_nothing(secrets):
    secrets.fill()
    keys = set()
    for delay in (0, 0.002, 0.005, 0.01, 0.02, 0.05):
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            asked = pool.submit(secrets.standalone.call, "/secrets/rotateKey", {}, "POST")
            time.sleep(delay)
            secrets.standalone.process.kill()
            asked.exception()
        secrets.restart()
        assert secrets.standalone.call("/variables/bucket")["value"] == "s3://lake"
        keys.add((secrets.state / "secret.key").read_text())
    assert len(keys) > 1
    secrets.say("secrets", "rotate-key")
    assert len((secrets.state / "secret.key").read_text().split()) == 1
    secrets.trigger("chain")
    assert secrets.standalone.wait_for_run("chain", "r") == "success"
    assert PASSWORD in secrets.last_arguments()[4]


def test_a_wrong_key_is_said_at_each_use_and_holds_nothing_up(secrets):
    secrets.fill()
    secrets.restart(SIGNALBOX_SECRET_KEY=KEY)  # beside the file: both open
    (secrets.state / "secret.key").unlink()
    secrets.restart()
    code, detail = secrets.refusal("/variables/bucket")
    assert code == 503 and "there is no key" in detail
    code, detail = secrets.refusal("/variables", {"key": "new", "value": "v"}, "POST")
    assert code == 503 and "put it back" in detail
    secrets.restart(SIGNALBOX_SECRET_KEY=KEY)
    assert "sealed with another key" in secrets.standalone.call("/variables")["variables"][0]["trouble"]
    told = secrets.raw("variables", "export", str(secrets.project / "all.json"))
    assert told.returncode == 1 and "bucket, limits" in told.stderr, told.stderr
    assert not (secrets.project / "all.json").exists()
    assert "warehouse" in secrets.say("connections", "export", "-", code=1)
    assert "sealed with another key" in secrets.say("secrets", "rotate-key", code=1)
    secrets.trigger("chain")
    assert secrets.standalone.wait_for_run("chain", "r") == "failed"
    assert "sealed with another key" in json.dumps(secrets.standalone.call("/dags/chain/dagRuns/r/attempts"))
    secrets.say("variables", "set", "nowhere", "x")
    secrets.trigger("missing")
    assert secrets.standalone.wait_for_run("missing", "r") == "success"
    # What is lost is set again, or removed.
    secrets.say("variables", "set", "bucket", "s3://new")
    assert secrets.standalone.call("/variables/bucket")["value"] == "s3://new"
    secrets.say("connections", "delete", "warehouse", "--yes")
    assert secrets.standalone.call("/connections")["total_entries"] == 0


def test_a_mask_that_is_sent_back_keeps_the_secret(secrets):
    secrets.fill()
    shown = secrets.standalone.call("/connections/warehouse")
    shown.pop("team_name")
    secrets.standalone.call("/connections/warehouse", shown | {"host": "other"}, "PATCH")
    secrets.trigger("chain")
    assert secrets.standalone.wait_for_run("chain", "r") == "success"
    assert secrets.last_arguments()[3:7] == ["s3://lake/other", f"--url=jdbc:me:{PASSWORD}@x", TOKEN, EXTRA]
    secrets.standalone.call(
        "/connections/warehouse?update_mask=login",
        {"connection_id": "warehouse", "conn_type": "x", "login": "you", "host": "unheard"}, "PATCH",
    )
    now = secrets.standalone.call("/connections/warehouse")
    assert (now["login"], now["host"], now["conn_type"]) == ("you", "other", "postgres")


def test_a_mark_that_somebody_brings_is_not_filled(secrets):
    secrets.fill()
    mark = "***secret:conn/warehouse/password***"
    secrets.say("variables", "set", "bucket", mark)
    secrets.trigger("chain")
    assert secrets.standalone.wait_for_run("chain", "r") == "failed"
    assert "only Signalbox may write" in json.dumps(secrets.standalone.call("/dags/chain/dagRuns/r/attempts"))


def test_misuse_is_found_before_anything_runs(secrets):
    secrets.fill()
    dag = secrets.project / "dags" / "wrong.yaml"
    dag.write_text("""
dag_id: wrong
tasks:
  a: {type: empty, when: conn.warehouse.password == 'x'}
  b:
    type: emr_job
    cluster: {template: small, overrides: {LogUri: "s3://{{ var.value.api_token }}/", Name: n}}
""")
    judged = subprocess.run(
        [signalbox_path(), "dags", "validate", secrets.project],
        env=clean_environment(), capture_output=True, text=True, timeout=60,
    )
    assert judged.returncode == 3
    said = judged.stdout + judged.stderr
    assert "'conn.warehouse.password' is a secret" in said and "'var.value.api_token' is a secret" in said
    dag.unlink()


def test_files_go_in_and_out(secrets, tmp_path):
    secrets.fill()
    text = secrets.say("variables", "export", "-")
    assert json.loads(text) == {"bucket": "s3://lake", "limits": '{"rows": 41}'}
    out = tmp_path / "connections.json"
    secrets.say("connections", "export", str(out))
    assert json.loads(out.read_text())["warehouse"]["password"] == "***"
    assert "exists" in secrets.say(
        "variables", "import", "-", "-a", "fail", stdin='{"bucket": "x", "new": 1}', code=1
    )
    assert secrets.standalone.call("/variables")["total_entries"] == 2
    assert "1 of 2" in secrets.say(
        "variables", "import", "-", "--if-exists", "skip", stdin='{"bucket": "x", "new": {"a": [1]}}'
    )
    assert secrets.say("variables", "get", "new") == '{"a":[1]}\n'
    assert secrets.say("variables", "get", "bucket") == "s3://lake\n"
    secrets.say("connections", "import", "-", stdin=json.dumps({"other": "mysql://u:p@h/s"}))
    assert secrets.standalone.call("/connections/other")["conn_type"] == "mysql"
    secrets.say("connections", "delete", "warehouse", "--yes")
    assert "not shown" in secrets.say("connections", "import", str(out), code=1)
    assert "exists" in secrets.say("connections", "import", "-", stdin='{"other": "mysql://h2/"}', code=1)
    secrets.say("connections", "import", "-", "--overwrite", stdin='{"other": "mysql://h2/"}')
    assert secrets.standalone.call("/connections/other")["host"] == "h2"
    assert "1 of 1" in secrets.say("variables", "import", "-", stdin='{"bucket": "s3://lake"}')


def test_a_variable_is_got_and_set_as_airflow_does_it(secrets):
    secrets.say("variables", "set", "-j", "greeting", "hi there")
    assert secrets.standalone.call("/variables/greeting")["value"] == '"hi there"'
    assert secrets.say("variables", "get", "greeting") == '"hi there"\n'
    assert secrets.say("variables", "get", "-j", "greeting") == "hi there\n"
    for form in ("table", "plain"):
        assert secrets.say("variables", "get", "greeting", "-o", form) == '"hi there"\n'
    assert secrets.say("variables", "get", "absent", "-d", "x y") == "x y\n"
    assert "404" in secrets.say("variables", "get", "absent", code=1)
    secrets.say("variables", "set", "some_password", "hidden")
    told = secrets.raw("variables", "get", "some_password")
    assert told.stdout == "***\n" and "is a secret" in told.stderr
    for name in ("greeting", "some_password"):
        assert "--yes" in secrets.say("variables", "delete", name, code=2)
        assert name in secrets.say("variables", "delete", name, "--dry-run")
        secrets.say("variables", "delete", name, "-y")
    assert "there is no variable" in secrets.say("variables", "delete", "greeting", "-y", code=1)


URIS = [
    "postgres://user:p%40ss@Db.Example:5432/sales?sslmode=require&x=a+b&empty=", "postgresql://h", "mysql://:p@h/",
    "google-cloud-platform://?project=p%26q", "http://https://host.example:443/a%2Fb", "aws://?__extra__=%7B%22a%22%3A+1%7D",
    "ssh://me@[2001:db8::1]:22", "x://%2FVar%2Frun:1", "sqlite:///relative/path.db", "HTTP://a@b:c@h",
]


def as_airflow_reads_it(uri):
    """Airflow's Connection reads a URI by Python's urlsplit and parse_qsl, as here."""
    kind = urllib.parse.urlsplit(uri).scheme
    name = {"postgresql": "postgres"}.get(kind, kind.replace("-", "_"))
    rest = uri[len(kind) + 3:]
    has_scheme = "://" in rest
    parts = urllib.parse.urlsplit(rest if has_scheme else "//" + rest)
    host = urllib.parse.unquote(parts.hostname or "")
    if "/" in host:
        host = urllib.parse.unquote(parts.netloc.rsplit("@", 1)[-1].rsplit(":", 1)[0])
    query = dict(urllib.parse.parse_qsl(parts.query, keep_blank_values=True))
    return {
        "conn_type": name, "host": (f"{parts.scheme}://" if has_scheme else "") + host, "port": parts.port,
        "login": urllib.parse.unquote(parts.username or ""), "schema": urllib.parse.unquote(parts.path[1:]),
        "password": "***" if parts.password else "", "extra": json.loads(query.get("__extra__") or json.dumps(query)),
    }


def test_uris_are_read_as_airflow_reads_them(secrets):
    secrets.say("connections", "import", "-", stdin=json.dumps({f"c{i}": uri for i, uri in enumerate(URIS)}))
    for i, uri in enumerate(URIS):
        ours = secrets.standalone.call(f"/connections/c{i}")
        ours["extra"] = json.loads(ours["extra"] or "{}")
        theirs = as_airflow_reads_it(uri)  # "" where ours has none
        assert {name: ours[name] or None for name in theirs} == {n: v or None for n, v in theirs.items()}, uri


@pytest.mark.parametrize("body", [{"key": "k"}, {"key": "", "value": "v"}, {"key": "k", "value": None},
                                  {"key": "my_token", "value": "***"}, {"key": "k" * 251, "value": "v"}])
def test_what_is_no_variable_is_refused(secrets, body):
    assert secrets.refusal("/variables", body, "POST")[0] == 422
