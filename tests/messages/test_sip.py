"""SIP messages of captures: over UDP and TCP in any segments, with gaps, repeats and keep-alives; paired with their requests."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.oracle import tshark_rows
from tests.support.said_over import datagram, handshake, opened, said, segment
from tests.support.telephony import dialog, sdp, sip
from wireproof.conversations import CaptureTables, read_capture
from wireproof.messages.said import Said
from wireproof.messages.sip import SipMessage

ASK = sip("INVITE sip:user2@fabrikam.com SIP/2.0", dialog(), sdp("10.0.0.1", "audio 5004 RTP/AVP 0"))
RING = sip("SIP/2.0 180 Ringing", dialog(answered=True))
TAKE = sip(
    "SIP/2.0 200 OK",
    [*dialog(answered=True), "Server: box", 'ms-client-diagnostics: 51007;reason="x"'],
    sdp("10.0.0.2", "audio 6004 RTP/AVP 0"),
)
PORTS = (5060, 5060)


def messages(tables: CaptureTables) -> list[SipMessage]:
    return list(Said(tables).sip)


def test_a_call_over_udp_with_repeats_and_keep_alives(tmp_path: Path) -> None:
    frames = [
        datagram("client", b"\0\0\0\0", PORTS),
        datagram("client", ASK, PORTS),
        datagram("client", ASK, PORTS),
        datagram("server", b"\r\n" + RING, PORTS),
        datagram("server", TAKE, PORTS),
        datagram("server", TAKE, PORTS),
    ]
    with opened(tmp_path, frames) as tables:
        found = messages(tables)
    assert [(m.row, m.method, m.status, m.repeat) for m in found] == [
        (1, "INVITE", 0, False), (2, "INVITE", 0, True), (3, "INVITE", 180, False), (4, "INVITE", 200, False), (5, "INVITE", 200, True),
    ]  # fmt: skip
    taken = found[3]
    assert (taken.request_row, taken.reason, taken.agent, taken.from_tag, taken.to_tag) == (
        1,
        "OK",
        "box",
        "2cd64ff7dc",
        "fef0c3e438",
    )
    assert taken.sender_tag == "fef0c3e438"
    assert found[0].sender_tag == "2cd64ff7dc"
    assert taken.sdp[0].startswith("v=0")
    assert "audio 6004" in taken.sdp[0]
    assert taken.diagnostics == ('51007;reason="x"',)
    assert taken.wait_ns == taken.time_ns - found[0].time_ns


@pytest.mark.parametrize("size", [7, 100, 1400])
def test_messages_over_tcp_in_segments_of_any_size(tmp_path: Path, size: int) -> None:
    lines = [("client", b"\r\n\r\n"), ("client", ASK), ("server", b"\r\n" + RING + TAKE), ("client", ASK)]
    with opened(tmp_path, said(lines, PORTS, size)) as tables:
        found = messages(tables)
        rows = [tables.packets.length[m.last_row] > 0 for m in found]
    assert [(m.method, m.status, m.cut) for m in found] == [
        ("INVITE", 0, False), ("INVITE", 180, False), ("INVITE", 200, False), ("INVITE", 0, False),
    ]  # fmt: skip
    assert all(rows)
    assert all(m.transport == "tcp" and m.row <= m.last_row for m in found)
    assert found[0].sdp == found[3].sdp
    assert found[2].request_row == found[0].row


def test_a_gap_costs_the_messages_in_it_and_no_others(tmp_path: Path) -> None:
    whole = ASK + RING
    frames = [
        *handshake(ports=PORTS),
        segment("client", 0, ASK, ports=PORTS),
        segment("client", len(ASK) + 50, whole[50:], ports=PORTS),
    ]
    with opened(tmp_path, frames) as tables:
        found = messages(tables)
    assert [(m.method, m.status) for m in found] == [("INVITE", 0), ("INVITE", 180)]


def test_a_body_that_the_capture_lacks_is_marked(tmp_path: Path) -> None:
    frames = [*handshake(ports=PORTS), segment("client", 0, ASK[:-20], ports=PORTS)]
    with opened(tmp_path, frames) as tables:
        assert [m.cut for m in messages(tables)] == [True]
    with opened(tmp_path, [datagram("client", ASK, PORTS)], snap_length=120) as tables:
        assert [m.cut for m in messages(tables)] == [True]


def test_a_stated_length_of_a_gigabyte_is_not_believed(tmp_path: Path) -> None:
    lie = ASK.replace(b"Content-Length: ", b"Content-Length: 99999")
    with opened(tmp_path, said([("client", lie), ("server", TAKE)], PORTS)) as tables:
        assert [(m.status, m.cut) for m in messages(tables)] == [(0, True), (200, False)]


def test_counts_agree_with_tshark(captures: Path, program: Callable[[str], str]) -> None:
    for name in (
        "Wireshark__aaa.pcap",
        "zeek__wireshark.pcap",
        "nDPI__sip_hello.pcapng",
        "suricata__sip-tcp-method_sip-tcp.pcap",
    ):
        path = captures / "sip" / name
        expected = [int(row[0]) for row in tshark_rows(program("tshark"), path, ["frame.number"], "sip")]
        tables = read_capture(path)
        with closing(tables.capture):
            assert [tables.packets.number(m.last_row) for m in messages(tables)] == expected, name
