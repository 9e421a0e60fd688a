"""The keys that every job has, from a task of Airflow: tries, rules, pools, weights, mails, assets."""

from __future__ import annotations

import datetime
from typing import Any

from signalbox_airflow.graph import attribute, is_mapped
from signalbox_airflow.plan import TaskPlan
from signalbox_airflow.schedules import NoCounterpart, asset_name, duration

# Keys that may stand in default_args of our files.
HOISTED = (
    "retries", "retry_delay", "retry_exponential_backoff", "max_retry_delay", "pool", "pool_slots", "priority_weight",
    "weight_rule", "depends_on_past", "wait_for_downstream", "max_active_tis_per_dag", "max_active_tis_per_dagrun",
    "email", "email_on_failure", "email_on_retry",
)  # fmt: skip
_CALLBACKS = ("on_failure_callback", "on_success_callback", "on_retry_callback", "on_skipped_callback", "on_execute_callback")
_WEIGHT_RULES = ("absolute", "downstream", "upstream")


def _span(value: Any) -> str:
    return duration(value if isinstance(value, datetime.timedelta) else datetime.timedelta(seconds=float(value)))


def _tries(task: Any, row: TaskPlan, native: bool) -> dict[str, Any]:
    retries = attribute(task, "retries") or 0
    if not retries:
        return {}
    keys: dict[str, Any] = {"retries": int(retries)}
    if not native:  # in Airflow a task whose process is lost uses up one of its retries
        keys["infra_retries"] = int(retries)
    delay = attribute(task, "retry_delay")
    if delay is not None and _span(delay) != "5m":
        keys["retry_delay"] = _span(delay)
    backoff = attribute(task, "retry_exponential_backoff")
    if backoff:
        keys["retry_exponential_backoff"] = True
        if backoff is not True and float(backoff) not in (1.0, 2.0):
            row.change(f"the delay between tries doubles; in Airflow it grows by {backoff:g}")
        longest = attribute(task, "max_retry_delay")
        if longest is not None:
            keys["max_retry_delay"] = _span(longest)
    if attribute(task, "retry_policy") is not None:
        row.change("its retry_policy is not asked")
    return keys


def _order(task: Any, row: TaskPlan) -> dict[str, Any]:
    keys: dict[str, Any] = {}
    pool = attribute(task, "pool")
    if pool and pool != "default_pool":
        keys["pool"] = pool
        row.need("pools", pool)
    slots = attribute(task, "pool_slots")
    if slots and slots != 1:
        keys["pool_slots"] = slots
    weight = attribute(task, "priority_weight")
    rule = _rule_name(attribute(task, "weight_rule"))
    if (weight is not None and weight != 1) or rule not in (None, "downstream"):
        keys["priority_weight"] = 1 if weight is None else weight
        if rule in _WEIGHT_RULES or rule is None:
            keys["weight_rule"] = rule or "downstream"
        else:
            row.change(f"its weight rule '{rule}' is not asked")
    for name in ("max_active_tis_per_dag", "max_active_tis_per_dagrun"):
        if attribute(task, name) is not None:
            keys[name] = attribute(task, name)
    for name in ("depends_on_past", "wait_for_downstream"):
        if attribute(task, name):
            keys[name] = True
    return keys


def _rule_name(rule: Any) -> str | None:
    if rule is None:
        return None
    if isinstance(rule, str):
        return str(getattr(rule, "value", rule))
    kind = type(rule).__name__
    return {"_DownstreamPriorityWeightStrategy": "downstream", "_UpstreamPriorityWeightStrategy": "upstream",
            "_AbsolutePriorityWeightStrategy": "absolute"}.get(kind, kind)  # fmt: skip


def _mails(task: Any) -> dict[str, Any]:
    email = attribute(task, "email")
    if not email or (attribute(task, "email_on_failure") is False and attribute(task, "email_on_retry") is False):
        return {}
    keys: dict[str, Any] = {"email": email if isinstance(email, str) else list(email)}
    for name in ("email_on_failure", "email_on_retry"):
        if attribute(task, name) is False:
            keys[name] = False
    return keys


def assets_of(values: Any, row: TaskPlan, what: str) -> list[Any]:
    """Inlets or outlets, as names or maps."""
    out: list[Any] = []
    for value in values or ():
        kind = type(value).__name__
        # `@asset` makes a subclass.
        if not {"Asset", "Dataset", "Model", "AssetNameRef", "AssetUriRef"} & {each.__name__ for each in type(value).__mro__}:
            row.change(f"the {what} {kind} is left out: only assets can be one")
            continue
        name = asset_name(value)
        keys: dict[str, Any] = {"name": name}
        uri, group, extra = (getattr(value, part, None) for part in ("uri", "group", "extra"))
        if uri and uri != name:
            keys["uri"] = uri
        if group and group != "asset":
            keys["group"] = group
        if extra and what == "outlet":
            keys["extra"] = dict(extra)
        out.append(name if len(keys) == 1 else keys)
    return out


def trigger_rule(task: Any) -> str:
    rule = attribute(task, "trigger_rule")
    return str(getattr(rule, "value", rule) or "all_success")


def common(task: Any, row: TaskPlan, native: bool) -> dict[str, Any]:
    """The keys of one task; `depends_on` and those of its kind come elsewhere."""
    keys = _order(task, row) | _mails(task)
    if row.kind != "empty":  # it cannot fail
        keys |= _tries(task, row, native)
    teardown = bool(getattr(task, "is_teardown", False))
    rule = trigger_rule(task)
    if not teardown and rule != "all_success":
        keys["trigger_rule"] = rule
    if getattr(task, "is_setup", False):
        keys["setup"] = True
    for name in ("inlets", "outlets"):
        found = assets_of(attribute(task, name), row, name[:-1])
        if found:
            keys[name] = found
    doc = attribute(task, "doc_md")
    if isinstance(doc, str) and doc.strip():
        keys["doc_md"] = doc
    if is_mapped(task) and attribute(task, "map_index_template"):
        keys["map_index_template"] = attribute(task, "map_index_template")
    if native:
        for name in _CALLBACKS:
            if attribute(task, name):
                row.change(f"its {name} is not called")
        if attribute(task, "queue") not in (None, "default"):
            row.change(f"its queue '{attribute(task, 'queue')}' means nothing here")
    _tell_dates(task, row)
    return keys


def _tell_dates(task: Any, row: TaskPlan) -> None:
    dag = task.dag
    if dag is None:
        return
    for name in ("start_date", "end_date"):
        own, whole = attribute(task, name), getattr(dag, name, None)
        if own is not None and whole is not None and own != whole and not getattr(task, "_signalbox_moving_start", False):
            row.change(f"its own {name} {own.isoformat()} is not kept: a DAG has one for all jobs")


def execution_timeout(task: Any) -> dict[str, Any]:
    timeout = attribute(task, "execution_timeout")
    return {} if timeout is None else {"execution_timeout": _span(max(timeout, datetime.timedelta(minutes=1)))}


def why_not_native(task: Any) -> str | None:
    """What no native job can do, whatever its kind."""
    if getattr(task, "_pre_execute_hook", None) is not None or getattr(task, "_post_execute_hook", None) is not None:
        return "it has a pre_execute or post_execute hook"
    if attribute(task, "run_as_user"):
        return "it runs as another user (run_as_user)"
    if attribute(task, "render_template_as_native_obj") or (task.dag is not None and task.dag.render_template_as_native_obj):
        return "its texts are rendered as native objects (render_template_as_native_obj)"
    if _in_mapped_group(task):
        return "it stands in a mapped task group"
    return None


def why_not_by_airflow(task: Any) -> str | None:
    """What a task that Airflow's own code does cannot have here."""
    if _in_mapped_group(task):
        return "it stands in a mapped task group"
    if getattr(task, "inherits_from_hitl_operator", False) or "HITL" in type(task).__name__:
        return "it waits for a person (HITL)"
    return None


def _in_mapped_group(task: Any) -> bool:
    group = getattr(task, "task_group", None)
    while group is not None:
        if type(group).__name__ == "MappedTaskGroup":
            return True
        group = group.parent_group
    return False


__all__ = [
    "HOISTED",
    "NoCounterpart",
    "assets_of",
    "common",
    "execution_timeout",
    "trigger_rule",
    "why_not_by_airflow",
    "why_not_native",
]
