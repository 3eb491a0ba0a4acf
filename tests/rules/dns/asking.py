"""DNS frames for the tests of this family: queries and answers at given seconds."""

from __future__ import annotations

import struct

from examples.filler import dns_answer, dns_question
from tests.support.files import SECOND, Frame
from tests.support.packets import UDP, Ethernet, IPv4

CLIENT, RESOLVER, SECOND_RESOLVER = "10.1.1.9", "10.1.1.53", "10.1.1.54"
MACS = ("02:00:00:00:00:09", "02:00:00:00:00:53")


def ask(
    time_s: float, name: str, ident: int = 7, server: str = RESOLVER, port: int = 5000, recursive: bool = True
) -> Frame:
    """A query for an address."""
    message = dns_question(ident, name)
    message = message if recursive else message[:2] + b"\0\0" + message[4:]
    return Frame(round(time_s * SECOND), bytes(Ethernet(*MACS, IPv4(CLIENT, server, UDP(port, 53, message)))))


def give(time_s: float, name: str, ident: int = 7, server: str = RESOLVER, port: int = 5000, rcode: int = 0) -> Frame:
    """The answer: one address, or an error code."""
    message = dns_answer(ident, name, "192.0.2.1")
    if rcode:
        message = struct.pack("!6H", ident, 0x8180 | rcode, 1, 0, 0, 0) + dns_question(ident, name)[12:]
    return Frame(round(time_s * SECOND), bytes(Ethernet(*MACS[::-1], IPv4(server, CLIENT, UDP(53, port, message)))))


def both(
    time_s: float, name: str, ident: int, wait_s: float = 0.01, server: str = RESOLVER, rcode: int = 0
) -> list[Frame]:
    """A query and its answer."""
    return [ask(time_s, name, ident, server), give(time_s + wait_s, name, ident, server, rcode=rcode)]


def later(time_s: float) -> Frame:
    """A datagram of another kind, to make the capture go on until then."""
    return Frame(round(time_s * SECOND), bytes(Ethernet(*MACS, IPv4(CLIENT, "10.1.1.77", UDP(514, 514, b"log")))))
