#!/usr/bin/env python3
"""The forwarder beside the same function in Python with boto3 (bench/python_forwarder): cold start, memory,
size, and the time of an event. Both are custom runtimes under the same Runtime API, both write over TLS to the
same server on loopback, which takes every write, and trust this machine's certificates and that server's;
first it is checked that they write the same.

What AWS adds before a process starts (making the sandbox, fetching the code) is in no figure. In Lambda Python
and boto3 are a part of the machine image, so their size costs memory and start, not upload.

    bench/forwarder.py [--starts N] [--events N]
"""

import argparse
import http.server
import json
import os
import pathlib
import shutil
import ssl
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "python"))
from lambda_runtime import BOOTSTRAP, Function, QuietServer, cluster_event  # noqa: E402

VENV = pathlib.Path(os.environ.get("SIGNALBOX_VENV", ROOT / "build" / "venv"))
SYSTEM_BUNDLE = pathlib.Path("/etc/ssl/certs/ca-certificates.crt")
PACKAGES = "boto3 botocore s3transfer jmespath dateutil urllib3".split()


class Table:
    """Takes every write, at once. `certificate` is what a client has to trust beside all others."""

    def __init__(self, directory):
        self.writes = []
        key, self.certificate = directory / "key", directory / "certificate"
        make = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        make += ["-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
        subprocess.run([*make, "-keyout", key, "-out", self.certificate], check=True, capture_output=True)
        table = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = -1

            def do_POST(self):
                table.writes.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response_only(200)
                self.send_header("Content-Type", "application/x-amz-json-1.0")
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_):
                pass

        server = QuietServer(("127.0.0.1", 0), Handler)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(self.certificate, key)
        server.socket = tls.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.url = f"https://localhost:{server.server_port}"


def peak_mib(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("no VmHWM")


def written(function, event):
    kind, answer = function.invoke(event)
    if kind != "response" or answer["outcome"] != "written":
        raise SystemExit(f"not written: {answer}; the log: {function.log_path.read_text()[-2000:]}")


def one_life(command, table, directory, events):
    """{what: figure} of one process from its start on."""
    program, environment = command
    function = Function(table.url, directory / "log", program, **environment)
    try:
        begun = function.started
        written(function, cluster_event("j-0", "RUNNING", "2026-01-05T02:00:00Z"))
        first = time.monotonic()
        asked = function.api.first_next
        for number in range(events):
            written(function, cluster_event(f"j-{number}", "RUNNING", "2026-01-05T02:00:00Z"))
        return {
            "start until it asks for work, ms": (asked - begun) * 1000,
            "start until the first event is written, ms": (first - begun) * 1000,
            "a further event, ms": (time.monotonic() - first) * 1000 / events,
            "memory at most (VmHWM), MiB": peak_mib(function.process.pid),
        }
    finally:
        function.stop()


def megabytes(*paths):
    files = [f for path in paths for f in ([path] if path.is_file() else path.rglob("*"))]
    return sum(f.stat().st_size for f in files if f.is_file() and f.suffix != ".pyc") / 1e6


def our_command(directory, table):
    """forwarder.zip as Lambda unpacks it."""
    root = directory / "task"
    subprocess.run(["unzip", "-q", BOOTSTRAP.parent / "forwarder.zip", "-d", root], check=True)
    name = ["openssl", "x509", "-subject_hash", "-noout", "-in", table.certificate]
    hash_ = subprocess.run(name, check=True, capture_output=True, text=True).stdout.strip()
    shutil.copy(table.certificate, root / "certs" / f"{hash_}.0")
    return [root / "bootstrap"], {"LAMBDA_TASK_ROOT": str(root)}


def python_command(directory, table):
    """With a bundle of all certificates, as botocore brings one; None without boto3."""
    python = VENV / "bin" / "python"
    if not python.exists() or subprocess.run([python, "-c", "import boto3"], check=False).returncode:
        return None
    bundle = directory / "bundle"
    bundle.write_bytes(SYSTEM_BUNDLE.read_bytes() + table.certificate.read_bytes())
    program = [python, ROOT / "bench" / "python_forwarder" / "bootstrap.py"]
    return program, {"AWS_CA_BUNDLE": str(bundle)}


def check_that_all_write_the_same(commands, table, directory):
    writes = []
    for command in commands.values():
        table.writes.clear()
        one_life(command, table, directory, 1)
        writes.append(table.writes[0])
    if any(write != writes[0] for write in writes):
        raise SystemExit(f"they write different things: {writes}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--starts", type=int, default=15)
    parser.add_argument("--events", type=int, default=200)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="signalbox-bench-") as folder:
        directory = pathlib.Path(folder)
        table = Table(directory)
        commands = {"forwarder": our_command(directory, table)}
        commands["Python, boto3"] = python_command(directory, table)
        if commands["Python, boto3"] is None:
            del commands["Python, boto3"]
            print("!!! boto3 is missing, so there is nothing to compare with: tools/python-setup")
        figures = {name: [] for name in commands}
        check_that_all_write_the_same(commands, table, directory)
        for _ in range(options.starts):  # in turns, so that both meet the same machine
            for name, command in commands.items():
                figures[name].append(one_life(command, table, directory, options.events))
    print(f"medians of {options.starts} starts, {options.events} events each")
    print(f"{'':46}" + "".join(f"{name:>15}" for name in commands))
    rows = {
        what: [statistics.median(life[what] for life in lives) for lives in figures.values()]
        for what in figures["forwarder"][0]
    }
    rows["size of program and AWS library, MB"] = [megabytes(BOOTSTRAP)]
    if len(commands) > 1:
        packages = next(VENV.glob("lib/python3*/site-packages"))
        rows["size of program and AWS library, MB"].append(
            megabytes(*(packages / name for name in PACKAGES))
        )
    for what, values in rows.items():
        ratio = f"{values[1] / values[0]:8.1f}x" if len(values) > 1 else ""
        print(f"{what:46}" + "".join(f"{value:15.2f}" for value in values) + ratio)
    print(f"forwarder.zip: {megabytes(BOOTSTRAP.parent / 'forwarder.zip'):.2f} MB")


if __name__ == "__main__":
    main()
