"""What the test knows of every publication: whether it was acknowledged, and who received it how often."""

from peers import Broken


class Publication:
    def __init__(self, number):
        self.number = number
        self.is_acknowledged = False  # PUBACK, PUBREC
        self.was_repeated = False  # by the publisher, with DUP
        self.came = {}  # subscriber: how often

    def __repr__(self):
        return str(vars(self))


class PublicationJournal:
    """Publications of one publisher, by number. Topic and QoS are always the same."""

    def __init__(self, name, qos):
        self.name, self.qos = name, qos
        self.publications = {}
        self.latest = {}  # subscriber: the highest number that came
        self.settled = 0  # below this everything was checked and nothing may come any more

    def begin(self, number):
        self.publications[number] = Publication(number)
        return self.publications[number]

    def arrive(self, subscriber, packet):
        """A message; not a repetition of a QoS 2 one that its receiver recognises by its identifier."""
        number = int(packet.payload.split(b" ", 1)[0])
        where = f"{subscriber}: {number} of {self.name}"
        publication = self.publications.get(number)
        if publication is None:
            raise Broken(f"{where} was {'checked' if number < self.settled else 'not published'}")
        if packet.qos != self.qos:
            raise Broken(f"{where} came with QoS {packet.qos}")
        before = publication.came.get(subscriber, 0)
        publication.came[subscriber] = before + 1
        if before == 0:
            if self.latest.get(subscriber, -1) > number:
                raise Broken(f"{where} came after {self.latest[subscriber]}")
            self.latest[subscriber] = number
        elif self.qos == 2:
            raise Broken(f"{where} came twice with QoS 2: {publication}")
        elif not packet.dup and not publication.was_repeated:
            raise Broken(f"{where} came again without DUP: {publication}")

    def missing(self, subscribers):
        return [
            (self.name, publication.number, subscriber)
            for publication in self.publications.values()
            if publication.is_acknowledged
            for subscriber in subscribers
            if not publication.came.get(subscriber)
        ]

    def settle(self, next_number):
        """Everything acknowledged has come. What was never acknowledged may still come later."""
        self.settled = next_number
        self.publications = {
            number: publication
            for number, publication in self.publications.items()
            if not publication.is_acknowledged
        }


class LastWord:
    """A value that the server was told to keep: the last acknowledged one, or a later one without answer."""

    def __init__(self, value):
        self.possible = [value]

    def begin(self, value):
        self.possible.append(value)

    def acknowledged(self):
        self.possible = self.possible[-1:]

    def check(self, what, value):
        if value not in self.possible:
            raise Broken(f"{what} is {value!r}; it can only be one of {self.possible!r}")
        self.possible = [value]
