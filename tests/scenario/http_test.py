"""The HTTP side: health, version, metrics; what is refused and how; connections that misbehave."""

import http.client
import json
import re
import socket
import time
import unittest

from support.hub import Hub, HubTestCase
from support.packets import V5
from support.wire import wait_until

WAIT = 20.0  # longer than any deadline in here, for sanitizer builds


class Answer:
    """A response as bytes on the wire, taken apart."""

    def __init__(self, stream, is_head=False):
        self.status_line = stream.readline().decode().rstrip("\r\n")
        if not self.status_line:
            raise ConnectionError("closed without an answer")
        self.status = int(self.status_line.split()[1])
        self.headers = {}
        while (line := stream.readline().decode().rstrip("\r\n")) != "":
            name, _, value = line.partition(":")
            self.headers[name.lower()] = value.strip()
        length = 0 if is_head else int(self.headers.get("content-length", 0))
        self.body = stream.read(length)

    def json(self):
        return json.loads(self.body)


class HttpTestCase(HubTestCase):
    def setUp(self):
        super().setUp()
        self.peers = []

    def connect(self, hub=None):
        peer = socket.create_connection(("127.0.0.1", (hub or self.hub).http_port), timeout=WAIT)
        self.addCleanup(peer.close)
        self.peers.append(peer)
        return peer

    def answer(self, *parts, hub=None, is_head=False):
        """Sends the parts on a connection of their own; the first answer, and the stream after it."""
        peer = self.connect(hub)
        stream = peer.makefile("rb")
        self.addCleanup(stream.close)
        for part in parts:
            peer.sendall(part if isinstance(part, bytes) else part.encode())
        return Answer(stream, is_head), stream

    def refused(self, status, code, *parts):
        """The error's message; the connection is closed after it."""
        answer, stream = self.answer(*parts)
        self.assertEqual((answer.status, answer.json()["error_code"]), (status, code))
        self.assertEqual(set(answer.json()), {"error_code", "error_msg"})
        self.assertEqual(answer.headers["connection"], "close")
        self.assertRegex(answer.headers["x-request-id"], r"^[0-9a-f]{32}$")
        self.assertEqual(stream.read(), b"")
        return answer.json()["error_msg"]

    def metrics(self, hub=None):
        answer, _ = self.answer("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", hub=hub)
        self.assertEqual(answer.status, 200)
        values = {}
        for line in answer.body.decode().splitlines():
            if not line.startswith("#"):
                name, _, value = line.rpartition(" ")
                values[name] = float(value)
        return values


def get(path, *headers, version="1.1"):
    lines = [f"GET {path} HTTP/{version}", "Host: hub", *headers, "", ""]
    return "\r\n".join(lines)


class Endpoints(HttpTestCase):
    def test_health_and_version(self):
        for path, body in [
            ("/healthz/live", {"status": "live"}),
            ("/healthz/ready", {"status": "ready"}),
        ]:
            answer, _ = self.answer(get(path))
            self.assertEqual((answer.status, answer.json()), (200, body))
        answer, _ = self.answer(get("/version"))
        self.assertEqual(answer.json()["name"], "holdfast")
        self.assertRegex(answer.json()["version"], r"^\d+\.\d+\.\d+")

    def test_every_answer_has_an_id_of_its_own_a_date_and_a_length(self):
        first, _ = self.answer(get("/version"))
        second, _ = self.answer(get("/nowhere"))
        for answer in (first, second):
            self.assertRegex(answer.headers["date"], r"^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$")
            self.assertEqual(int(answer.headers["content-length"]), len(answer.body))
        self.assertNotEqual(first.headers["x-request-id"], second.headers["x-request-id"])

    def test_metrics_follow_what_happens(self):
        before = self.metrics()
        client = self.client(V5, "metrics")
        client.subscribe(self.name("t"), qos=1)
        client.publish(self.name("t"), b"hello", qos=1)
        client.message()
        client.publish(self.name("kept"), b"hello", retain=True)
        client.ping()

        def grown(name):
            return self.metrics()[name] - before[name]

        wait_until(
            "the message to be counted",
            lambda: grown("holdfast_messages_delivered_total") == 1,
        )
        for name, value in [
            ("holdfast_connections_opened_total", 1),
            ("holdfast_connections", 1),
            ("holdfast_sessions", 1),
            ("holdfast_subscriptions", 1),
            ("holdfast_publish_received_total", 2),
            ("holdfast_messages_accepted_total", 1),
            ("holdfast_retained_set_total", 1),
            ("holdfast_retained_messages", 1),
            ("holdfast_ready", 0),
        ]:
            self.assertEqual(grown(name), value, name)
        client.disconnect()
        reason = 'holdfast_connections_closed_by_reason_total{reason="client_disconnected"}'
        wait_until("the close to be counted", lambda: grown(reason) == 1)

    def test_metrics_keep_to_the_text_format(self):
        answer, _ = self.answer(get("/metrics"))
        self.assertEqual(answer.headers["content-type"], "text/plain; version=0.0.4; charset=utf-8")
        name = r"holdfast_[a-z0-9_]+"
        for line in answer.body.decode().splitlines():
            self.assertRegex(
                line,
                rf"^(# HELP {name} .+|# TYPE {name} (counter|gauge)"
                rf'|{name}(\{{[a-z]+="[^"]*"\}})? [0-9.]+)$',
            )

    def test_head_is_get_without_its_body(self):
        whole, _ = self.answer(get("/version"))
        head, stream = self.answer(
            "HEAD /version HTTP/1.1\r\nHost: hub\r\n\r\n",
            get("/healthz/live", "Connection: close"),
            is_head=True,
        )
        self.assertEqual(head.status, 200)
        self.assertEqual(head.headers["content-length"], whole.headers["content-length"])
        self.assertEqual(Answer(stream).json(), {"status": "live"})

    def test_the_library_of_python_gets_on_with_it(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.hub.http_port, timeout=WAIT)
        self.addCleanup(connection.close)
        for _ in range(3):
            connection.request("GET", "/version?x=%20y")
            response = connection.getresponse()
            self.assertEqual((response.status, json.load(response)["name"]), (200, "holdfast"))


class Refusals(HttpTestCase):
    config = {"http": {"header_bytes_max": "2KiB", "body_bytes_max": "4KiB"}}

    def test_an_unknown_path(self):
        answer, _ = self.answer(get("/nowhere"))
        self.assertEqual((answer.status, answer.json()["error_code"]), (404, "IOTDA.000029"))
        self.assertNotIn("connection", answer.headers)

    def test_another_method_is_told_the_right_ones(self):
        for method in ("POST", "PUT", "DELETE", "PATCH"):
            answer, _ = self.answer(f"{method} /version HTTP/1.1\r\nHost: h\r\n\r\n")
            self.assertEqual((answer.status, answer.headers["allow"]), (405, "GET, HEAD, OPTIONS"))
        answer, _ = self.answer("OPTIONS /version HTTP/1.1\r\nHost: h\r\n\r\n")
        self.assertEqual((answer.status, answer.headers["allow"]), (204, "GET, HEAD, OPTIONS"))
        self.assertNotIn("content-length", answer.headers)

    def test_what_is_not_http(self):
        for words in ("hello\r\n\r\n", "GET\r\n\r\n", "GET /version HTTP/1.1\r\nno colon\r\n\r\n"):
            self.refused(400, "IOTDA.000006", words)
        self.refused(400, "IOTDA.000006", b"\x10\x10\x00\x04MQTT\x04\x02\x00\x3c\x00\x04pump\r\n\r\n")
        self.refused(505, "HOLDFAST.000505", "GET / HTTP/2.0\r\nHost: h\r\n\r\n")
        answer, _ = self.answer("BREW /version HTTP/1.1\r\nHost: h\r\n\r\n")
        self.assertEqual(answer.status, 501)
        answer, _ = self.answer(get("/%zz"))
        self.assertEqual(answer.status, 400)

    def test_a_request_without_host_or_with_two(self):
        for headers in ("", "Host: a\r\nHost: b\r\n"):
            answer, _ = self.answer(f"GET /version HTTP/1.1\r\n{headers}\r\n")
            self.assertEqual(answer.status, 400)
            self.assertIn("Host", answer.json()["error_msg"])

    def test_framing_that_could_smuggle_a_request(self):
        both = "Content-Length: 3\r\nTransfer-Encoding: chunked"
        self.refused(400, "IOTDA.000006", get("/version", both), "0\r\n\r\n")
        self.refused(400, "IOTDA.000006", get("/version", "Content-Length: 1\r\nContent-Length: 2"))
        for coding in ("gzip", "gzip, chunked", "chunked\r\nTransfer-Encoding: gzip"):
            answer, _ = self.answer(get("/version", "Transfer-Encoding: " + coding))
            self.assertIn(answer.status, (400, 501), coding)

    def header_of(self, size):
        start = get("/version").encode()[:-2] + b"X: "
        return start + b"x" * (size - len(start) - 4) + b"\r\n\r\n"

    def test_a_header_at_its_maximum_and_beyond(self):
        answer, _ = self.answer(self.header_of(2048))
        self.assertEqual(answer.status, 200)
        message = self.refused(431, "HOLDFAST.000431", self.header_of(2049))
        self.assertIn("2048", message)

    def test_a_header_of_many_small_pieces_is_counted_as_a_whole(self):
        peer = self.connect()
        stream = peer.makefile("rb")
        self.addCleanup(stream.close)
        peer.sendall(get("/version").encode()[:-2])
        sent = 0
        try:
            while sent < 100_000:
                sent += peer.send(b"X: 0123456789\r\n")
                time.sleep(0.001)
        except OSError:
            pass  # closed while we were still talking
        self.assertLess(sent, 100_000)

    def test_a_target_beyond_its_maximum(self):
        with Hub(config={"http": {"header_bytes_max": "64KiB"}}) as hub:
            answer, _ = self.answer(get("/" + "x" * 8191), hub=hub)
            self.assertEqual(answer.status, 404)
            answer, _ = self.answer(get("/" + "x" * 8192), hub=hub)
            self.assertEqual((answer.status, answer.json()["error_code"]), (414, "HOLDFAST.000414"))

    def test_a_body_at_its_maximum_and_beyond(self):
        answer, _ = self.answer(get("/version", "Content-Length: 4096"), b"x" * 4096)
        self.assertEqual(answer.status, 200)
        message = self.refused(
            413, "HOLDFAST.000413", get("/version", "Content-Length: 4097"), b"x" * 4097
        )
        self.assertIn("4096", message)

    def test_a_chunked_body_at_its_maximum_and_beyond(self):
        chunk = b"800\r\n" + b"x" * 2048 + b"\r\n"
        head = get("/version", "Transfer-Encoding: chunked")
        answer, _ = self.answer(head, chunk, chunk, b"0\r\n\r\n")
        self.assertEqual(answer.status, 200)
        self.refused(413, "HOLDFAST.000413", head, chunk, chunk, b"1\r\nx\r\n0\r\n\r\n")

    def test_bodies_together_at_their_maximum_and_beyond(self):
        with Hub(config={"http": {"body_bytes_max": "1MiB", "bodies_bytes_max": "1MiB"}}) as hub:
            half = get("/version", "Content-Length: 524288", "Expect: 100-continue")
            first, first_stream = self.answer(half, hub=hub)
            second, _ = self.answer(half, hub=hub)
            self.assertEqual((first.status, second.status), (100, 100))
            refused, stream = self.answer(get("/version", "Content-Length: 1"), hub=hub)
            self.assertEqual((refused.status, refused.headers["retry-after"]), (503, "1"))
            self.assertEqual(refused.json()["error_code"], "HOLDFAST.000503")
            self.assertEqual(stream.read(), b"")
            without_body, _ = self.answer(get("/version"), hub=hub)
            self.assertEqual(without_body.status, 200)
            self.peers[0].sendall(b"x" * 524288)
            self.assertEqual(Answer(first_stream).status, 200)
            whole, _ = self.answer(get("/version", "Content-Length: 524288"), b"x" * 524288, hub=hub)
            self.assertEqual(whole.status, 200)

    def test_the_refusal_of_a_large_body_arrives_while_it_is_still_sent(self):
        self.refused(
            413, "HOLDFAST.000413", get("/version", "Content-Length: 300000"), b"x" * 300_000
        )

    def test_expect_100_continue(self):
        answer, stream = self.answer(
            get("/version", "Expect: 100-continue", "Content-Length: 2", "Connection: close")
        )
        self.assertEqual((answer.status, answer.headers), (100, {}))
        stream.close()
        peer = self.connect()
        peer.sendall(get("/version", "Expect: 100-continue", "Content-Length: 2").encode())
        stream = peer.makefile("rb")
        self.addCleanup(stream.close)
        self.assertEqual(Answer(stream).status, 100)
        peer.sendall(b"{}")
        self.assertEqual(Answer(stream).status, 200)
        answer, _ = self.answer(get("/version", "Expect: a miracle"))
        self.assertEqual(answer.status, 417)

    def test_nothing_is_continued_that_will_be_refused(self):
        for path, length, status in [("/nowhere", 5, 404), ("/version", 5000, 413)]:
            answer, _ = self.answer(get(path, "Expect: 100-continue", f"Content-Length: {length}"))
            self.assertEqual(answer.status, status)


class Connections(HttpTestCase):
    def test_a_connection_is_kept_and_its_requests_answered_in_order(self):
        paths = ["/version", "/nowhere", "/healthz/live"] * 20
        peer = self.connect()
        stream = peer.makefile("rb")
        self.addCleanup(stream.close)
        peer.sendall("".join(get(path) for path in paths).encode())
        statuses = [Answer(stream).status for _ in paths]
        self.assertEqual(statuses, [200, 404, 200] * 20)

    def test_a_request_may_come_byte_by_byte(self):
        peer = self.connect()
        stream = peer.makefile("rb")
        self.addCleanup(stream.close)
        for _ in range(2):
            for byte in get("/version", "Content-Length: 2").encode() + b"{}":
                peer.sendall(bytes([byte]))
            self.assertEqual(Answer(stream).status, 200)

    def test_a_body_that_nobody_wants_is_not_taken_for_a_request(self):
        smuggled = get("/healthz/live")
        answer, stream = self.answer(
            get("/nowhere", f"Content-Length: {len(smuggled)}"), smuggled
        )
        self.assertEqual((answer.status, answer.headers["connection"]), (404, "close"))
        self.assertEqual(stream.read(), b"")

    def test_a_peer_that_closes_is_answered_first(self):
        peer = self.connect()
        stream = peer.makefile("rb")
        self.addCleanup(stream.close)
        peer.sendall(get("/version").encode())
        peer.shutdown(socket.SHUT_WR)
        self.assertEqual(Answer(stream).status, 200)
        self.assertEqual(stream.read(), b"")

    def test_close_and_http_1_0_end_the_connection(self):
        for request in (get("/version", "Connection: close"), get("/version", version="1.0")):
            answer, stream = self.answer(request)
            self.assertEqual(answer.status, 200)
            self.assertEqual(stream.read(), b"")
        answer, _ = self.answer(get("/version", "Connection: keep-alive", version="1.0"))
        self.assertEqual(answer.headers["connection"], "keep-alive")
        self.assertTrue(answer.status_line.startswith("HTTP/1.0 200"))

    def test_peers_that_vanish_leave_nothing_behind(self):
        before = self.hub.open_descriptors()
        for part in (b"", b"GET /ver", get("/version", "Content-Length: 100").encode()):
            for _ in range(20):
                peer = self.connect()
                peer.sendall(part)
                peer.close()
        wait_until("their descriptors", lambda: self.hub.open_descriptors() <= before)


class Deadlines(HttpTestCase):
    config = {
        "http": {
            "request_deadline": "1s",
            "idle_deadline": "1s",
            "response_deadline": "1s",
            "connections_max": 4,
        }
    }

    def test_a_slow_request_is_ended_however_steadily_it_trickles(self):
        peer = self.connect()
        peer.setblocking(False)
        started, answer = time.monotonic(), b""
        request = get("/version", "X: " + "x" * 1000).encode()
        for byte in request:
            try:
                peer.send(bytes([byte]))
            except OSError:
                break
            time.sleep(0.02)
            try:
                answer += peer.recv(4096)
            except BlockingIOError:
                continue
            except OSError:
                break
            break
        self.assertIn(b" 408 ", answer)
        self.assertIn(b"HOLDFAST.000408", answer)
        self.assertLess(time.monotonic() - started, WAIT)

    def test_a_body_that_never_comes_is_not_waited_for(self):
        message = self.refused(408, "HOLDFAST.000408", get("/version", "Content-Length: 10"), "x")
        self.assertIn("too long", message)

    def test_a_connection_without_a_request_is_closed(self):
        peer = self.connect()
        self.assertEqual(peer.recv(1), b"")
        answer, stream = self.answer(get("/version"))
        self.assertEqual(answer.status, 200)
        self.assertEqual(stream.read(), b"")

    def test_an_answer_that_is_not_taken_is_given_up(self):
        peer = socket.socket()
        self.addCleanup(peer.close)
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        peer.settimeout(WAIT)
        peer.connect(("127.0.0.1", self.hub.http_port))
        wanted = get("/metrics").encode()
        sent, started = 0, time.monotonic()
        try:
            while time.monotonic() - started < WAIT:
                sent += peer.send(wanted)
        except OSError:
            pass
        self.assertLess(time.monotonic() - started, WAIT)

    def test_connections_up_to_the_maximum_and_one_more(self):
        def open_all():
            peers = [self.connect() for _ in range(4)]
            streams = [peer.makefile("rb") for peer in peers]
            for peer, stream in zip(peers, streams):
                self.addCleanup(stream.close)
                peer.sendall(get("/version").encode())
            return [Answer(stream).status for stream in streams]

        wait_until("the connections of other tests to end", lambda: open_all() == [200] * 4)
        one_more, stream = self.answer()
        self.assertEqual(one_more.status, 503)
        self.assertEqual(one_more.json()["error_code"], "HOLDFAST.000503")
        self.assertEqual(one_more.headers["retry-after"], "1")
        self.assertEqual(stream.read(), b"")


class Stop(unittest.TestCase):
    def test_kept_alive_connections_do_not_hold_up_the_end(self):
        hub = Hub(config={"server": {"shutdown_grace": "30s"}}).start()
        peer = socket.create_connection(("127.0.0.1", hub.http_port), timeout=WAIT)
        self.addCleanup(peer.close)
        stream = peer.makefile("rb")
        self.addCleanup(stream.close)
        peer.sendall(get("/version").encode())
        self.assertEqual(Answer(stream).status, 200)
        started = time.monotonic()
        hub.stop()
        self.assertLess(time.monotonic() - started, 10)
        self.assertEqual(stream.read(), b"")

    def test_a_request_that_has_begun_is_answered(self):
        with Hub(config={"server": {"shutdown_grace": "30s"}}) as hub:
            peer = socket.create_connection(("127.0.0.1", hub.http_port), timeout=WAIT)
            self.addCleanup(peer.close)
            stream = peer.makefile("rb")
            self.addCleanup(stream.close)
            # The answer to the first request tells that the beginning of the second has come, too.
            peer.sendall((get("/version") + get("/healthz/ready")[:-2]).encode())
            self.assertEqual(Answer(stream).status, 200)
            hub.signal_stop()
            wait_until("the listener to close", lambda: is_refused(hub.http_port))
            peer.sendall(b"\r\n")
            answer = Answer(stream)
            self.assertEqual((answer.status, answer.headers["connection"]), (503, "close"))
            self.assertEqual(answer.headers["retry-after"], "1")

    def test_a_request_that_never_ends_is_cut_at_the_grace(self):
        hub = Hub(config={"server": {"shutdown_grace": "1s"}}).start()
        peer = socket.create_connection(("127.0.0.1", hub.http_port), timeout=WAIT)
        self.addCleanup(peer.close)
        peer.sendall(get("/version").encode() + b"GET /ver")
        with peer.makefile("rb") as stream:
            self.assertEqual(Answer(stream).status, 200)
        started = time.monotonic()
        hub.stop()
        self.assertLess(time.monotonic() - started, 10)


class Log(unittest.TestCase):
    def test_the_request_id_is_in_the_log(self):
        with Hub(config={"log": {"level": "debug"}}) as hub:
            with socket.create_connection(("127.0.0.1", hub.http_port), timeout=WAIT) as peer:
                peer.sendall(get("/version").encode())
                with peer.makefile("rb") as stream:
                    request_id = Answer(stream).headers["x-request-id"]
            hub.wait_for_log(f"GET /version 200 request_id={request_id}")

    def test_json_lines_are_json(self):
        with Hub(config={"log": {"level": "debug", "format": "json"}}) as hub:
            with socket.create_connection(("127.0.0.1", hub.http_port), timeout=WAIT) as peer:
                peer.sendall(get("/a%22b\\c").encode())
                with peer.makefile("rb") as stream:
                    Answer(stream)
            hub.wait_for_log("http_request")
            for line in hub.log_text().splitlines():
                self.assertIn("event", json.loads(line))
                self.assertTrue(re.match(r'^\{"time":"\d{4}-', line))


def is_refused(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return True
    return False


if __name__ == "__main__":
    unittest.main()
