"""A server on loopback that takes what is posted to it, as receivers of lineage and traces do. It can be down,
or answer with an error, and keeps its port meanwhile."""

import http.server
import threading


class Receiver:
    def __init__(self):
        self.taken = []  # (path, headers, body) of what it has accepted
        self.refusals = []  # statuses for the next posts
        self.status = 200
        self._port = 0
        self._server = None
        self.start()

    def start(self):
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            wbufsize = -1

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status = receiver.refusals.pop(0) if receiver.refusals else receiver.status
                if status < 300:
                    receiver.taken.append((self.path, dict(self.headers.items()), body))
                self.send_response_only(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", self._port), Handler)
        self._server.daemon_threads = True
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self._port}"

    def stop(self):
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
