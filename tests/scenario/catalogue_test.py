"""What applications keep about their devices, end to end: resource spaces, groups, tags, and topic policies that
devices feel while they are connected."""

import tempfile
import unittest

from support.hub import Hub, HubTestCase, each_version
from support.packets import V5
from support.platform import Application
from support.wire import Client

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
