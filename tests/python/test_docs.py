"""README.md and docs/*.md against the program: every command that they show is run, or at least
known; what they list is what the program knows."""

import os
import re
import shutil
import signal
import subprocess
import time

import pytest

import documents
from processes import (
    ROOT,
    EmulatorProcess,
    StandaloneProcess,
    clean_environment,
    clock_setting,
    signalbox_path,
)

TIMEOUT_S = 40  # of one document
WEEK_TIMEOUT_S = 60  # a launch in doubt takes the HTTP time-out and more
SPEED = 3600
RUN = "scheduled__2026-01-04T23:00:00+00:00"


class Server:
    """The example in a scratch folder, on an emulator, after its weekly run has ended."""

    def __init__(self, folder):
        self.root = folder
        self.project = folder / "examples" / "delphi"
        shutil.copytree(ROOT / "examples", folder / "examples", ignore=shutil.ignore_patterns(".signalbox"))
        # Four seconds before the first tick: the server must be up by then, or it waits for a week.
        clock = clock_setting(SPEED, "2026-01-04T18:00:00Z")
        faults = (self.project / "faults.yaml").read_text()
        self.log = open(folder / "server.log", "wb")
        self.emulator = EmulatorProcess(folder, clock=clock, faults=faults)
        try:
            self.standalone = StandaloneProcess(
                self.project, self.project / ".signalbox", self.emulator, clock=clock, log=self.log
            )
        except RuntimeError:
            self.emulator.stop()
            raise

    def wait_for_the_week(self):
        deadline = time.monotonic() + WEEK_TIMEOUT_S
        while time.monotonic() < deadline:
            runs = self.standalone.call("/dags/purchase_propensity/dagRuns")["dag_runs"]
            if any(run["dag_run_id"] == RUN and run["state"] == "success" for run in runs):
                return
            time.sleep(0.1)
        raise TimeoutError("the example's weekly run never succeeded")

    def stop(self):
        self.standalone.stop()
        self.emulator.stop()
        self.log.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    started = Server(tmp_path_factory.mktemp("server"))
    try:
        started.wait_for_the_week()
        yield started
    finally:
        started.stop()


def scratch(folder):
    """A folder in which `signalbox` is in the PATH and examples/ is at hand."""
    programs = folder / "programs"
    programs.mkdir()
    for name in documents.PROGRAMS:
        if os.access(documents.program_path(name), os.X_OK):
            (programs / name).symlink_to(os.path.abspath(documents.program_path(name)))
    if not (folder / "examples").exists():
        shutil.copytree(ROOT / "examples", folder / "examples")
    environment = clean_environment(PATH=f"{programs}:{os.environ['PATH']}", HOME=str(folder))
    del environment["SIGNALBOX_LOG_FORMAT"]  # people read text
    return environment


def script_of(blocks, project):
    """One script of all blocks, in which a variable of one block is there in the next."""
    lines = ["set -euo pipefail", "trap 'kill $(jobs -p) 2>/dev/null || true; wait' EXIT"]
    for block in blocks:
        lines.append(f"echo '@@ {block.path}:{block.line}'")
        if block.mark == "sh server":
            lines += [f"pushd '{project}' >/dev/null", block.text, "popd >/dev/null"]
        else:
            lines.append(block.text)
    return "\n".join(lines)


def run_blocks(blocks, folder, environment, project=""):
    """Runs the blocks; what went wrong, with the place of the block."""
    process = subprocess.Popen(
        ["bash", "-c", script_of(blocks, project)], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=TIMEOUT_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)  # the script and what it started, a group of its own
        output, _ = process.communicate()
        return f"{output[-3000:]}\nit took more than {TIMEOUT_S} s"
    return "" if process.returncode == 0 else f"{output[-3000:]}\nexit code {process.returncode}"


def blocks_of(path):
    return documents.split(path.relative_to(ROOT), path.read_text())[0]


def runnable(path):
    return [block for block in blocks_of(path) if block.mark in ("sh", "sh server")]


def id_of(path):
    return path.name


@pytest.mark.parametrize("path", [p for p in documents.documents() if runnable(p)], ids=id_of)
def test_the_commands_of_a_document_run(path, tmp_path, request):
    blocks = runnable(path)
    needs_simulation = any("signalbox-sim" in block.text for block in blocks)
    if needs_simulation and not os.access(documents.program_path("signalbox-sim"), os.X_OK):
        pytest.skip("signalbox-sim is not built")
    environment, project = scratch(tmp_path), ""
    if any(block.mark == "sh server" for block in blocks):
        started = request.getfixturevalue("server")
        environment["SIGNALBOX_URL"] = started.standalone.url
        project = started.project
    assert run_blocks(blocks, tmp_path, environment, project) == ""


@pytest.mark.parametrize("path", documents.documents(), ids=id_of)
def test_the_commands_of_a_document_exist(path):
    text = path.read_text()
    if "signalbox-sim" in text and not os.access(documents.program_path("signalbox-sim"), os.X_OK):
        pytest.skip("signalbox-sim is not built")
    assert list(documents.findings(path.relative_to(ROOT), text)) == []


@pytest.mark.parametrize("path", [*documents.documents(), ROOT / "ARCHITECTURE.md", ROOT / "CONTRIBUTING.md"], ids=id_of)
def test_links_lead_somewhere(path):
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text()):
        assert (path.parent / target).exists(), target


def test_the_files_of_the_glossary_exist():
    glossary = (ROOT / "CONTRIBUTING.md").read_text().split("## Glossary")[1]
    places = [row.split("|")[3] for row in glossary.splitlines() if row.startswith("| ")][1:]
    paths = [path for place in places for path in re.findall(r"`([^`]+)`", place)]
    assert len(paths) > 40
    assert [path for path in paths if not (ROOT / "src" / path).exists() and not (ROOT / path).exists()] == []


@pytest.mark.parametrize(
    "text, finding",
    [
        ("```sh norun\nsignalbox dags list --no-such\n```\n", "d.md:2: 'signalbox dags list' has no option '--no-such'"),
        ("```sh\nA=$(signalbox dags lists)\n```\n", "d.md:2: 'signalbox dags' has no subcommand 'lists'"),
        ("See `signalbox clusters reap --all`.\n", "d.md:1: 'signalbox clusters reap' has no option '--all'"),
        ("```sh norun\nX=1 build/release/signalbox standalone --prt 1 &\n```\n", "'signalbox standalone' has no option '--prt'"),
        ("```sh norun\nmake dinner\n```\n", "d.md:2: the Makefile has no 'dinner'"),
        ("```sh never\nls\n```\n", "d.md:2: 'sh never' is none of"),
        ("```bash\nls\n```\n", "d.md:2: 'bash' is none of"),
        ("```\nsignalbox dags lists\n```\n", "d.md:2: say what the block is"),
        ("text\n\n    signalbox dags lists\n", "d.md:3: an indented block"),
    ],
)
def test_a_command_that_does_not_exist_is_found(text, finding):
    found = list(documents.findings("d.md", text))
    assert len(found) == 1 and finding in found[0]


@pytest.mark.parametrize(
    "command", ["signalbox dags validate --no-such", "signalbox dags validate no-such-folder", "false | cat"]
)
def test_a_command_that_fails_is_found(command, tmp_path):
    blocks = [documents.Block("d.md", 2, "sh", "true\n"), documents.Block("d.md", 7, "sh", command + "\n")]
    failure = run_blocks(blocks, tmp_path, scratch(tmp_path))
    assert "exit code" in failure and failure.index("d.md:2") < failure.index("d.md:7")


def test_the_dag_of_the_readme_is_valid(tmp_path):
    (dag,) = [block.text for block in blocks_of(ROOT / "README.md") if block.mark == "yaml"]
    project = shutil.copytree(ROOT / "examples" / "delphi", tmp_path / "project")
    (project / "dags" / "churn.yaml").write_text(dag)
    result = subprocess.run(
        [signalbox_path(), "dags", "validate", str(project)],
        env=clean_environment(), capture_output=True, text=True, timeout=20,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert "3 good DAGs" in result.stdout and "0 warnings" in result.stdout


def test_the_faults_of_the_emulator_are_all_listed(tmp_path):
    faults = tmp_path / "faults.yaml"
    faults.write_text("faults: [{do: zzzzzz}]\n")
    result = subprocess.run(
        [signalbox_path(), "emulator", "--faults", str(faults)],
        env=clean_environment(), capture_output=True, text=True, timeout=20,
    )
    known = set(re.search(r"expected one of ([a-z0-9_, ]+)", result.stderr).group(1).split(", "))
    text = (ROOT / "docs" / "emulator.md").read_text()
    sections = text.split("### Faults of clusters")[1].split("## Read the journal")[0]
    assert set(re.findall(r"^\| `([a-z0-9_]+)` \|", sections, re.M)) - {"do"} == known


def test_the_options_of_the_emulator_are_all_listed():
    text = (ROOT / "docs" / "emulator.md").read_text()
    table = text.split("| option | meaning |")[1].split("\n\n")[0]
    assert set(re.findall(r"`(--[a-z0-9-]+)", table)) == documents.known("signalbox", "emulator")[1] - {"-h", "--help"}


def test_the_command_table_is_whole():
    """Every subcommand that the program has stands in docs/operating.md."""
    text = (ROOT / "docs" / "operating.md").read_text()
    for group in sorted(documents.known("signalbox")[0]):
        for name in sorted(documents.known("signalbox", group)[0]) or [""]:
            assert f"`signalbox {group} {name}".strip() in text, f"{group} {name}"


LOGGED = re.compile(r'\b(?:Log(?:Info|Warning|Error|Debug)|LogNew|Log|Put|Line)\(([^{;\[]*)|return \{(LogLevel::\w+,[^}]*)\}')


def logged_events():
    """The names that the sources log, by the calls that do it."""
    names = set()
    for path in (ROOT / "src").rglob("*.cc"):
        if path.stem.endswith("_test"):
            continue
        for call in LOGGED.finditer(path.read_text()):
            words = call[1] or call[2] or ""
            if call[0].startswith(("Put(", "Line(")) and "LogLevel" not in words:
                continue
            names.update(re.findall(r'"([a-z]+(?:_[a-z]+)*)"', words))
    return names


def test_the_log_has_the_events_that_the_page_names():
    table = (ROOT / "docs" / "log.md").read_text().partition("| event | level")[2].partition("\n\n")[0]
    named = [name for line in table.splitlines()[2:] for name in re.findall(r"`([a-z_]+)`", line.split("|")[1])]
    assert len(named) == len(set(named))
    assert set(named) == logged_events()
