"""Expressions of the template language, drawn. A span such as 1h30m, which Jinja cannot read, stands
between § signs; `ours` and `jinjas` say what each side gets."""

import datetime
import re

UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
SPAN = re.compile(r"§(.*?)§")


def ours(text):
    return SPAN.sub(r"\1", text)


def jinjas(text):
    def spelt(match):
        parts = re.findall(r"(\d+)([dhms])", match.group(1))
        span = datetime.timedelta(**{UNITS[unit]: int(count) for count, unit in parts})
        return f"macros.timedelta(seconds={int(span.total_seconds())})"

    return SPAN.sub(spelt, text)


NUMBERS = "0 1 2 3 7 10 -1 -5 1.5 0.25 -2.5 2e3 1e16 1e-7 255 1000003".split()
BIG = ["9223372036854775807", "-9223372036854775807", "4611686018427387904", "9007199254740993"]
NUMBERS += ["params.days", "params.zero", "params.ratio", "params.big", "params.list[1]", "params.on"]
TEXTS = ["'x'", "'abc'", "'Zoë'", "''", "'b'", "'10'", "dag_id", "lane.id", "params.word", "empty"]
TEXTS += ["params.words[0]", "ds", "'2026-01-31'", "dag_id[0]", "ds[:7]", "params.word[1:-2]"]
LISTS = ["params.list", "params.words", "[]", "[1, 2]", "['a', lane.id]", "[params.days, 1.5,]"]
LISTS += ["params.nested.a['b-c']", "[[1], ['x']]", "params.list[1:]", "[true, none]"]
OTHERS = ["true", "False", "none", "params.none", "params.on", "params.off", "params.nested", "lane"]
UNDEFINED = ["nowhere", "params.missing", "params.words[9]"]
TIMES = ["logical_date", "data_interval_start", "dag_run.logical_date", "(logical_date | local)"]
SPANS = ["§1d§", "§1h30m§", "§90s§", "macros.timedelta(days=1)", "macros.timedelta(3, hours=-2)"]
SPANS += ["(logical_date - data_interval_start)", "macros.timedelta(weeks=1, milliseconds=5)", "§0s§"]
PARTS = ["year", "month", "day", "hour", "minute", "second", "microsecond", "quarter"]
EACH_UNIT = ["year", "quarter", "month", "week", "day", "hour", "minute", "second"]
FORMATS = ["%Y-%m", "%Y%m%d", "%d.%m.%y %H:%M:%S.%f", "%a %A %b %B %p %I", "%j %U %W %w %u", "%G-W%V"]
FORMATS += ["%%%z|%Y", "plain", "Zoë %d"]
READ = ["%Y-%m-%d", "%Y%m%d", "%d/%m/%Y", "%d %b %Y %H:%M", "%y.%m.%d", "%B %d, %Y %I %p", "%H:%M:%S.%f"]
DATES = ["ds", "'20260105'", "'5/1/2026'", "'28 Feb 2024 03:04'", "'99.12.31'", "'june 7, 1931 12 AM'"]
DATES += ["'2026-02-30'", "'2024-02-29'", "'2026111'", "'23:59:01.25'", "dag_id", "logical_date | ds"]


class Drawer:
    def __init__(self, draw):
        self.draw = draw

    def one(self, *choices):
        return self.draw.choice(choices)

    def any(self, depth):
        """An expression of any type; now and then of a type that does not fit."""
        kind = self.draw.random()
        if depth <= 0 or kind < 0.12:
            return self.leaf()
        rules = [self.number, self.text, self.condition, self.time, self.span, self.list]
        if kind < 0.8:
            return self.draw.choice(rules)(depth)
        return self.draw.choice(
            [self.conditional, self.logic, self.filtered, self.binary, self.tested, self.parts]
        )(depth)

    def leaf(self):
        kind = self.draw.random()
        if kind < 0.03:
            return self.draw.choice(UNDEFINED)
        return self.draw.choice(self.draw.choice([NUMBERS, TEXTS, LISTS, OTHERS, TIMES, SPANS]))

    def part(self, rule, depth):
        """Mostly what the rule makes, with and without parentheses."""
        made = self.any(depth - 1) if self.draw.random() < 0.04 else rule(depth - 1)
        return f"({made})" if self.draw.random() < 0.45 else made

    def number(self, depth):
        kind = self.draw.random()
        if depth <= 0 or kind < 0.2:
            return self.draw.choice(BIG if self.draw.random() < 0.05 else NUMBERS)
        if kind < 0.85:
            sign = self.draw.choice(["+", "-", "*", "/", "//", "%"])
            blank = self.draw.choice([" ", " ", ""])
            return f"{self.part(self.number, depth)}{blank}{sign}{blank}{self.part(self.number, depth)}"
        if kind < 0.93:
            return f"{self.one('-', '+', '- ')}{self.part(self.number, depth)}"
        return f"{self.part(self.time, depth)}.{self.draw.choice(PARTS)}"

    def text(self, depth):
        kind = self.draw.random()
        if depth <= 0 or kind < 0.2:
            return self.draw.choice(TEXTS)
        if kind < 0.45:
            return f"{self.part(self.text, depth)} + {self.part(self.text, depth)}"
        if kind < 0.65:
            return f"{self.part(self.text, depth)} ~ {self.part(self.any, depth)}"
        if kind < 0.72:
            return f"{self.part(self.text, depth)} * {self.draw.randint(-1, 4)}"
        if kind < 0.82:
            return self.date(depth)
        if kind < 0.9:
            return f"({self.text(depth - 1)})[{self.bound()}:{self.bound()}]"
        return f"({self.text(depth - 1)})[{self.draw.randint(-3, 3)}]"

    def bound(self):
        return self.one("", "0", "1", "2", "-1", "-3", "7", "params.days", "none")

    def date(self, depth):
        kind = self.draw.random()
        if kind < 0.3:
            days = self.draw.randint(-40, 400)
            return f"macros.ds_add({self.draw.choice(DATES[:2] + [DATES[-1]])}, {days})"
        if kind < 0.6:
            names = self.one(("", "", ""), ("", "input_format=", "output_format="))
            given = (self.draw.choice(DATES), repr(self.draw.choice(READ)), repr(self.draw.choice(FORMATS[:6])))
            return f"macros.ds_format({', '.join(n + g for n, g in zip(names, given, strict=True))})"
        if kind < 0.8:
            return f"({self.time(depth - 1)}).strftime({self.draw.choice(FORMATS)!r})"
        shown = self.one("ds", "ds_nodash", "ts", "ts_nodash", "ts_nodash_with_tz", "strftime('%Y/%m')")
        return f"({self.time(depth - 1)}) | {shown}"

    def condition(self, depth):
        kind = self.draw.random()
        if depth <= 0:
            return self.draw.choice(OTHERS[:6])
        if kind < 0.45:
            rule = self.draw.choice([self.number, self.text, self.time, self.span, self.list, self.any])
            chain = self.part(rule, depth)
            for _ in range(self.draw.choice([1, 1, 1, 2, 3])):
                sign = self.draw.choice(["==", "!=", "<", "<=", ">", ">="])
                chain += f" {sign} {self.part(rule, depth)}"
            return chain
        if kind < 0.6:
            inside = self.draw.choice([self.text, self.list, self.other])
            return f"{self.part(self.any, depth)} {self.one('in', 'not in')} {self.part(inside, depth)}"
        if kind < 0.75:
            return self.logic(depth)
        if kind < 0.85:
            return f"not {self.part(self.any, depth)}"
        return self.tested(depth)

    def other(self, depth):
        return self.draw.choice(["params.nested", "lane", "params"])

    def tested(self, depth):
        test = self.one("is defined", "is none", "is not none", "is undefined", "is not defined")
        subject = self.draw.choice(UNDEFINED) if self.draw.random() < 0.3 else self.part(self.any, depth)
        return f"{subject} {test}"

    def logic(self, depth):
        left, right = self.part(self.any, depth), self.part(self.any, depth)
        return f"{left} {self.one('and', 'or')} {right}"

    def conditional(self, depth):
        text = f"{self.part(self.any, depth)} if {self.part(self.condition, depth)}"
        if self.draw.random() < 0.9:
            text += f" else {self.part(self.any, depth)}"
        return text

    def binary(self, depth):
        sign = self.draw.choice(["+", "-", "*", "/", "//", "%", "~", "<", "=="])
        return f"{self.part(self.any, depth)} {sign} {self.part(self.any, depth)}"

    def filtered(self, depth):
        name = self.one("int", "int(5)", "default('d')", "default(0, true)", "default(1, boolean=true)")
        name = self.one(name, "tojson", "join('-')", "replace('a', 'b')", "local | ds")
        return f"{self.part(self.any, depth)} | {name}"

    def parts(self, depth):
        return self.one(
            f"({self.span(depth - 1)}).{self.one('days', 'seconds', 'microseconds', 'total_seconds()')}",
            f"({self.time(depth - 1)}).{self.one('weekday', 'isoweekday', 'timestamp', 'isoformat')}()",
            f"params.get({self.one(repr('days'), repr('none'), repr('nope'))}{self.one('', ', 3')})",
            f"({self.list(depth - 1)})[{self.draw.randint(-2, 2)}]",
        )

    def list(self, depth):
        kind = self.draw.random()
        if depth <= 0 or kind < 0.4:
            return self.draw.choice(LISTS)
        if kind < 0.6:
            return f"{self.part(self.list, depth)} + {self.part(self.list, depth)}"
        if kind < 0.7:
            return f"{self.draw.randint(0, 3)} * {self.part(self.list, depth)}"
        if kind < 0.8:
            return f"({self.list(depth - 1)})[{self.bound()}:{self.bound()}]"
        return "[" + ", ".join(self.any(depth - 1) for _ in range(self.draw.randint(0, 3))) + "]"

    def time(self, depth):
        kind = self.draw.random()
        if depth <= 0 or kind < 0.25:
            return self.draw.choice(TIMES)
        if kind < 0.5:
            return f"{self.part(self.time, depth)} {self.one('+', '-')} {self.part(self.span, depth)}"
        if kind < 0.55:
            return f"{self.part(self.span, depth)} + {self.part(self.time, depth)}"
        how = self.one(".", " | ")
        if kind < 0.78:
            count = self.draw.randint(-30, 30)
            unit = self.one("years", "months", "months", "weeks", "days", "hours", "minutes", "seconds")
            return f"({self.time(depth - 1)}){how}{self.one('add', 'subtract')}({unit}={count})"
        edge = self.one("start_of", "end_of")
        return f"({self.time(depth - 1)}){how}{edge}({self.draw.choice(EACH_UNIT)!r})"

    def span(self, depth):
        kind = self.draw.random()
        if depth <= 0 or kind < 0.35:
            return self.draw.choice(SPANS)
        if kind < 0.55:
            return f"{self.part(self.span, depth)} {self.one('+', '-', '%')} {self.part(self.span, depth)}"
        if kind < 0.7:
            return f"{self.part(self.span, depth)} {self.one('*', '/', '//')} {self.draw.randint(-3, 9)}"
        if kind < 0.8:
            return f"-{self.part(self.span, depth)}"
        return f"({self.time(depth - 1)}) - ({self.time(depth - 1)})"
