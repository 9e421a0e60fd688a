"""Python's jsonschema, which Airflow's Param uses, judges our JSON Schema: schemas of draft 7 and values
that are drawn, whether they fit, and in simple cases the words. Left out: formats (jsonschema checks
them by packages that may be there or not) and patterns beyond what RE2 and `re` have in common."""

import random

import jsonschema

from judged import answers

ROUNDS = 6000
SIMPLE = [None, True, False, 0, 1, 2, -1, 3.0, 2.5, 7, "", "a", "ab", "abc", "b1", "ä"]
NAMES = ["a", "b", "c", "b1"]
TYPES = ["array", "boolean", "integer", "null", "number", "object", "string"]
PATTERNS = ["^a", "b$", "^[a-c]+$", "[0-9]", "^$", "a|b1"]


def drawn_value(draw, depth=0):
    kind = draw.random()
    if depth > 2 or kind < 0.6:
        return draw.choice(SIMPLE)
    if kind < 0.8:
        return [drawn_value(draw, depth + 1) for _ in range(draw.randint(0, 3))]
    return {name: drawn_value(draw, depth + 1) for name in draw.sample(NAMES, draw.randint(0, 3))}


def drawn_schema(draw, depth=0):
    if depth > 0 and draw.random() < 0.08:
        return draw.choice([True, False])

    def sub():
        return drawn_schema(draw, depth + 1)

    def subs():
        return [sub() for _ in range(draw.randint(1, 3))]

    def named():
        return {name: sub() for name in draw.sample(NAMES, draw.randint(1, 3))}

    plain = {
        "type": lambda: draw.choice([draw.choice(TYPES), draw.sample(TYPES, 2)]),
        "enum": lambda: [drawn_value(draw, 1) for _ in range(3)],
        "const": lambda: drawn_value(draw, 1),
        "multipleOf": lambda: draw.choice([1, 2, 0.5, 3]),
        "maximum": lambda: draw.choice([0, 1, 2.5]),
        "exclusiveMaximum": lambda: draw.choice([0, 2, 3]),
        "minimum": lambda: draw.choice([0, 1, 2.5]),
        "exclusiveMinimum": lambda: draw.choice([-1, 0, 2]),
        "maxLength": lambda: draw.randint(0, 3),
        "minLength": lambda: draw.randint(0, 3),
        "pattern": lambda: draw.choice(PATTERNS),
        "maxItems": lambda: draw.randint(0, 3),
        "minItems": lambda: draw.randint(0, 3),
        "uniqueItems": lambda: draw.choice([True, False]),
        "maxProperties": lambda: draw.randint(0, 3),
        "minProperties": lambda: draw.randint(0, 3),
        "required": lambda: draw.sample(NAMES, draw.randint(1, 2)),
        "title": lambda: "for people",
    }
    nested = {
        "items": lambda: draw.choice([sub, subs])(),
        "additionalItems": sub,
        "contains": sub,
        "properties": named,
        "patternProperties": lambda: {draw.choice(PATTERNS): sub()},
        "additionalProperties": sub,
        "dependencies": lambda: {draw.choice(NAMES): draw.choice([sub, lambda: ["a"]])()},
        "propertyNames": sub,
        "if": sub,
        "then": sub,
        "else": sub,
        "allOf": subs,
        "anyOf": subs,
        "oneOf": subs,
        "not": sub,
    }
    known = plain | (nested if depth < 3 else {})
    schema = {name: known[name]() for name in draw.sample(sorted(known), draw.randint(1, 3))}
    if isinstance(schema.get("items"), bool):  # jsonschema breaks there
        schema.pop("additionalItems", None)
    return schema


def test_drawn_values_fit_drawn_schemas_as_jsonschema_says():
    draw = random.Random(7)
    questions = [{"schema": drawn_schema(draw), "value": drawn_value(draw)} for _ in range(ROUNDS)]
    fitting = 0
    for question, answer in zip(questions, answers("json_schema", questions)):
        jsonschema.Draft7Validator.check_schema(question["schema"])
        fits = jsonschema.Draft7Validator(question["schema"]).is_valid(question["value"])
        assert "error" not in answer, (question, answer)
        assert (answer["message"] is None) == fits, (question, answer)
        fitting += fits
    assert ROUNDS / 5 < fitting < ROUNDS * 4 / 5  # both answers are judged


def test_the_words_are_those_of_jsonschema():
    cases = [
        ({"type": "integer"}, "abc"),
        ({"type": ["null", "string"]}, 3),
        ({"enum": ["a", 1]}, "b"),
        ({"minimum": 1}, 0),
        ({"maximum": 3}, 5),
        ({"exclusiveMinimum": 0}, 0),
        ({"multipleOf": 2}, 3),
        ({"pattern": "^x"}, "abc"),
        ({"required": ["a"]}, {}),
        ({"additionalProperties": False}, {"b": 1}),
        ({"uniqueItems": True}, [1, 1]),
        ({"not": {}}, 1),
    ]
    questions = [{"schema": schema, "value": value} for schema, value in cases]
    for question, answer in zip(questions, answers("json_schema", questions)):
        [error, *_] = jsonschema.Draft7Validator(question["schema"]).iter_errors(question["value"])
        assert answer["message"] == error.message.replace("[1, 1]", "[1,1]"), question


def test_what_is_not_checked_is_refused():
    for schema in ({"minimun": 1}, {"$ref": "#/a"}, {"format": "ipv4"}, {"pattern": "(?=a)"}, {"type": "int"}):
        [answer] = answers("json_schema", [{"schema": schema, "value": 1}])
        assert "error" in answer, schema
