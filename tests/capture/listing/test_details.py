"""Trees and dumps beneath records."""

from __future__ import annotations

from tests.support.listings import TSO
from wireproof.capture.listing.details import read_beneath, read_dump

TREE = """Frame: Number = 606233, Captured Frame Length = 161, MediaType = NetEvent
- Ethernet: Etype = Internet IP (IPv4),DestinationAddress:[ 00-50-56-33-22-11],SourceAddress:[ 00-0F-8F-11-22-33]
+ Ipv4: Src = 192.168.1.1, Dest = 192.168.3.10, Next Protocol = TCP, Packet ID = 50541, Total IP Length = 40
"""


def test_a_dump_gives_the_bytes_as_far_as_it_goes() -> None:
    data = read_dump(TSO)
    assert len(data) == 160
    assert data[26:30] == bytes((192, 168, 121, 51))


def test_a_tree_gives_addresses_of_adapters_and_the_identification() -> None:
    found = read_beneath(TREE)
    assert found is not None
    assert (found.number, found.macs, found.ip_id) == (606233, ("00:0f:8f:11:22:33", "00:50:56:33:22:11"), 50541)


def test_prose_holds_no_details() -> None:
    assert read_beneath("At frame #3562, Windows Application server sends a request") is None
