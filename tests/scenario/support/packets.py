"""MQTT control packets of 3.1, 3.1.1 and 5.0 as bytes.

Encoders for everything a client sends, a strict decoder for everything a server sends. Encoders
check nothing, so that a test can say what no library would; `packet()` frames any body at all.
"""

import struct
from enum import IntEnum


class Version(IntEnum):
    V31 = 3
    V311 = 4
    V5 = 5


V31, V311, V5 = Version


class Kind(IntEnum):
    CONNECT = 1
    CONNACK = 2
    PUBLISH = 3
    PUBACK = 4
    PUBREC = 5
    PUBREL = 6
    PUBCOMP = 7
    SUBSCRIBE = 8
    SUBACK = 9
    UNSUBSCRIBE = 10
    UNSUBACK = 11
    PINGREQ = 12
    PINGRESP = 13
    DISCONNECT = 14
    AUTH = 15


# Flags that the fixed header must have where it is not PUBLISH.
FLAGS = {Kind.PUBREL: 2, Kind.SUBSCRIBE: 2, Kind.UNSUBSCRIBE: 2}

# identifier: (name, type, kinds in which a server may send it)
PROPERTIES = {
    0x01: ("payload_format_indicator", "byte", "PUBLISH"),
    0x02: ("message_expiry_interval", "four", "PUBLISH"),
    0x03: ("content_type", "string", "PUBLISH"),
    0x08: ("response_topic", "string", "PUBLISH"),
    0x09: ("correlation_data", "binary", "PUBLISH"),
    0x0B: ("subscription_identifier", "varint", "PUBLISH"),
    0x11: ("session_expiry_interval", "four", "CONNACK"),
    0x12: ("assigned_client_identifier", "string", "CONNACK"),
    0x13: ("server_keep_alive", "two", "CONNACK"),
    0x15: ("authentication_method", "string", "CONNACK AUTH"),
    0x16: ("authentication_data", "binary", "CONNACK AUTH"),
    0x17: ("request_problem_information", "byte", ""),
    0x18: ("will_delay_interval", "four", ""),
    0x19: ("request_response_information", "byte", ""),
    0x1A: ("response_information", "string", "CONNACK"),
    0x1C: ("server_reference", "string", "CONNACK DISCONNECT"),
    0x1F: (
        "reason_string",
        "string",
        "CONNACK PUBACK PUBREC PUBREL PUBCOMP SUBACK UNSUBACK DISCONNECT AUTH",
    ),
    0x21: ("receive_maximum", "two", "CONNACK"),
    0x22: ("topic_alias_maximum", "two", "CONNACK"),
    0x23: ("topic_alias", "two", "PUBLISH"),
    0x24: ("maximum_qos", "byte", "CONNACK"),
    0x25: ("retain_available", "byte", "CONNACK"),
    0x26: (
        "user_property",
        "pair",
        "PUBLISH CONNACK PUBACK PUBREC PUBREL PUBCOMP SUBACK UNSUBACK DISCONNECT AUTH",
    ),
    0x27: ("maximum_packet_size", "four", "CONNACK"),
    0x28: ("wildcard_subscription_available", "byte", "CONNACK"),
    0x29: ("subscription_identifier_available", "byte", "CONNACK"),
    0x2A: ("shared_subscription_available", "byte", "CONNACK"),
}
IDENTIFIERS = {name: (number, kind) for number, (name, kind, _) in PROPERTIES.items()}
REPEATABLE = {"user_property", "subscription_identifier"}


class Malformed(AssertionError):
    """The server sent something that is no packet of its protocol version."""


# Fields ------------------------------------------------------------------------------------------


def varint(value):
    out = bytearray()
    while True:
        value, digit = value >> 7, value & 0x7F
        out.append(digit | (0x80 if value else 0))
        if not value:
            return bytes(out)


def binary(data):
    return struct.pack("!H", len(data)) + data


def string(text):
    return binary(text.encode() if isinstance(text, str) else text)


def two(value):
    return struct.pack("!H", value)


ENCODE = {
    "byte": lambda value: bytes([value]),
    "two": two,
    "four": lambda value: struct.pack("!I", value),
    "varint": varint,
    "string": string,
    "binary": binary,
    "pair": lambda pair: string(pair[0]) + string(pair[1]),
}


def property_field(name, value):
    number, kind = IDENTIFIERS[name]
    return bytes([number]) + ENCODE[kind](value)


def property_list(properties):
    """A dictionary (lists stand for repetition), or the bytes that follow the length."""
    if isinstance(properties, bytes):
        return varint(len(properties)) + properties
    body = b""
    for name, value in (properties or {}).items():
        values = value if isinstance(value, list) else [value]
        body += b"".join(property_field(name, each) for each in values)
    return varint(len(body)) + body


def packet(kind, body=b"", flags=None):
    if flags is None:
        flags = FLAGS.get(kind, 0)
    return bytes([kind << 4 | flags]) + varint(len(body)) + body


# What a client sends -----------------------------------------------------------------------------


class Will:
    def __init__(self, topic, payload=b"", qos=0, retain=False, properties=None):
        self.topic, self.payload, self.properties = topic, payload, properties
        self.qos, self.retain = qos, retain


def connect(
    version,
    client_id="",
    clean_start=True,
    keep_alive=0,
    properties=None,
    will=None,
    user_name=None,
    password=None,
    name=None,
    level=None,
    connect_flags=None,
):
    if name is None:
        name = "MQIsdp" if version == V31 else "MQTT"
    bits = 2 if clean_start else 0
    if will is not None:
        bits |= 4 | will.qos << 3 | (0x20 if will.retain else 0)
    bits |= (0x80 if user_name is not None else 0) | (0x40 if password is not None else 0)
    if connect_flags is not None:
        bits = connect_flags
    body = string(name) + bytes([version if level is None else level, bits]) + two(keep_alive)
    if version == V5:
        body += property_list(properties)
    body += string(client_id)
    if will is not None:
        if version == V5:
            body += property_list(will.properties)
        body += string(will.topic) + string(will.payload)
    for field in (user_name, password):
        body += string(field) if field is not None else b""
    return packet(Kind.CONNECT, body)


def publish(
    version, topic, payload=b"", qos=0, retain=False, dup=False, packet_id=None, properties=None
):
    body = string(topic)
    if packet_id is not None:
        body += two(packet_id)
    if version == V5:
        body += property_list(properties)
    body += payload.encode() if isinstance(payload, str) else payload
    return packet(Kind.PUBLISH, body, (8 if dup else 0) | qos << 1 | (1 if retain else 0))


def acknowledgement(kind, version, packet_id, reason=None, properties=None, flags=None):
    """PUBACK, PUBREC, PUBREL, PUBCOMP; reason and properties are left out unless given."""
    body = two(packet_id)
    if version == V5 and (reason is not None or properties is not None):
        body += bytes([reason or 0])
        body += property_list(properties) if properties is not None else b""
    return packet(kind, body, flags)


def subscription_options(qos=0, no_local=False, retain_as_published=False, retain_handling=0):
    return (
        qos
        | (4 if no_local else 0)
        | (8 if retain_as_published else 0)
        | retain_handling << 4
    )


def subscribe(version, packet_id, filters, properties=None):
    """`filters`: pairs of a Topic Filter and its options byte."""
    body = two(packet_id) + (property_list(properties) if version == V5 else b"")
    body += b"".join(string(text) + bytes([options]) for text, options in filters)
    return packet(Kind.SUBSCRIBE, body)


def unsubscribe(version, packet_id, filters, properties=None):
    body = two(packet_id) + (property_list(properties) if version == V5 else b"")
    return packet(Kind.UNSUBSCRIBE, body + b"".join(string(text) for text in filters))


def pingreq():
    return packet(Kind.PINGREQ)


def disconnect(version, reason=None, properties=None):
    body = b""
    if version == V5 and (reason is not None or properties is not None):
        body += bytes([reason or 0])
        body += property_list(properties) if properties is not None else b""
    return packet(Kind.DISCONNECT, body)


def auth(reason=None, properties=None):
    if reason is None and properties is None:
        return packet(Kind.AUTH)
    return packet(Kind.AUTH, bytes([reason or 0]) + property_list(properties))


# What a server sends -----------------------------------------------------------------------------


class Packet:
    """A decoded packet: `kind`, `flags`, `body`, and the fields of its kind as attributes."""

    def __init__(self, kind, flags, body):
        self.kind, self.flags, self.body = kind, flags, body

    @property
    def size(self):
        return 1 + len(varint(len(self.body))) + len(self.body)

    def __repr__(self):
        fields = {name: value for name, value in vars(self).items() if name not in ("kind", "body")}
        if len(fields.get("payload", b"")) > 60:
            fields["payload"] = fields["payload"][:60] + b"..."
        return f"{self.kind.name}{fields}"


class Reader:
    def __init__(self, data):
        self.data, self.position = data, 0

    def take(self, count):
        if self.left() < count:
            raise Malformed(f"a field ends beyond the packet {self.data.hex()}")
        self.position += count
        return self.data[self.position - count : self.position]

    def left(self):
        return len(self.data) - self.position

    def byte(self):
        return self.take(1)[0]

    def two(self):
        return struct.unpack("!H", self.take(2))[0]

    def four(self):
        return struct.unpack("!I", self.take(4))[0]

    def varint(self):
        value = 0
        for shift in (0, 7, 14, 21):
            digit = self.byte()
            value |= (digit & 0x7F) << shift
            if not digit & 0x80:
                if digit == 0 and shift:
                    raise Malformed("a variable byte integer is longer than it need be")
                return value
        raise Malformed("a variable byte integer is longer than four bytes")

    def binary(self):
        return self.take(self.two())

    def string(self):
        return self.binary().decode("utf-8", "strict")

    def pair(self):
        return self.string(), self.string()

    def rest(self):
        return self.take(self.left())

    def properties(self, kind):
        reader, found = Reader(self.take(self.varint())), {}
        while reader.left():
            number = reader.varint()
            if number not in PROPERTIES:
                raise Malformed(f"{kind.name} has the unknown property {number:#x}")
            name, form, kinds = PROPERTIES[number]
            if kind.name not in kinds.split():
                raise Malformed(f"a server sent {name} in {kind.name}")
            value = getattr(reader, form)()
            if name in REPEATABLE:
                found.setdefault(name, []).append(value)
            elif name in found:
                raise Malformed(f"{kind.name} has {name} twice")
            else:
                found[name] = value
        return found


def decode_connack(packet, version, reader):
    acknowledge_flags = reader.byte()
    if acknowledge_flags > 1:
        raise Malformed("reserved acknowledge flags are set")
    packet.session_present = acknowledge_flags == 1
    packet.reason = reader.byte()
    packet.properties = reader.properties(packet.kind) if version == V5 else {}


def decode_publish(packet, version, reader):
    packet.dup, packet.retain = bool(packet.flags & 8), bool(packet.flags & 1)
    packet.qos = packet.flags >> 1 & 3
    if packet.qos == 3 or (packet.qos == 0 and packet.dup):
        raise Malformed(f"PUBLISH with flags {packet.flags:#x}")
    packet.topic = reader.string()
    packet.packet_id = reader.two() if packet.qos else None
    if packet.packet_id == 0:
        raise Malformed("PUBLISH with packet identifier 0")
    packet.properties = reader.properties(packet.kind) if version == V5 else {}
    packet.payload = reader.rest()


def decode_acknowledgement(packet, version, reader):
    packet.packet_id = reader.two()
    packet.reason = reader.byte() if version == V5 and reader.left() else 0
    packet.properties = reader.properties(packet.kind) if version == V5 and reader.left() else {}


def decode_suback(packet, version, reader):
    packet.packet_id = reader.two()
    packet.properties = reader.properties(packet.kind) if version == V5 else {}
    packet.reasons = list(reader.rest())
    if packet.kind == Kind.SUBACK and version != V5:
        if set(packet.reasons) - {0, 1, 2, 0x80}:
            raise Malformed(f"SUBACK with {packet.reasons}")


def decode_reason(packet, version, reader):
    """DISCONNECT and AUTH."""
    if version != V5:
        raise Malformed(f"a server sent {packet.kind.name} before 5.0")
    packet.reason = reader.byte() if reader.left() else 0
    packet.properties = reader.properties(packet.kind) if reader.left() else {}


DECODE = {
    Kind.CONNACK: decode_connack,
    Kind.PUBLISH: decode_publish,
    Kind.PUBACK: decode_acknowledgement,
    Kind.PUBREC: decode_acknowledgement,
    Kind.PUBREL: decode_acknowledgement,
    Kind.PUBCOMP: decode_acknowledgement,
    Kind.SUBACK: decode_suback,
    Kind.UNSUBACK: decode_suback,
    Kind.PINGRESP: lambda packet, version, reader: None,
    Kind.DISCONNECT: decode_reason,
    Kind.AUTH: decode_reason,
}


def decode(version, first_byte, body):
    kind, flags = Kind(first_byte >> 4), first_byte & 0x0F
    if kind not in DECODE:
        raise Malformed(f"a server sent {kind.name}")
    if kind != Kind.PUBLISH and flags != FLAGS.get(kind, 0):
        raise Malformed(f"{kind.name} with flags {flags:#x}")
    decoded, reader = Packet(kind, flags, body), Reader(body)
    DECODE[kind](decoded, version, reader)
    if reader.left():
        raise Malformed(f"bytes follow the last field of {kind.name}: {body.hex()}")
    return decoded
