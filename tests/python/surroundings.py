"""What a machine in AWS finds around it, on loopback: EC2's instance metadata service, a container's
agent, and the SSO portal, each with keys of its own. Standard library only."""

import datetime
import http.server
import json
import threading

ROLE = "instance-role"
BEARER = "sso-token"


def in_hours(hours):
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=hours)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


class Surroundings(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.expires = in_hours(6)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def keys(self, name):
        return {
            "Code": "Success",
            "AccessKeyId": f"ASIA{name}",
            "SecretAccessKey": "secret",
            "Token": "token",
            "Expiration": self.expires,
        }


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body):
        data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_PUT(self):
        self.answer(200, "imds-token") if self.path == "/latest/api/token" else self.answer(404, "")

    def do_GET(self):
        path, _, query = self.path.partition("?")
        if path.startswith("/latest/"):
            if self.headers["x-aws-ec2-metadata-token"] != "imds-token":
                return self.answer(401, "")
            return self.answer(200, self.server.keys("INSTANCE") if path.endswith(ROLE) else ROLE)
        if path == "/container":
            return self.answer(200, self.server.keys("CONTAINER"))
        if path == "/federation/credentials" and "account_id=111122223333" in query:
            if self.headers["x-amz-sso_bearer_token"] != BEARER:
                return self.answer(401, {"message": "Session token not found or invalid"})
            role = {"accessKeyId": "ASIAPORTAL", "secretAccessKey": "secret", "sessionToken": "t",
                    "expiration": 4102444800000}
            return self.answer(200, {"roleCredentials": role})
        return self.answer(404, {})
