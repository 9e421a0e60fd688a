"""The document of the REST API is what the server does: schemathesis, somebody else's, makes requests of it,
good and bad ones, and looks whether each answer is one that the document names, and no server's error. What is
absent answers 501 on purpose."""

import pathlib
import re
import subprocess
import sys

import pytest

from processes import Estate, write_project

FAULTS = "timing: {provisioning: 1m, bootstrap: 1m, step: 5m, shutdown: 30s}\n"
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
EMPTY = "dag_id: empty\nis_paused_upon_creation: false\ntasks: {only: {type: empty}}\n"


@pytest.fixture
def estate(tmp_path):
    project = write_project(tmp_path / "project", "deployment: described\n", jobs=2)
    (project / "dags" / "empty.yaml").write_text(EMPTY)
    made = Estate(tmp_path, project, FAULTS)
    yield made
    made.stop()


def test_every_answer_is_one_that_the_document_names(estate, tmp_path):
    estate.trigger("empty")
    estate.trigger("chain")
    document = tmp_path / "openapi.json"
    document.write_bytes(estate.standalone.fetch("/api/v2/openapi.json"))
    token = (estate.state / "token").read_text().strip()
    program = pathlib.Path(sys.executable).parent / "schemathesis"
    # A wait for a run that goes on is no answer yet, and a stream of events has no end.
    done = subprocess.run(
        [program, "run", document, "--url", estate.standalone.url, "-H", f"Authorization: Bearer {token}",
         "--checks", CHECKS, "--phases", "coverage,fuzzing", "--max-examples", "3", "--generation-deterministic",
         "--continue-on-failure", "--no-color", "--exclude-tag", "absent",
         "--exclude-path", "/api/v2/dags/{dag_id}/dagRuns/{dag_run_id}/wait",
         "--exclude-path", "/api/v2/events"],
        capture_output=True, text=True, timeout=600, cwd=tmp_path,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    selected = re.search(r"(\d+) selected / \d+ total", done.stdout)
    assert int(selected.group(1)) > 90, done.stdout[-2000:]
