"""Airflow's templates in texts: what they pull, what they read, and whether Signalbox can render them.

The subset is that of docs/dag-format.md, "Templates". A text that is outside it keeps its task with
Airflow's SDK. A few old names have an exact counterpart and are written so.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import jinja2
from jinja2 import nodes

_ENVIRONMENT = jinja2.Environment(autoescape=False)

_NAMES = frozenset({
    "ds", "ds_nodash", "ts", "ts_nodash", "ts_nodash_with_tz", "logical_date", "data_interval_start",
    "data_interval_end", "prev_data_interval_end_success", "var", "conn", "run_id", "dag_id", "ti",
    "task_instance", "map_index", "item", "outputs", "dag_run", "params", "macros", "triggering_asset_events",
    "none", "None", "true", "True", "false", "False",
})  # fmt: skip
_MEMBERS = {
    "ti": {"try_number", "map_index"},
    "task_instance": {"try_number", "map_index"},
    "dag_run": {"run_id", "conf", "logical_date", "data_interval_start", "data_interval_end"},
    "macros": {"timedelta", "ds_add", "ds_format"},
    "var": {"value", "json"},
}
_FILTERS = frozenset({
    "default", "int", "join", "replace", "tojson", "ds", "ds_nodash", "ts", "ts_nodash", "ts_nodash_with_tz",
    "strftime", "add", "subtract",
})  # fmt: skip
_METHODS = frozenset({
    "get", "strftime", "add", "subtract", "weekday", "isoweekday", "timestamp", "isoformat", "total_seconds",
})  # fmt: skip
# A variable with one of these words in its name is a secret: Airflow's list, and docs/secrets.md.
_SECRET_NAMES = (
    "access_token", "api_key", "apikey", "authorization", "keyfile_dict", "passphrase", "passwd", "password",
    "private_key", "secret", "service_account", "token",
)  # fmt: skip
_TESTS = frozenset({"defined", "undefined", "none"})
_EXPRESSIONS = (
    nodes.Const, nodes.Name, nodes.Getattr, nodes.Getitem, nodes.Call, nodes.Filter, nodes.Test, nodes.CondExpr,
    nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Neg, nodes.Pos, nodes.Add, nodes.Sub,
    nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Concat, nodes.List, nodes.Slice, nodes.Keyword,
)  # fmt: skip

# Airflow 2's names and what they are, in expressions that both read.
SPELLED = {
    "execution_date": "logical_date",
    "next_execution_date": "data_interval_end",
    "next_ds": "(data_interval_end | ds)",
    "next_ds_nodash": "(data_interval_end | ds_nodash)",
    "yesterday_ds": "macros.ds_add(ds, -1)",
    "tomorrow_ds": "macros.ds_add(ds, 1)",
}


@dataclass
class Pull:
    """One `xcom_pull` whose arguments are plain: which task, which key, and what is taken of it."""

    task_ids: tuple[str, ...]
    key: str = "return_value"
    index: int | None = None


@dataclass
class Findings:
    """What texts use."""

    variables: set[str] = field(default_factory=set)
    connections: set[str] = field(default_factory=set)
    params: set[str] = field(default_factory=set)
    pulls: list[Pull] = field(default_factory=list)
    pulls_unknown: bool = False  # an xcom_pull whose task is not plain
    lacking: list[str] = field(default_factory=list)  # what Signalbox's language has not
    secret: str | None = None  # a secret that one of them holds

    def add(self, other: Findings) -> None:
        self.variables |= other.variables
        self.connections |= other.connections
        self.params |= other.params
        self.pulls += other.pulls
        self.pulls_unknown = self.pulls_unknown or other.pulls_unknown
        self.lacking += [text for text in other.lacking if text not in self.lacking]
        self.secret = self.secret or other.secret

    @property
    def pulled_tasks(self) -> set[str]:
        return {task for pull in self.pulls for task in pull.task_ids}


def is_template(text: str) -> bool:
    return "{{" in text or "{%" in text or "{#" in text


def texts_of(value: Any) -> Iterator[str]:
    """The texts in nested maps and lists, keys among them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from texts_of(key)
            yield from texts_of(item)
    elif isinstance(value, list | tuple | set | frozenset):
        for item in value:
            yield from texts_of(item)


def find(value: Any) -> Findings:
    """What all texts of a value use together."""
    findings = Findings()
    for text in texts_of(value):
        if is_template(text):
            findings.add(_find_in(text))
    return findings


@functools.lru_cache(maxsize=4096)
def _find_in(text: str) -> Findings:
    findings = Findings()
    try:
        tree = _ENVIRONMENT.parse(text)
    except jinja2.TemplateError as error:
        findings.lacking.append(f"Jinja cannot read it: {error}")
        return findings
    for node in tree.body:
        if not isinstance(node, nodes.Output):
            findings.lacking.append("a statement ({% … %})")
    for node in tree.find_all(nodes.Node):
        _look(node, findings)
    _check_names(tree, findings)
    if "{#" in text:
        findings.lacking.append("a comment ({# … #})")
    findings.lacking = list(dict.fromkeys(findings.lacking))
    return findings


def _path(node: nodes.Node) -> list[str] | None:
    """`var.value.x` and `var['value']['x']` as names."""
    if isinstance(node, nodes.Name):
        return [node.name]
    if isinstance(node, nodes.Getattr):
        before = _path(node.node)
        return None if before is None else [*before, node.attr]
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
        before = _path(node.node)
        return None if before is None else [*before, node.arg.value]
    return None


def _look(node: nodes.Node, findings: Findings) -> None:
    if isinstance(node, nodes.Call):
        path = _path(node.node)
        if path and path[-1] == "xcom_pull":
            pull = pull_of(node)
            if pull is None:
                findings.pulls_unknown = True
            else:
                findings.pulls.append(pull)
            findings.lacking.append("xcom_pull")
        elif path and path[:1] == ["var"] and path[-1] == "get" and len(path) == 3 and node.args:
            name = node.args[0]
            if isinstance(name, nodes.Const) and isinstance(name.value, str):
                findings.variables.add(name.value)
    path = _path(node)
    if path and len(path) >= 3 and path[0] == "var" and path[2] != "get":
        findings.variables.add(path[2])
    if path and len(path) >= 2 and path[0] == "conn" and path[1] != "get":
        findings.connections.add(path[1])
    if path and _is_secret(path):
        findings.secret = ".".join(path)
    if path and len(path) >= 2 and path[0] == "params":
        findings.params.add(path[1])


def _is_secret(path: list[str]) -> bool:
    """What docs/secrets.md counts as one: passwords, extras, and variables by their names."""
    if path[0] == "conn" and len(path) >= 3:
        return path[2] in ("password", "extra", "extra_dejson", "get_password", "get_uri")
    return path[0] == "var" and len(path) >= 3 and any(word in path[2].lower() for word in _SECRET_NAMES)


def _check_names(tree: nodes.Template, findings: Findings) -> None:
    for node in tree.find_all(nodes.Expr):
        if isinstance(node, nodes.TemplateData):
            continue
        if not isinstance(node, _EXPRESSIONS):
            findings.lacking.append(
                {"Dict": "a map {…}", "Tuple": "a tuple", "Pow": "**"}.get(type(node).__name__, type(node).__name__)
            )
        elif isinstance(node, nodes.Name) and node.name not in _NAMES and node.name not in SPELLED:
            findings.lacking.append(f"the name '{node.name}'")
        elif isinstance(node, nodes.Filter) and node.name not in _FILTERS:
            findings.lacking.append(f"the filter '{node.name}'")
        elif isinstance(node, nodes.Test) and node.name not in _TESTS | {"in"}:
            findings.lacking.append(f"the test '{node.name}'")
        elif isinstance(node, nodes.Call):
            _check_call(node, findings)
        elif isinstance(node, nodes.Getattr):
            _check_member(node, findings)


def _check_call(node: nodes.Call, findings: Findings) -> None:
    path = _path(node.node)
    name = path[-1] if path else getattr(node.node, "attr", "?")
    if name == "xcom_pull":
        return
    if path and path[0] == "macros" and len(path) == 2 and name in _MEMBERS["macros"]:
        return
    if path and len(path) >= 2 and path[0] == "macros":
        findings.lacking.append(f"macros.{'.'.join(path[1:])}")
    elif isinstance(node.node, nodes.Name):
        findings.lacking.append(f"the function '{name}'")
    elif name not in _METHODS:
        findings.lacking.append(f"the method '{name}'")


def _check_member(node: nodes.Getattr, findings: Findings) -> None:
    if isinstance(node.node, nodes.Name):
        known = _MEMBERS.get(node.node.name)
        if known is not None and node.attr not in known and node.attr != "xcom_pull" and node.node.name != "macros":
            findings.lacking.append(f"'{node.node.name}.{node.attr}'")


def pull_of(node: nodes.Node) -> Pull | None:
    """What an xcom_pull pulls, if it is plain: `ti.xcom_pull('a')`, with `[0]` or `| first` behind it."""
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, int):
        pull = pull_of(node.node)
        return None if pull is None or pull.index is not None else Pull(pull.task_ids, pull.key, node.arg.value)
    if isinstance(node, nodes.Getitem) and isinstance(node.arg, nodes.Neg) and isinstance(node.arg.node, nodes.Const):
        pull = pull_of(node.node)
        return None if pull is None or pull.index is not None else Pull(pull.task_ids, pull.key, -node.arg.node.value)
    if isinstance(node, nodes.Filter) and node.name in ("first", "last") and node.node is not None:
        pull = pull_of(node.node)
        return None if pull is None else Pull(pull.task_ids, pull.key, 0 if node.name == "first" else -1)
    if not isinstance(node, nodes.Call) or node.dyn_args or node.dyn_kwargs:
        return None
    path = _path(node.node)
    if path is None or len(path) != 2 or path[0] not in ("ti", "task_instance") or path[1] != "xcom_pull":
        return None
    given = dict(zip(("task_ids", "key"), node.args, strict=False)) | {word.key: word.value for word in node.kwargs}
    if not set(given) <= {"task_ids", "key"}:
        return None
    try:
        task_ids = given["task_ids"].as_const()
        key = given["key"].as_const() if "key" in given else "return_value"
    except (KeyError, nodes.Impossible):
        return None
    if isinstance(task_ids, str):
        return Pull((task_ids,), key)
    if isinstance(task_ids, list | tuple) and all(isinstance(task, str) for task in task_ids):
        return Pull(tuple(task_ids), key)
    return None


def whole_pull(text: str) -> Pull | None:
    """The pull, if the text is one `{{ … }}` with nothing else."""
    try:
        tree = _ENVIRONMENT.parse(text.strip())
    except jinja2.TemplateError:
        return None
    if len(tree.body) != 1 or not isinstance(tree.body[0], nodes.Output) or len(tree.body[0].nodes) != 1:
        return None
    return pull_of(tree.body[0].nodes[0])


@dataclass
class Spelling:
    """How native texts are written: old names by today's, and pulls of native jobs by their outputs."""

    jobs: dict[str, str] = field(default_factory=dict)  # tasks whose last line is told → the job
    told: list[str] = field(default_factory=list)
    pulled: set[str] = field(default_factory=set)

    def tell(self, text: str) -> None:
        if text not in self.told:
            self.told.append(text)

    def write(self, value: Any) -> Any:
        """The value with all its texts written so."""
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, dict):
            return {key: self.write(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.write(item) for item in value]
        return value

    def _text(self, text: str) -> str:
        if not is_template(text):
            return text
        tokens = [(kind, token) for _, kind, token in _ENVIRONMENT.lex(text)]
        out: list[str] = []
        at, before = 0, ""
        while at < len(tokens):
            kind, token = tokens[at]
            end = self._call_end(tokens, at) if kind == "name" and token in ("ti", "task_instance") and before != "." else None
            written = self._output("".join(part for _, part in tokens[at:end])) if end else None
            if written is not None and end is not None:
                out.append(written)
                at, before = end, ")"
                continue
            if kind == "name" and before != ".":
                token = self._name(token)
            out.append(token)
            if kind != "whitespace":
                before = token
            at += 1
        return "".join(out)

    def _name(self, name: str) -> str:
        if name in SPELLED:
            self.tell(f"`{name}` is written `{SPELLED[name]}`")
        return "ti" if name == "task_instance" else SPELLED.get(name, name)

    @staticmethod
    def _call_end(tokens: list[tuple[str, str]], at: int) -> int | None:
        """Behind the call `ti.xcom_pull(…)` that begins at a token."""
        solid = [index for index in range(at, len(tokens)) if tokens[index][0] != "whitespace"][:4]
        if [tokens[index][1] for index in solid[1:]] != [".", "xcom_pull", "("]:
            return None
        depth = 0
        for index in range(solid[3], len(tokens)):
            depth += {"(": 1, ")": -1}.get(tokens[index][1], 0)
            if depth == 0:
                return index + 1
        return None

    def _output(self, call: str) -> str | None:
        pull = whole_pull("{{ " + call + " }}")
        if pull is None or pull.key != "return_value" or len(pull.task_ids) != 1 or pull.task_ids[0] not in self.jobs:
            return None
        self.pulled.add(pull.task_ids[0])
        job = self.jobs[pull.task_ids[0]]
        return f"outputs.{job}.return_value" if job.isidentifier() else f"outputs['{job}'].return_value"


def as_expression(text: str) -> str:
    """A text with templates as one expression without braces: `a {{ ds }}` is `'a ' ~ (ds)`."""
    parts: list[str] = []
    inside: list[str] | None = None
    for _, kind, token in _ENVIRONMENT.lex(text):
        if kind == "variable_begin":
            inside = []
        elif kind == "variable_end":
            parts.append(f"({''.join(inside or ()).strip()})")
            inside = None
        elif inside is not None:
            inside.append(token)
        else:
            escaped = token.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")
            parts.append(f"'{escaped}'")
    return " ~ ".join(parts) if parts else "''"
