"""QUIC packets sealed by hand from the words of RFC 9000, 9001 and 9369: a whole connection with secrets that are known.

Takes frames; gives datagrams. Written apart from what opens them, and plain.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305

V1, V2 = 0x00000001, 0x6B3343CF
SALTS = {V1: "38762cf7f55934b34d179ae6a4c80cadccbb7f0a", V2: "0dede3def700a6db819381be6e269dcbf9bd2ed9"}
KINDS = {V1: ("initial", "0rtt", "handshake"), V2: ("", "initial", "0rtt", "handshake")}
AES128, AES256, CHACHA = 0x1301, 0x1302, 0x1303
LABELS = (
    "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
    "SERVER_HANDSHAKE_TRAFFIC_SECRET",
    "CLIENT_TRAFFIC_SECRET_0",
    "SERVER_TRAFFIC_SECRET_0",
)
RANDOM = bytes(range(32))
Said = tuple[str, bytes]


def variable(value: int) -> bytes:
    """A variable-length integer."""
    for size, bits in ((1, 0x00), (2, 0x40), (4, 0x80), (8, 0xC0)):
        if value < 1 << (8 * size - 2):
            data = value.to_bytes(size, "big")
            return bytes([data[0] | bits]) + data[1:]
    raise ValueError(value)


def expand(secret: bytes, label: str, size: int, name: str = "sha256") -> bytes:
    """HKDF-Expand-Label with an empty context."""
    words = b"tls13 " + label.encode()
    info = size.to_bytes(2, "big") + bytes([len(words)]) + words + b"\0"
    found, block, turn = b"", b"", 1
    while len(found) < size:
        block = hmac.new(secret, block + info + bytes([turn]), name).digest()
        found, turn = found + block, turn + 1
    return found[:size]


@dataclass
class Keys:
    """One side's keys of one level. `updated` goes on to the next generation."""

    secret: bytes
    suite: int = AES128
    version: int = V1
    hidden: bytes = b""

    @property
    def family(self) -> str:
        """What the labels begin with."""
        return "quicv2 " if self.version == V2 else "quic "

    def expand(self, label: str, size: int) -> bytes:
        """One of the keys."""
        return expand(self.secret, self.family + label, size, "sha384" if self.suite == AES256 else "sha256")

    def seal(self, header: bytes, number: int, plain: bytes) -> bytes:
        """A packet: header with its number in four bytes, protected."""
        size = 16 if self.suite == AES128 else 32
        key, iv = self.expand("key", size), self.expand("iv", 12)
        hidden = self.hidden or self.expand("hp", size)
        whole = header + (number & 0xFFFFFFFF).to_bytes(4, "big")
        nonce = bytes(a ^ b for a, b in zip(iv, number.to_bytes(12, "big"), strict=True))
        cipher = ChaCha20Poly1305(key) if self.suite == CHACHA else AESGCM(key)
        body = cipher.encrypt(nonce, plain, whole)
        sample = body[:16]
        if self.suite == CHACHA:
            mask = Cipher(algorithms.ChaCha20(hidden, sample), None).encryptor().update(bytes(5))
        else:
            mask = Cipher(algorithms.AES(hidden), modes.ECB()).encryptor().update(sample)
        first = whole[0] ^ mask[0] & (0x0F if whole[0] & 0x80 else 0x1F)
        shown = bytes(a ^ b for a, b in zip(whole[-4:], mask[1:5], strict=True))
        return bytes([first]) + whole[1:-4] + shown + body

    def updated(self) -> Keys:
        """The keys behind a key update: header protection stays (RFC 9001 section 6.1)."""
        size = 16 if self.suite == AES128 else 32
        return Keys(
            self.expand("ku", len(self.secret)), self.suite, self.version, self.hidden or self.expand("hp", size)
        )


def hello(kind: int, suite: int = AES128) -> bytes:
    """A ClientHello (1) or a ServerHello (2) of TLS 1.3."""
    if kind == 1:
        extensions = b"\0\0\0\x10" + b"\0\x0e\0\0\x0bexample.org" + b"\0\x2b\0\x03\x02\x03\x04"
        body = b"\x03\x03" + RANDOM + b"\0" + b"\0\x02" + suite.to_bytes(2, "big") + b"\x01\0"
    else:
        extensions = b"\0\x2b\0\x02\x03\x04"
        body = b"\x03\x03" + bytes(32) + b"\0" + suite.to_bytes(2, "big") + b"\0"
    body += len(extensions).to_bytes(2, "big") + extensions
    return bytes([kind]) + len(body).to_bytes(3, "big") + body


def crypto(data: bytes, offset: int = 0) -> bytes:
    """A CRYPTO frame."""
    return b"\x06" + variable(offset) + variable(len(data)) + data


def stream(number: int, data: bytes, offset: int = 0, last: bool = False) -> bytes:
    """A STREAM frame with offset and length."""
    return bytes([0x0E | last]) + variable(number) + variable(offset) + variable(len(data)) + data


@dataclass
class QuicLab:
    """One connection. `sent` are its datagrams so far."""

    suite: int = AES128
    version: int = V1
    sent: list[Said] = field(default_factory=list)
    dcid: bytes = b"original"
    ids: tuple[bytes, bytes] = (b"cli", b"server")
    numbers: dict[tuple[str, str], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.secrets = {
            label: bytes([turn + 1]) * (48 if self.suite == AES256 else 32) for turn, label in enumerate(LABELS)
        }
        start = hmac.new(bytes.fromhex(SALTS[self.version]), self.dcid, hashlib.sha256).digest()
        self.keys = {
            ("initial", by): Keys(expand(start, f"{by} in", 32), AES128, self.version) for by in ("client", "server")
        }
        for by, place in (("client", 0), ("server", 1)):
            self.keys["handshake", by] = Keys(self.secrets[LABELS[place]], self.suite, self.version)
            self.keys["1rtt", by] = Keys(self.secrets[LABELS[2 + place]], self.suite, self.version)

    @property
    def key_log(self) -> bytes:
        """The lines of a key log."""
        lines = (f"{label} {RANDOM.hex()} {secret.hex()}\n" for label, secret in self.secrets.items())
        return "".join(lines).encode()

    def packet(self, by: str, level: str, frames: bytes, phase: int = 0, number: int = -1) -> bytes:
        """One packet of a level."""
        if number < 0:
            number = self.numbers.get((level, by), 0)
        self.numbers[level, by] = number + 1
        own, peer = self.ids if by == "client" else self.ids[::-1]
        if level == "1rtt":
            return self.keys[level, by].seal(bytes([0x43 | phase << 2]) + peer, number, frames.ljust(20, b"\0"))
        if level == "initial" and by == "client":
            peer = self.dcid
        kind = KINDS[self.version].index(level)
        header = bytes([0xC3 | kind << 4]) + self.version.to_bytes(4, "big")
        header += bytes([len(peer)]) + peer + bytes([len(own)]) + own + (b"\0" if level == "initial" else b"")
        plain = frames.ljust(20, b"\0")
        return self.keys[level, by].seal(header + variable(4 + len(plain) + 16), number, plain)

    def send(self, by: str, *packets: bytes) -> None:
        """Packets in one datagram."""
        self.sent.append((by, b"".join(packets)))

    def shake(self) -> None:
        """The hellos, and what stands for the rest of the handshake."""
        self.send("client", self.packet("client", "initial", crypto(hello(1, self.suite))))
        answer = self.packet("server", "initial", crypto(hello(2, self.suite)))
        self.send("server", answer, self.packet("server", "handshake", crypto(b"\x14\0\0\x20" + bytes(32))))
        self.send("client", self.packet("client", "handshake", crypto(b"\x14\0\0\x20" + bytes(32))))

    def say(self, by: str, frames: bytes, phase: int = 0, number: int = -1) -> None:
        """A packet of application data in its own datagram."""
        self.send(by, self.packet(by, "1rtt", frames, phase, number))

    def update(self, by: str) -> None:
        """Go on to the next keys; the caller turns the phase."""
        self.keys["1rtt", by] = self.keys["1rtt", by].updated()
