"""Gateways and the devices behind them, as device SDKs say it with `$sub_device_manager`: registering,
deleting, listing, who is online; and what an application sees of it, and does behind their backs."""

import json
import tempfile
import unittest

from support.hub import Hub, HubTestCase, each_version
from support.packets import V5, V311
from support.platform import Application
from support.wire import Client, wait_until


class GatewayTest(HubTestCase):
    def setUp(self):
        self.application = Application(self.hub)
        test = self._testMethodName.removeprefix("test_")
        self.prefix = test.replace("__", "-")[-40:]
        self.gateway = self.application.register(f"{self.prefix}-gateway")

    def log_in(self, device, version=V5, hub=None):
        options = device.connect_options(version)
        client = Client((hub or self.hub).port, version, device.client_id, **options)
        self.addCleanup(client.close)
        return client.open()

    def say(self, client, event_type, paras, gateway=None):
        gateway = gateway or self.gateway
        service = {"service_id": "$sub_device_manager", "event_type": event_type}
        service.update(event_time="20260101T000000Z", event_id=event_type, paras=paras)
        body = {"object_device_id": gateway.device_id, "services": [service]}
        client.publish(gateway.topic("events/up"), json.dumps(body).encode(), qos=1)

    def told(self, client, event_type, gateway=None):
        """The paras of the next event that the gateway is told."""
        gateway = gateway or self.gateway
        message = client.message()
        self.assertEqual(message.topic, gateway.topic("events/down"))
        body = json.loads(message.payload)
        self.assertEqual(body["object_device_id"], gateway.device_id)
        (service,) = body["services"]
        self.assertEqual(service["service_id"], "$sub_device_manager")
        self.assertEqual(service["event_type"], event_type)
        return service["paras"]

    def add(self, client, *names, **fields):
        """The paras of the answer."""
        devices = [
            {"node_id": name, "device_id": f"{self.prefix}-{name}", "name": name, **fields}
            for name in names
        ]
        self.say(client, "add_sub_device_request", {"devices": devices})
        return self.told(client, "add_sub_device_response")

    def set(self, client, device_id, status):
        statuses = [{"device_id": device_id, "status": status}]
        self.say(client, "sub_device_update_status", {"device_statuses": statuses})
        return self.told(client, "sub_device_update_status_response")

    def status(self, device_id):
        code, shown = self.application.call("GET", f"/devices/{device_id}")
        return shown["status"] if code == 200 else code

    def events(self, device_id, resource="device.status"):
        query = f"resource={resource}&device_id={device_id}&limit=1000"
        return self.application.call("GET", f"/events?{query}")[1]["events"]

    def statuses(self, device_id):
        return [each["notify_data"]["body"]["status"] for each in self.events(device_id)]

    @each_version
    def test_a_gateway_registers_uses_and_deletes_what_is_behind_it(self, version):
        client = self.log_in(self.gateway, version)
        client.subscribe(self.gateway.topic("events/down"), qos=1)
        (added,) = self.add(client, "sensor", description="in the attic")["successful_devices"]
        sensor = f"{self.prefix}-sensor"
        self.assertEqual(added["device_id"], sensor)
        self.assertEqual(added["parent_device_id"], self.gateway.device_id)
        self.assertEqual(added["status"], "INACTIVE")
        code, shown = self.application.call("GET", f"/devices/{sensor}")
        self.assertEqual((code, shown["gateway_id"]), (200, self.gateway.device_id))
        self.assertEqual((shown["device_name"], shown["description"]), ("sensor", "in the attic"))

        again = self.add(client, "sensor", "valve")
        self.assertEqual([each["node_id"] for each in again["successful_devices"]], ["valve"])
        (failed,) = again["failed_devices"]
        self.assertEqual((failed["node_id"], failed["error_code"]), ("sensor", "IOTDA.014031"))

        self.say(client, "sub_device_sync_request", {"version": 0})
        listed = self.told(client, "add_sub_device_notify")
        self.assertEqual(
            {each["device_id"] for each in listed["devices"]}, {sensor, f"{self.prefix}-valve"}
        )
        wanted = [sensor, self.gateway.device_id]
        self.say(client, "delete_sub_device_request", {"devices": wanted})
        deleted = self.told(client, "delete_sub_device_response")
        self.assertEqual(deleted["successful_devices"], [sensor])
        self.assertEqual(deleted["failed_devices"][0]["error_code"], "IOTDA.014000")
        self.assertEqual(self.status(sensor), 404)
        kinds = [each["event"] for each in self.events(sensor, "device")]
        self.assertEqual(kinds, ["create", "delete"])

    @each_version
    def test_a_gateway_says_who_is_online_as_long_as_it_is_there(self, version):
        client = self.log_in(self.gateway, version)
        self.add(client, "sensor", "valve")
        sensor, valve = f"{self.prefix}-sensor", f"{self.prefix}-valve"
        for status in ("ONLINE", "OFFLINE", "ONLINE", "ONLINE"):
            answer = self.set(client, sensor, status)
            done = [{"device_id": sensor, "status": status}]
            self.assertEqual(answer, {"successful_devices": done, "failed_devices": []})
            self.assertEqual(self.status(sensor), status)
        sql = f"select device_id from device where gateway_id = '{self.gateway.device_id}' "
        sql += "and status = 'ONLINE' and node_type = 'ENDPOINT'"
        found = self.application.call("POST", "/search/query-devices", {"sql": sql})[1]
        self.assertEqual(found["devices"], [{"device_id": sensor}])
        self.assertEqual(self.statuses(sensor), ["ONLINE", "OFFLINE", "ONLINE"])

        # Another connection of the gateway in its place: nothing changes.
        other = self.log_in(self.gateway, version)
        other.ping()
        self.assertEqual(self.status(sensor), "ONLINE")
        other.cut()
        wait_until("the sensor to be offline", lambda: self.status(sensor) == "OFFLINE")
        wait_until("four events", lambda: len(self.statuses(sensor)) == 4)
        self.assertEqual(self.statuses(sensor)[-1], "OFFLINE")
        self.assertEqual(self.status(valve), "INACTIVE")
        self.assertEqual(self.statuses(valve), [])

    def test_a_gateway_is_told_what_applications_do(self):
        client = self.log_in(self.gateway)
        gateway_id = self.gateway.device_id
        sensor = self.application.register(f"{self.prefix}-s", gateway_id=gateway_id)
        first = self.told(client, "add_sub_device_notify")
        (added,) = first["devices"]
        self.assertEqual((added["device_id"], added["node_id"]), (sensor.device_id,) * 2)
        leaf = self.application.register(f"{self.prefix}-l", gateway_id=sensor.device_id)
        (added,) = self.told(client, "add_sub_device_notify")["devices"]
        self.assertEqual(added["parent_device_id"], sensor.device_id)
        self.application.call("DELETE", f"/devices/{leaf.device_id}")
        last = self.told(client, "delete_sub_device_notify")
        self.assertEqual([each["device_id"] for each in last["devices"]], [leaf.device_id])
        self.assertGreater(last["version"], first["version"] + 1)
        client.expect_nothing()

    def test_a_gateway_meddles_with_nobody_else(self):
        stranger = self.application.register(f"{self.prefix}-x")
        behind = self.application.register(f"{self.prefix}-y", gateway_id=stranger.device_id)
        client = self.log_in(self.gateway)
        for device in (stranger, behind):
            (failed,) = self.set(client, device.device_id, "ONLINE")["failed_devices"]
            self.assertEqual(failed["error_code"], "IOTDA.014000")
            self.say(client, "delete_sub_device_request", {"devices": [device.device_id]})
            self.assertEqual(
                self.told(client, "delete_sub_device_response")["successful_devices"], []
            )
            answer = self.add(client, "z", parent_device_id=device.device_id)
            self.assertEqual(answer["successful_devices"], [])
            self.assertEqual(self.status(device.device_id), "INACTIVE")

    def test_what_has_another_form_is_taken_counted_and_ignored(self):
        client = self.log_in(self.gateway)

        def malformed():
            return self.hub.metrics()["holdfast_device_publications_malformed_total"]

        before = malformed()
        self.say(client, "add_sub_device_request", {"devices": "all"})
        self.say(client, "scan_result", {})
        self.assertEqual(malformed(), before + 1)
        client.expect_nothing()

    def test_messages_for_a_device_that_a_gateway_registered_come_to_it(self):
        client = self.log_in(self.gateway, V311)
        self.add(client, "sensor")
        body = {"message": "hello"}
        path = f"/devices/{self.prefix}-sensor/messages"
        code, _ = self.application.call("POST", path, body)
        self.assertEqual(code, 201)
        message = client.message()
        self.assertEqual(message.topic, self.gateway.downlink)
        self.assertEqual(json.loads(message.payload)["object_device_id"], f"{self.prefix}-sensor")

    def test_after_a_kill_nobody_is_online_until_the_gateway_says_so_again(self):
        with tempfile.TemporaryDirectory() as folder:
            hub = Hub("--data", folder).start()
            try:
                self.application = Application(hub)
                gateway = self.application.register(f"{self.prefix}-gateway")
                client = self.log_in(gateway, hub=hub)
                self.add(client, "sensor")
                sensor = f"{self.prefix}-sensor"
                self.set(client, sensor, "ONLINE")
                self.assertEqual(self.status(sensor), "ONLINE")
            finally:
                hub.kill()
            with Hub("--data", folder) as hub:
                self.application = Application(hub)
                self.assertEqual(self.status(sensor), "OFFLINE")
                client = self.log_in(gateway, hub=hub)
                self.set(client, sensor, "ONLINE")
                self.assertEqual(self.status(sensor), "ONLINE")


if __name__ == "__main__":
    unittest.main()
