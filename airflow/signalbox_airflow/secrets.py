"""Variables and connections while a file is read: from the environment, then from the request.

There is no database and no server to ask. What is asked for and not there is remembered by name, so
that the error can name it.
"""

from __future__ import annotations

import json
from typing import Any, ClassVar


class Asked:
    """What the file asked for, in the child; names in the order of the first question."""

    variables: ClassVar[list[str]] = []
    connections: ClassVar[list[str]] = []
    missing: ClassVar[list[str]] = []

    @classmethod
    def note(cls, names: list[str], name: str) -> None:
        if name not in names:
            names.append(name)


class RequestSecrets:
    """A secrets backend of Airflow over the request's maps; it is asked last."""

    def __init__(self, variables: dict[str, Any], connections: dict[str, Any]) -> None:
        self.variables = variables
        self.connections = connections

    def get_variable(self, key: str, team_name: str | None = None) -> str | None:
        value = self.variables.get(key)
        if value is None:
            Asked.note(Asked.missing, f"the variable '{key}'")
            return None
        return value if isinstance(value, str) else json.dumps(value)

    def get_connection(self, conn_id: str, team_name: str | None = None) -> Any:
        from airflow.sdk import Connection

        given = self.connections.get(conn_id)
        if given is None:
            Asked.note(Asked.missing, f"the connection '{conn_id}'")
            return None
        return connection_of(Connection, conn_id, given)


class _Watched:
    """Around a backend: notes what is asked for."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def get_variable(self, key: str, team_name: str | None = None) -> str | None:
        Asked.note(Asked.variables, key)
        return self.inner.get_variable(key=key)

    def get_connection(self, conn_id: str, team_name: str | None = None) -> Any:
        Asked.note(Asked.connections, conn_id)
        return self.inner.get_connection(conn_id=conn_id)


def connection_of(connection_class: Any, conn_id: str, given: Any) -> Any:
    """One of `airflow connections export`: a URI, or a map whose extra is a map or a text."""
    if isinstance(given, str):
        if given.lstrip().startswith("{"):
            return connection_of(connection_class, conn_id, json.loads(given))
        return connection_class.from_uri(given, conn_id=conn_id)
    known = {name: given.get(name) for name in ("conn_type", "host", "schema", "login", "password", "port")}
    extra = given.get("extra")
    if extra is not None and not isinstance(extra, str):
        extra = json.dumps(extra)
    return connection_class(conn_id=conn_id, extra=extra, **known)


def install(variables: dict[str, Any], connections: dict[str, Any]) -> None:
    """In the child: every way to a variable or connection ends here."""
    from airflow.models import variable
    from airflow.sdk.execution_time import supervisor
    from airflow.secrets.environment_variables import EnvironmentVariablesBackend

    from airflow import configuration

    backends = [_Watched(EnvironmentVariablesBackend()), RequestSecrets(variables, connections)]
    for module in (supervisor, configuration, variable):
        for name in ("ensure_secrets_backend_loaded", "ensure_secrets_loaded"):
            if hasattr(module, name):
                setattr(module, name, lambda *_, **__: backends)
