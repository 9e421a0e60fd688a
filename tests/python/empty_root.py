"""A program for test_forwarder.py: runs the forwarder in a network and a root folder of its own. Names stand in that
folder's hosts file and at the name server here, and nowhere else; the table speaks TLS with a certificate that the
folder's bundle alone vouches for. Prints `written`.

    empty_root.py ROOT CERTIFICATE_AND_KEY
"""

import fcntl
import http.server
import os
import socket
import ssl
import struct
import subprocess
import sys
import threading

from lambda_runtime import KEYS, RuntimeApi, cluster_event

SIOCSIFFLAGS, IFF_UP = 0x8914, 1


def serve_names(server, asked):
    while True:
        query, peer = server.recvfrom(512)
        end = query.index(b"\0", 12) + 1
        (kind,) = struct.unpack_from(">H", query, end)
        asked.append(query[12:end])
        answer = b"\xc0\x0c\0\x01\0\x01\0\0\0\x3c\0\x04\x7f\0\0\x01" if kind == 1 else b""
        counts = struct.pack(">HHHH", 1, 1 if answer else 0, 0, 0)
        server.sendto(query[:2] + b"\x81\x80" + counts + query[12 : end + 4] + answer, peer)


class Table(http.server.BaseHTTPRequestHandler):
    """Takes every write."""

    def do_POST(self):
        self.send_response_only(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")


def main(root, certificate):
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", IFF_UP))
    asked = []
    names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    names.bind(("127.0.0.1", 53))  # of this network alone
    threading.Thread(target=serve_names, args=(names, asked), daemon=True).start()
    table = http.server.HTTPServer(("127.0.0.1", 0), Table)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    table.socket = tls.wrap_socket(table.socket, server_side=True)
    threading.Thread(target=table.serve_forever, daemon=True).start()
    api = RuntimeApi()
    environment = KEYS | {
        "LAMBDA_TASK_ROOT": "/task",
        "AWS_LAMBDA_RUNTIME_API": api.address.replace("127.0.0.1", "runtime.in.hosts"),
        "AWS_ENDPOINT_URL_DYNAMODB": f"https://dynamodb.from.names:{table.server_port}",
    }
    os.chroot(root)
    os.chdir("/")
    function = subprocess.Popen(["/bootstrap"], env=environment)
    threading.Thread(target=lambda: (function.wait(), os._exit(1)), daemon=True).start()
    answer = api.invoke(cluster_event("j-1", "RUNNING", "2026-01-05T02:00:00Z"))
    assert answer[0] == "response" and answer[1]["outcome"] == "written", answer
    assert any(b"dynamodb" in name for name in asked)
    print("written", flush=True)
    os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
