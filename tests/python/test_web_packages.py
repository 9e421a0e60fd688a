"""What npm's registry gives for the board is what was looked at: each package has one version and one hash."""

import json
import re

from processes import ROOT

PACKAGE = json.loads((ROOT / "web" / "package.json").read_text())
LOCKED = json.loads((ROOT / "web" / "package-lock.json").read_text())["packages"]


def test_what_we_ask_for_has_one_version():
    asked = PACKAGE["dependencies"] | PACKAGE["devDependencies"]
    assert [name for name, version in asked.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []
    assert {name: LOCKED[f"node_modules/{name}"]["version"] for name in asked} == asked


def test_every_package_has_a_hash():
    taken = {path: one for path, one in LOCKED.items() if path}
    assert len(taken) > 50
    assert [path for path, one in taken.items() if not one.get("integrity", "").startswith("sha512-")] == []


def test_no_package_runs_a_script_when_it_is_installed():
    for name in ("web-build", "npm-setup"):
        assert "npm ci" in (ROOT / "tools" / name).read_text()
        assert "--ignore-scripts" in (ROOT / "tools" / name).read_text()
