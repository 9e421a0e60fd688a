"""What becomes of each task: by which kind of work, why, from where, and what changes in meaning."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

NATIVE, SDK, IMPOSSIBLE = "native", "airflow", "impossible"


@dataclass
class TaskPlan:
    """One row of the plan; `job` is what the task is called in the document."""

    task_id: str
    operator: str
    line: int | None
    file: str | None
    verdict: str = SDK
    kind: str | None = None  # of a native one: emr_job, command, …
    job: str | None = None
    reason: str = ""
    needs: dict[str, set[str]] = field(default_factory=dict)
    changes: list[str] = field(default_factory=list)

    def need(self, what: str, *names: str) -> None:
        if names:
            self.needs.setdefault(what, set()).update(names)

    def change(self, text: str) -> None:
        if text not in self.changes:
            self.changes.append(text)

    def as_json(self) -> dict[str, Any]:
        return {
            "task_id": self.task_id,
            "operator": self.operator,
            "file": self.file,
            "line": self.line,
            "verdict": self.verdict,
            "kind": self.kind,
            "job": self.job,
            "reason": self.reason,
            "needs": {what: sorted(names) for what, names in sorted(self.needs.items())},
            "changes": self.changes,
        }


@dataclass
class DagPlan:
    """The rows of a DAG's tasks, and what is told of the DAG itself."""

    tasks: dict[str, TaskPlan] = field(default_factory=dict)
    changes: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def change(self, text: str) -> None:
        if text not in self.changes:
            self.changes.append(text)

    def as_json(self) -> dict[str, Any]:
        rows = [row.as_json() for row in self.tasks.values()]
        needs: dict[str, set[str]] = {}
        for row in self.tasks.values():
            for what, names in row.needs.items():
                needs.setdefault(what, set()).update(names)
        return {
            "tasks": rows,
            "changes": self.changes,
            "needs": {what: sorted(names) for what, names in sorted(needs.items())},
        }
