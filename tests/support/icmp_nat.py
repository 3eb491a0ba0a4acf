"""An address translation that knows ICMP: it gives echoes an identifier of its own and rewrites the packet that an error quotes.

A part of a path like those of `middleboxes`.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field, replace

from examples.packets import ICMP, IPv4, internet_checksum
from tests.support.middleboxes import SourceNat
from tests.support.path import Onward, Packet

ERRORS = (3, 11)
ECHOES = (0, 8)


@dataclass(slots=True)
class IcmpNat(SourceNat):
    """Translates TCP and UDP as `SourceNat`, echoes by their identifier, and errors by what they quote."""

    _echoes: dict[tuple[str, bytes], bytes] = field(default_factory=dict)

    def carry(self, packet: Packet, upward: bool, now_ns: int) -> list[Onward]:
        """Translate the source upward and the target downward."""
        upper = packet.upper
        if not isinstance(upper, ICMP) or not isinstance(packet, IPv4):
            return SourceNat.carry(self, packet, upward, now_ns)
        if upper.kind in ECHOES:
            return self._carry_echo(packet, upper, upward)
        return [] if upward or upper.kind not in ERRORS else self._carry_error(packet, upper)

    def _carry_echo(self, packet: IPv4, upper: ICMP, upward: bool) -> list[Onward]:
        identifier, sequence = upper.rest[:2], upper.rest[2:]
        if upward:
            given = struct.pack("!H", 30001 + len(self._echoes))
            given = self._echoes.setdefault((packet.source, identifier), given)
            return [Onward(replace(packet, source=self.outside, upper=replace(upper, rest=given + sequence)), True)]
        for (address, own), given in self._echoes.items():
            if given == identifier:
                return [Onward(replace(packet, target=address, upper=replace(upper, rest=own + sequence)), False)]
        return []

    def _carry_error(self, packet: IPv4, upper: ICMP) -> list[Onward]:
        """The quoted packet left with the outside address; its sender knows it with its own."""
        quote, at = upper.payload, (upper.payload[0] & 0x0F) * 4
        port = int.from_bytes(quote[at : at + 2], "big")
        for (address, own), given in self._out.items():
            if given == port:
                head = quote[:10] + b"\0\0" + bytes(map(int, address.split("."))) + quote[16:at]
                head = head[:10] + struct.pack("!H", internet_checksum(head)) + head[12:]
                quote = head + struct.pack("!H", own) + quote[at + 2 :]
                return [Onward(replace(packet, target=address, upper=replace(upper, payload=quote)), False)]
        return []
