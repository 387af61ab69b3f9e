"""Status push: rules and actions, receivers that work, fail, hang, reset and come back, and a kill with a backlog."""

import collections
import hashlib
import tempfile
import unittest

from messages_test import DeviceTestCase
from support.hub import Hub
from support.http_service import HANG, RESET, HttpService
from support.platform import Application
from support.wire import wait_until

RULES, ACTIONS = "/routing-rule/rules", "/routing-rule/actions"
MESSAGE_STATUS = {"resource": "device.message.status", "event": "update"}


class PushCase(DeviceTestCase):
    def receiver(self, **options):
        service = HttpService(**options)
        self.addCleanup(service.stop)
        return service

    def call(self, method, path, body=None, expected=200, application=None):
        status, answer = (application or self.application).call(method, path, body)
        self.assertEqual(status, expected, answer)
        return answer

    def rule(self, subject=MESSAGE_STATUS, application=None, **fields):
        return self.call("POST", RULES, {"subject": subject, **fields}, 201, application)["rule_id"]

    def action(self, rule_id, url, application=None, **fields):
        body = {"rule_id": rule_id, "channel": "HTTP_FORWARDING",
                "channel_detail": {"http_forwarding": {"url": url, **fields}}}
        return self.call("POST", ACTIONS, body, 201, application)["action_id"]

    def push_to(self, service, application=None, **fields):
        rule_id = self.rule(application=application)
        self.action(rule_id, service.url("/push"), application, **fields)
        self.call("PUT", f"{RULES}/{rule_id}", {"active": True}, 200, application)
        if application is None:
            self.addCleanup(self.call, "DELETE", f"{RULES}/{rule_id}", None, 204)
        return rule_id

    def came(self, service, device):
        """(message_id, status) of what the receiver got of the device."""
        taken = [request["body"] for request in service.taken()]
        bodies = [each["notify_data"]["body"] for each in taken
                  if each["notify_data"]["header"]["device_id"] == device.device_id]
        return [(body["message_id"], body["status"]) for body in bodies]


class Rules(PushCase):
    def test_rules_and_actions_are_made_shown_changed_and_deleted(self):
        rule_id = self.rule(rule_name="r", description="d")
        shown = self.call("GET", f"{RULES}/{rule_id}")
        self.assertEqual(shown, {
            "rule_id": rule_id, "rule_name": "r", "description": "d", "subject": MESSAGE_STATUS,
            "app_type": "GLOBAL", "active": False,
        })
        action_id = self.action(rule_id, "http://127.0.0.1:9/x", signature_enable=True, token="secret")
        action = self.call("GET", f"{ACTIONS}/{action_id}")
        self.assertNotIn("secret", str(action))
        self.assertEqual(action["channel_detail"]["http_forwarding"]["url"], "http://127.0.0.1:9/x")
        changed = self.call("PUT", f"{RULES}/{rule_id}", {"rule_name": "s", "active": True})
        self.assertEqual((changed["rule_name"], changed["active"], changed["description"]), ("s", True, "d"))
        listed = self.call("GET", f"{RULES}?rule_name=s&active=true&resource=device.message.status")
        self.assertEqual([each["rule_id"] for each in listed["rules"]], [rule_id])
        self.assertEqual(listed["count"], 1)
        listed = self.call("GET", f"{ACTIONS}?rule_id={rule_id}")
        self.assertEqual([each["action_id"] for each in listed["actions"]], [action_id])
        self.call("PUT", f"{ACTIONS}/{action_id}",
                  {"channel_detail": {"http_forwarding": {"url": "http://127.0.0.1:10/y"}}})
        other = self.action(rule_id, "http://127.0.0.1:9/other")
        self.call("DELETE", f"{ACTIONS}/{other}", None, 204)
        self.call("DELETE", f"{ACTIONS}/{other}", None, 404)
        self.call("DELETE", f"{RULES}/{rule_id}", None, 204)
        self.call("GET", f"{RULES}/{rule_id}", None, 404)
        self.call("GET", f"{ACTIONS}/{action_id}", None, 404)

    def test_what_cannot_be_done_is_refused_with_a_sentence(self):
        rule_id = self.rule()
        for body, said in (
            ({}, "subject must be there"),
            ({"subject": {"resource": "device", "event": "report"}}, "subject.event must be an event"),
            ({"subject": MESSAGE_STATUS, "where": "a = 1"}, "where is not supported"),
            ({"subject": MESSAGE_STATUS, "app_type": "APP"}, "app_id must be there"),
        ):
            self.assertIn(said, self.call("POST", RULES, body, 400)["error_msg"])
        base = {"rule_id": rule_id, "channel": "HTTP_FORWARDING"}
        for body, status, said in (
            ({**base, "channel": "DIS_FORWARDING"}, 400, "HTTP_FORWARDING"),
            ({**base, "channel_detail": {"http_forwarding": {"url": "ftp://a/"}}}, 400, "http"),
            ({**base, "channel_detail": {"http_forwarding": {"url": "http://a/", "token": "abc"}}}, 400,
             "signature_enable"),
            ({**base, "channel_detail": {"http_forwarding": {"url": "http://a/", "cert_id": "c"}}}, 400,
             "needs a url of https"),
            ({**base, "channel_detail": {"http_forwarding": {"url": "https://a/", "cert_id": "c"}}}, 404,
             "certificate does not exist"),
            ({**base, "rule_id": "0" * 24, "channel_detail": {"http_forwarding": {"url": "http://a/"}}}, 404,
             "rule does not exist"),
        ):
            self.assertIn(said, self.call("POST", ACTIONS, body, status)["error_msg"])


class Pushes(PushCase):
    def test_what_becomes_of_messages_is_pushed_in_order(self):
        service = self.receiver()
        self.push_to(service)
        devices = [self.device(f"d{i}") for i in range(3)]
        expected = [(f"m{i}", "PENDING") for i in range(20)]
        for message_id, _ in expected:
            for device in devices:
                device.post("x", message_id=message_id)
        for device in devices:
            wait_until("pushes", lambda: len(self.came(service, device)) >= len(expected))
            self.assertEqual(self.came(service, device), expected)
        request = service.taken()[0]
        self.assertEqual(request["path"], "/push")
        self.assertEqual(request["headers"]["Content-Type"], "application/json")
        told = self.application.call("GET", f"/events?after={int(request['body']['event_id']) - 1}&limit=1")
        self.assertEqual(told[1]["events"], [request["body"]])
        ids = [int(each["body"]["event_id"]) for each in service.taken()]
        self.assertEqual(len(set(ids)), len(ids))

    def test_a_rule_that_is_not_active_or_gone_pushes_nothing(self):
        service, device = self.receiver(), self.device("d")
        rule_id = self.rule()
        self.action(rule_id, service.url())
        device.post("x", message_id="m1")
        self.call("PUT", f"{RULES}/{rule_id}", {"active": True})
        device.post("x", message_id="m2")
        wait_until("the push", lambda: self.came(service, device))
        self.call("DELETE", f"{RULES}/{rule_id}", None, 204)
        device.post("x", message_id="m3")
        other = self.receiver()
        self.push_to(other)
        device.post("x", message_id="m4")
        wait_until("the push", lambda: self.came(other, device))
        self.assertEqual(self.came(service, device), [("m2", "PENDING")])
        self.assertEqual(self.came(other, device), [("m4", "PENDING")])

    def test_a_signature_can_be_checked(self):
        service, device = self.receiver(), self.device("d")
        self.push_to(service, signature_enable=True, token="tok123")
        device.post("x")
        wait_until("the push", service.taken)
        headers = {name.lower(): value for name, value in service.taken()[0]["headers"].items()}
        parts = sorted(["tok123", headers["timestamp"], headers["nonce"]])
        self.assertEqual(headers["signature"], hashlib.sha256("".join(parts).encode()).hexdigest())

    def test_what_fails_is_tried_again_and_holds_up_its_device_only(self):
        service = self.receiver()
        bad, good = self.device("bad"), self.device("good")
        failures = collections.Counter()
        kinds = iter([(500, {}), RESET, (302, {})])

        def respond(request):
            device_id = request["body"]["notify_data"]["header"]["device_id"]
            if device_id != bad.device_id:
                return 200, {}
            answer = next(kinds, (200, {}))
            failures[str(answer)] += 1
            return answer

        service.respond = respond
        self.push_to(service)
        for i in range(3):
            bad.post("x", message_id=f"m{i}")
            good.post("x", message_id=f"m{i}")
        wait_until("the good one", lambda: len(self.came(service, good)) == 3)
        wait_until("the bad one", lambda: len(self.came(service, bad)) == 6, limit=30)
        expected = [("m0", "PENDING")] * 4 + [("m1", "PENDING"), ("m2", "PENDING")]
        self.assertEqual(self.came(service, bad), expected)
        again = [each["body"]["event_id"] for each in service.taken()
                 if each["body"]["notify_data"]["header"]["device_id"] == bad.device_id]
        self.assertEqual(len(set(again)), 3)


class Settings(PushCase):
    def hub_with(self, *arguments, **push):
        hub = Hub(*arguments, config={"push": push}).start()
        self.addCleanup(hub.kill)
        return hub, Application(hub)

    def test_without_retry_a_failure_is_discarded(self):
        hub, application = self.hub_with(retry=False, timeout="500ms")
        service = self.receiver()
        answers = iter([(500, {}), HANG])
        service.respond = lambda request: next(answers, (200, {}))
        self.push_to(service, application)
        device = self.device("d", application)
        for i in range(3):
            device.post("x", message_id=f"m{i}")
        wait_until("all three", lambda: len(self.came(service, device)) == 3)
        self.assertEqual(self.came(service, device), [(f"m{i}", "PENDING") for i in range(3)])
        metrics = hub.metrics()
        self.assertEqual(metrics["holdfast_events_push_dropped_total"], 2)
        hub.stop()

    def test_a_host_that_fails_often_is_left_alone_and_tried_now_and_then(self):
        hub, application = self.hub_with(probe_interval="2s")
        service = self.receiver()
        service.respond = lambda request: (500, {})
        self.push_to(service, application)
        devices = [self.device(f"d{i}", application) for i in range(12)]
        for device in devices:
            device.post("x", message_id="m")
        wait_until("ten failures", lambda: len(service.taken()) >= 10)
        wait_until("the log", lambda: "push_blocked" in hub.log_text())
        service.respond = lambda request: (200, {})
        wait_until("all of them", lambda: all(self.came(service, each) for each in devices), limit=30)
        wait_until("the log", lambda: "push_resumed" in hub.log_text())
        wait_until("no backlog", lambda: hub.metrics()["holdfast_events_push_backlog"] == 0)
        hub.stop()

    def test_a_kill_with_a_backlog_loses_nothing_and_repeats_keep_their_ids(self):
        folder = tempfile.TemporaryDirectory(prefix="holdfast-data-")
        self.addCleanup(folder.cleanup)
        hub, application = self.hub_with("--data", folder.name, probe_interval="1s")
        service = self.receiver()
        limit = 20
        service.respond = lambda request: (200, {}) if len(service.taken()) <= limit else (503, {})
        self.push_to(service, application)
        devices = [self.device(f"d{i}", application) for i in range(4)]
        for i in range(20):
            for device in devices:
                device.post("x", message_id=f"m{i}")
        wait_until("some pushes", lambda: len(service.taken()) > limit)
        hub.kill()
        service.respond = lambda request: (200, {})
        before = len(service.taken())
        hub, application = self.hub_with("--data", folder.name, probe_interval="1s")
        expected = [f"m{i}" for i in range(20)]

        def is_complete(device):
            return {message_id for message_id, _ in self.came(service, device)} == set(expected)

        wait_until("everything", lambda: all(is_complete(each) for each in devices), limit=30)
        self.assertGreater(len(service.taken()), before)
        ids = collections.defaultdict(set)
        for each in service.taken():
            body = each["body"]["notify_data"]
            ids[body["header"]["device_id"], body["body"]["message_id"]].add(each["body"]["event_id"])
        self.assertEqual({len(each) for each in ids.values()}, {1})
        self.assertEqual(len(ids), 80)
        hub.stop()


if __name__ == "__main__":
    unittest.main()
