"""What the running program keeps safe: its files and memory are its own, a lost database is noticed, DAG
files that vanish deactivate nothing, and the health tells all of it."""

import json
import os
import resource
import shutil
import signal
import stat
import subprocess
import time
import urllib.error

import pytest

from processes import (
    TEST_KEYS,
    EmulatorProcess,
    Program,
    StandaloneProcess,
    clean_environment,
    clock_setting,
    signalbox_path,
    write_project,
)

SPEED = 60
FAULTS = "timing: {provisioning: 1m, bootstrap: 1m, step: 30m, shutdown: 1m}\n"
EMPTY_DAG = "dag_id: %s\ntasks:\n  only: {type: empty}\n"


def wait_until(condition, what, timeout=60):
    deadline = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def cluster_as_far_as_it_can_be_read(server):
    """One of the two threads for reads may open the log that is gone for the first time: that is a 503."""
    for _ in range(20):
        try:
            (cluster,) = server.call("/clusters")["clusters"]
            return cluster
        except urllib.error.HTTPError as error:
            assert error.code == 503
            time.sleep(0.1)
    raise AssertionError("no thread reads what it has open")


def mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


class Site:
    """An emulator, a project and its state folder, and a standalone that can be started again."""

    def __init__(self, folder):
        self.folder = folder
        self.project = write_project(folder / "project", "deployment: guard\n", 1)
        self.state_dir = folder / "state"
        self.clock = clock_setting(SPEED)
        self.emulator = EmulatorProcess(folder, clock=self.clock, faults=FAULTS)
        self.log_path = folder / "standalone.log"
        self.server = None

    def start(self):
        with open(self.log_path, "ab") as log:
            self.server = StandaloneProcess(self.project, self.state_dir, self.emulator, self.clock, log)
        return self.server

    def stop(self):
        if self.server is not None and self.server.process.poll() is None:
            self.server.stop()
        self.server = None

    def close(self):
        self.stop()
        self.emulator.stop()

    def refusal(self, *arguments, user=None):
        """A start that must fail: its exit code and what it says."""
        environment = clean_environment(**TEST_KEYS, AWS_ENDPOINT_URL_EMR=self.emulator.url)
        done = subprocess.run(
            [signalbox_path(), "standalone", "--project", str(self.project), "--port", "0"]
            + ["--state-dir", str(self.state_dir), *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=30,
            user=user,
        )
        return done.returncode, done.stderr

    def cli(self, *arguments):
        done = subprocess.run(
            [signalbox_path(), *arguments, "--state-dir", str(self.state_dir)],
            env=clean_environment(),
            capture_output=True,
            text=True,
            timeout=30,
        )
        return done.returncode, done.stdout, done.stderr

    def health(self):
        return self.server.call("/monitor/health")

    def wait_unhealthy(self, component):
        wait_until(
            lambda: self.health()[component]["status"] == "unhealthy", f"{component} stays healthy"
        )
        return self.health()[component]["message"]

    def wait_healthy(self, component):
        wait_until(lambda: self.health()[component]["status"] == "healthy", f"{component} stays unhealthy")

    def log(self):
        return self.log_path.read_text()


@pytest.fixture
def site(tmp_path):
    site = Site(tmp_path)
    yield site
    site.close()


def test_the_state_folder_is_its_owners_alone(site):
    site.state_dir.mkdir(mode=0o755)
    site.start()
    assert mode(site.state_dir) == 0o700
    files = {path.name: mode(path) for path in site.state_dir.iterdir()}
    assert {"signalbox.db", "signalbox.db-wal", "signalbox.db-shm", "token", "database.json"} <= files.keys()
    assert set(files.values()) == {0o600}, files
    assert site.log().count("folder_made_private") == 1
    site.stop()
    os.chmod(site.state_dir / "signalbox.db", 0o644)
    site.start()
    assert mode(site.state_dir / "signalbox.db") == 0o600
    assert site.log().count("file_made_private") == 1
    assert site.log().count("folder_made_private") == 1


def test_a_shared_folder_is_no_state_folder(site):
    site.state_dir.mkdir()
    os.chmod(site.state_dir, 0o1777)
    code, text = site.refusal()
    assert code == 6 and "shared by all users" in text
    assert mode(site.state_dir) == 0o1777


def test_no_core_is_dumped(site):
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    try:
        server = site.start()
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, (soft, hard))
    with open(f"/proc/{server.process.pid}/limits") as limits:
        (line,) = [line for line in limits if line.startswith("Max core file size")]
    assert line.split()[4:6] == ["0", "0"]
    server.process.send_signal(signal.SIGSEGV)
    server.process.wait(timeout=30)
    assert server.process.returncode == -signal.SIGSEGV


def test_a_state_folder_that_cannot_be_used_says_so(site):
    if os.getuid() != 0:
        pytest.skip("only root can become another user")
    site.state_dir.mkdir(mode=0o700)
    for folder in [site.folder, *site.folder.parents][:4]:
        os.chmod(folder, mode(folder) | 0o055)
    code, text = site.refusal(user=65534)
    assert code == 6
    assert str(site.state_dir) in text and "Permission denied" in text


def refused(call):
    with pytest.raises(urllib.error.HTTPError) as error:
        call()
    return error.value.code, json.loads(error.value.read())["detail"]


@pytest.mark.parametrize("harm", ["deleted", "replaced", "cut", "log deleted"])
def test_I6_a_database_that_is_lost_while_it_is_open_holds_launching(site, harm):
    server = site.start()
    server.call("/dags/chain/dagRuns", {"dag_run_id": "r", "logical_date": None})
    wait_until(lambda: server.call("/clusters")["clusters"], "no cluster")
    database = site.state_dir / "signalbox.db"
    if harm == "deleted":
        for path in site.state_dir.glob("signalbox.db*"):
            path.unlink()
    elif harm == "replaced":
        shutil.copy(database, site.state_dir / "copy")
        os.rename(site.state_dir / "copy", database)
    elif harm == "cut":
        os.truncate(database, 0)
    else:
        (site.state_dir / "signalbox.db-wal").unlink()
    message = site.wait_unhealthy("database")
    assert str(database) in message and "from a backup" in message
    assert site.health()["launching"]["held"].startswith("launching is held: ")
    assert site.health()["metadatabase"]["status"] == "unhealthy"
    assert 'signalbox_health{component="database"} 0' in server.fetch("/metrics").decode()
    if harm == "cut":
        return  # what SQLite still reads of it is another matter
    code, text = refused(
        lambda: server.call("/dags/chain/dagRuns", {"dag_run_id": "late", "logical_date": None})
    )
    assert code == 503 and "will not outlive this process" in text
    launches = [line for line in site.emulator.journal() if line.get("action") == "RunJobFlow"]
    assert len(launches) == 1
    cluster = cluster_as_far_as_it_can_be_read(server)
    refused(lambda: server.call(f"/clusters/{cluster['cluster_id']}/terminate", {}))
    site.emulator.wait_for(lambda line: line.get("action") == "TerminateJobFlows")
    assert site.log().count("database_damaged") == 1


def test_a_missing_database_is_made_anew_only_where_a_person_says_so(site):
    site.start()
    site.stop()
    (site.state_dir / "signalbox.db").unlink()
    code, text = site.refusal()
    assert code == 6
    assert "--new-database" in text and "does not adopt the clusters" in text
    assert not (site.state_dir / "signalbox.db").exists()
    with open(site.log_path, "ab") as log:
        server = Program(
            ["standalone", "--project", str(site.project), "--port", "0"]
            + ["--state-dir", str(site.state_dir), "--new-database"],
            clean_environment(**TEST_KEYS, AWS_ENDPOINT_URL_EMR=site.emulator.url),
            stderr=log,
        )
    server.stop()
    code, text = site.refusal("--new-database")
    assert code == 6 and "is there" in text
    site.start()


def dags(server):
    return {row["dag_id"]: row for row in server.call("/dags?exclude_stale=false&limit=100")["dags"]}


def test_many_files_that_vanish_deactivate_nothing_until_a_person_confirms(site):
    for i in range(9):
        (site.project / "dags" / f"d{i}.yaml").write_text(EMPTY_DAG % f"d{i}")
    server = site.start()
    wait_until(lambda: len(dags(server)) == 10, "DAGs are missing")
    (site.project / "dags" / "d8.yaml").unlink()
    wait_until(lambda: dags(server)["d8"]["is_stale"], "one file that is gone")
    assert site.health()["project"]["status"] == "healthy"

    away = site.folder / "away"
    os.rename(site.project / "dags", away)
    site.wait_unhealthy("project")
    (error,) = server.call("/importErrors")["import_errors"]
    assert "9 of 9 DAG files are gone" in error["stack_trace"]
    assert sum(row["is_stale"] for row in dags(server).values()) == 1
    site.stop()
    server = site.start()
    site.wait_unhealthy("project")
    assert sum(row["is_stale"] for row in dags(server).values()) == 1, "a restart decides no other way"

    (site.project / "dags").mkdir()
    for name in ["chain", "d0", "d1"]:
        os.rename(away / f"{name}.yaml", site.project / "dags" / f"{name}.yaml")
    wait_until(
        lambda: sum(row["missing_since"] is not None for row in dags(server).values()) == 6,
        "those that are back are well",
    )
    code, out, err = site.cli("dags", "deactivate")
    assert code == 1 and "--confirm" in err and "d2" in out and "d1" not in out
    code, out, _ = site.cli("dags", "deactivate", "d2", "--confirm")
    assert code == 0
    assert dags(server)["d2"]["is_stale"] and not dags(server)["d3"]["is_stale"]
    code, _, err = site.cli("dags", "deactivate", "d1", "--confirm")
    assert code == 1 and "is not missing" in err
    code, _, _ = site.cli("dags", "deactivate", "--confirm")
    assert code == 0
    assert sum(not row["is_stale"] for row in dags(server).values()) == 3
    site.wait_healthy("project")
    causes = [row["cause"] for row in server.call("/history?limit=1000")["history"]]
    assert causes.count("its file is gone; confirmed by api") == 6


def test_a_project_that_cannot_be_read_stays_as_it_was(site):
    server = site.start()
    wait_until(lambda: dags(server), "no DAG")
    os.rename(site.project / "dags", site.project / "away")
    (site.project / "dags").write_text("not a folder")
    assert "the folder cannot be read" in site.wait_unhealthy("project")
    assert not dags(server)["chain"]["is_stale"]
    (site.project / "dags").unlink()
    os.rename(site.project / "away", site.project / "dags")
    site.wait_healthy("project")
    os.rename(site.project, site.folder / "away")
    assert "there is no project folder" in site.wait_unhealthy("project")
    assert not dags(server)["chain"]["is_stale"]
    os.rename(site.folder / "away", site.project)
    site.wait_healthy("project")
    (site.project / "dags" / "new.yaml").write_text(EMPTY_DAG % "new")
    wait_until(lambda: "new" in dags(server), "the new file")


def test_the_health_tells_that_emr_does_not_answer(site):
    site.start()
    code, out, _ = site.cli("health")
    assert code == 0 and "emr" in out and "unhealthy" not in out
    site.emulator.process.send_signal(signal.SIGSTOP)
    message = site.wait_unhealthy("emr")
    assert "last good answer" in message
    code, out, err = site.cli("health")
    assert code == 1 and "unhealthy: emr" in err
    site.emulator.process.send_signal(signal.SIGCONT)
    site.wait_healthy("emr")
    assert site.cli("health")[0] == 0
