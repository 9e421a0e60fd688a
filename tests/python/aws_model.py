"""Checks raw JSON against botocore's service model.

botocore's parser ignores members that it does not know and does not check enumerations, and its
request validator does not either: this module reports both. A checked value is JSON as it was on the
wire, so times are numbers.
"""

import functools

import botocore.session
from botocore.validate import ParamValidator

_SCALARS = {
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "long": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "float": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "double": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "timestamp": lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    "blob": lambda value: isinstance(value, str),
}


@functools.cache
def service_model(service="emr"):
    return botocore.session.get_session().get_service_model(service)


def response_problems(operation, body, service="emr"):
    """What is wrong with a success's body (None for an empty one): a list of "path: problem"."""
    shape = service_model(service).operation_model(operation).output_shape
    if shape is None or not shape.members:
        return [] if body in (None, {}) else [f"{operation}: a body, where the model has no output"]
    if body is None:
        return [f"{operation}: no body"]
    return _problems(shape, body, operation)


def request_problems(operation, body, service="emr"):
    """What is wrong with a request's body: botocore's own validation, and ours on top."""
    shape = service_model(service).operation_model(operation).input_shape
    report = ParamValidator().validate(body, shape)
    found = _problems(shape, body, operation)
    return found + ([report.generate_report()] if report.has_errors() else [])


def error_problems(body, headers):
    """What is wrong with an error's body and headers, in the form of the JSON protocols."""
    found = []
    if not isinstance(body, dict) or not isinstance(body.get("__type"), str):
        return ["error: no __type"]
    texts = [body[key] for key in ("message", "Message") if key in body]
    if len(texts) != 1 or not isinstance(texts[0], str):
        found.append("error: expected one text in message or Message")
    unknown = set(body) - {"__type", "message", "Message", "ErrorCode"}
    if unknown:
        found.append(f"error: unknown members {sorted(unknown)}")
    if not headers.get("x-amzn-requestid"):
        found.append("error: no x-amzn-requestid")
    return found


def _problems(shape, value, path):
    kind = shape.type_name
    if kind == "structure":
        return _structure_problems(shape, value, path)
    if kind == "list":
        if not isinstance(value, list):
            return [f"{path}: {_kind(value)}, expected a list"]
        found = []
        for position, element in enumerate(value):
            found += _problems(shape.member, element, f"{path}[{position}]")
        return found
    if kind == "map":
        if not isinstance(value, dict):
            return [f"{path}: {_kind(value)}, expected a map"]
        found = []
        for key, element in value.items():
            found += _problems(shape.key, key, f"{path} key {key!r}")
            found += _problems(shape.value, element, f"{path}[{key!r}]")
        return found
    return _scalar_problems(shape, value, path)


def _structure_problems(shape, value, path):
    if not isinstance(value, dict):
        return [f"{path}: {_kind(value)}, expected a structure"]
    found = []
    for name in shape.required_members:
        if name not in value:
            found.append(f"{path}.{name}: missing")
    for name, element in value.items():
        if name in shape.members:
            found += _problems(shape.members[name], element, f"{path}.{name}")
        else:
            found.append(f"{path}.{name}: unknown member")
    return found


def _scalar_problems(shape, value, path):
    if not _SCALARS[shape.type_name](value):
        return [f"{path}: {_kind(value)}, expected {shape.type_name}"]
    enum = getattr(shape, "enum", None)
    if enum and value not in enum:
        return [f"{path}: {value!r} is not among {enum}"]
    size = len(value) if isinstance(value, str) else value
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if isinstance(value, bool) or shape.type_name == "timestamp":
        return []
    if (low is not None and size < low) or (high is not None and size > high):
        return [f"{path}: {value!r} is outside {low}…{high}"]
    return []


def _kind(value):
    return f"{type(value).__name__} {value!r}"
