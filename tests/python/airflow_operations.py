"""Every operation of Airflow's official client, called against a server. An operation works (2xx, and the
client's model parses the answer), or the server says with 501 that there is no such concept in Signalbox, or
that it is not built yet. There is nothing else."""

import importlib
import inspect
import json
import pkgutil
import re

import airflow_client.client as airflow
import airflow_client.client.api as apis

WORKS, ABSENT, LATER = "works", "no such concept", "later"


def operations():
    """[(class, method)] of the whole package."""
    found = []
    for module in pkgutil.iter_modules(apis.__path__):
        names = vars(importlib.import_module(f"{apis.__name__}.{module.name}"))
        for name, cls in names.items():
            if not (name.endswith("Api") and inspect.isclass(cls)):
                continue
            for method, _ in inspect.getmembers(cls, inspect.isfunction):
                if not method.startswith("_") and not method.endswith(
                    ("_with_http_info", "_without_preload_content")
                ):
                    found.append((cls, method))
    return sorted(set(found), key=lambda each: (each[0].__name__, each[1]))


def request_of(cls, method):
    """("GET", "/api/v2/dags/{dag_id}"): what the client sends."""
    source = inspect.getsource(getattr(cls, f"_{method}_serialize"))
    verb = re.search(r"method='(\w+)'", source).group(1)
    return verb, re.search(r"resource_path='([^']+)'", source).group(1)


def parameters_of(cls, method):
    """The names of the parameters that the client may put into the query."""
    source = inspect.getsource(getattr(cls, f"_{method}_serialize"))
    return re.findall(r"_query_params\.append\(\('([^']+)'", source)


def shape_of(path):
    """"/dags/{}": two documents name the parts of a path in their own ways."""
    return re.sub(r"\{[^}]*\}", "{}", path)


def described(document):
    """{(verb, shape of the path): names of parameters of the query} of an OpenAPI document."""
    return {
        (verb.upper(), shape_of(path)): [p["name"] for p in operation["parameters"] if p["in"] == "query"]
        for path, operations_ in document["paths"].items() for verb, operation in operations_.items()
    }


def send_anything(client, cls, method):
    """(status, detail) of the operation with `1` for each part of its path, and an empty body."""
    serialize = getattr(cls(client), f"_{method}_serialize")
    arguments = dict.fromkeys(inspect.signature(serialize).parameters)
    for part in re.findall(r"\{(\w+)\}", request_of(cls, method)[1]):
        arguments[part] = "1"
    arguments["_host_index"] = 0
    answer = client.call_api(*serialize(**arguments))
    text = answer.read()
    try:
        detail = json.loads(text).get("detail", "")
    except ValueError:
        detail = text.decode()
    return answer.status, detail


def class_of_refusal(status, detail):
    """The class that a server's 501 names; None for any other answer."""
    if status != 501:
        return None
    if detail.startswith("Signalbox has no "):
        return ABSENT
    return LATER if "not built yet" in detail else None


def connect(standalone):
    """The official client, with the project's token."""
    configuration = airflow.Configuration(host=standalone.url)
    configuration.access_token = (standalone.state_dir / "token").read_text().strip()
    return airflow.ApiClient(configuration)
