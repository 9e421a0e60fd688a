"""Jinja2 renders our templates again: what both languages have must mean the same. The filters that
Airflow adds for times (`ds`, `ts`, …) are judged by Python's datetime.

Where ours is stricter it may refuse what Jinja renders, with one of the messages in STRICTER."""

import collections
import datetime
import json
import random
import re
import struct

import jinja2

from judged import answers

ROUNDS = 1000
OFFSET = 3 * 3600
VALUES = {
    "dag_id": "daily-label",
    "empty": "",
    "params": {
        "days": 7,
        "ratio": 0.25,
        "big": 123456789012,
        "on": True,
        "off": False,
        "none": None,
        "zero": 0,
        "number": " 42 ",
        "float": "3.9",
        "word": "Zoë's {value}",
        "list": ["a", 1, True, None, 2.5],
        "words": ["x", "ÿ"],
        "nested": {"a": {"b-c": [10, 20]}},
    },
    "lane": {"id": "eu", "params": {"customers": 12}},
}
TIMES = {"logical_date": "2026-01-05T02:00:00Z", "data_interval_start": "2025-12-31T22:30:15.25Z"}
NAMES = [
    "dag_id",
    "empty",
    "lane.id",
    "lane['params'].customers",
    "undefined_name",
    "params.missing",
]
NAMES += [f"params.{key}" for key in VALUES["params"]] + ["params.list[1]", "params.words[0]"]
NAMES += ["params.nested.a['b-c'][1]", 'params["nested"]["a"]']
LITERALS = [
    "7",
    "-3",
    "2.5",
    "'text'",
    '"quo\'te"',
    "true",
    "False",
    "none",
    "None",
    "'\\n\\t\\\\'",
    "1e3",
]
PLAIN_FILTERS = [
    "tojson",
    "int",
    "int(5)",
    "default('d')",
    "default('d', true)",
    "default(0)",
    "join",
    "join('-')",
]
PLAIN_FILTERS += ["replace('a', 'b')", "replace('e', '')", "replace('days', params.days)"]
TIME_FILTERS = [
    "ds",
    "ds_nodash",
    "ts",
    "local",
    "local | ds",
    "local | ts",
    "ts | replace(':', '')",
]
TEXTS = ["", "s3://b/", " {x} ", "%", "}", "\n", "é", "'", '"', "<&>", "{# c #}", "a{#- c -#}b"]

# What ours refuses by design, though Jinja renders it (src/template/README.md).
STRICTER = [
    r"undefined|there is no|has no|nothing called",
    r"is not a whole number",
    r"a (list|map)",
    r"'join' needs a list",
    r"'replace' needs a text",
    r"cannot write a time",
    r"this filter needs a time",
    r"have no order|cannot be in",
]


def environment():
    made = jinja2.Environment(undefined=jinja2.StrictUndefined, keep_trailing_newline=True)
    zone = datetime.timezone(datetime.timedelta(seconds=OFFSET))
    # Jinja's own escapes what HTML minds, and spells with blanks after separators.
    made.filters["tojson"] = lambda value: json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    made.filters["local"] = lambda time: time.astimezone(zone)
    made.filters["ds"] = lambda time: time.strftime("%Y-%m-%d")
    made.filters["ds_nodash"] = lambda time: time.strftime("%Y%m%d")
    made.filters["ts"] = lambda time: time.isoformat()
    return made


class Time(datetime.datetime):
    """As Airflow's (pendulum): the text of a time is ISO 8601."""

    def __str__(self):
        return self.isoformat()


NAMED = VALUES | {n: Time.fromisoformat(text.replace("Z", "+00:00")) for n, text in TIMES.items()}


def drawn_expression(draw):
    if draw.random() < 0.25:
        chain = [draw.choice(list(TIMES)), *draw.sample(TIME_FILTERS, draw.randint(0, 1))]
    else:
        subject = draw.choice(LITERALS if draw.random() < 0.2 else NAMES)
        subject = f"({subject})" if draw.random() < 0.1 else subject
        chain = [
            subject,
            *(draw.choice(PLAIN_FILTERS) for _ in range(draw.choice([0, 0, 1, 1, 2, 3]))),
        ]
    blank = draw.choice(["", " ", "\n "])
    left, right = draw.choice(["", "", "", "-"]), draw.choice(["", "", "", "-"])
    return f"{{{{{left} {draw.choice([' | ', '|']).join(chain)}{blank}{right}}}}}"


def drawn_text(draw):
    if draw.random() < 0.4:
        return drawn_expression(draw)
    parts = [draw.choice(TEXTS)]
    for _ in range(draw.randint(1, 3)):
        parts += [drawn_expression(draw), draw.choice(TEXTS)]
    return "".join(parts)


def jinjas(made, text):
    """(value, None) or (None, error): the value itself where the text is one expression and comments."""
    try:
        bare = re.sub(r"\{#.*?#\}", "", re.sub(r"\s*(\{[{#]-)|(-[#}]\})\s*", r"\1\2", text))
        alone = re.fullmatch(r"\{\{-? ([^{}]*?)-?\}\}", bare)
        if alone:
            value = made.compile_expression(alone.group(1), undefined_to_none=False)(**NAMED)
        else:
            value = made.from_string(text).render(**NAMED)
    except (jinja2.TemplateError, TypeError, AttributeError, ValueError) as error:
        return None, error
    if isinstance(value, jinja2.Undefined):
        return None, "undefined"
    return str(value) if isinstance(value, Time) else value, None


def test_drawn_templates_mean_what_jinja_says():
    draw = random.Random(20260105)
    texts = [drawn_text(draw) for _ in range(ROUNDS)]
    asked = [{"text": t, "values": VALUES, "times": TIMES, "offset": OFFSET} for t in texts]
    made, outcomes, wrong = environment(), collections.Counter(), []
    for text, answer in zip(texts, answers("render_template", asked), strict=True):
        theirs, their_error = jinjas(made, text)
        if "error" not in answer:
            outcomes["both render"] += 1
            ours = answer["value"]
            good = their_error is None and type(ours) is type(theirs) and ours == theirs
        elif their_error is not None:
            outcomes["both refuse"] += 1
            good = True
        else:
            outcomes["ours refuses"] += 1
            good = any(re.search(pattern, answer["error"]) for pattern in STRICTER)
        if not good:
            wrong.append((text, answer, theirs, str(their_error)))
    assert wrong == []
    assert min(outcomes.values()) > ROUNDS / 50 and outcomes["both render"] > ROUNDS / 3, outcomes


CONDITION_PARTS = [name for name in NAMES if name not in ("undefined_name", "params.missing")]
CONDITION_PARTS += ["7", "-3", "2.5", "'text'", "'a'", "true", "none", "0", "''", "[]", "[1, 'a']",
                    "logical_date", "data_interval_start", "['x', 7, params.days]"]
COMPARISONS = ["==", "!=", "<", "<=", ">", ">=", "in", "not in"]


def drawn_condition(draw, depth):
    """An expression without braces, as `when` takes it."""
    kind = draw.choice(["part", "compare"] if depth == 0 else
                       ["and", "or", "not", "compare", "chain", "if", "test", "brackets", "part"])
    inner = lambda: drawn_condition(draw, depth - 1)  # noqa: E731
    part = lambda: draw.choice(CONDITION_PARTS)  # noqa: E731
    if kind == "part":
        return part()
    if kind == "compare":
        return f"{part()} {draw.choice(COMPARISONS)} {part()}"
    if kind == "chain":
        return f"{part()} {draw.choice(COMPARISONS[:6])} {part()} {draw.choice(COMPARISONS)} {part()}"
    if kind == "not":
        return f"not {inner()}"
    if kind == "if":
        return f"({inner()} if {inner()} else {inner()})"
    if kind == "test":
        subject = draw.choice([part(), "params.missing", "undefined_name"])
        # In brackets: Jinja takes a name that follows a test for its argument.
        return f"({subject} is {draw.choice(['', 'not '])}{draw.choice(['defined', 'none'])})"
    if kind == "brackets":
        return f"({inner()})"
    return f"{inner()} {kind} {inner()}"


def test_drawn_conditions_mean_what_jinja_says():
    draw = random.Random(20260119)
    conditions = [drawn_condition(draw, draw.randint(0, 4)) for _ in range(20 * ROUNDS)]
    asked = [{"condition": c, "values": VALUES, "times": TIMES} for c in conditions]
    made, outcomes, wrong = environment(), collections.Counter(), []
    for condition, answer in zip(conditions, answers("render_template", asked), strict=True):
        try:
            theirs = bool(made.compile_expression(condition, undefined_to_none=False)(**NAMED))
        except (jinja2.TemplateError, TypeError) as error:
            theirs = error
        if "error" in answer:
            outcomes["ours refuses"] += 1
            good = isinstance(theirs, Exception) or any(
                re.search(pattern, answer["error"]) for pattern in STRICTER)
        else:
            outcomes[answer["value"]] += 1
            good = theirs is answer["value"]
        if not good:
            wrong.append((condition, answer, str(theirs)))
    assert wrong[:5] == []
    assert min(outcomes[True], outcomes[False]) > len(conditions) / 5, outcomes


def drawn_number(draw):
    kind = draw.randrange(5)
    if kind == 0:
        return struct.unpack("<d", draw.randbytes(8))[0]
    if kind == 1:
        return draw.randint(-(10**6), 10**6) / 10 ** draw.randint(0, 9)
    if kind == 2:
        return float(draw.randint(-(10**17), 10**17))
    if kind == 3:
        return draw.randint(-(2**63), 2**63 - 1)
    return draw.choice([True, False, None, 0.0, -0.0, 1.0, 1e16, 1e15, 1e-4, 9.999e-5, 5e-324])


def test_numbers_and_booleans_are_written_as_python_writes_them():
    draw = random.Random(20260112)
    numbers = [n for n in (drawn_number(draw) for _ in range(2 * ROUNDS)) if n == n and abs(n or 0) < 1e309]
    made = environment()
    for text in ("{{ n }}", "n={{ n }}", "{{ n | tojson }}"):
        asked = [{"text": text, "values": {"n": n}} for n in numbers]
        theirs = made.from_string(text)
        for n, answer in zip(numbers, answers("render_template", asked), strict=True):
            assert answer["written"] == theirs.render(n=n), (text, n)
