"""A disk without room, and one that has become read-only: nothing acknowledged is lost, what cannot be
kept is refused in words, and when there is room again the server goes on by itself."""

import os
import subprocess
import tempfile
import unittest
from pathlib import Path

from support.hub import HubTestCase, binary, start_hub
from support.packets import V5, V311, Kind
from support.platform import Application
from support.wire import WAIT, Client, Closed, wait_until

DISK_BYTES = 160 * 1024 * 1024  # a few segments of the log, and the catalogue
LARGE = "x" * 250_000
CONFIG = {
    "delivery": {"device_queue_messages_max": 100_000, "device_queue_bytes_max": "1GiB"},
    "limits": {"queue_bytes_max": "1GiB"},
}


def mount_reason():
    """Why no disk can be made here; None if it can."""
    if os.geteuid() != 0:
        return "only root can mount a small disk"
    with tempfile.TemporaryDirectory() as folder:
        command = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder]
        done = subprocess.run(command, capture_output=True)
        if done.returncode != 0:
            return f"no disk can be mounted: {done.stderr.decode().strip()}"
        subprocess.run(["umount", folder], check=True)
    return None


REASON = mount_reason()


@unittest.skipIf(REASON, REASON)
class SmallDisk(HubTestCase):
    """Each test has a disk of its own, and a hub whose data is there."""

    @classmethod
    def setUpClass(cls):
        pass

    @classmethod
    def tearDownClass(cls):
        pass

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="holdfast-disk-")
        self.addCleanup(folder.cleanup)
        self.disk = Path(folder.name)
        options = f"size={DISK_BYTES}"
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder.name], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", folder.name], check=True)
        self.hub = start_hub(self, "--data", str(self.disk / "data"), config=CONFIG)
        self.application = Application(self.hub)
        self.device = self.application.register("away")

    def fill(self):
        """All room that is left goes to another file."""
        with open(self.disk / "filler", "wb", buffering=0) as file:
            try:
                while file.write(b"\0" * 65_536):
                    pass
            except OSError:
                pass

    def post_until_refused(self):
        """Ids that were accepted, and the first other answer. What is preallocated is used up first."""
        accepted = []
        while len(accepted) < 2_000:
            status, answer = self.device.try_post(LARGE, payload_format="raw")
            if status != 201:
                return accepted, status, answer
            accepted.append(answer["message_id"])
        raise AssertionError(f"a full disk took {len(accepted)} messages")

    def test_posts_are_refused_and_go_on_when_there_is_room(self):
        self.fill()
        accepted, status, answer = self.post_until_refused()
        self.assertEqual((status, answer["error_code"]), (507, "HOLDFAST.000507"))
        self.assertEqual(self.device.try_post(LARGE)[0], 507)
        self.assertEqual(self.waiting(), accepted)
        (self.disk / "filler").unlink()
        accepted.append(self.accepted_again())
        self.check_after_kill(accepted)

    def test_publishers_are_refused_and_go_on_when_there_is_room(self):
        client = self.persistent(V5, "away")
        client.subscribe(self.name("t"), qos=1)
        client.disconnect()
        self.fill()
        publisher = self.client(V5, "publisher")
        count = 0
        while (reason := publisher.publish(self.name("t"), LARGE, qos=1)) == 0:
            count += 1
            self.assertLess(count, 2_000)
        self.assertEqual(reason, 0x97)
        old = self.client(V311, "old")
        old.send_publish(self.name("t"), LARGE, qos=1)
        with self.assertRaises(Closed):
            old.expect(Kind.PUBACK)
        (self.disk / "filler").unlink()
        wait_until("room", lambda: publisher.publish(self.name("t"), LARGE, qos=1) == 0)
        self.hub.kill()

        hub = start_hub(self, "--data", str(self.disk / "data"), config=CONFIG)
        back = self.persistent(V5, "away", hub)
        for _ in range(count + 1):
            self.assertEqual(back.message().payload.decode(), LARGE)

    def test_a_start_on_a_read_only_disk_says_so_and_changes_nothing(self):
        """A disk does not become read-only by order while a server writes there."""
        accepted = [self.device.post(f"{i}")["message_id"] for i in range(3)]
        self.hub.kill()
        self.remount("ro")
        command = [binary(), "serve", "--test", "--data", str(self.disk / "data")]
        done = subprocess.run(command, capture_output=True, timeout=WAIT, text=True)
        self.assertEqual((done.returncode, done.stdout), (5, ""), done.stderr)
        self.assertIn(str(self.disk / "data"), done.stderr)
        self.remount("rw")
        self.check_after_kill(accepted)

    def remount(self, how):
        subprocess.run(["mount", "-o", f"remount,{how}", self.disk], check=True)

    def waiting(self):
        """Ids, oldest first."""
        found, marker = [], ""
        while True:
            path = f"{self.device.path}?status=PENDING&limit=20{marker}"
            status, answer = self.application.call("GET", path)
            self.assertEqual(status, 200, answer)
            found += [message["message_id"] for message in answer["messages"]]
            if "marker" not in answer:
                return found[::-1]
            marker = f"&marker={answer['marker']}"

    def accepted_again(self):
        def accepted():
            status, answer = self.device.try_post("there is room again")
            return answer["message_id"] if status == 201 else None

        return wait_until("room", accepted)

    def check_after_kill(self, accepted):
        """Everything that was accepted is there after a crash, and the device gets it."""
        self.hub.kill()
        hub = start_hub(self, "--data", str(self.disk / "data"), config=CONFIG)
        self.application = self.device.application = Application(hub)
        self.assertEqual(self.waiting(), accepted)
        client = Client(hub.port, V5, self.device.client_id, **self.device.connect_options(V5))
        self.addCleanup(client.close)
        client.open()
        for _ in accepted:
            client.message()
        self.assertEqual(wait_until("the receipts", lambda: self.waiting() == []), True)


if __name__ == "__main__":
    unittest.main()
