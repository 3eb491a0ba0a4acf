"""Keys are used only where a record opens with them; where there are none, the reason is exact."""

from __future__ import annotations

import pytest

from tests.decrypt.keys.test_masters import SERVER, handshake
from tests.support.opened import ring_of
from tests.support.sealing import Sealer
from tests.support.tls_handshakes import issue, rsa_key
from tests.support.tls_scripts import CLIENT_RANDOM, MASTER, SERVER_RANDOM, extensions, message, vector
from wireproof.decrypt.epoch import BareOpener, Chain
from wireproof.decrypt.handshake_parts import Handshake
from wireproof.decrypt.keys.derive import key_block, next_traffic_secret
from wireproof.decrypt.keys.ring import KeyRing
from wireproof.decrypt.keys.session import SessionKeys, lacks_messages
from wireproof.decrypt.outcome import Reason
from wireproof.decrypt.record_feed import Body
from wireproof.wire.tls_suite_parts import suite_parts

LOG = f"CLIENT_RANDOM {CLIENT_RANDOM.hex()} {MASTER.hex()}\n".encode()
SECRET = bytes(range(60, 92))
OWN, OTHER = issue("own", key=rsa_key(2048)), issue("other", key=rsa_key(2048, 5))


def hellos(suite: int, version: int = 0x0303, compression: int = 0, early: bool = False) -> Handshake:
    made = Handshake()
    listed = [(43, b"\x02" + version.to_bytes(2, "big"))] if version > 0x0303 else []
    offered = [*listed, (42, b"")] if early else listed
    legacy = min(version, 0x0303).to_bytes(2, "big")
    hello = legacy + CLIENT_RANDOM + b"\0" + vector(suite.to_bytes(2, "big")) + b"\x01\0"
    made.take(0, message(1, hello + extensions(*offered)))
    chosen = [(43, version.to_bytes(2, "big"))] if version > 0x0303 else []
    made.take(
        1,
        message(
            2, legacy + SERVER_RANDOM + b"\0" + suite.to_bytes(2, "big") + bytes([compression]) + extensions(*chosen)
        ),
    )
    return made


def finish(made: Handshake) -> Handshake:
    made.take(1, message(14))
    made.take(0, message(16, bytes(20)))
    return made


def first_record(suite: int = 0x009C, master: bytes = MASTER) -> tuple[int, Body]:
    parts = suite_parts(suite)
    assert parts
    keys, _ = key_block(0x0303, parts, master, CLIENT_RANDOM, SERVER_RANDOM)
    sealer = Sealer(0x0303, parts.cipher, parts.mode, parts.mac, keys.mac, keys.key, keys.iv)
    return 0, Body(22, 0x0303, 0, sealer.seal(message(20, bytes(12)), 22))


def test_keys_under_which_the_first_record_opens_are_used() -> None:
    ring = ring_of(LOG)
    keys = SessionKeys(ring, SERVER)
    made = keys.make_epochs(finish(hellos(0x009C)), [first_record()])
    assert made
    _, record = first_record()
    assert made[0].opener.open(0, 22, 0x0303, record.body)[1] == message(20, bytes(12))
    assert (keys.source, keys.reason, keys.resumed) == ("keys0", Reason.NONE, False)
    assert ring.sources[0].used == 1


def test_keys_under_which_none_opens_are_not() -> None:
    ring = ring_of(LOG)
    keys = SessionKeys(ring, SERVER)
    assert keys.make_epochs(finish(hellos(0x009C)), [first_record(master=bytes(48))]) is None
    assert (keys.source, keys.reason) == ("", Reason.WRONG_SECRET)
    assert ring.sources[0].used == 0


def test_without_a_record_to_try_the_first_keys_are_taken() -> None:
    assert SessionKeys(ring_of(LOG), SERVER).make_epochs(finish(hellos(0x009C)), [])


@pytest.mark.parametrize(
    ("made", "ring", "reason"),
    [
        (hellos(0x009C), KeyRing(), Reason.RESUMED),
        (finish(hellos(0x009C)), KeyRing(), Reason.NO_KEY),
        (finish(hellos(0xC02F)), KeyRing(), Reason.FORWARD_SECRECY),
        (finish(hellos(0x00A8)), ring_of(OWN.key_pem()), Reason.FORWARD_SECRECY),
        (finish(hellos(0xC050)), ring_of(LOG), Reason.UNKNOWN_SUITE),
        (finish(hellos(0x009C, compression=64)), ring_of(LOG), Reason.UNKNOWN_SUITE),
        (handshake(certificate=OWN.der), ring_of(OTHER.key_pem()), Reason.OTHER_KEY),
        (handshake(), ring_of(OTHER.key_pem()), Reason.OTHER_KEY),
        (Handshake(), ring_of(LOG), Reason.NO_HANDSHAKE),
    ],
    ids=["resumed", "no key", "forward", "psk", "unknown suite", "unknown compression", "other key", "no key decrypts", "no hellos"],
)  # fmt: skip
def test_the_reason_is_exact(made: Handshake, ring: KeyRing, reason: Reason) -> None:
    keys = SessionKeys(ring, SERVER)
    assert keys.make_epochs(made, [first_record()]) is None
    assert keys.reason is reason


def test_an_export_suite_with_a_key_of_its_own_is_closed_to_the_certificates_key() -> None:
    made = hellos(0x0003)
    made.take(1, message(12, bytes(90)))
    keys = SessionKeys(ring_of(OWN.key_pem()), SERVER)
    assert keys.make_epochs(finish(made), []) is None
    assert keys.reason is Reason.FORWARD_SECRECY


def test_a_part_of_the_handshake_that_the_capture_lacks_is_told_from_a_resumed_session() -> None:
    made = hellos(0x009C)
    made.lacks = True
    keys = SessionKeys(KeyRing(), SERVER)
    assert keys.make_epochs(made, []) is None
    assert keys.reason is Reason.NO_HANDSHAKE
    assert not lacks_messages(made)
    extended = handshake(extended=True)
    extended.lacks = True
    assert lacks_messages(extended)


def test_suites_that_encrypt_nothing_are_bare_without_a_key() -> None:
    keys = SessionKeys(KeyRing(), SERVER)
    made = keys.make_epochs(finish(hellos(0x0002)), [])
    assert made
    assert all(isinstance(one.opener, BareOpener) for one in made)


@pytest.mark.parametrize(
    ("suite", "version", "chain"),
    [(0x002F, 0x0301, Chain.BLOCK), (0x002F, 0x0302, Chain.NONE), (0x0005, 0x0303, Chain.KEY_STREAM)],
)
def test_epochs_tell_how_their_records_hang_together(suite: int, version: int, chain: Chain) -> None:
    made = SessionKeys(ring_of(LOG), SERVER).make_epochs(finish(hellos(suite, version)), [])
    assert made
    assert [one.chain for one in made] == [chain, chain]


def log13(*labels: str) -> bytes:
    return b"".join(f"{label} {CLIENT_RANDOM.hex()} {SECRET.hex()}\n".encode() for label in labels)


def test_secrets_of_tls_1_3_come_in_the_order_of_their_use() -> None:
    every = log13(
        "CLIENT_TRAFFIC_SECRET_0",
        "CLIENT_EARLY_TRAFFIC_SECRET",
        "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
        "SERVER_TRAFFIC_SECRET_0",
    )
    keys = SessionKeys(ring_of(every), SERVER)
    assert [one.name for one in keys.secrets(hellos(0x1301, 0x0304, early=True), 0)] == ["early", "handshake", ""]
    assert [one.name for one in keys.secrets(hellos(0x1301, 0x0304), 0)] == ["handshake", ""]
    assert [one.name for one in keys.secrets(hellos(0x1301, 0x0304), 1)] == [""]
    assert keys.source == "keys0"


def test_tls_1_3_without_secrets_has_forward_secrecy() -> None:
    keys = SessionKeys(ring_of(OWN.key_pem()), SERVER)
    assert keys.secrets(hellos(0x1301, 0x0304), 0) == []
    assert keys.reason is Reason.FORWARD_SECRECY


def test_a_key_update_leads_to_the_next_secret() -> None:
    keys, made = SessionKeys(ring_of(log13("CLIENT_TRAFFIC_SECRET_0")), SERVER), hellos(0x1301, 0x0304)
    (first,) = keys.secrets(made, 0)
    parts = suite_parts(0x1301)
    assert parts
    assert keys.updated(made, first).secret == next_traffic_secret(parts, SECRET)
