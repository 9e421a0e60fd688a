"""The server beyond loopback, and the command line as its client: TLS judged by Python's ssl (that is,
OpenSSL) and openssl's own client, certificates that are renewed under load, proxies, headers, formats,
and completion in a real bash."""

import http.client
import json
import signal
import socket
import ssl
import subprocess
import threading
import time
import urllib.parse

import pytest
import yaml

from processes import TEST_KEYS, Program, clean_environment, eventually, signalbox_path

DAG = "dag_id: {}\nis_paused_upon_creation: false\ntasks:\n  only: {{type: empty}}\n"


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, timeout=60)


class Authority:
    """A CA of the test's own, and the certificates that it signs for localhost."""

    def __init__(self, folder):
        self.folder = folder
        self.path = folder / "ca.pem"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                "-subj", "/CN=Test CA", "-keyout", folder / "ca.key", "-out", self.path)

    def issue(self, name, names="DNS:localhost,IP:127.0.0.1", days=30):
        """The certificate and its key, both in files of that name."""
        certificate, key, request, extension = (self.folder / (name + end) for end in (".pem", ".key", ".csr", ".ext"))
        extension.write_text(f"subjectAltName={names}\n")
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=box",
                "-keyout", key, "-out", request)
        openssl("x509", "-req", "-in", request, "-CA", self.path, "-CAkey", self.folder / "ca.key",
                "-CAcreateserial", "-days", days, "-extfile", extension, "-out", certificate)
        return certificate, key


class Server(Program):
    def __init__(self, folder, *arguments, **environment):
        self.project, self.state, self.log = folder / "project", folder / "state", folder / "log"
        (self.project / "dags").mkdir(parents=True, exist_ok=True)
        if not (self.project / "signalbox.yaml").exists():
            (self.project / "signalbox.yaml").write_text("deployment: net\n")
        for name in ("first", "second"):
            (self.project / "dags" / f"{name}.yaml").write_text(DAG.format(name))
        added = TEST_KEYS | {"AWS_ENDPOINT_URL_EMR": "http://127.0.0.1:1"} | environment
        super().__init__(
            ["standalone", "--project", str(self.project), "--state-dir", str(self.state), "--port", "0",
             "--log-file", str(self.log), *map(str, arguments)],
            clean_environment(**added),
        )
        self.port = urllib.parse.urlsplit(self.url).port

    @property
    def token(self):
        return (self.state / "token").read_text().strip()

    def logged(self, event):
        lines = [json.loads(line) for line in self.log.read_text().splitlines()]
        return [line for line in lines if line["event"] == event]

    def connect(self, context=None):
        if context is None:
            return http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        return http.client.HTTPSConnection("localhost", self.port, timeout=20, context=context)

    def ask(self, path, headers=(), method="GET", body=None, context=None, token=None):
        connection = self.connect(context)
        sent = {"Authorization": f"Bearer {token or self.token}"} | dict(headers)
        connection.request(method, path, body=body, headers=sent)
        reply = connection.getresponse()
        text = reply.read()
        connection.close()
        return reply, text


def cli(*arguments, cwd=None, **environment):
    return subprocess.run(
        [signalbox_path(), *map(str, arguments)],
        env=clean_environment(**environment), capture_output=True, text=True, timeout=60, cwd=cwd,
        stdin=subprocess.DEVNULL,
    )


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def secure(tmp_path_factory, authority):
    """A server with TLS, its files named in signalbox.yaml."""
    folder = tmp_path_factory.mktemp("secure")
    certificate, key = authority.issue("secure")
    (folder / "project").mkdir()
    (folder / "project" / "signalbox.yaml").write_text(
        f"deployment: net\nserver: {{tls_certificate: {certificate}, tls_key: {key}, allowed_hosts: box.example}}\n")
    server = Server(folder)
    server.certificate, server.key = certificate, key
    server.context = ssl.create_default_context(cafile=str(authority.path))
    yield server
    server.stop()


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("plain"), "--trusted-proxy", "127.0.0.1", "--allowed-host", "box.example")
    yield server
    server.stop()


def test_pythons_client_trusts_the_server_and_is_served(secure):
    reply, text = secure.ask("/api/v2/dags", context=secure.context)
    assert reply.status == 200
    assert {dag["dag_id"] for dag in json.loads(text)["dags"]} == {"first", "second"}
    assert secure.url.startswith("https://127.0.0.1:")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
@pytest.mark.parametrize("version", ["TLSv1", "TLSv1_1"])
def test_old_versions_of_tls_are_refused(secure, version):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.load_verify_locations(secure.certificate.parent / "ca.pem")
    context.minimum_version = context.maximum_version = getattr(ssl.TLSVersion, version)
    with pytest.raises(ssl.SSLError, match="(?i)alert protocol version"):
        secure.ask("/api/v2/version", context=context)


def test_openssls_client_is_offered_good_ciphers_alone(secure):
    def cipher(*options):
        done = subprocess.run(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{secure.port}", *options],
            input="Q\n", capture_output=True, text=True, timeout=60)
        return next(line.split()[-1] for line in done.stdout.splitlines() if "Cipher is" in line)

    assert cipher("-tls1_3").startswith("TLS_")
    assert cipher("-tls1_2") in ("ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305")
    for weak in ("AES128-SHA", "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384", "AES256-GCM-SHA384", "NULL"):
        assert cipher("-tls1_2", "-cipher", weak + ":@SECLEVEL=0") == "(NONE)", weak


def test_metrics_say_when_the_certificate_ends(secure):
    end = subprocess.run(["openssl", "x509", "-in", secure.certificate, "-noout", "-enddate"],
                         capture_output=True, text=True, check=True).stdout.strip().partition("=")[2]
    _, text = secure.ask("/metrics", context=secure.context)
    lines = dict(line.rsplit(" ", 1) for line in text.decode().splitlines() if not line.startswith("#"))
    assert float(lines["signalbox_http_certificate_end_seconds"]) == ssl.cert_time_to_seconds(end)


def test_plain_http_on_the_port_of_tls_gets_a_sentence(secure):
    reply, text = secure.ask("/api/v2/version")
    assert reply.status == 400
    assert "https://" in json.loads(text)["detail"]


def test_a_certificate_is_renewed_under_load_and_a_bad_one_is_not_taken(tmp_path, authority):
    certificate, key = authority.issue("renewed")
    server = Server(tmp_path, "--tls-certificate", certificate, "--tls-key", key)
    context = ssl.create_default_context(cafile=str(authority.path))
    stop, failures, served = threading.Event(), [], [0, 0]

    def load(index, keep):
        connection = server.connect(context)
        while not stop.is_set():
            try:
                connection.request("GET", "/api/v2/version")
                assert connection.getresponse().read().startswith(b"{")
                served[index] += 1
                if not keep:
                    connection.close()
            except Exception as error:  # each is a failure of this test
                failures.append(repr(error))
                return
        connection.close()

    def serial():
        with socket.create_connection(("127.0.0.1", server.port)) as raw:
            with context.wrap_socket(raw, server_hostname="localhost") as stream:
                return stream.getpeercert()["serialNumber"]

    threads = [threading.Thread(target=load, args=(index, keep)) for index, keep in enumerate((True, False))]
    for thread in threads:
        thread.start()
    seen = {serial()}
    for _ in range(3):
        before = served[:]
        authority.issue("renewed")
        server.process.send_signal(signal.SIGHUP)
        seen.add(eventually(serial, lambda now: now not in seen))
        eventually(lambda: served[:], lambda now: now[0] > before[0] + 5 and now[1] > before[1] + 5)
    assert len(server.logged("certificate_loaded")) == 3
    last = serial()
    for bad in ("", "nonsense", authority.path.read_text()):  # the last is another's: the key does not fit
        told = len(server.logged("certificate_kept"))
        certificate.write_text(bad)
        server.process.send_signal(signal.SIGHUP)
        eventually(lambda: len(server.logged("certificate_kept")), lambda now: now == told + 1)
        assert serial() == last
    stop.set()
    for thread in threads:
        thread.join()
    assert failures == []
    # The command line follows the renewed certificate.
    assert cli("dags", "list", "--state-dir", server.state).returncode == 0
    server.stop()


def test_nothing_is_served_beyond_this_machine_in_the_clear(tmp_path):
    (tmp_path / "signalbox.yaml").write_text("deployment: net\n")
    done = cli("standalone", "--project", tmp_path, "--port", "0", "--bind", "0.0.0.0",
               AWS_ENDPOINT_URL_EMR="http://127.0.0.1:1", **TEST_KEYS)
    assert done.returncode == 2
    assert "without TLS" in done.stderr and "--tls-certificate" in done.stderr


def test_a_certificate_that_cannot_be_used_ends_the_start(tmp_path):
    (tmp_path / "signalbox.yaml").write_text("deployment: net\n")
    done = cli("standalone", "--project", tmp_path, "--port", "0", "--tls-certificate", "/nonexistent/c.pem",
               "--tls-key", "/nonexistent/k.pem", AWS_ENDPOINT_URL_EMR="http://127.0.0.1:1", **TEST_KEYS)
    assert done.returncode == 6
    assert "/nonexistent/c.pem" in done.stderr


def test_every_answer_tells_browsers_what_they_may(secure, plain):
    bad = socket.create_connection(("127.0.0.1", plain.port))
    bad.sendall(b"NONSENSE\r\n\r\n")
    head = b""
    while piece := bad.recv(4096):
        head += piece
    assert b"Content-Security-Policy: default-src 'self'" in head
    for server, context in ((plain, None), (secure, secure.context)):
        for path, token in (("/api/v2/dags", None), ("/api/v2/dags", "x"), ("/api/v2/nothing", None), ("/metrics", None)):
            reply, _ = server.ask(path, context=context, token=token)
            assert "frame-ancestors 'none'" in reply.headers["Content-Security-Policy"], path
            assert "unsafe" not in reply.headers["Content-Security-Policy"]
            assert reply.headers["X-Content-Type-Options"] == "nosniff"
            assert reply.headers["Referrer-Policy"] == "same-origin"
            assert reply.headers["Cache-Control"] == "no-store"
            assert reply.headers["Cross-Origin-Opener-Policy"] == "same-origin"
            assert reply.headers["Cross-Origin-Resource-Policy"] == "same-origin"
            assert (reply.headers["Strict-Transport-Security"] is not None) == (context is not None)
            for name in set(reply.headers):
                assert len(reply.headers.get_all(name)) == 1, name


def test_a_trusted_proxy_says_who_asks(plain):
    forwarded = {
        "Host": f"127.0.0.1:{plain.port}",
        "X-Forwarded-For": "1.1.1.1, 203.0.113.7",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "box.example",
        "Origin": "https://box.example",
        "Content-Type": "application/json",
    }
    body = json.dumps({"is_paused": True})
    reply, _ = plain.ask("/api/v2/dags/second", forwarded, "PATCH", body)
    assert reply.status == 200
    assert reply.headers["Strict-Transport-Security"]
    eventually(lambda: [line["from"] for line in plain.logged("action")], lambda peers: "203.0.113.7" in peers)
    # Of another site, by that proxy's word.
    reply, _ = plain.ask("/api/v2/dags", forwarded | {"X-Forwarded-Host": "evil.example"})
    assert reply.status == 403
    reply, _ = plain.ask("/api/v2/dags", forwarded | {"Forwarded": "for=9.9.9.9"})
    assert reply.status == 400


def test_who_is_no_proxy_is_not_believed(secure):
    forwarded = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Host": "evil.example", "Content-Type": "application/json"}
    body = json.dumps({"is_paused": False})
    reply, _ = secure.ask("/api/v2/dags/second", forwarded, "PATCH", body, secure.context)
    assert reply.status == 200
    peers = eventually(lambda: {line["from"] for line in secure.logged("action")}, lambda peers: peers)
    assert peers == {"127.0.0.1"}


def test_a_page_without_tls_may_not_ask_what_has_it(secure):
    host = {"Host": f"localhost:{secure.port}"}
    reply, _ = secure.ask("/api/v2/dags", host | {"Origin": f"https://localhost:{secure.port}"}, context=secure.context)
    assert reply.status == 200
    reply, _ = secure.ask("/api/v2/dags", host | {"Origin": f"http://localhost:{secure.port}"}, context=secure.context)
    assert reply.status == 403


def test_a_command_finds_the_server_of_its_project(secure):
    done = cli("dags", "list", "-o", "json", "--state-dir", secure.state)
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)) == 2


def test_a_command_is_told_the_server_by_options_or_the_environment(secure, authority, tmp_path):
    url = f"https://localhost:{secure.port}"
    token_file = tmp_path / "token"
    token_file.write_text(secure.token + "\n")
    by_options = cli("dags", "list", "--server", url, "--ca", authority.path, "--token-file", token_file, cwd=tmp_path)
    assert by_options.returncode == 0, by_options.stderr
    by_environment = cli("dags", "list", cwd=tmp_path, SIGNALBOX_SERVER=url, SIGNALBOX_CA=str(authority.path),
                         SIGNALBOX_TOKEN=secure.token)
    assert by_environment.stdout == by_options.stdout
    by_file = cli("dags", "list", cwd=tmp_path, SIGNALBOX_SERVER=url, SIGNALBOX_CA=str(authority.path),
                  SIGNALBOX_TOKEN_FILE=str(token_file))
    assert by_file.stdout == by_options.stdout


def test_a_command_says_why_it_is_not_served(secure, plain, authority, tmp_path):
    url = f"https://localhost:{secure.port}"
    environment = {"SIGNALBOX_SERVER": url, "SIGNALBOX_CA": str(authority.path)}
    untrusted = cli("dags", "list", cwd=tmp_path, SIGNALBOX_SERVER=url, SIGNALBOX_TOKEN="x")
    assert untrusted.returncode == 4
    assert "--ca FILE" in untrusted.stderr
    nobody = cli("dags", "list", cwd=tmp_path, **environment)
    assert nobody.returncode == 6
    assert "no token was sent: set SIGNALBOX_TOKEN" in nobody.stderr
    wrong = cli("dags", "list", cwd=tmp_path, SIGNALBOX_TOKEN="wrong", **environment)
    assert wrong.returncode == 6
    assert "the token is that of SIGNALBOX_TOKEN" in wrong.stderr
    confused = cli("dags", "list", cwd=tmp_path, SIGNALBOX_SERVER=f"https://localhost:{plain.port}")
    assert confused.returncode == 4
    assert "http:// instead of https://" in confused.stderr
    confused = cli("dags", "list", cwd=tmp_path, SIGNALBOX_SERVER=f"http://localhost:{secure.port}")
    assert confused.returncode == 1
    assert "https:// instead of http://" in confused.stderr
    gone = cli("dags", "list", cwd=tmp_path, SIGNALBOX_SERVER="http://127.0.0.1:1")
    assert gone.returncode == 4
    nowhere = cli("dags", "list", cwd=tmp_path)
    assert nowhere.returncode == 2
    assert "SIGNALBOX_SERVER" in nowhere.stderr


def test_another_servers_certificate_is_noticed(secure, authority, tmp_path):
    """server.json is old, and another server has the port: it gets no token."""
    state = tmp_path / "state"
    state.mkdir()
    record = json.loads((secure.state / "server.json").read_text()) | {"certificate": "0" * 64}
    (state / "server.json").write_text(json.dumps(record))
    done = cli("dags", "list", "--state-dir", state)
    assert done.returncode == 4
    assert "not the expected one" in done.stderr


@pytest.mark.parametrize("command", [
    ["dags", "list"], ["dags", "list-runs"], ["clusters", "list"], ["pools", "list"], ["holds", "list", "--all"],
    ["assets", "list"], ["backfill", "list"], ["budget"], ["health"], ["dags", "next-execution", "first"],
    ["dags", "details", "first"], ["deadlines"], ["dags", "versions", "first"], ["spend"],
])
def test_yaml_is_the_json(plain, command):
    where = [] if "next-execution" in command else ["--state-dir", plain.state]
    asked = [cli(*command, *where, "-o", form, cwd=plain.project) for form in ("json", "yaml")]
    if asked[0].returncode not in (0, 1) or not asked[0].stdout:
        assert (asked[0].returncode, asked[0].stdout) == (asked[1].returncode, asked[1].stdout)
        return
    as_json, as_yaml = json.loads(asked[0].stdout), yaml.safe_load(asked[1].stdout)
    if command[0] in ("budget", "health"):  # their numbers move
        assert _shape(as_yaml) == _shape(as_json)
    else:
        assert as_yaml == as_json


def _shape(value):
    if isinstance(value, dict):
        return {key: _shape(member) for key, member in value.items()}
    return [_shape(item) for item in value] if isinstance(value, list) else None


def test_plain_is_for_cut_and_read(plain):
    done = cli("dags", "list", "-o", "plain", "--state-dir", plain.state)
    assert [line.split("\t")[0] for line in done.stdout.splitlines()] == ["first", "second"]


def complete(server, *words, **environment):
    done = cli("__complete", "--", *words, cwd=server.project.parent, **environment)
    assert done.stderr == ""
    return [line.split("\t")[0] for line in done.stdout.splitlines()]


def test_commands_options_and_names_are_completed(plain):
    state = ["--state-dir", str(plain.state)]
    assert "standalone" in complete(plain, "")
    assert complete(plain, "standa") == ["standalone"]
    assert {"list", "trigger", "pause"} <= set(complete(plain, "dags", ""))
    assert "--output" in complete(plain, "dags", "list", "--")
    assert complete(plain, "dags", "list", "--out") == ["--output"]
    assert complete(plain, "dags", "list", "--output", "") == ["table", "plain", "json", "yaml"]
    assert complete(plain, "dags", "list", "--output=y") == ["--output=yaml"]
    assert complete(plain, "completion", "") == ["bash", "zsh", "fish"]
    assert complete(plain, "dags", "list", "--project", "") == [":folders"]
    assert complete(plain, "dags", "list", "--ca", "") == [":files"]
    assert complete(plain, "dags", "pause", *state, "") == ["first", "second"]
    assert complete(plain, "dags", "pause", *state, "fi") == ["first"]
    assert complete(plain, "dags", "list-runs", *state, "--dag", "se") == ["second"]
    plain.ask("/api/v2/dags/first/dagRuns", {"Content-Type": "application/json"}, "POST",
              json.dumps({"dag_run_id": "manual__2026-01-05T00:00:00+00:00", "logical_date": None}))
    assert complete(plain, "tasks", "states-for-dag-run", *state, "first", "") == ["manual__2026-01-05T00:00:00+00:00"]
    assert complete(plain, "dags", "no-such-command", "") == []


def test_a_server_that_is_gone_or_silent_costs_a_moment_and_no_word(plain):
    assert complete(plain, "dags", "pause", "--server", "http://127.0.0.1:1", "") == []
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        assert complete(plain, "dags", "pause", "--server", url, "") == []
        assert time.monotonic() - began < 10  # far below the patience of other commands


def in_bash(server, line):
    """What bash would offer, by the script's own function."""
    script = f"""
      source <({signalbox_path()} completion bash)
      COMP_LINE={json.dumps(line)}; COMP_POINT=${{#COMP_LINE}}
      _signalbox
      printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(["bash", "-c", script], env=clean_environment(), capture_output=True, text=True, timeout=60,
                          cwd=server.project.parent)
    assert done.stderr == ""
    return done.stdout.split()


def test_bash_completes_with_the_script(plain):
    program = signalbox_path()
    assert in_bash(plain, f"{program} dags tri") == ["trigger"]
    assert in_bash(plain, f"{program} dags pause --state-dir {plain.state} s") == ["second"]
    plain.ask("/api/v2/dags/second/dagRuns", {"Content-Type": "application/json"}, "POST",
              json.dumps({"dag_run_id": "manual__2026-01-06T00:00:00+00:00", "logical_date": None}))
    # Bash replaces what stands behind the last colon alone.
    typed = f"{program} tasks states-for-dag-run --state-dir {plain.state} second manual__2026-01-06T00:"
    assert in_bash(plain, typed) == ["00:00+00:00"]
    assert "project" in in_bash(plain, f"{program} dags list --project pro")
