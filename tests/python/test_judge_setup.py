"""Without PyPI the rest is tested all the same, and the summary says loudly who did not judge."""

import os
import shutil
import subprocess

from processes import ROOT

# In place of the real ones: a build that is done, and one C++ test that passes.
CMAKE = "#!/bin/sh\nexit 0\n"
CTEST = """#!/bin/sh
while [ "$1" != --output-junit ]; do shift; done
echo '<testsuite><testcase name="some_test" classname="some_test" status="run"/></testsuite>' >"$2"
"""


def environment(**added):
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "SIGNALBOX_"))}
    # Nothing listens on port 1.
    dead = {"PIP_INDEX_URL": "http://127.0.0.1:1/simple", "PIP_CONFIG_FILE": os.devnull}
    return kept | dead | added


def test_without_pypi_the_rest_is_tested(tmp_path):
    (tmp_path / "tests" / "python").mkdir(parents=True)
    shutil.copytree(ROOT / "tools", tmp_path / "tools")
    shutil.copy(ROOT / "tests" / "python" / "requirements.txt", tmp_path / "tests" / "python")
    commands = tmp_path / "commands"
    commands.mkdir()
    for name, text in (("cmake", CMAKE), ("ctest", CTEST), ("mvn", "#!/bin/sh\nexit 1\n")):
        (commands / name).write_text(text)
        (commands / name).chmod(0o755)

    result = subprocess.run(
        ["tools/test"],
        cwd=tmp_path,
        env=environment(PATH=f"{commands}:{os.environ['PATH']}"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    assert result.returncode == 0, result.stdout
    assert "!!! PyPI is out of reach: the Python judges (awscli boto3 botocore" in result.stdout
    skipped = [line for line in result.stdout.splitlines() if line.startswith("!!! SKIPPED")]
    for judge in ("AWS CLI", "boto3", "botocore", "moto", "cfn-lint", "Jinja2", "croniter"):
        assert f"!!! SKIPPED  {judge}: no PyPI" in skipped
    assert "!!! SKIPPED  PySpark: no Java or no PyPI" in skipped
    assert "!!! SKIPPED  DynamoDB Local: no Java or no Maven Central" in skipped
    assert "!!! SKIPPED  oidc-provider: no npm registry or no PyPI" in skipped
    assert "2 passed, 0 failed, 0 skipped" in result.stdout  # the second by the sample of g++
    # What was begun will not pass for a set-up that is done.
    assert not (tmp_path / "build" / "venv" / ".requirements").exists()
