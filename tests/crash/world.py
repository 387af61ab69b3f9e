"""What the stories of a crash test share: the server that comes and goes, the seed, and the actors.

An actor lives from one connection to the next: `live()` runs until it returns or the connection is lost,
and is called again as long as the server is up. Everything runs in one thread, so that the journals of
the stories are in the order in which things happened.
"""

import asyncio
import itertools
import random

from peers import Broken, HttpPeer, Lost
from support.accounting import device_message_imbalance, read_metrics

# Seconds in which everything that waits must be delivered once its receivers are there.
DRAIN_SECONDS = 120.0


class World:
    def __init__(self, seed):
        self.seed = seed
        self.hub = None
        self.is_draining = False  # receivers acknowledge everything at once; nothing new is begun
        self.up = asyncio.Event()
        self.instants = itertools.count(1)
        self.progress = 0  # what was acknowledged, in either direction
        self.tasks = []

    def random(self, name):
        """Decisions of one actor, which do not depend on those of others."""
        return random.Random(f"{self.seed}/{name}")

    def instant(self):
        """Instants are only compared: a later one is larger."""
        return next(self.instants)

    @property
    def is_up(self):
        return self.up.is_set()

    def set_up(self, hub):
        self.hub = hub
        self.up.set()

    def set_down(self):
        self.up.clear()

    @property
    def port(self):
        return self.hub.port

    # Actors

    def start(self, *actors):
        self.tasks += [asyncio.create_task(self.keep_alive(actor)) for actor in actors]

    async def keep_alive(self, actor):
        while True:
            await self.up.wait()
            try:
                await actor.live()
            except Lost:
                pass
            await asyncio.sleep(0)  # whatever the actor did: others have their turn

    def check_actors(self):
        """Raises what an actor found."""
        for task in self.tasks:
            if task.done():
                task.result()

    async def pause(self, seconds):
        """Lets the actors run; ends early when one of them found something."""
        done, _ = await asyncio.wait(
            self.tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED
        )
        if done:
            self.check_actors()

    async def wait_until(self, what, condition, seconds=DRAIN_SECONDS):
        """`condition` gives what is still missing; it must become empty."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while missing := await condition():
            if loop.time() > deadline:
                raise Broken(f"{what}: not within {seconds:.0f} s: {str(missing)[:2000]}")
            await self.pause(0.1)

    async def end(self):
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    # HTTP

    async def http(self):
        return await HttpPeer.open(self.hub.http_port)

    async def call(self, http, method, path, body=None):
        """A request below the project's path."""
        full = f"/v5/iot/{self.hub.ready['project_id']}{path}"
        status, answer = await http.request(method, full, self.hub.ready["token"], body)
        if status == 503 and not self.is_up:
            raise Lost("the server is stopping")
        return status, answer

    async def check_nothing_waits(self):
        """All stories are drained: what waits for a device now waits for one that was deleted."""
        metrics = await self.metrics()
        waiting, lost = metrics["holdfast_device_messages_waiting"], device_message_imbalance(metrics)
        if waiting or lost:
            raise Broken(f"{waiting:.0f} wait for nobody, {lost:.0f} are unaccounted for: {metrics}")

    async def metrics(self):
        http = await self.http()
        status, text = await http.request("GET", "/metrics", "")
        http.cut()
        if status != 200:
            raise Broken(f"/metrics: {status}")
        return read_metrics(text)


async def turn_over(rng, peer, keep):
    """One of the ways in which a connection ends: told, lost, or left to be taken over."""
    way = rng.random()
    if way < 0.4:
        await peer.disconnect()
    elif way < 0.8:
        peer.cut()
    else:
        keep(peer)
