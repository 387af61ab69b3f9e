"""Shared subscriptions: each message to one member that is there, to another if it leaves."""

import collections
import unittest

from support.clauses import clause
from support.hub import HubTestCase, each_version
from support.packets import V5, V311, Kind


class SharedCase(HubTestCase):
    def shared(self, group="g"):
        return f"$share/{group}/" + self.name("t")

    def member(self, version, client_id, qos=1, group="g", **options):
        member = self.persistent(version, client_id, **options)
        self.assertEqual(member.subscribe(self.shared(group), qos=qos), [qos])
        return member

    def publish(self, count, qos=1, first=0):
        publisher = self.client(V5)
        for number in range(first, first + count):
            publisher.publish(self.name("t"), str(number), qos=qos)

    def payloads_of(self, member):
        """What has come to the member so far, acknowledged."""
        came = [packet for packet in member.ping() if packet.kind == Kind.PUBLISH]
        for packet in came:
            member.settle(packet)
        return [packet.payload.decode() for packet in came]


class Sharing(SharedCase):
    @each_version
    def test_each_message_goes_to_one_member(self, version):
        members = [self.member(version, str(number)) for number in range(4)]
        self.publish(100)
        came = [self.payloads_of(member) for member in members]
        self.assertCountEqual(sum(came, []), [str(number) for number in range(100)])
        self.assertTrue(all(came), f"a member got nothing: {[len(each) for each in came]}")
        for payloads in came:
            self.assertEqual(payloads, sorted(payloads, key=int))

    def test_members_of_both_versions_share(self):
        members = [self.member(V311, "a"), self.member(V5, "b")]
        self.publish(20)
        came = [self.payloads_of(member) for member in members]
        self.assertCountEqual(sum(came, []), [str(number) for number in range(20)])
        self.assertTrue(all(came))

    @each_version
    def test_groups_and_plain_subscriptions_get_their_own_copies(self, version):
        first, second = self.member(version, "a", group="g"), self.member(version, "b", group="h")
        plain = self.client(version)
        plain.subscribe(self.name("t"), qos=1)
        self.publish(10)
        for subscriber in (first, second, plain):
            self.assertEqual(self.payloads_of(subscriber), [str(number) for number in range(10)])

    @clause("MQTT5-3.3.4-5")
    def test_a_client_with_both_kinds_gets_both_copies(self):
        client = self.client(V5)
        client.subscribe(self.shared(), qos=1, properties={"subscription_identifier": 1})
        client.subscribe(self.name("#"), qos=1, properties={"subscription_identifier": 2})
        self.publish(1)
        came = [packet.properties["subscription_identifier"] for packet in client.ping()]
        self.assertCountEqual(came, [[1], [2]])

    @clause("MQTT5-4.8.2-3")
    @each_version
    def test_the_granted_qos_is_respected(self, version):
        for granted in (0, 1, 2):
            member = self.member(version, str(granted), qos=granted)
            for published in (0, 1, 2):
                self.publish(1, qos=published)
                self.assertEqual(member.message().qos, min(granted, published))
            member.unsubscribe(self.shared())

    @each_version
    def test_wildcards_are_shared_too(self, version):
        members = [self.client(version, str(number)) for number in range(2)]
        for member in members:
            member.subscribe(f"$share/g/{self.name('')}+/x/#", qos=1)
        publisher = self.client(version)
        topics = [self.name(f"{number}/x/y") for number in range(20)]
        for topic in topics:
            publisher.publish(topic, b"x", qos=1)
        came = [packet.topic for member in members for packet in member.ping()]
        self.assertCountEqual(came, topics)

    @clause("MQTT5-4.8.2-1", "MQTT5-4.8.2-2")
    @each_version
    def test_share_names_may_be_anything_but_levels_and_wildcards(self, version):
        client = self.client(version)
        for name in ("a", "é", " ", "$share", "a b", "."):
            self.assertEqual(client.subscribe(f"$share/{name}/{self.name('t')}"), [0])
            self.client(version).publish(self.name("t"), name.encode())
            self.assertEqual(client.message().payload.decode(), name)
            client.unsubscribe(f"$share/{name}/{self.name('t')}")
        self.client(version).publish(self.name("t"), b"x")
        client.expect_nothing()


class Leaving(SharedCase):
    @each_version
    def test_members_that_are_away_are_skipped(self, version):
        away, here = self.member(version, "away"), self.member(version, "here")
        away.disconnect()
        self.publish(20)
        self.assertEqual(self.payloads_of(here), [str(number) for number in range(20)])
        back = self.persistent(version, "away")
        self.assertTrue(back.connack.session_present)
        back.expect_nothing()
        self.publish(20, first=20)
        came = self.payloads_of(back) + self.payloads_of(here)
        self.assertCountEqual(came, [str(number) for number in range(20, 40)])

    @each_version
    def test_with_every_member_away_the_message_waits(self, version):
        for name in "ab":
            self.member(version, name).disconnect()
        self.publish(5)
        came = sum((self.payloads_of(self.persistent(version, name)) for name in "ab"), [])
        self.assertCountEqual(came, [str(number) for number in range(5)])

    @each_version
    def test_what_a_lost_member_did_not_acknowledge_goes_to_another(self, version):
        first, second = self.member(version, "a"), self.member(version, "b")
        self.publish(10)
        taken = [packet.payload.decode() for packet in first.ping()]
        self.assertTrue(taken)
        others = self.payloads_of(second)
        first.cut()
        came = others + second.payloads(len(taken))
        self.assertCountEqual(came, [str(number) for number in range(10)])
        second.expect_nothing()
        # It went to another member: it does not come back to the first as well.
        self.persistent(version, "a").expect_nothing()

    @each_version
    def test_what_waits_for_a_member_that_unsubscribes_goes_to_another(self, version):
        for name in "ab":
            self.member(version, name).disconnect()
        self.publish(10)
        first = self.persistent(version, "a")
        got = self.payloads_of(first)
        second = self.persistent(version, "b")
        got += self.payloads_of(second)
        second.unsubscribe(self.shared())
        self.publish(10, first=10)
        second.expect_nothing()
        got += self.payloads_of(first)
        counts = collections.Counter(got)
        self.assertEqual(counts, {str(number): 1 for number in range(20)})

    @clause("MQTT5-4.8.2-5")
    @each_version
    def test_qos_2_that_was_sent_stays_with_its_member(self, version):
        only = self.member(version, "a", qos=2)
        self.publish(1, qos=2)
        sent = only.expect(Kind.PUBLISH, qos=2)
        other = self.member(version, "b", qos=2)
        only.cut()
        # A clean start ends the session; nobody else gets the message.
        self.client(version, "a", clean_start=True).disconnect()
        other.expect_nothing()
        self.assertEqual(sent.payload, b"0")

    @clause("MQTT5-4.8.2-4")
    @each_version
    def test_qos_2_is_completed_with_its_member_when_it_returns(self, version):
        first = self.member(version, "a", qos=2)
        self.publish(2, qos=2)
        sent = [first.expect(Kind.PUBLISH) for _ in range(2)]
        first.acknowledge(Kind.PUBREC, sent[0].packet_id)
        first.expect(Kind.PUBREL)
        other = self.member(version, "b", qos=2)
        first.cut()
        back = self.persistent(version, "a")
        kinds = {(p.kind, p.packet_id): p for p in back.ping()}
        expected = {(Kind.PUBREL, sent[0].packet_id), (Kind.PUBLISH, sent[1].packet_id)}
        self.assertEqual(set(kinds), expected)
        other.expect_nothing()

    @clause("MQTT5-4.8.2-6")
    def test_a_refusal_of_one_member_is_final(self):
        refusing = self.member(V5, "a", qos=2)
        self.publish(1, qos=1)
        self.publish(1, qos=2)
        first, second = refusing.expect(Kind.PUBLISH), refusing.expect(Kind.PUBLISH)
        other = self.member(V5, "b", qos=2)
        refusing.acknowledge(Kind.PUBACK, first.packet_id, 0x80)
        refusing.acknowledge(Kind.PUBREC, second.packet_id, 0x80)
        refusing.expect_nothing()
        refusing.disconnect()
        other.expect_nothing()

    @each_version
    def test_nobody_is_left_out_of_a_group_that_changes_all_the_time(self, version):
        publisher, got = self.client(version), []
        members = [self.member(version, str(number)) for number in range(3)]
        for number in range(60):
            publisher.publish(self.name("t"), str(number), qos=1)
            if number % 5 == 4:
                leaving = members.pop(0)
                got += self.payloads_of(leaving)
                leaving.disconnect()
                members.append(self.persistent(version, str(number // 5 % 3)))
        got += sum((self.payloads_of(member) for member in members), [])
        self.assertCountEqual(got, [str(number) for number in range(60)])


if __name__ == "__main__":
    unittest.main()
