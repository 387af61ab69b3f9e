"""A service that says over HTTP who may connect: its three answers, rules, an end, and all that is no answer."""

import threading
import time
import unittest

from access_test import BAD_CREDENTIALS, NOT_AUTHORIZED, AccessCase
from support.hub import binary
from support.http_service import HANG, RESET, HttpService
from support.packets import V5, V31, V311
from support.transports import shared_certificates
from support.wire import wait_until

UNAVAILABLE = {V31: 3, V311: 3, V5: 0x88}


class ServiceCase(AccessCase):
    def serve(self, certificate=None):
        service = HttpService(certificate)
        self.addCleanup(service.stop)
        service.respond = lambda request: self.answers.get(request["body"]["user_name"], (500, {}))
        self.answers = {
            "carol2": (200, {"result": "allow"}),
            "tom": (200, {"result": "deny", "reason": "unpaid"}),
            None: (200, {"result": "ignore"}),
        }
        return service

    def start_with(self, service, listener=None, **access):
        return self.start(
            listener, **({"http_login_url": service.url("/login?key=k"), "http_login_timeout": "2s"} | access)
        )


class Answers(ServiceCase):
    def test_the_service_lets_in_shuts_out_or_ignores(self):
        service = self.serve()
        self.start_with(service)
        for version in (V31, V311, V5):
            with self.subTest(version):
                self.join(version, f"c{version}", "carol2", "any").disconnect()
                self.refuse(BAD_CREDENTIALS, version, "c", "tom", "any")
                self.join(version, f"n{version}").disconnect()  # ignored: this machine may come
                before = len(service.taken())
                # Users of the files are theirs, devices are the platform's.
                self.join(version, f"a{version}", "alice", "wonderland").disconnect()
                self.refuse(BAD_CREDENTIALS, version, "c", "alice", "no")
                self.refuse(BAD_CREDENTIALS, version, "d_0_0_2026010100", "d", "no")
                self.assertEqual(len(service.taken()), before)
        wait_until("the log", lambda: "unpaid" in self.log.read_text())
        request = service.taken()[0]
        self.assertEqual(request["path"], "/login?key=k")
        self.assertEqual(request["body"], {
            "client_id": f"c{V31}", "user_name": "carol2", "password": "any",
            "peer_address": "127.0.0.1", "listener": request["body"]["listener"],
            "is_secure": False, "protocol_level": 3,
        })
        self.stop()

    def test_an_answer_holds_for_a_time(self):
        service = self.serve()
        self.start_with(service, http_login_cache="1h")
        for _ in range(3):
            self.join(V5, "c", "carol2", "any").disconnect()
        self.assertEqual(len(service.taken()), 1)
        self.join(V5, "c", "carol2", "other").disconnect()
        self.assertEqual(len(service.taken()), 2)
        self.stop()

    def test_a_connection_is_kept_and_a_closed_one_replaced(self):
        service = self.serve()
        self.start_with(service, http_login_cache="off")
        for i in range(4):
            self.join(V5, f"c{i}", "carol2", "any").disconnect()
        self.assertEqual(len({request["peer"] for request in service.taken()}), 1)
        port = service.port
        service.stop()
        again = HttpService(port=port)
        self.addCleanup(again.stop)
        again.respond = lambda request: (200, {"result": "allow"})
        self.join(V5, "c", "carol2", "any").disconnect()
        self.assertEqual(len(again.taken()), 1)
        self.stop()

    def test_rules_of_an_answer_are_kept_to(self):
        service = self.serve()
        self.answers["rita"] = (200, {"result": "allow", "acl": [
            {"allow": ["subscribe", "receive", "publish"], "topics": ["plant/${client_id}/#"]},
        ]})
        self.start_with(service)
        client = self.join(V5, "r1", "rita", "x")
        self.assertEqual(client.subscribe(["plant/r1/#", "plant/r2/#"]), [0, 0x87])
        client.publish("plant/r2/x", b"no", qos=1)
        client.publish("plant/r1/x", b"yes", qos=1)
        self.assertEqual(client.message().payload, b"yes")
        client.disconnect()
        self.stop()

    def test_a_connection_ends_when_the_service_says(self):
        service = self.serve()
        self.answers["eve"] = (200, {"result": "allow", "expires_at": int(time.time()) + 2})
        self.answers["old"] = (200, {"result": "allow", "expires_at": int(time.time()) - 1})
        self.start_with(service)
        client = self.join(V311, "e", "eve", "x")
        client.expect_closed()
        wait_until("the log", lambda: "token_expired" in self.log.read_text())
        self.refuse(NOT_AUTHORIZED, V5, "o", "old", "x")
        self.stop()

    def test_a_listener_need_not_ask(self):
        service = self.serve()
        self.start_with(service, {"http_login": False})
        self.refuse(BAD_CREDENTIALS, V5, "c", "carol2", "any")
        self.join(V5, "c").disconnect()
        self.assertEqual(service.taken(), [])
        self.stop()

    def test_https_with_an_authority_of_its_own(self):
        made = shared_certificates(binary())
        files = made.file("server.pem"), made.file("server.key")
        service = self.serve(files)
        self.start_with(service, http_login_ca_file=made.file("authority.pem"))
        self.join(V5, "c", "carol2", "any").disconnect()
        self.stop()
        self.start_with(service)  # the system does not trust that authority
        self.refuse(UNAVAILABLE, V5, "c", "carol2", "any")
        wait_until("the log", lambda: "tls_failed" in self.log.read_text())
        self.stop()


class NoAnswer(ServiceCase):
    def test_what_is_no_answer_lets_nobody_in_and_is_no_wrong_password(self):
        service = self.serve()
        self.answers |= {
            "error": (500, {}), "redirect": (302, {}), "text": (200, b"allow"),
            "more": (200, {"result": "allow", "is_superuser": True}),
            "big": (200, b'{"result": "allow"' + b" " * 300_000 + b"}"), "hang": HANG, "reset": RESET,
        }
        self.start_with(service, http_login_timeout="500ms")
        for user, said in (
            ("error", "answered 500"), ("redirect", "answered 302"), ("text", "no JSON object"),
            ("more", "none of result, acl"), ("big", "response_too_large"), ("hang", "timed_out"),
            ("reset", "connection_lost"),
        ):
            for version in (V31, V311, V5):
                with self.subTest(user=user, version=version):
                    before = self.log.read_text().count(said)
                    for _ in range(2):
                        self.refuse(UNAVAILABLE, version, f"c-{user}", user, "x")
                    wait_until(said, lambda: self.log.read_text().count(said) >= before + 2)
        self.assertIn("authenticator_unavailable", self.log.read_text())
        # More failures than wrong passwords are forgiven, and nobody is banned.
        self.join(V5, "c", "carol2", "any").disconnect()
        self.stop()

    def test_a_service_that_is_not_there_shuts_out_only_whom_it_judges(self):
        service = self.serve()
        service.stop()
        self.start_with(service)
        self.refuse(UNAVAILABLE, V5, "c", "carol2", "any")
        self.refuse(UNAVAILABLE, V5, "c")
        self.join(V5, "c", "alice", "wonderland").disconnect()
        wait_until("the log", lambda: "connect_failed" in self.log.read_text())
        self.stop()

    def test_a_slow_service_holds_up_nobody_else(self):
        service = self.serve()
        self.answers["hang"] = HANG
        self.start_with(service, http_login_timeout="30s")
        slow = [self.dial(V5, f"s{i}", "hang", str(i)) for i in range(40)]
        for client in slow:
            threading.Thread(target=self.wait_for_close, args=(client,), daemon=True).start()
        wait_until("questions", lambda: len(service.taken()) >= 32)
        self.join(V5, "c", "alice", "wonderland").disconnect()
        self.stop()  # and the end does not wait for the service

    def wait_for_close(self, client):
        try:
            client.open_any()
        except Exception:
            pass


if __name__ == "__main__":
    unittest.main()
