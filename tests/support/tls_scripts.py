"""TLS sessions written message by message: for what no library at hand says any more, and for records that nobody would send.

Takes a version, a suite and what both sides say; gives steps of a `Talk` and the key log. Keys come from wireproof's own derivation, records from
`sealing`.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field

from tests.support.sealing import Sealer
from tests.support.talk import Send, Step
from tests.support.tls_lab import Session
from wireproof.decrypt.keys.derive import DirectionKeys, key_block, next_traffic_secret, traffic_keys
from wireproof.wire.tls_suite_parts import SuiteParts, suite_parts

CLIENT_RANDOM, SERVER_RANDOM = bytes(range(32)), bytes(range(100, 132))
MASTER = bytes(range(48))
SIDES = ("client", "server")


def message(kind: int, body: bytes = b"") -> bytes:
    """A handshake message."""
    return bytes([kind]) + len(body).to_bytes(3, "big") + body


def vector(data: bytes, size: int = 2) -> bytes:
    """Bytes behind their length."""
    return len(data).to_bytes(size, "big") + data


def extensions(*listed: tuple[int, bytes]) -> bytes:
    """The extensions of a hello."""
    return vector(b"".join(kind.to_bytes(2, "big") + vector(body) for kind, body in listed)) if listed else b""


def old_hello(version: int, suite: int) -> bytes:
    """A ClientHello in the form of SSL 2.0; its random is the challenge."""
    body = b"\x01" + version.to_bytes(2, "big") + b"\0\x03\0\0\0\x20" + b"\0" + suite.to_bytes(2, "big") + CLIENT_RANDOM
    return (0x8000 | len(body)).to_bytes(2, "big") + body


@dataclass
class Script:
    """One session. `agreed` are extensions that both hellos have; `said` is what both sides said as application data."""

    version: int = 0x0303
    suite: int = 0x009C
    agreed: tuple[tuple[int, bytes], ...] = ()
    compression: int = 0
    session_id: bytes = b""
    offered_ticket: bytes = b""
    in_old_form: bool = False
    master: bytes = MASTER
    client_random: bytes = CLIENT_RANDOM
    steps: list[Step] = field(default_factory=list)
    said: dict[str, bytes] = field(default_factory=lambda: {"client": b"", "server": b""})
    sealers: dict[str, Sealer | None] = field(default_factory=lambda: {"client": None, "server": None})
    secrets: dict[str, bytes] = field(default_factory=dict)
    packers: dict[str, zlib._Compress] = field(default_factory=dict)

    @property
    def parts(self) -> SuiteParts:
        """What the suite's name says."""
        found = suite_parts(self.suite)
        assert found
        return found

    def raw(self, by: str, data: bytes) -> None:
        """Bytes that are no record."""
        self.steps.append(Send(by, data))

    def record(self, by: str, kind: int, content: bytes) -> bytes:
        """One record, sealed where keys are in use."""
        sealer = self.sealers[by]
        version = min(self.version, 0x0303)
        if sealer is None:
            data = bytes([kind]) + version.to_bytes(2, "big") + vector(content)
        else:
            if self.compression:
                packer = self.packers.setdefault(by, zlib.compressobj())
                content = packer.compress(content) + packer.flush(zlib.Z_SYNC_FLUSH)
            body = sealer.seal(content, kind)
            shown = 23 if self.version >= 0x0304 else kind
            data = bytes([shown]) + version.to_bytes(2, "big") + vector(body)
        self.steps.append(Send(by, data))
        return data

    def say(self, by: str, data: bytes) -> None:
        """Application data in one record."""
        self.record(by, 23, data)
        self.said[by] += data

    def hellos(self) -> None:
        """ClientHello and ServerHello."""
        legacy = min(self.version, 0x0303).to_bytes(2, "big")
        offered = [*self.agreed, (35, self.offered_ticket)] if self.offered_ticket else list(self.agreed)
        taken = list(self.agreed)
        if self.version >= 0x0304:
            offered.append((43, vector(b"\x03\x04", 1)))
            taken.append((43, b"\x03\x04"))
        methods = bytes([1, 0]) if self.compression else b"\0"
        body = (
            legacy
            + self.client_random
            + vector(self.session_id, 1)
            + vector(self.suite.to_bytes(2, "big"))
            + vector(methods, 1)
        )
        if self.in_old_form:
            self.raw("client", old_hello(self.version, self.suite))
        else:
            self.record("client", 22, message(1, body + extensions(*offered)))
        body = (
            legacy
            + SERVER_RANDOM
            + vector(self.session_id, 1)
            + self.suite.to_bytes(2, "big")
            + bytes([self.compression])
        )
        self.record("server", 22, message(2, body + extensions(*taken)))

    def change(self, by: str, keys: DirectionKeys, sequence: int = 0) -> None:
        """Use these keys for what this side says from now on."""
        parts = self.parts
        self.sealers[by] = Sealer(
            self.version, parts.cipher, parts.mode, parts.mac, keys.mac, keys.key, keys.iv, parts.tag_bytes or 16,
            encrypt_then_mac=any(kind == 22 for kind, _ in self.agreed), truncated=any(kind == 4 for kind, _ in self.agreed), sequence=sequence,
        )  # fmt: skip

    def finish(self, resumed: bool = False, ticket: bytes = b"", key_exchange: bytes = b"\0\x01\x2a") -> Script:
        """The rest of a handshake up to TLS 1.2."""
        client, server = key_block(self.version, self.parts, self.master, self.client_random, SERVER_RANDOM)
        keys = {"client": client, "server": server}
        if not resumed:
            self.record("server", 22, message(14))
            self.record("client", 22, message(16, key_exchange))
        for by in ("server", "client") if resumed else SIDES:
            if by == "server" and ticket:
                self.record("server", 22, message(4, bytes(4) + vector(ticket)))
            self.record(by, 20, b"\x01")
            self.change(by, keys[by])
            self.record(by, 22, message(20, bytes(12)))
        return self

    def finish_13(self) -> Script:
        """The rest of a handshake of TLS 1.3."""
        for by in SIDES:
            for name in ("HANDSHAKE_TRAFFIC_SECRET", "TRAFFIC_SECRET_0"):
                self.secrets[f"{by.upper()}_{name}"] = (f"{by} {name}" * 3).encode()[:32]
        for by in ("server", "client"):
            self.change(by, traffic_keys(self.parts, self.secrets[f"{by.upper()}_HANDSHAKE_TRAFFIC_SECRET"]))
            self.record(by, 22, (message(8, b"\0\0") if by == "server" else b"") + message(20, bytes(32)))
            self.change(by, traffic_keys(self.parts, self.secrets[f"{by.upper()}_TRAFFIC_SECRET_0"]))
        return self

    def update(self, by: str) -> None:
        """KeyUpdate of TLS 1.3."""
        self.record(by, 22, message(24, b"\0"))
        name = f"{by.upper()}_NOW"
        secret = self.secrets.get(name) or self.secrets[f"{by.upper()}_TRAFFIC_SECRET_0"]
        self.secrets[name] = next_traffic_secret(self.parts, secret)
        self.change(by, traffic_keys(self.parts, self.secrets[name]))

    @property
    def key_log(self) -> bytes:
        """The secrets as a key log."""
        named = {name: secret for name, secret in self.secrets.items() if not name.endswith("_NOW")} or {
            "CLIENT_RANDOM": self.master
        }
        return b"".join(
            f"{name} {self.client_random.hex()} {secret.hex()}\n".encode() for name, secret in named.items()
        )

    def session(self, name: str = "script") -> Session:
        """The session as the lab gives it."""
        said = self.said["client"], self.said["server"]
        return Session(name, tuple(self.steps), said, self.key_log, b"", self.version)
