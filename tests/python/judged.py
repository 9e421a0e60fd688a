"""Asks the programs of tests/judges: a question a line, an answer a line."""

import json
import pathlib
import subprocess

from processes import signalbox_path


def answers(program, questions):
    path = pathlib.Path(signalbox_path()).parent / "tests" / "judges" / program
    result = subprocess.run(
        [path],
        input="".join(json.dumps(question) + "\n" for question in questions),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert len(found) == len(questions)
    return found
