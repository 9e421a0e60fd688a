"""The real programs as child processes: an emulator and a standalone on loopback, told apart by what
they print. Standard library only: the benchmarks use it too."""

import json
import os
import pathlib
import selectors
import signal
import subprocess
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
START_TIMEOUT_S = 20
TEST_KEYS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_REGION": "us-east-1",
}


def signalbox_path():
    return os.environ.get("SIGNALBOX_BIN", str(ROOT / "build" / "release" / "signalbox"))


def clean_environment(**added):
    """Ours without what would steer a program elsewhere: no profile, no metadata service, no proxy."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "SIGNALBOX_CLOCK", "SIGNALBOX__"))
        and not name.lower().endswith("_proxy")
    }
    nothing = {
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
        "SIGNALBOX_LOG_FORMAT": "json",
    }
    return kept | nothing | added


class Program:
    """A child process that says `listening on URL`. Only ever signalled by its own pid."""

    def __init__(self, arguments, environment, stderr=None):
        self.process = subprocess.Popen(
            [signalbox_path(), *arguments], stdout=subprocess.PIPE, stderr=stderr, env=environment
        )
        try:
            self.lines = self._read_until_listening()
        except RuntimeError:
            self.kill()
            raise

    def _read_until_listening(self):
        deadline = time.monotonic() + START_TIMEOUT_S
        text = b""
        with selectors.DefaultSelector() as selector:
            selector.register(self.process.stdout, selectors.EVENT_READ)
            while selector.select(max(0, deadline - time.monotonic())):
                piece = os.read(self.process.stdout.fileno(), 4096)
                if not piece:
                    break
                text += piece
                lines = text.decode().split("\n")[:-1]
                for line in lines:
                    if line.startswith("listening on "):
                        self.url = line.removeprefix("listening on ").strip()
                        return lines
        raise RuntimeError(f"{self.process.args[1]} did not say where it listens: {text!r}")

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()


class EmulatorProcess(Program):
    """`signalbox emulator` with a journal. Its clock is given, so that others can share it."""

    def __init__(
        self, directory, clock="", speed=None, faults=None, seed=1, events=None, region=None, **environment
    ):
        self.journal_path = pathlib.Path(directory) / "emulator.jsonl"
        arguments = ["emulator", "--port", "0", "--journal", str(self.journal_path)]
        arguments += ["--seed", str(seed)]
        if speed is not None:
            arguments += ["--speed", str(speed)]
        if faults is not None:
            path = pathlib.Path(directory) / "faults.yaml"
            path.write_text(faults)
            arguments += ["--faults", str(path)]
        if events is not None:
            arguments += ["--events", events]
        if region is not None:
            arguments += ["--region", region]
        added = environment | ({"SIGNALBOX_CLOCK": clock} if clock else {})
        super().__init__(arguments, clean_environment(**added))

    def journal(self):
        if not self.journal_path.exists():
            return []
        # The last line may be half written.
        return [json.loads(line) for line in self.journal_path.read_text().split("\n")[:-1]]

    def wait_for(self, condition, timeout=60):
        """The first journal line for which `condition` holds, as soon as it is there."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            for line in self.journal():
                if condition(line):
                    return line
            time.sleep(0.01)
        raise TimeoutError("the journal never said so")


class StandaloneProcess(Program):
    def __init__(self, project, state_dir, emulator, clock="", log=None, **environment):
        self.state_dir = pathlib.Path(state_dir)
        added = TEST_KEYS | {"AWS_ENDPOINT_URL_EMR": emulator.url} | environment
        if clock:
            added["SIGNALBOX_CLOCK"] = clock
        arguments = ["standalone", "--project", str(project), "--port", "0"]
        arguments += ["--state-dir", str(state_dir)]
        super().__init__(arguments, clean_environment(**added), stderr=log)

    def call(self, path, body=None, method=None):
        return json.loads(self.fetch("/api/v2" + path, body, method))

    def fetch(self, path, body=None, method=None, timeout=30):
        request = urllib.request.Request(
            self.url + path,
            data=None if body is None else json.dumps(body).encode(),
            method=method,
            headers={
                "Authorization": "Bearer " + (self.state_dir / "token").read_text().strip(),
                "Content-Type": "application/json",
            },
        )
        with urllib.request.urlopen(request, timeout=timeout) as reply:
            return reply.read()

    def wait_for_run(self, dag, run, timeout=120):
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            state = self.call(f"/dags/{dag}/dagRuns/{run}")["state"]
            if state in ("success", "failed"):
                return state
            time.sleep(0.05)
        raise TimeoutError(f"the run {run} of {dag} never ended")


def eventually(look, is_wanted, seconds=60):
    """What `look` sees once it is wanted; the work of a run takes some seconds at a demo's speed."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        seen = look()
        if is_wanted(seen):
            return seen
        time.sleep(0.02)
    raise AssertionError(seen)


class Estate:
    """An emulator, a server on a project of the test's, and the command line beside them."""

    def __init__(self, folder, project, faults, speed=300):
        self.project, self.state = project, folder / "state"
        self.clock = clock_setting(speed)
        self.emulator = EmulatorProcess(folder, clock=self.clock, faults=faults)
        self.standalone = StandaloneProcess(project, self.state, self.emulator, self.clock)

    def trigger(self, dag, run="r"):
        self.standalone.call(f"/dags/{dag}/dagRuns", {"dag_run_id": run, "logical_date": None})

    def command(self, arguments):
        return [signalbox_path(), *arguments, "--project", self.project, "--state-dir", self.state]

    def cli(self, *arguments):
        return subprocess.run(
            self.command(arguments), env=clean_environment(), capture_output=True, text=True,
            timeout=60, stdin=subprocess.DEVNULL,
        )

    def stop(self):
        self.standalone.stop()
        self.emulator.stop()


def clock_setting(speed, world_epoch="2026-01-05T00:00:00Z"):
    """SIGNALBOX_CLOCK for processes that start from now on: world time begins at the epoch."""
    return f"{world_epoch},{speed},{time.time():.6f}"


SMALL_CLUSTER = """
ReleaseLabel: emr-7.8.0
ServiceRole: EMR_DefaultRole
JobFlowRole: EMR_EC2_DefaultRole
Instances:
  InstanceFleets:
    - {InstanceFleetType: MASTER, TargetOnDemandCapacity: 1,
       InstanceTypeConfigs: [{InstanceType: m5.xlarge}]}
    - {InstanceFleetType: CORE, TargetSpotCapacity: 2,
       InstanceTypeConfigs: [{InstanceType: m5.xlarge}]}
Steps:
  - {Name: work, ActionOnFailure: TERMINATE_CLUSTER,
     HadoopJarStep: {Jar: command-runner.jar, Args: [spark-submit, "s3://b/work.py"]}}
"""


def write_project(folder, settings, jobs, lanes=0):
    """A project with one DAG, `chain`: job0 → job1 → …, on small clusters, once for each lane."""
    (folder / "clusters").mkdir(parents=True)
    (folder / "dags").mkdir()
    (folder / "signalbox.yaml").write_text(settings)
    (folder / "clusters" / "small.yaml").write_text(SMALL_CLUSTER)
    lines = ["dag_id: chain", "is_paused_upon_creation: false"]
    if lanes:
        lines.append(f"lanes: [{', '.join(f'{{id: {i}}}' for i in range(lanes))}]")
    lines.append("tasks:")
    for i in range(jobs):
        after = f"job{i - 1}" if i else ""
        lines.append(f"  job{i}: {{type: emr_job, cluster: small, depends_on: [{after}]}}")
    (folder / "dags" / "chain.yaml").write_text("\n".join(lines) + "\n")
    return folder


class Ledger:
    """What EMR's journal says of the clusters: the truth that the product is judged by."""

    def __init__(self, journal):
        self.names, self.states, self.worked, self.launch_calls = {}, {}, set(), {}
        for line in journal:
            if line.get("action") == "RunJobFlow" and line.get("http", 0) // 100 == 2:
                name = line["name"]
                self.launch_calls[name] = self.launch_calls.get(name, 0) + 1
            if line.get("change") == "cluster":
                self.names[line["cluster_id"]] = line["name"]
                self.states[line["cluster_id"]] = line["state"]
            if line.get("change") == "step" and line["state"] == "RUNNING":
                self.worked.add(line["cluster_id"])

    def alive(self):
        return [c for c, state in self.states.items() if not state.startswith("TERMINATED")]

    def sent_twice(self):
        return [name for name, count in self.launch_calls.items() if count > 1]

    def double_work(self):
        """Attempts whose steps ran on more than one cluster. A name is `token attempt…`."""
        by_attempt = {}
        for cluster in self.worked:
            attempt = self.names[cluster].split(" ", 1)[1]
            by_attempt.setdefault(attempt, []).append(cluster)
        return {attempt: found for attempt, found in by_attempt.items() if len(found) > 1}
