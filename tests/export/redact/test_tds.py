"""Passwords and tokens of TDS logins: only they are blanked, in one packet or many, and more where a message lies or is cut."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.export.redact.secrets import (
    NTLM3,
    fedauth_feature,
    fedauth_token,
    tds_batch,
    tds_feature,
    tds_login,
    tds_login_features,
    tds_old_login,
    tds_packets,
)
from wireproof.export.redact.binary import find_binary_secrets
from wireproof.export.redact.spans import blank
from wireproof.export.redact.tds import LOGIN_HEAD, MOST_FEATURES, find_ntlm_in_packets, find_tds_secrets
from wireproof.export.redact.walk import OVERLAP, WINDOW, find_spans

SESSION, UTF8, ADAL = tds_feature(1, b"recovery"), tds_feature(10, b"\1"), tds_feature(2, b"\5\1")
TOKEN = b"Z" * 2000
SIZES = (512, 1000, 4096, 32767)


def hidden(data: bytes) -> bytes:
    """The data with secrets of TDS blanked."""
    return blank(data, sorted((secret.start, secret.end) for secret in find_tds_secrets(data)))


def starred(data: bytes) -> bytes:
    """The data as it should be when the letter Z is the secret."""
    return data.replace(b"Z", b"*")


def test_a_login_keeps_everything_but_the_password() -> None:
    data = tds_login("ZZZZ")
    changed = [place for place, (one, other) in enumerate(zip(data, hidden(data), strict=True)) if one != other]
    assert len(changed) == 8
    assert data[changed[0] : changed[-1] + 1] == "ZZZZ".encode("utf-16-le")


def test_an_old_login_has_no_new_password() -> None:
    """What stands where later versions have one is the name of the host."""
    data = bytearray(tds_login(""))
    data[8 + 4 : 8 + 8] = b"\1\0\0\x71"
    data[8 + 86 : 8 + 90] = b"\x5e\0\x02\0"
    assert hidden(bytes(data)) == data


def test_a_login_that_lies_about_its_fields_is_blanked_whole() -> None:
    data = bytearray(tds_login("ZZZZ"))
    data[8 + 46] = 0xFF
    assert hidden(bytes(data)) == data[: 8 + LOGIN_HEAD] + b"*" * (len(data) - 8 - LOGIN_HEAD)


@pytest.mark.parametrize("field", [44, 78, 86])
def test_the_place_of_an_empty_field_means_nothing(field: int) -> None:
    data = bytearray(tds_login("") + tds_batch("SELECT 1"))
    data[8 + field : 8 + field + 2] = b"\xff\xff"
    assert hidden(bytes(data)) == data


@pytest.mark.parametrize("start", [0, 36, 85, 5000, 0xFFFF])
def test_a_field_outside_what_varies_takes_all_with_it(start: int) -> None:
    data = bytearray(tds_login("ZZZZ"))
    data[8 + 44 : 8 + 46] = struct.pack("<H", start)
    assert hidden(bytes(data)) == data[: 8 + LOGIN_HEAD] + b"*" * (len(data) - 8 - LOGIN_HEAD)


@pytest.mark.parametrize(
    "version", [b"\0\0\0\x08", b"\0\0\0\x70", b"\1\0\0\x71", b"\2\0\x09\x72", b"\3\0\x0b\x73", b"\6\1\2\x75"]
)
def test_logins_of_every_version_are_known(version: bytes) -> None:
    """8.0 too, in which TLS comes first."""
    data = bytearray(tds_login("ZZZZ"))
    data[12:16] = version
    assert b"Z" not in hidden(bytes(data))
    data[8] += 1
    assert (b"Z" in hidden(bytes(data))) == (version[3] in {0x08, 0x75})


def test_a_cut_login_of_the_newest_version_leaves_nothing() -> None:
    data = bytearray(tds_packets(16, tds_login_features(fedauth_feature(b"Z" * 900)), 512))
    data[12:16] = b"\0\0\0\x08"
    for cut in range(len(data)):
        assert b"Z" not in hidden(bytes(data[:cut]))


@pytest.mark.parametrize(
    "data",
    [
        bytes.fromhex("10000001000000000000000300670072") + b"Z" * 300,
        bytes.fromhex("10000d0000001400000000000000001c729013ed") + b"Z" * 300,
        bytes.fromhex("10000600000018000000000000004771574e") + b"Z" * 300,
        bytes.fromhex("1000100000000000004000000000000800") + b"Z" * 5000,
    ],
)
def test_what_looks_like_a_login_stays(data: bytes) -> None:
    """Names of DNS, sealed RPC, and little but zeros."""
    assert hidden(data) == data


@pytest.mark.parametrize("length", [0, 50, 93, 300, 1 << 17, 0xFFFFFFFF])
def test_a_login_that_lies_about_its_length_is_blanked_whole(length: int) -> None:
    data = bytearray(tds_packets(16, tds_login_features(fedauth_feature(b"Z" * 24), "ZZ")))
    data[8:12] = struct.pack("<I", length)
    assert hidden(bytes(data)) == data[:44] + b"*" * (len(data) - 44)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("behind", [b"", b"n" * 32], ids=["alone", "nonce"])
def test_of_a_list_of_features_only_the_token_goes(size: int, behind: bytes) -> None:
    features = SESSION + fedauth_feature(TOKEN, behind) + UTF8
    data = b"abc" + tds_packets(16, tds_login_features(features), size) + tds_batch("SELECT 1")
    assert hidden(data) == starred(data)


def test_a_token_with_a_signature_goes_with_it() -> None:
    """The library of compact tokens puts a nonce and a signature behind (MS-TDS section 2.2.6.4)."""
    token = tds_feature(2, struct.pack("<BI", 0, 5) + b"ZZZZZ" + b"n" * 32 + b"s" * 32)
    data = tds_packets(16, tds_login_features(SESSION + token + UTF8))
    begin = data.index(b"ZZZZZ") - 4
    assert hidden(data) == data[:begin] + b"*" * (4 + 5 + 64) + data[begin + 73 :]


@pytest.mark.parametrize(
    "features", [b"", SESSION, SESSION + ADAL + UTF8, tds_feature(2, b"\5"), tds_feature(2, b""), fedauth_feature(b"")]
)
def test_a_login_without_a_token_stays(features: bytes) -> None:
    data = tds_packets(16, tds_login_features(features))
    assert hidden(data) == data


def test_security_data_and_password_go_too() -> None:
    data = tds_packets(16, tds_login_features(SESSION, sspi=b"Z" * 700), 512)
    assert hidden(data) == starred(data)
    assert hidden(tds_packets(16, tds_login_features(SESSION, "ZZ"))).count(b"*") == 4


def test_security_data_may_be_longer_than_its_field_says() -> None:
    body = bytearray(tds_login_features(SESSION)[:94] + b"Z" * 70000)
    body[:4] = struct.pack("<I", len(body))
    body[27] = 0
    body[78:82] = struct.pack("<HH", 94, 0xFFFF)
    body[90:94] = struct.pack("<I", 70000)
    data = tds_packets(16, bytes(body))
    assert hidden(data) == starred(data)
    body[90:94] = bytes(4)
    assert hidden(tds_packets(16, bytes(body))).count(b"Z") == 70000 - 0xFFFF


@pytest.mark.parametrize("at", [56, 58], ids=["outside", "short"])
def test_a_list_that_can_not_be_found_takes_all_with_it(at: int) -> None:
    body = bytearray(tds_login_features(fedauth_feature(b"Z" * 24)))
    body[at : at + 2] = b"\xff\xff" if at == 56 else b"\3\0"
    assert hidden(tds_packets(16, bytes(body)))[8 + LOGIN_HEAD :] == b"*" * (len(body) - LOGIN_HEAD)


@pytest.mark.parametrize("pointer", [1, 93, 5000, 0xFFFFFFFF])
def test_a_list_outside_the_login_takes_all_with_it(pointer: int) -> None:
    body = bytearray(tds_login_features(fedauth_feature(b"Z" * 24)))
    there = int.from_bytes(body[56:58], "little")
    body[there : there + 4] = struct.pack("<I", pointer)
    assert hidden(tds_packets(16, bytes(body)))[8 + LOGIN_HEAD :] == b"*" * (len(body) - LOGIN_HEAD)


def test_a_list_that_ends_before_the_message_takes_all_with_it() -> None:
    body = bytearray(tds_login_features(SESSION + fedauth_feature(b"Z" * 24)))
    at = body.index(b"\1\x08\0\0\0recovery")
    body[at] = 0xFF
    assert hidden(tds_packets(16, bytes(body)))[8 + LOGIN_HEAD :] == b"*" * (len(body) - LOGIN_HEAD)


@pytest.mark.parametrize("length", [20, 400, 0x7FFFFFFF, 0xFFFFFFFF])
def test_a_list_that_lies_takes_all_with_it(length: int) -> None:
    """It may have led past the token before it was found out."""
    for features in (
        SESSION + struct.pack("<BI", 2, length) + struct.pack("<BI", 3, 24) + b"Z" * 24,
        struct.pack("<BI", 1, length) + fedauth_feature(b"Z" * 64) + UTF8,
    ):
        data = tds_packets(16, tds_login_features(features))
        assert hidden(data) == data[: 8 + LOGIN_HEAD] + b"*" * (len(data) - 8 - LOGIN_HEAD)


def test_a_list_that_is_too_long_takes_all_with_it() -> None:
    for count in (MOST_FEATURES - 2, MOST_FEATURES, 20_000):
        data = tds_packets(16, tds_login_features(tds_feature(9, b"") * count + fedauth_feature(b"Z" * 24)))
        assert (hidden(data) == starred(data)) == (count < MOST_FEATURES)
        assert b"Z" not in hidden(data)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("nonce", [b"", b"n" * 32], ids=["alone", "nonce"])
def test_of_a_token_in_a_message_of_its_own_only_the_token_goes(size: int, nonce: bytes) -> None:
    data = tds_packets(16, tds_login_features(ADAL)) + tds_packets(8, fedauth_token(TOKEN, nonce), size)
    for said in (data, data[data.index(b"\x08\0") if size < 2000 else data.index(b"\x08\1") :]):
        assert hidden(said + tds_batch("SELECT 1")) == starred(said + tds_batch("SELECT 1"))


@pytest.mark.parametrize("lengths", [(0, 0), (28, 9), (1 << 31, 24), (28, 0xFFFFFFFF), (28 + 3, 24)])
def test_a_token_behind_a_login_goes_whatever_its_lengths_say(lengths: tuple[int, int]) -> None:
    token = tds_packets(8, struct.pack("<II", *lengths) + TOKEN, 512)
    data = tds_packets(16, tds_login_features(ADAL)) + token + tds_batch("SELECT 1")
    assert b"Z" not in hidden(data)
    assert hidden(data).endswith(tds_batch("SELECT 1"))


@pytest.mark.parametrize("size", SIZES)
def test_a_token_behind_a_login_goes_whatever_its_packets_say(size: int) -> None:
    login, token = tds_packets(16, tds_login_features(ADAL)), bytearray(tds_packets(8, fedauth_token(TOKEN), size))
    for cut in (300, 700, 2000):
        lying = login + tds_packets(8, bytes(8) + TOKEN, size)
        assert b"Z" not in hidden(lying[:cut])
        assert max(secret.end for secret in find_tds_secrets(lying[:cut])) > lying.rindex(b"Z")
    token[1] |= 0xF0
    assert hidden(login + token) == starred(login + token)
    token[1], token[2:4] = 1, b"\0\x20"
    assert b"Z" not in hidden(login + token)


def test_packets_that_do_not_follow_each_other_are_blanked_as_far_as_they_may_reach() -> None:
    login = tds_packets(16, tds_login_features(fedauth_feature(TOKEN)), 512)
    token = tds_packets(16, tds_login_features(ADAL)) + tds_packets(8, b"\1" * 8 + TOKEN, 512)
    for data in (login, token):
        at = data.rindex(b"\x10\0" if data is login else b"\x08\0")
        assert b"Z" not in hidden(data[:at] + b"\x77" + data[at + 1 :])


@pytest.mark.parametrize(
    "data",
    [
        tds_batch("Z" * 40),
        tds_packets(1, fedauth_token(b"Z" * 40)),
        tds_packets(7, fedauth_token(b"Z" * 40)),
        tds_packets(8, struct.pack("<II", 44, 41) + b"Z" * 40),
        tds_packets(8, fedauth_token(b"Z" * 40) + b"more"),
        tds_packets(8, fedauth_token(b"Z" * 40))[:3] + b"\xff" + tds_packets(8, fedauth_token(b"Z" * 40))[4:],
        b"\x08\1\0\x10" + fedauth_token(b"Z" * 40),
        tds_packets(17, b"NTLMSSP\0\1\0\0\0" + b"Z" * 40),
        tds_packets(4, fedauth_feature(b"Z" * 40)),
    ],
)
def test_what_looks_alike_stays(data: bytes) -> None:
    assert hidden(data) == data


@pytest.mark.parametrize("size", SIZES)
def test_an_old_login_has_its_password_twice(size: int) -> None:
    """The second time behind an empty name of a server and its own length, which are part of the field."""
    data = b"abc" + tds_old_login(b"Z" * 24, size) + tds_batch("SELECT 1")
    assert hidden(data) == starred(data.replace(b"\0\x18ZZ", b"ZZZZ"))
    assert hidden(tds_old_login(b"")).count(b"*") == 2


def test_a_cut_old_login_leaves_nothing() -> None:
    data = tds_old_login(b"Z" * 24)
    for cut in range(len(data)):
        assert b"Z" not in hidden(data[:cut])


def test_an_old_login_that_lies_loses_the_whole_field() -> None:
    data = bytearray(tds_old_login(b"Z" * 24, 4096))
    data[8 + 457] = 0
    assert hidden(bytes(data)).count(b"Z") == 24
    data[8 + 457] = 0xFF
    assert hidden(bytes(data)).count(b"*") == 24 + 255
    broken = tds_old_login(b"Z" * 24)
    at = broken.rindex(b"\x02\1")
    assert b"Z" not in hidden(broken[:at] + b"\x77" + broken[at + 1 :])


@pytest.mark.parametrize("at", [8 + 2, 8 + 20, 8 + 30, 8 + 50, 8 + 61, 8 + 124, 8 + 126, 8 + 128])
def test_what_looks_like_an_old_login_stays(at: int) -> None:
    data = bytearray(tds_old_login(b"Z" * 24))
    data[at] = 0 if data[at] else 0x20
    assert hidden(bytes(data)) == data


def test_ntlm_in_several_packets_keeps_their_headers() -> None:
    long = NTLM3[:20] + struct.pack("<HHI", 700, 700, 72) + NTLM3[28:72] + b"Z" * 700
    data = b"abc" + tds_packets(17, b"\x60\x28" + long, 512) + tds_batch("SELECT 1")
    found = sorted((secret.start, secret.end) for secret in find_binary_secrets(data))
    assert blank(data, found) == starred(data)
    assert find_ntlm_in_packets(NTLM3, 0) == []
    assert find_ntlm_in_packets(tds_packets(17, NTLM3), 8) == []


@pytest.mark.parametrize(
    "data",
    [
        tds_packets(16, tds_login_features(SESSION + fedauth_feature(b"Z" * 900) + UTF8, "ZZZZ"), 512),
        tds_packets(16, tds_login_features(ADAL)) + tds_packets(8, fedauth_token(b"Z" * 900, b"n" * 32), 512),
    ],
    ids=["feature", "message"],
)
def test_a_cut_message_leaves_nothing(data: bytes) -> None:
    """The end of the data cuts it; what comes behind a gap is blanked as far as the message may reach."""
    for cut in range(len(data)):
        assert b"Z" not in hidden(data[:cut])
    last = data.rindex(b"Z")
    for cut in (600, 700, 1000):
        assert max(secret.end for secret in find_tds_secrets(data[:cut])) > last


class Said:
    """A side that says these bytes, and no more."""

    begins_known = True

    def __init__(self, data: bytes) -> None:
        self._data = data

    def read(self, start: int, count: int) -> bytes:
        return self._data[start : start + count]

    def next_after(self, offset: int) -> int | None:
        return offset if offset < len(self._data) else None


@pytest.mark.parametrize("before", [WINDOW - 9, WINDOW - 60, WINDOW - 900, WINDOW - 3 * OVERLAP])
def test_a_message_across_windows_loses_its_secrets_only(before: int) -> None:
    for message in (
        tds_packets(16, tds_login_features(SESSION + fedauth_feature(b"Z" * 100_000) + UTF8)),
        tds_packets(8, fedauth_token(b"Z" * 100_000)),
        tds_login("Z"),
    ):
        data = b"." * before + message + b"." * WINDOW
        assert blank(data, find_spans(Said(data), commands=False)) == (
            starred(data) if message != tds_login("Z") else data.replace(b"Z\0", b"**")
        )


def test_a_login_behind_a_window_of_crafted_ones_is_blanked_all_the_same() -> None:
    many = tds_login("")[:36] * 6000
    data = many + tds_packets(16, tds_login_features(fedauth_feature(TOKEN)), 512)
    assert b"Z" not in hidden(data)
    crafted = tds_packets(8, fedauth_token(b""), 512) * 4200 + tds_packets(8, fedauth_token(TOKEN), 512)
    assert b"Z" not in hidden(crafted)


@given(
    before=st.binary(max_size=80),
    behind=st.binary(max_size=80),
    token=st.integers(0, 1500),
    size=st.sampled_from(SIZES),
    others=st.lists(st.tuples(st.sampled_from([1, 4, 5, 8, 9, 10, 16]), st.binary(max_size=40)), max_size=4),
    in_login=st.booleans(),
)
def test_nothing_but_the_secret_changes(
    before: bytes, behind: bytes, token: int, size: int, others: list[tuple[int, bytes]], in_login: bool
) -> None:
    around = b"".join(tds_feature(number, said) for number, said in others)
    secret = b"\xa5" * token
    features = around + fedauth_feature(secret) if in_login else around
    body = tds_login_features(features)
    message = tds_packets(16, body, size)
    if not in_login:
        message += tds_packets(8, fedauth_token(secret), size)
    data = before + message + behind
    if not in_login or secret not in around:
        done = hidden(data)
        assert len(done) == len(data)
        changed = [place for place, (one, other) in enumerate(zip(data, done, strict=True)) if one != other]
        assert len(changed) == token
        assert {data[place] for place in changed} <= {0xA5}


@given(
    st.binary(max_size=300),
    st.sampled_from(
        [
            tds_packets(16, tds_login_features(fedauth_feature(b"Z" * 24), "ZZ"))[:150],
            tds_packets(16, tds_login_features(fedauth_feature(b"Z" * 600)), 512)[:700],
            tds_packets(8, fedauth_token(b"Z" * 24))[:20],
            tds_packets(17, NTLM3)[:40],
        ]
    ),
    st.integers(0, 700),
    st.integers(0, 255),
)
def test_any_bytes_give_stretches_that_go_forward(data: bytes, mark: bytes, at: int, value: int) -> None:
    """Whatever byte of a message is another one."""
    message = bytearray(mark)
    message[at % len(message)] = value
    for secret in find_binary_secrets(data[:100] + message + data[100:]):
        assert 0 <= secret.name_at <= secret.start <= secret.end
