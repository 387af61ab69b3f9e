"""Messages for devices: applications post, devices come and go and acknowledge as they like."""

import asyncio

from device_journal import FINAL, DeviceJournal, Post
from peers import Broken, Lost, MqttPeer, persistent_options
from support.packets import V5, V311, Kind
from support.platform import device_password
from world import turn_over

HOUR = "2026013112"  # of signature type 0: any will do
NOT_NOW = {403: "IOTDA.014191", 429: "APIGW.0308"}  # queue full, too many posts: nothing is kept


class Poster:
    """An application with one connection: the next post begins when the one before was answered."""

    def __init__(self, world, name, journal):
        self.world, self.name, self.journal = world, name, journal
        self.rng = world.random(name)
        self.number = 0
        self.unanswered = None
        self.recent = []

    async def live(self):
        http = await self.world.http()
        try:
            await self.repeat_unanswered(http)
            while not self.world.is_draining:
                await self.post(http, self.new_post())
                if self.recent and self.rng.random() < 0.03:
                    await self.cancel(http, self.recent.pop(self.rng.randrange(len(self.recent))))
                await asyncio.sleep(self.rng.choice((0, 0, 0.002, 0.02)))
        finally:
            http.cut()
        await asyncio.sleep(0.1)

    def new_post(self):
        self.number += 1
        device_id = self.rng.choice(list(self.journal.posts))
        message_id = f"{self.name}-{self.number}"
        size = self.rng.choices((20, 2_000, 100_000), (6, 3, 1))[0]
        ttl = self.rng.choices((None, 0, 5), (8, 1, 1))[0]
        payload = message_id + " " + "x" * size
        post = Post(device_id, self.name, self.number, message_id, payload, ttl)
        self.journal.add(post)
        return post

    async def repeat_unanswered(self, http):
        """The application does not know whether its last post was accepted: it asks again, or gives up."""
        post, self.unanswered = self.unanswered, None
        if post is not None and self.rng.random() < 0.7:
            await self.post(http, post)

    async def post(self, http, post):
        path = f"/devices/{post.device_id}/messages"
        post.times_posted += 1
        asked_at = self.world.instant()
        try:
            status, answer = await self.world.call(http, "POST", path, post.body())
        except Lost:
            post.was_unanswered = True
            self.unanswered = post
            raise
        if status == 201:
            post.is_accepted = True
            self.world.progress += 1
            result = answer["result"]
            post.tell(result["status"], result["cause"], asked_at, self.world.instant())
            self.check_answer(post, result)
            self.recent = [*self.recent[-20:], post]
        elif NOT_NOW.get(status) == answer["error_code"]:
            post.is_refused = not post.was_unanswered
        else:
            raise Broken(f"{status} {answer} to the post {post}")

    @staticmethod
    def check_answer(post, result):
        """With ttl 0 nothing waits for the device, unless a start has yet to look at it."""
        if post.ttl == 0 and post.times_posted == 1 and result["cause"] == "offline":
            raise Broken(f"{result} with ttl 0: {post}")

    async def cancel(self, http, post):
        if post.message_id not in self.journal.posts[post.device_id]:
            return
        post.is_cancel_asked = True
        path = f"/devices/{post.device_id}/messages/{post.message_id}"
        status, answer = await self.world.call(http, "DELETE", path)
        if status != 204:
            raise Broken(f"{status} {answer} to the cancellation of {post}")
        post.is_cancelled = True
        if post.told not in FINAL:
            post.told_at = self.world.instant()


class Asker:
    """Asks for single messages and their traces."""

    def __init__(self, world, journal):
        self.world, self.journal, self.rng = world, journal, world.random("asker")

    async def live(self):
        http = await self.world.http()
        try:
            while not self.world.is_draining:
                await self.ask(http)
                await asyncio.sleep(0.01)
        finally:
            http.cut()
        await asyncio.sleep(0.1)

    async def ask(self, http):
        posts = self.journal.posts[self.rng.choice(list(self.journal.posts))]
        if not posts:
            return
        post = posts[self.rng.choice(list(posts)[-100:])]
        was_accepted, was_cancel_asked = post.is_accepted, post.is_cancel_asked
        path = f"/devices/{post.device_id}/messages/{post.message_id}"
        asked_at = self.world.instant()
        status, answer = await self.world.call(http, "GET", path)
        if status == 200:
            post.tell(answer["status"], answer["cause"], asked_at, self.world.instant())
        elif status != 404:
            raise Broken(f"{status} {answer} for {post}")
        elif was_accepted and not was_cancel_asked and not post.is_cancel_asked:
            raise Broken(f"accepted and gone: {post}")


class Device:
    """Connects, takes, acknowledges in its way, and goes; again and again."""

    def __init__(self, world, device_id, secret, journal):
        self.world, self.device_id, self.secret = world, device_id, secret
        self.journal, self.rng = journal, world.random(device_id)
        self.connection = 0
        self.left_open = []

    async def live(self):
        version = self.rng.choice((V311, V5))
        habits = ("prompt", "prompt", "late", "silent") + (("refusing",) if version == V5 else ())
        habit = self.rng.choice(habits)
        seconds = self.rng.uniform(0.02, 1.0)
        await asyncio.sleep(self.rng.choice((0, 0.01, 0.3)))
        if self.world.is_draining:
            habit, seconds = "prompt", 3_600
        peer = await self.connect(version)
        for old in self.left_open:
            old.cut()
        self.left_open.clear()
        try:
            await self.take(peer, habit, asyncio.get_running_loop().time() + seconds)
        except Lost:
            peer.cut()
            raise
        await turn_over(self.rng, peer, self.left_open.append)

    async def connect(self, version):
        options = {"clean_start": True}
        if self.rng.random() < 0.5:
            options = persistent_options(version)
        receive_maximum = self.rng.choice((None, 1, 5, 20))
        if version == V5 and receive_maximum is not None:
            options.setdefault("properties", {})["receive_maximum"] = receive_maximum
        self.connection += 1
        self.opened_at = self.world.instant()
        return await MqttPeer.connect(
            self.world.port,
            version,
            f"{self.device_id}_0_0_{HOUR}",
            user_name=self.device_id,
            password=device_password(self.secret, HOUR),
            **options,
        )

    async def take(self, peer, habit, end):
        """Until `end`, or until draining asks for the prompt habit."""
        loop, pile = asyncio.get_running_loop(), []
        while (left := end - loop.time()) > 0:
            if self.world.is_draining and habit != "prompt":
                break
            packet = await peer.receive(min(left, 0.1))
            if packet is None:
                self.acknowledge(peer, pile, habit)  # late ones do it in a quiet moment
            elif packet.kind == Kind.PUBLISH:
                pile.append((packet.packet_id, self.arrive(packet)))
                if habit not in ("late", "silent"):
                    self.acknowledge(peer, pile, habit)
            else:
                raise Broken(f"{self.device_id} got {packet}")
        if habit == "late":
            self.acknowledge(peer, pile, habit)

    def arrive(self, packet):
        return self.journal.arrive(self.device_id, packet, self.connection, self.opened_at)

    def acknowledge(self, peer, pile, habit):
        """PUBACKs in the order of the PUBLISHes. They count from before they are sent."""
        if habit == "silent":
            return
        for packet_id, post in pile:
            is_refusal = habit == "refusing" and self.rng.random() < 0.3
            if is_refusal:
                post.is_refused_by_device = True
            else:
                post.is_acknowledged = True
            self.world.progress += 1
            peer.acknowledge(Kind.PUBACK, packet_id, 0x87 if is_refusal else None)
        pile.clear()


class DeviceStory:
    device_count, poster_count = 5, 4

    def __init__(self, world):
        self.world = world
        self.ids = [f"device-{i}" for i in range(self.device_count)]
        self.secrets = {device_id: f"secret-of-{device_id}" for device_id in self.ids}
        self.journal = DeviceJournal(self.ids)
        self.posts = 0

    async def prepare(self):
        http = await self.world.http()
        for device_id, secret in self.secrets.items():
            device = {"device_id": device_id, "node_id": device_id, "auth_info": {"secret": secret}}
            status, answer = await self.world.call(http, "POST", "/devices", device)
            if status != 201:
                raise Broken(f"{status} {answer} to the registration of {device_id}")
        http.cut()
        devices = [Device(self.world, *pair, self.journal) for pair in self.secrets.items()]
        names = [f"poster-{i}" for i in range(self.poster_count)]
        posters = [Poster(self.world, name, self.journal) for name in names]
        self.world.start(*devices, *posters, Asker(self.world, self.journal))

    async def check(self):
        """Everything is drained; the journal and the server say the same."""
        http = await self.world.http()
        await self.world.wait_until("messages for devices", lambda: self.waiting(http))
        for device_id in self.ids:
            found = await self.listed(http, device_id)
            self.journal.compare(device_id, found, self.world.instant())
        http.cut()
        self.posts += sum(len(posts) for posts in self.journal.posts.values())
        self.journal.settle()

    async def waiting(self, http):
        return [
            (device_id, message_id, cause)
            for device_id in self.ids
            for message_id, (_, cause) in (await self.listed(http, device_id, "PENDING")).items()
        ]

    async def listed(self, http, device_id, status=None):
        """message_id to (status, cause), newest first, all pages."""
        found, marker = {}, None
        path = f"/devices/{device_id}/messages?limit=200" + (f"&status={status}" if status else "")
        while True:
            page = path + (f"&marker={marker}" if marker else "")
            code, answer = await self.world.call(http, "GET", page)
            if code != 200:
                raise Broken(f"{code} {answer} to the list of {device_id}")
            for view in answer["messages"]:
                if view["message_id"] in found:
                    raise Broken(f"{view['message_id']} is listed twice")
                found[view["message_id"]] = view["status"], view["cause"]
            marker = answer.get("marker")
            if not marker:
                return found

    def report(self):
        return f"{self.posts} posts"
