"""What happened, as GET .../events tells it: lists, long polls, streams, cursors across a kill."""

import http.client
import json
import tempfile
import threading
import time
import unittest

from messages_test import DeviceTestCase
from support.hub import Hub, each_version
from support.packets import V5, Kind
from support.platform import Application
from support.wire import WAIT, wait_until

STATUS = "resource=device.message.status"


def told(events):
    """(message_id, status) of each."""
    bodies = [event["notify_data"]["body"] for event in events]
    return [(body["message_id"], body["status"]) for body in bodies]


class EventsCase(DeviceTestCase):
    def events(self, query="", application=None, expected=200):
        status, answer = (application or self.application).call("GET", f"/events?{query}")
        self.assertEqual(status, expected, answer)
        return answer

    def latest(self, application=None):
        return self.events("after=latest", application)["cursor"]


class Lists(EventsCase):
    @each_version
    def test_a_messages_life_is_told(self, version):
        device = self.device(f"life-{version}")
        start = self.latest()
        posted = device.post("open", name="valve", message_id="m1")
        client = self.log_in(device, version)
        client.subscribe(device.downlink, qos=1)
        packet = client.expect(Kind.PUBLISH)
        client.settle(packet)
        wait_until("the end", lambda: device.status(posted["message_id"])[0] == "DELIVERED")
        ours = f"{STATUS}&device_id={device.device_id}&after={start}&wait=10"
        first = self.events(ours + "&limit=1")
        self.assertEqual(told(first["events"]), [("m1", "PENDING")])
        rest = self.events(ours.replace(f"after={start}", f"after={first['cursor']}"))
        self.assertEqual(told(rest["events"]), [("m1", "DELIVERED")])
        event = rest["events"][0]
        self.assertEqual((event["resource"], event["event"]), ("device.message.status", "update"))
        self.assertEqual(event["event_id"], rest["cursor"])
        header = event["notify_data"]["header"]
        self.assertEqual((header["device_id"], header["node_id"]), (device.device_id,) * 2)
        self.assertEqual(header["product_id"], device.product_id)
        body = event["notify_data"]["body"]
        self.assertEqual((body["name"], body["topic"]), ("valve", device.downlink))
        self.assertRegex(body["timestamp"], r"^\d{8}T\d{6}Z$")

    def test_a_message_of_ttl_0_for_a_device_that_is_away_failed(self):
        device = self.device("away")
        start = self.latest()
        device.post("now", ttl=0, message_id="m1")
        answer = self.events(f"{STATUS}&device_id={device.device_id}&after={start}&wait=10")
        self.assertEqual(told(answer["events"]), [("m1", "FAILED")])
        error = answer["events"][0]["notify_data"]["body"]["error_info"]
        self.assertEqual(error["error_code"], "IOTDA.014016")

    def test_devices_and_products_are_told_of(self):
        start = self.latest()
        device = self.device("told")
        client = self.log_in(device, V5)
        client.disconnect()
        self.application.call("PUT", f"/devices/{device.device_id}", {"device_name": "other"})
        self.application.call("DELETE", f"/devices/{device.device_id}")
        ours = f"device_id={device.device_id}&after={start}"

        def seen():
            return [(each["resource"], each["event"], each["notify_data"].get("body", {}).get("status"))
                    for each in self.events(ours)["events"]]

        expected = [
            ("device", "create", "INACTIVE"), ("device.status", "update", "ONLINE"),
            ("device.status", "update", "OFFLINE"), ("device", "update", "OFFLINE"), ("device", "delete", None),
        ]
        wait_until("five events", lambda: len(seen()) >= 5)
        self.assertEqual(sorted(seen(), key=str), sorted(expected, key=str))
        self.assertNotIn(device.secret, str(self.events(ours)))
        body = {"name": "p", "device_type": "x", "protocol_type": "MQTT", "data_format": "json",
                "service_capabilities": []}
        status, product = self.application.call("POST", "/products", body)
        self.assertEqual(status, 201, product)
        self.application.call("DELETE", "/products/" + product["product_id"])
        made = self.events(f"resource=product&after={start}&wait=10")["events"]
        self.assertEqual([each["event"] for each in made], ["create", "delete"])
        self.assertEqual(made[0]["notify_data"]["body"]["product_id"], product["product_id"])

    def test_a_long_poll_is_answered_when_something_happens_or_its_time_is_over(self):
        device = self.device("poll")
        start = self.latest()
        query = f"device_id={device.device_id}&{STATUS}&after={start}"
        begun = time.monotonic()
        answer = self.events(query + "&wait=1")
        self.assertEqual(answer["events"], [])
        self.assertGreaterEqual(time.monotonic() - begun, 0.9)
        later = threading.Timer(0.3, device.post, ["x"], {"message_id": "m1"})
        later.start()
        begun = time.monotonic()
        answer = self.events(query.replace(start, answer["cursor"]) + "&wait=20")
        later.join()
        self.assertEqual(told(answer["events"]), [("m1", "PENDING")])
        self.assertLess(time.monotonic() - begun, 10)

    def test_what_is_wrong_is_refused(self):
        for query in ("after=x", "limit=0", "limit=1001", "wait=61", "resource=nothing"):
            self.assertEqual(self.events(query, expected=400)["error_code"], "IOTDA.000006", query)
        gone = self.events("after=99999999", expected=410)
        self.assertEqual(gone["latest"], self.latest())
        self.assertEqual(self.events("after=" + gone["oldest"])["events"] != [], True)
        stranger = Application(self.hub, token="none")
        self.assertEqual(stranger.call("GET", "/events")[0], 401)


class Streams(EventsCase):
    def stream(self, query="", last=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.hub.http_port, timeout=WAIT)
        self.addCleanup(connection.close)
        headers = {"X-Auth-Token": self.application.token, "Accept": "text/event-stream"}
        if last:
            headers["Last-Event-ID"] = last
        connection.request("GET", f"/v5/iot/{self.application.project_id}/events?{query}", headers=headers)
        answer = connection.getresponse()
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.headers["Content-Type"], "text/event-stream")
        return answer

    def next_event(self, answer):
        fields = {}
        while True:
            line = answer.readline().decode().rstrip("\n")
            if not line and "data" in fields:
                return fields["id"], json.loads(fields["data"])
            if line and not line.startswith(":"):
                key, _, value = line.partition(": ")
                fields[key] = value

    def test_events_come_as_they_happen_and_a_stream_is_gone_on_with(self):
        device = self.device("s")
        query = f"{STATUS}&device_id={device.device_id}&after={self.latest()}"
        stream = self.stream(query)
        for i in range(3):
            device.post("x", message_id=f"m{i}")
        seen = [self.next_event(stream) for _ in range(3)]
        self.assertEqual(told([event for _, event in seen]), [(f"m{i}", "PENDING") for i in range(3)])
        self.assertEqual([number for number, _ in seen], [event["event_id"] for _, event in seen])
        again = self.stream(query, last=seen[0][0])
        self.assertEqual([self.next_event(again) for _ in range(2)], seen[1:])

    def test_a_server_that_ends_does_not_wait_for_readers(self):
        hub = Hub().start()
        self.addCleanup(hub.kill)
        application = Application(hub)
        poll = threading.Thread(
            target=self.poll, args=(application,), daemon=True,
        )
        poll.start()
        time.sleep(0.3)
        begun = time.monotonic()
        hub.stop()
        self.assertLess(time.monotonic() - begun, 4)
        poll.join(WAIT)

    def poll(self, application):
        try:
            application.call("GET", "/events?wait=60&after=latest")
        except OSError:
            pass


class Kept(EventsCase):
    def test_events_outlive_a_kill_with_their_ids(self):
        folder = tempfile.TemporaryDirectory(prefix="holdfast-data-")
        self.addCleanup(folder.cleanup)
        hub = Hub("--data", folder.name).start()
        self.addCleanup(hub.kill)
        device = self.device("kept", Application(hub))
        for i in range(50):
            device.post("x", message_id=f"m{i}")
        before = self.events(STATUS + "&limit=1000&wait=10", device.application)
        hub.kill()
        hub = Hub("--data", folder.name).start()
        self.addCleanup(hub.kill)
        application = Application(hub)
        after = self.events(STATUS + "&limit=1000", application)
        self.assertEqual(after, before)
        self.assertEqual(told(after["events"]), [(f"m{i}", "PENDING") for i in range(50)])
        device.application = application
        device.post("x", message_id="m50")
        more = self.events(f"{STATUS}&after={after['cursor']}&wait=10", application)
        self.assertEqual(told(more["events"]), [("m50", "PENDING")])
        self.assertGreater(int(more["cursor"]), int(after["cursor"]))
        hub.stop()

    def test_the_oldest_are_gone_and_a_cursor_before_them_is_told_so(self):
        with Hub(config={"events": {"keep_all": True, "events_max": 10}}) as hub:
            application = Application(hub)
            device = self.device("many", application)
            for i in range(30):
                device.post("x", message_id=f"m{i}")
            kept = []

            def only_the_newest_are_left():
                status, gone = application.call("GET", "/events?after=0")
                if status != 410:
                    return False
                self.assertGreater(int(gone["oldest"]), 0)
                # Between the two questions more may have gone.
                status, answer = application.call("GET", "/events?after=" + gone["oldest"])
                kept[:] = answer["events"] if status == 200 else []
                return 0 < len(kept) <= 10

            wait_until("the oldest to go", only_the_newest_are_left)
            self.assertEqual(told(kept)[-1][0], "m29")

    def test_without_keep_all_and_rules_there_are_none(self):
        with Hub(config={"log": {"level": "info"}}) as hub:
            application = Application(hub)
            answer = self.events("", application, expected=409)
            self.assertIn("keep_all = true", answer["error_msg"])


if __name__ == "__main__":
    unittest.main()
