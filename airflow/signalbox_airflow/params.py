"""Airflow's params as ours: with schemas, and with those that single tasks declare."""

from __future__ import annotations

from typing import Any

from signalbox_airflow import jinja_texts
from signalbox_airflow.graph import Graph, template_values
from signalbox_airflow.plan import NATIVE, DagPlan

_SCHEMA_KEYS = frozenset({"default", "type", "enum", "const", "anyOf", "oneOf", "allOf"})
_FORMATS = frozenset({"date", "time", "date-time", "multiline"})


def _one(param: Any, name: str, plan: DagPlan) -> Any:
    value = getattr(param, "value", param)
    has_default = type(value).__name__ not in ("NotSet", "ArgNotSet", "SetDuringExecution")
    schema = dict(getattr(param, "schema", None) or {})
    description = getattr(param, "description", None)
    if "format" in schema and schema["format"] not in _FORMATS:
        plan.change(f"the format '{schema.pop('format')}' of the param '{name}' is not checked")
    if description:
        schema["description"] = description
    if not schema and has_default:
        is_schema_like = isinstance(value, dict) and bool(_SCHEMA_KEYS & value.keys())
        return {"default": value} if is_schema_like else value
    if has_default:
        schema["default"] = value
    elif not _SCHEMA_KEYS & schema.keys():
        schema["type"] = ["string", "number", "boolean", "object", "array", "null"]
    return schema


def of_dag(dag: Any, graph: Graph, plan: DagPlan) -> dict[str, Any]:
    """The key `params`, and `params_open`: Airflow takes any other key of a trigger's conf, too."""
    declared = {name: _one(dag.params.get_param(name), name, plan) for name in dag.params}
    for task_id, task in graph.tasks.items():
        own = getattr(task, "params", None)
        row = plan.tasks[task_id]
        if row.verdict != NATIVE or not own:
            continue
        for name in sorted(jinja_texts.find(template_values(task)).params & set(own)):
            param = own.get_param(name) if hasattr(own, "get_param") else own[name]
            value = _one(param, name, plan)
            if name not in declared:
                declared[name] = value
                row.change(f"its param '{name}' is one of the whole DAG")
            elif declared[name] != value:
                plan.errors.append(
                    f"the task '{task_id}' has another default of the param '{name}' than the rest of the DAG; "
                    "a param has one default here"
                )
    return ({"params": declared} if declared else {}) | {"params_open": True}
