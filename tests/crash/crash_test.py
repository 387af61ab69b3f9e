#!/usr/bin/env python3
"""Kills the server under load, again and again, and checks that it kept its word.

    crash_test.py [--kills N] [--seed S] [--only devices|catalogue|sessions] [--threads N]
                  [--check-every N] [--sabotage]

HOLDFAST_BIN names the server. One seed decides everything but the time that things take; it is printed
with the command that repeats it. A finding leaves the data directory and the last log where it says.
--sabotage puts the data back to where it was one kill before, in the end: the test must notice.
"""

import argparse
import asyncio
import os
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scenario"))

from catalogue_story import CatalogueStory  # noqa: E402
from device_story import DeviceStory  # noqa: E402
from peers import Broken  # noqa: E402
from session_story import SessionStory  # noqa: E402
from support.hub import READY_SECONDS, SANITIZER, Hub, binary  # noqa: E402
from world import World  # noqa: E402

# Longest time under load before a kill, whatever the load has done until then.
LOAD_SECONDS_MAX = 10.0
STORIES = {
    "catalogue": CatalogueStory,
    "devices": DeviceStory,
    "sessions": SessionStory,
}
# The test looks at what is finished only every few kills: it must not be forgotten until then.
CONFIG = {
    "delivery": {"finished_messages_max": 20_000, "acknowledgement_wait": "20ms"},
    "limits": {"queue_messages_max": 1_000_000},
    "sys_topics": {"interval": "off"},
}


class CrashTest:
    def __init__(self, options):
        self.options = options
        self.rng = random.Random(options.seed)
        self.world = World(options.seed)
        names = [options.only] if options.only else list(STORIES)
        self.stories = [STORIES[name](self.world) for name in names]
        self.folder = Path(tempfile.mkdtemp(prefix="holdfast-crash-"))
        self.kills, self.stops, self.slowest_start = 0, 0, 0.0
        self.checked = 0  # kills before the last check
        self.is_sabotaged = False

    # The server

    def new_hub(self):
        data = str(self.folder / "data")
        return Hub("--data", data, config=CONFIG, threads=self.options.threads)

    async def start(self):
        """A server that is ready in time; now and then it is killed first while it starts."""
        while self.kills < self.options.kills and self.rng.random() < 0.15:
            await self.kill_while_starting()
        began = time.monotonic()
        self.hub = self.new_hub()
        await asyncio.to_thread(self.hub.start)
        self.slowest_start = max(self.slowest_start, time.monotonic() - began)
        self.world.set_up(self.hub)

    async def kill_while_starting(self):
        """The instant is somewhere in a start like the slowest one so far."""
        self.hub = self.new_hub()
        starting = asyncio.create_task(asyncio.to_thread(self.hub.start))
        await asyncio.wait([starting], timeout=self.rng.uniform(0, max(0.05, self.slowest_start)))
        if self.hub.process is not None:
            self.hub.process.kill()
        await asyncio.wait([starting])
        if starting.exception() is None:
            self.hub.kill()
        self.judge_log()
        self.kills += 1

    def kill(self):
        self.world.set_down()
        if self.hub.process.poll() is not None:
            code = self.hub.process.returncode
            raise Broken(f"the server ended by itself, with {code}:\n{self.hub.log_text()[-4000:]}")
        self.hub.kill()
        self.judge_log()
        self.kills += 1

    async def stop(self):
        """The gentle way, in the middle of the load: nothing may be lost either."""
        self.world.set_down()
        self.hub.signal_stop()
        await asyncio.to_thread(self.hub.stop)
        self.stops += 1

    def judge_log(self):
        if SANITIZER.search(self.hub.log_text()):
            raise Broken(f"a sanitizer or an invariant complains:\n{self.hub.log_text()[-8000:]}")

    # The run

    async def run(self):
        await self.prepare()
        while self.kills < self.options.kills:
            await self.load(self.rng.choice((0, 5, 100, 1000)) * self.rng.random())
            if self.rng.random() < 0.1:
                await self.stop()
            else:
                self.kill()
            await self.start()
            if self.kills >= self.checked + self.options.check_every:
                await self.check()
        if self.options.sabotage:
            await self.sabotage()
        await self.load(100)
        await self.check()
        await self.world.end()
        self.world.set_down()
        await asyncio.to_thread(self.hub.stop)

    async def load(self, events):
        """Lets so much happen: an instant that does not depend on the speed of the machine."""
        loop, aim = asyncio.get_running_loop(), self.world.progress + events
        end = loop.time() + LOAD_SECONDS_MAX
        while self.world.progress < aim and loop.time() < end:
            await self.world.pause(0.005)
        await self.world.pause(self.rng.random() * 0.01)

    async def prepare(self):
        self.hub = self.new_hub()
        await asyncio.to_thread(self.hub.start)
        self.world.set_up(self.hub)
        for story in self.stories:
            await story.prepare()

    async def sabotage(self):
        """Everything acknowledged between two kills is lost."""
        data, saved = self.folder / "data", self.folder / "saved"
        self.kill()
        shutil.copytree(data, saved)
        await self.start()
        await self.load(100)
        self.kill()
        shutil.rmtree(data)
        saved.rename(data)
        self.is_sabotaged = True
        await self.start()

    async def check(self):
        self.world.is_draining = True
        for story in self.stories:
            await story.check()
        await self.world.check_nothing_waits()
        self.world.check_actors()
        self.world.is_draining = False
        self.checked = self.kills
        self.say(f"checked after {self.kills} kills, {self.stops} stops")

    def say(self, what):
        reports = ", ".join(story.report() for story in self.stories)
        print(f"{what}: {reports}; slowest start {self.slowest_start:.2f} s", flush=True)


def read_options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=6)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--only", choices=sorted(STORIES))
    parser.add_argument("--threads", type=int, default=int(os.environ.get("HOLDFAST_THREADS", 2)))
    parser.add_argument("--check-every", type=int, default=5)
    parser.add_argument("--sabotage", action="store_true")
    return parser.parse_args()


def main():
    options = read_options()
    only = f" --only {options.only}" if options.only else ""
    repeat = (
        f"HOLDFAST_BIN={binary()} {sys.argv[0]} --kills {options.kills} --seed {options.seed}"
        f" --threads {options.threads} --check-every {options.check_every}{only}"
    )
    print(f"to repeat: {repeat}", flush=True)
    test = CrashTest(options)
    try:
        asyncio.run(test.run())
    except BaseException as error:
        if test.is_sabotaged and isinstance(error, Broken):  # before it, a finding is a finding
            test.hub.kill()
            shutil.rmtree(test.folder)
            print(f"the sabotage was noticed: {error}")
            return 0
        log = test.hub.log_text() if test.hub.process else ""
        if test.hub.process:
            test.hub.kill()
        (test.folder / "stderr").write_text(log)
        print(f"FAILED after {test.kills} kills, {test.folder} is kept: {error!r}", flush=True)
        print(f"to repeat: {repeat}", flush=True)
        raise
    shutil.rmtree(test.folder)
    if options.sabotage:
        print("FAILED: the sabotage was not noticed")
        return 1
    test.say(f"passed, {test.kills} kills, {test.stops} stops, every start ready within {READY_SECONDS:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
