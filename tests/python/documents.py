"""The commands in README.md and docs/*.md: fenced blocks, and what the program's own --help says of
their subcommands and options.

A block begins with one of

    ```sh            run by test_docs.py, in order, in a scratch folder that has examples/
    ```sh server     the same, in the folder of a project whose server runs
    ```sh norun      not run; its commands must exist
"""

import functools
import pathlib
import re
import shlex
import subprocess
from dataclasses import dataclass

from processes import ROOT, clean_environment, signalbox_path

MARKS = {"sh", "sh server", "sh norun"}
SHELLS = ("sh", "bash", "shell", "console")
PROGRAMS = ("signalbox", "signalbox-sim")


@dataclass(frozen=True)
class Block:
    path: str
    line: int  # of its first command
    mark: str
    text: str


def documents():
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def split(path, text):
    """The fenced blocks of a document, and its other lines as (line number, text)."""
    blocks, prose, begun, mark, lines = [], [], 0, None, []
    for number, line in enumerate(text.splitlines(), 1):
        if mark is None and line.startswith("```"):
            begun, mark, lines = number + 1, line[3:].strip(), []
        elif mark is not None and line.startswith("```"):
            blocks.append(Block(path, begun, mark, "\n".join(lines) + "\n"))
            mark = None
        elif mark is not None:
            lines.append(line)
        else:
            prose.append((number, line))
    assert mark is None, f"{path}:{begun}: the block has no end"
    return blocks, prose


def program_path(name):
    return str(pathlib.Path(signalbox_path()).with_name(name)) if name != "signalbox" else signalbox_path()


@functools.cache
def known(*command):
    """(subcommands, options) of a command, by its --help."""
    result = subprocess.run(
        [program_path(command[0]), *command[1:], "--help"],
        env=clean_environment(), capture_output=True, text=True, timeout=20, check=True,
    )
    subcommands, options, section = set(), set(), ""
    for line in result.stdout.splitlines():
        if line and not line.startswith(" "):
            section = line.split(":")[0]
        elif match := re.match(r"  (\S+)", line):
            if section == "Subcommands":
                subcommands.add(match.group(1))
            elif section == "Options":
                options.update(re.findall(r"--?[a-z0-9-]+", match.group(1)))
    return subcommands, options


def commands(text):
    """The calls of our programs in shell text, as lists of words."""
    text = re.sub(r"\\\n\s*", " ", text)
    for line in text.splitlines():
        lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
        lexer.commenters = "#"
        try:
            words = list(lexer)
        except ValueError:  # part of a text of several lines
            continue
        call = None
        for word in words:
            if re.fullmatch(r"[|&;()<>]+", word):
                if call:
                    yield call
                call = None
            elif call is not None:
                call.append(word)
            elif word.rsplit("/", 1)[-1] in PROGRAMS:
                call = [word.rsplit("/", 1)[-1]]
        if call:
            yield call


def wrong_with(call):
    """What of a call the program does not know; "" where all is known."""
    command, rest = [call[0]], call[1:]
    while rest and rest[0] in known(*command)[0]:
        command.append(rest.pop(0))
    subcommands, options = known(*command)
    if subcommands and rest and not rest[0].startswith("-"):
        return f"'{' '.join(command)}' has no subcommand '{rest[0]}'"
    for word in rest:
        if re.match(r"--?[a-z]", word) and word.split("=")[0] not in options:
            return f"'{' '.join(command)}' has no option '{word}'"
    return ""


def targets():
    return set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.M))


def findings(path, text):
    """What is wrong with the commands of a document, as `path:line: …`."""
    blocks, prose = split(path, text)
    for block in blocks:
        if block.mark.split(" ")[0] in SHELLS and block.mark not in MARKS:
            yield f"{path}:{block.line}: '{block.mark}' is none of {', '.join(sorted(MARKS))}"
        if block.mark.split(" ")[0] in SHELLS:
            yield from findings_of(path, block.line, block.text)
        elif not block.mark:
            yield f"{path}:{block.line}: say what the block is: sh, yaml, text …"
    for number, line in prose:
        if re.match(r"    \S", line) and not re.match(r"\s+[-*0-9]", line):
            yield f"{path}:{number}: an indented block: fence it"
        for span in re.findall(r"`([^`]+)`", line):
            yield from findings_of(path, number, span)


def findings_of(path, line, text):
    for call in commands(text):
        if wrong := wrong_with(call):
            yield f"{path}:{line}: {wrong}"
    for target in re.findall(r"^make ([a-z][a-z-]*)", text, re.M):
        if target not in targets():
            yield f"{path}:{line}: the Makefile has no '{target}'"
