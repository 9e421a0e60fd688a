"""TaskFlow: values of several kinds between functions, keys of one's own, groups that a loop makes."""

from __future__ import annotations

from datetime import datetime

from airflow.sdk import DAG, TaskGroup, dag, get_current_context, task


@dag(schedule=None, is_paused_upon_creation=False, params={"shop": "all"})
def flow():
    @task
    def collect(shop: str, ds: str | None = None) -> list[dict]:
        return [{"id": 1, "shop": shop, "total": 30.5, "day": ds}, {"id": 2, "shop": "Ã¥ \"x\"\n", "total": None}]

    @task(multiple_outputs=True)
    def split(rows: list[dict]) -> dict[str, object]:
        return {"rows": len(rows), "deep": {"first": rows[0]["total"]}, "when": datetime(2026, 1, 5)}

    @task
    def push(**context) -> None:
        context["ti"].xcom_push("word", "by hand")
        context["ti"].xcom_push("word", "a second time")
        context["ti"].xcom_push("a/key with æ", [1, 2])

    @task
    def total(rows, deep, when) -> dict:
        ti = get_current_context()["ti"]
        return {
            "rows": rows,
            "deep": deep,
            "when": str(when),
            "word": ti.xcom_pull(task_ids="push", key="word"),
            "odd": ti.xcom_pull(task_ids="push", key="a/key with æ"),
            "nothing": ti.xcom_pull(task_ids="push", default="no return value"),
            "several": ti.xcom_pull(task_ids=["collect", "split"], key="rows"),
        }

    parts = split(collect("{{ params.shop }} {{ ti.task_id }}"))
    push() >> total(parts["rows"], parts["deep"], parts["when"])


flow()

with DAG("groups_in_a_loop", schedule=None, is_paused_upon_creation=False):

    @task
    def report(values: list[str]) -> str:
        return " ".join(values)

    found = []
    for region in ("north", "south"):
        with TaskGroup(region), TaskGroup("inner"):

            @task
            def load(name: str) -> str:
                return name[:2]

            @task
            def mark(value: str, ti=None) -> str:
                return f"{value}:{ti.task_id}:{ti.xcom_pull(task_ids=ti.task_id.replace('mark', 'load'))}"

            found.append(mark(load(region)))
    report(found)
