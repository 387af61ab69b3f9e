"""What applications keep about their devices, end to end: resource spaces, groups, tags, and topic policies that
devices feel while they are connected."""

import tempfile
import unittest

from support.hub import Hub, HubTestCase, each_version
from support.packets import V5
from support.platform import Application
from support.wire import Client, wait_until

REFUSED = 0x87  # Not authorized


class CatalogueTest(HubTestCase):
    def setUp(self):
        super().setUp()
        self.application = Application(self.hub)

    def call(self, method, path, body=None, expected=200):
        status, answer = self.application.call(method, path, body)
        self.assertEqual(status, expected, answer)
        return answer

    def log_in(self, device, version=V5, hub=None):
        options = device.connect_options(version)
        client = Client((hub or self.hub).port, version, device.client_id, **options)
        self.addCleanup(client.close)
        return client.open()

    def device(self, name):
        return self.application.register(f"{self._testMethodName}-{name}"[-60:])

    def policy(self, *statements):
        body = {
            "policy_name": "policy",
            "statement": [
                {
                    "effect": effect,
                    "actions": [f"iotda:devices:{deed}" for deed in deeds],
                    "resources": [f"topic:{topic}" for topic in topics],
                }
                for effect, deeds, topics in statements
            ],
        }
        return self.call("POST", "/device-policies", body, 201)["policy_id"]

    def bind(self, policy, kind, *ids, action="bind"):
        body = {"target_type": kind, "target_ids": list(ids)}
        self.call("POST", f"/device-policies/{policy}/{action}", body)

    def test_a_device_lives_in_a_space_of_its_own(self):
        space = self.call("POST", "/apps", {"app_name": "plant"}, 201)["app_id"]
        body = {"node_id": "space-device", "app_id": space}
        device = self.call("POST", "/devices", body, 201)
        self.assertEqual((device["app_id"], device["app_name"]), (space, "plant"))
        listed = self.call("GET", f"/devices?app_id={space}")["devices"]
        self.assertEqual([each["device_id"] for each in listed], [device["device_id"]])
        self.call("DELETE", f"/apps/{space}", expected=403)
        self.call("DELETE", f"/devices/{device['device_id']}", expected=204)
        self.call("DELETE", f"/apps/{space}", expected=204)
        self.call("POST", "/devices", body, 403)

    def test_groups_and_tags_go_with_their_device(self):
        device = self.device("d")
        group = self.call("POST", "/device-group", {"name": "all"}, 201)["group_id"]
        path = f"/device-group/{group}/action?action_id=addDevice&device_id={device.device_id}"
        self.call("POST", path, {})
        tags = {"resource_type": "device", "tags": [{"tag_key": "place", "tag_value": "roof"}]}
        self.call("POST", "/tags/bind-resource", {**tags, "resource_id": device.device_id})
        shown = self.call("GET", f"/devices/{device.device_id}")
        self.assertEqual(shown["tags"], tags["tags"])
        found = self.call("POST", "/tags/query-resources", tags)["resources"]
        self.assertEqual(found, [{"resource_id": device.device_id}])
        self.call("DELETE", f"/devices/{device.device_id}", expected=204)
        self.assertEqual(self.call("GET", f"/device-group/{group}/devices")["devices"], [])
        self.assertEqual(self.call("POST", "/tags/query-resources", tags)["resources"], [])

    @each_version
    def test_a_policy_holds_for_a_device_that_is_connected(self, version):
        device = self.device(str(version))
        client = self.log_in(device, version)
        own = f"/v1/{device.device_id}/test"
        watcher = Client(self.hub.port, V5, "watcher-" + device.device_id)
        self.addCleanup(watcher.close)
        watcher.open()
        watcher.subscribe([("/v1/#", 0), ("open/#", 0)])
        client.subscribe([("open/down", 0), (own, 0)])
        policy = self.policy(("ALLOW", ("publish", "subscribe"), ("/v1/${devices.deviceId}/test",)))
        self.bind(policy, "device", device.device_id)

        client.publish("open/up", b"refused", qos=1)
        client.publish("/v1/other/test", b"refused", qos=1)
        client.publish(own, b"mine", qos=1)
        self.assertEqual(watcher.payloads(1), ["mine"])
        self.assertEqual(client.payloads(1), ["mine"])

        watcher.publish("open/down", b"not for it", qos=1)
        watcher.publish(own, b"heard", qos=1)
        self.assertEqual(client.payloads(1), ["heard"])
        self.assertEqual(watcher.payloads(2), ["not for it", "heard"])
        self.bind(policy, "device", device.device_id, action="unbind")
        client.publish("open/up", b"free", qos=1)
        self.assertEqual(watcher.payloads(1), ["free"])

    def product(self, name, *topics):
        body = {"product_id": name, "name": name, "device_type": "pump", "protocol_type": "MQTT"}
        self.call("POST", "/products", {**body, "service_capabilities": []}, 201)
        self.define(name, *topics)
        return name

    def define(self, product, *topics):
        body = {"topics": [{"topic": topic, "permission": right} for topic, right in topics]}
        self.call("PUT", f"/products/{product}/topics", body)

    def user(self, device, suffix):
        return f"$oc/devices/{device.device_id}/user/{suffix}"

    @each_version
    def test_custom_topics_hold_for_a_device_that_is_connected(self, version):
        product = self.product(f"topics-{version}", ("up", "PUBLISH"), ("down", "SUBSCRIBE"))
        device = self.application.register(f"custom-{version}", product_id=product)
        client = self.log_in(device, version)
        refused = REFUSED if version == V5 else 0x80
        asked = [(self.user(device, suffix), 1) for suffix in ("down", "#", "up", "other", "up/#")]
        self.assertEqual(client.subscribe(asked), [1, 1, refused, refused, refused])
        self.assertEqual(client.subscribe(device.topic("messages/down"), qos=1), [1])

        def up(suffix, qos=1):
            reason = client.publish(self.user(device, suffix), suffix.encode(), qos=qos)
            return reason if version == V5 else None

        no = REFUSED if version == V5 else None
        self.assertEqual([up("down"), up("other", 2), up("other", 0)], [no, no, 0 if no else None])
        self.assertNotEqual(up("up"), REFUSED)
        seen = [each["content"] for each in self.reports(device, 1)]
        self.assertEqual(seen, ["up"])

        self.define(product, ("other", "PUBLISH_AND_SUBSCRIBE"))
        self.assertEqual(up("up"), no)
        self.assertNotEqual(up("other"), REFUSED)
        self.assertEqual([each["content"] for each in self.reports(device, 2)], ["up", "other"])
        # What may no longer be subscribed to is gone, what still covers something is not.
        self.assertEqual(client.subscribe(self.user(device, "down"), qos=1), [refused])
        if version == V5:
            gone = client.unsubscribe([self.user(device, "down"), self.user(device, "#")])
            self.assertEqual(gone, [0x11, 0])
        self.define(product)
        self.assertNotEqual(up("anything"), REFUSED)
        self.assertEqual(client.subscribe(self.user(device, "anything"), qos=1), [1])

    def reports(self, device, count):
        """The bodies of the events of what the device has published, once there are as many."""

        query = f"resource=device.message&event=report&device_id={device.device_id}&limit=1000"

        def read():
            events = self.call("GET", f"/events?{query}")["events"]
            return len(events) >= count and [each["notify_data"]["body"] for each in events]

        return wait_until(f"{count} events", read)

    def test_custom_topics_outlive_the_process(self):
        with tempfile.TemporaryDirectory() as folder:
            with Hub("--data", folder) as hub:
                self.application = Application(hub)
                device = self.device("d")
                self.define(device.product_id, ("up", "PUBLISH"))
            with Hub("--data", folder) as hub:
                client = self.log_in(device, hub=hub)
                self.assertEqual(client.publish(self.user(device, "x"), b"", qos=1), REFUSED)
                self.assertNotEqual(client.publish(self.user(device, "up"), b"", qos=1), REFUSED)
                self.application = Application(hub)
                self.application.base = f"http://127.0.0.1:{hub.http_port}/admin/explain"
                asked = f"client_id={device.client_id}&user={device.device_id}&topic="
                for suffix, is_allowed in (("up", True), ("x", False)):
                    topic = self.user(device, suffix).replace("$", "%24")
                    told = self.call("GET", f"/publish?{asked}{topic}")
                    self.assertEqual(told["allowed"], is_allowed, told)

    def test_custom_topics_can_be_required(self):
        with Hub(config={"delivery": {"custom_topics_required": True}}) as hub:
            self.application = Application(hub)
            device = self.device("d")
            client = self.log_in(device, hub=hub)
            self.assertEqual(client.publish(self.user(device, "x"), b"", qos=1), REFUSED)
            self.assertEqual(client.subscribe(self.user(device, "#")), [REFUSED])
            self.define(device.product_id, ("x", "PUBLISH_AND_SUBSCRIBE"))
            self.assertNotEqual(client.publish(self.user(device, "x"), b"", qos=1), REFUSED)
            self.assertEqual(client.subscribe(self.user(device, "#")), [0])

    def test_policies_outlive_the_process(self):
        with tempfile.TemporaryDirectory() as folder:
            with Hub("--data", folder) as hub:
                self.application = Application(hub)
                device = self.device("d")
                policy = self.policy(("DENY", ("subscribe",), ("secret/#",)))
                self.bind(policy, "product", device.product_id)
            with Hub("--data", folder) as hub:
                client = self.log_in(device, hub=hub)
                asked = [("secret/a", 0), ("#", 0), ("open", 0)]
                self.assertEqual(client.subscribe(asked), [REFUSED, REFUSED, 0])


if __name__ == "__main__":
    unittest.main()
