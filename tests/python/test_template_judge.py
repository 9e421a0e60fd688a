"""Jinja2 renders our templates again: what both languages have must mean the same. The filters that
Airflow adds for times (`ds`, `ts`, …) are judged by Python's datetime.

Where ours is stricter it may refuse what Jinja renders, with one of the messages in STRICTER."""

import collections
import datetime
import json
import os
import random
import re
import struct

import drawn_expressions
import jinja2
from airflow_macros import MACROS, Time, add_filters
from judged import answers

ROUNDS = 1000
# With all judges in full, enough that rare mixes come up.
EXPRESSIONS = 40_000 if os.environ.get("SIGNALBOX_JUDGES") == "all" else 4_000
OFFSET = 3 * 3600
VALUES = {
    "ds": "2026-01-05",
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
TIMES_IN_MAPS = {"dag_run.logical_date": "2024-02-29T23:59:59Z"}
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
    r"needs a time such as",
]


def environment():
    # The optimizer reckons constants in branches that are not taken, and fails there.
    made = jinja2.Environment(
        undefined=jinja2.StrictUndefined, keep_trailing_newline=True, optimized=False
    )
    zone = datetime.timezone(datetime.timedelta(seconds=OFFSET))
    # Jinja's own escapes what HTML minds, and spells with blanks after separators.
    made.filters["tojson"] = lambda value: json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    add_filters(made, zone)
    return made


def as_time(text):
    return Time.fromisoformat(text.replace("Z", "+00:00"))


NAMED = VALUES | {name: as_time(text) for name, text in TIMES.items()} | {"macros": MACROS}
NAMED["dag_run"] = {"logical_date": as_time(TIMES_IN_MAPS["dag_run.logical_date"])}


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


class Accessor:
    """As Airflow's `var.value`, `var.json` and `conn`: members are looked up, `get` has a default."""

    def __init__(self, known):
        self.known = known

    def __getattr__(self, name):
        return self.known[name]

    def get(self, name, default=None):
        return self.known.get(name, default)


LOOKUPS = {
    "var.value": {"x": "seven", "empty": "", "a_b": "1"},
    "var.json": {"doc": {"user": "u", "list": [1, {"k": None}], "on": True}, "n": 7},
    "conn": {"db": {"host": "h", "port": 5432, "login": None, "schema": "s"}},
}
LOOKED = [
    "var.value.x", "var.value['x']", "var.value.x ~ var.value.empty", "var.value.x | replace('e', 'E')",
    "var.value.get('x')", "var.value.get('none', 'd')", "var.value.get('none', 7) + 1", "var.value.get('x', 'd')",
    "var.value.none", "var.value.get('none', default='d')", "var.value.a_b | int + 1", "var.value.empty or 'd'",
    "var.json.doc.user", "var.json.doc.list[1].k", "var.json.doc.list", "var.json.doc.on", "var.json.n * 6",
    "var.json.get('none', 5)", "var.json.doc.list[0] if var.json.doc.on else 0", "conn.db.host", "conn.db.port + 1",
    "conn.db.login", "conn.db.schema ~ '/' ~ conn.db.host", "conn.none.host", "conn['db'].port > 1000",
    "'u' in var.json.doc.user",
]


def test_variables_and_connections_mean_what_jinja_says():
    named = {
        "var": {"value": Accessor(LOOKUPS["var.value"]), "json": Accessor(LOOKUPS["var.json"])},
        "conn": Accessor(LOOKUPS["conn"]),
    }
    made, wrong = environment(), []
    asked = [{"text": f"{{{{ {text} }}}}", "lookups": LOOKUPS} for text in LOOKED]
    for text, answer in zip(LOOKED, answers("render_template", asked), strict=True):
        theirs, error = outcome_of(made, named, text)
        if ("error" in answer) != (error is not None) or (error is None and repr(answer["value"]) != repr(theirs)):
            wrong.append((text, answer, theirs, error))
    assert wrong == []


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


# What ours refuses among drawn expressions, though Jinja evaluates them.
STRICTER_EXPRESSIONS = [
    *STRICTER,
    r"is not defined|, so no \[",
    # Jinja takes a keyword for a name where it expects one.
    r"found 'not'|put the test before this in parentheses",
    r"64 bits cannot hold",
    r"a list cannot hold a (time|span)",
    r"'%' cannot take a text",
    # Fractions times a span.
    r"'[*/]' cannot take (a span of time and a number|a number and a span of time)",
    r"span of time is too long",
    r"is longer than 1 MiB",
    r"'(join|replace|get)' needs",
    r"has no order",
]


def outcome_of(made, named, expression):
    """(what Jinja makes of it, None) or (None, error)."""
    try:
        value = made.compile_expression(expression, undefined_to_none=False)(**named)
        if isinstance(value, jinja2.Undefined):
            return None, "undefined"
        return str(value) if isinstance(value, Time | datetime.timedelta) else value, None
    except (jinja2.TemplateError, ArithmeticError, AttributeError, LookupError) as error:
        return None, repr(error)
    except (MemoryError, TypeError, ValueError) as error:
        return None, repr(error)


def compared(expressions):
    """[(expression, ours, theirs, their error)], where they differ, and how many came out how."""
    asked = [
        {
            "text": f"{{{{ {drawn_expressions.ours(text)} }}}}",
            "values": VALUES | {"dag_run": {}},
            "times": TIMES | TIMES_IN_MAPS,
            "offset": OFFSET,
        }
        for text in expressions
    ]
    made, outcomes, wrong = environment(), collections.Counter(), []
    for text, answer in zip(expressions, answers("render_template", asked), strict=True):
        theirs, their_error = outcome_of(made, NAMED, drawn_expressions.jinjas(text))
        if "error" not in answer:
            outcomes["both evaluate"] += 1
            good = their_error is None and repr(answer["value"]) == repr(theirs)
            # Our `is defined` and `default` also take what is undefined further left in a path.
            good = good or ("UndefinedError" in str(their_error) and re.search(r"defined|default", text))
        elif their_error is not None:
            outcomes["both refuse"] += 1
            good = True
        else:
            outcomes["ours refuses"] += 1
            good = any(re.search(pattern, answer["error"]) for pattern in STRICTER_EXPRESSIONS)
        if not good:
            wrong.append((text, answer, theirs, their_error))
    return wrong, outcomes


def test_drawn_expressions_mean_what_jinja_says():
    drawer = drawn_expressions.Drawer(random.Random(20260119))
    wrong, outcomes = compared([drawer.any(drawer.draw.randint(1, 4)) for _ in range(EXPRESSIONS)])
    print(f"{EXPRESSIONS} expressions, {len(wrong)} mismatches: {dict(outcomes)}")
    assert wrong[:20] == []
    assert outcomes["both evaluate"] > EXPRESSIONS / 3 and outcomes["both refuse"] > EXPRESSIONS / 50, outcomes


# Written by hand: what both must make of it. logical_date is 2026-01-05T02:00:00Z.
REFUSED = object()
HAND_WRITTEN = [
    ("1 + 2 * 3 - 4 / 2", 5.0),
    ("7 // 2 ~ -7 // 2 ~ -7 % 3", "3-42"),
    ("2 ~ 3 + 4", REFUSED),
    ("'a' ~ 1 + 1 ~ 'b'", "a11b"),
    ("-2 * -3", 6),
    ("- params.days | int", -7),
    ("1 < params.days <= 7 != 8", True),
    ("1 < 2 > 5", False),
    ("not 1 == 2 and 3", 3),
    ("not (1 == 1 or nowhere)", False),
    ("0 or '' or 'x'", "x"),
    ("true and none", None),
    ("1 if 0 else 2 if none else 3", 3),
    ("(1 if false) is defined", False),
    ("params.missing is defined or params.days is not none", True),
    ("'b' in 'abc' and 2 not in [1, 3]", True),
    ("not 'days' in params", False),
    ("1 in [true]", True),
    ("[1, 2.0] == [true, 2]", True),
    ("'abc'[-1] ~ 'abc'[0:2] ~ 'abc'[5:]", "cab"),
    ("ds[:4] + '/' + ds[5:7]", "2026/01"),
    ("3 * [0] + [1][1:]", [0, 0, 0]),
    ("params.get('nope', 'x') * 2", "xx"),
    ("1if 1else 2", 1),
    ("5 / 0", REFUSED),
    ("'a' < 1", REFUSED),
    ("'a' + 1", REFUSED),
    # Last month, as a text and as a date; the first and the last day of things.
    ("logical_date.subtract(months=1).strftime('%Y-%m')", "2025-12"),
    ("logical_date | add(months=-1) | start_of('month') | ds", "2025-12-01"),
    ("logical_date.subtract(months=1).end_of('month')", "2025-12-31T23:59:59.999999+00:00"),
    ("dag_run.logical_date.add(years=1)", "2025-02-28T23:59:59+00:00"),
    ("dag_run.logical_date.subtract(months=-12, days=1)", "2025-02-27T23:59:59+00:00"),
    ("logical_date.start_of('week') - macros.timedelta(days=7) | ds", REFUSED),
    ("(logical_date.start_of('week') - macros.timedelta(days=7)) | ds", "2025-12-29"),
    ("(logical_date - §1d§).isoformat()", "2026-01-04T02:00:00+00:00"),
    ("logical_date + §1h30m§", "2026-01-05T03:30:00+00:00"),
    ("logical_date.end_of('quarter').day", 31),
    ("macros.ds_add(ds, -5)", "2025-12-31"),
    ("macros.ds_add('2024-02-28', 2)", "2024-03-01"),
    ("macros.ds_format(ds, '%Y-%m-%d', '%Y/%m')", "2026/01"),
    ("macros.ds_format('2026-1-5', '%Y-%m-%d', '%d.%m.%y')", "05.01.26"),
    ("macros.ds_format('5 JAN 2026', '%d %b %Y', '%A, %d %B')", "Monday, 05 January"),
    ("macros.ds_format('2026-02-30', '%Y-%m-%d', '%Y')", REFUSED),
    ("logical_date | ts_nodash", "20260105T020000"),
    ("logical_date | local | ts_nodash_with_tz", "20260105T050000+0300"),
    ("logical_date.strftime('%G-W%V-%u %j')", "2026-W02-1 005"),
    ("(logical_date - data_interval_start).days", 4),
    ("(logical_date - data_interval_start).total_seconds() // 3600", 99.0),
    ("macros.timedelta(days=1) * 2 - §1h§", "1 day, 23:00:00"),
    ("logical_date > data_interval_start and logical_date.weekday() == 0", True),
]


def test_expressions_written_by_hand_mean_what_is_written_beside_them():
    assert compared([text for text, _ in HAND_WRITTEN])[0] == []
    made = environment()
    for text, value in HAND_WRITTEN:
        theirs, error = outcome_of(made, NAMED, drawn_expressions.jinjas(text))
        assert (error is not None) if value is REFUSED else (theirs == value and error is None), text


def test_a_number_with_a_unit_takes_nothing_away_from_jinja():
    made = environment()
    for text in ("1d", "1h30m", "ds + 1d", "2m if 1 else 2", "90s | int", "1.5h"):
        assert isinstance(outcome_of(made, NAMED, text)[1], str), text
