"""Healthy everyday traffic around the frames of a story, so that these get the frame numbers they had in the field.

Takes a listing (number, time, bytes) and the host where the capture was taken; gives all frames from number 1 on.
Every filler exchange is complete and answered within milliseconds, and is no part of the story's conversations.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from examples.files import SECOND, Frame
from examples.packets import (
    TCP,
    UDP,
    Ethernet,
    IPv4,
    Upper,
    arp_reply,
    arp_request,
    echo,
    mss,
    pack_address,
    sack_permitted,
)

STEP_NS = 180_000
"""Time between two frames of one filler exchange."""


class Listed(NamedTuple):
    """One frame of a story: the number it has in the capture, its time, and its bytes."""

    number: int
    time_ns: int
    data: bytes


def dns_question(ident: int, name: str, kind: int = 1) -> bytes:
    """A DNS query for one name (kind 1: A, 28: AAAA)."""
    labels = b"".join(bytes((len(label),)) + label.encode() for label in name.split("."))
    return struct.pack("!6H", ident, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!HH", kind, 1)


def dns_answer(ident: int, name: str, address: str) -> bytes:
    """The answer with one address."""
    data = pack_address(address)
    kind = 1 if len(data) == 4 else 28
    record = struct.pack("!HHHIH", 0xC00C, kind, 1, 300, len(data)) + data
    return struct.pack("!6H", ident, 0x8580, 1, 1, 0, 0) + dns_question(ident, name, kind)[12:] + record


@dataclass(frozen=True, slots=True)
class Station:
    """A host as its own link sees it: address, MAC, and the time to live its packets have here."""

    address: str
    mac: str
    ttl: int = 128


@dataclass(slots=True)
class Neighbourhood:
    """The host where a capture was taken and the healthy hosts it talks to; no exchange is like another."""

    here: Station
    peers: tuple[Station, ...]
    turn: int = 0
    idents: dict[str, int] = field(default_factory=dict)

    def exchange(self, room: int) -> list[bytes]:
        """The next exchange of at most `room` frames: TCP (10), DNS, echo or ARP (2), or one log datagram (1)."""
        self.turn += 1
        peer = self.peers[self.turn % len(self.peers)]
        if room >= 10 and self.turn % 3:
            frames = self._web_request(peer)
        elif room < 2:
            frames = [self._send(self.here, peer, UDP(514, 514, b"<14>agent: turn %d" % self._drawn("log")))]
        elif self.turn % 40 == 0:
            ask, answer = arp_request(self.here.mac, self.here.address, peer.address), self._arp_answer(peer)
            frames = [ask, answer]
        elif self.turn % 3 == 1:
            ident = self._drawn("echo", 65536)
            frames = self._pair(peer, echo(ident, self.turn % 65536), echo(ident, self.turn % 65536, reply=True))
        else:
            frames = self._name_lookup(peer)
        return [bytes(frame) for frame in frames]

    def _drawn(self, what: str, below: int = 1 << 32) -> int:
        """A number as random as a stack's, yet the same in every build: no two hosts and turns share one."""
        return zlib.crc32(f"{self.here.address} {self.here.mac} {self.turn} {what}".encode()) % below

    def _arp_answer(self, peer: Station) -> Ethernet:
        return arp_reply(peer.mac, peer.address, self.here.mac, self.here.address)

    def _send(self, source: Station, target: Station, upper: Upper) -> Ethernet:
        ident = self.idents[source.address] = (self.idents.get(source.address, len(source.address) * 977) + 1) % 65536
        packet = IPv4(source.address, target.address, upper, ttl=source.ttl, ident=ident)
        return Ethernet(source.mac, target.mac, packet, padded=source is not self.here)

    def _pair(self, peer: Station, question: Upper, answer: Upper) -> list[Ethernet]:
        return [self._send(self.here, peer, question), self._send(peer, self.here, answer)]

    def _name_lookup(self, peer: Station) -> list[Ethernet]:
        port, name = 50000 + self.turn % 15000, f"h{self._drawn('name', 1000):03d}.corp"
        ident = self._drawn("ident", 65536)
        question = dns_question(ident, name)
        answer = dns_answer(ident, name, f"10.9.8.{self.turn % 250}")
        return self._pair(peer, UDP(port, 53, question), UDP(53, port, answer))

    def _web_request(self, peer: Station) -> list[Ethernet]:
        port, mine, theirs = 30000 + self.turn % 19000, self._drawn("mine"), self._drawn("theirs")
        ask, give = (
            b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n" % self._drawn("page", 100000),
            b"HTTP/1.1 204 No Content\r\n\r\n",
        )
        offer = mss(1460) + sack_permitted()
        asked, given = mine + 1 + len(ask), theirs + 1 + len(give)

        def up(seq: int, ack: int, flags: str, options: bytes = b"", payload: bytes = b"") -> Ethernet:
            return self._send(self.here, peer, TCP(port, 8080, seq, ack, flags, 64240, options, payload))

        def down(seq: int, ack: int, flags: str, options: bytes = b"", payload: bytes = b"") -> Ethernet:
            return self._send(peer, self.here, TCP(8080, port, seq, ack, flags, 64240, options, payload))

        return [
            up(mine, 0, "S", offer),
            down(theirs, mine + 1, "SA", offer),
            up(mine + 1, theirs + 1, "A"),
            up(mine + 1, theirs + 1, "PA", b"", ask),
            down(theirs + 1, asked, "PA", b"", give),
            up(asked, given, "FA"),
            down(given, asked + 1, "A"),
            down(given, asked + 1, "FA"),
            up(asked + 1, given + 1, "A"),
        ]


def fill_gap(hood: Neighbourhood, slots: int, start_ns: int, end_ns: int, first: int = 1) -> Iterator[Frame]:
    """Exactly `slots` frames of healthy exchanges spread evenly over a time; with `first` 0 from `start_ns` on."""
    exchanges = []
    while slots:
        exchanges.append(hood.exchange(slots))
        slots -= len(exchanges[-1])
    pause = (end_ns - start_ns) // (len(exchanges) + 1)
    for turn, exchange in enumerate(exchanges, start=first):
        step = min(STEP_NS, pause // (len(exchange) + 1))
        for place, data in enumerate(exchange):
            yield Frame(start_ns + turn * pause + place * step, data)


def number_frames(story: Iterable[Listed], hood: Neighbourhood, start_ns: int, tail: int = 40) -> list[Frame]:
    """All frames of a capture that starts at `start_ns`, filled so that every frame of the story has its number.

    After the last one follow `tail` filler frames within four seconds.
    """
    frames: list[Frame] = []
    last_ns = start_ns
    for listed in sorted(story):
        slots = listed.number - 1 - len(frames)
        frames.extend(fill_gap(hood, slots, last_ns, listed.time_ns, first=1 if frames else 0))
        if len(frames) != listed.number - 1:
            raise ValueError(f"frame number {listed.number} is given twice")
        frames.append(Frame(listed.time_ns, listed.data))
        last_ns = listed.time_ns
    frames.extend(fill_gap(hood, tail, last_ns, last_ns + 4 * SECOND))
    return frames
