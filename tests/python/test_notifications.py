"""From a failure to a message, by the real program: grouped, over a kill, with what follows when it is over. A
webhook and a mail server of Python's take the messages. Why it failed follows once EMR has shipped the logs: here they are
put into the emulator's S3 after the first message."""

import gzip
import json

import boto3
import pytest
from botocore.config import Config

from mail_servers import MailServer
from processes import EmulatorProcess, StandaloneProcess, clock_setting, eventually, write_project
from receiver import Receiver

# Each lane's first try fails at its step; what is cleared succeeds.
TRACEBACK = """Traceback (most recent call last):
  File "/mnt/tmp/spark-1/train.py", line 12, in main
    fit(frame)
ValueError: no rows
"""
CAUSE = "ValueError: no rows (train.py line 12, in main)"
FAULTS = """quotas: off
timing: {provisioning: 1m, bootstrap: 1m, step: 2m, shutdown: 30s}
faults:
  - {name: "* try 1", do: fail_step, step: 1}
"""
RULES = """notifications:
  - {on: [failed], to: [hook], emails: [ada@example.com]}
"""


class Estate:
    def __init__(self, folder):
        self.folder, self.receiver, self.mail = folder, Receiver(), MailServer()
        near = "allow_private: true"
        settings = (
            "deployment: heard\n"
            "server: {url: 'https://signalbox.example.com'}\n"
            "notifiers:\n"
            f"  hook: {{type: webhook, url: '{self.receiver.url}/hook', max_per_minute: 600, {near}}}\n"
            f"  post: {{type: smtp, host: localhost, port: {self.mail.port}, tls: none, from: sb@example.com, "
            f"max_per_minute: 600, {near}}}\n"
        )
        self.project = write_project(folder / "project", settings, jobs=1, lanes=3)
        with (self.project / "dags" / "chain.yaml").open("a") as dag:
            dag.write(RULES + "default_args: {retries: 0}\n")
        with (self.project / "clusters" / "small.yaml").open("a") as template:
            template.write("LogUri: s3://logs/emr\n")
        self.clock = clock_setting(60)
        self.emulator = EmulatorProcess(folder, clock=self.clock, faults=FAULTS)
        self.s3 = boto3.client(
            "s3", endpoint_url=self.emulator.url, region_name="us-east-1", aws_access_key_id="test",
            aws_secret_access_key="test", config=Config(s3={"addressing_style": "path"}))
        self.log = open(folder / "standalone.log", "ab")
        self.start()

    def start(self):
        self.standalone = StandaloneProcess(
            self.project, self.folder / "state", self.emulator, self.clock, self.log,
            AWS_ENDPOINT_URL_S3=self.emulator.url)

    def run(self, run):
        self.standalone.call("/dags/chain/dagRuns", {"dag_run_id": run, "logical_date": None})
        return self.standalone.wait_for_run("chain", run)

    def taken(self, run):
        bodies = [json.loads(body) for _, _, body in self.receiver.taken]
        return [body for body in bodies if run in body["about"]]

    def ship_logs(self, run):
        """Of each lane's step, as EMR does some minutes after it."""
        for cluster in self.standalone.call("/clusters")["clusters"]:
            if cluster["dag_run_id"] != run:
                continue
            [step] = self.standalone.call(f"/clusters/{cluster['cluster_id']}")["steps"]
            self.s3.put_object(
                Bucket="logs", Key=f"emr/{cluster['cluster_id']}/steps/{step['step_id']}/stderr.gz",
                Body=gzip.compress(TRACEBACK.encode()))

    def causes(self, run):
        attempts = self.standalone.call(f"/dags/chain/dagRuns/{run}/attempts")["attempts"]
        return [attempt["cause"] for attempt in attempts]

    def notifier(self, name):
        [found] = [each for each in self.standalone.call("/notifiers")["notifiers"] if each["name"] == name]
        return found

    def stop(self):
        self.standalone.stop()
        self.emulator.stop()
        self.receiver.stop()
        self.mail.stop()
        self.log.close()


@pytest.fixture(scope="module")
def estate(tmp_path_factory):
    made = Estate(tmp_path_factory.mktemp("notifications"))
    yield made
    made.stop()


def test_lanes_that_fail_alike_are_one_message_and_so_is_what_follows(estate):
    assert estate.run("alike") == "failed"
    [message] = eventually(lambda: estate.taken("alike"), bool)
    assert message["occasion"] == "failed" and not message["is_over"] and message["times"] == 3
    assert message["deployment"] == "heard" and message["link"].startswith("https://signalbox.example.com/")
    assert "job0" in message["title"] and "step" in message["text"].lower(), message
    mail = eventually(lambda: [each for each in estate.mail.postmaster.mails() if "alike" in str(each)], bool)
    assert len(mail) == 1
    # A person clears it, the second try succeeds, and who heard of the failure hears of that.
    estate.standalone.call("/dags/chain/clearTaskInstances", {"dag_run_id": "alike", "dry_run": False})
    eventually(lambda: estate.standalone.call("/dags/chain/dagRuns/alike")["state"], lambda state: state == "success")
    messages = eventually(lambda: estate.taken("alike"), lambda seen: any(each["is_over"] for each in seen))
    [over] = [each for each in messages if each["is_over"]]
    assert over["about"] == message["about"] and over["id"] != message["id"]
    assert len(messages) == 2


def test_a_message_outlives_a_kill_and_keeps_its_id(estate):
    estate.receiver.status = 500
    assert estate.run("killed") == "failed"
    eventually(lambda: estate.notifier("hook"), lambda seen: seen["pending"] == 1 and seen["last_error"])
    assert estate.taken("killed") == []
    estate.standalone.kill()
    estate.receiver.status = 200
    estate.start()
    [message] = eventually(lambda: estate.taken("killed"), bool)
    assert message["times"] == 3
    eventually(lambda: estate.notifier("hook")["pending"], lambda pending: pending == 0)
    estate.standalone.kill()  # it is not sent again
    estate.start()
    eventually(lambda: estate.standalone.call("/notifiers")["notifiers"], bool)
    assert estate.run("next") == "failed"
    eventually(lambda: estate.taken("next"), bool)
    assert estate.taken("killed") == [message]


class Told:
    """What the hook has heard of a run: of its failures, and why. On a machine that is busy the lanes do not always fail
    within the ten seconds in which they are one message."""

    def __init__(self, messages):
        self.whys = [each for each in messages if "why job0" in each["title"]]
        self.failures = [each for each in messages if each not in self.whys]

    def has_all_lanes(self):
        return sum(each["times"] for each in self.failures) == 3


def fail_without_logs(estate, run):
    assert estate.run(run) == "failed"
    told = eventually(lambda: Told(estate.taken(run)), Told.has_all_lanes)
    assert told.whys == [] and all(CAUSE not in each["error"] + each["text"] for each in told.failures)
    return told


def check_whys(told, failures):
    """At the most one for each message about a failure."""
    assert told.failures == failures
    assert 1 <= len(told.whys) <= len(failures)
    assert len({each["about"] for each in told.failures + told.whys}) == 1
    ids = [each["id"] for each in told.failures + told.whys]
    assert len(set(ids)) == len(ids)
    for each in told.whys:
        assert CAUSE in each["text"] and not each["is_over"] and each["occasion"] == "failed", each


def test_why_it_failed_follows_once_it_is_known(estate):
    failures = fail_without_logs(estate, "explained").failures
    estate.ship_logs("explained")
    eventually(lambda: estate.causes("explained"), lambda causes: causes == [CAUSE] * 3)
    eventually(lambda: Told(estate.taken("explained")).whys, bool)
    eventually(lambda: estate.notifier("hook")["pending"], lambda pending: pending == 0)
    check_whys(Told(estate.taken("explained")), failures)
    # In the mails' thread, too.
    mails = eventually(
        lambda: [each for each in estate.mail.postmaster.mails() if "chain explained" in str(each)],
        lambda seen: any("why job0" in each["Subject"] for each in seen))
    assert len({each["References"] for each in mails}) == 1


def test_why_it_failed_outlives_a_kill_and_comes_once(estate):
    failures = fail_without_logs(estate, "later").failures
    estate.receiver.status = 500
    estate.ship_logs("later")
    eventually(lambda: estate.causes("later"), lambda causes: causes == [CAUSE] * 3)
    eventually(lambda: estate.notifier("hook"), lambda seen: seen["pending"] >= 1 and seen["last_error"])
    assert Told(estate.taken("later")).whys == []
    estate.standalone.kill()
    estate.receiver.status = 200
    estate.start()
    eventually(lambda: Told(estate.taken("later")).whys, bool)
    eventually(lambda: estate.notifier("hook")["pending"], lambda pending: pending == 0)
    told = Told(estate.taken("later"))
    check_whys(told, failures)
    # Neither another start nor another failure tells it again.
    estate.standalone.kill()
    estate.start()
    assert estate.run("after") == "failed"
    eventually(lambda: Told(estate.taken("after")), Told.has_all_lanes)
    assert Told(estate.taken("later")).whys == told.whys
