"""The large example is what its generator says, and the program takes it as it stands."""

import re
import subprocess
import sys

from processes import ROOT, clean_environment, signalbox_path

EXAMPLE = ROOT / "examples" / "delphi-week"


def texts(folder):
    return {path.name: path.read_text() for path in folder.iterdir()}


def test_the_generator_writes_the_committed_files(tmp_path):
    generate = [sys.executable, EXAMPLE / "generate.py", tmp_path]
    told = subprocess.run(generate, capture_output=True, text=True, check=True, timeout=60).stdout
    assert told == "63 DAGs, 257 jobs (one in each lane counts), 2000 models a week\n"
    assert texts(tmp_path / "dags") == texts(EXAMPLE / "dags")
    assert (tmp_path / "faults.yaml").read_text() == (EXAMPLE / "faults.yaml").read_text()


def test_the_program_takes_it_without_a_warning():
    result = subprocess.run(
        [signalbox_path(), "dags", "validate", EXAMPLE],
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert result.stdout.endswith(", 0 errors, 0 warnings\n"), result.stdout
    assert ": 63 good DAGs: " in result.stdout
    assert sum(map(int, re.findall(r"\((\d+) jobs?\)", result.stdout))) == 257
