"""DTLS conversations of OpenSSL, opened; and captures of others, compared with tshark."""

from __future__ import annotations

import contextlib
import random
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.dtls_lab import (
    DTLS_1_0,
    DTLS_1_2,
    NO_ENCRYPT_THEN_MAC,
    NO_EXTENDED_MASTER,
    DtlsLab,
    Said,
    in_frames,
    load_dtls,
)
from tests.support.keys import private_bytes
from tests.support.opened import ring_of
from tests.support.quic_lab import QuicLab, stream
from tests.support.said_over import opened as reading
from tests.support.tls_handshakes import rsa_key
from wireproof.conversations import CaptureTables, read_capture
from wireproof.decrypt.build import open_tls
from wireproof.decrypt.clear import ClearDatagrams
from wireproof.decrypt.dtls.sessions import find_dtls, open_dtls
from wireproof.decrypt.keys.ring import KeyRing
from wireproof.decrypt.outcome import Outcome, Reason, Status
from wireproof.streams import find_protocols
from wireproof.wire.tls import APPLICATION_DATA

pytestmark = pytest.mark.skipif(load_dtls() is None, reason="no OpenSSL 3 on this machine")
TEXT = b"What is said over datagrams. " * 20


def open_all(tables: CaptureTables, ring: KeyRing) -> tuple[dict[int, ClearDatagrams], list[Outcome]]:
    """Everything in a capture that may be DTLS."""
    return open_dtls(tables, find_dtls(find_protocols(tables.conversations)), ring)


def opened(tables: CaptureTables, ring: KeyRing) -> tuple[ClearDatagrams | None, Outcome]:
    """The first conversation of a capture."""
    found, outcomes = open_all(tables, ring)
    assert len(outcomes) == 1
    return next(iter(found.values()), None), outcomes[0]


def open_sent(folder: Path, sent: list[Said], *keys: bytes) -> tuple[list[Said], Outcome]:
    """Application data that these datagrams hold, in order, and the outcome."""
    with reading(folder, in_frames(sent)) as tables:
        clear, outcome = opened(tables, ring_of(*keys))
    records = clear.datagrams if clear else []
    return [(("client", "server")[one.side], one.data) for one in records if one.kind == APPLICATION_DATA], outcome


def spoken(**setup: object) -> DtlsLab:
    """A conversation with a few words in it."""
    lab = DtlsLab(**setup)  # type: ignore[arg-type]
    for turn in range(3):
        lab.write("client", b"%d %s" % (turn, TEXT))
        lab.write("server", b"%d back" % turn)
    return lab


@pytest.mark.parametrize("version", [DTLS_1_0, DTLS_1_2])
@pytest.mark.parametrize("options", [0, NO_ENCRYPT_THEN_MAC, NO_EXTENDED_MASTER])
def test_rsa_key_exchange_opens_with_the_private_key(tmp_path: Path, version: int, options: int) -> None:
    lab = spoken(suite="AES256-SHA", version=version, options=options)
    said, outcome = open_sent(tmp_path, lab.sent, lab.private_key)
    assert said == lab.said
    assert (outcome.status, outcome.version, outcome.suite) == (Status.DECRYPTED, version, 0x0035)
    assert (outcome.records, outcome.unread, outcome.handshakes) == (6, 0, 1)
    assert outcome.octets == sum(len(data) for _, data in said)


@pytest.mark.parametrize(
    "suite",
    [
        "ECDHE-RSA-AES128-GCM-SHA256",
        "ECDHE-RSA-CHACHA20-POLY1305",
        "ECDHE-RSA-AES256-SHA384",
        "PSK-AES128-CCM8",
        "DHE-RSA-CAMELLIA128-SHA",
        "DHE-RSA-AES256-CCM",
    ],
)
def test_suites_open_with_a_key_log(tmp_path: Path, suite: str) -> None:
    lab = spoken(suite=suite)
    said, outcome = open_sent(tmp_path, lab.sent, lab.key_log)
    assert said == lab.said
    assert outcome.status is Status.DECRYPTED


@pytest.mark.parametrize("cookies", [True, False])
def test_a_handshake_in_small_datagrams_opens(tmp_path: Path, cookies: bool) -> None:
    lab = spoken(mtu=300, cookies=cookies)
    assert open_sent(tmp_path, lab.sent, lab.private_key)[0] == lab.said


@pytest.mark.parametrize("seed", range(12))
def test_order_copies_and_losses_of_datagrams_take_nothing_from_the_others(tmp_path: Path, seed: int) -> None:
    lab, chance = spoken(mtu=300), random.Random(seed)
    sent = list(lab.sent)
    lost = [one for one in sent[-6:] if chance.random() < 0.3]
    sent = [one for one in sent if one not in lost]
    sent += chance.sample(sent, 3)
    # The client greets first; all that follows comes in any order.
    mixed = sent[:1] + chance.sample(sent[1:], len(sent) - 1)
    said, outcome = open_sent(tmp_path, mixed, lab.private_key)
    kept = [words for words, datagram in zip(lab.said, lab.sent[-6:], strict=True) if datagram not in lost]
    assert set(said) == set(kept)
    assert outcome.unread == 0


def test_a_resumed_session_opens_with_what_opened_the_first(tmp_path: Path) -> None:
    lab = spoken(suite="AES128-GCM-SHA256")
    first, lab.sent = lab.sent, []
    lab.connect()
    lab.write("client", b"again")
    frames = in_frames(first) + in_frames(lab.sent, port=40002)
    with reading(tmp_path, frames) as tables:
        found, outcomes = open_all(tables, ring_of(lab.private_key))
    assert [one.status for one in outcomes] == [Status.DECRYPTED] * 2
    assert [one.resumed for one in outcomes] == [False, True]
    assert found[1].datagrams[-1].data == b"again"


def test_renegotiation_inside_opens(tmp_path: Path) -> None:
    lab = spoken(suite="AES128-SHA", options=1 << 8)
    lab.renegotiate()
    lab.write("client", b"behind it")
    said, outcome = open_sent(tmp_path, lab.sent, lab.private_key)
    assert said == lab.said
    assert outcome.handshakes == 2


def test_a_client_that_begins_anew_on_its_port_has_another_association(tmp_path: Path) -> None:
    one, other = spoken(), spoken(cookies=False)
    said, outcome = open_sent(tmp_path, one.sent + other.sent, one.private_key)
    assert said == one.said + other.said
    assert (outcome.status, outcome.handshakes) == (Status.DECRYPTED, 2)


def test_no_key_and_other_keys_are_told_apart(tmp_path: Path) -> None:
    rsa, forward = spoken(), spoken(suite="ECDHE-RSA-AES128-GCM-SHA256")
    stranger = private_bytes(rsa_key(2048, 5))
    cases = [
        (rsa, stranger, Reason.OTHER_KEY),
        (rsa, forward.key_log, Reason.NO_KEY),
        (forward, forward.private_key, Reason.FORWARD_SECRECY),
        (forward, wrong(forward.key_log), Reason.WRONG_SECRET),
    ]
    for lab, key, reason in cases:
        said, outcome = open_sent(tmp_path, lab.sent, key)
        assert (said, outcome.status, outcome.reason) == ([], Status.CLOSED, reason)
        assert outcome.unread == 6
        assert outcome.text
        assert outcome.advice


def wrong(key_log: bytes) -> bytes:
    """The key log with another last digit in each secret."""
    return b"\n".join(line[:-1] + (b"0" if line[-1:] != b"0" else b"1") for line in key_log.split(b"\n") if line)


def test_a_capture_that_begins_behind_the_handshake_says_so(tmp_path: Path) -> None:
    lab = spoken()
    said, outcome = open_sent(tmp_path, lab.sent[-6:], lab.private_key)
    assert (said, outcome.reason, outcome.unread) == ([], Reason.NO_HANDSHAKE, 6)


def test_a_handshake_alone_is_not_finished(tmp_path: Path) -> None:
    lab = spoken()
    _, outcome = open_sent(tmp_path, lab.sent[:3], lab.private_key)
    assert outcome.reason is Reason.NOT_FINISHED


def test_a_damaged_record_is_named_and_the_others_open(tmp_path: Path) -> None:
    lab = spoken()
    by, data = lab.sent[-4]
    sent = [*lab.sent[:-4], (by, data[:-1] + bytes([data[-1] ^ 1])), *lab.sent[-3:]]
    said, outcome = open_sent(tmp_path, sent, lab.private_key)
    assert said == [*lab.said[:2], *lab.said[3:]]
    assert (outcome.status, outcome.reason, outcome.unread) == (Status.PARTLY, Reason.TAMPERED, 1)
    assert outcome.reason_row == len(lab.sent) - 4


def test_stun_before_dtls_hides_it_from_nobody(tmp_path: Path) -> None:
    lab = spoken()
    stun = b"\x00\x01\x00\x00\x21\x12\xa4\x42" + bytes(12)
    said, outcome = open_sent(tmp_path, [("client", stun), ("server", stun), *lab.sent], lab.private_key)
    assert said == lab.said
    assert outcome.row == 2


def test_stun_alone_gives_no_outcome(tmp_path: Path) -> None:
    stun = b"\x00\x01\x00\x00\x21\x12\xa4\x42" + bytes(12)
    with reading(tmp_path, in_frames([("client", stun)] * 3)) as tables:
        assert len(find_dtls(find_protocols(tables.conversations))) == 1
        assert open_all(tables, KeyRing()) == ({}, [])


def test_sessions_of_dtls_and_quic_stand_among_the_others(tmp_path: Path) -> None:
    lab, connection = spoken(), QuicLab()
    connection.shake()
    connection.say("client", stream(0, b"asked"))
    frames = in_frames(lab.sent) + in_frames(connection.sent, port=40003, server_port=443)
    keys = ring_of(lab.private_key, connection.key_log)
    with reading(tmp_path, frames) as tables:
        clear = open_tls(tables, keys)
    assert [(one.conversation, one.status) for one in clear.outcomes] == [(0, Status.DECRYPTED), (1, Status.DECRYPTED)]
    assert clear.datagrams[0].datagrams[-1].data == b"2 back"
    assert clear.quic[1].streams[0, 0].data == b"asked"
    assert [source.used for source in keys.sources] == [1, 1]


# --- captures of others ----------------------------------------------------------------------------------------------

OTHERS = [
    ("wiki_snakeoil_dtls.pcap", "snakeoil-rsa.key"),
    ("wireshark-4.0.17-src__udt-dtls.pcapng.gz", "udt-dtls.key"),
    ("wireshark-4.0.17-src__dtls12-aes128ccm8-dsb.pcapng", ""),
]


@pytest.mark.parametrize(("name", "key"), OTHERS)
def test_other_peoples_captures_open_as_in_tshark(
    name: str, key: str, captures: Path, program: Callable[[str], str]
) -> None:
    path, key_file = captures / "tls-keys" / name, captures / "keys" / "wireshark" / key
    tables = read_capture(path)
    with contextlib.closing(tables.capture):
        logs = [data for _, data in tables.capture.secrets]
        clear, outcome = opened(tables, ring_of(*([key_file.read_bytes()] if key else []), *logs))
    assert outcome.status is Status.DECRYPTED
    assert clear is not None
    mine = [(one.row + 1, one.data) for one in clear.datagrams if one.kind == APPLICATION_DATA]
    assert mine == shown_by_tshark(program("tshark"), path, key_file if key else None)


def shown_by_tshark(tshark: str, path: Path, key: Path | None) -> list[tuple[int, bytes]]:
    """Frame number and application data, as tshark shows it when nothing looks into it."""
    command = [tshark, "-r", str(path), "--disable-protocol", "udt", "-Y", "data.data", "-T", "fields"]
    command += ["-e", "frame.number", "-e", "data.data"]
    if key:
        command += ["-o", f'uat:rsa_keys:"{key}",""']
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    return [(int(number), bytes.fromhex(data)) for number, data in rows]


def test_dtls_1_3_opens_with_the_secrets_in_a_capture(captures: Path) -> None:
    tables = read_capture(captures / "tls-keys" / "nDPI__dtls.pcap")
    with contextlib.closing(tables.capture):
        found, outcomes = open_all(tables, ring_of(*(data for _, data in tables.capture.secrets)))
    assert [one.reason for one in outcomes] == [Reason.NOT_FINISHED, Reason.NOT_FINISHED, Reason.NONE]
    clear = found[2]
    kinds = [one.kind for one in clear.datagrams]
    assert (len(kinds), kinds.count(APPLICATION_DATA), clear.outcome.version) == (14, 2, 0xFEFC)
    assert sum(one.data[0] == 20 for one in clear.datagrams if one.kind == 22) == 2
