"""The table of IKE messages: sides, ports, repeats, the peer's Windows version, and counts against tshark."""

from __future__ import annotations

import shutil
import struct
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from tests.support.files import Frame, write_pcap
from tests.support.ike import (
    AES_256,
    COOKIE_I,
    MAIN,
    MAMIE,
    NO_COOKIE,
    NOTIFY,
    QUICK,
    VID,
    at,
    authip,
    datagram,
    notify_status,
    proposal_v1,
    sealed,
    vendor,
)
from tests.support.packets import UDP, Ethernet, IPv4, fragment_v4
from wireproof.conversations import read_capture
from wireproof.messages.ike import IkeMessage
from wireproof.messages.said import Said

MARKER = bytes(4)


def messages(folder: Path, frames: list[Frame]) -> list[IkeMessage]:
    tables = read_capture(write_pcap(folder / "ike.pcap", frames))
    found = list(Said(tables).ike)
    tables.capture.close()
    return found


def first_message() -> bytes:
    return authip(MAIN, [proposal_v1([AES_256]), vendor(9), (VID, MAMIE)], cookies=(COOKIE_I, NO_COOKIE))


def test_a_main_mode_of_authip_tells_who_speaks_and_which_windows_it_is(tmp_path: Path) -> None:
    answer = authip(MAIN, [proposal_v1([AES_256]), vendor(8)])
    [asked, told] = messages(tmp_path, at((0, datagram(first_message())), (0.03, datagram(answer, "server"))))
    assert (asked.from_initiator, told.from_initiator, told.is_response) == (True, False, True)
    assert (asked.windows_build, asked.windows) == (9, "Windows 8 / Server 2012 or later")
    assert told.windows == "Windows Server 2008 R2"
    assert asked.proposals == ("AES-CBC-256/SHA2-256/ECP-384/RSA signature",)
    assert "MS-MamieExists" in asked.vendors


def test_a_windows_error_has_its_name(tmp_path: Path) -> None:
    [message] = messages(tmp_path, at((0, datagram(authip(NOTIFY, [notify_status(0x3619)])))))
    assert (message.protocol, message.error, message.error_name) == ("authip", 13849, "ERROR_IPSEC_IKE_POLICY_CHANGE")


def test_behind_a_nat_the_marker_tells_ike_from_esp_and_keep_alives(tmp_path: Path) -> None:
    esp = struct.pack("!II", 0xC0FFEE, 1) + bytes(60)
    frames = at(
        (0, datagram(MARKER + sealed(QUICK), port=4500)),
        (1, datagram(esp, port=4500)),
        (2, datagram(b"\xff", port=4500)),
    )
    [message] = messages(tmp_path, frames)
    assert (message.encapsulated, message.exchange_name, message.row) == (True, "quick mode", 0)


def test_the_same_bytes_again_are_a_repeat(tmp_path: Path) -> None:
    frames = at(*((time_s, datagram(first_message())) for time_s in (0, 2, 6)))
    assert [message.repeat for message in messages(tmp_path, frames)] == [False, True, True]


def test_a_message_in_fragments_is_one_message(tmp_path: Path) -> None:
    data = authip(MAIN, [(VID, bytes(2500))])
    pieces = fragment_v4(IPv4("10.1.1.9", "131.107.0.2", UDP(500, 500, data)), 1480)
    frames = at(
        *(
            (place, bytes(Ethernet("02:00:00:00:00:01", "02:00:00:00:00:02", piece)))
            for place, piece in enumerate(pieces)
        )
    )
    [message] = messages(tmp_path, frames)
    assert (message.length, message.cut) == (len(data), False)


def test_what_is_no_ike_on_its_port_is_left_out(tmp_path: Path) -> None:
    assert messages(tmp_path, at((0, datagram(bytes(80))), (1, datagram(b"GET / HTTP/1.1\r\n\r\n" * 4)))) == []


def tshark_counts(path: Path) -> Counter[tuple[int, int]]:
    """(frame, exchange type) of every message that tshark finds."""
    fields = ["-T", "fields", "-e", "frame.number", "-e", "isakmp.exchangetype", "-E", "occurrence=f"]
    told = subprocess.run(
        ["tshark", "-r", path, "-Y", "isakmp && !icmp", *fields], capture_output=True, text=True, check=True
    )
    rows = [line.split("\t") for line in told.stdout.splitlines()]
    return Counter((int(frame), int(kind)) for frame, kind in rows if kind)


@pytest.mark.parametrize(
    "name",
    [
        "Wireshark__test1.pcap",
        "scapy__ikev2_nat_t.pcapng",
        "tcpdump__isakmp4500.pcap",
        "wireshark-4.0.17-src__ikev1-certs.pcap",
        "wireshark-4.0.17-src__ikev1-bug-12620.pcapng.gz",
    ],
)
def test_tshark_finds_the_same_messages_in_the_same_frames(captures: Path, name: str) -> None:
    if not shutil.which("tshark"):
        pytest.skip("tshark is not installed")
    tables = read_capture(captures / "ike-esp" / name)
    ours = Counter((tables.packets.number(message.row), message.exchange) for message in Said(tables).ike)
    tables.capture.close()
    assert ours == tshark_counts(captures / "ike-esp" / name)
