"""Batch tasks and broadcasts, end to end: messages to many devices, devices from a file, a broadcast that only
devices of the space get, and a server that is killed in the middle of a task."""

import base64
import json
import os
import signal
import tempfile
import unittest
import urllib.error
import urllib.request

from support.hub import Hub, HubTestCase
from support.packets import V5
from support.platform import Application
from support.wire import WAIT, Client, wait_until
from support.workbooks import workbook

MANY = 1000


class BatchTestCase(HubTestCase):
    def setUp(self):
        super().setUp()
        self.application = Application(self.hub)

    def call(self, method, path, body=None, expected=200, application=None):
        status, answer = (application or self.application).call(method, path, body)
        self.assertEqual(status, expected, answer)
        return answer

    def create(self, task_type, application=None, **fields):
        body = {"task_name": "task", "task_type": task_type, **fields}
        return self.call("POST", "/batchtasks", body, 201, application)["task_id"]

    def task(self, task_id, query="", application=None):
        return self.call("GET", f"/batchtasks/{task_id}{query}", application=application)

    def wait_for_end(self, task_id, application=None):
        def status():
            shown = self.task(task_id, application=application)["batchtask"]["status"]
            return shown if shown not in ("Waitting", "Processing", "Stopping") else None

        return wait_until(f"the end of task {task_id}", status, 4 * WAIT)

    def log_in(self, device, hub=None):
        options = device.connect_options(V5)
        client = Client((hub or self.hub).port, V5, device.client_id, **options)
        self.addCleanup(client.close)
        return client.open()

    def upload(self, content, name="devices.csv"):
        content = content if isinstance(content, bytes) else content.encode()
        head = f"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n"
        body = head.encode() + content + b"\r\n--x--\r\n"
        request = urllib.request.Request(
            self.application.base + "/batchtask-files",
            body,
            {
                "X-Auth-Token": self.application.token,
                "Content-Type": "multipart/form-data; boundary=x",
            },
        )
        with urllib.request.urlopen(request, timeout=WAIT) as answer:
            return json.loads(answer.read())["file_id"]


class BatchTest(BatchTestCase):
    def test_devices_of_a_file_get_a_message_and_are_deleted(self):
        names = [f"batch-{number}" for number in range(20)]
        lines = [f"{name},{name},secret-of-a-device" for name in names]
        file_id = self.upload("device_id,node_id,secret\n" + "\n".join(lines) + "\n")
        made = self.create("createDevices", document_source=file_id)
        self.assertEqual(self.wait_for_end(made), "Success")

        document = {"message": {"price": 23.5}, "ttl": 5}
        sent = self.create("createMessages", targets=names, document=document)
        self.assertEqual(self.wait_for_end(sent), "Success")
        shown = self.call("GET", f"/devices/{names[3]}/messages/{sent}-0")
        self.assertEqual((shown["status"], shown["message"]), ("PENDING", document["message"]))

        gone = self.create("deleteDevices", targets=[*names, "never-there"])
        self.assertEqual(self.wait_for_end(gone), "PartialSuccess")
        failed = self.task(gone, "?task_detail_status=Fail")["task_details"]
        self.assertEqual([each["target"] for each in failed], ["never-there"])
        self.assertEqual(failed[0]["error"]["error_code"], "IOTDA.014000")
        self.call("GET", f"/devices/{names[0]}", expected=404)

    def test_devices_of_a_workbook_are_registered(self):
        rows = [["node_id", "device_id", "device_name", "secret"]]
        rows += [[861234567890123 + number, f"book-{number}", "\u6cf5", "secret-of-a-device"] for number in range(3)]
        file_id = self.upload(workbook(rows), "devices.xlsx")
        task = self.create("createDevices", document_source=file_id)
        self.assertEqual(self.wait_for_end(task), "Success")
        shown = self.call("GET", "/devices/book-2")
        self.assertEqual((shown["node_id"], shown["device_name"]), ("861234567890125", "\u6cf5"))
        with self.assertRaises(urllib.error.HTTPError) as refused:
            self.upload(workbook([["device_id"], [("e", "#REF!")]]), "devices.xlsx")
        with refused.exception as error:
            self.assertIn("cell A2 has the error #REF!", error.read().decode())

    def test_a_device_that_is_there_gets_its_message_of_a_task(self):
        device = self.application.register("batch-online")
        client = self.log_in(device)
        task = self.create(
            "createMessages", targets=[device.device_id], document={"message": "hello"}
        )
        message = client.message()
        self.assertEqual(json.loads(message.payload)["content"], "hello")
        self.assertEqual(json.loads(message.payload)["id"], f"{task}-0")
        self.assertEqual(self.wait_for_end(task), "Success")

    def test_a_broadcast_is_for_devices_of_its_space_that_have_subscribed(self):
        space = self.call("POST", "/apps", {"app_name": "other"}, 201)["app_id"]
        body = {"device_id": "cast-other", "node_id": "n", "app_id": space}
        body["auth_info"] = {"secret": "secret-of-a-device"}
        self.call("POST", "/devices", body, 201)
        inside = self.application.register("cast-inside")
        outside = self.application.register("cast-unsubscribed")
        other = type(inside)(self.application, "cast-other", "secret-of-a-device", "")
        clients = [self.log_in(device) for device in (inside, other, outside)]
        plain = Client(self.hub.port, V5, "cast-plain")
        self.addCleanup(plain.close)
        clients.append(plain.open())
        topic = "$oc/broadcast/news"
        for client in (clients[0], clients[1], clients[3]):
            client.subscribe([(topic, 1)])
        payload = base64.b64encode(b"\x00\xff news").decode()
        body = {"topic_full_name": topic, "message": payload}
        self.call("POST", "/broadcast-messages", body, 201)
        message = clients[0].message()
        self.assertEqual((message.topic, message.payload), (topic, b"\x00\xff news"))
        self.assertEqual(message.qos, 0)
        for client in clients[1:]:
            client.expect_nothing()
        self.call("POST", "/broadcast-messages", {**body, "app_id": space, "ttl": 5}, 201)
        message = clients[1].message()
        self.assertEqual((message.payload, message.qos), (b"\x00\xff news", 1))
        clients[0].expect_nothing()


class CrashTest(BatchTestCase):
    """Whatever instant the kill hits, the same must be true afterwards."""

    def kill_in_the_middle(self, hub, task_id):
        application = Application(hub)

        def has_begun():
            task = self.task(task_id, application=application)["batchtask"]
            return task["task_progress"]["success"] > 0

        wait_until("the task's beginning", has_begun)
        os.kill(hub.process.pid, signal.SIGKILL)
        hub.process.wait()
        hub.kill()

    def expect_success(self, hub, task_id):
        application = Application(hub)
        self.assertEqual(self.wait_for_end(task_id, application), "Success")
        progress = self.task(task_id, application=application)["batchtask"]["task_progress"]
        self.assertEqual((progress["total"], progress["success"]), (MANY, MANY))

    def test_tasks_go_on_after_kill_9_and_double_nothing(self):
        names = [f"killed-{number}" for number in range(MANY)]
        with tempfile.TemporaryDirectory() as folder:
            hub = Hub("--data", folder).start()
            self.application = Application(hub)
            lines = "\n".join(f"{name},{name}" for name in names)
            file_id = self.upload("device_id,node_id\n" + lines + "\n")
            made = self.create("createDevices", document_source=file_id)
            self.kill_in_the_middle(hub, made)

            hub = Hub("--data", folder).start()
            self.expect_success(hub, made)
            self.application = Application(hub)
            sent = self.create("createMessages", targets=names, document={"message": "once"})
            self.kill_in_the_middle(hub, sent)

            with Hub("--data", folder) as hub:
                self.expect_success(hub, sent)
                application = Application(hub)
                for name in names:
                    status, answer = application.call("GET", f"/devices/{name}/messages")
                    ids = [each["message_id"] for each in answer["messages"]]
                    self.assertEqual((status, ids), (200, [f"{sent}-0"]), name)


if __name__ == "__main__":
    unittest.main()
