"""Operators that become a kind of work of Signalbox, one at a time: empty, command, trigger, edge.

Each function gives the job's own keys, or raises Foreign with the reason why the operator stays.
What becomes one job out of several tasks is in emr.py.
"""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from signalbox_airflow import jinja_texts, policies
from signalbox_airflow.graph import Graph, attribute, class_path, is_mapped, template_values, xcom_references
from signalbox_airflow.plan import TaskPlan
from signalbox_airflow.schedules import duration

_WEEK = datetime.timedelta(days=7).total_seconds()  # the timeout of a sensor that says none


class Foreign(Exception):
    """The operator runs by Airflow's SDK; the text says why."""


@dataclass
class Surroundings:
    """What a conversion may ask."""

    graph: Graph
    dag: Any
    names: dict[str, str]  # task → job
    # Commands that are native and tell their last line: the jobs after them can read it.
    commands: set[str] = field(default_factory=set)


def checked(value: Any, row: TaskPlan, around: Surroundings | None = None) -> Any:
    """The value with its templates, if Signalbox can render them all."""
    if any(True for _ in xcom_references(value)):
        raise Foreign("it takes a value of another task (XCom)")
    spelling = jinja_texts.Spelling()
    if around is not None:
        above = around.graph.all_above[row.task_id]
        spelling.jobs = {task: around.names[task] for task in around.commands & above}
    spelled = spelling.write(value)
    findings = jinja_texts.find(spelled)
    if findings.lacking:
        raise Foreign(f"its templates use what Signalbox's template language has not: {', '.join(findings.lacking)}")
    row.need("variables", *findings.variables)
    row.need("connections", *findings.connections)
    for text in spelling.told:
        row.change(text)
    for task in sorted(spelling.pulled):
        row.change(f"what it takes of '{task}' is the last line that this prints to standard output, and a text")
    return spelled


def _empty(task: Any, row: TaskPlan, around: Surroundings) -> dict[str, Any]:
    if is_mapped(task):
        raise Foreign("it is mapped")
    return {"type": "empty"}


def _command(task: Any, row: TaskPlan, around: Surroundings) -> dict[str, Any]:
    if is_mapped(task):
        given = dict(task.partial_kwargs)
        keys, mapped = _mapped_values(task, ("bash_command", "cwd"))
        given |= mapped
    else:
        keys = {}
        given = {name: getattr(task, name) for name in ("bash_command", "env", "cwd", "append_env", "skip_on_exit_code")}
        _refuse_processor(task)
    script = given.get("bash_command")
    if not isinstance(script, str):
        raise Foreign("its bash_command is no text")
    if script.strip().endswith((".sh", ".bash")) and script == script.strip() and "\n" not in script:
        raise Foreign(f"the script '{script}' that it names cannot be read")
    if "AIRFLOW_CTX_" in script:
        raise Foreign("its command reads the variables AIRFLOW_CTX_…")
    secret = jinja_texts.find(script).secret
    if secret is not None:
        raise Foreign(f"its command holds the secret {secret}, which everybody on the machine could read; env may hold it")
    script = checked(script.removesuffix("\n"), row, around)
    keys = {"type": "command", "command": ["bash", "-c", script]} | keys
    env = given.get("env")
    if env:
        keys["env"] = checked({name: str(value) for name, value in env.items()}, row, around)
        if not given.get("append_env"):
            row.change("Airflow gives the command these variables alone; here it also has those of the server")
    if given.get("cwd") is not None:
        keys["cwd"] = checked(given["cwd"], row, around)
    codes = given.get("skip_on_exit_code", 99)
    codes = [codes] if isinstance(codes, int) else sorted(codes or ())
    if any(not 1 <= code <= 255 for code in codes):
        raise Foreign("its skip_on_exit_code has a code that is not from 1 to 255")
    if codes != [99]:
        keys["skip_on_exit_code"] = codes
    _tell_outputs(task, keys, around)
    return keys | policies.execution_timeout(task)


def _tell_outputs(task: Any, keys: dict[str, Any], around: Surroundings) -> None:
    """Its last line is told if a task names its XCom; a mapped job tells nothing."""
    if not is_mapped(task) and not task.do_xcom_push:
        return
    pullers = around.graph.who_pulls(task.task_id)
    unsure = around.graph.who_may_pull(task.task_id)
    if is_mapped(task) and pullers:
        raise Foreign(f"'{pullers[0]}' takes its XCom, and it is mapped")
    if unsure and not pullers:
        raise Foreign(f"'{unsure[0]}' takes an XCom that may be its own")
    if pullers:
        keys["outputs"] = "last_line"


def _refuse_processor(task: Any) -> None:
    processor = task.output_processor
    code = getattr(processor, "__code__", None)
    if code is None or not code.co_filename.endswith("standard/operators/bash.py"):
        raise Foreign("it has an output_processor")


def _mapped_values(task: Any, fields: tuple[str, ...]) -> tuple[dict[str, Any], dict[str, str]]:
    """`map_over` and the texts that stand for the mapped arguments, if all lists are literal."""
    value = task.expand_input.value
    if isinstance(value, dict):
        names = list(value)
        lists = [_literal_list(name, value[name]) for name in names]
        items: list[Any] = [dict(zip(names, one, strict=True)) for one in itertools.product(*lists)]
    elif isinstance(value, list | tuple):
        items = [dict(one) for one in value if isinstance(one, dict)]
        names = list(items[0]) if items else []
        if len(items) != len(value) or any(list(one) != names for one in items):
            raise Foreign("it is mapped over maps with different keys")
    else:
        raise Foreign("it is mapped over what another task gives (XCom)")
    other = [name for name in names if name not in fields]
    if other:
        raise Foreign(f"it is mapped over its argument '{other[0]}'")
    if len(names) == 1:
        return {"map_over": _item_list([one[names[0]] for one in items])}, {names[0]: "{{ item }}"}
    if any(jinja_texts.is_template(text) for text in jinja_texts.texts_of(items)):
        raise Foreign("it is mapped over several arguments with templates in them")
    return {"map_over": items}, {name: f"{{{{ item.{name} }}}}" for name in names}


def _item_list(items: list[Any]) -> Any:
    """The list itself, or one expression that gives it: items of a list are taken as they stand."""
    if not any(isinstance(item, str) and jinja_texts.is_template(item) for item in items):
        return items
    written = jinja_texts.Spelling().write(items)
    return "{{ [" + ", ".join(jinja_texts.as_expression(str(item)) for item in written) + "] }}"


def _literal_list(name: str, value: Any) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise Foreign(f"its argument '{name}' is mapped over what another task gives (XCom)")
    if any(not isinstance(one, str | int | float | bool) for one in value):
        raise Foreign(f"its argument '{name}' is mapped over values that are no texts or numbers")
    if any(isinstance(one, str) and jinja_texts.find(one).lacking for one in value):
        raise Foreign(f"a text of its list '{name}' uses what Signalbox's template language has not")
    return list(value)


def _trigger(task: Any, row: TaskPlan, around: Surroundings) -> dict[str, Any]:
    if is_mapped(task):
        raise Foreign("it is mapped")
    keys: dict[str, Any] = {"type": "trigger_dag_run", "trigger_dag_id": checked(task.trigger_dag_id, row)}
    row.need("dags", *([] if jinja_texts.is_template(task.trigger_dag_id) else [task.trigger_dag_id]))
    if task.trigger_run_id is not None:
        keys["trigger_run_id"] = checked(task.trigger_run_id, row)
    if task.conf:
        if not isinstance(task.conf, dict):
            raise Foreign("its conf is no map")
        keys["conf"] = checked(task.conf, row)
    when = task.logical_date
    if isinstance(when, datetime.datetime):
        keys["logical_date"] = when.isoformat()
    elif isinstance(when, str):
        keys["logical_date"] = checked(when, row)
    elif when is None:
        keys["logical_date"] = "{{ none }}"
    if isinstance(getattr(task, "run_after", None), datetime.datetime | str):
        raise Foreign("its run_after has no counterpart")
    for name in ("reset_dag_run", "wait_for_completion", "skip_when_already_exists", "fail_when_dag_is_paused"):
        if getattr(task, name, False):
            keys[name] = True
    if task.wait_for_completion:
        for name, default in (("allowed_states", ["success"]), ("failed_states", ["failed"])):
            states = [str(getattr(state, "value", state)) for state in getattr(task, name) or ()]
            if not set(states) <= {"success", "failed"}:
                raise Foreign(f"its {name} are not only success and failed")
            if states != default:
                keys[name] = states
    if getattr(task, "note", None):
        row.change("the note of the run that it makes is left out")
    if attribute(task, "execution_timeout") is not None:
        raise Foreign("its execution_timeout has no counterpart for a job that triggers a run")
    return keys


def _external(task: Any, row: TaskPlan, around: Surroundings) -> dict[str, Any]:
    """A sensor that waits for another DAG: an empty job with an edge across DAGs."""
    if is_mapped(task):
        raise Foreign("it is mapped")
    if task.execution_date_fn is not None:
        raise Foreign("a function decides which run it waits for")
    if task.external_task_group_id is not None:
        raise Foreign("it waits for a task group of another DAG")
    if task.failed_states or task.skipped_states:
        raise Foreign("it fails or skips by states of the other DAG, and keeps its own state by them")
    if getattr(task, "soft_fail", False):
        raise Foreign("it is skipped if its time is over (soft_fail)")
    if float(task.timeout) != _WEEK or attribute(task, "execution_timeout") is not None:
        raise Foreign("it fails if its time is over (timeout)")
    if jinja_texts.is_template(task.external_dag_id):
        raise Foreign("a template decides which DAG it waits for")
    rules = {frozenset({"success"}): None, frozenset({"success", "skipped"}): "none_failed"}
    allowed = frozenset(str(getattr(state, "value", state)) for state in task.allowed_states)
    if allowed not in rules:
        raise Foreign(f"its allowed states {', '.join(sorted(allowed))} have no counterpart")
    edge: dict[str, Any] = {"window": "same_interval"}
    if task.execution_delta:
        if task.execution_delta < datetime.timedelta():
            raise Foreign("its execution_delta looks ahead")
        edge["offset"] = duration(task.execution_delta)
    row.need("dags", task.external_dag_id)
    row.change("it waits without a limit; in Airflow it fails after 7 days")
    names = [name for name in (task.external_task_ids or ()) if name]
    if not names:
        if rules[allowed] is not None:
            raise Foreign("a whole run of a DAG cannot be skipped")
        return {"type": "empty", "depends_on": [{"dag": task.external_dag_id} | edge]}
    if any(jinja_texts.is_template(name) for name in names):
        raise Foreign("a template decides which task it waits for")
    if rules[allowed] is not None:
        edge["rule"] = rules[allowed]
    return {"type": "empty", "depends_on": [{"job": f"{task.external_dag_id}/{job_id(name)}"} | edge for name in names]}


def job_id(task_id: str) -> str:
    """Our ids have no dots: the path of groups is joined by two underscores."""
    text = task_id.replace(".", "__")
    return text if text[:1].isalpha() else f"t_{text}"


_STANDARD = "airflow.providers.standard"
CONVERSIONS: dict[str, tuple[str, Callable[[Any, TaskPlan, Surroundings], dict[str, Any]]]] = {
    f"{_STANDARD}.operators.empty.EmptyOperator": ("empty", _empty),
    f"{_STANDARD}.operators.bash.BashOperator": ("command", _command),
    f"{_STANDARD}.operators.trigger_dagrun.TriggerDagRunOperator": ("trigger_dag_run", _trigger),
    f"{_STANDARD}.sensors.external_task.ExternalTaskSensor": ("empty", _external),
}


def convert(task: Any, row: TaskPlan, around: Surroundings) -> tuple[str, dict[str, Any]]:
    """The kind of work and its keys, or Foreign."""
    path = class_path(task)
    if path not in CONVERSIONS:
        raise Foreign("Signalbox has no work of this kind")
    hindrance = policies.why_not_native(task)
    if hindrance:
        raise Foreign(hindrance)
    _refuse_unknown_params(task, around.dag)
    kind, function = CONVERSIONS[path]
    return kind, function(task, row, around)


def _refuse_unknown_params(task: Any, dag: Any) -> None:
    """One that only a run's conf may give fails in Airflow when the text is rendered, and not before."""
    known = {"get", *dag.params, *(getattr(task, "params", None) or ())}
    unknown = sorted(jinja_texts.find(template_values(task)).params - known)
    if unknown:
        raise Foreign(f"its templates use the param '{unknown[0]}', which nobody declares")
