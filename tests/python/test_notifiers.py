"""Test messages from the real program to receivers that we did not write: aiosmtpd, moto's SNS, Python's
HTTP server and its mail parser."""

import http.server
import json
import pathlib
import random
import re
import subprocess
import threading
import urllib.error

import jsonschema
import pytest

from databases import MotoServer, client
from judged import answers
from mail_servers import PASSWORD, USER, MailServer, make_certificate
from processes import (
    ROOT, EmulatorProcess, StandaloneProcess, clean_environment, eventually, signalbox_path, write_project,
)

HOOK_SECRET = "h00k-secret"
CHAT_PATH = "/services/T000/B000/s3cret-of-the-chat"
ROUTING_KEY = "r0uting-key-of-pagerduty-0000000"


class Receiver(http.server.ThreadingHTTPServer):
    """Keeps what is posted, and answers as the path says."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.posts, self.release = [], threading.Event()
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def stop(self):
        self.release.set()
        self.shutdown()
        self.server_close()

    def last(self, path):
        return [each for each in self.posts if each[0] == path][-1]


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posts.append((self.path, self.headers, body))
        if self.path == "/hang":
            self.server.release.wait()
            return
        if self.path == "/garbage":
            self.wfile.write(b"\x16\x03\x01 this is no HTTP\r\n\r\n")
            return
        status = int(self.path[1:]) if self.path[1:].isdigit() else 200
        answer = body if self.path == "/echo/400" else b"ok"
        self.send_response(400 if self.path == "/echo/400" else status)
        if status == 302:
            self.send_header("Location", "http://169.254.169.254/latest/meta-data/")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)


class World:
    def __init__(self, folder):
        self.receiver = Receiver()
        self.good = make_certificate(folder, "localhost")
        self.other = make_certificate(folder, "other.example")
        self.mail = {
            "starttls": MailServer(start_tls=self.good),
            "login": MailServer(start_tls=self.good, mechanisms=("LOGIN",)),
            "implicit": MailServer(tls=self.good),
            "plain": MailServer(),
            "misfit": MailServer(start_tls=self.other),
        }
        with open(folder / "moto.log", "wb") as log:
            self.moto = MotoServer(log)
        self.project = write_project(folder / "project", "deployment: notes\n", jobs=1)
        (self.project / "secrets").mkdir()
        self.file_secret = self.project / "secrets" / "mail"
        self.file_secret.write_text(PASSWORD + "\n")
        self.file_secret.chmod(0o600)
        self.state, self.log = folder / "state", folder / "log"
        self.emulator = EmulatorProcess(folder)
        self.start()

    def start(self, settings=None):
        (self.project / "signalbox.yaml").write_text(settings or self.settings())
        with open(self.log, "ab") as log:
            self.standalone = StandaloneProcess(
                self.project, self.state, self.emulator, log=log, AWS_ENDPOINT_URL_SNS=self.moto.url,
                HOOK_SECRET=HOOK_SECRET, CHAT_URL=self.receiver.url + CHAT_PATH, PAGER_KEY=ROUTING_KEY,
                AIRFLOW_CONN_MAIL=f"smtp://{USER}:{PASSWORD.replace('=', '%3D')}@x",
            )

    def settings(self):
        near = "allow_private: true"
        lines = ["deployment: notes", "notifiers:"]
        for name in ("ok", "302", "404", "429", "500", "garbage", "echo/400"):
            lines.append(
                f"  hook-{name.replace('/', '-')}: {{type: webhook, url: '{self.receiver.url}/{name}', "
                f"secret: 'env:HOOK_SECRET', {near}}}"
            )
        lines += [
            f"  hook-hang: {{type: webhook, url: '{self.receiver.url}/hang', timeout: 1s, {near}}}",
            f"  hook-near: {{type: webhook, url: '{self.receiver.url}/ok'}}",
            "  hook-name: {type: webhook, url: 'http://localhost:1/'}",
            f"  hook-without: {{type: webhook, url: '{self.receiver.url}/ok', secret: 'env:NOT_THERE', {near}}}",
            f"  chat: {{type: slack, url: 'env:CHAT_URL', {near}}}",
            f"  pager: {{type: pagerduty, url: '{self.receiver.url}/v2/enqueue', routing_key: 'env:PAGER_KEY', {near}}}",
            "  topic: {type: sns, topic_arn: 'arn:aws:sns:us-east-1:123456789012:plain'}",
            "  fifo: {type: sns, topic_arn: 'arn:aws:sns:us-east-1:123456789012:orderly.fifo'}",
            "  nowhere: {type: sns, topic_arn: 'arn:aws:sns:us-east-1:123456789012:nowhere'}",
        ]
        for name, server, more in (
            ("starttls", "starttls", "password: 'file:secrets/mail'"),
            ("login", "login", "password: 'conn:mail'"),
            ("implicit", "implicit", "tls: implicit, password: 'conn:mail.password'"),
            ("wrong", "starttls", "password: 'env:HOOK_SECRET'"),
            ("misfit", "misfit", "password: 'conn:mail'"),
            ("bare", "plain", "password: 'conn:mail'"),
        ):
            ca = self.other[0] if name == "misfit" else self.good[0]
            lines.append(
                f"  mail-{name}: {{type: smtp, host: localhost, port: {self.mail[server].port}, user: {USER}, {more}, "
                f"from: Signalbox <sb@x.example>, to: [ops@x.example], ca_file: '{ca}', timeout: 5s, {near}}}"
            )
        port = self.mail["plain"].port
        lines += [
            f"  mail-plain: {{type: smtp, host: localhost, port: {port}, tls: none, from: sb@x.example, {near}, timeout: 2s}}",
            f"  mail-untrusted: {{type: smtp, host: localhost, port: {self.mail['starttls'].port}, user: u, "
            f"password: 'conn:mail', from: sb@x.example, to: a@x.example, {near}}}",
        ]
        return "\n".join(lines) + "\n"

    def test(self, name, *emails):
        return self.standalone.call(f"/notifiers/{name}/test", {"emails": list(emails)} if emails else {}, "POST")

    def refusal(self, name, body=None):
        with pytest.raises(urllib.error.HTTPError) as refused:
            self.standalone.call(f"/notifiers/{name}/test", body or {}, "POST")
        return refused.value.code, json.loads(refused.value.read())["detail"]

    def cli(self, *arguments):
        return subprocess.run(
            [signalbox_path(), *arguments, "--project", self.project, "--state-dir", self.state],
            env=clean_environment(), capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL,
        )

    def stop(self):
        self.standalone.stop()
        self.emulator.stop()
        self.moto.stop()
        for server in self.mail.values():
            server.stop()
        self.receiver.stop()


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    made = World(tmp_path_factory.mktemp("notifiers"))
    yield made
    made.stop()


def documented_check():
    """The function of docs/notifiers.md, as a reader would copy it."""
    text = (ROOT / "docs" / "notifiers.md").read_text()
    names = {}
    exec(re.search(r"```python\n(.*?)```", text, re.S).group(1), names)
    return names["is_from_signalbox"]


def test_a_webhook_can_tell_who_called_it(world):
    done = world.cli("notifiers", "test", "hook-ok")
    assert (done.returncode, done.stdout) == (0, "hook-ok (webhook) took it: HTTP 200: ok\n"), done
    _, headers, body = world.receiver.last("/ok")
    message = json.loads(body)
    assert headers["X-Signalbox-Id"] == message["id"]
    assert message["occasion"] == "success" and message["deployment"] == "notes" and message["is_over"] is False
    is_ours = documented_check()
    assert is_ours(HOOK_SECRET, headers, body)
    assert not is_ours("another secret", headers, body)
    assert not is_ours(HOOK_SECRET, headers, body + b" ")
    assert not is_ours(HOOK_SECRET, {}, body)
    assert not is_ours(HOOK_SECRET, headers, body, tolerance=-1)


@pytest.mark.parametrize("name, answer", [
    ("hook-302", "HTTP 302: ok; redirects are not followed, and it leads to 169.254.169.254"),
    ("hook-404", "HTTP 404: ok"),
    ("hook-429", "HTTP 429: ok"),
    ("hook-500", "HTTP 500: ok"),
    ("hook-garbage", "(?i)http"),
    ("hook-hang", "no complete response within 1s"),
    ("hook-near", "127.0.0.1 is a loopback address"),
    ("hook-name", "is a loopback address"),
    ("hook-without", "the server's environment has no variable NOT_THERE"),
    ("mail-wrong", "535"),
    ("mail-misfit", "host name mismatch|certificate"),
    ("mail-untrusted", "certificate"),
    ("mail-bare", "it offers no STARTTLS"),
    ("mail-plain", "nobody is named"),
    ("nowhere", "SNS: NotFound"),
])
def test_what_was_not_delivered_says_why(world, name, answer):
    told = world.test(name)
    assert not told["is_delivered"], told
    assert re.search(answer, told["answer"]), told


def test_a_command_that_does_not_deliver_fails(world):
    done = world.cli("notifiers", "test", "hook-500")
    assert (done.returncode, done.stderr) == (1, "signalbox: hook-500 did not take it: HTTP 500: ok\n"), done
    assert world.refusal("hook-okk") == (404, "there is no notifier 'hook-okk' in signalbox.yaml; did you mean 'hook-ok'?")
    assert world.refusal("hook-ok", {"emails": ["a@x.example"]})[0] == 422


SLACK = {
    "type": "object",
    "required": ["text"],
    "properties": {
        "text": {"type": "string", "minLength": 1, "maxLength": 40000},
        "blocks": {
            "type": "array",
            "maxItems": 50,
            "items": {
                "type": "object",
                "required": ["type"],
                "properties": {
                    "type": {"const": "section"},
                    "text": {"$ref": "#/$defs/text"},
                    "fields": {"type": "array", "minItems": 1, "maxItems": 10,
                               "items": {"allOf": [{"$ref": "#/$defs/text"}, {"properties": {"text": {"maxLength": 2000}}}]}},
                },
                "anyOf": [{"required": ["text"]}, {"required": ["fields"]}],
                "additionalProperties": False,
            },
        },
    },
    "additionalProperties": False,
    "$defs": {
        "text": {
            "type": "object",
            "required": ["type", "text"],
            "properties": {"type": {"const": "mrkdwn"}, "text": {"type": "string", "minLength": 1, "maxLength": 3000}},
            "additionalProperties": False,
        }
    },
}
# As PagerDuty's own description of the Events API v2 has it, and the lengths of its prose.
PAGERDUTY = {
    "type": "object",
    "required": ["routing_key", "event_action", "dedup_key"],
    "properties": {
        "routing_key": {"type": "string", "minLength": 1},
        "event_action": {"enum": ["trigger", "acknowledge", "resolve"]},
        "dedup_key": {"type": "string", "minLength": 1, "maxLength": 255},
        "client": {"type": "string"},
        "client_url": {"type": "string", "pattern": "^https?://"},
        "links": {"type": "array", "items": {"type": "object", "required": ["href"]}},
        "payload": {
            "type": "object",
            "required": ["summary", "severity", "source"],
            "properties": {
                "summary": {"type": "string", "minLength": 1, "maxLength": 1024},
                "timestamp": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"},
                "severity": {"enum": ["critical", "warning", "error", "info"]},
                "source": {"type": "string", "minLength": 1},
                "component": {"type": "string"},
                "group": {"type": "string"},
                "class": {"type": "string"},
                "custom_details": {"type": "object"},
            },
            "additionalProperties": False,
        },
    },
    "if": {"properties": {"event_action": {"const": "trigger"}}},
    "then": {"required": ["payload"]},
    "additionalProperties": False,
}


def test_slack_gets_what_slack_takes(world):
    assert world.test("chat")["is_delivered"]
    body = json.loads(world.receiver.last(CHAT_PATH)[2])
    jsonschema.validate(body, SLACK)
    assert "Test message of Signalbox" in body["text"]


def test_pagerduty_gets_an_alert_and_its_end(world):
    before = len(world.receiver.posts)
    assert world.test("pager")["is_delivered"]
    events = [json.loads(body) for path, _, body in world.receiver.posts[before:] if path == "/v2/enqueue"]
    for event in events:
        jsonschema.validate(event, PAGERDUTY)
        assert event["routing_key"] == ROUTING_KEY
    assert [event["event_action"] for event in events] == ["trigger", "resolve"]
    assert events[0]["dedup_key"] == events[1]["dedup_key"]
    assert events[0]["payload"]["severity"] == "info"


@pytest.mark.parametrize("way, mechanism", [("starttls", "PLAIN"), ("login", "LOGIN"), ("implicit", "PLAIN")])
def test_a_mail_arrives_over_tls(world, way, mechanism):
    postmaster = world.mail[way].postmaster
    told = world.test(f"mail-{way}")
    assert told["is_delivered"] and told["answer"].startswith("250 2.0.0 kept"), told
    assert postmaster.logins[-1] == (mechanism, True)
    envelope, mail = postmaster.envelopes[-1], postmaster.mails()[-1]
    assert (envelope.mail_from, envelope.rcpt_tos) == ("sb@x.example", ["ops@x.example"])
    assert mail.defects == []
    assert mail["Subject"] == "Test message of Signalbox"
    assert str(mail["From"]) == "Signalbox <sb@x.example>" and str(mail["To"]) == "ops@x.example"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert f"the notifier mail-{way} works" in mail.get_content()


def test_each_address_has_its_own_fate(world):
    plain = world.mail["plain"].postmaster
    before = len(plain.envelopes)
    told = world.test("mail-plain", "a@x.example", "nobody@x.example", "not an address")
    assert not told["is_delivered"]
    assert told["answer"] == (
        "'not an address' is no address; nobody@x.example: 550 5.1.1 no such mailbox; taken by a@x.example"
    )
    assert [each.rcpt_tos for each in plain.envelopes[before:]] == [["a@x.example"]]
    assert "450 4.2.0 greylisted" in world.test("mail-plain", "grey@x.example")["answer"]
    assert world.test("mail-plain", "grey@x.example")["is_delivered"]
    assert "did not end within 2s" in world.test("mail-plain", "hang@x.example")["answer"]
    assert world.test("mail-plain", "after@x.example")["is_delivered"]


def test_sns_brings_it_to_whoever_subscribed(world):
    sns, sqs = client("sns", world.moto.url, "us-east-1"), client("sqs", world.moto.url, "us-east-1")
    for name, notifier, fifo in (("plain", "topic", {}), ("orderly.fifo", "fifo", {"FifoTopic": "true"})):
        topic = sns.create_topic(Name=name, Attributes=fifo)["TopicArn"]
        queue = sqs.create_queue(
            QueueName="q-" + name, Attributes={"FifoQueue": "true"} if fifo else {}
        )["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
        told = world.test(notifier)
        assert told["is_delivered"] and told["answer"].startswith("SNS has it as "), told
        (arrived,) = sqs.receive_message(QueueUrl=queue, AttributeNames=["All"])["Messages"]
        note = json.loads(arrived["Body"])
        assert note["Subject"] == "Test message of Signalbox"
        assert note["MessageId"] == told["answer"].removeprefix("SNS has it as ")
        assert "Nothing has happened" in note["Message"]
        attributes = {key: value["Value"] for key, value in note["MessageAttributes"].items()}
        assert attributes["occasion"] == "success" and attributes["deployment"] == "notes"
        assert attributes["about"] == f"test {notifier}" and attributes["id"].startswith("test-")
        if fifo:
            assert re.fullmatch("[0-9a-f]{64}", arrived["Attributes"]["MessageGroupId"])


def test_a_new_secret_counts_at_once_and_a_file_for_all_is_told(world):
    assert world.test("mail-starttls")["is_delivered"]
    world.file_secret.write_text("of yesterday")
    assert "535" in world.test("mail-starttls")["answer"]
    world.file_secret.write_text(PASSWORD)
    assert "others can read the secret" not in world.log.read_text()
    world.file_secret.chmod(0o644)
    assert world.test("mail-starttls")["is_delivered"]
    eventually(lambda: world.log.read_text(), lambda log: "others can read the secret" in log)
    world.file_secret.chmod(0o600)


def test_an_edit_counts_without_a_restart(world):
    path = world.project / "signalbox.yaml"
    before = path.read_text()
    path.write_text(before + f"  new: {{type: webhook, url: '{world.receiver.url}/ok', allow_private: true}}\n")

    def ask():
        try:
            return world.test("new")["is_delivered"]
        except urllib.error.HTTPError:
            return False

    assert eventually(ask, bool)
    path.write_text(before)


def test_no_secret_is_shown(world):
    told = world.test("hook-echo-400")
    assert told["answer"].startswith("HTTP 400: ")
    for name in ("chat", "pager", "mail-wrong", "hook-hang"):
        world.test(name)
    shown = [world.standalone.fetch("/api/v2" + path).decode() for path in ("/config", "/history", "/audit", "/importErrors")]
    shown += [world.log.read_text(), world.cli("notifiers", "test", "chat", "-o", "json").stdout]
    for text in shown:
        for secret in (HOOK_SECRET, CHAT_PATH, ROUTING_KEY, PASSWORD):
            assert secret not in text


def test_who_asked_is_kept(world):
    world.test("hook-ok")
    entries = world.standalone.call("/audit?limit=1")["audit"]
    assert "notifier_test/hook-ok" in json.dumps(entries) and "test message sent" in json.dumps(entries)


def test_a_file_with_a_mistake_is_told_with_its_place(world, tmp_path):
    write_project(tmp_path / "p", "deployment: xy\nnotifiers:\n  a: {type: slack, url: 'env:U', chanel: x}\n", jobs=1)
    done = subprocess.run(
        [signalbox_path(), "dags", "validate", tmp_path / "p"], env=clean_environment(), capture_output=True, text=True
    )
    assert done.returncode == 3
    assert "signalbox.yaml:3:34: unknown key 'chanel' in the notifier 'a'" in done.stdout + done.stderr


ALPHABET = ["a", "ö", "日", "🚨", " ", "\n", "\r\n", "\t", "=", "=?utf-8?q?x?=", ".", "<", "&", ">", "\x00", "\x1b[1m", "\u202e", '"', "word "]


def drawn_text(random_source, most):
    return "".join(random_source.choice(ALPHABET) for _ in range(random_source.randrange(most)))


def shown_as(text):
    """What base::Printable leaves of a text, as far as these characters go."""
    for char in ("\x00", "\x1b", "\u202e"):
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text


def test_pythons_mail_parser_reads_what_was_said():
    import email
    import email.policy

    source = random.Random(7)
    messages = [
        {"id": str(i), "about": drawn_text(source, 30), "title": "T" + drawn_text(source, 60) + "T",
         "text": drawn_text(source, 400), "facts": {"a": "b"}, "deployment": "prod"}
        for i in range(300)
    ]
    asked = [{"form": "mail", "message": m, "from": "Sb Ö <a@b.example>", "to": "c@d.example"} for m in messages]
    for message, answer in zip(messages, answers("notice_forms", asked)):
        raw = answer["mail"].encode("ascii")
        assert all(len(line) <= 998 for line in raw.split(b"\r\n")) and b"\n" not in raw.replace(b"\r\n", b"")
        mail = email.message_from_bytes(raw, policy=email.policy.default)
        assert mail.defects == [] and [d for h in mail.values() for d in h.defects] == []
        assert sorted(mail.keys()) == sorted(
            ["Date", "From", "To", "Message-ID", "In-Reply-To", "References", "Subject", "MIME-Version", "Content-Type",
             "Content-Transfer-Encoding", "Auto-Submitted", "X-Signalbox-Occasion"])
        title = shown_as(message["title"]).replace("\r\n", " ").replace("\n", " ").replace("\t", " ")
        assert mail["Subject"] == title or "…" in mail["Subject"], raw
        assert mail["From"].addresses[0].display_name == "Sb Ö"
        assert shown_as(message["text"]).replace("\r\n", "\n").strip() in mail.get_content().replace("\r\n", "\n")


def test_drawn_messages_fit_slack_and_pagerduty():
    source = random.Random(8)
    messages = [
        {"id": str(i), "about": drawn_text(source, 600) + "x", "title": drawn_text(source, 900), "text": drawn_text(source, 9000),
         "error": drawn_text(source, 9000), "facts": {drawn_text(source, 400) + "k": drawn_text(source, 900) + "v"},
         "link": "https://x.example/a?b=c&d=e", "is_over": i % 3 == 0, "deployment": "prod"}
        for i in range(100)
    ]
    for form, schema in (("slack", SLACK), ("pagerduty", PAGERDUTY)):
        for answer in answers("notice_forms", [{"form": form, "message": message} for message in messages]):
            jsonschema.validate(answer["body"], schema)
            assert len(json.dumps(answer["body"])) < 512 << 10
            assert "<!" not in json.dumps(answer["body"]) or form != "slack"
