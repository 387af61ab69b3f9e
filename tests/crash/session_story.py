"""Publishers with QoS 1 and 2, subscribers whose sessions outlive connections, retained messages."""

import asyncio

from peers import ANSWER_SECONDS, Broken, Lost, MqttPeer, persistent_options
from session_journal import LastWord, PublicationJournal
from support import packets
from support.accounting import message_imbalance
from support.packets import V5, V311, Kind
from world import turn_over


class SessionHolder:
    """A client with a session that the server must remember once it acknowledged anything in it."""

    def __init__(self, world, name, version):
        self.world, self.name, self.version = world, name, version
        self.rng = world.random(name)
        self.is_known = False

    async def connect(self):
        options = persistent_options(self.version)
        peer = await MqttPeer.connect(self.world.port, self.version, self.name, **options)
        if self.is_known and not peer.connack.session_present:
            raise Broken(f"the session of {self.name} is gone")
        return peer

    def note_acknowledgement(self):
        self.is_known = True
        self.world.progress += 1


class Publisher(SessionHolder):
    """Publishes numbers to a topic of its own, several at once, and repeats what has no answer."""

    def __init__(self, world, name, version, qos):
        super().__init__(world, name, version)
        self.journal = PublicationJournal(name, qos)
        self.qos, self.topic = qos, f"numbers/{name}"
        self.number = 0
        self.open = {}  # packet identifier: [publication, is it released]; in the order of publication
        self.last_packet_id = 0

    async def live(self):
        peer = await self.connect()
        loop = asyncio.get_running_loop()
        end = loop.time() + self.rng.uniform(0.1, 3)
        try:
            self.repeat(peer)
            while loop.time() < end or self.open:
                while len(self.open) < 8 and loop.time() < end and not self.world.is_draining:
                    self.publish(peer)
                    if self.rng.random() < 0.5:
                        break
                packet = await peer.receive(ANSWER_SECONDS if self.open else 0.05)
                if packet is not None:
                    self.on_answer(peer, packet)
                elif self.open:
                    raise Broken(f"{self.name}: no answer to {self.open}")
                await asyncio.sleep(self.rng.choice((0, 0.001, 0.01)))
        except Lost:
            peer.cut()
            raise
        await turn_over(self.rng, peer, lambda left: left.cut())

    def publish(self, peer):
        self.number += 1
        packet_id = self.last_packet_id = self.last_packet_id % 65535 + 1
        self.open[packet_id] = [self.journal.begin(self.number), False]
        self.send(peer, packet_id, False)

    def send(self, peer, packet_id, dup):
        number = self.open[packet_id][0].number
        payload = b"%d " % number + b"x" * (number * 37 % 1_500)
        options = {"qos": self.qos, "packet_id": packet_id, "dup": dup}
        peer.send(packets.publish(self.version, self.topic, payload, **options))

    def repeat(self, peer):
        for packet_id, (publication, is_released) in self.open.items():
            if is_released:
                peer.acknowledge(Kind.PUBREL, packet_id)
            else:
                publication.was_repeated = True
                self.send(peer, packet_id, True)

    def on_answer(self, peer, packet):
        if packet.kind not in (Kind.PUBACK, Kind.PUBREC, Kind.PUBCOMP):
            raise Broken(f"{self.name} got {packet}")
        if packet.packet_id not in self.open:
            raise Broken(f"{self.name} got {packet}, open is {self.open}")
        publication, is_released = self.open[packet.packet_id]
        if packet.kind == Kind.PUBCOMP:
            if not is_released:
                raise Broken(f"{self.name} got {packet} before PUBREC")
            del self.open[packet.packet_id]
            return
        if packet.reason >= 0x80:
            raise Broken(f"{self.name} got {packet} for {publication}")
        publication.is_acknowledged = True
        self.note_acknowledgement()
        if packet.kind == Kind.PUBACK:
            del self.open[packet.packet_id]
        else:
            self.open[packet.packet_id][1] = True
            peer.acknowledge(Kind.PUBREL, packet.packet_id)


class Subscriber(SessionHolder):
    """Receives everything; acknowledges at once, late, or not on this connection."""

    def __init__(self, world, name, version, journals):
        super().__init__(world, name, version)
        self.journals = journals  # of all publishers, by their names
        self.begun = set()  # QoS 2: identifiers of messages that came and were not released
        self.extra = LastWord(False)  # is there a subscription to extra/{name}
        self.is_ready = asyncio.Event()
        self.probes = []

    async def live(self):
        habit = self.rng.choice(("prompt", "prompt", "late", "silent"))
        seconds = self.rng.uniform(0.05, 1.5)
        await asyncio.sleep(self.rng.choice((0, 0.01, 0.3)))
        if self.world.is_draining or not self.is_ready.is_set():
            habit, seconds = "prompt", 3_600
        peer = await self.connect()
        try:
            if not self.is_ready.is_set():
                await self.subscribe_first(peer)
                seconds = 0.5
            await self.take(peer, habit, asyncio.get_running_loop().time() + seconds)
        except Lost:
            peer.cut()
            raise
        await turn_over(self.rng, peer, lambda left: left.cut())

    async def subscribe_first(self, peer):
        filters = [("numbers/+", 2)]
        peer.send(packets.subscribe(self.version, peer.new_packet_id(), filters))
        suback = await peer.receive(ANSWER_SECONDS)
        if suback.kind != Kind.SUBACK or suback.reasons != [2]:
            raise Broken(f"{self.name}: SUBSCRIBE was answered with {suback}")
        self.note_acknowledgement()
        self.is_ready.set()

    async def take(self, peer, habit, end):
        loop, pile = asyncio.get_running_loop(), []
        while (left := end - loop.time()) > 0:
            if self.world.is_draining and habit != "prompt":
                break
            if not self.world.is_draining and self.rng.random() < 0.01:
                self.change_extra(peer)
            packet = await peer.receive(min(left, 0.1))
            if packet is None:
                self.acknowledge(peer, pile, habit)
            elif packet.kind in (Kind.SUBACK, Kind.UNSUBACK):
                self.extra.acknowledged()
                self.note_acknowledgement()
            else:
                pile.append(packet)
                self.arrive(packet)
                if habit == "prompt":
                    self.acknowledge(peer, pile, habit)
        if habit == "late":
            self.acknowledge(peer, pile, habit)

    def change_extra(self, peer):
        """One change is on its way at most, so that an answer is the answer to it."""
        if len(self.extra.possible) > 1:
            return
        is_wanted = not self.extra.possible[0]
        self.extra.begin(is_wanted)
        packet_id, topic = peer.new_packet_id(), f"extra/{self.name}"
        if is_wanted:
            peer.send(packets.subscribe(self.version, packet_id, [(topic, 1)]))
        else:
            peer.send(packets.unsubscribe(self.version, packet_id, [topic]))

    def arrive(self, packet):
        if packet.kind == Kind.PUBREL:
            self.begun.discard(packet.packet_id)
        elif packet.kind != Kind.PUBLISH:
            raise Broken(f"{self.name} got {packet}")
        elif packet.qos == 2 and packet.packet_id in self.begun:
            if not packet.dup:
                raise Broken(f"{self.name}: {packet} without DUP is not released yet")
        else:
            if packet.qos == 2:
                self.begun.add(packet.packet_id)
            self.take_in(packet)

    def take_in(self, packet):
        folder, name = packet.topic.split("/", 1)
        if folder == "extra" or name == "probe":
            self.probes.append((packet.topic, packet.payload))
        else:
            self.journals[name].arrive(self.name, packet)
            self.world.progress += 1

    def acknowledge(self, peer, pile, habit):
        if habit == "silent":
            return
        kinds = {1: Kind.PUBACK, 2: Kind.PUBREC}
        for packet in pile:
            kind = Kind.PUBCOMP if packet.kind == Kind.PUBREL else kinds[packet.qos]
            peer.acknowledge(kind, packet.packet_id)
        pile.clear()


class Retainer(SessionHolder):
    """Sets, replaces and clears one retained message."""

    def __init__(self, world, name, version):
        super().__init__(world, name, version)
        self.topic, self.kept = f"kept/{name}", LastWord(b"")
        self.number = 0

    async def live(self):
        peer = await self.connect()
        try:
            while not self.world.is_draining:
                await self.set(peer)
                await asyncio.sleep(self.rng.choice((0, 0.01, 0.1)))
        finally:
            peer.cut()
        await asyncio.sleep(0.1)

    async def set(self, peer):
        self.number += 1
        value = b"" if self.rng.random() < 0.2 else b"%d" % self.number
        self.kept.begin(value)
        options = {"qos": 1, "retain": True, "packet_id": peer.new_packet_id()}
        peer.send(packets.publish(self.version, self.topic, value, **options))
        packet = await peer.receive(ANSWER_SECONDS)
        if packet is None or packet.kind != Kind.PUBACK or packet.reason >= 0x80:
            raise Broken(f"{self.name} got {packet}")
        self.kept.acknowledged()
        self.note_acknowledgement()


class SessionStory:
    def __init__(self, world):
        self.world = world
        kinds = [(V5, 1), (V311, 1), (V5, 2), (V311, 2)]
        self.publishers = [
            Publisher(world, f"publisher-{i}", *kind) for i, kind in enumerate(kinds)
        ]
        journals = {publisher.name: publisher.journal for publisher in self.publishers}
        self.subscribers = [
            Subscriber(world, f"subscriber-{i}", version, journals)
            for i, version in enumerate((V5, V311, V5))
        ]
        self.retainers = [Retainer(world, f"retainer-{v.name}", v) for v in (V5, V311)]
        self.checks = 0

    async def prepare(self):
        """What is published once all subscriptions are acknowledged must reach all of them."""
        self.world.start(*self.subscribers)
        for subscriber in self.subscribers:
            while not subscriber.is_ready.is_set():
                await self.world.pause(0.01)
        self.world.start(*self.publishers, *self.retainers)

    async def check(self):
        await self.world.wait_until("publications", self.missing)
        await self.check_retained()
        await self.check_subscriptions()
        await self.world.wait_until("the accounting equation", self.waiting)
        for publisher in self.publishers:
            publisher.journal.settle(publisher.number + 1)

    async def missing(self):
        names = [subscriber.name for subscriber in self.subscribers]
        found = [publisher.name for publisher in self.publishers if publisher.open]
        for publisher in self.publishers:
            found += publisher.journal.missing(names)
        return found

    async def check_retained(self):
        """A new subscriber gets what was acknowledged last."""
        peer = await MqttPeer.connect(self.world.port, V5, "looks-at-retained", clean_start=True)
        peer.send(packets.subscribe(V5, 1, [("kept/+", 0)]) + packets.pingreq())
        found = {}
        while (packet := await peer.receive(ANSWER_SECONDS)).kind != Kind.PINGRESP:
            if packet.kind == Kind.PUBLISH:
                found[packet.topic] = packet.payload
        await peer.disconnect()
        for retainer in self.retainers:
            retainer.kept.check(retainer.topic, found.get(retainer.topic, b""))

    async def check_subscriptions(self):
        """One message to each changing subscription, then one that every subscriber gets behind it."""
        self.checks += 1
        end = b"%d" % self.checks
        peer = await MqttPeer.connect(self.world.port, V5, "prober", clean_start=True)
        topics = [f"extra/{subscriber.name}" for subscriber in self.subscribers]
        for topic in [*topics, "numbers/probe"]:
            options = {"qos": 1, "packet_id": peer.new_packet_id()}
            peer.send(packets.publish(V5, topic, end, **options))
            puback = await peer.receive(ANSWER_SECONDS)
            if puback is None or puback.kind != Kind.PUBACK or puback.reason >= 0x80:
                raise Broken(f"the probe of {topic} was answered with {puback}")
        await peer.disconnect()
        await self.world.wait_until("the end of the probes", lambda: self.without_probe(end))
        for subscriber in self.subscribers:
            topic = f"extra/{subscriber.name}"
            subscriber.extra.check(topic, (topic, end) in subscriber.probes)
            subscriber.probes.clear()

    async def without_probe(self, end):
        return [
            subscriber.name
            for subscriber in self.subscribers
            if ("numbers/probe", end) not in subscriber.probes
        ]

    async def waiting(self):
        """accepted = delivered + moved + dropped + queued + in flight; nothing is on its way."""
        metrics = await self.world.metrics()
        left = metrics["holdfast_queued_messages"] + metrics["holdfast_inflight_messages"]
        left += abs(message_imbalance(metrics))
        return metrics if left else None

    def report(self):
        numbers = sum(publisher.number for publisher in self.publishers)
        kept = sum(retainer.number for retainer in self.retainers)
        return f"{numbers} publications, {kept} retained messages"
