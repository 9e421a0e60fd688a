"""Checks raw JSON against botocore's service model.

botocore's parser ignores members that it does not know and does not check enumerations, and its
request validator does not either: this module reports both. A checked value is JSON as it was on the
wire, so times are numbers.
"""

import functools
import json

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


# What AWS's front end answers before an operation sees the call: never modelled, always a 400.
_FRONT_END_CODES = {
    "IncompleteSignatureException",
    "InvalidSignatureException",
    "MissingAuthenticationTokenException",
    "SerializationException",
    "ThrottlingException",
    "UnknownOperationException",
    "UnrecognizedClientException",
    "ValidationException",
}
# Seconds since 1970: milliseconds, or a count of days, would stand outside.
_TIMES = (1_000_000_000, 5_000_000_000)


@functools.cache
def service_model(service="emr"):
    return botocore.session.get_session().get_service_model(service)


def response_problems(operation, body, service="emr"):
    """What is wrong with a success's body (None for an empty one): a list of "path: problem"."""
    shape = service_model(service).operation_model(operation).output_shape
    if shape is None:
        return [] if body is None else [f"{operation}: a body, where the model has no output"]
    if body is None:
        return [f"{operation}: no body"]
    return _problems(shape, body, operation)


def request_problems(operation, body, service="emr"):
    """What is wrong with a request's body: botocore's own validation, and ours on top."""
    shape = service_model(service).operation_model(operation).input_shape
    report = ParamValidator().validate(body, shape)
    found = _problems(shape, body, operation)
    return found + ([report.generate_report()] if report.has_errors() else [])


def error_problems(body, headers, status=400, operation=None, service="emr"):
    """What is wrong with an error's status, headers and body, in the form of the JSON protocols."""
    found = []
    if not headers.get("x-amzn-requestid"):
        found.append("error: no x-amzn-requestid")
    if not isinstance(body, dict) or not isinstance(body.get("__type"), str):
        return found + ["error: no __type"]
    code = body["__type"]
    members = {name: text for name, text in body.items() if name != "__type"}
    if code in _FRONT_END_CODES:
        wanted, low = {"message"}, 400
    else:
        shape = _error_shape(service, operation, code)
        if shape is None:
            return found + [f"error: {operation} has no error {code}"]
        wanted = set(shape.members) or {"message"}
        low = 500 if code.startswith("InternalServer") else 400
        found += _problems(shape, members, code) if shape.members else []
    if not low <= status < low + 100:
        found.append(f"error: {code} with HTTP {status}")
    if set(members) - wanted:
        found.append(f"error: {code} with members {sorted(members)}, expected {sorted(wanted)}")
    if not any(isinstance(members.get(name), str) for name in ("message", "Message")):
        found.append(f"error: {code} without a text")
    return found


def exchange_problems(operation, status, headers, raw):
    """What is wrong with a whole reply: headers by any spelling, `raw` as it was on the wire."""
    headers = {name.lower(): value for name, value in headers.items()}
    try:
        body = json.loads(raw) if raw else None
    except ValueError:
        return [f"{operation}: HTTP {status} with a body that is no JSON: {raw[:100]!r}"]
    found = []
    if headers.get("content-type") != "application/x-amz-json-1.1":
        found.append(f"{operation}: content type {headers.get('content-type')}")
    if status >= 300:
        return found + error_problems(body, headers, status, operation)
    return found + response_problems(operation, body)


def _error_shape(service, operation, code):
    """Where the model of an operation lists no error, those of its neighbours count."""
    model = service_model(service)
    shapes = model.operation_model(operation).error_shapes if operation else []
    return next((shape for shape in shapes or model.error_shapes if shape.name == code), None)


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
    if shape.type_name == "timestamp" and not _TIMES[0] < value < _TIMES[1]:
        return [f"{path}: {value!r} is no time in seconds"]
    size = len(value) if isinstance(value, str) else value
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if isinstance(value, bool) or shape.type_name == "timestamp":
        return []
    if (low is not None and size < low) or (high is not None and size > high):
        return [f"{path}: {value!r} is outside {low}…{high}"]
    return []


def _kind(value):
    return f"{type(value).__name__} {value!r}"
