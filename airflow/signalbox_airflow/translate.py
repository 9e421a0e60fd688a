"""One DAG of Airflow → a document in the vocabulary of our DAG files, its cluster templates, its plan."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from signalbox_airflow import emr, jinja_texts, mapping, natives, params, policies, schedules
from signalbox_airflow.compat import Notes
from signalbox_airflow.graph import Graph, attribute, class_path, is_mapped, template_values
from signalbox_airflow.places import UserFiles
from signalbox_airflow.plan import IMPOSSIBLE, NATIVE, SDK, DagPlan, TaskPlan

_DEFAULT_ACTIVE_TASKS = 16
_LONGEST_JOB_ID = 100


@dataclass
class Options:
    """What the request says beside the file."""

    version: int
    file: str = ""  # seen from the folder of DAG files
    connections: dict[str, Any] = field(default_factory=dict)
    strict_emr: bool = False  # a failed step fails the run, although Airflow's run succeeds
    by_airflow: frozenset[str] = frozenset()  # DAGs of which nothing is native
    unknown_schedules_by_hand: bool = False  # a DAG whose schedule we have not is started by people


@dataclass
class Job:
    """A job of the document: its own keys, and what it waits for, as task ids."""

    task: Any
    keys: dict[str, Any]
    above: set[str]


class Translation:
    """Built once for each DAG; `document` is None if the DAG as a whole has no counterpart."""

    def __init__(self, dag: Any, options: Options) -> None:
        self.dag = dag
        self.options = options
        self.graph = Graph(dag)
        self.plan = DagPlan()
        self.jobs: dict[str, Job] = {}
        self.aliases: dict[str, tuple[str, ...]] = {}  # a task that is no job → those that stand for it
        self.clusters: dict[str, dict[str, Any]] = {}
        self.document: dict[str, Any] | None = None
        self.names = job_names(self.graph.tasks)
        for task_id in self.graph.tasks:
            self.plan.tasks[task_id] = self._row(task_id)
        self._tasks()
        self._document()
        for row in self.plan.tasks.values() if self.plan.errors else ():
            row.verdict, row.kind, row.job, row.reason = IMPOSSIBLE, None, None, self.plan.errors[0]

    def _row(self, task_id: str) -> TaskPlan:
        task = self.graph.tasks[task_id]
        file, line = _Places.of(task)
        row = TaskPlan(task_id, class_path(task), line, file and UserFiles.short(file))
        findings = jinja_texts.find(template_values(task))
        row.need("variables", *findings.variables)
        row.need("connections", *findings.connections)
        for name, value in vars(task).items() if not is_mapped(task) else task.partial_kwargs.items():
            if name.endswith("conn_id") and isinstance(value, str) and value and not jinja_texts.is_template(value):
                row.need("connections", value)
        return row

    def _tasks(self) -> None:
        above = {task_id: set(up) for task_id, up in self.graph.above.items()}
        is_native = self.dag.dag_id not in self.options.by_airflow
        for joined in emr.find(self.graph, self.plan, self.options) if is_native else ():
            task = self.graph.tasks[joined.create]
            name = f"{self.dag.dag_id}.{self.names[joined.create]}"
            self.clusters[name] = joined.request
            keys = {"type": "emr_job", "cluster": name, "steps": joined.steps} | joined.policy
            joined.rewire(above)
            self.jobs[joined.create] = Job(task, keys, above[joined.create])
            self.aliases |= joined.aliases
            if joined.end is not None:
                end = self.graph.tasks[joined.end]
                self.jobs[joined.end] = Job(end, {"type": "empty"}, above[joined.end])
        around = natives.Surroundings(self.graph, self.dag, self.names)
        # From above to below: a text may read what a command before it tells.
        for task_id in self.graph.order:
            if task_id in self.jobs or task_id in self.aliases:
                continue
            task, row = self.graph.tasks[task_id], self.plan.tasks[task_id]
            before = list(row.changes)
            try:
                if not is_native:
                    raise natives.Foreign("airflow.by_airflow in signalbox.yaml names its DAG")
                row.kind, keys = natives.convert(task, row, around)
                row.verdict, row.reason = NATIVE, f"{class_path(task).rpartition('.')[2]} is {row.kind}"
                if keys.get("outputs") == "last_line":
                    around.commands.add(task_id)
            except natives.Foreign as why:
                row.changes[:] = before
                row.reason = row.reason or str(why)
                keys = self._foreign(task, row)
            self.jobs[task_id] = Job(task, keys, above[task_id])
        self.above = above

    def _foreign(self, task: Any, row: TaskPlan) -> dict[str, Any]:
        """A task that Airflow's own code does."""
        keys: dict[str, Any] = {
            "type": "airflow_task",
            "file": self.options.file,
            "operator": class_path(task).rpartition(".")[2],
        }
        if self.names[task.task_id] != task.task_id:
            keys["task_id"] = task.task_id
        if self.options.version != 3:
            keys["airflow_version"] = self.options.version
        hindrance = policies.why_not_by_airflow(task)
        if hindrance:
            self.plan.errors.append(f"the task '{task.task_id}' cannot run: {hindrance}")
        if is_mapped(task):
            try:
                keys["map_over"] = {"lengths": mapping.lengths_of(task, self._job_of)}
            except mapping.Unknown as why:
                self.plan.errors.append(f"the task '{task.task_id}' cannot run: {why}")
        return keys

    def _job_of(self, task_id: str) -> str:
        return self.names[self.aliases.get(task_id, (task_id,))[0]]

    # -- the document

    def _document(self) -> None:
        dag = self.dag
        document: dict[str, Any] = {"dag_id": dag.dag_id}
        try:
            document |= self._schedule()
            self._dates(document)
            self._texts(document)
            self._limits(document)
            document |= params.of_dag(dag, self.graph, self.plan)
            self._tell(dag)
            self._groups(document)
        except schedules.NoCounterpart as why:
            self.plan.errors.append(f"the DAG '{dag.dag_id}' cannot be taken over: {why}")
        if not self.plan.errors:
            self.document = document

    def _schedule(self) -> dict[str, Any]:
        dag = self.dag
        try:
            return schedules.of_timetable(dag.timetable, dag.timezone)
        except schedules.NoCounterpart as why:
            if not self.options.unknown_schedules_by_hand:
                raise
            text = f"the schedule of the DAG '{dag.dag_id}' is not followed: {why}. Only people and other DAGs start its runs"
            Notes.tell(text)
            self.plan.change(text)
            return {"schedule": None, "timezone": "UTC"}

    def _dates(self, document: dict[str, Any]) -> None:
        dag, zone = self.dag, document["timezone"]
        ticks = schedules.has_ticks(document["schedule"])
        moving = getattr(dag, "_signalbox_moving_start", False)
        schedule = document["schedule"]
        needs_start = isinstance(schedule, str) or (schedule is not None and "interval" in schedule)
        starts = [attribute(task, "start_date") for task in self.graph.tasks.values()]
        start = dag.start_date or min((one for one in starts if one is not None), default=None)
        if start is not None and not (moving and not dag.catchup and not needs_start):
            document["start_date"] = schedules.moment(start, zone)
        if moving:
            self.plan.change(
                "its start_date (days_ago) moves with each reading"
                + ("" if "start_date" in document else ", and is left out: without catchup it decides nothing")
            )
        if dag.end_date is not None:
            document["end_date"] = schedules.moment(dag.end_date, zone)
        by_tasks = getattr(dag, "_signalbox_starts_by_tasks", False) and start is not None
        if (dag.catchup or by_tasks) and ticks:
            document["catchup"] = True

    def _texts(self, document: dict[str, Any]) -> None:
        dag = self.dag
        for name in ("description", "doc_md"):
            text = getattr(dag, name)
            if isinstance(text, str) and text.strip():
                document[name] = text
        owners = sorted({str(attribute(task, "owner") or "airflow") for task in self.graph.tasks.values()} - {"airflow"})
        if owners:
            document["owner"] = ", ".join(owners)
        if dag.tags:
            document["tags"] = sorted(dag.tags)

    def _limits(self, document: dict[str, Any]) -> None:
        dag = self.dag
        if document["schedule"] != "@continuous" and dag.max_active_runs != 16:
            document["max_active_runs"] = dag.max_active_runs
        # Processes of Python are bounded as in Airflow; of native jobs pools bound the work.
        by_airflow = any(row.verdict == SDK for row in self.plan.tasks.values())
        if dag.max_active_tasks != _DEFAULT_ACTIVE_TASKS or by_airflow:
            document["max_active_tasks"] = dag.max_active_tasks
        if dag.max_consecutive_failed_dag_runs:
            document["max_consecutive_failed_dag_runs"] = dag.max_consecutive_failed_dag_runs
        if dag.is_paused_upon_creation is not None:
            document["is_paused_upon_creation"] = dag.is_paused_upon_creation

    def _tell(self, dag: Any) -> None:
        if dag.dagrun_timeout is not None:
            self.plan.change(f"a run is not ended after {schedules.duration(dag.dagrun_timeout)} (dagrun_timeout)")
        for name in ("on_success_callback", "on_failure_callback"):
            if getattr(dag, name):
                self.plan.change(f"its {name} is not called")
        if dag.fail_fast:
            self.plan.change("its jobs go on if one of them fails (fail_fast)")
        if type(dag.timetable).__name__ == "PartitionedAtRuntime":
            self.plan.change("its runs and the events of its assets have no partition keys")
        if dag.deadline:
            self.plan.change("its deadline alerts are left out")
        if dag.access_control:
            self.plan.change("its access_control is left out")
        if dag.user_defined_macros or dag.user_defined_filters:
            self.plan.change("its own macros and filters are for tasks by Airflow's SDK alone")

    def _groups(self, document: dict[str, Any]) -> None:
        names = self.names
        for task_id, job in self.jobs.items():
            row = self.plan.tasks[task_id]
            shared = policies.common(job.task, row, native=row.verdict == NATIVE)
            if row.kind == "emr_job":
                # emr.py has decided its tries; it is no setup, because it ends its cluster itself.
                for key in ("retries", "retry_delay", "retry_exponential_backoff", "max_retry_delay", "setup"):
                    shared.pop(key, None)
            job.keys = job.keys | {key: value for key, value in shared.items() if key not in job.keys}
            self._edges(job, names)
        for task_id, stand_ins in self.aliases.items():
            self.plan.tasks[task_id].job = names.get(stand_ins[0]) if stand_ins else None
        for task_id in self.jobs:
            self.plan.tasks[task_id].job = names[task_id]
        self._hoist(document)
        root = self._group(self.dag.task_group, names)
        if root.get("tasks"):
            document["tasks"] = root["tasks"]
        if root.get("groups"):
            document["groups"] = root["groups"]
        if not root:
            self.plan.errors.append(f"the DAG '{self.dag.dag_id}' has no tasks")

    def _edges(self, job: Job, names: dict[str, str]) -> None:
        above: set[str] = set()
        for up in job.above:
            above.update(self.aliases.get(up, (up,)))
        order = {task_id: index for index, task_id in enumerate(self.graph.tasks)}
        ups = sorted(above & self.jobs.keys(), key=order.__getitem__)
        if getattr(job.task, "is_teardown", False):
            setups = [names[up] for up in ups if getattr(self.graph.tasks[up], "is_setup", False)]
            ups = [up for up in ups if not getattr(self.graph.tasks[up], "is_setup", False)]
            teardown: dict[str, Any] = {"setups": setups} if setups else {}
            if getattr(job.task, "on_failure_fail_dagrun", False):
                teardown["on_failure_fail_dagrun"] = True
            job.keys["teardown"] = teardown or True
        depends_on = [names[up] for up in ups] + job.keys.pop("depends_on", [])
        if depends_on:
            job.keys["depends_on"] = depends_on

    def _hoist(self, document: dict[str, Any]) -> None:
        """What all jobs say alike goes into default_args."""
        jobs = list(self.jobs.values())
        if len(jobs) < 2:
            return
        defaults: dict[str, Any] = {}
        for key in policies.HOISTED:
            values = [job.keys.get(key) for job in jobs]
            if values[0] is not None and all(value == values[0] for value in values):
                defaults[key] = values[0]
                for job in jobs:
                    del job.keys[key]
        if defaults:
            document["default_args"] = defaults

    def _group(self, group: Any, names: dict[str, str]) -> dict[str, Any]:
        out: dict[str, Any] = {}
        if group.tooltip:
            out["tooltip"] = group.tooltip
        for child in group.children.values():
            if hasattr(child, "children"):
                inner = self._group(child, names)
                if inner.get("tasks") or inner.get("groups"):
                    label = child.label or child.group_id
                    out.setdefault("groups", {})[natives.job_id(label)] = inner
            elif child.task_id in self.jobs:
                out.setdefault("tasks", {})[names[child.task_id]] = self.jobs[child.task_id].keys
        return out

    def as_json(self) -> dict[str, Any]:
        place = getattr(self.dag, "_signalbox_place", (None, None))
        return {
            "dag_id": self.dag.dag_id,
            "line": place[1],
            "document": self.document,
            "clusters": self.clusters if self.document is not None else {},
            "errors": self.plan.errors,
            "plan": self.plan.as_json(),
            "task_ids": list(self.graph.tasks),
            "edges": sorted([up, task_id] for task_id, ups in self.graph.above.items() for up in ups),
        }


class _Places:
    """Where each task was made; filled while the file is read."""

    @staticmethod
    def of(task: Any) -> tuple[str | None, int | None]:
        places = getattr(task.dag, "_signalbox_places", {}) if task.dag is not None else {}
        return places.get(task.task_id, (None, None))


def job_names(task_ids: Iterable[str]) -> dict[str, str]:
    """Our ids have no dots and at most 100 characters, and no two tasks have the same."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for task_id in task_ids:
        name = natives.job_id(task_id)
        if len(name) > _LONGEST_JOB_ID or name in taken:
            mark = hashlib.sha256(task_id.encode()).hexdigest()[:8]
            name = f"{name[: _LONGEST_JOB_ID - 9]}_{mark}"
        taken.add(name)
        names[task_id] = name
    return names


def translate(dag: Any, options: Options) -> dict[str, Any]:
    """The JSON of one DAG; a DAG that cannot be translated has errors and no document."""
    return Translation(dag, options).as_json()


def jsonable(value: Any) -> Any:
    """What YAML has: texts, numbers, booleans, nulls, lists, maps."""
    if isinstance(value, bool | int | float | str) or value is None:
        return value
    if isinstance(value, dict):
        return {str(key): jsonable(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [jsonable(item) for item in value]
    if isinstance(value, datetime.datetime | datetime.date):
        return value.isoformat()
    if isinstance(value, datetime.timedelta):
        return value.total_seconds()
    return str(getattr(value, "value", value))
