"""All keys at hand: RSA private keys, secrets of key logs, and master secrets of sessions that were opened before.

Takes keys that were read elsewhere; gives the one that fits a session. Nothing here is ever written, shown or logged: `repr` hides it.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wireproof.decrypt.keys.premasters import Premasters

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey


class KeyKind(enum.StrEnum):
    """What a source of keys is."""

    KEY_LOG = "key log"
    PRIVATE_KEY = "private key"


@dataclass(slots=True)
class Secret:
    """A secret's bytes and the name of the file or block that it comes from."""

    value: bytes = field(repr=False)
    source: str


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """An RSA private key. `modulus` tells whether a certificate belongs to it; `source` names the file."""

    modulus: int = field(repr=False)
    source: str
    key: RSAPrivateKey = field(repr=False)


@dataclass(slots=True)
class KeySource:
    """One file or block of keys: `count` keys or secrets in it, `used` sessions that one of them opened, `notes` on what was not understood."""

    name: str
    kind: KeyKind
    count: int = 0
    used: int = 0
    notes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class KeyRing:
    """Every key at hand, whichever file it came from.

    `servers` limits private keys to these (address, port) pairs, addresses of 16 bytes as tables hold them (IPv4 as ::ffff:a.b.c.d);
    empty for all.
    """

    sources: list[KeySource] = field(default_factory=list)
    private_keys: list[PrivateKey] = field(default_factory=list)
    servers: frozenset[tuple[bytes, int]] = frozenset()
    _logs: list[tuple[str, Mapping[tuple[str, bytes], bytes]]] = field(default_factory=list, repr=False)
    _sessions: dict[bytes, Secret] = field(default_factory=dict, repr=False)
    premasters: Premasters = field(default_factory=Premasters, repr=False)

    def __bool__(self) -> bool:
        return bool(self.private_keys or self._logs)

    def add_private_keys(self, source: KeySource, keys: Iterable[RSAPrivateKey]) -> None:
        """Take RSA private keys of one file."""
        self.sources.append(source)
        for key in keys:
            self.private_keys.append(PrivateKey(key.private_numbers().public_numbers.n, source.name, key))

    def add_logged(self, source: KeySource, secrets: Mapping[tuple[str, bytes], bytes]) -> None:
        """Take the secrets of one key log: (label, what it is found by) to its bytes; see `logged`. Of two with one name the first counts."""
        self.sources.append(source)
        if secrets:
            # Logs hold a million lines: they are looked through when asked, not copied.
            self._logs.append((source.name, secrets))

    def logged(self, label: str, found_by: bytes) -> Secret | None:
        """The secret of a label of RFC 9850 section 2 (`CLIENT_RANDOM`, `CLIENT_TRAFFIC_SECRET_0`, ...) by the client's random.

        NSS wrote two more: `RSA` by the first eight bytes of the encrypted premaster secret, `PMS_CLIENT_RANDOM` by the client's random,
        both with the premaster secret as their value; and `RSA Session-ID` by the session id, with the master secret.
        """
        for source, secrets in self._logs:
            value = secrets.get((label, found_by))
            if value is not None:
                return Secret(value, source)
        return None

    def serves(self, address: bytes, port: int) -> bool:
        """Whether private keys may be tried on the server at this address (16 bytes) and port."""
        return not self.servers or (address, port) in self.servers

    def private_key(self, modulus: int) -> PrivateKey | None:
        """The private key of a certificate with this RSA modulus."""
        return next((key for key in self.private_keys if key.modulus == modulus), None)

    def remember(self, master: Secret, *names: bytes) -> None:
        """Keep the master secret of an opened session by its session id and by the tickets that it was given."""
        for name in names:
            if name:
                self._sessions[name] = master

    def remembered(self, name: bytes) -> Secret | None:
        """The master secret of the session with this id or ticket; None when it was not opened."""
        return self._sessions.get(name) if name else None

    def count_use(self, source: str) -> None:
        """A session was opened with a key of this source."""
        for one in self.sources:
            if one.name == source:
                one.used += 1
                break
