"""What a capture shows of the inside of a DirectAccess tunnel: rows, addresses, router solicitations, with their transport.

Takes a capture as a process sees it; gives rows of IPv6 packets that travel in the tunnel, whether they were found inside others or
come from the tunnel's own interface. Judges nothing.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from wireproof.processes.signs import client_side, is_tunnel_pair
from wireproof.table.schema import LAYERS

if TYPE_CHECKING:
    from wireproof.conversations import Talk
    from wireproof.processes.sight import Sight

ICMPV6 = 58
SOLICITATION, ADVERTISEMENT = 133 << 8, 134 << 8
LOOKED_AT = 1000
"""IPv6 conversations whose addresses are looked at."""
CLIENT_TALKS = 200
CARRIERS = {"Teredo": LAYERS["teredo"], "6to4": LAYERS["ip_in_ip"], "IP-HTTPS": LAYERS["derived"]}


@dataclass(eq=False)
class Tunnel:
    """The inside of one client's tunnel. `connections` are its IP-HTTPS connections, none for other transports."""

    sight: Sight
    connections: Sequence[int]
    transport: str
    alone: bool = True
    """The capture shows no other DirectAccess client."""

    @functools.cached_property
    def rows(self) -> NDArray[np.int64]:
        """Rows of IPv6 packets in the tunnel, in the order of their time."""
        packets = self.sight.packets
        layers, count = packets.layers[: packets.count], packets.count
        carried = layers & np.uint32(CARRIERS.get(self.transport, LAYERS["derived"])) != 0
        is_inner = (layers & np.uint32(LAYERS["ipv6"]) != 0) & (carried | self._on_own_interface(layers))
        if self.transport == "IP-HTTPS":
            is_inner &= layers & np.uint32(LAYERS["teredo"] | LAYERS["ip_in_ip"]) == 0
        rows = np.flatnonzero(is_inner)
        if not self.alone:
            rows = rows[np.isin(self.sight.carrier[rows], np.array(self.connections, np.int64))]
        return np.asarray(rows[np.argsort(packets.time_ns[:count][rows], kind="stable")])

    def _on_own_interface(self, layers: NDArray[np.uint32]) -> NDArray[np.bool_]:
        """Packets of the tunnel's own interface: without a link header, or between addresses that only such a tunnel has."""
        linked = layers & np.uint32(LAYERS["ethernet"] | LAYERS["wlan"] | LAYERS["derived"]) != 0
        conversations = self.sight.conversations
        numbers = np.flatnonzero(conversations.facts["version"] == 6)[:LOOKED_AT].tolist()
        talks = [self.sight.talk(number) for number in numbers]
        paired = [
            talk.number
            for talk in talks
            if is_tunnel_pair(talk.address(self._side(talk)), talk.address(1 - self._side(talk)))
        ]
        return np.asarray(~linked | np.isin(self.sight.packets.conversation[: len(layers)], paired))

    @staticmethod
    def _side(talk: Talk) -> int:
        """The client's side of a conversation, whoever spoke first in the capture."""
        return client_side(talk.address(0), talk.address(1), talk.client_side)

    @property
    def is_seen(self) -> bool:
        """Whether the capture shows anything of the tunnel's inside."""
        return len(self.rows) > 0

    def routers(self, code: int) -> list[int]:
        """Rows of router solicitations or advertisements (RFC 4861) in the tunnel."""
        packets = self.sight.packets
        found = self.rows[(packets.protocol[self.rows] == ICMPV6) & (packets.code[self.rows] & 0xFF00 == code)]
        return [int(row) for row in found]

    @functools.cached_property
    def clients(self) -> tuple[str, ...]:
        """Addresses of the client inside the tunnel, by who began its conversations there."""
        numbers, first = np.unique(self.sight.packets.conversation[self.rows], return_index=True)
        talks = [self.sight.talk(number) for number in numbers[np.argsort(first)].tolist() if number >= 0][
            :CLIENT_TALKS
        ]
        return tuple(dict.fromkeys(talk.address(self._side(talk)) for talk in talks))

    @functools.cached_property
    def server_rows(self) -> list[int]:
        """Rows that came to the client, multicast ones left out."""
        packets, rows = self.sight.packets, self.rows
        back = []
        for row in rows.tolist():
            number = int(packets.conversation[row])
            if number >= 0 and int(packets.direction[row]) != self._side(self.sight.talk(number)):
                back.append(row)
                if len(back) >= 3:
                    break
        return back
