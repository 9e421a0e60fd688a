"""Finds the tasks that are one EMR job together: create → add steps → sensors → terminate.

One `EmrCreateJobFlowOperator` with all that refers to its cluster becomes one `emr_job` under its
id, if that is provably the same work with the same end. Otherwise the operators stay as they are,
and the plan says why. What is the same:

- the steps, in an order that Airflow could have taken, each with what its failure means;
- what runs before, after and not at all: a task that needs the live cluster, or stands between two
  steps, prevents it;
- success and failure as Airflow sees them: a failure that no task watches passes in Airflow, so it
  prevents it too, unless the request says `strict_emr`.

Where retries, timeouts and ends differ in a way that nobody can depend on, the plan says so.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Any, Protocol

from signalbox_airflow import emr_watch, jinja_texts, natives, policies
from signalbox_airflow.emr_watch import Step, Watcher
from signalbox_airflow.graph import Graph, attribute, class_path, is_mapped
from signalbox_airflow.plan import NATIVE, DagPlan, TaskPlan
from signalbox_airflow.schedules import duration
from signalbox_airflow.secrets import connection_of

_PROVIDER = "airflow.providers.amazon.aws"
CREATE = f"{_PROVIDER}.operators.emr.EmrCreateJobFlowOperator"
ADD = f"{_PROVIDER}.operators.emr.EmrAddStepsOperator"
TERMINATE = f"{_PROVIDER}.operators.emr.EmrTerminateJobFlowOperator"
STEP_SENSOR = f"{_PROVIDER}.sensors.emr.EmrStepSensor"
CLUSTER_SENSOR = f"{_PROVIDER}.sensors.emr.EmrJobFlowSensor"
_MEMBERS = (ADD, TERMINATE, STEP_SENSOR, CLUSTER_SENSOR)
_UP = {"STARTING", "BOOTSTRAPPING", "RUNNING", "WAITING"}


class Apart(Exception):
    """The tasks are not provably one job; the text says why."""


class Options(Protocol):
    """What is asked of translate.Options."""

    connections: dict[str, Any]
    strict_emr: bool


@dataclass
class Joined:
    """One job out of several tasks."""

    create: str
    request: dict[str, Any]
    steps: list[dict[str, Any]]
    policy: dict[str, Any]
    members: set[str]
    before: set[str]  # tasks that move before the job
    behind: set[str]  # other tasks below it
    end: str | None = None  # a terminate that stays, as an empty job behind the job
    aliases: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def rewire(self, above: dict[str, set[str]]) -> None:
        """Makes the job's edges out of those of its tasks."""
        own = set(above[self.create])
        for task_id in self.before:
            above[task_id] = (above[task_id] - self.members) | own
        outside: set[str] = set()
        for member in self.members - {self.end}:
            outside |= above[member]
        above[self.create] = outside - self.members - self.behind
        if self.end is not None:
            above[self.end] = (above[self.end] - self.members) | {self.create}


class _Cluster:
    """One create and what refers to it."""

    def __init__(self, create: str, graph: Graph, plan: DagPlan, options: Options) -> None:
        self.create = create
        self.graph = graph
        self.plan = plan
        self.options = options
        self.task = graph.tasks[create]
        self.adds: list[str] = []
        self.sensors: list[str] = []
        self.terminates: list[str] = []
        self.steps: list[Step] = []
        self.watchers: list[Watcher] = []
        self.index: dict[tuple[str, int], int] = {}  # of a step of an add → its place in the job

    @property
    def members(self) -> set[str]:
        return {self.create, *self.adds, *self.sensors, *self.terminates}

    def join(self) -> Joined:
        """The job, or Apart."""
        self._refuse_task(self.create)
        self._find_members()
        request = self._request()
        self._collect_steps(request)
        if not self.steps:
            raise Apart("no task gives its cluster a step")
        self._collect_watchers()
        before = self._others()
        ends = self._ends()
        self._check_end(request, ends)
        changes = self._judge()
        policy = self._policy(changes)
        below = {task_id for task_id, above in self.graph.all_above.items() if self.create in above}
        steps = [step.document for step in self.steps]
        joined = Joined(self.create, request, steps, policy, self.members, before, below - self.members - before)
        joined.end = self._kept_end(ends)
        self._tell(joined, changes)
        return joined

    # -- who belongs to it

    def _refuse_task(self, task_id: str) -> None:
        task = self.graph.tasks[task_id]
        if is_mapped(task):
            raise Apart(f"'{task_id}' is mapped")
        hindrance = policies.why_not_native(task)
        if hindrance:
            raise Apart(f"'{task_id}': {hindrance}")
        if task_id != self.create and task_id not in self.terminates and policies.trigger_rule(task) != "all_success":
            raise Apart(f"'{task_id}' has the trigger rule {policies.trigger_rule(task)}")
        if getattr(task, "is_setup", False) and task_id != self.create:
            raise Apart(f"'{task_id}' is a setup")

    def _find_members(self) -> None:
        for task_id in self.graph.order:
            if task_id == self.create or self.create not in self.graph.pulls[task_id].tasks:
                continue
            task = self.graph.tasks[task_id]
            kind = class_path(task)
            if kind not in _MEMBERS or refers_to(attribute(task, "job_flow_id")) != (self.create, None):
                raise Apart(f"'{task_id}' needs the live cluster or its id")
            if self.create not in self.graph.all_above[task_id]:
                raise Apart(f"'{task_id}' does not wait for '{self.create}'")
            {ADD: self.adds, TERMINATE: self.terminates}.get(kind, self.sensors).append(task_id)
        for task_id in (*self.adds, *self.sensors, *self.terminates):
            self._refuse_task(task_id)
        for task_id, pulls in self.graph.pulls.items():
            taken = pulls.tasks & self.members
            may = pulls.unknown and bool(self.members & self.graph.all_above[task_id])
            if task_id not in self.members and (taken or may):
                named = f"the XCom of '{sorted(taken)[0]}'" if taken else "an XCom that may be one of them"
                raise Apart(f"'{task_id}' takes {named}")

    # -- the request and the steps

    def _literal(self, value: Any, what: str) -> Any:
        if isinstance(value, str):
            try:
                value = ast.literal_eval(value)
            except (ValueError, SyntaxError, MemoryError, RecursionError):
                raise Apart(f"{what} is a text that is known at run time alone") from None
        try:
            row = self.plan.tasks[self.create]
            return natives.checked(value, row)
        except natives.Foreign as why:
            raise Apart(f"{what}: {why}") from None

    def _request(self) -> dict[str, Any]:
        overrides = self._literal(self.task.job_flow_overrides, "its job_flow_overrides")
        if not isinstance(overrides, dict):
            raise Apart("its job_flow_overrides is no map")
        base: dict[str, Any] = {}
        conn_id = self.task.emr_conn_id
        if conn_id and conn_id in self.options.connections:
            from airflow.sdk import Connection

            base = dict(connection_of(Connection, conn_id, self.options.connections[conn_id]).extra_dejson)
        elif conn_id and conn_id != "emr_default":
            raise Apart(f"the rest of its request is in the connection '{conn_id}', which nobody gave")
        elif conn_id:
            self.plan.tasks[self.create].change("there is no connection 'emr_default': its request is job_flow_overrides alone")
        # As Airflow does it: key by key at the top, not deeply.
        request = base | overrides
        if not request:
            raise Apart("its request is empty")
        return self._literal(request, "its request")

    def _collect_steps(self, request: dict[str, Any]) -> None:
        given = request.pop("Steps", None) or []
        if not isinstance(given, list):
            raise Apart("the Steps of its request are known at run time alone")
        self._add_steps(self.create, given)
        for task_id in self.adds:
            task = self.graph.tasks[task_id]
            if task.execution_role_arn:
                raise Apart(f"'{task_id}' has an execution_role_arn")
            steps = self._literal(task.steps, f"the steps of '{task_id}'")
            if not isinstance(steps, list):
                raise Apart(f"the steps of '{task_id}' are no list")
            self._add_steps(task_id, steps)
        self.concurrency = request.get("StepConcurrencyLevel", 1)

    def _add_steps(self, task_id: str, given: list[Any]) -> None:
        for number, step in enumerate(given):
            if not isinstance(step, dict) or "Name" not in step or "HadoopJarStep" not in step:
                raise Apart(f"a step of '{task_id}' has no Name or no HadoopJarStep")
            self.index[(task_id, number)] = len(self.steps)
            document = dict(step) | {"ActionOnFailure": step.get("ActionOnFailure", "CONTINUE")}
            self.steps.append(Step(document, task_id, number))

    # -- who watches which step

    def _collect_watchers(self) -> None:
        policy = str(getattr(self.task.wait_policy, "value", self.task.wait_policy) or "")
        if policy == "wait_for_steps_completion":
            limit = self.task.waiter_delay * self.task.waiter_max_attempts
            self.watchers.append(Watcher(self.create, None, limit, cluster=True))
        for task_id in self.adds:
            task = self.graph.tasks[task_id]
            if task.wait_for_completion or task.deferrable:
                own = [place for (add, _), place in self.index.items() if add == task_id]
                limit = int(task.waiter_delay) * int(task.waiter_max_attempts)
                self.watchers.append(Watcher(task_id, own, limit))
        for task_id in list(self.sensors):
            self._sensor(task_id)

    def _sensor(self, task_id: str) -> None:
        task = self.graph.tasks[task_id]
        row = self.plan.tasks[task_id]
        if getattr(task, "soft_fail", False):
            raise Apart(f"'{task_id}' is skipped if its time is over (soft_fail)")
        limit = task.max_attempts * task.poke_interval if task.deferrable else task.timeout
        targets, failed = set(task.target_states), set(task.failed_states)
        if class_path(task) == STEP_SENSOR:
            if targets != {"COMPLETED"} or not {"CANCELLED", "FAILED", "INTERRUPTED"} <= failed:
                raise Apart(f"'{task_id}' has states of its own")
            self.watchers.append(Watcher(task_id, [self._watched_step(task_id, task.step_id)], limit))
            return
        if "TERMINATED_WITH_ERRORS" not in failed:
            raise Apart(f"'{task_id}' does not fail if the cluster ends with errors")
        first = not any(self.graph.all_above[task_id] & {add} for add in self.adds)
        steps_before = any(step.task_id == self.create for step in self.steps)
        if targets == {"TERMINATED"} or (targets == {"WAITING"} and (steps_before or not first)):
            self.watchers.append(Watcher(task_id, None, limit, cluster=True))
        elif targets & _UP and first:
            if task.deferrable:
                row.change(
                    "in deferrable mode Airflow's sensor waits for the end of the cluster, not for its start, so its run "
                    "fails; here the steps run"
                )
        else:
            raise Apart(f"'{task_id}' waits for the cluster's states {', '.join(sorted(targets))}")

    def _watched_step(self, task_id: str, step_id: Any) -> int:
        add, number = refers_to(step_id) or (None, None)
        if add is None or add not in self.adds:
            raise Apart(f"which step '{task_id}' looks at is known at run time alone")
        count = sum(1 for step in self.steps if step.task_id == add)
        if number is None:
            raise Apart(f"'{task_id}' is given the list of all steps of '{add}'")
        if not -count <= number < count:
            raise Apart(f"'{task_id}' looks at a step that '{add}' does not have")
        if add not in self.graph.all_above[task_id]:
            raise Apart(f"'{task_id}' does not wait for '{add}'")
        return self.index[(add, number % count)]

    # -- what else there is

    def _others(self) -> set[str]:
        """Tasks that are no part of it but stand in its midst: those that move before it; Apart if one cannot move."""
        inner = {self.create, *self.adds, *self.sensors} - self._after_end()
        work = {self.create, *self.adds, *(watcher.task_id for watcher in self.watchers)} - self._after_end()
        before: set[str] = set()
        for task_id in self.graph.order:
            if task_id in self.members or not self.graph.all_above[task_id] & inner:
                continue
            above = self.graph.all_above[task_id]
            if work <= above or (above & set(self.terminates) and self._ended(task_id, work)):
                continue
            reaches = [add for add in self.adds if task_id in self.graph.all_above[add]]
            own_steps = any(step.task_id == self.create for step in self.steps)
            if reaches == self.adds and self.adds and not own_steps and not above & {*self.adds, *self.sensors}:
                if policies.trigger_rule(self.graph.tasks[task_id]) != "all_success":
                    raise Apart(f"'{task_id}' stands between the cluster's creation and its steps, with a trigger rule")
                before.add(task_id)
            elif reaches:
                raise Apart(f"'{task_id}' stands between two steps")
            else:
                raise Apart(f"'{task_id}' runs while the cluster is up")
        return before

    def _ended(self, task_id: str, work: set[str]) -> bool:
        ends = self.graph.all_above[task_id] & set(self.terminates)
        return any(work <= self.graph.all_above[end] for end in ends)

    def _after_end(self) -> set[str]:
        """Sensors behind the terminate: they see the end that it asked for."""
        return {sensor for sensor in self.sensors if self.graph.all_above[sensor] & set(self.terminates)}

    def _ends(self) -> list[str]:
        for task_id in self.terminates:
            task = self.graph.tasks[task_id]
            rule = policies.trigger_rule(task)
            if getattr(task, "is_teardown", False):
                setups = {up for up in self.graph.above[task_id] if getattr(self.graph.tasks[up], "is_setup", False)}
                if setups - {self.create}:
                    raise Apart(f"'{task_id}' is a teardown of other setups, too")
            elif rule not in ("all_success", "all_done"):
                raise Apart(f"'{task_id}' has the trigger rule {rule}")
        if getattr(self.task, "is_setup", False) and not any(self._is_teardown(end) for end in self.terminates):
            raise Apart(f"'{self.create}' is a setup of other tasks")
        return list(self.terminates)

    def _is_teardown(self, task_id: str) -> bool:
        return bool(getattr(self.graph.tasks[task_id], "is_teardown", False))

    def _check_end(self, request: dict[str, Any], ends: list[str]) -> None:
        instances = request.get("Instances")
        if not isinstance(instances, dict):
            raise Apart("the Instances of its request are no map")
        keeps = instances.get("KeepJobFlowAliveWhenNoSteps", False)
        if isinstance(keeps, str):
            raise Apart("a template decides whether its cluster stays up")
        for end in ends:
            for watcher in self.watchers:
                if watcher.task_id not in self.graph.all_above[end] and watcher.task_id not in self._after_end():
                    raise Apart(f"'{end}' does not wait for '{watcher.task_id}'")
            if any(add not in self.graph.all_above[end] for add in self.adds):
                raise Apart(f"'{end}' does not wait for all steps")
        if keeps and not ends and "AutoTerminationPolicy" not in request:
            raise Apart("no task ends its cluster, so it stays up after the run")
        instances = {name: value for name, value in instances.items() if name != "KeepJobFlowAliveWhenNoSteps"}
        request["Instances"] = instances
        request.pop("Name", None)

    def _judge(self) -> list[str]:
        watch = emr_watch.Watch(self.steps, self.watchers, self.graph, self.concurrency, self._after_end())
        try:
            return watch.judge(bool(self.terminates), strict=self.options.strict_emr)
        except emr_watch.Unlike as why:
            raise Apart(str(why)) from None

    # -- the job's policy and what is told

    def _policy(self, changes: list[str]) -> dict[str, Any]:
        keys: dict[str, Any] = {}
        waits = [watcher.task_id for watcher in self.watchers if watcher.task_id == self.create]
        adds = [watcher.task_id for watcher in self.watchers if watcher.task_id in self.adds]
        sensors = [watcher.task_id for watcher in self.watchers]
        tried = self.graph.tasks[(waits or adds or sensors or [self.create])[0]]
        row = self.plan.tasks[self.create]
        found = policies.common(tried, TaskPlan("", "", None, None), native=False)
        if waits or adds:
            keys |= {key: found[key] for key in found if key.startswith("retr") or key == "max_retry_delay"}
            if adds and keys.get("retries"):
                row.change(
                    "a new try is a new cluster with all steps; in Airflow it adds the failed steps once more to the same one"
                )
        elif found.get("retries"):
            row.change(
                f"its steps are run once, as in Airflow, where the {found['retries']} retries of '{tried.task_id}' look at the "
                "same failed step again; `retries` would run them again on a new cluster"
            )
        limits = [self._limit(watcher) for watcher in self.watchers if watcher.task_id not in self._after_end()]
        if limits and None not in limits:
            total = max(60, sum(limit for limit in limits if limit is not None))
            keys["execution_timeout"] = duration(total)
            row.change(f"it may take {duration(total)} from its launch; in Airflow each of its tasks has a limit of its own")
        return keys

    def _limit(self, watcher: Watcher) -> float | None:
        limit = float(watcher.seconds)
        own = attribute(self.graph.tasks[watcher.task_id], "execution_timeout")
        if own is not None:
            limit = min(limit, own.total_seconds())
        return None if limit >= 7 * 86400 else limit

    def _kept_end(self, ends: list[str]) -> str | None:
        """A terminate that must stay a job: Airflow's run goes on behind it, or ends in success, after failed steps."""
        for end in ends:
            if self._is_teardown(end):
                continue
            others = self.graph.above[end] - self.members
            if policies.trigger_rule(self.graph.tasks[end]) == "all_done" and not self.options.strict_emr:
                return end
            if others and self.graph.below[end]:
                return end
        return None

    def _tell(self, joined: Joined, changes: list[str]) -> None:
        row = self.plan.tasks[self.create]
        names = ", ".join(f"'{task_id}'" for task_id in self.graph.order if task_id in self.members - {self.create})
        row.verdict, row.kind = NATIVE, "emr_job"
        row.reason = f"one emr_job with {names}" if names else "one emr_job"
        for text in changes:
            row.change(text)
        for task_id in self.members - {self.create}:
            other = self.plan.tasks[task_id]
            other.verdict, other.kind = NATIVE, "empty" if task_id == joined.end else "emr_job"
            other.reason = f"part of the emr_job '{self.create}'"
            if task_id != joined.end:
                stands_for = (joined.end or self.create) if self._is_end(task_id) else self.create
                joined.aliases[task_id] = (stands_for,)
        if joined.end is not None:
            self.plan.tasks[joined.end].reason = f"it stays behind the emr_job '{self.create}', which ends the cluster"
            if not self.graph.below[joined.end]:
                self.plan.tasks[joined.end].change(
                    "a run whose steps failed ends in success, as in Airflow, because this task is the last one; "
                    "strict_emr changes that"
                )
            else:
                self.plan.tasks[joined.end].change(
                    "what follows it runs after failed steps, too, as in Airflow; strict_emr changes that"
                )
        elif self.terminates and all(self._leaks(end) for end in self.terminates):
            row.change("its cluster also ends after a failure; in Airflow it stays up then")
        for task_id in sorted(joined.before):
            self.plan.tasks[task_id].change(f"it runs before the cluster of '{self.create}' is made, not while it starts")
        self._tell_place(row)

    def _leaks(self, end: str) -> bool:
        return not self._is_teardown(end) and policies.trigger_rule(self.graph.tasks[end]) == "all_success"

    def _is_end(self, task_id: str) -> bool:
        return task_id in self.terminates or task_id in self._after_end()

    def _tell_place(self, row: TaskPlan) -> None:
        regions = {getattr(self.graph.tasks[member], "region_name", None) for member in self.members} - {None}
        row.need("regions", *regions)
        own = {getattr(self.graph.tasks[member], "aws_conn_id", None) for member in self.members} - {None, "aws_default"}
        if own:
            row.change(f"Signalbox's own credentials are used, not those of the connection '{sorted(own)[0]}'")


def refers_to(value: Any) -> tuple[str, int | None] | None:
    """The task and the index of a plain reference: an XCom argument, or one `{{ ti.xcom_pull(…) }}`."""
    if isinstance(value, str):
        pull = jinja_texts.whole_pull(value)
        if pull is None or pull.key != "return_value" or len(pull.task_ids) != 1:
            return None
        return pull.task_ids[0], pull.index
    if type(value).__name__ == "PlainXComArg":
        if value.key != "return_value":
            return None
        return value.operator.task_id, None
    return None


def find(graph: Graph, plan: DagPlan, options: Options) -> list[Joined]:
    """All jobs of a DAG; the tasks of the others know why they stay apart."""
    found: list[Joined] = []
    for task_id in graph.order:
        if class_path(graph.tasks[task_id]) != CREATE:
            continue
        cluster = _Cluster(task_id, graph, plan, options)
        changes_before = list(plan.tasks[task_id].changes)
        try:
            found.append(cluster.join())
        except Apart as why:
            plan.tasks[task_id].changes[:] = changes_before
            for member in cluster.members:
                plan.tasks[member].reason = f"the EMR tasks around '{task_id}' are not one job: {why}"
    return found
