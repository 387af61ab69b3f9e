"""Commands that applications do not wait for: kept, sent once when the device is there, answered whenever
it answers, told as events, and what a kill of the server leaves of them."""

import json
import os
import signal
import tempfile
import time
import unittest

from commands_test import DeviceTestCase
from support.hub import Hub, each_version, start_hub
from support.packets import V5, V311, Kind
from support.platform import Application
from support.wire import WAIT, Client, wait_until

LIVE = ("PENDING", "SENT", "DELIVERED")


class AsyncCase(DeviceTestCase):
    def call(self, method, device, rest="", body=None, expected=200):
        path = f"/devices/{device.device_id}/async-commands{rest}"
        status, answer = device.application.call(method, path, body)
        self.assertEqual(status, expected, answer)
        return answer

    def post(self, device, status=None, expected=200, **fields):
        answer = self.call("POST", device, body={"paras": {"n": 1}, **fields}, expected=expected)
        if status is not None:
            self.assertEqual(answer["status"], status, answer)
        return answer

    def show(self, device, command_id):
        return self.call("GET", device, f"/{command_id}")

    def wait_for(self, device, command_id, status):
        wait_until(
            f"{command_id} to be {status}",
            lambda: self.show(device, command_id)["status"] == status,
            3 * WAIT,
        )
        return self.show(device, command_id)

    def statuses(self, device, rest=""):
        """As the list has them, the oldest first."""
        page = self.call("GET", device, rest)
        self.assertEqual(page["page"]["count"], len(page["commands"]))
        return [each["status"] for each in reversed(page["commands"])]

    def events(self, device, after, application=None):
        query = f"resource=device.command.status&device_id={device.device_id}&after={after}"
        status, answer = (application or self.application).call("GET", f"/events?{query}&wait=0")
        self.assertEqual(status, 200, answer)
        return [event["notify_data"] for event in answer["events"]]

    def latest(self):
        return self.application.call("GET", "/events?after=latest")[1]["cursor"]

    def log_in_to(self, device, hub, version=V311):
        client = Client(hub.port, version, device.client_id, **device.connect_options(version))
        self.addCleanup(client.close)
        return client.open()


class AsyncCommands(AsyncCase):
    @each_version
    def test_a_device_that_is_away_gets_its_commands_in_order_and_answers(self, version):
        device = self.device(str(version))
        start = self.latest()
        ids = [self.post(device, "PENDING", paras={"n": n})["command_id"] for n in range(5)]
        self.assertEqual(self.statuses(device), ["PENDING"] * 5)
        client = self.log_in(device, version)
        for n, command_id in enumerate(ids):
            request_id, asked = self.take_request(client, device)
            self.assertEqual((request_id, asked), (command_id, {"paras": {"n": n}}))
        for n, command_id in enumerate(ids):
            self.answer(client, device, command_id, {"result_code": n % 2, "paras": {"n": n}})
        self.wait_for(device, ids[-1], "SUCCESSFUL")
        history = self.statuses(device, "-history")
        self.assertEqual(history, ["SUCCESSFUL", "FAILED"] * 2 + ["SUCCESSFUL"])
        self.assertEqual(self.statuses(device), [])
        shown = self.show(device, ids[1])
        self.assertEqual(shown["result"], {"result_code": 1, "paras": {"n": 1}})
        self.assertNotIn("delivered_time", shown)  # QoS 0
        count = self.call("POST", device, "-history/count?status=FAILED")
        self.assertEqual(count, {"count": 2})
        told = self.events(device, start)
        of_first = [each["body"] for each in told if each["body"]["command_id"] == ids[0]]
        self.assertEqual([each["status"] for each in of_first], ["PENDING", "SENT", "SUCCESSFUL"])
        self.assertEqual(of_first[-1]["result"], {"result_code": 0, "paras": {"n": 0}})
        self.assertEqual(told[0]["header"]["device_id"], device.device_id)
        self.assertEqual(told[0]["header"]["product_id"], device.product_id)
        client.cut()
        self.log_in(device, version).expect_nothing()

    def test_a_device_that_is_there_gets_it_at_once_and_its_acknowledgement_is_told(self):
        device = self.device()
        client = self.log_in(device, V5)
        client.subscribe(device.topic("commands/#"), qos=1)
        posted = self.post(device, "SENT", service_id="Pump", command_name="SPEED")
        packet = client.expect(Kind.PUBLISH)
        self.assertEqual(packet.qos, 1)
        self.assertEqual(
            json.loads(packet.payload),
            {"service_id": "Pump", "command_name": "SPEED", "paras": {"n": 1}},
        )
        self.assertEqual(self.statuses(device), ["SENT"])
        client.settle(packet)
        shown = self.wait_for(device, posted["command_id"], "DELIVERED")
        self.assertRegex(shown["delivered_time"], r"^\d{8}T\d{6}Z$")
        self.answer(client, device, posted["command_id"], {"result_code": 0}, qos=1)
        shown = self.wait_for(device, posted["command_id"], "SUCCESSFUL")
        self.assertRegex(shown["response_time"], r"^\d{8}T\d{6}Z$")
        self.assertRegex(shown["delivered_time"], r"^\d{8}T\d{6}Z$")

    def test_immediately_is_now_or_never(self):
        device = self.device()
        refused = self.post(device, "FAILED", send_strategy="immediately")
        self.assertEqual(refused["error_info"]["error_code"], "IOTDA.014016")
        client = self.log_in(device)
        client.expect_nothing()
        posted = self.post(device, "SENT", send_strategy="immediately")
        self.assertEqual(self.take_request(client, device)[0], posted["command_id"])
        self.assertEqual(self.statuses(device, "-history"), ["FAILED"])

    def test_a_device_that_takes_nothing_loses_nothing(self):
        """Its commands wait until its connection is of use, and go by the next one where it is not."""
        device = self.device()
        client = self.slow_client(device)
        waiting = self.post(device, "PENDING")["command_id"]
        client.cut()
        newer = self.log_in(device, V5)
        seen = []
        while waiting not in seen:
            topic = newer.message().topic
            seen.append(topic.rpartition("=")[2])
        self.wait_for(device, waiting, "SENT")

    def slow_client(self, device):
        """It reads nothing, so that its socket and the server's buffers for it are full."""
        client = Client(
            self.hub.port, V5, device.client_id, 4096, **device.connect_options(V5)
        )
        self.addCleanup(client.close)
        client.open()
        sender = Client(self.hub.port, V5, f"{device.device_id}-filler")
        self.addCleanup(sender.close)
        sender.open()
        client.subscribe(f"fill/{device.device_id}", qos=0)
        for _ in range(64):
            sender.publish(f"fill/{device.device_id}", b"x" * 500_000, qos=1)
        return client

    def test_twenty_wait_however_many_ask_at_once(self):
        device = self.device()
        begun = [
            self.callers.submit(
                self.application.call,
                "POST",
                f"/devices/{device.device_id}/async-commands",
                {"paras": {}},
            )
            for _ in range(30)
        ]
        answers = [each.result(WAIT) for each in begun]
        refused = [answer for status, answer in answers if status == 403]
        self.assertEqual(sorted(status for status, _ in answers), [200] * 20 + [403] * 10)
        self.assertEqual({each["error_code"] for each in refused}, {"IOTDA.014175"})
        self.assertEqual(self.statuses(device, "?limit=50"), ["PENDING"] * 20)

    def test_a_device_behind_a_gateway_is_asked_through_it(self):
        gateway = self.device("gateway")
        sensor = self.device("sensor", gateway_id=gateway.device_id)
        posted = self.post(sensor, "PENDING")["command_id"]
        client = self.log_in(gateway)
        request_id, asked = self.take_request(client, gateway)
        self.assertEqual(request_id, posted)
        self.assertEqual(asked["object_device_id"], sensor.device_id)
        self.answer(client, gateway, posted, {"result_code": 0})
        self.wait_for(sensor, posted, "SUCCESSFUL")

    def test_another_device_cannot_answer(self):
        device, other = self.device("one"), self.device("other")
        client, stranger = self.log_in(device), self.log_in(other, V5)
        posted = self.post(device, "SENT")["command_id"]
        before = self.metric("device_answers_unknown")
        self.answer(stranger, other, posted, {"result_code": 0}, qos=1)
        wait_until(
            "the answer to be ignored",
            lambda: self.metric("device_answers_unknown") == before + 1,
        )
        self.assertEqual(self.show(device, posted)["status"], "SENT")
        self.answer(client, device, posted, b"no json")
        shown = self.wait_for(device, posted, "FAILED")
        self.assertEqual(shown["error_info"]["error_code"], "IOTDA.014170")

    def test_a_device_that_comes_by_another_connection_may_answer_and_gets_nothing_twice(self):
        device = self.device()
        client = self.log_in(device)
        posted = self.post(device, "SENT")["command_id"]
        self.take_request(client, device)
        newer = self.log_in(device)
        client.expect_closed()
        newer.expect_nothing()
        self.answer(newer, device, posted, {"result_code": 0})
        self.wait_for(device, posted, "SUCCESSFUL")

    def test_a_frozen_device_is_away_and_a_deleted_one_has_no_commands(self):
        device = self.device()
        path = f"/devices/{device.device_id}"
        self.assertEqual(self.application.call("POST", f"{path}/freeze")[0], 204)
        posted = self.post(device, "PENDING")["command_id"]
        self.assertEqual(self.application.call("POST", f"{path}/unfreeze")[0], 204)
        client = self.log_in(device)
        self.assertEqual(self.take_request(client, device)[0], posted)
        self.post(device, "SENT")
        client.cut()
        self.post(device, send_strategy="immediately")
        self.assertEqual(self.application.call("DELETE", path)[0], 204)
        self.call("GET", device, expected=404)
        again = self.application.register(device.device_id)
        self.log_in(again).expect_nothing()
        self.assertEqual(self.statuses(again), [])
        self.assertEqual(self.statuses(again, "-history"), [])

    def test_what_is_wrong_is_said(self):
        device = self.device()
        for fields, word in (
            ({"paras": None}, "paras"),
            ({"expire_time": 172_801}, "expire_time"),
            ({"expire_time": -1}, "expire_time"),
            ({"send_strategy": "later"}, "send_strategy"),
            ({"paras": {"x": "x" * 32_768}}, "paras"),
        ):
            answer = self.post(device, expected=400, **fields)
            self.assertEqual(answer["error_code"], "IOTDA.000006")
            self.assertIn(word, answer["error_msg"])
        self.assertEqual(self.statuses(device), [])


class Impatience(AsyncCase):
    config = {
        "events": {"keep_all": True},
        "delivery": {
            "async_command_timeout": "1s",
            "commands_waiting_per_device_max": 2,
            "finished_commands_max": 3,
        },
    }

    def test_who_does_not_come_or_does_not_answer_is_told(self):
        device = self.device()
        expiring = self.post(device, "PENDING", expire_time=1)["command_id"]
        self.wait_for(device, expiring, "EXPIRED")
        client = self.log_in(device, V5)
        client.expect_nothing()
        posted = self.post(device, "SENT")["command_id"]
        packet = client.expect(Kind.PUBLISH)
        self.assertEqual(packet.properties["message_expiry_interval"], 1)
        shown = self.wait_for(device, posted, "TIMEOUT")
        self.assertEqual(shown["error_info"]["error_code"], "IOTDA.014111")
        before = self.metric("device_answers_unknown")
        self.answer(client, device, posted, {"result_code": 0}, qos=1)
        wait_until("it to be ignored", lambda: self.metric("device_answers_unknown") > before)
        self.assertEqual(self.show(device, posted)["status"], "TIMEOUT")

    def test_what_is_more_than_the_device_may_have_to_answer_waits(self):
        device = self.device()
        client = self.log_in(device)
        ids = [self.post(device)["command_id"] for _ in range(4)]
        taken = [self.take_request(client, device)[0] for _ in range(2)]
        self.assertEqual(self.post(device, expected=429, send_strategy="immediately")["error_code"],
                         "APIGW.0308")
        for _ in range(2):
            self.answer(client, device, taken[0], {"result_code": 0})
            taken = [*taken[1:], self.take_request(client, device)[0]]
        self.assertEqual(taken, ids[2:])

    def test_of_those_that_are_over_the_newest_are_kept(self):
        device = self.device()
        client = self.log_in(device)
        ids = []
        for _ in range(6):
            ids.append(self.post(device, "SENT")["command_id"])
            self.answer(client, device, self.take_request(client, device)[0], {})
            self.wait_for(device, ids[-1], "SUCCESSFUL")
        wait_until("the older ones to go", lambda: len(self.statuses(device, "-history")) == 3)
        self.call("GET", device, f"/{ids[2]}", expected=404)
        self.show(device, ids[3])


class Crash(AsyncCase):
    """Whatever instant the kill hits, the same must be true afterwards."""

    config = {"events": {"keep_all": True}, "delivery": {"async_command_timeout": "3s"}}

    def kill(self, hub):
        os.kill(hub.process.pid, signal.SIGKILL)
        hub.process.wait()
        hub.kill()

    def folder(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        return folder.name

    def start(self, folder):
        return start_hub(self, "--data", folder, config=self.config)

    def test_what_was_sent_may_be_answered_to_the_next_process(self):
        folder = self.folder()
        hub = self.start(folder)
        device = Application(hub).register("answers-later")
        client = self.log_in_to(device, hub)
        posted = self.post(device, "SENT")["command_id"]
        self.take_request(client, device)
        lost = self.post(device, "SENT")["command_id"]
        self.kill(hub)
        hub = self.start(folder)
        device.application = Application(hub)
        client = self.log_in_to(device, hub)
        self.answer(client, device, posted, {"result_code": 0})
        self.wait_for(device, posted, "SUCCESSFUL")
        client.expect_nothing()
        self.wait_for(device, lost, "TIMEOUT")

    def test_nothing_is_lost_and_nothing_is_sent_twice(self):
        folder = self.folder()
        hub = self.start(folder)
        application = Application(hub)
        devices = [application.register(f"crash-{n}") for n in range(8)]
        ids = {
            device: [self.post(device, "PENDING")["command_id"] for _ in range(12)]
            for device in devices
        }
        received, answered = [], set()
        for seconds in (0, 0.005, 0.02, 0.05):
            for device in devices:
                device.application = Application(hub)
            clients = [(device, self.log_in_to(device, hub)) for device in devices]
            device, client = clients[0]
            for request_id in self.ids_of(client.ping()):
                received.append(request_id)
                answered.add(request_id)
                self.answer(client, device, request_id, {"result_code": 0})
            time.sleep(seconds)
            os.kill(hub.process.pid, signal.SIGKILL)
            for _, client in clients:
                received += self.ids_of(client.drain_until_closed())
            self.kill(hub)
            hub = self.start(folder)
        for device in devices:
            device.application = Application(hub)
        for device in devices:
            client = self.log_in_to(device, hub)
            wait_until("nothing to wait", lambda: "PENDING" not in self.statuses(device, "?limit=50"))
            received += self.ids_of(client.ping())
        self.assertEqual(len(received), len(set(received)), "sent twice")
        for device in devices:
            self.check_ends(device, ids[device], set(received), answered)

    def ids_of(self, packets):
        """Of the commands that came and were not looked at."""
        return [packet.topic.rpartition("=")[2] for packet in packets]

    def check_ends(self, device, ids, received, answered):
        for command_id in ids:
            wait_until(
                f"the end of {command_id}",
                lambda: self.show(device, command_id)["status"] not in LIVE,
                3 * WAIT,
            )
            status = self.show(device, command_id)["status"]
            # Of what was answered just before a kill the answer is perhaps lost.
            self.assertIn(status, ("TIMEOUT", "SUCCESSFUL"))
            if command_id not in answered:
                self.assertEqual(status, "TIMEOUT")
        self.assertGreater(len(received & set(ids)), 0)

    def test_a_batch_of_commands_is_not_repeated(self):
        folder = self.folder()
        hub = self.start(folder)
        application = Application(hub)
        devices = [application.register(f"batch-{n}") for n in range(3)]
        clients = [self.log_in_to(device, hub) for device in devices[:2]]
        body = {
            "task_name": "once",
            "task_type": "createCommands",
            "targets": [device.device_id for device in devices],
            "document": {"command_name": "SPEED", "paras": {"rpm": 1}},
            "task_policy": {"retry_count": 3, "retry_interval": 0},
        }
        status, task = application.call("POST", "/batchtasks", body)
        self.assertEqual(status, 201, task)
        request_id = self.take_request(clients[0], devices[0])[0]
        self.answer(clients[0], devices[0], request_id, {"result_code": 0})
        self.take_request(clients[1], devices[1])  # and no answer
        path = f"/batchtasks/{task['task_id']}"
        wait_until(
            "the ends of the others to be kept",
            lambda: {"Success", "Fail"}
            <= {each["status"] for each in self.details(application, path).values()},
        )
        self.kill(hub)
        hub = self.start(folder)
        application = Application(hub)
        clients = [self.log_in_to(device, hub) for device in devices[:2]]
        wait_until(
            "the task's end",
            lambda: application.call("GET", path)[1]["batchtask"]["status"] == "PartialSuccess",
        )
        details = self.details(application, path)
        self.assertEqual(details["batch-0"]["status"], "Success")
        self.assertIn(request_id, details["batch-0"]["output"])
        self.assertEqual(details["batch-1"]["error"]["error_code"], "IOTDA.014179")
        self.assertEqual(details["batch-2"]["error"]["error_code"], "IOTDA.014016")
        for client in clients:
            client.expect_nothing()

    def details(self, application, path):
        answer = application.call("GET", f"{path}?limit=50")[1]
        return {each["target"]: each for each in answer["task_details"]}


class Batches(AsyncCase):
    def test_a_task_has_commands_wait_for_many_devices(self):
        devices = [self.device(f"d{n}") for n in range(3)]
        client = self.log_in(devices[0])
        body = {
            "task_name": "later",
            "task_type": "createAsyncCommands",
            "targets": [*(device.device_id for device in devices), "nobody-at-all"],
            "document": {"command_name": "SPEED", "paras": {"rpm": 1}, "expire_time": 60},
        }
        status, task = self.application.call("POST", "/batchtasks", body)
        self.assertEqual(status, 201, task)
        path = f"/batchtasks/{task['task_id']}"
        wait_until(
            "the task's end",
            lambda: self.application.call("GET", path)[1]["batchtask"]["status"]
            == "PartialSuccess",
        )
        self.assertEqual(self.take_request(client, devices[0])[1]["command_name"], "SPEED")
        self.assertEqual([self.statuses(device) for device in devices],
                         [["SENT"], ["PENDING"], ["PENDING"]])
        details = self.application.call("GET", f"{path}?target={devices[1].device_id}")[1]
        (detail,) = details["task_details"]
        self.assertEqual(json.loads(detail["output"])["status"], "PENDING")


if __name__ == "__main__":
    unittest.main()
