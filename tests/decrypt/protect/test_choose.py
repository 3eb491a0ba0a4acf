"""Every kind of record protection: opened, with the wrong key, and with one bit flipped in each part."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.sealing import Sealer, has_cipher
from wireproof.decrypt.keys.derive import DirectionKeys, traffic_keys
from wireproof.decrypt.protect.choose import BadRecord, Opener, UnsupportedCipher, make_opener
from wireproof.wire.tls_suite_parts import SuiteParts, suite_parts

SUITES = {
    "RC4-MD5": 0x0004, "RC4-SHA": 0x0005, "RC2-MD5": 0x0006, "IDEA-SHA": 0x0007, "DES-SHA": 0x0009, "3DES-SHA": 0x000A, "AES128-SHA": 0x002F,
    "AES256-SHA": 0x0035, "AES128-SHA256": 0x003C, "AES256-SHA384": 0xC028, "SEED-SHA": 0x0096, "CAMELLIA128-SHA": 0x0041, "NULL-MD5": 0x0001,
    "NULL-SHA": 0x0002, "NULL-SHA256": 0x003B,
}  # fmt: skip
OLD = {"RC2-MD5", "IDEA-SHA", "SEED-SHA"}
"""Not every version of the library has these ciphers."""
AEADS = {
    "AES128-GCM": 0x009C, "AES256-GCM": 0x009D, "AES128-CCM": 0xC09C, "AES256-CCM8": 0xC0A1, "CHACHA20": 0xCCA8, "CHACHA20-DRAFT": 0xCC13,
}  # fmt: skip
TLS13 = {
    "AES128-GCM": 0x1301,
    "AES256-GCM": 0x1302,
    "CHACHA20": 0x1303,
    "CCM": 0x1304,
    "CCM8": 0x1305,
    "SHA384": 0xC0B5,
}
BODIES = (b"", b"x", b"GET / HTTP/1.1\r\n\r\n", bytes(15), bytes(range(256)) * 9, b"last")

Setting = tuple[int, int, bool, bool]
"""Version, suite, encrypt-then-MAC, truncated HMAC."""


def every_setting() -> Iterator[object]:
    """Every version with every suite it may have."""
    for version, (name, suite) in itertools.product((0x0300, 0x0301, 0x0302, 0x0303), SUITES.items()):
        if name in OLD and not has_cipher(name.partition("-")[0]):
            continue
        yield pytest.param((version, suite, False, False), id=f"{version:04x}-{name}")
        if version > 0x0300 and name in ("AES128-SHA", "3DES-SHA", "AES256-SHA384"):
            yield pytest.param((version, suite, True, False), id=f"{version:04x}-{name}-etm")
        if version > 0x0300 and name in ("AES128-SHA", "RC4-SHA"):
            yield pytest.param((version, suite, False, True), id=f"{version:04x}-{name}-truncated")
    yield pytest.param((0x0303, 0x002F, True, True), id="0303-etm-truncated")
    for name, suite in AEADS.items():
        yield pytest.param((0x0303, suite, False, False), id=f"0303-{name}")
    for name, suite in TLS13.items():
        yield pytest.param((0x0304, suite, False, False), id=f"0304-{name}")


SETTINGS = list(every_setting())


@functools.cache
def parts_of(suite: int) -> SuiteParts:
    """The parts of a known suite."""
    found = suite_parts(suite)
    assert found is not None
    return found


def keys_for(parts: SuiteParts) -> DirectionKeys:
    """Some keys of the right sizes."""
    return DirectionKeys(bytes(range(parts.mac_bytes)), bytes(range(1, parts.key_bytes + 1)), b"\x77" * parts.iv_bytes)


def both(setting: Setting) -> tuple[Sealer, Opener]:
    """What seals and what opens, with the same keys."""
    version, suite, etm, truncated = setting
    parts, keys = parts_of(suite), keys_for(parts_of(suite))
    sealer = Sealer(
        version, parts.cipher, parts.mode, parts.mac, keys.mac, keys.key, keys.iv, parts.tag_bytes, etm, truncated
    )
    return sealer, make_opener(version, parts, keys, etm, truncated)


@pytest.mark.parametrize("setting", SETTINGS)
def test_records_open_one_after_the_other(setting: Setting) -> None:
    sealer, opener = both(setting)
    version = min(setting[0], 0x0303)
    for number, content in enumerate(BODIES):
        sealer.padding = number % 3
        body = sealer.seal(content, 23)
        assert opener.open(number, 23, version, body) == (23, content)


def opens(opener: Opener, version: int, body: bytes) -> bool:
    """Whether the first record opens."""
    try:
        opener.open(0, 23, version, body)
    except BadRecord:
        return False
    return True


@pytest.mark.parametrize("setting", SETTINGS)
def test_one_flipped_bit_anywhere_is_noticed(setting: Setting) -> None:
    size = len(both(setting)[0].seal(b"some words that go over one block"))
    version = min(setting[0], 0x0303)
    opened = 0
    for place in range(0, size, 1 if size < 60 else 3):
        sealer, opener = both(setting)
        body = bytearray(sealer.seal(b"some words that go over one block"))
        body[place] ^= 1 << place % 8
        opened += opens(opener, version, bytes(body))
    # SSL 3.0 protects neither the bytes of its padding nor, with them, the blocks that they fill.
    assert opened == 0 or (setting[0] == 0x0300 and opened < 24)


@pytest.mark.parametrize("setting", SETTINGS)
def test_header_and_sequence_number_are_protected(setting: Setting) -> None:
    version = min(setting[0], 0x0303)
    for number, kind, other in ((1, 23, version), (0, 22, version), (0, 23, version ^ 1)):
        if setting[0] == 0x0300 and other != version:
            continue
        if setting[1] == 0xCC13 and number:
            continue
        sealer, opener = both(setting)
        body = sealer.seal(b"content")
        with pytest.raises(BadRecord):
            opener.open(number, kind, other, body)


@pytest.mark.parametrize("setting", SETTINGS)
def test_another_key_opens_nothing(setting: Setting) -> None:
    version, suite, etm, truncated = setting
    parts, right = parts_of(suite), keys_for(parts_of(suite))
    wrong = DirectionKeys(bytes(reversed(right.mac)), bytes(reversed(right.key)), right.iv)
    opener = make_opener(version, parts, wrong, etm, truncated)
    with pytest.raises(BadRecord):
        opener.open(0, 23, min(version, 0x0303), both(setting)[0].seal(b"content that is long enough to be two blocks"))


@pytest.mark.parametrize("setting", SETTINGS)
@settings(max_examples=15)
@given(
    bodies=st.lists(st.binary(max_size=100), max_size=4),
    kind=st.integers(0, 255),
    sequence=st.integers(0, (1 << 64) - 1),
)
def test_whatever_bytes_raise_nothing_but_bad_record(
    setting: Setting, bodies: list[bytes], kind: int, sequence: int
) -> None:
    opener = both(setting)[1]
    for body in bodies:
        with pytest.raises(BadRecord):
            opener.open(sequence, kind, 0x0303, body)


@pytest.mark.parametrize("setting", SETTINGS)
def test_only_stream_ciphers_and_chained_ivs_need_order(setting: Setting) -> None:
    parts = parts_of(setting[1])
    chained = parts.mode == "CBC" and setting[0] < 0x0302
    opener = both(setting)[1]
    assert opener.sequential == (parts.mode == "STREAM" or chained)
    if opener.sequential:
        return
    sealer = both(setting)[0]
    bodies = [sealer.seal(b"record %d" % number) for number in range(4)]
    for number in (2, 0, 3, 0):
        assert opener.open(number, 23, min(setting[0], 0x0303), bodies[number])[1] == b"record %d" % number


def test_records_behind_a_bad_one_open_where_each_goes_on_from_the_last() -> None:
    for setting in ((0x0301, 0x0005, False, False), (0x0301, 0x002F, False, False)):
        sealer, opener = both(setting)
        first, second, third = (sealer.seal(word) for word in (b"first", b"second", b"third"))
        opener.open(0, 23, 0x0301, first)
        spoilt = bytes([second[0] ^ 1]) + second[1:]
        with pytest.raises(BadRecord):
            opener.open(1, 23, 0x0301, spoilt)
        assert opener.open(2, 23, 0x0301, third) == (23, b"third")


def test_where_the_mac_covers_no_iv_the_record_behind_a_bad_or_missing_one_is_bad_too() -> None:
    for given_second in (True, False):
        sealer, opener = both((0x0301, 0x002F, True, False))
        first, second, third, fourth = (sealer.seal(word) for word in (b"first", b"second", b"third", b"fourth"))
        opener.open(0, 23, 0x0301, first)
        if given_second:
            with pytest.raises(BadRecord):
                opener.open(1, 23, 0x0301, bytes([second[0] ^ 1]) + second[1:])
        with pytest.raises(BadRecord):
            opener.open(2, 23, 0x0301, third)
        assert opener.open(3, 23, 0x0301, fourth) == (23, b"fourth")


def test_dtls_1_0_brings_an_iv_with_each_record() -> None:
    parts = parts_of(0x002F)
    keys = keys_for(parts)
    sealer = Sealer(0x0302, "AES", "CBC", "sha1", keys.mac, keys.key, b"", sequence=1 << 48 | 5)
    body = sealer.seal(b"datagram", record_version=0xFEFF)
    opener = make_opener(0xFEFF, parts, keys, dtls=True)
    assert opener.open(1 << 48 | 5, 23, 0xFEFF, body) == (23, b"datagram")
    assert not opener.sequential


def test_the_alerts_of_rfc_8448_open() -> None:
    parts = parts_of(0x1301)
    for secret, number, body in (
        (
            "9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5",
            1,
            "c9872760655666b74d7ff1153efd6db6d0b0e3",
        ),
        (
            "a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643",
            2,
            "b58fd67166ebf599d24720cfbe7efa7a8864a9",
        ),
    ):
        opener = make_opener(0x0304, parts, traffic_keys(parts, bytes.fromhex(secret)))
        assert opener.open(number, 23, 0x0303, bytes.fromhex(body)) == (21, b"\x01\x00")


def test_drafts_of_tls_1_3_before_the_25th_authenticate_no_header() -> None:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    body = AESGCM(bytes(16)).encrypt(bytes(12), b"early\x17", b"")
    keys = DirectionKeys(b"", bytes(16), bytes(12))
    assert make_opener(0x7F12, parts_of(0x1301), keys).open(0, 23, 0x0301, body) == (23, b"early")
    with pytest.raises(BadRecord):
        make_opener(0x7F1A, parts_of(0x1301), keys).open(0, 23, 0x0301, body)


def test_an_inner_record_of_zeros_only_is_bad() -> None:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    keys = DirectionKeys(b"", bytes(16), bytes(12))
    body = AESGCM(bytes(16)).encrypt(bytes(12), bytes(9), b"\x17\x03\x03\x00\x19")
    with pytest.raises(BadRecord, match="padding"):
        make_opener(0x0304, parts_of(0x1301), keys).open(0, 23, 0x0303, body)


def test_a_cipher_that_is_missing_is_said_when_the_opener_is_made() -> None:
    parts = parts_of(0x1301)._replace(cipher="ARIA")
    with pytest.raises(UnsupportedCipher):
        make_opener(0x0304, parts, DirectionKeys(b"", bytes(16), bytes(12)))
