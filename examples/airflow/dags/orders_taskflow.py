"""TaskFlow: what one function returns, the next one takes; a count decides which branch runs."""

from __future__ import annotations

import pendulum

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import dag, task


@dag(
    schedule="0 3 * * *",
    start_date=pendulum.datetime(2026, 1, 5, tz="Europe/Istanbul"),
    catchup=False,
    default_args={"owner": "orders", "retries": 2},
    params={"shop": "all"},
    tags=["orders"],
    doc_md=__doc__,
)
def orders():
    @task
    def collect(shop: str) -> list[dict]:
        return [{"id": 1, "shop": shop, "total": 30}, {"id": 2, "shop": shop, "total": 12}]

    @task(multiple_outputs=True)
    def summarize(rows: list[dict]) -> dict[str, int]:
        return {"rows": len(rows), "total": sum(row["total"] for row in rows)}

    @task.branch
    def large_or_small(total: int) -> str:
        return "large" if total > 40 else "small"

    summary = summarize(collect("{{ params.shop }}"))
    large = EmptyOperator(task_id="large")
    small = EmptyOperator(task_id="small")
    done = EmptyOperator(task_id="done", trigger_rule="none_failed_min_one_success")
    large_or_small(summary["total"]) >> [large, small] >> done


orders()
