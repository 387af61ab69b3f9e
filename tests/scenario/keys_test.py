"""Applications that log in: with signatures of an access key, with API keys, with tokens; what keys may do,
how they are changed, and what stays over a restart. What an MQTT client would be told, over HTTP."""

import http.client
import json
import pathlib
import subprocess
import tempfile
import unittest

from support import openapi
from support.hub import Hub, HubTestCase, binary
from support.platform import Application
from support.signing import sdk_date, sign
from support.wire import WAIT

ALL = ["iotda:*", "holdfast:*"]


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        text = response.read()
        self.body = json.loads(text) if text else None

    @property
    def code(self):
        return self.body["error_code"]

    @property
    def message(self):
        return self.body["error_msg"]


def send(hub, method, target, headers=None, body=b""):
    connection = http.client.HTTPConnection("127.0.0.1", hub.http_port, timeout=WAIT)
    try:
        connection.request(method, target, body or None, headers or {})
        answer = Answer(connection.getresponse())
    finally:
        connection.close()
    openapi.check(method, target, answer.status, answer.body)
    return answer


class Signer:
    """An application with an access key."""

    def __init__(self, hub, ak, sk, region=None):
        self.hub, self.ak, self.sk, self.region = hub, ak, sk, region
        self.host = f"127.0.0.1:{hub.http_port}"
        self.project = f"/v5/iot/{hub.ready['project_id']}"

    def send(self, method, target, body=b"", **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        headers = {"Host": self.host, "Content-Type": "application/json", **headers}
        signed = sign(self.ak, self.sk, method, target, headers, body, self.region)
        return send(self.hub, method, target, signed, body)

    def call(self, method, rest, body=None, **headers):
        data = b"" if body is None else json.dumps(body).encode()
        return self.send(method, self.project + rest, data, **headers)


class KeysTestCase(HubTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.administrator = Application(cls.hub)

    def make(self, *permissions, kind="ACCESS_KEY", **fields):
        body = {"kind": kind, "name": self._testMethodName[-60:], "permissions": permissions}
        status, key = self.administrator.call("POST", "/keys", {**body, **fields})
        self.assertEqual(201, status, key)
        return key

    def signer(self, *permissions, **fields):
        key = self.make(*permissions, **fields)
        return Signer(self.hub, key["ak"], key["sk"])

    def device(self):
        return self.administrator.register(self._testMethodName[-60:])

    def change(self, key_id, **fields):
        status, key = self.administrator.call("PUT", f"/keys/{key_id}", fields)
        self.assertEqual(200, status, key)
        return key


class Signatures(KeysTestCase):
    def test_the_fixtures_key_posts_and_lists_messages(self):
        device = self.device()
        signer = Signer(self.hub, self.hub.ready["ak"], self.hub.ready["sk"])
        posted = signer.call("POST", device.path, {"message": "hello", "message_id": "m-1"})
        self.assertEqual(201, posted.status, posted.body)
        listed = signer.call("GET", f"{device.path}?status=PENDING&limit=10")
        self.assertEqual(200, listed.status, listed.body)
        self.assertEqual(["m-1"], [m["message_id"] for m in listed.body["messages"]])

    def test_a_derived_signature_is_as_good(self):
        device = self.device()
        key = self.make("iotda:messages:send")
        signer = Signer(self.hub, key["ak"], key["sk"], region="cn-north-4")
        for _ in range(2):  # the second time its key is known
            self.assertEqual(201, signer.call("POST", device.path, {"message": "x"}).status)
        signer.sk += "x"
        self.assertEqual(401, signer.call("POST", device.path, {"message": "x"}).status)

    def test_whatever_stands_in_path_and_query_is_signed_as_it_is_meant(self):
        signer = self.signer("iotda:devices:queryList", "iotda:devices:query")
        for query in (
            "device_name=a%2Bb~c%2F%E4%B8%AD&limit=10&product_id=p%20x",
            "product_id=b&limit=10&product_id=a", "limit=10&node_id=", "node_id&limit=1",
            "device_name=a+b", "",
        ):  # fmt: skip
            answer = signer.call("GET", f"/devices?{query}" if query else "/devices")
            self.assertEqual(200, answer.status, (query, answer.body))
        for path in ("/devices/a%2Fb", "/devices/%E4%B8%AD", "/devices/a~b", "/devices/a%20b"):
            self.assertEqual(400, signer.call("GET", path).status, path)
        self.assertEqual(404, signer.call("GET", "/devices/").status)  # of the table of routes

    def test_what_was_changed_on_the_way_is_refused(self):
        device = self.device()
        signer = self.signer(*ALL)
        target = signer.project + device.path
        body = b'{"message": "hello"}'
        headers = {"Host": signer.host, "Content-Type": "application/json"}
        signed = sign(signer.ak, signer.sk, "POST", target, headers, body)
        self.assertEqual(201, send(self.hub, "POST", target, signed, body).status)
        for changed in (
            send(self.hub, "POST", target, signed, b'{"message": "h3llo"}'),
            send(self.hub, "POST", target + "?a=b", signed, body),
            send(self.hub, "POST", target, {**signed, "X-Sdk-Date": sdk_date(60)}, body),
            send(self.hub, "POST", target,
                 {**signed, "Content-Type": "application/json; charset=utf-8"}, body),
            send(self.hub, "POST", target.replace("path", "p"), signed, body + b" "),
        ):  # fmt: skip
            self.assertEqual((401, "APIGW.0301"), (changed.status, changed.code))
            self.assertIn("verify aksk signature fail", changed.message)

    def test_a_clock_may_be_off_by_fifteen_minutes(self):
        signer = self.signer(*ALL)
        for offset, status in ((-14 * 60, 200), (14 * 60, 200), (-16 * 60, 401), (16 * 60, 401)):
            answer = signer.call("GET", "/devices", X_Sdk_Date=sdk_date(offset))
            self.assertEqual(status, answer.status, offset)
        self.assertIn("set the clock", answer.message)

    def test_who_is_unknown_or_brings_something_else_is_told_what(self):
        signer = Signer(self.hub, "NOBODY", "x")
        self.assertIn("ak NOBODY not exist", signer.call("GET", "/devices").message)
        signer = self.signer(*ALL)
        answer = signer.call("GET", "/devices", X_Security_Token="t")
        self.assertEqual(401, answer.status)
        self.assertIn("temporary credentials", answer.message)
        answer = send(self.hub, "GET", signer.project + "/devices", {"Authorization": "Basic eA=="})
        self.assertEqual((401, "IOTDA.000002"), (answer.status, answer.code))

    def test_the_project_is_found_with_a_signature(self):
        signer = self.signer("iotda:messages:send")
        answer = signer.send("GET", "/v3/projects?name=cn-north-4")
        self.assertEqual(200, answer.status, answer.body)
        self.assertEqual([self.hub.ready["project_id"]],
                         [project["id"] for project in answer.body["projects"]])  # fmt: skip
        signer.sk += "x"
        refused = signer.send("GET", "/v3/projects?name=cn-north-4")
        self.assertEqual((401, "Unauthorized"),
                         (refused.status, refused.body["error"]["title"]))  # fmt: skip


class Permissions(KeysTestCase):
    def test_a_key_does_what_it_is_allowed_and_no_more(self):
        device = self.device()
        signer = self.signer("iotda:messages:send")
        self.assertEqual(201, signer.call("POST", device.path, {"message": "x"}).status)
        for method, rest, action in (
            ("GET", device.path, "iotda:messages:queryList"),
            ("GET", f"{device.path}/m", "iotda:messages:query"),
            ("DELETE", f"/devices/{device.device_id}", "iotda:devices:delete"),
        ):
            answer = signer.call(method, rest)
            self.assertEqual((403, "IOTDA.000022"), (answer.status, answer.code))
            self.assertIn(action, answer.message)
        self.change(signer.ak, permissions=["iotda:messages:*"])
        self.assertEqual(200, signer.call("GET", device.path).status)
        self.assertEqual(403, signer.send("GET", "/admin/bans").status)

    def test_another_project_is_none_of_its_business(self):
        signer = self.signer(*ALL)
        answer = signer.send("GET", "/v5/iot/other/devices")
        self.assertEqual((403, "IOTDA.000004"), (answer.status, answer.code))

    def test_no_key_makes_another(self):
        signer = self.signer(*ALL)
        body = {"name": "more", "permissions": ["iotda:*"]}
        answer = signer.call("POST", "/keys", body)
        self.assertEqual((403, "IOTDA.000022"), (answer.status, answer.code))
        self.assertEqual(403, signer.call("GET", "/keys").status)

    def test_a_disabled_and_a_deleted_key_are_refused_at_once(self):
        signer = self.signer(*ALL)
        self.assertEqual(200, signer.call("GET", "/devices").status)
        self.change(signer.ak, status="DISABLED")
        answer = signer.call("GET", "/devices")
        self.assertEqual(401, answer.status)
        self.assertIn("disabled", answer.message)
        self.change(signer.ak, status="ENABLED")
        self.assertEqual(200, signer.call("GET", "/devices").status)
        self.assertEqual(204, self.administrator.call("DELETE", f"/keys/{signer.ak}")[0])
        self.assertIn("not exist", signer.call("GET", "/devices").message)
        self.assertEqual(404, self.administrator.call("GET", f"/keys/{signer.ak}")[0])


class ApiKeys(KeysTestCase):
    def headers(self, key):
        return {"X-Api-Key": key["api_key"], "Content-Type": "application/json"}

    def test_an_api_key_is_shown_as_it_is_in_either_header(self):
        device = self.device()
        key = self.make("iotda:messages:*", kind="API_KEY")
        self.assertRegex(key["api_key"], r"^hf_[0-9a-f]{64}$")
        target = f"/v5/iot/{self.hub.ready['project_id']}{device.path}"
        posted = send(self.hub, "POST", target, self.headers(key), b'{"message": "x"}')
        self.assertEqual(201, posted.status, posted.body)
        bearer = {"Authorization": f"Bearer {key['api_key']}"}
        self.assertEqual(200, send(self.hub, "GET", target, bearer).status)
        wrong = {"Authorization": f"Bearer {key['api_key']}0"}
        self.assertEqual(401, send(self.hub, "GET", target, wrong).status)
        shown = self.administrator.call("GET", f"/keys/{key['key_id']}")[1]
        self.assertNotIn("api_key", shown)
        self.assertRegex(shown["last_used_time"], r"^\d{8}T\d\d0000Z$")

    def test_what_a_new_key_must_say(self):
        for body, word in (
            ({"name": "n"}, "permissions"),
            ({"name": "n", "permissions": ["iotda:messages:sent"]}, "iotda:messages:send"),
            ({"name": "n", "permissions": ["*"]}, "permissions"),
            ({"permissions": ["iotda:*"]}, "name"),
            ({"name": "n", "permissions": ["iotda:*"], "kind": "x"}, "ACCESS_KEY, API_KEY"),
            ({"name": "n", "permissions": ["iotda:*"], "expires_time": "20200101T000000Z"},
             "future"),
        ):  # fmt: skip
            status, answer = self.administrator.call("POST", "/keys", body)
            self.assertEqual(400, status)
            self.assertIn(word, answer["error_msg"])


class Explaining(KeysTestCase):
    def ask(self, deed, **query):
        text = "&".join(f"{name}={value}" for name, value in query.items())
        headers = {"X-Auth-Token": self.hub.ready["token"]}
        return send(self.hub, "GET", f"/admin/explain/{deed}?{text}", headers)

    def test_a_device_is_judged_by_what_is_known_of_it_now(self):
        device = self.device()
        question = {"client_id": device.client_id, "user": device.device_id}
        self.assertEqual({"allowed": True, "because": "with the password that the device makes of "
                          "its secret"}, self.ask("connect", **question).body)  # fmt: skip
        self.administrator.call("POST", f"/devices/{device.device_id}/freeze")
        self.assertEqual({"allowed": False, "because": "the device is frozen"},
                         self.ask("connect", **question).body)  # fmt: skip
        other = {"client_id": "nobody_0_0_2026010100", "user": "nobody"}
        self.assertFalse(self.ask("connect", **other).body["allowed"])

    def test_topics_are_judged_by_the_rules_in_force(self):
        answer = self.ask("publish", client_id="c", topic="plant/a", listener=self.hub.port)
        self.assertTrue(answer.body["allowed"], answer.body)
        answer = self.ask("publish", client_id="c", topic="$SYS/uptime")
        self.assertEqual({"allowed": False, "because": "the server alone publishes below $SYS/"},
                         answer.body)  # fmt: skip
        for bad in ({"topic": "x"}, {"client_id": "c"}, {"client_id": "c", "topic": "x", "qos": 3},
                    {"client_id": "c", "topic": "x", "listener": 1}):  # fmt: skip
            self.assertEqual(400, self.ask("publish", **bad).status, bad)


class Commands(unittest.TestCase):
    """`holdfast key` and `holdfast admin` with a server that has a password."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.data = folder.name
        self.hub = Hub("--data", self.data).start()
        self.hub.stop()  # what it made is there, and it has no administrator
        self.reset("first-one")
        self.password_file = pathlib.Path(self.data) / "password"
        self.password_file.write_text("first-one\n")
        self.start()
        self.addCleanup(lambda: self.hub.stop())

    def start(self):
        self.hub = Hub("--data", self.data).start()
        self.url = f"http://127.0.0.1:{self.hub.http_port}"

    def reset(self, password, **options):
        return self.run_holdfast("admin", "passwd", "--data", self.data, typed=password + "\n",
                                 **options)  # fmt: skip

    def run_holdfast(self, *arguments, typed="", code=0):
        done = subprocess.run([binary(), *arguments], input=typed, text=True, capture_output=True,
                              timeout=WAIT)  # fmt: skip
        self.assertEqual(code, done.returncode, done.stderr)
        return done.stdout if code == 0 else done.stderr

    def key(self, *arguments, **options):
        if "typed" not in options:
            arguments += ("--password-file", str(self.password_file))
        return self.run_holdfast("key", *arguments, "--server", self.url, **options)

    def test_a_key_is_made_used_disabled_and_deleted(self):
        made = self.key("add", "--name", "shop", "--allow", "iotda:devices:*")
        made = dict(line.split() for line in made.splitlines())
        signer = Signer(self.hub, made["ak"], made["sk"])
        self.assertEqual(200, signer.call("GET", "/devices").status)
        self.assertIn(f"{made['ak']}  ACCESS_KEY  ENABLED  last used", self.key("list"))
        self.key("disable", made["ak"])
        self.assertEqual(401, signer.call("GET", "/devices").status)
        self.key("enable", made["ak"])
        self.assertEqual(200, signer.call("GET", "/devices").status)
        self.key("delete", made["ak"])
        self.assertNotIn(made["ak"], self.key("list"))
        self.assertIn("There is no such key", self.key("delete", made["ak"], code=8))

    def test_the_password_is_changed_while_it_runs_and_reset_when_it_does_not(self):
        self.run_holdfast("admin", "passwd", "--server", self.url, typed="first-one\nsecond-one\n")
        self.assertIn("wrong", self.key("list", code=8))
        self.key("list", typed="second-one\n")
        self.assertIn("another process", self.reset("third-one", code=5))
        self.hub.stop()
        self.assertIn("8 to 1024", self.reset("short", code=3))
        self.reset("third-one")
        self.start()
        self.assertIn("wrong", self.key("list", typed="second-one\n", code=8))
        self.key("list", typed="third-one\n")

    def test_a_new_password_ends_every_token(self):
        tokens = [self.log_in("first-one") for _ in range(2)]
        target = "/v3/projects"
        for token in tokens:
            self.assertEqual(200, send(self.hub, "GET", target, {"X-Auth-Token": token}).status)
        self.run_holdfast("admin", "passwd", "--server", self.url, typed="first-one\nsecond-one\n")
        for token in tokens:
            answer = send(self.hub, "GET", target, {"X-Auth-Token": token})
            self.assertEqual((401, 401), (answer.status, answer.body["error"]["code"]))

    def log_in(self, password):
        user = {"name": "admin", "password": password, "domain": {"name": "holdfast"}}
        identity = {"methods": ["password"], "password": {"user": user}}
        body = {"auth": {"identity": identity, "scope": {"project": {"name": "here"}}}}
        answer = send(self.hub, "POST", "/v3/auth/tokens", {"Content-Type": "application/json"},
                      json.dumps(body).encode())  # fmt: skip
        self.assertEqual(201, answer.status, answer.body)
        return answer.headers["X-Subject-Token"]


class Restart(unittest.TestCase):
    def test_keys_survive_a_restart_and_their_secrets_are_not_in_the_files(self):
        with tempfile.TemporaryDirectory() as data:
            hub = Hub("--data", data).start()
            application = Application(hub)
            made = []
            for kind in ("ACCESS_KEY", "API_KEY"):
                body = {"kind": kind, "name": kind, "permissions": ["iotda:devices:*"]}
                made.append(application.call("POST", "/keys", body)[1])
            fixture = hub.ready["ak"], hub.ready["sk"]
            hub.stop()
            self.assert_in_no_file(data, made[0]["sk"], made[1]["api_key"], fixture[1])
            hub = Hub("--data", data).start()
            self.addCleanup(hub.stop)
            self.assertEqual(fixture, (hub.ready["ak"], hub.ready["sk"]))
            signer = Signer(hub, made[0]["ak"], made[0]["sk"])
            self.assertEqual(200, signer.call("GET", "/devices").status)
            headers = {"X-Api-Key": made[1]["api_key"]}
            self.assertEqual(200, send(hub, "GET", signer.project + "/devices", headers).status)
            self.assertEqual(403, send(hub, "GET", signer.project + "/products", headers).status)

    def assert_in_no_file(self, data, *secrets):
        for file in pathlib.Path(data).rglob("*"):
            content = file.read_bytes() if file.is_file() else b""
            for secret in secrets:
                self.assertNotIn(secret.encode(), content, file)


if __name__ == "__main__":
    unittest.main()
