"""Variables and connections that a task reads and writes while it runs."""

from __future__ import annotations

from airflow.sdk import DAG, BaseHook, Connection, Variable, task

with DAG("secrets_at_run_time", schedule=None, is_paused_upon_creation=False):

    @task
    def read() -> dict:
        store = BaseHook.get_connection("store")
        print("the password is", store.password)
        return {
            "lake": Variable.get("lake"),
            "sizes": Variable.get("sizes", deserialize_json=True),
            "of_environment": Variable.get("of_environment"),
            "absent": Variable.get("absent", default="none"),
            "host": store.host,
            "login": store.login,
            "extra": store.extra_dejson,
            "uri": Connection.get("by_uri").host,
        }

    @task
    def write() -> None:
        Variable.set("made", {"by": "a task"}, serialize_json=True, description="made")
        Variable.set("lake", "s3://other")
        Variable.set("goes", "x")
        Variable.delete("goes")

    @task
    def read_again() -> list:
        return [Variable.get("made", deserialize_json=True), Variable.get("lake"), Variable.get("goes", default=None)]

    @task
    def templates(text: str) -> str:
        return text

    @task
    def missing() -> None:
        Variable.get("nowhere")

    @task
    def missing_connection() -> None:
        BaseHook.get_connection("nowhere")

    read() >> write() >> read_again()
    templates("{{ var.value.of_environment }} {{ conn.store.host }} {{ var.json.sizes.core }}")
    missing()
    missing_connection()
