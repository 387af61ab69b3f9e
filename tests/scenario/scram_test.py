"""Enhanced authentication of MQTT 5.0 with SCRAM-SHA-256: log in, guess, authenticate again."""

import base64
import hashlib
import hmac
import unittest

from access_test import BAD_CREDENTIALS, AccessCase
from support import packets
from support.clauses import clause
from support.packets import V5, Kind
from support.wire import wait_until

METHOD = "SCRAM-SHA-256"
CONTINUE, AGAIN = 0x18, 0x19
PROTOCOL_ERROR, NOT_AUTHORIZED, BAD_METHOD, BANNED = 0x82, 0x87, 0x8C, 0x8A


class Scram:
    """The client's side of one conversation (RFC 5802), with room for what no client would say."""

    def __init__(self, user, password, nonce="fyko+d2lbbFgONRv9qkxdawL", header="n,,"):
        self.user, self.password, self.header = user, password, header
        self.bare = f"n={user},r={nonce}"
        self.nonce = nonce

    def first(self):
        return (self.header + self.bare).encode()

    def final(self, challenge):
        """The final message; keeps what the server's must be."""
        text = challenge.decode()
        fields = dict(field.split("=", 1) for field in text.split(","))
        assert fields["r"].startswith(self.nonce) and len(fields["r"]) > len(self.nonce) + 20
        self.salt, self.iterations = base64.b64decode(fields["s"]), int(fields["i"])
        salted = hashlib.pbkdf2_hmac("sha256", self.password.encode(), self.salt, self.iterations)
        key = hmac.digest(salted, b"Client Key", "sha256")
        binding = base64.b64encode(self.header.encode()).decode()
        without_proof = f"c={binding},r={fields['r']}"
        message = f"{self.bare},{text},{without_proof}".encode()
        signature = hmac.digest(hashlib.sha256(key).digest(), message, "sha256")
        proof = bytes(a ^ b for a, b in zip(key, signature))
        server_key = hmac.digest(salted, b"Server Key", "sha256")
        signed = hmac.digest(server_key, message, "sha256")
        self.expected = b"v=" + base64.b64encode(signed)
        return f"{without_proof},p={base64.b64encode(proof).decode()}".encode()


def auth(reason, data, method=METHOD):
    return packets.auth(reason, {"authentication_method": method, "authentication_data": data})


class ScramCase(AccessCase):
    def wait_for_log(self, words):
        wait_until(f"the log to say {words}", lambda: words in self.log.read_text())

    def begin(self, client_id, scram, connect_user=None):
        """Sends CONNECT with the first message; the rest is the test's."""
        properties = {"authentication_method": METHOD, "authentication_data": scram.first()}
        client = self.dial(V5, client_id, connect_user, properties=properties)
        client.send(packets.connect(V5, client_id, **client.connect_options))
        return client

    def challenge(self, client):
        packet = client.expect(Kind.AUTH, reason=CONTINUE)
        self.assertEqual(packet.properties["authentication_method"], METHOD)
        return packet.properties["authentication_data"]

    def exchange(self, client_id, user, password, connect_user=None):
        """Up to the CONNACK, whatever it is."""
        scram = Scram(user, password)
        client = self.begin(client_id, scram, connect_user)
        client.send(auth(CONTINUE, scram.final(self.challenge(client))))
        return client, scram, client.expect(Kind.CONNACK)

    def log_in(self, client_id, user, password, connect_user=None):
        client, scram, connack = self.exchange(client_id, user, password, connect_user)
        self.assertEqual(connack.reason, 0)
        self.assertEqual(connack.properties["authentication_method"], METHOD)
        self.assertEqual(connack.properties["authentication_data"], scram.expected)
        return client

    def refuse_exchange(self, client_id, user, password):
        client, scram, connack = self.exchange(client_id, user, password)
        self.assertEqual(connack.reason, BAD_CREDENTIALS[V5])
        self.assertNotIn("authentication_method", connack.properties)
        client.expect_closed()
        return scram


class Logins(ScramCase):
    @clause("MQTT5-4.12.0-2", "MQTT5-4.12.0-3", "MQTT5-4.12.0-5")
    def test_a_user_logs_in_by_scram_and_by_password(self):
        self.start(rules_file="rules.toml")
        alice = self.log_in("a", "alice", "wonderland")
        self.assertEqual(alice.subscribe("plant/#", qos=1), [1])  # by the rules for alice
        again = self.join(V5, "a", "alice", "wonderland")  # the session is that user's
        self.assertEqual(alice.expect(Kind.DISCONNECT).reason, 0x8E)
        again.disconnect()
        self.refuse(BAD_CREDENTIALS, V5, "a", "bob", "wonderland")
        self.stop()

    @clause("MQTT5-4.12.0-4")
    def test_guesses_and_strangers_are_refused_alike(self):
        text = (self.folder / "users").read_text()
        without = [line.split(" ")[0] for line in text.splitlines() if line.startswith("bob:")]
        lines = [line for line in text.splitlines() if not line.startswith("bob:")]
        (self.folder / "users").write_text("\n".join(lines + without) + "\n")
        self.start()
        scrams = {
            name: [self.refuse_exchange("g", name, password) for _ in range(2)]
            for name, password in (
                ("alice", "guess"),
                ("nobody", "x"),
                ("bob", "builder"),  # has a hash only
                ("carol", "christmas"),  # of Mosquitto's file
            )
        }
        for name, (one, two) in scrams.items():
            self.assertEqual((one.salt, one.iterations), (two.salt, 15_000), name)
        self.assertEqual(len({one.salt for one, _ in scrams.values()}), len(scrams))
        self.join(V5, "b", "bob", "builder").disconnect()
        self.wait_for_log("bob has no verifier for SCRAM")
        self.stop()

    def test_the_user_name_of_connect_is_the_same_or_missing(self):
        self.start()
        self.log_in("a", "alice", "wonderland", connect_user="alice").disconnect()
        client = self.begin("a", Scram("alice", "wonderland"), connect_user="bob")
        client.expect(Kind.CONNACK, reason=BAD_CREDENTIALS[V5])
        client.expect_closed()
        self.stop()

    @clause("MQTT5-4.12.0-1")
    def test_without_users_no_method_is_offered(self):
        self.start(users_file="", password_file="")
        client = self.begin("a", Scram("alice", "wonderland"))
        client.expect(Kind.CONNACK, reason=BAD_METHOD)
        client.expect_closed()
        self.stop()

    def test_what_is_no_scram_message_is_a_protocol_error(self):
        self.start()
        for header in ("p=tls-unique,,", "x,,", "n,a=bob,"):
            client = self.begin("a", Scram("alice", "wonderland", header=header))
            client.expect(Kind.CONNACK, reason=PROTOCOL_ERROR)
            client.expect_closed()
        scram = Scram("alice", "wonderland", header="y,,")
        client = self.begin("a", scram)
        client.send(auth(CONTINUE, scram.final(self.challenge(client))))
        client.expect(Kind.CONNACK, reason=0)
        # What was right in one exchange is nothing in another.
        replay = self.begin("b", scram)
        earlier = scram.final(self.challenge(replay))
        replay.send(auth(CONTINUE, earlier))
        replay.expect(Kind.CONNACK, reason=0)
        other = self.begin("c", scram)
        self.challenge(other)
        other.send(auth(CONTINUE, earlier))
        other.expect(Kind.CONNACK, reason=PROTOCOL_ERROR)
        other.expect_closed()
        self.stop()

    @clause("MQTT5-3.1.2-30")
    def test_only_auth_and_disconnect_come_before_connack(self):
        self.start()
        client = self.begin("a", Scram("alice", "wonderland"))
        self.challenge(client)
        client.send(packets.pingreq())
        client.expect(Kind.CONNACK, reason=PROTOCOL_ERROR)
        client.expect_closed()
        client = self.begin("a", Scram("alice", "wonderland"))
        self.challenge(client)
        client.send(packets.disconnect(V5))
        client.expect_closed()
        self.stop()

    def test_guesses_lead_to_a_ban(self):
        self.limits = {"ban_loopback": True, "login_failures_max": 2}
        self.start()
        for _ in range(2):
            self.refuse_exchange("g", "alice", "guess")
        client = self.begin("g", Scram("alice", "wonderland"))
        client.expect(Kind.CONNACK, reason=BANNED)
        client.expect_closed()
        self.refuse({V5: BANNED}, V5, "g", "alice", "wonderland")  # by password as well
        self.log_in("b", "bob", "builder").disconnect()
        self.stop()

    def test_who_never_answers_is_closed_in_time(self):
        self.limits = {"connect_deadline": "1s"}
        self.start()
        client = self.begin("a", Scram("alice", "wonderland"))
        self.challenge(client)
        client.expect_closed()
        self.wait_for_log("connect_timeout")
        self.stop()


class Again(ScramCase):
    @clause("MQTT5-4.12.0-5", "MQTT5-4.12.0-2")
    def test_a_client_authenticates_again_while_messages_flow(self):
        self.start()
        client = self.log_in("a", "alice", "wonderland")
        client.subscribe("t", qos=1)
        for nonce in ("one", "two"):
            scram = Scram("alice", "wonderland", nonce=nonce)
            client.send(auth(AGAIN, scram.first()))
            challenge = self.challenge(client)
            client.publish("t", nonce, qos=1)
            self.assertEqual(client.message().payload, nonce.encode())
            client.send(auth(CONTINUE, scram.final(challenge)))
            done = client.expect(Kind.AUTH, reason=0)
            self.assertEqual(done.properties["authentication_method"], METHOD)
            self.assertEqual(done.properties["authentication_data"], scram.expected)
        client.disconnect()
        self.stop()

    @clause("MQTT5-4.12.1-2")
    def test_who_fails_to_is_disconnected(self):
        self.start()
        for user, password in (("alice", "guess"), ("bob", "builder")):
            client = self.log_in("a", "alice", "wonderland")
            scram = Scram(user, password)
            client.send(auth(AGAIN, scram.first()))
            if user == "alice":
                client.send(auth(CONTINUE, scram.final(self.challenge(client))))
            client.expect_disconnect(NOT_AUTHORIZED)
        self.stop()

    @clause("MQTT5-4.12.1-1", "MQTT5-4.12.0-7")
    def test_another_method_or_none_in_connect_is_a_protocol_error(self):
        self.start()
        client = self.log_in("a", "alice", "wonderland")
        client.send(auth(AGAIN, Scram("alice", "wonderland").first(), "SCRAM-SHA-1"))
        client.expect_disconnect(PROTOCOL_ERROR)
        client = self.join(V5, "a", "alice", "wonderland")
        client.send(auth(AGAIN, Scram("alice", "wonderland").first()))
        client.expect_disconnect(PROTOCOL_ERROR)
        self.stop()

    def test_another_password_holds_from_the_reload_on(self):
        self.start()
        client = self.log_in("a", "alice", "wonderland")
        self.user("passwd", "alice", "changed")
        self.reload("reloaded")
        scram = Scram("alice", "wonderland")
        client.send(auth(AGAIN, scram.first()))
        client.send(auth(CONTINUE, scram.final(self.challenge(client))))
        client.expect_disconnect(NOT_AUTHORIZED)
        self.log_in("a", "alice", "changed").disconnect()
        self.stop()


if __name__ == "__main__":
    unittest.main()
