"""docs/security.md answers the ASVS row by row: each row has a test that is there, or a reason."""

import re

import pytest

from processes import ROOT

TESTS = [path.read_text(encoding="utf-8") for path in (ROOT / "src").rglob("*_test.cc")]
GTEST = {(suite, name) for text in TESTS for suite, name in re.findall(r"\bTEST(?:_[FP])?\(\s*(\w+),\s*(\w+)\)", text)}
SUITES = {suite for suite, _ in GTEST}
PYTEST = {
    name for path in (ROOT / "tests" / "python").glob("test_*.py")
    for name in re.findall(r"^def (test_\w+)\(", path.read_text(encoding="utf-8"), re.M)
}
REASON_LEAST = 20  # characters
ROWS_LEAST = 40


def rows():
    """[(requirement, what is here, what shows it)] of the table."""
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    table = text.partition("## ASVS")[2].partition("\n## ")[0]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table.splitlines() if line.startswith("| ")]
    return [tuple(row) for row in cells[1:]]


def is_there(name):
    """Whether what the table calls so is a test, or a place in the sources."""
    if match := re.fullmatch(r"(\w+)\.(\w+)", name):
        if match[2] in ("cc", "py", "h"):
            return any(ROOT.glob(f"src/*/{name}")) or (ROOT / "tests" / "python" / name).exists()
        return match.groups() in GTEST
    if match := re.fullmatch(r"(\w+)\.…", name):
        return match[1] in SUITES
    if name.startswith("src/"):
        return (ROOT / name).exists()
    if re.fullmatch(r"test_\w+", name):
        return name in PYTEST
    # The unit tests of a module.
    return name.endswith("_test") and (ROOT / "src" / name.removesuffix("_test")).is_dir()


def test_the_table_is_found():
    assert len(rows()) > ROWS_LEAST


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0].split(" ")[0].rstrip(","))
def test_each_row_is_shown_by_what_is_there_or_has_a_reason(row):
    assert len(row) == 3, row
    requirement, here, shown_by = row
    assert re.match(r"\d+\.\d+", requirement), requirement
    names = re.findall(r"`([^`]+)`", shown_by)
    for name in names:
        assert is_there(name), f"{name} of {requirement} is not there"
    if not names:
        assert len(here) + len(shown_by) >= REASON_LEAST, f"{requirement} has no reason"


def test_a_name_that_is_not_there_is_found():
    assert not is_there("AccountsApi.NobodyWroteThis")
    assert not is_there("NoSuite.…")
    assert not is_there("test_nobody_wrote_this")
    assert not is_there("test_nobody.py")
    assert is_there("AccountsApi.NobodyLearnsWhichUsersThereAre")
