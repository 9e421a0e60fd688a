"""From a failure to a message, by the real program: grouped, over a kill, with what follows when it is over. A
webhook and a mail server of Python's take the messages."""

import json

import pytest

from mail_servers import MailServer
from processes import EmulatorProcess, StandaloneProcess, clock_setting, eventually, write_project
from receiver import Receiver

# Each lane's first try fails at its step; what is cleared succeeds.
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
        self.clock = clock_setting(60)
        self.emulator = EmulatorProcess(folder, clock=self.clock, faults=FAULTS)
        self.log = open(folder / "standalone.log", "ab")
        self.start()

    def start(self):
        self.standalone = StandaloneProcess(self.project, self.folder / "state", self.emulator, self.clock, self.log)

    def run(self, run):
        self.standalone.call("/dags/chain/dagRuns", {"dag_run_id": run, "logical_date": None})
        return self.standalone.wait_for_run("chain", run)

    def taken(self, run):
        bodies = [json.loads(body) for _, _, body in self.receiver.taken]
        return [body for body in bodies if run in body["about"]]

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
    assert estate.run("later") == "failed"
    eventually(lambda: estate.taken("later"), bool)
    assert estate.taken("killed") == [message]
