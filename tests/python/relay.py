"""EventBridge's part between the emulator and whoever takes its events: events come in by HTTP, and a
test says what becomes of each. Standard library only."""

import http.server
import json
import queue
import threading


class EventRelay:
    """Hands events, one at a time and in the order of their coming, to `deliver`."""

    def __init__(self, deliver):
        self.taken = []  # every event that came
        self.errors = []  # of deliver
        self._deliver, self._waiting = deliver, queue.Queue()
        relay = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response_only(200)
                self.send_header("Content-Length", "0")
                self.end_headers()
                relay.taken.append(event)
                relay._waiting.put(event)

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        while (event := self._waiting.get()) is not None:
            try:
                self._deliver(event)
            except Exception as error:  # the test looks at it
                self.errors.append(error)

    def stop(self):
        self._waiting.put(None)
        self._server.shutdown()
        self._server.server_close()
