"""Files that hang, fork, print, exit, eat memory, write or ask for what is not there: each is told and contained."""

import json
import os
import pathlib

import pytest
from airflow_fixtures import NEEDS_AIRFLOW, parser  # noqa: F401 - a fixture
from airflow_parser import FILES, Parser, rows

pytestmark = NEEDS_AIRFLOW

HOSTILE = FILES / "hostile"
LIMITS = {"seconds": 6, "memory_mb": 300, "output_bytes": 4096}
# What the error says, and the line that it names.
TOLD = {
    "asks_s3": ("opens a socket, which is not allowed while it is read", 6),
    "crashes": ("was ended by signal 11", None),
    "cycle": ("Cycle detected", 4),
    "eats_memory": ("needs more memory than it may have", 6),
    "exits": ("calls sys.exit(0) while it is read", 6),
    "exits_hard": ("ended the process that read it (exit status 0), as os._exit does", None),
    "forks": ("starts a process, which is not allowed while it is read", 7),
    "hangs": ("takes too long to read", 6),
    "hangs_hard": ("is still being read after 6 s, and it does not stop", None),
    "kills_its_parent": ("sends a signal to another process, which is not allowed", 7),
    "missing_connection": ("needs the connection 'absent_one' while it is read, and nobody gave it", 4),
    "missing_environment": ("reads the environment variable 'ABSENT_ONE' while it is read, and it is not set", 6),
    "missing_module": ("imports 'nowhere', which is not installed beside Airflow", 2),
    "missing_variable": ("needs the variable 'absent_one' while it is read, and nobody gave it", 4),
    "opens_a_socket": ("opens a socket, which is not allowed while it is read", 6),
    "recurses": ("needs more memory than it may have (RecursionError)", 7),
    "removes": ("writes to the disk, which is not allowed while it is read", 6),
    "runs_a_program": ("starts a program, which is not allowed while it is read", 5),
    "subdag": ("SubDAGs were removed in Airflow 3; a task group takes their place", 2),
    "syntax": ("invalid syntax (line 3)", 3),
    "writes": ("writes to the disk, which is not allowed while it is read", 4),
}
WITHOUT_ERROR = {"prints", "threads"}


@pytest.fixture(scope="module")
def answers(parser):  # noqa: F811
    trace = pathlib.Path("/tmp/signalbox-was-here")
    trace.unlink(missing_ok=True)
    files = sorted(HOSTILE.glob("*.py"))
    found = {pathlib.Path(answer["file"]).stem: answer for answer in parser.read(*files, limits=LIMITS)}
    assert not trace.exists()
    assert all(path.exists() for path in files)
    return found


def test_every_file_is_a_case():
    assert {path.stem for path in HOSTILE.glob("*.py")} == TOLD.keys() | WITHOUT_ERROR


@pytest.mark.parametrize("name", sorted(TOLD))
def test_the_error_says_what_the_file_did(answers, name):
    error = answers[name]["error"]
    message, line = TOLD[name]
    assert message in error["message"]
    assert error["line"] == line
    assert name == "cycle" or answers[name]["dags"] == []


def test_what_a_file_prints_is_kept_apart_and_bounded(answers):
    answer = answers["prints"]
    assert answer["error"] is None
    assert [dag["dag_id"] for dag in answer["dags"]] == ["prints"]
    assert answer["output"].startswith("to standard error\n") or "to standard output" in answer["output"]
    assert len(answer["output"]) <= LIMITS["output_bytes"] + 1


def test_threads_are_allowed(answers):
    assert answers["threads"]["error"] is None


def test_a_file_that_hangs_takes_no_longer_than_it_may(answers):
    assert LIMITS["seconds"] * 1000 <= answers["hangs_hard"]["took_ms"] < 60_000


def test_the_next_file_goes_on_and_the_parser_lives(parser, answers):  # noqa: F811
    dag = parser.dag(FILES / "branch.py", "branch")
    assert rows(dag)["left"]["verdict"] == "native"


def test_one_wrong_dag_does_not_hide_the_others_of_its_file(parser, tmp_path):  # noqa: F811
    file = tmp_path / "two.py"
    file.write_text((HOSTILE / "cycle.py").read_text() + '\nwith DAG("good"):\n    EmptyOperator(task_id="only")\n')
    (answer,) = parser.read(file)
    assert "Cycle detected" in answer["error"]["message"]
    assert [dag["dag_id"] for dag in answer["dags"]] == ["good"]


def test_a_file_that_is_not_there_and_one_without_dags(parser, tmp_path):  # noqa: F811
    helper = tmp_path / "helper.py"
    helper.write_text("import os\n\nraise SystemExit(os.getpid())\n")
    gone, quiet = parser.read(tmp_path / "gone.py", helper)
    assert gone["error"]["message"] == "the file cannot be read: No such file or directory"
    assert quiet["error"] is None and quiet["dags"] == []


def test_no_file_sees_another(parser, tmp_path):  # noqa: F811
    first, second = tmp_path / "first.py", tmp_path / "second.py"
    first.write_text("from airflow.sdk import DAG\nimport os\nos.environ['LEAK'] = '1'\nDAG('first')\nDAG.leak = 1\n")
    second.write_text(
        "from airflow.sdk import DAG\nimport os\nassert 'LEAK' not in os.environ and not hasattr(DAG, 'leak')\nDAG('second')\n"
    )
    assert [answer["error"] for answer in parser.read(first, second)] == [None, None]


def test_a_wrong_request_is_told_and_the_next_one_is_answered():
    with open(os.devnull, "w") as nothing:
        own = Parser(stderr=nothing)
    assert "no JSON" in own.ask("{")[0]["bad_request"]
    assert "files and dags_folder" in own.ask('{"files": []}')[0]["bad_request"]
    assert "absolute" in own.ask('{"files": ["a.py"], "dags_folder": "/"}')[0]["bad_request"]
    assert "airflow_version" in own.ask('{"files": [], "dags_folder": "/", "airflow_version": 4}')[0]["bad_request"]
    assert "limits has no 'second'" in own.ask('{"files": [], "dags_folder": "/", "limits": {"second": 1}}')[0]["bad_request"]
    assert own.ask(json.dumps({"files": [], "dags_folder": "/"})) == [{"done": 0}]
    assert own.stop() == 1
