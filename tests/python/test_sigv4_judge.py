"""botocore computes our signatures again: those of requests that are drawn, and those of requests that
the real program sends. The Authorization header must be the same, byte for byte."""

import random
import urllib.parse

import pytest

import aws_model
import sigv4_judge
from judged import answers
from processes import StandaloneProcess, clock_setting, write_project
from recorder import Recorder

ROUNDS = 600
METHODS = ("GET", "POST", "PUT", "DELETE")
# Headers of a request line are ASCII; in a value only blanks are folded.
NAMES = (
    "X-Amz-Target",
    "Content-Type",
    "x-custom",
    "X-Amz-Meta-A",
    "X-Amz-Meta-A-B",
    "Accept-Language",
)
NEVER_SIGNED = ("User-Agent", "Expect", "Transfer-Encoding", "X-Amzn-Trace-Id", "Connection", "TE")
VISIBLE = "".join(chr(code) for code in range(0x21, 0x7F))
ANY = VISIBLE + ' \täöü€😀\n"\\'


def text(draw, alphabet, most):
    return "".join(draw.choice(alphabet) for _ in range(draw.randint(0, most)))


def drawn_path(draw):
    """As it stands in a request line: encoded once, with dots and empty segments to normalise."""
    segments = []
    for _ in range(draw.randint(0, 4)):
        odd = draw.random() < 0.3
        segment = draw.choice(["", ".", "..", "a b", "100%"]) if odd else text(draw, ANY, 6)
        segments.append(urllib.parse.quote(segment, safe=draw.choice(["", "~:@!$&'()*+,;="])))
    return "/" + "/".join(segments)


def drawn_query(draw):
    pairs = [(text(draw, ANY, 4), text(draw, ANY, 6)) for _ in range(draw.randint(0, 4))]
    pairs += [(pairs[0][0], text(draw, ANY, 2))] if pairs and draw.random() < 0.3 else []
    quote = urllib.parse.quote
    return "&".join(f"{quote(k, safe='~')}={quote(v, safe='~')}" for k, v in pairs if k)


def drawn_question(seed):
    draw = random.Random(seed)
    port = draw.choice(["", f":{draw.randint(1024, 65535)}"])
    host = (
        draw.choice(["elasticmapreduce.us-east-1.amazonaws.com", "127.0.0.1", "localhost"]) + port
    )
    query = drawn_query(draw)
    headers = [["Host", host]]
    for name in draw.sample(NAMES, draw.randint(0, 4)):
        for _ in range(draw.choice([1, 1, 1, 2])):
            words = [text(draw, VISIBLE, 8) for _ in range(draw.randint(0, 4))]
            headers.append([name, draw.choice([" ", "  ", " \t "]).join(words)])
    headers += [[name, "x"] for name in draw.sample(NEVER_SIGNED, draw.randint(0, 2))]
    stamp = (
        f"2026-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}T{draw.randint(0, 23):02}:59:07Z"
    )
    return {
        "method": draw.choice(METHODS),
        "target": drawn_path(draw) + (f"?{query}" if query else ""),
        "headers": headers,
        "body": text(draw, ANY, 300),
        "access_key": text(draw, "ABCDEFGHIJ0123456789", 20) or "A",
        "secret_key": text(draw, VISIBLE, 40) or "s",
        "session_token": draw.choice(["", text(draw, VISIBLE, 300)]),
        "region": draw.choice(["us-east-1", "cn-north-1", "us-gov-west-1"]),
        "service": draw.choice(["elasticmapreduce", "sts", "dynamodb"]),
        "time": stamp,
    }


def test_drawn_requests_are_signed_as_botocore_signs_them():
    questions = [drawn_question(seed) for seed in range(ROUNDS)]
    assert sum("?" in question["target"] for question in questions) > ROUNDS / 3
    for question, answer in zip(questions, answers("sign_request", questions), strict=True):
        host = question["headers"][0][1]
        wanted = sigv4_judge.expected(
            question["method"],
            f"http://{host}{question['target']}",
            question["headers"],
            question["body"].encode(),
            (question["access_key"], question["secret_key"], question["session_token"]),
            (question["region"], question["service"]),
            question["time"].replace("-", "").replace(":", ""),
        )
        assert {name.lower(): value for name, value in answer["headers"]} == wanted, question


# Characters that JSON escapes and that UTF-8 spells with two, three and four bytes.
ODD = 'Zoë „quoted“ \\" 日本 😀'


@pytest.mark.parametrize("token", ["", "FwoGZXIvYXdzEJr//////////wEaDH+" + "q" * 700 + "=="])
def test_what_the_program_sends_is_signed_as_botocore_signs_it(tmp_path, start_emulator, token):
    """A real standalone, through a recorder on another port, with a long body and odd characters.
    The emulator, which checks signatures too, takes all of it."""
    project = write_project(tmp_path / "project", "deployment: signed\n", jobs=1)
    cluster = project / "clusters" / "small.yaml"
    args = f"[x, '{ODD * 240}']"  # EMR allows 10240 characters a step
    more = f"  - {{Name: long, HadoopJarStep: {{Jar: command-runner.jar, Args: {args}}}}}\n"
    cluster.write_text(cluster.read_text() + more * 14)
    clock = clock_setting(1000)
    emulator = start_emulator(faults="timing: {step: 1s}\n", speed=None, clock=clock)
    emulator.client().list_clusters()
    recorder = Recorder(emulator.url)
    environment = {"AWS_ENDPOINT_URL_EMR": recorder.url}
    if token:
        environment["AWS_SESSION_TOKEN"] = token
    standalone = StandaloneProcess(project, tmp_path / "state", emulator, clock, **environment)
    try:
        standalone.call("/dags/chain/dagRuns", {"dag_run_id": "r", "logical_date": None})
        assert standalone.wait_for_run("chain", "r") == "success"
    finally:
        standalone.stop()
        recorder.stop()
    (launch,) = recorder.of("RunJobFlow")
    assert len(launch.body) > 100_000
    assert ODD in launch.request["Steps"][-1]["HadoopJarStep"]["Args"][1]
    assert {"RunJobFlow", "ListClusters", "ListSteps"} <= {e.action for e in recorder.exchanges}
    for exchange in recorder.exchanges:
        assert exchange.status == 200, exchange.reply
        assert aws_model.request_problems(exchange.action, exchange.request) == []
        assert aws_model.exchange_problems(
            exchange.action, exchange.status, exchange.reply_headers, exchange.reply
        ) == []
        plain = [
            (name, value)
            for name, value in exchange.headers
            if name.lower() not in sigv4_judge.SIGNED_BY_US + sigv4_judge.OF_TRANSPORT
        ]
        assert dict(plain)["Host"] == recorder.url.removeprefix("http://")
        wanted = sigv4_judge.expected(
            exchange.method,
            recorder.url + exchange.target,
            plain,
            exchange.body,
            ("test", "test", token),
            ("us-east-1", "elasticmapreduce"),
            exchange.header("X-Amz-Date"),
        )
        sent = {n.lower(): v for n, v in exchange.headers if n.lower() in sigv4_judge.SIGNED_BY_US}
        assert sent == wanted
