"""Searching for devices with a statement, and when their connections began and ended, also after a restart."""

import tempfile
import unittest

from keys_test import send
from support.hub import Hub, HubTestCase
from support.packets import V5
from support.platform import Application
from support.wire import Client, wait_until


class SearchTest(HubTestCase):
    def setUp(self):
        super().setUp()
        self.application = Application(self.hub)

    def call(self, method, path, body=None, expected=200, application=None):
        status, answer = (application or self.application).call(method, path, body)
        self.assertEqual(status, expected, answer)
        return answer

    def device(self, name, application=None, **fields):
        return (application or self.application).register(f"{self._testMethodName}-{name}"[-60:], **fields)

    def log_in(self, device, hub=None):
        options = device.connect_options(V5)
        client = Client((hub or self.hub).port, V5, device.client_id, **options)
        self.addCleanup(client.close)
        return client.open()

    def search(self, sql, expected=200):
        return self.call("POST", "/search/query-devices", {"sql": sql}, expected)

    def found(self, sql):
        """The last letters of the devices' ids, and how many there are."""
        answer = self.search(sql)
        return "".join(each["device_id"][-1] for each in answer["devices"]), answer["count"]

    def test_devices_are_found_by_what_is_known_of_them_now(self):
        a, b, c = (self.device(name, device_name=f"Boiler_{name}") for name in "abc")
        self.call("POST", f"/devices/{c.device_id}/freeze", expected=204)
        tags = {"resource_type": "device", "tags": [{"tag_key": "floor", "tag_value": "2"}]}
        self.call("POST", "/tags/bind-resource", {**tags, "resource_id": a.device_id})
        mine = "select * from device where device_name like 'Boil%'"
        self.assertEqual(self.found(mine), ("cba", 3))
        self.assertEqual(self.found(mine + " order by marker asc limit 1,1"), ("b", 3))
        self.assertEqual(self.found(mine + " and status = 'INACTIVE' order by marker asc"), ("ab", 2))
        self.assertEqual(self.found(mine + " and status in ('FROZEN', 'ONLINE')"), ("c", 1))
        self.assertEqual(self.found(mine + " and tag_key = 'floor' and tag_value = '2'"), ("a", 1))
        self.assertEqual(self.found(mine + " and tag_key != 'floor' and (status = 'FROZEN' or "
                                           "status = 'INACTIVE')"), ("cb", 2))
        self.log_in(b)
        self.assertEqual(self.found(mine + " and status = 'ONLINE'"), ("b", 1))
        first = self.search(mine + " limit 1")["devices"][0]
        self.assertEqual(self.found(f"{mine} and marker < '{first['marker']}'"), ("ba", 2))
        counted = self.search("select count(*) from device where device_name = 'Boiler_a'")
        self.assertEqual(counted, {"devices": [], "count": 1})
        shown = self.search("select device_id, tags from device where device_name = 'Boiler_a'")["devices"]
        self.assertEqual(shown, [{"device_id": a.device_id, "tags": tags["tags"]}])

    def test_what_is_not_understood_is_refused_where_it_stands(self):
        refused = self.search("select * from device where name = 'x'", 400)
        self.assertEqual(refused["error_code"], "IOTDA.000006")
        self.assertIn("at character 28: there must be a field to search by here, not name", refused["error_msg"])
        self.assertIn("400 characters", self.search("x" * 401, 400)["error_msg"])

    def test_a_key_needs_the_permission_to_search(self):
        body = {"kind": "API_KEY", "name": "searcher", "permissions": ["iotda:devices:queryList"]}
        key = self.call("POST", "/keys", body, 201)
        headers = {"X-Api-Key": key["api_key"], "Content-Type": "application/json"}
        target = f"/v5/iot/{self.application.project_id}/search/query-devices"
        for permission, status in (("iotda:devices:queryList", 403), ("iotda:devices:search", 200)):
            self.call("PUT", f"/keys/{key['key_id']}", {"permissions": [permission]})
            answer = send(self.hub, "POST", target, headers, b'{"sql": "select count(*) from device"}')
            self.assertEqual(answer.status, status, answer.body)

    def test_when_a_connection_began_and_ended_is_shown_also_after_a_restart(self):
        with tempfile.TemporaryDirectory() as folder:
            with Hub("--data", folder) as hub:
                application = Application(hub)
                device = self.device("d", application)

                def shown():
                    path = f"/devices/{device.device_id}"
                    return self.call("GET", path, application=application)

                self.assertNotIn("connection_status_update_time", shown())
                client = self.log_in(device, hub)
                began = shown()["connection_status_update_time"]
                self.assertGreaterEqual(began[:19], shown()["active_time"][:19])
                client.disconnect()
                wait_until("the device is away", lambda: shown()["status"] == "OFFLINE")
                ended = shown()["connection_status_update_time"]
                self.assertGreaterEqual(ended, began)
                listed = self.call("GET", "/devices", application=application)["devices"][0]
                self.assertEqual(listed["connection_status_update_time"], ended)
            with Hub("--data", folder) as hub:
                application = Application(hub)
                again = shown()
                self.assertEqual((again["status"], again["connection_status_update_time"]), ("OFFLINE", ended))


if __name__ == "__main__":
    unittest.main()
