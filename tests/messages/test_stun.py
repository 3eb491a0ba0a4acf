"""STUN messages of captures: over UDP, over TCP in every framing, behind Lync's made-up hello; paired with their requests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.oracle import tshark_rows
from tests.support.said_over import datagram, opened, said
from tests.support.telephony import (
    ALLOCATE,
    BINDING,
    DATA,
    ERROR,
    INDICATION,
    SUCCESS,
    check,
    error_code,
    lync_frame,
    lync_stun,
    plain_address,
    pseudo_client_hello,
    pseudo_server_hello,
    stun,
    transaction_of,
    xor_address,
)
from wireproof.conversations import CaptureTables, read_capture
from wireproof.messages.said import Said
from wireproof.messages.stun import StunMessage, find_pseudo_tls

PORTS = (50020, 3478)
ASK = stun(ALLOCATE, [], "one")
DENY = stun(ALLOCATE | ERROR, [error_code(401, "Unauthorized"), (0x0014, b"example.org")], "one")
GIVE = stun(ALLOCATE | SUCCESS, [(0x0016, xor_address(("192.0.2.7", 60001), transaction_of("one")))], "one")


def messages(tables: CaptureTables) -> list[StunMessage]:
    return list(Said(tables).stun)


def test_requests_and_their_answers_over_udp(tmp_path: Path) -> None:
    frames = [datagram(by, data, PORTS) for by, data in (("client", ASK), ("client", ASK), ("server", DENY))]
    with opened(tmp_path, frames) as tables:
        first, again, answer = messages(tables)
    assert (first.method, first.kind, first.repeat, again.repeat) == ("Allocate", "request", False, True)
    assert (answer.kind, answer.error, answer.realm, answer.request_row) == ("error", 401, "example.org", 0)
    assert answer.wait_ns == answer.time_ns - again.time_ns


def test_media_between_messages_is_left_out(tmp_path: Path) -> None:
    inside = stun(
        DATA | INDICATION,
        [(0x0013, check("inner")), (0x0012, xor_address(("10.0.0.9", 5000), transaction_of("d")))],
        "d",
    )
    frames = [
        datagram("client", data, PORTS)
        for data in (check("one"), b"\x80\x60" + b"r" * 170, b"\x40\x00\x00\x04abcd", inside)
    ]
    with opened(tmp_path, frames) as tables:
        found = messages(tables)
    assert [(m.row, m.check, m.peer, m.inner) for m in found] == [
        (0, True, "", ""),
        (3, False, "10.0.0.9:5000", "Binding request"),
    ]


@pytest.mark.parametrize("size", [9, 1400])
@pytest.mark.parametrize("framing", ["plain", "length", "microsoft"])
def test_over_tcp_in_every_framing(tmp_path: Path, framing: str, size: int) -> None:
    frame: dict[str, Callable[[bytes], bytes]] = {
        "plain": lambda data: data,
        "length": lambda data: len(data).to_bytes(2, "big") + data,
        "microsoft": lync_frame,
    }
    ask = lync_stun(0x0003, [(0x0006, b"user")], "one") if framing == "microsoft" else ASK
    lines = [
        ("client", frame[framing](ask)),
        ("server", frame[framing](GIVE)),
        ("client", frame[framing](check("two"))),
    ]
    with opened(tmp_path, said(lines, PORTS, size)) as tables:
        found = messages(tables)
    assert [(m.transport, m.method, m.kind) for m in found] == [
        ("tcp", "Allocate", "request"), ("tcp", "Allocate", "success"), ("tcp", "Binding", "request"),
    ]  # fmt: skip
    assert found[1].relayed == "192.0.2.7:60001"


def test_channel_data_between_messages_of_a_stream(tmp_path: Path) -> None:
    lines = [("client", ASK + b"\x40\x01\x00\x06media!\0\0" + check("two"))]
    with opened(tmp_path, said(lines, PORTS)) as tables:
        assert [m.method for m in messages(tables)] == ["Allocate", "Binding"]


def test_behind_the_made_up_hello_of_lync(tmp_path: Path) -> None:
    given = lync_stun(0x0103, [(0x0001, plain_address(("2.2.2.2", 58138)))], "a")
    lines = [
        ("client", pseudo_client_hello()),
        ("server", pseudo_server_hello()),
        ("client", lync_frame(lync_stun(0x0003, [], "a", 120))),
        ("server", lync_frame(given) + lync_frame(b"media" * 9, control=False)),
    ]
    with opened(tmp_path, said(lines, (50020, 443))) as tables:
        found = messages(tables)
        assert find_pseudo_tls(tables, Said(tables).protocols).tolist() == [0]
    assert [(m.transport, m.kind, m.microsoft, m.relayed) for m in found] == [
        ("pseudo-tls", "request", True, ""), ("pseudo-tls", "success", True, "2.2.2.2:58138"),
    ]  # fmt: skip


def test_real_tls_is_not_taken_for_it(tmp_path: Path) -> None:
    hello = b"\x16\x03\x01\x00\x2e\x01\x00\x00\x2a\x03\x03" + b"r" * 40
    with opened(tmp_path, said([("client", hello)], (50020, 443))) as tables:
        assert messages(tables) == []


def test_counts_agree_with_tshark(captures: Path, program: Callable[[str], str]) -> None:
    classes = {"request": 0, "indication": 1, "success": 0x10, "error": 0x11}
    for name in (
        "nDPI__stun_dtls_rtp.pcapng",
        "nDPI__stun_google_meet.pcapng",
        "nDPI__stun_tcp_multiple_msgs_same_pkt.pcap",
        "zeek__webrtc-stun.pcap",
    ):
        path = captures / "ice-stun-turn" / name
        rows = tshark_rows(program("tshark"), path, ["stun.type.class"], "stun.type", "a")
        expected = Counter(int(value, 16) for row in rows for value in row[0].split(","))
        tables = read_capture(path)
        with closing(tables.capture):
            assert Counter(classes[m.kind] for m in messages(tables)) == expected, name
    assert BINDING | SUCCESS == 0x101
