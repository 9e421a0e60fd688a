"""Which failures of steps Airflow sees, and what it then leaves out.

EMR knows three things that a failed step can mean: it goes on (CONTINUE), the rest is cancelled and
the cluster waits (CANCEL_AND_WAIT), or the cluster ends (TERMINATE_CLUSTER, TERMINATE_JOB_FLOW).
A sensor fails if its step failed or was cancelled, so a failure may be seen by the sensor of a later
step.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from signalbox_airflow.graph import Graph

_TERMINATES = ("TERMINATE_CLUSTER", "TERMINATE_JOB_FLOW")


class Unlike(Exception):
    """One job would end otherwise than Airflow's tasks; the text says how."""


@dataclass
class Step:
    """A step in EMR's form, and which task adds it."""

    document: dict[str, Any]
    task_id: str
    number: int

    @property
    def action(self) -> str:
        return str(self.document["ActionOnFailure"])

    @property
    def name(self) -> str:
        return str(self.document["Name"])


@dataclass
class Watcher:
    """A task that fails with a step: with those of `steps`, or with the whole cluster."""

    task_id: str
    steps: list[int] | None
    seconds: float
    cluster: bool = False


class Watch:
    """Judges all steps of one cluster."""

    def __init__(self, steps: list[Step], watchers: list[Watcher], graph: Graph, concurrency: Any, after_end: set[str]) -> None:
        self.steps = steps
        self.graph = graph
        self.parallel = not isinstance(concurrency, int) or concurrency > 1
        self.watchers = [watcher for watcher in watchers if watcher.task_id not in after_end]

    def judge(self, terminated: bool, strict: bool) -> list[str]:
        """What changes all the same; Unlike if the ends differ. Rewrites the actions of steps that gate others."""
        changes: list[str] = []
        self._last_is_awaited(terminated)
        for place, step in enumerate(self.steps):
            if self._is_seen(place):
                self._gate(place, changes)
            elif strict:
                changes.append(f"a failure of the step '{step.name}' fails the job; in Airflow no task sees it")
            else:
                raise Unlike(f"a failure of the step '{step.name}' passes in Airflow, because no task watches it")
        return changes

    def _explicit(self, place: int) -> list[Watcher]:
        return [watcher for watcher in self.watchers if watcher.steps is not None and place in watcher.steps]

    def _by_cluster(self) -> list[Watcher]:
        return [watcher for watcher in self.watchers if watcher.cluster]

    def _last_is_awaited(self, terminated: bool) -> None:
        if not terminated or self._by_cluster():
            return
        last = range(len(self.steps)) if self.parallel else [len(self.steps) - 1]
        for place in last:
            if not self._explicit(place):
                raise Unlike(f"no task waits for the step '{self.steps[place].name}' before the cluster is terminated")

    def _is_seen(self, place: int) -> bool:
        if self._explicit(place):
            return True
        step = self.steps[place]
        if step.action in _TERMINATES:
            if self._by_cluster():
                return True
            return any(self._explicit(later) for later in range(place + 1, len(self.steps))) and not self.parallel
        if step.action == "CANCEL_AND_WAIT" and not self.parallel:
            later = [other for other in range(place + 1, len(self.steps)) if self.steps[other].task_id == step.task_id]
            return any(self._explicit(other) for other in later)
        return False

    def _gate(self, place: int, changes: list[str]) -> None:
        """A step that goes on after a failure, in EMR, may stop what Airflow would add later."""
        step = self.steps[place]
        later = range(place + 1, len(self.steps))
        if step.action != "CONTINUE" or not later:
            return
        gates = [watcher.task_id for watcher in self._explicit(place)]
        gated = [other for other in later if any(gate in self._all_above(other) for gate in gates)]
        if len(gated) == len(later):
            if self.parallel:
                raise Unlike(f"steps run at once, and those behind '{step.name}' wait for it")
            step.document["ActionOnFailure"] = "TERMINATE_CLUSTER"
        elif gated:
            raise Unlike(f"after a failure of the step '{step.name}' some steps are not added, and others run")
        else:
            changes.append(
                f"after a failure of the step '{step.name}' the steps behind it run to their end; "
                "in Airflow a task that terminates the cluster may come first"
            )

    def _all_above(self, place: int) -> set[str]:
        return self.graph.all_above[self.steps[place].task_id]
