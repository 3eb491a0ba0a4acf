"""The table of IP-HTTPS messages: the POST, its response, and the packets of each direction."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.support.files import write_pcap
from tests.support.iphttps import talk_inner, tunnel
from wireproof.conversations import read_capture
from wireproof.messages.iphttps import IphttpsMessage
from wireproof.messages.said import Said
from wireproof.streams.inside import unpack_inside


def messages(folder: Path, **options: Any) -> list[IphttpsMessage]:
    tables = unpack_inside(read_capture(write_pcap(folder / "t.pcap", tunnel(talk_inner(), **options))))
    found = list(Said(tables).iphttps)
    tables.capture.close()
    return found


def test_request_response_and_packets_both_ways(tmp_path: Path) -> None:
    request, response, *rest = messages(tmp_path)
    assert (request.kind, request.method, request.target, request.host) == (
        "request",
        "POST",
        "/IPHTTPS",
        "uag1.contoso.com:443",
    )
    assert request.content_length == "18446744073709551615"
    assert (response.kind, response.status, response.server) == ("response", 200, "Microsoft-HTTPAPI/2.0")
    client, server = sorted(rest, key=lambda message: message.first_inner)
    assert [client.packets, server.packets] == [5, 3]
    assert client.octets == sum(len(data) for by, data in talk_inner() if by == "client")
    assert (client.suite, client.unread) == (2, "")


def test_inner_rows_are_those_of_the_packet_table(tmp_path: Path) -> None:
    path = write_pcap(tmp_path / "t.pcap", tunnel(talk_inner()))
    tables = unpack_inside(read_capture(path))
    client = next(message for message in Said(tables).iphttps if message.kind == "packets" and message.side == 0)
    assert tables.read_frames([client.first_inner]) == [talk_inner()[0][1]]
    assert tables.packets.outer[client.first_inner] == client.row
    assert tables.packets.outer[client.last_inner] == client.last_row
    tables.capture.close()


def test_an_encrypted_tunnel_has_no_messages(tmp_path: Path) -> None:
    assert messages(tmp_path, suites="AES128-SHA") == []
