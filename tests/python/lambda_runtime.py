"""Lambda's side of the Runtime API (2018-06-01) and a function under it: events go in one at a time, and
what the function answers comes back. Standard library only: the benchmarks use it too."""

import http.server
import json
import pathlib
import queue
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid

from processes import clean_environment, signalbox_path

BOOTSTRAP = pathlib.Path(signalbox_path()).parent / "forwarder" / "bootstrap"
ACCOUNT, REGION = "123456789012", "eu-west-1"
KEYS = {
    "AWS_REGION": REGION,
    "AWS_DEFAULT_REGION": REGION,
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_SESSION_TOKEN": "token",
}
TIMEOUT_S = 60


class QuietServer(http.server.ThreadingHTTPServer):
    """Its clients are killed, and that is no news."""

    daemon_threads = True

    def handle_error(self, *_):
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(*_)


class RuntimeApi:
    def __init__(self):
        self._events, self._answers = queue.Queue(), queue.Queue()
        self.init_error = None  # what the function said of why it cannot start
        self.first_next = None  # when it first asked for work (monotonic)
        api = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = -1  # one packet an answer

            def do_GET(self):
                api.first_next = api.first_next or time.monotonic()
                event = api._events.get() if self.path == "/2018-06-01/runtime/invocation/next" else None
                if event is None:
                    return self._reply(500, b"{}")
                api.invocations += 1
                self._reply(
                    200,
                    event,
                    {
                        "Lambda-Runtime-Aws-Request-Id": f"r-{api.invocations}",
                        "Lambda-Runtime-Deadline-Ms": str(int((time.time() + 15) * 1000)),
                        "Lambda-Runtime-Invoked-Function-Arn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f",
                        "Lambda-Runtime-Trace-Id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700",
                    },
                )

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                self._reply(202, b'{"status":"OK"}')
                base = "/2018-06-01/runtime"
                if self.path == f"{base}/init/error":
                    api.init_error = body
                elif self.path == f"{base}/invocation/r-{api.invocations}/response":
                    api._answers.put(("response", body))
                elif self.path == f"{base}/invocation/r-{api.invocations}/error":
                    api._answers.put(("error", body))
                else:
                    api._answers.put(("stray", {"path": self.path}))

            def _reply(self, status, body, headers=()):
                self.send_response_only(status)
                for name, value in dict(headers).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.invocations = 0
        self._server = QuietServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.address = f"127.0.0.1:{self._server.server_port}"

    def invoke(self, event, is_alive=lambda: True):
        """("response" or "error", what the function said)."""
        self._events.put(event if isinstance(event, bytes) else json.dumps(event).encode())
        deadline = time.monotonic() + TIMEOUT_S
        while True:
            try:
                return self._answers.get(timeout=0.5)
            except queue.Empty:
                if not is_alive() or time.monotonic() > deadline:
                    raise

    def stop(self):
        self._events.put(None)
        self._server.shutdown()
        self._server.server_close()


class Function:
    """A custom runtime as a child process: ours, or another one given by its command."""

    def __init__(self, dynamodb_url, log_path, command=(BOOTSTRAP,), **environment):
        self.api = RuntimeApi()
        self.log_path = log_path
        added = KEYS | {"AWS_ENDPOINT_URL_DYNAMODB": dynamodb_url, "SIGNALBOX_TABLE": "states"}
        added |= {"AWS_LAMBDA_RUNTIME_API": self.api.address} | environment
        # What it trusts is part of what is measured.
        told = {k: v for k, v in clean_environment(**added).items() if not k.startswith("SSL_CERT_")}
        with open(log_path, "wb") as log:
            self.started = time.monotonic()
            self.process = subprocess.Popen([str(part) for part in command], env=told, stderr=log)

    def invoke(self, event):
        try:
            return self.api.invoke(event, lambda: self.process.poll() is None)
        except queue.Empty:
            raise RuntimeError(f"no answer: {self.log_path.read_text()[-3000:]}") from None

    def log(self):
        lines = self.log_path.read_text().splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.api.stop()


class RieFunction:
    """Ours under AWS's own Runtime Interface Emulator, the program `rie`."""

    def __init__(self, dynamodb_url, log_path, rie, **environment):
        free = [RuntimeApi(), RuntimeApi()]  # for their ports: the emulator takes no port 0
        ports = [api.address for api in free]
        for api in free:
            api.stop()
        self.log_path = log_path
        self.url = f"http://{ports[0]}/2015-03-31/functions/function/invocations"
        added = KEYS | {"AWS_ENDPOINT_URL_DYNAMODB": dynamodb_url, "SIGNALBOX_TABLE": "states"}
        options = ["--runtime-interface-emulator-address", ports[0], "--runtime-api-address", ports[1]]
        with open(log_path, "wb") as log:
            self.process = subprocess.Popen(
                [str(rie), *options, str(BOOTSTRAP)],
                env=clean_environment(**(added | environment)),
                stdout=log,
                stderr=log,
            )

    def invoke(self, event):
        """("response", what the function said)."""
        deadline = time.monotonic() + TIMEOUT_S
        while True:
            try:
                body = json.dumps(event).encode()
                with urllib.request.urlopen(self.url, data=body, timeout=TIMEOUT_S) as reply:
                    return "response", json.load(reply)
            except ConnectionError:
                pass
            except urllib.error.URLError as error:
                # It does not listen yet.
                if not isinstance(error.reason, ConnectionError) or time.monotonic() > deadline:
                    raise
            time.sleep(0.05)

    def stop(self):
        self.process.kill()
        self.process.wait()


def emr_event(detail_type, time_text, **detail):
    """An event in the shape of AWS's samples: every value of the detail is a text."""
    return {
        "version": "0",
        "id": str(uuid.uuid5(uuid.NAMESPACE_URL, json.dumps([detail_type, time_text, detail]))),
        "detail-type": detail_type,
        "source": "aws.emr",
        "account": ACCOUNT,
        "time": time_text,
        "region": REGION,
        "resources": [],
        "detail": detail,
    }


def cluster_event(cluster, state, time_text, code="", message=None, name="sbx-prod-abcdef-x d r j try 1"):
    reason = {"code": code} | ({"message": message} if message else {})
    return emr_event(
        "EMR Cluster State Change",
        time_text,
        severity="INFO",
        stateChangeReason=json.dumps(reason),
        name=name,
        clusterId=cluster,
        state=state,
        message=f"Amazon EMR Cluster {cluster} ({name}) is {state} at {time_text}.",
    )
