"""QUIC connections sealed by hand, opened; and captures of others, frame by frame as tshark shows them."""

from __future__ import annotations

import contextlib
import json
import random
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.dtls_lab import in_frames
from tests.support.opened import ring_of
from tests.support.quic_lab import AES128, AES256, CHACHA, V1, V2, QuicLab, Said, stream
from tests.support.said_over import opened as reading
from wireproof.conversations import CaptureTables, read_capture
from wireproof.decrypt.clear import ClearQuic
from wireproof.decrypt.keys.ring import KeyRing
from wireproof.decrypt.outcome import Outcome, Reason, Status
from wireproof.decrypt.quic.sessions import find_quic, open_quic
from wireproof.streams import find_protocols

REQUEST, ANSWER = b"what is asked " * 30, b"what is answered " * 200


def open_all(tables: CaptureTables, ring: KeyRing) -> tuple[dict[int, ClearQuic], list[Outcome]]:
    """Every QUIC conversation of a capture."""
    return open_quic(tables, find_quic(find_protocols(tables.conversations)), ring)


def open_sent(folder: Path, sent: list[Said], *keys: bytes) -> tuple[ClearQuic | None, Outcome]:
    """The one conversation that these datagrams are."""
    with reading(folder, in_frames(sent, server_port=443)) as tables:
        found, outcomes = open_all(tables, ring_of(*keys))
    assert len(outcomes) == 1
    return next(iter(found.values()), None), outcomes[0]


def spoken(suite: int = AES128, version: int = V1) -> QuicLab:
    """A connection with a request and an answer in five packets."""
    lab = QuicLab(suite, version)
    lab.shake()
    lab.say("client", stream(0, REQUEST, last=True))
    for at in range(0, len(ANSWER), 700):
        lab.say("server", stream(0, ANSWER[at : at + 700], at, at + 700 >= len(ANSWER)))
    return lab


def said(clear: ClearQuic | None, number: int = 0) -> tuple[bytes, bytes]:
    """What both sides said in a stream; the client is side 0."""
    assert clear is not None
    return clear.streams[number, 0].data, clear.streams[number, 1].data


@pytest.mark.parametrize("suite", [AES128, AES256, CHACHA])
@pytest.mark.parametrize("version", [V1, V2])
def test_streams_are_read_in_each_version_and_suite(tmp_path: Path, suite: int, version: int) -> None:
    lab = spoken(suite, version)
    clear, outcome = open_sent(tmp_path, lab.sent, lab.key_log)
    assert said(clear) == (REQUEST, ANSWER)
    assert clear is not None
    assert clear.streams[0, 0].whole
    assert clear.streams[0, 1].whole
    assert (outcome.status, outcome.suite, outcome.server_name) == (Status.DECRYPTED, suite, "example.org")
    assert (outcome.records, outcome.octets, outcome.unread) == (6, len(REQUEST) + len(ANSWER), 0)


@pytest.mark.parametrize("seed", range(8))
def test_order_and_copies_of_packets_do_not_matter(tmp_path: Path, seed: int) -> None:
    lab, chance = spoken(), random.Random(seed)
    mixed = lab.sent[:1] + chance.sample(lab.sent[1:], len(lab.sent) - 1) + chance.sample(lab.sent, 3)
    clear, outcome = open_sent(tmp_path, mixed, lab.key_log)
    assert said(clear) == (REQUEST, ANSWER)
    assert outcome.unread == 0


def test_a_lost_packet_leaves_a_gap_in_its_stream(tmp_path: Path) -> None:
    lab = spoken()
    clear, outcome = open_sent(tmp_path, lab.sent[:5] + lab.sent[6:], lab.key_log)
    assert clear is not None
    answer = clear.streams[0, 1]
    assert (answer.data, answer.read(1400, 5000), answer.next_after(700)) == (ANSWER[:700], ANSWER[1400:], 1400)
    assert (answer.whole, answer.final, outcome.status) == (False, len(ANSWER), Status.DECRYPTED)


def test_keys_are_updated_and_late_packets_of_the_old_ones_open(tmp_path: Path) -> None:
    lab = spoken()
    late = lab.packet("server", "1rtt", stream(3, b"late"))
    for phase in (1, 0, 1):
        lab.update("server")
        lab.say("server", stream(3, b"generation", offset=4 + 10 * len(lab.sent)), phase)
        if late:
            lab.send("server", late)
            late = b""
    clear, outcome = open_sent(tmp_path, lab.sent, lab.key_log)
    assert clear is not None
    assert clear.streams[3, 1].data == b"late"
    assert (outcome.unread, outcome.records) == (0, 10)


def test_unreliable_datagrams_resets_and_closes_are_kept(tmp_path: Path) -> None:
    lab = spoken()
    lab.say("client", b"\x31\x05hello" + b"\x04\x04\x40\x99\x05")
    lab.say("server", b"\x1d\x41\x00\x04done")
    clear, _ = open_sent(tmp_path, lab.sent, lab.key_log)
    assert clear is not None
    rows = len(lab.sent)
    assert clear.messages == [(rows - 2, 0, b"hello")]
    assert clear.closes == [(rows - 1, 1, 0x100, "done")]
    assert clear.streams[4, 0].reset


def test_without_its_secrets_a_connection_stays_closed_and_says_why(tmp_path: Path) -> None:
    lab = spoken()
    only = [line for line in lab.key_log.split(b"\n") if b"HANDSHAKE" in line]
    wrong = lab.key_log.replace(b"03" * 32, b"05" * 32).replace(b"04" * 32, b"06" * 32)
    wrong = wrong.replace(b"01" * 32, b"07" * 32).replace(b"02" * 32, b"08" * 32)
    cases = [
        (lab.sent, b"", Status.CLOSED, Reason.FORWARD_SECRECY),
        (lab.sent, wrong, Status.CLOSED, Reason.WRONG_SECRET),
        (lab.sent, b"\n".join(only), Status.PARTLY, Reason.FORWARD_SECRECY),
        (lab.sent[1:], lab.key_log, Status.CLOSED, Reason.NO_HANDSHAKE),
        (lab.sent[:1], lab.key_log, Status.CLOSED, Reason.NOT_FINISHED),
    ]
    for sent, keys, status, reason in cases:
        _, outcome = open_sent(tmp_path, sent, keys)
        assert (outcome.status, outcome.reason) == (status, reason)
        assert outcome.text


def test_a_connection_whose_server_hello_is_missing_opens(tmp_path: Path) -> None:
    lab = spoken(CHACHA)
    clear, outcome = open_sent(tmp_path, lab.sent[:1] + lab.sent[2:], lab.key_log)
    assert said(clear) == (REQUEST, ANSWER)
    assert outcome.suite == -1


def test_a_damaged_packet_is_counted_and_the_others_open(tmp_path: Path) -> None:
    lab = spoken()
    by, data = lab.sent[5]
    clear, outcome = open_sent(
        tmp_path, [*lab.sent[:5], (by, data[:-1] + bytes([data[-1] ^ 1])), *lab.sent[6:]], lab.key_log
    )
    assert clear is not None
    assert clear.streams[0, 0].whole
    assert (outcome.status, outcome.reason, outcome.unread, outcome.reason_row) == (
        Status.PARTLY,
        Reason.TAMPERED,
        1,
        5,
    )


# --- captures of others ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "nDPI__doq.pcapng",
        "nDPI__quic-33.pcapng",
        "nDPI__quic-v2.pcapng",
        "wireshark-4.0.17-src__quic_follow_multistream.pcapng",
    ],
)
def test_other_peoples_captures_open_as_in_tshark(name: str, captures: Path, program: Callable[[str], str]) -> None:
    path = captures / "tls-keys" / name
    tables = read_capture(path)
    with contextlib.closing(tables.capture):
        found, outcomes = open_all(tables, ring_of(*(data for _, data in tables.capture.secrets)))
    assert [one.status for one in outcomes] == [Status.DECRYPTED]
    (clear,) = found.values()
    seen = set()
    for row, number, offset, data in shown_by_tshark(program("tshark"), path):
        side = int(tables.packets.direction[row])
        assert clear.streams[number, side].read(offset, len(data)) == data
        seen.add((number, side))
    assert seen == set(clear.streams)


def shown_by_tshark(tshark: str, path: Path) -> list[tuple[int, int, int, bytes]]:
    """Row, stream, offset and bytes of each STREAM frame; those without bytes are left out."""
    names = ("frame.number", "quic.stream.stream_id", "quic.stream.off", "quic.stream.offset", "quic.stream_data")
    fields = [word for name in names for word in ("-e", name)]
    command = [tshark, "-r", str(path), "-Y", "quic.stream.stream_id", "-T", "json", *fields]
    found = []
    for packet in json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout):
        shown = packet["_source"]["layers"]
        offsets = iter(shown.get("quic.stream.offset", ()))
        pieces = zip(shown["quic.stream.stream_id"], shown["quic.stream.off"], shown["quic.stream_data"], strict=True)
        for number, has_offset, data in pieces:
            offset = int(next(offsets)) if has_offset in ("1", "True", True) else 0
            if data != "<MISSING>":
                found.append((int(shown["frame.number"][0]) - 1, int(number), offset, bytes.fromhex(data)))
    return found
