"""Numbers that records leave out."""

from __future__ import annotations

from tests.support.listed import packets_of
from wireproof.capture.listing.connections import make_connections
from wireproof.capture.listing.flows import settle, settle_scales
from wireproof.capture.listing.packet import Packet
from wireproof.capture.listing.ties import tie_messages


def settled(*lines: str) -> list[tuple[int, int, int | None]]:
    """(sequence number, acknowledgment, bytes) of each packet, counted from the initial numbers."""
    packets = _settle(*lines)
    (connection,) = make_connections(packets)
    return [
        (
            (p.seq or 0) - connection.bases[p.side],
            ((p.ack or connection.bases[1 - p.side]) - connection.bases[1 - p.side]),
            p.payload,
        )
        for p in packets
    ]


def _settle(*lines: str) -> list[Packet]:
    packets = packets_of(*lines)
    tie_messages(packets)
    connections = make_connections(packets)
    settle_scales(connections, has_length=False)
    for connection in connections:
        settle(connection)
    return packets


OPENING = (
    "TCP 1099 > 80 [SYN] Seq=0 Win=65535 Len=0 MSS=1460",
    "TCP 80 > 1099 [SYN, ACK] Seq=0 Ack=1 Win=16384 Len=0 MSS=1460",
)


def test_lengths_lie_between_acknowledgments_and_blocks_and_repeats_fill_the_first_gap() -> None:
    rows = settled(
        *OPENING,
        "HTTP CCM_POST /ccm_system/request HTTP/1.1",
        "HTTP Continuation or non-HTTP traffic",
        "HTTP Continuation or non-HTTP traffic",
        "TCP 80 > 1099 [ACK] Seq=1 Ack=282 Win=65254 Len=0 SLE=1742 SRE=2328",
        "HTTP [TCP Retransmission] Continuation or non-HTTP traffic",
    )
    assert rows[2:] == [(1, 1, 281), (282, 1, 1460), (1742, 1, 586), (1, 282, 0), (282, 1, 1460)]


def test_a_gap_before_a_message_is_left_open() -> None:
    rows = settled(
        *OPENING,
        "HTTP CCM_POST /ccm_system/request HTTP/1.1",
        "HTTP [TCP Previous segment lost] Continuation or non-HTTP traffic",
        "TCP 80 > 1099 [ACK] Seq=1 Ack=282 Win=65254 Len=0 SLE=1742 SRE=2328",
    )
    assert rows[2:4] == [(1, 1, 281), (1742, 1, 586)]


def test_nothing_is_acknowledged_that_its_sender_repeats_later() -> None:
    rows = settled(*OPENING, "HTTP GET / HTTP/1.1", "<HTTP HTTP/1.1 200 OK", "HTTP [TCP Retransmission] GET / HTTP/1.1")
    assert rows[3][1] == 1


def test_windows_are_scaled_down_where_both_sides_scale() -> None:
    packets = _settle(
        "TCP 59327 > 80 [SYN] Seq=0 Win=8192 Len=0 MSS=1460 WS=256",
        "TCP 80 > 59327 [SYN, ACK] Seq=0 Ack=1 Win=8192 Len=0 MSS=1460 WS=256",
        "TCP 59327 > 80 [ACK] Seq=1 Ack=1 Win=66048 Len=0",
    )
    assert [packet.window for packet in packets] == [8192, 8192, 258]
