"""Applications and devices of the platform: requests over HTTP, device identities."""

import hashlib
import hmac
import json
import subprocess
import time
import urllib.error
import urllib.request

from support import openapi
from support.packets import V5
from support.wire import WAIT


def device_password(secret, hour):
    """hex(HMAC-SHA256(key = hour, message = secret))"""
    return hmac.new(hour.encode(), secret.encode(), hashlib.sha256).hexdigest()


class Application:
    """Speaks to the API of one hub, as the administrator of its fixture."""

    def __init__(self, hub, token=None, project_id=None):
        self.token = hub.ready["token"] if token is None else token
        self.project_id = hub.ready["project_id"] if project_id is None else project_id
        self.base = f"http://127.0.0.1:{hub.http_port}/v5/iot/{self.project_id}"

    def call(self, method, path, body=None):
        """(status, JSON of the answer or None)"""
        data = None if body is None else json.dumps(body).encode()
        headers = {"X-Auth-Token": self.token, "Content-Type": "application/json"}
        request = urllib.request.Request(self.base + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=WAIT) as answer:
                return answer.status, self.read(request, answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, self.read(request, error)

    @staticmethod
    def read(request, answer):
        """The JSON of the answer, which is one that the interface's document allows."""
        text = answer.read()
        value = json.loads(text) if text else None
        openapi.check(request.method, request.full_url, answer.status, value)
        return value

    def curl(self, method, path, body=None):
        """The same with curl: what people paste into a terminal."""
        command = ["curl", "-sS", "-X", method, "-H", f"X-Auth-Token: {self.token}"]
        command += ["-w", "\n%{http_code}", self.base + path]
        if body is not None:
            command += ["-H", "Content-Type: application/json", "-d", json.dumps(body)]
        done = subprocess.run(command, capture_output=True, timeout=WAIT, check=True)
        text, status = done.stdout.decode().rsplit("\n", 1)
        return int(status), json.loads(text) if text else None

    def register(self, device_id, secret="secret-of-a-device", **fields):
        body = {"device_id": device_id, "node_id": device_id, "auth_info": {"secret": secret}}
        body.update(fields)
        status, answer = self.call("POST", "/devices", body)
        if status != 201:
            raise AssertionError(f"registering {device_id}: {status} {answer}")
        return Device(self, device_id, secret, answer["product_id"])


class Device:
    """A registered device: what an application does with its messages, and how it logs in."""

    def __init__(self, application, device_id, secret, product_id):
        self.application, self.device_id, self.secret = application, device_id, secret
        self.product_id = product_id
        self.hour = time.strftime("%Y%m%d%H", time.gmtime())
        self.path = f"/devices/{device_id}/messages"
        self.downlink = f"$oc/devices/{device_id}/sys/messages/down"

    # For applications

    def post(self, message, **fields):
        """The 201's body."""
        status, answer = self.try_post(message, **fields)
        if status != 201:
            raise AssertionError(f"posting {message!r:.80}: {status} {answer}")
        return answer

    def try_post(self, message, **fields):
        return self.application.call("POST", self.path, {"message": message, **fields})

    def show(self, message_id):
        status, answer = self.application.call("GET", f"{self.path}/{message_id}")
        if status != 200:
            raise AssertionError(f"{message_id}: {status} {answer}")
        return answer

    def status(self, message_id):
        """(status, cause)"""
        shown = self.show(message_id)
        return shown["status"], shown["cause"]

    def trace(self, message_id):
        """The names of the steps."""
        status, answer = self.application.call("GET", f"{self.path}/{message_id}/trace")
        if status != 200:
            raise AssertionError(f"the trace of {message_id}: {status} {answer}")
        return [event["step"] for event in answer["events"]]

    def command(self, **body):
        """(status, answer) of a command, which waits for the device."""
        body = {"service_id": "Pump", "command_name": "SPEED", "paras": {"rpm": 300}, **body}
        return self.application.call("POST", f"/devices/{self.device_id}/commands", body)

    # For devices

    def topic(self, suffix):
        return f"$oc/devices/{self.device_id}/sys/{suffix}"

    @property
    def client_id(self):
        return f"{self.device_id}_0_0_{self.hour}"

    @property
    def password(self):
        return device_password(self.secret, self.hour)

    def connect_options(self, version, **properties):
        options = {"user_name": self.device_id, "password": self.password}
        if version == V5 and properties:
            options["properties"] = properties
        return options
