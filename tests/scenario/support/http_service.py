"""An HTTP(S) service of a test: keeps the requests that came, answers as the test says."""

import http.server
import json
import socket
import ssl
import struct
import threading

HANG, RESET = "hang", "reset"


class HttpService:
    """`respond(request)` gives (status, object or bytes), HANG or RESET; the default is 200 and {}."""

    def __init__(self, certificate=None, port=0):
        self.requests = []
        self.connections = []
        self.respond = lambda request: (200, {})
        self.released = threading.Event()
        self.lock = threading.Lock()
        service = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Header and body are two writes: the second must not wait for an acknowledgement.
            disable_nagle_algorithm = True

            def setup(self):
                super().setup()
                with service.lock:
                    service.connections.append(self.connection)

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                request = {
                    "path": self.path, "headers": dict(self.headers), "body": json.loads(body),
                    "peer": self.client_address,
                }
                with service.lock:
                    service.requests.append(request)
                answer = service.respond(request)
                if answer == HANG:
                    service.released.wait(60)
                    self.close_connection = True
                    return
                if answer == RESET:
                    linger = struct.pack("ii", 1, 0)
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                    self.connection.shutdown(socket.SHUT_RD)
                    self.close_connection = True
                    return
                status, said = answer
                data = said if isinstance(said, bytes) else json.dumps(said).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *arguments):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 128

            def handle_error(self, request, client_address):
                pass  # a peer that has gone is what some tests are about

        self.server = Server(("127.0.0.1", port), Handler)
        self.scheme = "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
            self.scheme = "https"
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def url(self, path="/"):
        return f"{self.scheme}://127.0.0.1:{self.port}{path}"

    def taken(self):
        """The requests so far."""
        with self.lock:
            return list(self.requests)

    def stop(self):
        self.released.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()
        for each in self.connections:
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # it has ended
