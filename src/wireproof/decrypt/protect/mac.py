"""Records with a MAC of their own: HMAC, the MAC of SSL 3.0, and the openers of NULL and RC4 suites.

Takes MAC keys and records; gives content whose MAC is right. Block ciphers use the same checks.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Protocol

from wireproof.decrypt.keys.derive import SSL_3_0, tls_version
from wireproof.decrypt.protect._blocks import Hmac
from wireproof.decrypt.protect.opener import BadRecord, OneByOne, pack_header

if TYPE_CHECKING:
    from wireproof.wire.tls_suite_parts import SuiteParts

TRUNCATED_BYTES = 10
"""What truncated_hmac leaves of a MAC (RFC 6066 section 7)."""
PAD_BYTES = {"md5": 48, "sha1": 40}
"""Length of pad_1 and pad_2 in the MAC of SSL 3.0 (RFC 6101 section 5.2.3.1)."""


class MacCheck(Protocol):
    """Computes the MAC of a record. `size` is its length in bytes, 0 for none."""

    size: int

    def mac(self, sequence: int, kind: int, version: int, content: bytes) -> bytes:
        """The MAC that this content must have."""

    def strip(self, sequence: int, kind: int, version: int, data: bytes) -> bytes:
        """Content without the MAC behind it. Raises BadRecord."""


def make_check(version: int, parts: SuiteParts, key: bytes, truncated: bool) -> MacCheck:
    """The MAC of a version and suite."""
    if tls_version(version) <= SSL_3_0:
        return Ssl3Mac(parts.mac, key)
    return Hmac(parts.mac, key, TRUNCATED_BYTES if truncated else parts.mac_bytes)


class Ssl3Mac:
    """The keyed hash of SSL 3.0 (RFC 6101 section 5.2.3.1); it covers no version."""

    __slots__ = ("_inner", "_outer", "size")

    def __init__(self, name: str, key: bytes) -> None:
        pad = PAD_BYTES.get(name, 40)
        self._inner = hashlib.new(name, key + b"\x36" * pad, usedforsecurity=False)
        self._outer = hashlib.new(name, key + b"\x5c" * pad, usedforsecurity=False)
        self.size = self._inner.digest_size

    def mac(self, sequence: int, kind: int, version: int, content: bytes) -> bytes:
        """The MAC that this content must have."""
        inner = self._inner.copy()
        header = pack_header(sequence, kind, version, len(content))
        inner.update(header[:9] + header[11:] + content)
        outer = self._outer.copy()
        outer.update(inner.digest())
        return outer.digest()

    def strip(self, sequence: int, kind: int, version: int, data: bytes) -> bytes:
        """Content without the MAC behind it."""
        size = len(data) - self.size
        if size < 0:
            raise BadRecord("short")
        if self.mac(sequence, kind, version, data[:size]) != data[size:]:
            raise BadRecord("mac")
        return data[:size]


class PlainOpener(OneByOne):
    """Records that are not encrypted and end with a MAC."""

    __slots__ = ("_check",)
    sequential = False

    def __init__(self, check: MacCheck) -> None:
        self._check = check

    def open(self, sequence: int, kind: int, version: int, body: bytes) -> tuple[int, bytes]:
        """Content whose MAC is right."""
        return kind, self._check.strip(sequence, kind, version, body)


class StreamOpener(OneByOne):
    """RC4: one key stream runs through all records (RFC 5246 section 6.2.3.1)."""

    __slots__ = ("_ahead", "_check", "_decrypt")
    sequential = True

    def __init__(self, check: MacCheck, key: bytes) -> None:
        from wireproof.decrypt.protect.ciphers import make_rc4

        self._check = check
        self._decrypt = make_rc4(key)
        self._ahead = b""

    def open(self, sequence: int, kind: int, version: int, body: bytes) -> tuple[int, bytes]:
        """Content whose MAC is right."""
        plain = _mix(body, self.key_stream(len(body))) if self._ahead else self._decrypt(body)
        return kind, self._check.strip(sequence, kind, version, plain)

    def key_stream(self, count: int) -> bytes:
        """The next bytes of the key stream, which are used up by it."""
        ahead, self._ahead = self._ahead[:count], self._ahead[count:]
        return ahead + self._decrypt(bytes(count - len(ahead)))

    def put_back(self, stream: bytes) -> None:
        """Use these bytes of the key stream, the last ones that were taken, again."""
        self._ahead = stream + self._ahead

    def fits(self, stream: bytes, record: tuple[int, int, int, bytes]) -> bool:
        """Whether a record (sequence, kind, version, body) was encrypted with this part of the key stream: whether its MAC is right."""
        sequence, kind, version, body = record
        try:
            self._check.strip(sequence, kind, version, _mix(body, stream))
        except BadRecord:
            return False
        return True


def _mix(data: bytes, stream: bytes) -> bytes:
    """Both, combined bit by bit."""
    return (int.from_bytes(data, "big") ^ int.from_bytes(stream[: len(data)], "big")).to_bytes(len(data), "big")
