"""Publishers and subscribers of different protocol versions: what passes, and what is left out."""

import itertools
import unittest

from support.clauses import clause
from support.hub import HubTestCase
from support.packets import V5, V31, V311, Will

VERSIONS = (V31, V311, V5)
PROPERTIES = {
    "payload_format_indicator": 1,
    "content_type": "text/plain",
    "response_topic": "answers/here",
    "correlation_data": b"\x00\x01\xff",
    "user_property": [("b", "2"), ("a", "1"), ("b", "2")],
}


class TwoVersions(HubTestCase):
    def one(self, version, text=""):
        return self.client(version, version.name + text)

    @clause("MQTT5-3.8.4-8", "MQTT3-3.8.4-6")
    def test_every_version_reaches_every_version_at_every_qos(self):
        subscribers = []
        for version, qos in itertools.product(VERSIONS, (0, 1, 2)):
            subscriber = self.one(version, f"-{qos}")
            subscriber.subscribe(self.name("t"), qos=qos)
            subscribers.append((qos, subscriber))
        for version, published in itertools.product(VERSIONS, (0, 1, 2)):
            payload = f"{version.name}-{published}"
            self.one(version, payload).publish(self.name("t"), payload, qos=published)
            for granted, subscriber in subscribers:
                message = subscriber.message()
                self.assertEqual(message.payload.decode(), payload)
                self.assertEqual(message.qos, min(published, granted))

    @clause("MQTT5-3.3.2-4", "MQTT5-3.3.2-15", "MQTT5-3.3.2-16", "MQTT5-3.3.2-17")
    @clause("MQTT5-3.3.2-18", "MQTT5-3.3.2-20")
    def test_properties_reach_5_0_whole_and_3_1_1_gets_the_message_without(self):
        subscribers = {version: self.one(version) for version in VERSIONS}
        for subscriber in subscribers.values():
            subscriber.subscribe(self.name("t"), qos=1)
        publisher = self.client(V5)
        publisher.publish(self.name("t"), b"x", qos=1, properties=PROPERTIES)
        for version, subscriber in subscribers.items():
            message = subscriber.message()
            self.assertEqual((message.topic, message.payload), (self.name("t"), b"x"))
            self.assertEqual(message.properties, PROPERTIES if version == V5 else {})

    @clause("MQTT5-2.2.2-1")
    def test_a_message_of_3_1_1_has_no_properties_in_5_0(self):
        subscriber = self.client(V5)
        subscriber.subscribe(self.name("t"), qos=1)
        for version in (V31, V311):
            self.one(version, "-publisher").publish(self.name("t"), b"x", qos=1)
            self.assertEqual(subscriber.message().properties, {})

    def test_retained_messages_and_wills_cross_over(self):
        for here, there in [(V311, V5), (V5, V311)]:
            self.one(here).publish(self.name("r"), here.name.encode(), qos=2, retain=True)
            subscriber = self.one(there, "-subscriber")
            subscriber.subscribe([self.name("r"), self.name("w")], qos=2)
            message = subscriber.message()
            self.assertEqual((message.payload.decode(), message.retain), (here.name, True))
            will = Will(self.name("w"), here.name.encode(), qos=2)
            self.client(here, here.name + "-victim", will=will).cut()
            self.assertEqual(subscriber.message().payload.decode(), here.name)

    def test_a_session_goes_from_one_version_to_the_other(self):
        for here, there in [(V311, V5), (V5, V311)]:
            with self.subTest(here.name):
                first = self.persistent(here, here.name)
                first.subscribe(self.name(here.name), qos=1)
                first.disconnect()
                publisher = self.client(V5)
                properties = {"content_type": "text/plain"}
                publisher.publish(self.name(here.name), b"x", qos=1, properties=properties)
                second = self.persistent(there, here.name)
                self.assertTrue(second.connack.session_present)
                message = second.message()
                self.assertEqual(message.payload, b"x")
                self.assertEqual(message.properties, properties if there == V5 else {})

    @clause("MQTT5-3.8.3-3")
    def test_no_local_is_5_0_only(self):
        client = self.client(V5)
        client.subscribe(self.name("t"), qos=1, no_local=True)
        client.publish(self.name("t"), b"mine", qos=1)
        self.client(V311).publish(self.name("t"), b"theirs", qos=1)
        self.assertEqual(client.payloads(1), ["theirs"])
        old = self.client(V311)
        old.subscribe(self.name("t"), qos=1)
        old.publish(self.name("t"), b"own", qos=1)
        self.assertEqual(old.payloads(1), ["own"])

    @clause("MQTT5-3.3.4-2", "MQTT3-3.3.5-1", "MQTT5-3.3.4-3", "MQTT5-3.3.4-4")
    def test_overlapping_subscriptions_give_one_copy_at_the_highest_qos(self):
        for version in (V311, V5):
            client = self.one(version)
            for number, (end, qos) in enumerate([("#", 0), ("+/b", 2), ("a/b", 1)], 1):
                identifiers = {"subscription_identifier": number} if version == V5 else None
                client.subscribe(self.name(end), qos=qos, properties=identifiers)
            self.client(V5).publish(self.name("a/b"), b"x", qos=2)
            message = client.message()
            self.assertEqual((message.payload, message.qos), (b"x", 2))
            found = message.properties.get("subscription_identifier", [])
            self.assertCountEqual(found, [1, 2, 3] if version == V5 else [])
            client.expect_nothing()

    @clause("MQTT5-3.10.4-1", "MQTT5-3.10.4-2", "MQTT5-3.10.4-4", "MQTT5-3.10.4-5")
    @clause("MQTT3-3.10.4-1", "MQTT3-3.10.4-2", "MQTT3-3.10.4-4", "MQTT3-3.10.4-5")
    @clause("MQTT5-3.11.3-1", "MQTT5-3.11.3-2", "MQTT5-3.10.4-6", "MQTT3-3.10.4-6")
    def test_unsubscribe_is_answered_in_each_versions_words(self):
        for version in VERSIONS:
            client = self.one(version)
            client.subscribe([self.name("t"), self.name("T")], qos=1)
            reasons = client.unsubscribe([self.name("t"), self.name("none"), self.name("t")])
            self.assertEqual(reasons, [0, 0x11, 0x11] if version == V5 else [])
            publisher = self.client(V5)
            publisher.publish(self.name("t"), b"x", qos=1)
            publisher.publish(self.name("T"), b"capital", qos=1)
            self.assertEqual(client.payloads(1), ["capital"])
            client.expect_nothing()

    @clause("MQTT5-3.1.2-28", "MQTT5-3.12.4-1", "MQTT3-3.12.4-1")
    def test_pings_and_plain_connacks(self):
        for version in VERSIONS:
            client = self.one(version)
            client.expect_nothing()
            self.assertNotIn("response_information", client.connack.properties)


class ResponseInformation(HubTestCase):
    config = {"mqtt": {"response_information_prefix": "answers/"}}

    @clause("MQTT5-3.1.2-28")
    def test_it_is_given_to_who_asks(self):
        asked = self.client(V5, "a", properties={"request_response_information": 1})
        self.assertEqual(
            asked.connack.properties["response_information"], "answers/" + self.name("a")
        )
        for properties in ({}, {"request_response_information": 0}):
            silent = self.client(V5, "a", properties=properties)
            self.assertNotIn("response_information", silent.connack.properties)


if __name__ == "__main__":
    unittest.main()
