"""Devices that are registered and deleted while the server is killed: a device is there or not, as last
acknowledged; one that is registered again has nothing of its predecessor, and nothing waits for the deleted."""

import asyncio

from peers import Broken
from session_journal import LastWord

SECRETS = ("secret-number-1", "secret-number-2")


class Registrar:
    """Owns a device identifier: registers it, posts for it, gives it another secret, deletes it."""

    def __init__(self, world, device_id):
        self.world, self.device_id, self.rng = world, device_id, world.random(device_id)
        self.secret = LastWord(None)  # None: there is no such device
        self.posts, self.posted = [], 0  # accepted since the last registration; ever begun
        self.deletions = 0
        self.is_at_rest = asyncio.Event()

    async def live(self):
        http = await self.world.http()
        try:
            await self.look(http)
            while not self.world.is_draining:
                self.is_at_rest.clear()
                await self.act(http)
                await asyncio.sleep(self.rng.choice((0, 0, 0.01)))
            await self.delete(http)
            self.is_at_rest.set()
            while self.world.is_draining:
                await asyncio.sleep(0.05)
        finally:
            http.cut()

    async def act(self, http):
        if self.secret.possible == [None]:
            await self.register(http)
        elif len(self.posts) < self.rng.randrange(4):
            await self.post(http)
        elif self.rng.random() < 0.3:
            await self.change_secret(http)
        else:
            await self.delete(http)

    async def call(self, http, method, path="", body=None):
        return await self.world.call(http, method, f"/devices/{self.device_id}{path}", body)

    async def look(self, http):
        """What there is now was acknowledged last, or asked for since then."""
        status, answer = await self.call(http, "GET")
        if status not in (200, 404):
            raise Broken(f"{status} {answer} to GET {self.device_id}")
        self.secret.check(self.device_id, answer["auth_info"]["secret"] if status == 200 else None)
        if status == 404:
            self.posts = []
            return
        status, answer = await self.call(http, "GET", "/messages")
        found = {message["message_id"] for message in answer["messages"]}
        if status != 200 or not found.issuperset(self.posts):
            raise Broken(f"{self.device_id} should have {self.posts}, but: {status} {found}")

    async def register(self, http):
        secret = self.rng.choice(SECRETS)
        self.secret.begin(secret)
        body = {"device_id": self.device_id, "node_id": "n", "auth_info": {"secret": secret}}
        status, answer = await self.world.call(http, "POST", "/devices", body)
        if status != 201:
            raise Broken(f"{status} {answer} to the registration of {self.device_id}")
        self.done()
        status, answer = await self.call(http, "GET", "/messages")
        if status != 200 or answer["messages"]:
            raise Broken(f"{self.device_id} is new, but: {status} {answer}")

    async def post(self, http):
        self.posted += 1
        message_id = f"{self.device_id}-{self.posted}"
        body = {"message_id": message_id, "message": "waits"}
        status, answer = await self.call(http, "POST", "/messages", body)
        if status != 201:
            raise Broken(f"{status} {answer} to the post {message_id}")
        self.posts.append(message_id)
        self.world.progress += 1

    async def change_secret(self, http):
        secret = self.rng.choice(SECRETS)
        self.secret.begin(secret)
        status, answer = await self.call(
            http, "POST", "/action?action_id=resetSecret", {"secret": secret}
        )
        if status != 200:
            raise Broken(f"{status} {answer} to the new secret of {self.device_id}")
        self.done()

    async def delete(self, http):
        if self.secret.possible == [None]:
            return
        self.secret.begin(None)
        posts, self.posts = self.posts, []  # without an answer they may be gone or not
        status, answer = await self.call(http, "DELETE")
        if status != 204:
            raise Broken(f"{status} {answer} to the deletion of {self.device_id} with {posts}")
        self.deletions += 1
        self.done()

    def done(self):
        self.secret.acknowledged()
        self.world.progress += 1


class CatalogueStory:
    def __init__(self, world):
        self.world = world
        self.registrars = [Registrar(world, f"short-lived-{i}") for i in range(3)]

    async def prepare(self):
        self.world.start(*self.registrars)

    async def check(self):
        """All are deleted; that nothing waits for them is seen when all stories are drained."""
        await self.world.wait_until("the deletions", self.busy)

    async def busy(self):
        return [each.device_id for each in self.registrars if not each.is_at_rest.is_set()]

    def report(self):
        return f"{sum(each.deletions for each in self.registrars)} devices deleted"
