"""What the test knows of every message that was posted for a device, and what must be true of it."""

from peers import Broken

FINAL = ("DELIVERED", "FAILED", "TIMEOUT")
CAUSES = {
    "DELIVERED": {"acknowledged"},
    "FAILED": {"refused_by_device", "device_offline", "cancelled"},
}


class Post:
    """One message. Instants are those of World.instant()."""

    def __init__(self, device_id, poster, number, message_id, payload, ttl):
        self.device_id, self.poster, self.number = device_id, poster, number
        self.message_id, self.payload, self.ttl = message_id, payload, ttl
        self.is_accepted = False  # a 201 came
        self.is_refused = False  # another answer came, and none before was lost
        self.was_unanswered = False
        self.times_posted = 0
        self.is_cancel_asked = self.is_cancelled = False
        self.told, self.told_at = "PENDING", 0  # the most final status that was ever told
        self.connections = []  # numbers of those that it came on
        self.is_acknowledged = self.is_refused_by_device = False  # a PUBACK was sent

    def __repr__(self):
        return str({name: value for name, value in vars(self).items() if name != "payload"})

    def body(self):
        body = {
            "message_id": self.message_id,
            "message": self.payload,
            "payload_format": "raw",
        }
        return body if self.ttl is None else {**body, "ttl": self.ttl}

    # What the server says

    def tell(self, status, cause, asked_at, now):
        """A status came from the server: it is legal, true, and not less final than it was when asked for."""
        if status == "PENDING":
            # Answers on two connections may overtake one another.
            if self.told in FINAL and self.told_at < asked_at:
                raise Broken(f"PENDING after it was told to be {self.told}: {self}")
            return
        if cause not in CAUSES.get(status, ()):
            raise Broken(f"{status} because of {cause}: {self}")
        if self.told in FINAL and self.told != status:
            raise Broken(f"{status} after it was told to be {self.told}: {self}")
        if cause == "acknowledged" and not self.is_acknowledged:
            raise Broken(f"DELIVERED, but the device has not acknowledged it: {self}")
        if cause == "refused_by_device" and not self.is_refused_by_device:
            raise Broken(f"FAILED, but the device has not refused it: {self}")
        if cause == "device_offline" and self.ttl != 0:
            raise Broken(f"FAILED because of {cause} with a ttl: {self}")
        if cause == "cancelled" and not self.is_cancel_asked:
            raise Broken(f"cancelled by nobody: {self}")
        if self.told not in FINAL:
            self.told, self.told_at = status, now

    def miss(self):
        """The server does not know it."""
        if self.is_accepted and not self.is_cancel_asked:
            raise Broken(f"accepted and gone: {self}")

    # What the device gets

    def arrive(self, packet, connection, opened_at):
        if packet.qos != 1:
            raise Broken(f"came with QoS {packet.qos}: {self}")
        if packet.payload != self.payload.encode():
            raise Broken(f"came with another payload, {packet.payload[:80]!r}...: {self}")
        if self.is_refused:
            raise Broken(f"came although its post was refused: {self}")
        if self.told in FINAL and self.told_at < opened_at:
            raise Broken(f"came again after it was told to be {self.told}: {self}")
        if self.is_cancelled and self.told_at < opened_at:
            raise Broken(f"came after it was cancelled: {self}")
        if connection in self.connections:
            raise Broken(f"came twice on one connection: {self}")
        # A message may be sent before it is durable. If a crash takes it back, its repetition is a new one.
        if self.connections and not packet.dup and self.times_posted == 1:
            raise Broken(f"came again without DUP: {self}")
        self.connections.append(connection)


class DeviceJournal:
    """All posts, by their message_id; and the order of first arrivals, per poster and device."""

    def __init__(self, device_ids):
        self.posts = {device_id: {} for device_id in device_ids}
        self.latest = {}
        self.settled = {device_id: {} for device_id in device_ids}  # of earlier checks: id, status

    def add(self, post):
        self.posts[post.device_id][post.message_id] = post

    def arrive(self, device_id, packet, connection, opened_at):
        """The post that the packet is of."""
        message_id = packet.payload.decode().split(" ", 1)[0]
        post = self.posts[device_id].get(message_id)
        if post is None:
            settled = self.settled[device_id].get(message_id)
            raise Broken(f"{device_id} got {message_id}, which was {settled or 'never posted'}")
        if not post.connections:
            place = (post.poster, device_id)
            if self.latest.get(place, -1) >= post.number:
                raise Broken(f"came after the poster's {self.latest[place]}: {post}")
            self.latest[place] = post.number
        post.arrive(packet, connection, opened_at)
        return post

    def compare(self, device_id, found, now):
        """`found`: message_id to (status, cause), everything that the server knows of the device."""
        posts, settled = self.posts[device_id], self.settled[device_id]
        for message_id, (status, cause) in found.items():
            if message_id in posts:
                posts[message_id].tell(status, cause, now, now)
            elif settled.get(message_id) != status:
                raise Broken(f"{message_id} is {status}, but was {settled.get(message_id)}")
        for message_id, post in posts.items():
            if message_id not in found:
                post.miss()

    def settle(self):
        """Everything is final and was compared: only the status is remembered."""
        for device_id, posts in self.posts.items():
            for post in posts.values():
                if post.told in FINAL:
                    self.settled[device_id][post.message_id] = post.told
            posts.clear()
