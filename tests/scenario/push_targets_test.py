"""Status push: authorities of receivers, policies, allowed networks, figures of actions, subscriptions."""

import shutil
import subprocess
import tempfile
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from push_test import ACTIONS, MESSAGE_STATUS, RULES, PushCase
from support.hub import Hub
from support.http_service import HttpService
from support.platform import Application
from support.wire import wait_until

CERTIFICATES, SUBSCRIPTIONS = "/certificates", "/subscriptions"
FLOW, BACKLOG = "/routing-rule/flowcontrol-policy", "/routing-rule/backlog-policy"


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], capture_output=True, check=True, timeout=60)


class Authority:
    """A certificate authority with its own folder; sign() makes (certificate, key) files of a receiver."""

    def __init__(self, test, name):
        self.folder = Path(tempfile.mkdtemp(prefix="holdfast-authority-"))
        test.addCleanup(shutil.rmtree, self.folder)
        self.name = name
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-days", "2", "-subj", f"/CN={name}", "-keyout", self.path("ca.key"),
                "-out", self.path("ca.pem"))

    def path(self, name):
        return str(self.folder / name)

    def pem(self):
        return Path(self.path("ca.pem")).read_text()

    def sign(self, *names):
        """`names` as subjectAltName: "IP:127.0.0.1", "DNS:receiver.local"."""
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj",
                "/CN=receiver", "-keyout", self.path("r.key"), "-out", self.path("r.csr"))
        Path(self.path("r.ext")).write_text(f"subjectAltName={','.join(names)}\n")
        openssl("x509", "-req", "-in", self.path("r.csr"), "-CA", self.path("ca.pem"), "-CAkey",
                self.path("ca.key"), "-CAcreateserial", "-days", "1", "-extfile", self.path("r.ext"),
                "-out", self.path("r.pem"))
        return self.path("r.pem"), self.path("r.key")


class TargetCase(PushCase):
    def upload(self, authority, expected=201):
        body = {"content": authority if isinstance(authority, str) else authority.pem()}
        return self.call("POST", CERTIFICATES, body, expected)

    def serve_with(self, authority, *names):
        service = HttpService(authority.sign(*names))
        self.addCleanup(service.stop)
        return service

    def action_of(self, rule_id, application=None):
        return self.call("GET", f"{ACTIONS}?rule_id={rule_id}", application=application)["actions"][0]

    def push_state(self, rule_id, application=None):
        return self.action_of(rule_id, application)["push"]


class Certificates(TargetCase):
    def test_a_receiver_is_checked_with_the_uploaded_authority(self):
        authority = Authority(self, "Plant authority")
        service, device = self.serve_with(authority, "IP:127.0.0.1"), self.device("d")
        uploaded = self.upload(authority)
        self.assertEqual(uploaded["cn_name"], "Plant authority")
        rule_id = self.push_to(service, cert_id=uploaded["certificate_id"])
        device.post("x", message_id="m1")
        wait_until("the push", lambda: self.came(service, device) == [("m1", "PENDING")])
        self.assertEqual(self.push_state(rule_id)["state"], "working")
        refused = self.call("DELETE", f"{CERTIFICATES}/{uploaded['certificate_id']}", None, 403)
        self.assertEqual(refused["error_code"], "IOTDA.015183")

    def test_another_authority_is_refused_until_the_certificate_is_replaced(self):
        right, wrong = Authority(self, "Right"), Authority(self, "Wrong")
        service, device = self.serve_with(right, "IP:127.0.0.1"), self.device("d")
        certificate_id = self.upload(wrong)["certificate_id"]
        rule_id = self.push_to(service, cert_id=certificate_id)
        device.post("x", message_id="m1")
        wait_until("a failure", lambda: self.push_state(rule_id)["failed"] >= 1)
        state = self.push_state(rule_id)
        self.assertIn("tls_failed", state["last_failure"])
        self.assertEqual((state["waiting"], service.taken()), (1, []))
        shown = self.call("PUT", f"{CERTIFICATES}/{certificate_id}", {"content": right.pem()})
        self.assertEqual(shown["cn_name"], "Right")
        wait_until("the push", lambda: self.came(service, device) == [("m1", "PENDING")])
        wait_until("its answer", lambda: self.push_state(rule_id)["pushed"] == 1)
        self.assertNotIn("last_failure", self.push_state(rule_id))

    def test_the_name_is_the_urls_or_cn_name_and_sni_is_sent_when_it_is_asked_for(self):
        authority = Authority(self, "A")
        certificate_id = self.upload(authority)["certificate_id"]
        certificate = authority.sign("DNS:receiver.local")
        service, device = HttpService(certificate), self.device("d")
        self.addCleanup(service.stop)
        names = []
        service.server.socket.context.sni_callback = lambda raw, name, context: names.append(name)
        rule_id = self.push_to(service, cert_id=certificate_id)
        device.post("x", message_id="m1")
        wait_until("a failure", lambda: self.push_state(rule_id)["failed"] >= 1)
        self.assertIn("tls_failed", self.push_state(rule_id)["last_failure"])
        action_id = self.action_of(rule_id)["action_id"]
        target = {"url": service.url("/push"), "cert_id": certificate_id, "cn_name": "receiver.local"}
        self.call("PUT", f"{ACTIONS}/{action_id}", {"channel_detail": {"http_forwarding": target}})
        wait_until("the push", lambda: self.came(service, device) == [("m1", "PENDING")])
        self.assertNotIn("receiver.local", names)
        target["sni_enable"] = True
        self.call("PUT", f"{ACTIONS}/{action_id}", {"channel_detail": {"http_forwarding": target}})
        device.post("x", message_id="m2")
        wait_until("the push", lambda: len(self.came(service, device)) == 2)
        self.assertEqual(names[-1], "receiver.local")

    def test_certificates_are_listed_shown_and_deleted(self):
        ids = [self.upload(Authority(self, name))["certificate_id"] for name in ("one", "two")]
        listed = self.call("GET", f"{CERTIFICATES}?limit=2")
        self.assertEqual([each["certificate_id"] for each in listed["certificates"]], ids[::-1])
        self.assertEqual(self.call("GET", f"{CERTIFICATES}/{ids[0]}")["cn_name"], "one")
        for each in ids:
            self.call("DELETE", f"{CERTIFICATES}/{each}", None, 204)
            for method in ("GET", "DELETE"):
                gone = self.call(method, f"{CERTIFICATES}/{each}", None, 404)
                self.assertEqual(gone["error_code"], "IOTDA.015181")

    def test_what_is_no_authority_is_refused(self):
        authority = Authority(self, "A")
        leaf, key = authority.sign("DNS:a")
        for content, said in (
            (Path(leaf).read_text(), "CA:TRUE"),
            (authority.pem() + Path(key).read_text(), "private key"),
            ("hello", "PEM form"),
        ):
            refused = self.upload(content, 400)
            self.assertIn(said, refused["error_msg"])
            self.assertNotIn("BEGIN EC", refused["error_msg"])

    def test_certificates_outlive_a_kill(self):
        folder = tempfile.TemporaryDirectory(prefix="holdfast-data-")
        self.addCleanup(folder.cleanup)
        authority = Authority(self, "A")
        service = self.serve_with(authority, "IP:127.0.0.1")
        hub = Hub("--data", folder.name).start()
        self.addCleanup(hub.kill)
        application = Application(hub)
        certificate_id = self.call("POST", CERTIFICATES, {"content": authority.pem()}, 201,
                                   application)["certificate_id"]
        self.push_to(service, application, cert_id=certificate_id)
        hub.kill()
        hub = Hub("--data", folder.name).start()
        self.addCleanup(hub.kill)
        application = Application(hub)
        device = self.device("d", application)
        device.post("x", message_id="m1")
        wait_until("the push", lambda: self.came(service, device) == [("m1", "PENDING")])
        hub.stop()


class Policies(TargetCase):
    def hub_with(self, *arguments, **push):
        hub = Hub(*arguments, config={"push": push} if push else None).start()
        self.addCleanup(hub.kill)
        return hub, Application(hub)

    def test_policies_are_made_listed_changed_and_deleted(self):
        rule_id = self.rule()
        action_id = self.action(rule_id, "http://127.0.0.1:9/")
        made = self.call("POST", FLOW, {"policy_name": "p", "scope": "ACTION", "scope_value": action_id,
                                        "limit": 5}, 201)
        policy = f"{FLOW}/{made['policy_id']}"
        self.assertEqual(self.call("GET", policy), made)
        listed = self.call("GET", f"{FLOW}?scope=ACTION&scope_value={action_id}")
        self.assertEqual((listed["flowcontrol_policies"], listed["count"]), ([made], 1))
        again = self.call("POST", FLOW, {"scope": "ACTION", "scope_value": action_id}, 403)
        self.assertEqual(again["error_code"], "IOTDA.015186")
        self.assertEqual(self.call("PUT", policy, {"limit": 7})["limit"], 7)
        self.call("PUT", policy, {"scope": "USER"}, 400)
        other = self.call("POST", FLOW, {"scope": "RULE", "scope_value": rule_id}, 201)["policy_id"]
        self.call("DELETE", f"{FLOW}/{other}", None, 204)
        self.call("DELETE", f"{FLOW}/{other}", None, 404)
        for value, scope in (("0" * 24, "RULE"), ("0" * 24, "ACTION")):
            self.call("POST", FLOW, {"scope": scope, "scope_value": value}, 404)
        # What limits an action goes with it.
        self.call("DELETE", f"{RULES}/{rule_id}", None, 204)
        self.assertEqual(self.call("GET", policy, None, 404)["error_code"], "IOTDA.015184")

        made = self.call("POST", BACKLOG, {"backlog_time": 60}, 201)
        self.assertEqual((made["backlog_size"], made["backlog_time"]), (1073741823, 60))
        self.call("POST", BACKLOG, {}, 403)
        policy = f"{BACKLOG}/{made['policy_id']}"
        self.assertEqual(self.call("PUT", policy, {"backlog_size": 10})["backlog_time"], 60)
        self.assertEqual(self.call("GET", BACKLOG)["count"], 1)
        self.call("GET", f"{FLOW}/{made['policy_id']}", None, 404)
        self.call("DELETE", policy, None, 204)
        self.call("GET", policy, None, 404)

    def test_of_policies_for_the_same_made_at_once_one_is_kept(self):
        rule_id = self.rule()
        with ThreadPoolExecutor(8) as pool:
            made = list(pool.map(lambda _: self.application.call("POST", FLOW, {
                "scope": "RULE", "scope_value": rule_id}), range(24)))
        kept = [answer["policy_id"] for status, answer in made if status == 201]
        self.assertEqual({status for status, _ in made}, {201, 403})
        listed = self.call("GET", f"{FLOW}?scope=RULE&scope_value={rule_id}")
        self.assertEqual([[each["policy_id"] for each in listed["flowcontrol_policies"]]], [kept])

    def test_a_flow_policy_holds_back_and_loses_nothing_also_after_a_restart(self):
        folder = tempfile.TemporaryDirectory(prefix="holdfast-data-")
        self.addCleanup(folder.cleanup)
        hub, application = self.hub_with("--data", folder.name)
        service, device = self.receiver(), self.device("d", application)
        rule_id = self.push_to(service, application)
        self.call("POST", FLOW, {"scope": "RULE", "scope_value": rule_id, "limit": 2}, 201, application)
        for i in range(6):
            device.post("x", message_id=f"m{i}")
        wait_until("some", lambda: self.came(service, device))
        self.assertLess(len(self.came(service, device)), 5)
        self.assertGreater(self.push_state(rule_id, application)["waiting"], 0)
        wait_until("all", lambda: len(self.came(service, device)) == 6, limit=30)
        hub.kill()
        hub, application = self.hub_with("--data", folder.name)
        listed = self.call("GET", FLOW, application=application)
        self.assertEqual([each["limit"] for each in listed["flowcontrol_policies"]], [2])
        hub.stop()

    def test_more_than_the_backlog_policy_allows_is_discarded_and_said(self):
        hub, application = self.hub_with(timeout="300ms", probe_interval="1s")
        service, device = self.receiver(), self.device("d", application)
        service.respond = lambda request: (503, {})
        rule_id = self.push_to(service, application)
        self.call("POST", BACKLOG, {"backlog_size": 1500}, 201, application)
        for i in range(12):
            device.post("x", message_id=f"m{i}")
        action_id = self.action_of(rule_id, application)["action_id"]
        wait_until("drops", lambda: self.push_state(rule_id, application)["dropped"] >= 8)
        state = self.push_state(rule_id, application)
        self.assertLessEqual(state["waiting_bytes"], 1500)
        wait_until("the log", lambda: "push_backlog_full" in hub.log_text())
        self.assertEqual(hub.log_text().count("push_backlog_full"), 1)
        service.respond = lambda request: (200, {})
        wait_until("the rest", lambda: self.push_state(rule_id, application)["waiting"] == 0, limit=60)
        state = self.push_state(rule_id, application)
        self.assertEqual(state["pushed"] + state["dropped"], 12)
        metrics = hub.metrics()
        label = f'{{action_id="{action_id}"}}'
        self.assertEqual(metrics[f"holdfast_push_action_dropped_total{label}"], state["dropped"])
        self.assertEqual(metrics[f"holdfast_push_action_pushed_total{label}"], state["pushed"])
        self.assertEqual(metrics[f"holdfast_push_action_waiting_events{label}"], 0)
        by_size = metrics['holdfast_events_push_dropped_by_reason_total{reason="backlog_size"}']
        self.assertEqual(by_size, state["dropped"])
        self.assertIn("push_backlog_over", hub.log_text())
        hub.stop()

    def test_only_networks_that_are_named_may_be_targets(self):
        hub, application = self.hub_with(allowed_networks=["127.0.0.1"])
        service, device = self.receiver(), self.device("d", application)
        self.push_to(service, application)
        device.post("x", message_id="m1")
        wait_until("the push", lambda: self.came(service, device))
        rule_id = self.rule(application=application)
        for url in ("http://127.0.0.2:9/", "http://10.1.2.3/", "http://169.254.169.254/"):
            body = {"rule_id": rule_id, "channel": "HTTP_FORWARDING",
                    "channel_detail": {"http_forwarding": {"url": url}}}
            refused = self.call("POST", ACTIONS, body, 400, application)
            self.assertIn("allowed_networks", refused["error_msg"])
        hub.stop()


class Subscriptions(TargetCase):
    def test_a_subscription_is_a_rule_with_an_action(self):
        service, device = self.receiver(), self.device("d")
        made = self.call("POST", SUBSCRIPTIONS,
                         {"subject": MESSAGE_STATUS, "callbackurl": service.url("/a"), "channel": "http"}, 201)
        subscription = f"{SUBSCRIPTIONS}/{made['subscription_id']}"
        self.assertEqual(made, {"subscription_id": made["subscription_id"], "subject": MESSAGE_STATUS,
                                "callbackurl": service.url("/a"), "channel": "http"})
        device.post("x", message_id="m1")
        wait_until("the push", lambda: self.came(service, device) == [("m1", "PENDING")])
        self.assertEqual(self.call("GET", subscription), made)
        self.assertTrue(self.call("GET", f"{RULES}/{made['subscription_id']}")["active"])
        listed = self.call("GET", f"{SUBSCRIPTIONS}?resource=device.message.status")
        self.assertEqual((listed["subscriptions"], listed["count"]), ([made], 1))
        self.assertEqual(self.call("GET", f"{SUBSCRIPTIONS}?callbackurl=http://x")["count"], 0)
        changed = self.call("PUT", subscription, {"callbackurl": service.url("/b")})
        self.assertEqual(changed["callbackurl"], service.url("/b"))
        device.post("x", message_id="m2")
        wait_until("the push", lambda: len(self.came(service, device)) == 2)
        self.assertEqual([each["path"] for each in service.taken()], ["/a", "/b"])
        self.call("DELETE", subscription, None, 204)
        for method in ("GET", "DELETE"):
            gone = self.call(method, subscription, None, 404)
            self.assertEqual(gone["error_code"], "IOTDA.015187")
        self.call("GET", f"{RULES}/{made['subscription_id']}", None, 404)

    def test_rules_that_were_made_otherwise_are_no_subscriptions(self):
        rule_id = self.rule()
        self.action(rule_id, "http://127.0.0.1:9/")
        self.addCleanup(self.call, "DELETE", f"{RULES}/{rule_id}", None, 204)
        self.assertEqual(self.call("GET", SUBSCRIPTIONS)["count"], 0)
        self.call("GET", f"{SUBSCRIPTIONS}/{rule_id}", None, 404)
        self.call("DELETE", f"{SUBSCRIPTIONS}/{rule_id}", None, 404)

    def test_what_cannot_be_subscribed_is_refused(self):
        url = "http://127.0.0.1:9/"
        for body, said in (
            ({"callbackurl": url}, "subject must be there"),
            ({"subject": MESSAGE_STATUS}, "callbackurl must be there"),
            ({"subject": MESSAGE_STATUS, "callbackurl": "x"}, "callbackurl must be a URL"),
            ({"subject": MESSAGE_STATUS, "callbackurl": url, "channel": "amqp"}, "channel must be http"),
        ):
            self.assertIn(said, self.call("POST", SUBSCRIPTIONS, body, 400)["error_msg"])


if __name__ == "__main__":
    unittest.main()
