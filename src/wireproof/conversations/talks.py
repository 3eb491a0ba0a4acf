"""Conversations: the facts of each, and the rows of each on request.

Takes the compiled pass' records; gives columns over all conversations, one `Talk` view a conversation, and packet rows
grouped by conversation. Judges nothing.
"""

from __future__ import annotations

import functools
import ipaddress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wireproof.conversations._track import group_rows
from wireproof.conversations.facts import FACTS_DTYPE
from wireproof.table.packets import PacketTable

PROTOCOL_NAMES = {1: "icmp", 6: "tcp", 17: "udp", 41: "ipv6", 47: "gre", 50: "esp", 51: "ah", 58: "icmpv6", 132: "sctp"}


def read_address(raw: bytes) -> str:
    """The text of a 16-byte address; ::ffff:a.b.c.d is IPv4."""
    if raw[:12] == b"\0\0\0\0\0\0\0\0\0\0\xff\xff":
        return ".".join(map(str, raw[12:]))
    return str(ipaddress.IPv6Address(raw))


def endpoint(address: str, port: int) -> str:
    """`address:port`, IPv6 in brackets (RFC 5952 section 6)."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


class Conversations:
    """All conversations of one capture. `facts` has one FACTS_DTYPE record each; side 0 sent the first packet seen."""

    def __init__(self, packets: PacketTable, records: bytearray | memoryview) -> None:
        """Take over writable `records` as they are; they are the largest thing after the packets, so nothing is copied."""
        self.packets = packets
        self.facts: NDArray[Any] = np.frombuffer(records, FACTS_DTYPE)
        self._side_facts: dict[str, NDArray[Any]] = {}
        self._guess_clients()

    def __len__(self) -> int:
        return len(self.facts)

    def _guess_clients(self) -> None:
        """Where no SYN tells the client: the side whose port is not a service's, else the one that spoke first."""
        unknown = np.flatnonzero((self.facts["client_known"] == 0) & (self.is_tcp | (self.facts["protocol"] == 17)))
        ports = self.facts["sides"]["port"][unknown]
        served = np.where(ports < 1024, 2, np.where(ports < 32768, 1, 0))
        told = served[:, 0] != served[:, 1]
        self.facts["client"][unknown[told]] = np.where(served[told, 0] > served[told, 1], 1, 0)
        self.facts["client_known"][unknown[told]] = 1

    def swap_clients(self, numbers: NDArray[np.int64]) -> None:
        """Take the other side for the client of these conversations: another capture point saw who opened them."""
        self.facts["client"][numbers] = 1 - self.facts["client"][numbers]
        self.facts["client_known"][numbers] = 2
        for name in ("client_facts", "server_facts"):
            self.__dict__.pop(name, None)

    @functools.cached_property
    def client_facts(self) -> NDArray[Any]:
        """Side facts of each conversation's client, one record a conversation."""
        return np.asarray(self.facts["sides"][np.arange(len(self.facts)), self.facts["client"]])

    @functools.cached_property
    def server_facts(self) -> NDArray[Any]:
        """Side facts of each conversation's server."""
        return np.asarray(self.facts["sides"][np.arange(len(self.facts)), 1 - self.facts["client"]])

    def side_facts(self, name: str) -> NDArray[Any]:
        """One side fact of all conversations, shape (conversations, 2), read-only.

        A copy that is made once: records lie half a kilobyte apart, so each look at a field of all of them would go through
        all memory that they take.
        """
        if name not in self._side_facts:
            column = np.ascontiguousarray(self.facts["sides"][name])
            column.flags.writeable = False
            self._side_facts[name] = column
        return self._side_facts[name]

    @functools.cached_property
    def is_tcp(self) -> NDArray[np.bool_]:
        """Which conversations are TCP."""
        return np.asarray(self.facts["protocol"] == 6)

    @functools.cached_property
    def _grouped(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Rows ordered by conversation, and where each conversation's rows start."""
        packets = self.packets
        order, starts = np.empty(packets.count, np.int64), np.empty(len(self.facts) + 1, np.int64)
        group_rows(packets.conversation[: packets.count], order, starts)
        if packets.outer:
            # A frame found inside others stands where the one that completed it stands.
            place = np.arange(packets.count)
            place[list(packets.outer)] = list(packets.outer.values())
            order = np.lexsort((np.arange(packets.count), place, packets.conversation[: packets.count]))
        return order, starts

    def rows(self, number: int) -> NDArray[np.int64]:
        """All rows of one conversation in file order, ICMP errors that quote it included."""
        order, starts = self._grouped
        return order[starts[number] : starts[number + 1]]

    def rows_of(self, numbers: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(the rows of each of these conversations, one after the other, as `rows` gives them; how many each has)."""
        order, starts = self._grouped
        counts = starts[numbers + 1] - starts[numbers]
        skipped = starts[numbers] - (np.cumsum(counts) - counts)
        return order[np.arange(int(counts.sum())) + np.repeat(skipped, counts)], counts

    def rows_of_side(self, number: int, side: int) -> NDArray[np.int64]:
        """Rows that one side of a conversation sent."""
        rows = self.rows(number)
        return np.asarray(rows[self.packets.direction[rows] == side])

    def __getitem__(self, number: int) -> Talk:
        if not 0 <= number < len(self.facts):
            raise IndexError(number)
        return Talk(self, int(number))


class Talk:
    """One conversation, as the client and the server see it."""

    __slots__ = ("conversations", "facts", "number")

    def __init__(self, conversations: Conversations, number: int) -> None:
        self.conversations = conversations
        self.number = number
        self.facts = conversations.facts[number]

    @property
    def client_side(self) -> int:
        """The side, 0 or 1, that opened it."""
        return int(self.facts["client"])

    @property
    def client(self) -> Any:
        """Facts of what the client sent."""
        return self.facts["sides"][self.client_side]

    @property
    def server(self) -> Any:
        """Facts of what the server sent."""
        return self.facts["sides"][1 - self.client_side]

    @property
    def protocol(self) -> str:
        """Lower-case protocol name, or its number as text."""
        number = int(self.facts["protocol"])
        return PROTOCOL_NAMES.get(number, str(number))

    def address(self, side: int) -> str:
        """Address of side 0 or 1 as text."""
        return read_address(self.facts["addresses"].tobytes()[16 * side : 16 * side + 16])

    def endpoint(self, side: int) -> str:
        """`address:port` of a side; the bare address for protocols without ports."""
        if self.facts["protocol"] in (6, 17):
            return endpoint(self.address(side), int(self.facts["sides"][side]["port"]))
        return self.address(side)

    @property
    def client_endpoint(self) -> str:
        """`address:port` of the client."""
        return self.endpoint(self.client_side)

    @property
    def server_endpoint(self) -> str:
        """`address:port` of the server."""
        return self.endpoint(1 - self.client_side)

    @property
    def rows(self) -> NDArray[np.int64]:
        """All its rows in file order."""
        return self.conversations.rows(self.number)
