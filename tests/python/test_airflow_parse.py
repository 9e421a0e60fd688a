"""DAG files of Airflow: what the parser finds is what Airflow's own DagBag finds."""

import collections

import airflow_parser
import pytest
from airflow_fixtures import NEEDS_AIRFLOW, ask_airflow, parser  # noqa: F401 - fixtures
from airflow_parser import EXAMPLES, FILES, jobs, rows, task_edges

pytestmark = NEEDS_AIRFLOW

TABLE = FILES / "table.txt"


def compare(answers, judged):
    wrong = []
    for answer in answers:
        theirs = judged[answer["file"]]
        ours = {dag["dag_id"]: {"tasks": sorted(dag["task_ids"]), "edges": dag["edges"]} for dag in answer["dags"]}
        if ours != theirs["dags"]:
            wrong.append((answer["file"], ours, theirs["dags"]))
        if bool(answer["error"]) != bool(theirs["error"]):
            wrong.append((answer["file"], answer["error"], theirs["error"]))
    return wrong


@pytest.fixture(scope="module")
def own(parser):  # noqa: F811
    files = [file for file in airflow_parser.own_files() if not file.endswith("old_paths.py")]
    mine = [file for file in files if file.startswith(str(FILES))]
    others = [file for file in files if file not in mine]
    return parser.read(*mine, folder=FILES, airflow_version=3) + parser.read(*others, folder=EXAMPLES, airflow_version=3)


@pytest.fixture(scope="module")
def wheels(parser):  # noqa: F811
    files = airflow_parser.example_files()
    assert len(files) > 60
    return parser.read(*files, folder=airflow_parser.VENV, airflow_version=3)


def test_our_files_are_read_as_airflow_reads_them(own, ask_airflow):  # noqa: F811
    files = [answer["file"] for answer in own]
    judged = ask_airflow(files, FILES)
    assert sum(len(answer["dags"]) for answer in judged.values()) > 60
    assert compare(own, judged) == []
    assert [answer["file"] for answer in own if answer["error"]] == []


def test_airflows_own_examples_are_read_as_airflow_reads_them(wheels, ask_airflow):  # noqa: F811
    judged = ask_airflow([answer["file"] for answer in wheels], airflow_parser.VENV)
    assert sum(len(answer["dags"]) for answer in judged.values()) > 80
    assert compare(wheels, judged) == []


def test_an_old_file_is_read_as_its_twin_of_today(parser, ask_airflow):  # noqa: F811
    """Airflow 3 itself cannot read the old one."""
    old, today = str(FILES / "old_paths.py"), str(FILES / "old_paths_today.py")
    judged = ask_airflow([old, today], FILES)
    assert "airflow.contrib" in judged[old]["error"]
    (answer,) = parser.read(old)
    assert compare([answer], {old: judged[today]}) == []


def test_documents_have_airflows_edges(own, wheels):
    """Where several tasks are one job, test_airflow_emr.py looks."""
    looked = 0
    for answer in own + wheels:
        for dag in answer["dags"]:
            plan = rows(dag)
            if dag["document"] is None or any(row["kind"] == "emr_job" for row in plan.values()):
                continue
            assert task_edges(dag) == dag["edges"], dag["dag_id"]
            assert len(jobs(dag["document"])) == len(dag["task_ids"])
            looked += 1
    assert looked > 80


def test_each_task_has_a_verdict_a_reason_and_a_line(own, wheels):
    for answer in own + wheels:
        for dag in answer["dags"]:
            for row in dag["plan"]["tasks"]:
                assert row["verdict"] in (("impossible",) if dag["errors"] else ("native", "airflow")), row
                assert (row["kind"] is not None) == (row["verdict"] == "native"), row
                assert row["reason"], row
                assert answer["file"].startswith(str(airflow_parser.VENV)) or row["line"], row
            assert (dag["document"] is None) == bool(dag["errors"])


def test_a_file_behind_a_link_keeps_its_place_below_the_folder(parser, tmp_path):  # noqa: F811
    """As git-sync lays out a folder: what the link leads to is not below it."""
    (tmp_path / "checkout").mkdir()
    (tmp_path / "checkout" / "words.py").write_text("WORD = 'said'\n")
    (tmp_path / "checkout" / "linked.py").write_text(
        "import pathlib\nfrom airflow.sdk import DAG, task\n"
        "WORD = (pathlib.Path(__file__).parent / 'words.py').read_text()\n"
        "with DAG('linked', schedule=None):\n    @task\n    def say(): pass\n    say()\n"
    )
    folder = tmp_path / "dags"
    folder.mkdir()
    (folder / "team").symlink_to(tmp_path / "checkout")
    (answer,) = parser.read(folder / "team" / "linked.py", folder=folder, airflow_version=3)
    (dag,) = answer["dags"]
    assert dag["document"]["tasks"]["say"]["file"] == "team/linked.py"
    assert rows(dag)["say"]["file"] == "team/linked.py"
    assert answer["reads"] == ["team/words.py"]


def table(answers):
    """One line a file: what became of its tasks, and what was refused."""
    lines = []
    for answer in answers:
        counts = collections.Counter(row["verdict"] for dag in answer["dags"] for row in dag["plan"]["tasks"])
        name = answer["file"].rpartition("/")[2]
        refused = [error for dag in answer["dags"] for error in dag["errors"]]
        problem = [answer["error"]["message"]] if answer["error"] else []
        lines.append(
            f"{name}: {len(answer['dags'])} DAGs; tasks: {counts['native']} native, {counts['airflow']} by the SDK, "
            f"{counts['impossible']} not possible"
            + "".join(f"\n    {text}" for text in problem + refused)
        )
    return "\n".join(lines) + "\n"


def test_the_table_of_all_files(own, wheels):
    """A golden: a change of it is a change of what Signalbox takes over. SIGNALBOX_RECORD=1 writes it again."""
    import os

    found = table(own) + table(wheels)
    if os.environ.get("SIGNALBOX_RECORD"):
        TABLE.write_text(found)
    assert found == TABLE.read_text()
