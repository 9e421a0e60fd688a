"""A server on loopback between a client and an EMR (our emulator, moto): it hands everything on as it
is and keeps what both sides said. Signatures hold, for the Host header is handed on too."""

import dataclasses
import http.client
import http.server
import json
import threading
import time
import urllib.parse


@dataclasses.dataclass
class Exchange:
    method: str
    target: str
    headers: list  # (name, value) as they came, in order
    body: bytes
    came_at: float = dataclasses.field(default_factory=time.time)
    left_at: float = 0  # when its reply was there
    status: int = 0  # 0: the connection ended without a reply
    reply_headers: dict = dataclasses.field(default_factory=dict)
    reply: bytes = b""

    def header(self, name):
        return next((v for n, v in self.headers if n.lower() == name.lower()), "")

    @property
    def action(self):
        return self.header("X-Amz-Target").rpartition(".")[2]

    @property
    def request(self):
        return json.loads(self.body)


class Recorder:
    """With `upstream` (a URL) a proxy of it; without, every call is answered 503."""

    def __init__(self, upstream=None):
        self.exchanges = []  # that have ended, in the order of their ends
        self.asked = []  # the same and those under way, in the order in which they came
        self._upstream = urllib.parse.urlsplit(upstream).netloc if upstream else None
        recorder = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = -1  # one packet an answer: two would wait for each other

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                exchange = Exchange("POST", self.path, list(self.headers.items()), body)
                recorder.asked.append(exchange)
                recorder._answer(exchange)
                exchange.left_at = time.time()
                recorder.exchanges.append(exchange)
                if exchange.status == 0:
                    self.close_connection = True
                    return
                self.send_response_only(exchange.status)
                for name, value in exchange.reply_headers.items():
                    if name.lower() not in ("connection", "content-length", "transfer-encoding"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(exchange.reply)))
                self.end_headers()
                self.wfile.write(exchange.reply)

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def _answer(self, exchange):
        if self._upstream is None:
            exchange.status = 503
            return
        connection = http.client.HTTPConnection(self._upstream, timeout=30)
        try:
            connection.putrequest(
                exchange.method, exchange.target, skip_host=True, skip_accept_encoding=True
            )
            for name, value in exchange.headers:
                if name.lower() != "connection":
                    connection.putheader(name, value)
            connection.endheaders(exchange.body)
            reply = connection.getresponse()
            exchange.reply = reply.read()
            exchange.reply_headers = dict(reply.getheaders())
            exchange.status = reply.status
        except (OSError, http.client.HTTPException):
            exchange.status = 0
        finally:
            connection.close()

    def of(self, action):
        return [exchange for exchange in list(self.exchanges) if exchange.action == action]

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
