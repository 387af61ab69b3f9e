"""What the protocol forbids: the reason code the specification names (5.0), and a close."""

import unittest

from support import packets
from support.clauses import clause
from support.hub import HubTestCase, each_version
from support.packets import V5, V31, V311, Kind, Will, packet, property_field, string, two

MALFORMED = 0x81
PROTOCOL_ERROR = 0x82
# Not well-formed: overlong forms, surrogates, beyond U+10FFFF, cut short, stray; and U+0000.
NOT_UTF8 = [
    b"\xc0\x80",
    b"\xc0\xaf",
    b"\xe0\x80\xaf",
    b"\xf0\x80\x80\xaf",
    b"\xed\xa0\x80",
    b"\xed\xbf\xbf",
    b"\xf4\x90\x80\x80",
    b"\xf8\x88\x80\x80\x80",
    b"a\xe2\x82",
    b"\x80",
    b"\xff",
    b"a\x00b",
]


class StrictnessCase(HubTestCase):
    def refused(self, version, data, reason=MALFORMED):
        """Sends the bytes on a connection of their own, which must end for this reason."""
        client = self.client(version)
        with self.subTest(data[:40].hex()):
            client.try_send(data)
            client.expect_disconnect(reason)

    def not_connected(self, version, data, reason=MALFORMED, return_code=None):
        """Sends the bytes first: CONNACK with a reason in 5.0; in 3.1.1 only where one fits."""
        client = self.dial(version)
        with self.subTest(data[:40].hex()):
            client.try_send(data)
            expected = reason if version == V5 else return_code
            if expected is not None:
                client.expect(Kind.CONNACK, reason=expected, session_present=False)
            client.expect_closed()


class Connecting(StrictnessCase):
    @clause("MQTT5-3.1.0-1", "MQTT3-3.1.0-1")
    @each_version
    def test_the_first_packet_must_be_connect(self, version):
        firsts = [
            packets.pingreq(),
            packets.publish(version, "t", b"x"),
            packets.publish(version, "t", b"x", qos=1, packet_id=1),
            packets.subscribe(version, 1, [("t", 0)]),
            packets.unsubscribe(version, 1, ["t"]),
            packets.acknowledgement(Kind.PUBACK, version, 1),
            packets.acknowledgement(Kind.PUBREL, version, 1),
            packets.disconnect(version),
            packet(Kind.CONNACK, b"\0\0"),
            packet(Kind.AUTH),
            b"\x00\x00",
            b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: a browser\r\nAccept: */*\r\n\r\n",
        ]
        for data in firsts:
            with self.subTest(data[:4].hex()):
                client = self.dial(version)
                client.try_send(data)
                client.expect_closed()

    @clause("MQTT5-3.1.0-2", "MQTT3-3.1.0-2")
    @each_version
    def test_a_second_connect_is_a_protocol_error(self, version):
        self.refused(version, packets.connect(version, self.name("again")), PROTOCOL_ERROR)

    @clause("MQTT5-3.1.2-2", "MQTT3-3.1.2-2")
    def test_an_unknown_version_is_told_so(self):
        for level in (6, 7, 127):
            data = packets.connect(V5, "x", level=level)
            self.not_connected(V5, data, reason=0x84)
        for name, level in [("MQTT", 0), ("MQTT", 1), ("MQTT", 3), ("MQIsdp", 2)]:
            data = packets.connect(V311, "x", name=name, level=level)
            self.not_connected(V311, data, return_code=1)

    @clause("MQTT5-3.1.2-1", "MQTT3-3.1.2-1")
    @each_version
    def test_an_unknown_protocol_name_is_refused(self, version):
        for name in ("MQTt", "mqtt", "MQT", "MQTTX", ""):
            client = self.dial(version)
            with self.subTest(name):
                client.try_send(packets.connect(version, "x", name=name))
                came = client.drain_until_closed()
                self.assertTrue(all(each.kind == Kind.CONNACK and each.reason for each in came))

    @clause("MQTT5-3.1.2-3", "MQTT3-3.1.2-3", "MQTT5-3.1.4-1", "MQTT3-3.1.4-1")
    @each_version
    def test_the_reserved_flag_is_checked(self, version):
        self.not_connected(version, packets.connect(version, "x", connect_flags=3))

    @clause("MQTT5-3.1.2-11", "MQTT5-3.1.2-12", "MQTT5-3.1.2-13")
    @clause("MQTT3-3.1.2-11", "MQTT3-3.1.2-13", "MQTT3-3.1.2-14", "MQTT3-3.1.2-15")
    @each_version
    def test_flags_of_the_will_must_make_sense(self, version):
        for flags in (2 | 1 << 3, 2 | 2 << 3, 2 | 0x20, 2 | 3 << 3):
            self.not_connected(version, packets.connect(version, "x", connect_flags=flags))
        will = Will("t", b"x")
        self.not_connected(
            version, packets.connect(version, "x", will=will, connect_flags=2 | 4 | 3 << 3)
        )

    @clause("MQTT5-3.1.2-9", "MQTT5-3.1.2-16", "MQTT5-3.1.2-17", "MQTT5-3.1.2-18", "MQTT5-3.1.2-19")
    @clause("MQTT3-3.1.2-9", "MQTT3-3.1.2-18", "MQTT3-3.1.2-19", "MQTT3-3.1.2-20", "MQTT3-3.1.2-21")
    @each_version
    def test_flags_and_payload_must_agree(self, version):
        for flags in (2 | 4, 2 | 0x80, 2 | 0x80 | 0x40):
            self.not_connected(version, packets.connect(version, "x", connect_flags=flags))
        for fields in ({"user_name": "u"}, {"user_name": "u", "password": "p"}):
            self.not_connected(version, packets.connect(version, "x", connect_flags=2, **fields))

    @clause("MQTT3-3.1.2-22")
    def test_3_1_1_wants_a_user_name_with_a_password(self):
        self.not_connected(V311, packets.connect(V311, "x", password="p"))
        self.dial(V5, self.name("x"), password="p").open()

    @clause("MQTT5-3.1.3-4", "MQTT3-3.1.3-4", "MQTT5-3.1.3-11", "MQTT3-3.1.3-10")
    @clause("MQTT5-3.1.3-12", "MQTT3-3.1.3-11", "MQTT5-1.5.4-1", "MQTT3-1.5.3-1")
    @each_version
    def test_strings_of_connect_must_be_utf_8(self, version):
        for bad in NOT_UTF8:
            self.not_connected(version, packets.connect(version, bad))
            self.not_connected(version, packets.connect(version, "x", will=Will(bad)))
            self.not_connected(version, packets.connect(version, "x", user_name=bad))

    @clause("MQTT5-3.1.3-3", "MQTT3-3.1.3-3")
    @each_version
    def test_connect_must_be_whole_and_end_where_it_ends(self, version):
        whole = packets.connect(version, "x")
        self.not_connected(version, packet(Kind.CONNECT, whole[2:-3]))
        self.not_connected(version, packet(Kind.CONNECT, whole[2:] + b"\0"))

    def test_properties_of_connect_are_checked(self):
        twice = property_field("receive_maximum", 5) * 2
        zero = property_field("receive_maximum", 0)
        two_of_a_flag = property_field("request_problem_information", 2)
        for body in (twice, zero, two_of_a_flag, property_field("maximum_packet_size", 0)):
            self.not_connected(V5, packets.connect(V5, "x", properties=body), PROTOCOL_ERROR)
        for body in (b"\x7f\x00", property_field("topic_alias", 1), b"\x21\x00"):
            self.not_connected(V5, packets.connect(V5, "x", properties=body))
        data_alone = property_field("authentication_data", b"x")
        self.not_connected(V5, packets.connect(V5, "x", properties=data_alone), PROTOCOL_ERROR)

    @clause("MQTT5-4.12.0-1")
    def test_an_authentication_method_that_is_not_offered_is_refused(self):
        properties = {"authentication_method": "SCRAM-SHA-1", "authentication_data": b"x"}
        self.not_connected(V5, packets.connect(V5, "x", properties=properties), reason=0x8C)

    @clause("MQTT5-4.12.0-7", "MQTT5-4.12.0-6")
    def test_auth_without_a_method_is_a_protocol_error(self):
        client = self.client(V5)
        self.assertNotIn("authentication_method", client.connack.properties)
        self.refused(V5, packets.auth(0x18, {"authentication_method": "X"}), PROTOCOL_ERROR)
        self.refused(V311, packet(Kind.AUTH))


class Framing(StrictnessCase):
    @clause("MQTT5-2.1.3-1", "MQTT3-2.2.2-1", "MQTT3-2.2.2-2", "MQTT5-3.6.1-1", "MQTT3-3.6.1-1")
    @clause("MQTT5-3.8.1-1", "MQTT3-3.8.1-1", "MQTT5-3.10.1-1", "MQTT3-3.10.1-1")
    @clause("MQTT5-3.14.1-1", "MQTT3-3.14.1-1")
    @each_version
    def test_reserved_flags_are_checked(self, version):
        subscribe = packets.subscribe(version, 1, [("t", 0)])[2:]
        unsubscribe = packets.unsubscribe(version, 1, ["t"])[2:]
        bodies = {
            Kind.PUBACK: (two(1), 0),
            Kind.PUBREC: (two(1), 0),
            Kind.PUBREL: (two(1), 2),
            Kind.PUBCOMP: (two(1), 0),
            Kind.SUBSCRIBE: (subscribe, 2),
            Kind.UNSUBSCRIBE: (unsubscribe, 2),
            Kind.PINGREQ: (b"", 0),
            Kind.DISCONNECT: (b"", 0),
        }
        for kind, (body, right) in bodies.items():
            for flags in {0, 1, 2, 4, 8, 15} - {right}:
                self.refused(version, packet(kind, body, flags))

    @each_version
    def test_packets_of_the_other_role_are_protocol_errors(self, version):
        for data in (
            packet(Kind.CONNACK, b"\0\0" + b"\0" * (version == V5)),
            packet(Kind.SUBACK, two(1) + b"\0" * (version == V5) + b"\0"),
            packet(Kind.UNSUBACK, two(1) + b"\0\0" * (version == V5)),
            packet(Kind.PINGRESP),
        ):
            self.refused(version, data, PROTOCOL_ERROR)

    @each_version
    def test_reserved_types_are_malformed(self, version):
        self.refused(version, b"\x00\x00")
        self.refused(version, b"\x0f\x00")

    @clause("MQTT5-1.5.5-1")
    @each_version
    def test_a_remaining_length_of_five_bytes_is_malformed(self, version):
        self.refused(version, b"\x30\x80\x80\x80\x80\x01")
        self.refused(version, b"\xc0\xff\xff\xff\xff\x7f")

    @each_version
    def test_packets_with_too_few_or_too_many_bytes_are_malformed(self, version):
        properties = b"\0" if version == V5 else b""
        for data in (
            packet(Kind.PUBLISH, b""),
            packet(Kind.PUBLISH, b"\0"),
            packet(Kind.PUBLISH, b"\0\5abc"),
            packet(Kind.PUBLISH, string("t") + b"\0", 2),
            packet(Kind.SUBSCRIBE, b"\0"),
            packet(Kind.SUBSCRIBE, two(1) + properties + string("t")),
            packet(Kind.SUBSCRIBE, two(1) + properties + b"\0\5abc\0"),
            packet(Kind.UNSUBSCRIBE, two(1) + properties + b"\0\5abc"),
            packet(Kind.PUBACK, b"\0"),
            packet(Kind.PUBREL, b""),
            packet(Kind.PINGREQ, b"\0"),
        ):
            self.refused(version, data)
        if version != V5:
            self.refused(version, packet(Kind.PUBACK, two(1) + b"\0"))
            self.refused(version, packet(Kind.DISCONNECT, b"\0"))

    @clause("MQTT5-4.13.1-1", "MQTT3-4.8.0-1", "MQTT5-3.14.4-1", "MQTT5-3.14.4-2")
    @each_version
    def test_only_the_guilty_connection_is_closed_and_nothing_after_is_done(self, version):
        other = self.client(version)
        other.subscribe(self.name("t"))
        client = self.client(version)
        before = packets.publish(version, self.name("t"), b"before")
        after = packets.publish(version, self.name("t"), b"after")
        client.send(before + b"\x00\x00" + after)
        client.expect_disconnect(MALFORMED)
        self.assertEqual([packet.payload for packet in other.ping()], [b"before"])


class Publishing(StrictnessCase):
    @clause("MQTT5-3.3.1-4", "MQTT3-3.3.1-4")
    @each_version
    def test_qos_3_is_malformed(self, version):
        self.refused(version, packets.publish(version, "t", b"x", qos=3, packet_id=1))

    @clause("MQTT5-3.3.1-2", "MQTT3-3.3.1-2")
    @each_version
    def test_dup_with_qos_0_is_malformed(self, version):
        self.refused(version, packets.publish(version, "t", b"x", dup=True))

    @clause("MQTT5-2.2.1-3", "MQTT3-2.3.1-1")
    @each_version
    def test_packet_identifier_0_is_a_protocol_error(self, version):
        for data in (
            packets.publish(version, "t", b"x", qos=1, packet_id=0),
            packets.publish(version, "t", b"x", qos=2, packet_id=0),
            packets.subscribe(version, 0, [("t", 0)]),
            packets.unsubscribe(version, 0, ["t"]),
        ):
            self.refused(version, data, {PROTOCOL_ERROR, MALFORMED})

    @clause("MQTT5-3.3.2-2", "MQTT3-3.3.2-2", "MQTT5-4.7.0-1", "MQTT3-4.7.1-1", "MQTT5-4.7.3-1")
    @clause("MQTT3-4.7.3-1")
    @each_version
    def test_topic_names_have_no_wildcards_and_are_not_empty(self, version):
        for topic in ("#", "+", "a/#", "a/+/b", "a+", "b#"):
            self.refused(version, packets.publish(version, topic, b"x"), 0x90)
        self.refused(version, packets.publish(version, "", b"x"), {0x82, 0x90})

    @clause("MQTT5-1.5.4-1", "MQTT5-1.5.4-2", "MQTT3-1.5.3-1", "MQTT3-1.5.3-2", "MQTT5-3.3.2-1")
    @clause("MQTT3-3.3.2-1", "MQTT5-4.7.3-2", "MQTT3-4.7.3-2")
    @each_version
    def test_topic_names_must_be_utf_8(self, version):
        for bad in NOT_UTF8:
            self.refused(version, packets.publish(version, bad, b"x"))

    @clause("MQTT5-1.5.4-3", "MQTT3-1.5.3-3", "MQTT5-4.7.3-4", "MQTT3-4.7.3-4")
    @each_version
    def test_every_other_character_is_passed_on_as_it_is(self, version):
        subscriber, publisher = self.client(version), self.client(version)
        subscriber.subscribe(self.name("#"))
        for odd in ("\ufeff", "a\ufeffb", "é", "é", " ", "/", "𝄞", "\u00ad", "A/a"):
            publisher.publish(self.name(odd), b"x")
            self.assertEqual(subscriber.message().topic, self.name(odd))

    @clause("MQTT5-3.3.4-6", "MQTT5-3.3.2-14", "MQTT5-3.3.2-13", "MQTT5-3.3.2-19", "MQTT5-1.5.7-1")
    def test_properties_of_publish_are_checked(self):
        def publish(body):
            return packets.publish(V5, "t", b"x", properties=body)

        self.refused(V5, publish(property_field("subscription_identifier", 1)), PROTOCOL_ERROR)
        self.refused(V5, publish(property_field("response_topic", "a/#")), PROTOCOL_ERROR)
        self.refused(V5, publish(property_field("payload_format_indicator", 2)), PROTOCOL_ERROR)
        for name in ("content_type", "response_topic"):
            self.refused(V5, publish(property_field(name, "x") * 2), PROTOCOL_ERROR)
            self.refused(V5, publish(property_field(name, b"\xff")))
        for pair in ((b"\xff", b"x"), (b"x", b"\xff"), (b"a\0b", b"x")):
            self.refused(V5, publish(property_field("user_property", pair)))
        self.refused(V5, publish(property_field("receive_maximum", 1)))
        self.refused(V5, publish(b"\x02\x00\x00"))
        self.refused(V5, packet(Kind.PUBLISH, string("t") + b"\x80\x00"))
        self.refused(V5, packet(Kind.PUBLISH, string("t") + b"\x7f\x00"))

    @clause("MQTT5-3.4.2-1", "MQTT5-3.5.2-1", "MQTT5-3.6.2-1", "MQTT5-3.7.2-1", "MQTT5-3.14.2-1")
    def test_reason_codes_must_be_those_of_the_packet(self):
        for kind in (Kind.PUBACK, Kind.PUBREC, Kind.PUBREL, Kind.PUBCOMP):
            self.refused(V5, packets.acknowledgement(kind, V5, 1, 0x04), {0x81, 0x82})
        self.refused(V5, packets.disconnect(V5, 0x01), {0x81, 0x82})


class Subscribing(StrictnessCase):
    @clause("MQTT5-3.8.3-2", "MQTT3-3.8.3-3", "MQTT5-3.10.3-2", "MQTT3-3.10.3-2")
    @each_version
    def test_at_least_one_filter_is_wanted(self, version):
        self.refused(version, packets.subscribe(version, 1, []), PROTOCOL_ERROR)
        self.refused(version, packets.unsubscribe(version, 1, []), PROTOCOL_ERROR)

    @clause("MQTT5-3.8.3-5", "MQTT3-3.8.3-4")
    @each_version
    def test_reserved_option_bits_are_malformed(self, version):
        for options in (0x40, 0x80, 0xC0) if version == V5 else (4, 8, 0x10, 0x80):
            self.refused(version, packets.subscribe(version, 1, [("t", options)]))
        self.refused(version, packets.subscribe(version, 1, [("t", 3)]), {0x81, 0x82})

    @clause("MQTT5-3.8.3-4")
    def test_options_that_make_no_sense_are_protocol_errors(self):
        self.refused(V5, packets.subscribe(V5, 1, [("t", 0x30)]), PROTOCOL_ERROR)
        self.refused(V5, packets.subscribe(V5, 1, [("$share/g/t", 4)]), PROTOCOL_ERROR)
        for body in (
            property_field("subscription_identifier", 0),
            property_field("subscription_identifier", 1) * 2,
        ):
            self.refused(V5, packets.subscribe(V5, 1, [("t", 0)], body), PROTOCOL_ERROR)

    @clause("MQTT5-3.8.3-1", "MQTT3-3.8.3-1", "MQTT5-3.10.3-1", "MQTT3-3.10.3-1")
    @each_version
    def test_filters_must_be_utf_8(self, version):
        for bad in NOT_UTF8:
            self.refused(version, packets.subscribe(version, 1, [(bad, 0)]))
            self.refused(version, packets.unsubscribe(version, 1, [bad]))

    @clause("MQTT5-4.7.1-1", "MQTT5-4.7.1-2", "MQTT3-4.7.1-2", "MQTT3-4.7.1-3", "MQTT5-3.9.3-1")
    @clause("MQTT5-3.8.4-6", "MQTT3-3.8.4-5", "MQTT3-3.9.3-1", "MQTT5-3.8.4-5", "MQTT3-3.8.4-4")
    @each_version
    def test_misplaced_wildcards_and_malformed_shares_are_refused_one_by_one(self, version):
        bad = ["a/#/b", "a#", "#a", "a+", "+a", "a/b+/c", "##", "a/+#", ""]
        bad += ["$share/", "$share", "$share/g", "$share/g/", "$share//t", "$share/+/t"]
        bad += ["$share/g#/t", "$share/g/a#"]
        good = ["a/+", "+/+/#", "$share/g/#", "$share/g/+/b"]
        filters = [filter_ for pair in zip(bad, good * len(bad)) for filter_ in pair]
        client = self.client(version)
        reasons = client.subscribe(filters, qos=1)
        refused = 0x8F if version == V5 else 0x80
        self.assertEqual(reasons, [refused, 1] * len(bad))
        client.expect_nothing()

    def test_a_refusal_closes_3_1_which_has_no_word_for_it(self):
        client = self.client(V31, "old")
        client.send_subscribe(["a/#/b"])
        client.expect_closed()


if __name__ == "__main__":
    unittest.main()
